//! The parent's end of the engine process: started when needed, watched, replaced when it dies.
//! Owns the life of the process and which windows are sent again; refuses to know what the answers mean.

use std::collections::VecDeque;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Child, ChildStdin};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::recognizer::{self, Answer, Ask, Hello};
use super::{RecognitionRequest, Recognizer, RecognizerError, SAMPLE_RATE, Segment, Settings};
use crate::child::{self, ChildProgram, frames};
use crate::domain::{Error, Result};

/// Memory from this size on, in bytes, goes back to the system when a window is done with it.
const LARGE_BYTES: u32 = 4 << 20;

/// How many windows at once, and how many threads for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Effort {
    /// Windows worked on at once, each with a state of its own over one loaded model.
    pub jobs: u32,
    /// Threads for each of them.
    pub threads: u32,
}

/// How long the engine may be silent before it counts as hung.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For loading the model.
    pub load: Duration,
    /// For any window …
    pub window: Duration,
    /// … and this many times its length on top.
    pub times: u32,
}

impl Default for Patience {
    /// Loading the largest model from a slow disk stays far below ten minutes; the slowest
    /// sensible pair of model and machine needs about ten times real time for each of its jobs.
    fn default() -> Self {
        Self { load: Duration::from_secs(600), window: Duration::from_secs(120), times: 60 }
    }
}

/// A recogniser in a process of its own. When the process dies or hangs, the windows it had are
/// tried once more, each alone in a fresh process, so that only the guilty one is given up.
pub struct EngineProcess {
    command: ChildProgram,
    hello: Hello,
    patience: Patience,
    running: Option<EngineChild>,
    /// Not sent yet.
    waiting: VecDeque<RecognitionRequest>,
    /// Sent, not answered.
    sent: Vec<SentRequest>,
    /// Were with a process when it died; sent again alone.
    suspects: VecDeque<RecognitionRequest>,
}

struct SentRequest {
    request: RecognitionRequest,
    deadline: Instant,
    /// It has failed before.
    again: bool,
}

struct EngineChild {
    child: Child,
    /// To the thread that writes: a hung process does not even read, and its pipe fills up.
    input: Sender<(Ask, Arc<Vec<f32>>)>,
    answers: Receiver<std::io::Result<Answer>>,
    last_words: thread::JoinHandle<String>,
}

impl EngineProcess {
    /// The hidden command of the program that serves as the engine.
    pub const COMMAND: &str = "engine";

    /// Starts the engine and loads the model.
    ///
    /// # Errors
    /// `Failed` where the program cannot be started, `BadInput` where the model cannot be loaded.
    pub fn start(
        command: ChildProgram,
        model: PathBuf,
        settings: Settings,
        effort: Effort,
        patience: Patience,
    ) -> Result<Self> {
        let Effort { jobs, threads } = effort;
        let hello = Hello { version: recognizer::VERSION, model, settings, jobs, threads };
        let mut engine = Self {
            command,
            hello,
            patience,
            running: None,
            waiting: VecDeque::new(),
            sent: Vec::new(),
            suspects: VecDeque::new(),
        };
        let running = engine.launch().map_err(|reason| {
            let model = engine.hello.model.display();
            Error::bad_input(format!("Das Sprachmodell {model} lässt sich nicht laden: {reason}"))
                .remedy("`mitschnitt model verify` prüft die Modelle")
        })?;
        engine.running = Some(running);
        Ok(engine)
    }

