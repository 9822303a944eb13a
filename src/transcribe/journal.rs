//! Answers of the recogniser kept as they come, so that a killed run goes on where it was.
//! Owns the keys and the journal in a folder; refuses to know which window an answer belongs to.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{RecognitionRequest, Segment, Settings};
use crate::domain::{Digest, Error, Result, SoundChoice, Span};

/// Where answers are kept under the keys of their requests.
pub trait Journal {
    /// What was answered to the request with this key, if it ever was.
    ///
    /// # Errors
    /// `Archive` where the journal cannot be read.
    fn recall(&self, key: &Digest) -> Result<Option<Vec<Segment>>>;

    /// Keeps the answer for a place in the recording; it is on the disk when this returns.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    fn keep(&self, key: &Digest, place: Span, segments: &[Segment]) -> Result<()>;
}

/// What decides the answers to all requests of a run, beside the request itself.
#[derive(Clone, Debug, Serialize)]
pub struct RecognitionInputs {
    /// Hash of the recording.
    pub source: Digest,
    /// Which track and channels of it.
    pub sound: SoundChoice,
    /// Hash of the model.
    pub model: Digest,
    /// How it was set.
    pub settings: Settings,
    /// Version of the engine.
    pub engine: String,
}

impl RecognitionInputs {
    /// The key of a request for a place in the recording. The sound itself is part of it, so that
    /// a program that decodes otherwise asks again just where that changes anything.
    pub fn key(&self, place: Span, request: &RecognitionRequest) -> Digest {
        let sound: Vec<u8> = request.samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        let parts = (self, place, Digest::of(&sound), request.search, &request.prompt);
        // Serialising our own plain types does not fail; an empty text would only be recalled by
        // another failure of the same kind.
        Digest::of(&serde_json::to_vec(&parts).unwrap_or_default())
    }
}

/// A journal in a folder: one file, a line for each answer. A torn last line is cut off.
pub struct FolderJournal {
    file: File,
    path: PathBuf,
    lines: Mutex<Lines>,
}

/// Where the line of each key starts, how long it is, and where the next one goes.
#[derive(Default)]
struct Lines {
    known: HashMap<Digest, (u64, usize)>,
    end: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: Digest,
    segments: Vec<Segment>,
}

/// Name of the journal in its folder.
const FILE: &str = "windows.jsonl";

impl FolderJournal {
    /// Opens or starts the journal in `folder`, which is created if need be.
    ///
    /// # Errors
    /// `Archive` where it cannot be written or another run uses it.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let open = || {
            std::fs::create_dir_all(folder)?;
            OpenOptions::new().read(true).append(true).create(true).open(&path)
        };
        let file = open().map_err(|e| unusable(&path, e))?;
        if !lock(&file).map_err(|e| unusable(&path, e))? {
            let folder = folder.display();
            return Err(Error::archive(format!("Ein anderer Lauf schreibt schon in {folder}"))
                .remedy("Warten Sie, bis er fertig ist, oder nennen Sie einen anderen Ordner"));
        }
        let lines = read_lines(&file).map_err(|e| unusable(&path, e))?;
        file.set_len(lines.end).map_err(|e| unusable(&path, e))?;
        Ok(Self { file, path, lines: Mutex::new(lines) })
    }

    /// How many answers it holds.
    pub fn len(&self) -> usize {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).known.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Gives whether the file is ours now. A process that this one is just starting holds every lock
/// of it for a moment, until it has become another program: so not the first refusal counts.
fn lock(file: &File) -> std::io::Result<bool> {
    const TRIES: u32 = 25;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(e)) => return Err(e),
        }
    }
    Ok(false)
}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::archive(format!("{} lässt sich nicht lesen oder schreiben", path.display()))
        .because(error)
        .remedy("Prüfen Sie Rechte und freien Platz, oder nennen Sie einen anderen Ordner")
}

