//! The parent's end of the engine process: started when needed, watched, replaced when it dies.

use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::protocol::{self, Answer, Hello};
use super::{Recognizer, RecognizerError, SAMPLE_RATE, Segment, Settings};
use crate::domain::{Error, Result};

/// Loading the largest model from a slow disk stays far below this.
const LOAD_PATIENCE: Duration = Duration::from_secs(600);
/// A window may take this many times its own length before it counts as hung; the slowest
/// sensible pair of model and machine needs about ten times.
const WINDOW_PATIENCE: u32 = 60;
/// How much of the engine's last words is kept to explain its death.
const LAST_WORDS: usize = 2000;

/// How the engine process is started: this program with its hidden command `engine`.
#[derive(Clone, Debug)]
pub struct EngineCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl EngineCommand {
    /// This very program.
    ///
    /// # Errors
    /// Where the operating system does not tell which program that is.
    pub fn this_program() -> Result<Self> {
        let program = std::env::current_exe()
            .map_err(|e| Error::failed("Das eigene Programm ist nicht auffindbar").because(e))?;
        Ok(Self { program, arguments: vec!["engine".into()] })
    }
}

/// A recogniser in a process of its own. A crash or hang costs one window, tried once more in a
/// fresh process.
pub struct EngineProcess {
    command: EngineCommand,
    hello: Hello,
    running: Option<Running>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    answers: Receiver<std::io::Result<Answer>>,
    last_words: thread::JoinHandle<String>,
}

impl EngineProcess {
    /// Starts the engine and loads the model.
    ///
    /// # Errors
    /// `Failed` where the program cannot be started, `BadInput` where the model cannot be loaded.
    pub fn start(
        command: EngineCommand,
        model: PathBuf,
        settings: Settings,
        threads: u32,
    ) -> Result<Self> {
        let hello = Hello { version: protocol::VERSION, model, settings, threads };
        let mut engine = Self { command, hello, running: None };
        let running = engine.launch().map_err(|reason| {
            let model = engine.hello.model.display();
            Error::bad_input(format!("Das Sprachmodell {model} lässt sich nicht laden: {reason}"))
                .remedy("`mitschnitt model verify` prüft die Modelle")
        })?;
        engine.running = Some(running);
        Ok(engine)
    }

    fn launch(&self) -> Result<Running, String> {
        let mut child = Command::new(&self.command.program)
            .args(&self.command.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{}: {e}", self.command.program.display()))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("the engine has no pipes".into());
        };
        let (sender, answers) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(answer) = protocol::read_json(&mut output).transpose() {
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        let last_words = thread::spawn(move || last_words(errors));
        let mut running = Running { child, input, answers, last_words };
        protocol::write_json(&mut running.input, &self.hello).map_err(|e| e.to_string())?;
        match running.answer(LOAD_PATIENCE) {
            Ok(Answer::Ready) => Ok(running),
            Ok(Answer::Failed(reason)) => Err(reason),
            Ok(Answer::Heard(_)) => Err("the engine spoke out of turn".into()),
            Err(reason) => Err(running.end(reason)),
        }
    }

    fn ask(&mut self, samples: &[f32]) -> Result<Vec<Segment>, String> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.launch()?,
        };
        let patience = Duration::from_secs(120)
            + Duration::from_millis(samples.len() as u64 * 1000 / SAMPLE_RATE) * WINDOW_PATIENCE;
        let sent = protocol::write_samples(&mut running.input, samples);
        match sent.map_err(|e| e.to_string()).and_then(|()| running.answer(patience)) {
            Ok(Answer::Heard(segments)) => {
                self.running = Some(running);
                Ok(segments)
            }
            Ok(Answer::Failed(reason)) => {
                self.running = Some(running);
                Err(reason)
            }
            Ok(Answer::Ready) => Err(running.end("the engine spoke out of turn".into())),
            Err(reason) => Err(running.end(reason)),
        }
    }
}

impl Running {
    fn answer(&mut self, patience: Duration) -> Result<Answer, String> {
        match self.answers.recv_timeout(patience) {
            Ok(answer) => answer.map_err(|e| e.to_string()),
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("no answer within {} s", patience.as_secs()))
            }
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

/// The end of what the engine wrote to standard error.
fn last_words(mut errors: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(n @ 1..) = errors.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..n]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

impl Recognizer for EngineProcess {
    fn recognize(&mut self, samples: &[f32]) -> Result<Vec<Segment>, RecognizerError> {
        self.ask(samples)
            .or_else(|reason| {
                tracing::warn!(%reason, "window failed, trying once more in a fresh engine");
                if let Some(running) = self.running.take() {
                    running.end(String::new());
                }
                self.ask(samples)
            })
            .map_err(RecognizerError)
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