    fn launch(&self) -> Result<EngineChild, String> {
        let mut child = self
            .command
            .command()
            // whisper.cpp takes four threads for DTW whatever it is told, and they wait for each
            // other in busy loops: with as many jobs as cores that cost a sixth of all time.
            .env("OMP_THREAD_LIMIT", self.hello.threads.to_string())
            .env("OMP_WAIT_POLICY", "passive")
            // glibc would learn to keep a window's caches in its heaps, one for each thread, which
            // then grow for hours: with one heap, and large blocks given back with their window,
            // six hours need what half an hour needs, in the same time. Others ignore this.
            .env("MALLOC_ARENA_MAX", "1")
            .env("MALLOC_MMAP_THRESHOLD_", LARGE_BYTES.to_string())
            .spawn()
            .map_err(|e| format!("{}: {e}", self.command.program.display()))?;
        let (Some(mut input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("the engine has no pipes".into());
        };
        // Threads of their own, not a pool's: each waits for a pipe as long as the process lives.
        let (sender, answers) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(answer) = frames::read_message(&mut output).transpose() {
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        let last_words = thread::spawn(move || child::last_words(errors));
        let (asks, to_write) = channel();
        // What cannot be written is missed when the answer is due; the exit status tells why.
        let _ = frames::write(&mut input, &self.hello);
        thread::spawn(move || write(input, &to_write));
        let mut running = EngineChild { child, input: asks, answers, last_words };
        match running.listen(self.patience.load) {
            Ok(Answer::Ready) => Ok(running),
            Ok(Answer::Unloadable(reason)) => Err(running.end(reason)),
            Ok(_) => Err(running.end("the engine spoke out of turn".into())),
            Err(reason) => Err(running.end(reason)),
        }
    }

    /// Sends what may be sent now: suspects one by one, each alone in a fresh process, the rest as
    /// many as there are jobs.
    fn pump(&mut self) -> Result<(), String> {
        if self.sent.is_empty()
            && let Some(request) = self.suspects.pop_front()
        {
            if let Some(used) = self.running.take() {
                used.end(String::new());
            }
            return self.send(request, true);
        }
        let alone = !self.suspects.is_empty() || self.sent.iter().any(|a| a.again);
        while !alone && self.sent.len() < self.hello.jobs as usize {
            let Some(request) = self.waiting.pop_front() else { break };
            self.send(request, false)?;
        }
        Ok(())
    }

    fn send(&mut self, request: RecognitionRequest, again: bool) -> Result<(), String> {
        let length = request.samples.len() as u64 * 1000 / SAMPLE_RATE;
        let patience = self.patience.window + Duration::from_millis(length) * self.patience.times;
        let ask = Ask { id: request.id, search: request.search, prompt: request.prompt.clone() };
        let samples = request.samples.clone();
        self.sent.push(SentRequest { request, deadline: Instant::now() + patience, again });
        if self.running.is_none() {
            self.running = Some(self.launch()?);
        }
        let Some(running) = &mut self.running else { return Err("the engine is gone".into()) };
        // A writer that is gone has left its process, which shows when the answer is due.
        let _ = running.input.send((ask, samples));
        Ok(())
    }

    /// The next answer of the process, as long as it is due.
    fn listen(&mut self) -> Result<Answer, String> {
        let due = self.sent.iter().map(|a| a.deadline).min();
        let patience = due.map_or(Duration::ZERO, |d| d.saturating_duration_since(Instant::now()));
        self.running.as_mut().ok_or("the engine is gone")?.listen(patience)
    }

    fn take(&mut self, id: u64) -> Option<SentRequest> {
        let at = self.sent.iter().position(|a| a.request.id == id)?;
        Some(self.sent.swap_remove(at))
    }

    /// Buries the process. The windows it had become suspects; one that was alone with it, and
    /// not for the first time, is given up: its id, and why.
    fn bury(&mut self, reason: String) -> Option<(u64, RecognizerError)> {
        let reason = match self.running.take() {
            Some(running) => running.end(reason),
            None => reason,
        };
        tracing::warn!(%reason, windows = self.sent.len(), "the engine process is gone");
        let mut given_up = None;
        for sent in self.sent.drain(..) {
            if sent.again {
                given_up = Some((sent.request.id, RecognizerError(reason.clone())));
            } else {
                self.suspects.push_back(sent.request);
            }
        }
        given_up
    }
}

impl Recognizer for EngineProcess {
    fn capacity(&self) -> usize {
        // One window waits for each that is worked on, so that no job waits for its next.
        self.hello.jobs.max(1) as usize * 2
    }

    fn submit(&mut self, request: RecognitionRequest) {
        self.waiting.push_back(request);
        // What goes wrong shows again, and is dealt with, when the answer is waited for.
        let _ = self.pump();
    }

    fn answer(&mut self) -> Option<(u64, Result<Vec<Segment>, RecognizerError>)> {
        loop {
            let answer = match self.pump() {
                Ok(()) if self.sent.is_empty() => return None,
                Ok(()) => self.listen(),
                Err(reason) => Err(reason),
            };
            let (id, heard) = match answer {
                Ok(Answer::Heard(id, segments)) => (id, Ok(segments)),
                Ok(Answer::Failed(id, reason)) => (id, Err(reason)),
                other => {
                    let reason = other.err().unwrap_or("the engine spoke out of turn".into());
                    match self.bury(reason) {
                        Some((id, error)) => return Some((id, Err(error))),
                        None => continue,
                    }
                }
            };
            let Some(sent) = self.take(id) else { continue };
            match heard {
                Err(reason) if !sent.again => {
                    tracing::warn!(%reason, "window failed, trying once more in a fresh engine");
                    self.suspects.push_back(sent.request);
                }
                heard => return Some((id, heard.map_err(RecognizerError))),
            }
        }
    }

    fn settings(&self) -> &Settings {
        &self.hello.settings
    }
}

impl Drop for EngineProcess {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.end(String::new());
        }
    }
}

impl EngineChild {
    fn listen(&mut self, patience: Duration) -> Result<Answer, String> {
        match self.answers.recv_timeout(patience) {
            Ok(answer) => answer.map_err(|e| e.to_string()),
            Err(RecvTimeoutError::Timeout) => Err("the engine hangs".into()),
            Err(RecvTimeoutError::Disconnected) => Err("the engine died".into()),
        }
    }

    /// Ends the process and gives `reason` with its exit status and last words.
    fn end(mut self, reason: String) -> String {
        let _ = self.child.kill();
        let status = self.child.wait().map_or_else(|e| e.to_string(), |s| s.to_string());
        let words = self.last_words.join().unwrap_or_default();
        format!("{reason} ({status}) {}", words.trim()).trim_end().to_owned()
    }
}

/// Writes windows until the process or its owner is gone.
fn write(mut input: ChildStdin, asks: &Receiver<(Ask, Arc<Vec<f32>>)>) {
    while let Ok((ask, samples)) = asks.recv() {
        let written = frames::write(&mut input, &ask)
            .and_then(|()| frames::write_sound(&mut input, &samples));
        if written.is_err() {
            return;
        }
    }
}
