//! Looks after what is coming in: lists recordings that appear in the watched folder once nobody writes them any
//! more, and has uploads finished and swept. Owns when a file counts as whole; copies none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::Chore;
use crate::domain::Result;
use crate::pipeline::Intakes;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(10);
/// A file that has not changed for so long is whole. Copying over a network pauses, too, but not so long.
const STILL: Duration = Duration::from_secs(60);
/// Folders in folders, so deep.
const DEPTH: usize = 3;
/// What recordings are called behind the dot.
const RECORDINGS: &[&str] = &[
    "aac", "avi", "flac", "m2ts", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts",
    "mxf", "ogg", "opus", "ts", "wav", "webm", "wma", "wmv",
];

/// The watched folder, and what is coming in.
pub struct Watching {
    intakes: Arc<Intakes>,
    looked: Option<Instant>,
    seen: SeenFiles,
}

impl Watching {
    /// Over these.
    pub fn new(intakes: Arc<Intakes>) -> Self {
        Self { intakes, looked: None, seen: SeenFiles::default() }
    }
}

impl Chore for Watching {
    fn name(&self) -> &'static str {
        "recordings that are coming in"
    }

    fn run(&mut self) -> Result<()> {
        if self.looked.is_some_and(|looked| looked.elapsed() < EVERY) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        self.intakes.tidy(jiff::Timestamp::now())?;
        let Some(folder) = self.intakes.folders().watched.clone() else { return Ok(()) };
        let mut found = Vec::new();
        find(&folder, DEPTH, &mut found);
        let mut failure = None;
        for (path, bytes) in self.seen.still(found, Instant::now()) {
            // One that cannot be read keeps no other from being listed.
            failure = self.intakes.notice(&path, bytes).err().or(failure);
        }
        failure.map_or(Ok(()), Err)
    }
}

/// What changes while a file is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SeenStamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// Files with since when they are as they are.
#[derive(Default)]
struct SeenFiles(BTreeMap<PathBuf, (SeenStamp, Instant)>);

impl SeenFiles {
    /// Those of `found` that have not changed for long enough, with their lengths.
    fn still(&mut self, found: Vec<(PathBuf, SeenStamp)>, now: Instant) -> Vec<(PathBuf, u64)> {
        let before = std::mem::take(&mut self.0);
        let mut still = Vec::new();
        for (path, stamp) in found {
            let since = match before.get(&path) {
                Some((known, since)) if *known == stamp => *since,
                _ => now,
            };
            if stamp.bytes > 0 && now.duration_since(since) >= STILL {
                still.push((path.clone(), stamp.bytes));
            }
            self.0.insert(path, (stamp, since));
        }
        still
    }
}

/// The recordings of a folder and those in it. What cannot be read is passed over: it may be a disk that is not
/// there today.
fn find(folder: &Path, depth: usize, found: &mut Vec<(PathBuf, SeenStamp)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        // Links are followed nowhere: what they lead to may be anything.
        let Ok(kind) = entry.file_type() else { continue };
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth > 0 {
            find(&path, depth - 1, found);
        }
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        let is_recording = extension.is_some_and(|e| RECORDINGS.contains(&e.as_str()));
        if let (true, true, Ok(file)) = (kind.is_file(), is_recording, entry.metadata()) {
            found.push((path, SeenStamp { bytes: file.len(), modified: file.modified().ok() }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_listed_when_it_has_been_still_for_a_minute() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("Rat.MP4");
        std::fs::write(dir.path().join("notizen.txt"), b"x").unwrap();
        std::fs::write(dir.path().join(".Rat.mp4"), b"x").unwrap();
        let (mut seen, start) = (SeenFiles::default(), Instant::now());
        let mut still = |seconds| {
            let mut found = Vec::new();
            find(dir.path(), DEPTH, &mut found);
            seen.still(found, start + Duration::from_secs(seconds)).len()
        };
        std::fs::write(&file, b"").unwrap();
        assert_eq!((still(0), still(100)), (0, 0), "an empty one is only being begun");
        std::fs::write(&file, b"half").unwrap();
        assert_eq!((still(110), still(160)), (0, 0));
        std::fs::write(&file, b"the whole").unwrap();
        assert_eq!((still(170), still(229), still(230), still(300)), (0, 0, 1, 1));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(still(400), 0);
    }
}
