//! The parent's end of the decoder process: started for one file, watched, and replaced once by one
//! that leaves the file to ffmpeg. Owns what a crash costs: nothing that was delivered before.

use std::io::BufReader;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::info::{MediaInfo, check_file, refused, truncated};
use super::local::PATIENCE;
use super::outlet::WAITING;
use super::protocol::{self, By, DecoderEvent, DecoderRequest, DecoderTask};
use crate::child::{ChildProgram, frames, last_words};
use crate::domain::{Error, Result};

/// The child itself waits as long as `PATIENCE` for symphonia and for ffmpeg.
const PATIENCE_WITH_CHILD: Duration = PATIENCE.saturating_add(Duration::from_secs(30));

/// The hidden command.
const COMMAND: &str = "decoder";

/// Where files are decoded.
#[derive(Clone, Debug)]
pub enum Decoder {
    /// In this process, which a malicious file can then bring down: for tests, and for the
    /// decoder process itself.
    Here,
    /// In a process of its own, with limits.
    Child(ChildProgram),
}

impl Decoder {
    /// This very program as a child.
    ///
    /// # Errors
    /// `Failed` where the operating system does not tell which program that is.
    pub fn this_program() -> Result<Self> {
        Ok(Self::Child(ChildProgram::itself(COMMAND)?))
    }

    /// That program, `mitschnitt`, as a child.
    pub fn of_program(program: impl Into<PathBuf>) -> Self {
        Self::Child(ChildProgram::of(program, COMMAND))
    }
}

/// A file being read by a child.
pub(super) struct Remote {
    command: ChildProgram,
    path: PathBuf,
    task: DecoderTask,
    by: By,
    running: Option<DecoderChild>,
    /// Samples that were delivered.
    position: u64,
}

struct DecoderChild {
    child: Child,
    events: Receiver<std::io::Result<DecoderEvent>>,
    last_words: Option<JoinHandle<String>>,
}

/// What the headers say, read by a child.
pub(super) fn probe(command: &ChildProgram, path: &Path) -> Result<MediaInfo> {
    let mut remote = Remote::start(command, path, DecoderTask::Probe)?;
    loop {
        match remote.next()? {
            DecoderEvent::Opened(info) => return Ok(info),
            DecoderEvent::End => return Err(refused(path, "der Decoder sagt nichts")),
            _ => {}
        }
    }
}

impl Remote {
    /// Starts a child for the file.
    pub(super) fn start(command: &ChildProgram, path: &Path, task: DecoderTask) -> Result<Self> {
        check_file(path)?;
        // The child may be started elsewhere than where the path counts from.
        let path = path.to_owned();
        let by = By::Either;
        let running = launch(command, &DecoderRequest::new(&path, by, task.clone()))?;
        Ok(Self { command: command.clone(), path, task, by, running: Some(running), position: 0 })
    }

    /// What comes next; `End` for ever after the end.
    pub(super) fn next(&mut self) -> Result<DecoderEvent> {
        loop {
            let Some(running) = &self.running else { return Ok(DecoderEvent::End) };
            let why = match running.events.recv_timeout(PATIENCE_WITH_CHILD) {
                Ok(Ok(DecoderEvent::Failed(kind, message))) => {
                    self.running = None;
                    return Err(Error::told(kind, message));
                }
                Ok(Ok(DecoderEvent::End)) => {
                    self.running = None;
                    return Ok(DecoderEvent::End);
                }
                Ok(Ok(event)) => {
                    if let DecoderEvent::Block(block) = &event {
                        self.position += block.len() as u64;
                    }
                    return Ok(event);
                }
                Ok(Err(e)) => format!("der Decoder spricht unverständlich: {e}"),
                Err(RecvTimeoutError::Timeout) => "der Decoder kommt nicht weiter".to_owned(),
                Err(RecvTimeoutError::Disconnected) => "der Decoder ist abgestürzt".to_owned(),
            };
            self.replace(&why)?;
        }
    }

    /// The child is lost. ffmpeg, in another, may go on; without it the file has had its chance.
    fn replace(&mut self, why: &str) -> Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        let (status, words) = running.end();
        let why = format!("{why}{}", status.as_ref().map(describe).unwrap_or_default());
        tracing::warn!(file = %self.path.display(), why, words, "decoder process lost");
        if status.and_then(|s| s.code()) == Some(i32::from(COULD_NOT_BEGIN)) {
            return Err(Error::failed(format!("Der Decoder beginnt nicht: {}", words.trim()))
                .remedy("`mitschnitt doctor` prüft die Installation"));
        }
        if self.by == By::Ffmpeg {
            return Err(if self.position > 0 {
                truncated(&self.path, self.position, &why)
            } else {
                refused(&self.path, &why)
            });
        }
        self.by = By::Ffmpeg;
        if let DecoderTask::Decode(decode) = &mut self.task {
            decode.from = self.position;
        }
        let request = DecoderRequest::new(&self.path, self.by, self.task.clone());
        self.running = Some(launch(&self.command, &request)?);
        Ok(())
    }
}

/// Exit code of the hidden command where it could not even begin.
pub(super) const COULD_NOT_BEGIN: u8 = 1;

fn launch(command: &ChildProgram, request: &DecoderRequest) -> Result<DecoderChild> {
    let failed = |e: std::io::Error| {
        Error::failed(format!("{} lässt sich nicht starten", command.program.display()))
            .because(e)
            .remedy("Bitte prüfen, ob das Programm während der Arbeit ersetzt wurde")
    };
    let mut child = command
        .command()
        // A group of its own, so that the ffmpeg it starts can be ended with it.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (sender, events) = sync_channel(WAITING);
    let mut running = DecoderChild { child, events, last_words: None };
    let (Some(mut input), Some(output), Some(errors)) = pipes else {
        return Err(failed(std::io::ErrorKind::BrokenPipe.into()));
    };
    let read = move || {
        let mut output = BufReader::new(output);
        while let Some(event) = protocol::read_event(&mut output).transpose() {
            if sender.send(event).is_err() {
                return;
            }
        }
    };
    // Threads of their own, not a pool's: each waits for a pipe as long as the child runs.
    let words = Builder::new().name("decoder messages".into()).spawn(|| last_words(errors));
    running.last_words = Some(words.map_err(failed)?);
    Builder::new().name("decoder sound".into()).spawn(read).map_err(failed)?;
    // A child that died before it could be asked shows when it is waited for.
    let _ = frames::write(&mut input, request);
    Ok(running)
}

impl DecoderChild {
    /// Ends the process with all it started; its exit status, as far as known, and last words.
    fn end(mut self) -> (Option<ExitStatus>, String) {
        let status = self.stop();
        let words = self.last_words.take().and_then(|w| w.join().ok()).unwrap_or_default();
        (status, words)
    }

    fn stop(&mut self) -> Option<ExitStatus> {
        // While the child is not waited for, its number belongs to nobody else.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        self.child.wait().ok()
    }
}

impl Drop for DecoderChild {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How a process ended, for a message.
fn describe(status: &ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!(", Signal {signal}"),
        (None, Some(code)) => format!(", Ende mit {code}"),
        (None, None) => String::new(),
    }
}
