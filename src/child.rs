//! What the child processes of this program have in common: how they are started, the frames they
//! speak in, their last words. Owns no child; whoever starts one watches it.

pub mod frames;

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::domain::{Error, Result};

/// How much of a child's last words is kept to explain its death, in bytes.
const LAST_WORDS: usize = 2000;

/// How a child is started: this program with a hidden command.
#[derive(Clone, Debug)]
pub struct ChildProgram {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl ChildProgram {
    /// This very program with that hidden command.
    ///
    /// # Errors
    /// Where the operating system does not tell which program that is.
    pub fn itself(command: &str) -> Result<Self> {
        let program = std::env::current_exe()
            .map_err(|e| Error::failed("Das eigene Programm ist nicht auffindbar").because(e))?;
        Ok(Self::of(program, command))
    }

    /// That program, `mitschnitt`, with that hidden command.
    pub fn of(program: impl Into<PathBuf>, command: &str) -> Self {
        Self { program: program.into(), arguments: vec![command.to_owned()] }
    }

    /// To be started with a pipe to each of its streams.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The end of what a child writes to standard error, once it is gone.
pub fn last_words(mut errors: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(n @ 1..) = errors.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..n]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
