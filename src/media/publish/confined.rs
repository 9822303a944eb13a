//! Runs programs of the ffmpeg suite for public copies: under limits, and watched. Owns how they
//! end, in German; refuses to wait for one that stands still.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::super::ffprobe;
use super::super::protocol::ResourceLimits;
use crate::child::last_words;

/// A program that writes nothing for so long hangs. Moving the table of a long film to its front
/// takes minutes on a slow disk.
const PATIENCE: Duration = Duration::from_secs(600);

/// How often the file is looked at.
const STEP: Duration = Duration::from_secs(5);

/// Longer answers of ffprobe are cut: a list of packets of some seconds is far shorter.
const LONGEST_ANSWER: u64 = 16 << 20;

/// How a program ended.
pub(super) struct Ended {
    status: Option<ExitStatus>,
    /// What it wrote to standard output.
    pub(super) output: Vec<u8>,
    /// The last of what it complained of.
    pub(super) said: String,
}

impl Ended {
    /// Whether it did its work.
    pub(super) fn is_success(&self) -> bool {
        self.status.is_some_and(|s| s.success())
    }

    /// Whether the disk is full.
    pub(super) fn lacks_space(&self) -> bool {
        self.said.contains("No space left on device")
    }

    /// Whether memory was refused. Decoders leave out the pictures they have no room for, and call
    /// that a success.
    pub(super) fn lacked_memory(&self) -> bool {
        let signs = ["allocate memory", "malloc", "get_buffer() failed"];
        signs.iter().any(|s| self.said.contains(s))
    }

    /// Why it failed, in German.
    pub(super) fn reason(&self) -> String {
        let signal = self.status.and_then(|s| s.signal()).and_then(Signal::from_named_raw);
        match signal {
            _ if self.status.is_none() => "ffmpeg kam nicht weiter".to_owned(),
            Some(Signal::XCPU | Signal::KILL) => "mehr Rechenzeit nötig als erlaubt".to_owned(),
            Some(Signal::XFSZ) => "die Kopie würde zu groß".to_owned(),
            _ if self.lacked_memory() => "mehr Arbeitsspeicher nötig als erlaubt".to_owned(),
            Some(signal) => format!("ffmpeg stürzt ab, Signal {}", signal.as_raw()),
            None => ffprobe::first_reason(&self.said),
        }
    }
}

/// Runs `command` to its end, fed by `feed`; `growing` is the file it writes.
///
/// # Errors
/// Those of starting it, and of its limits.
pub(super) fn run(
    mut command: Command,
    limits: &ResourceLimits,
    growing: Option<&Path>,
    feed: impl FnOnce(ChildStdin),
) -> io::Result<Ended> {
    // Each arena of the C library claims 64 MiB of address space.
    command.env("MALLOC_ARENA_MAX", "2");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = OwnedChild(command.spawn()?);
    limits.confine(&running.0)?;
    let pipes = (running.0.stdin.take(), running.0.stdout.take(), running.0.stderr.take());
    let (Some(input), Some(output), Some(errors)) = pipes else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    // Both pipes are emptied side by side, else the program would wait for the full one; in threads
    // of their own, since each waits as long as the program runs.
    let answer = Builder::new().name("ffmpeg answer".into()).spawn(move || {
        let mut bytes = Vec::new();
        // What was read of a broken pipe is an answer cut short.
        let _ = output.take(LONGEST_ANSWER).read_to_end(&mut bytes);
        bytes
    })?;
    let (sender, words) = mpsc::channel();
    Builder::new().name("ffmpeg messages".into()).spawn(move || {
        // Nobody waits any more for one that was given up.
        let _ = sender.send(last_words(errors));
    })?;
    feed(input);
    let said = watch(&words, growing);
    let status = if said.is_some() { running.0.wait().ok() } else { None };
    drop(running);
    let output = answer.join().unwrap_or_default();
    Ok(Ended { status, output, said: said.unwrap_or_default() })
}

/// What the program complained of, once it has ended; `None` where it stands still.
fn watch(words: &Receiver<String>, growing: Option<&Path>) -> Option<String> {
    let length = || growing.and_then(|g| g.metadata().ok()).map_or(0, |m| m.len());
    let (mut last, mut since) = (length(), Instant::now());
    loop {
        match words.recv_timeout(STEP) {
            Ok(said) => return Some(said),
            Err(RecvTimeoutError::Disconnected) => return Some(String::new()),
            Err(RecvTimeoutError::Timeout) if length() != last => {
                (last, since) = (length(), Instant::now());
            }
            Err(RecvTimeoutError::Timeout) if since.elapsed() > PATIENCE => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// A child that ends with its owner.
struct OwnedChild(Child);

impl Drop for OwnedChild {
    fn drop(&mut self) {
        // It may have ended by itself; either way there is nothing left to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::protocol::ADDRESS_SPACE;
    use super::*;
    use crate::domain::MediaTime;

    fn shell(script: &str) -> Ended {
        let mut command = Command::new("sh");
        // The limits come straight after the start.
        command.arg("-c").arg(format!("sleep 0.2; {script}"));
        let limits =
            ResourceLimits::of_copying(Path::new("Cargo.toml"), MediaTime::from_millis(1_000));
        run(command, &limits, None, drop).unwrap()
    }

    #[test]
    fn what_runs_is_confined() {
        let ended = shell("ulimit -v; ulimit -t; ulimit -c");
        let told = String::from_utf8(ended.output).unwrap();
        assert_eq!(
            told.lines().collect::<Vec<_>>(),
            [&(ADDRESS_SPACE >> 10).to_string(), "304", "0"]
        );
    }

    #[test]
    fn how_it_ended_is_told_in_german() {
        assert!(shell("true").is_success());
        let reason = |script: &str| shell(script).reason();
        assert_eq!(reason("echo '[h264 @ 0x1f] broken' >&2; exit 1"), "broken");
        assert_eq!(reason("kill -XCPU $$"), "mehr Rechenzeit nötig als erlaubt");
        assert_eq!(reason("kill -XFSZ $$"), "die Kopie würde zu groß");
        assert_eq!(reason("kill -SEGV $$"), "ffmpeg stürzt ab, Signal 11");
    }
}