/// Reads until the first line that is not whole.
fn read_lines(file: &File) -> std::io::Result<Lines> {
    let mut lines = Lines::default();
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    while reader.read_until(b'\n', &mut text)? > 0 {
        let Ok(line) = serde_json::from_slice::<Line>(&text) else { break };
        if !text.ends_with(b"\n") {
            break;
        }
        lines.known.insert(line.key, (lines.end, text.len()));
        lines.end += text.len() as u64;
        text.clear();
    }
    Ok(lines)
}

impl Journal for FolderJournal {
    fn recall(&self, key: &Digest) -> Result<Option<Vec<Segment>>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(&(start, length)) = lines.known.get(key) else { return Ok(None) };
        let mut text = vec![0; length];
        self.file.read_exact_at(&mut text, start).map_err(|e| unusable(&self.path, e))?;
        let line: Line =
            serde_json::from_slice(&text).map_err(|e| unusable(&self.path, e.into()))?;
        Ok(Some(line.segments))
    }

    fn keep(&self, key: &Digest, _: Span, segments: &[Segment]) -> Result<()> {
        let line = Line { key: key.clone(), segments: segments.to_vec() };
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let write = || {
            let mut text = serde_json::to_vec(&line)?;
            text.push(b'\n');
            (&self.file).write_all(&text)?;
            self.file.sync_data()?;
            Ok(text.len())
        };
        let start = lines.end;
        let length = write().map_err(|e| {
            // Half a line, as of a full disk, must not stand before the next one. If even that
            // fails, the next opening cuts it off.
            let _ = self.file.set_len(start);
            unusable(&self.path, e)
        })?;
        lines.known.insert(line.key, (start, length));
        lines.end += length as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Token;
    use super::*;

    fn anywhere() -> Span {
        let start = crate::domain::MediaTime::ZERO;
        Span::new(start, start).unwrap()
    }

    fn segments(text: &str) -> Vec<Segment> {
        let token = Token { bytes: text.into(), probability: 0.123_456_79, end_ms: Some(40) };
        vec![Segment { no_speech: 1e-7, tokens: vec![token] }]
    }

    proptest! {
        /// Wherever a kill tears the file, what was whole before is recalled to the bit, and the
        /// journal goes on from there.
        #[test]
        fn a_torn_journal_keeps_its_whole_lines(texts in prop::collection::vec("\\PC{0,12}", 1..6), cut in 0.0f64..1.0) {
            let folder = tempfile::tempdir().unwrap();
            let key = |n: usize| Digest::of(&n.to_le_bytes());
            let mut ends = vec![0u64];
            {
                let journal = FolderJournal::open(folder.path()).unwrap();
                for (n, text) in texts.iter().enumerate() {
                    journal.keep(&key(n), anywhere(), &segments(text)).unwrap();
                    ends.push(folder.path().join(FILE).metadata().unwrap().len());
                }
            }
            let path = folder.path().join(FILE);
            let torn = (*ends.last().unwrap() as f64 * cut) as u64;
            File::options().write(true).open(&path).unwrap().set_len(torn).unwrap();
            let journal = FolderJournal::open(folder.path()).unwrap();
            let whole = ends[1..].iter().filter(|end| **end <= torn).count();
            prop_assert_eq!(journal.len(), whole);
            for (n, text) in texts.iter().enumerate() {
                let kept = journal.recall(&key(n)).unwrap();
                prop_assert_eq!(kept, (n < whole).then(|| segments(text)));
            }
            journal.keep(&key(99), anywhere(), &segments("weiter")).unwrap();
            drop(journal);
            let journal = FolderJournal::open(folder.path()).unwrap();
            prop_assert_eq!(journal.recall(&key(99)).unwrap(), Some(segments("weiter")));
        }
    }

    #[test]
    fn two_runs_do_not_share_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let _first = FolderJournal::open(folder.path()).unwrap();
        assert!(FolderJournal::open(folder.path()).is_err());
    }
}
