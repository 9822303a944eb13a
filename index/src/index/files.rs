//! Whether the files of the index are still those that were written. A file is never changed once it
//! is there, so its length and time say cheaply whether to look at its bytes. Reads one piece of a
//! file at a time; decides nothing about the cure.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use tantivy::index::SegmentComponent;
use tantivy::{IndexMeta, SegmentMeta};

/// Tantivy's list of the files that it may delete.
pub(super) const MANAGED: &str = ".managed.json";
/// Behind every file: a footer of JSON, its length and this number.
const MAGIC: u32 = 1337;
/// Bytes of the footer's length and of the number.
const TAIL: u64 = 8;
/// Longest footer that is read.
const FOOTER: u32 = 50_000;
/// Read from a file in pieces of this size.
const PIECE: usize = 256 * 1024;

/// What tells a file from one that somebody put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    written: Option<SystemTime>,
}

/// The files of the index as they were when they were seen first; those that were not there have
/// no stamp.
#[derive(Debug, Default)]
pub(super) struct FileStamps(BTreeMap<PathBuf, Option<Stamp>>);

impl FileStamps {
    /// Takes note of the files of a commit that were not known, and forgets those of others. Gives
    /// the known ones that have changed.
    ///
    /// # Errors
    /// The file system refused.
    pub(super) fn compare(&mut self, dir: &Path, meta: &IndexMeta) -> io::Result<Vec<PathBuf>> {
        let mut changed = Vec::new();
        let mut now = BTreeMap::new();
        for path in meta.segments.iter().flat_map(paths) {
            let stamp = stamp(&dir.join(&path))?;
            let known = self.0.get(&path).copied().unwrap_or(stamp);
            if known != stamp {
                changed.push(path.clone());
            }
            now.insert(path, known);
        }
        self.0 = now;
        Ok(changed)
    }

    /// Takes a file that was found sound for what it is now.
    ///
    /// # Errors
    /// The file system refused.
    pub(super) fn accept(&mut self, dir: &Path, path: PathBuf) -> io::Result<()> {
        let stamp = stamp(&dir.join(&path))?;
        self.0.insert(path, stamp);
        Ok(())
    }
}

fn stamp(path: &Path) -> io::Result<Option<Stamp>> {
    match fs::metadata(path) {
        Ok(file) => {
            Ok(Some(Stamp { inode: file.ino(), length: file.len(), written: file.modified().ok() }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// All files that a part of the index can have.
pub(super) fn paths(segment: &SegmentMeta) -> impl Iterator<Item = PathBuf> {
    let always = [
        SegmentComponent::Postings,
        SegmentComponent::Positions,
        SegmentComponent::Terms,
        SegmentComponent::Store,
        SegmentComponent::FastFields,
        SegmentComponent::FieldNorms,
    ];
    let deletions = segment.has_deletes().then_some(SegmentComponent::Delete);
    always.into_iter().chain(deletions).map(|component| segment.relative_path(component))
}

/// Whether Tantivy's list of files can be read and has all of a commit: what is not on it would never
/// be deleted.
///
/// # Errors
/// The file system refused.
pub(super) fn is_managed(dir: &Path, meta: &IndexMeta) -> io::Result<bool> {
    let list = match fs::read(dir.join(MANAGED)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        list => list?,
    };
    let Ok(list) = serde_json::from_slice::<HashSet<PathBuf>>(&list) else { return Ok(false) };
    let is_listed = |path: PathBuf| list.contains(&path) || !dir.join(path).exists();
    Ok(meta.segments.iter().flat_map(paths).all(is_listed))
}

/// What the footer of a file says.
#[derive(Deserialize)]
struct Footer {
    crc: u32,
}

/// Whether the bytes of a file are those that were written. One that is not there is not.
///
/// # Errors
/// The file system refused.
pub(super) fn is_whole(path: &Path) -> io::Result<bool> {
    match checksum_holds(path) {
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Ok(false),
            _ => Err(error),
        },
        holds => holds,
    }
}

fn checksum_holds(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut tail = [0; TAIL as usize];
    file.read_exact_at(&mut tail, length.saturating_sub(TAIL))?;
    let [a, b, c, d, magic @ ..] = tail;
    let footer = u32::from_le_bytes([a, b, c, d]);
    let content = length.checked_sub(TAIL + u64::from(footer));
    let content = match content {
        Some(content) if u32::from_le_bytes(magic) == MAGIC && footer <= FOOTER => content,
        _ => return Ok(false),
    };
    let mut json = vec![0; footer as usize];
    file.read_exact_at(&mut json, content)?;
    let Ok(Footer { crc }) = serde_json::from_slice(&json) else { return Ok(false) };
    let mut hasher = crc32fast::Hasher::new();
    let mut content = file.take(content);
    let mut piece = vec![0; PIECE];
    loop {
        match content.read(&mut piece)? {
            0 => return Ok(hasher.finalize() == crc),
            read => hasher.update(&piece[..read]),
        }
    }
}
