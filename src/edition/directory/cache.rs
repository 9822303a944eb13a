//! The directory as it is kept in memory. Owns when meetings are read again; refuses to answer from what was
//! read before somebody wrote to the archive.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Directory;
use super::entry::{DirectoryMeeting, KnownOnce};
use crate::domain::{ErrorKind, MeetingId, Result};
use crate::edition::Editions;
use crate::store::ChangeWatch;

/// A directory that is made when it is first asked for.
#[derive(Default)]
pub(in crate::edition) struct DirectoryCache {
    kept: Mutex<KeptDirectory>,
    has_persons: AtomicBool,
    has_papers: AtomicBool,
}

#[derive(Default)]
struct KeptDirectory {
    watch: Option<ChangeWatch>,
    /// What the watch said before the archive was read.
    seen: Option<i64>,
    /// Each meeting with the fingerprint under which it was read; nothing of it where it is not shown.
    entries: BTreeMap<MeetingId, (u64, Option<Arc<DirectoryMeeting>>)>,
    shared: KnownOnce,
    directory: Arc<Directory>,
}

impl Editions {
    /// All meetings together. The first call reads all of them, later ones what has changed.
    ///
    /// # Errors
    /// Those of the archive. A meeting that cannot be read is left out and logged.
    pub fn directory(&self) -> Result<Arc<Directory>> {
        let cache = &self.directory;
        let mut kept = cache.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = match kept.watch.take() {
            Some(watch) => watch,
            None => self.store.watch_changes()?,
        };
        // Asked before anything is read: whatever is written meanwhile is another number next time.
        let count = watch.count()?;
        kept.watch = Some(watch);
        if kept.seen != Some(count) {
            kept.refresh(self)?;
            kept.seen = Some(count);
            cache.has_persons.store(!kept.directory.persons.is_empty(), Ordering::Relaxed);
            cache.has_papers.store(!kept.directory.papers.is_empty(), Ordering::Relaxed);
        }
        Ok(Arc::clone(&kept.directory))
    }

    /// Whether there are pages of persons, and of papers, as far as is known without reading anything.
    pub fn has_persons_and_papers(&self) -> (bool, bool) {
        let cache = &self.directory;
        (cache.has_persons.load(Ordering::Relaxed), cache.has_papers.load(Ordering::Relaxed))
    }
}

impl KeptDirectory {
    fn refresh(&mut self, editions: &Editions) -> Result<()> {
        let fingerprints = editions.store.fingerprints()?;
        let listed = editions.meetings()?;
        let mut entries = BTreeMap::new();
        let mut is_same = self.entries.len() == fingerprints.len();
        for (id, fingerprint) in fingerprints {
            let known = self.entries.remove(&id).filter(|(known, _)| *known == fingerprint);
            is_same &= known.is_some();
            let entry = match known {
                Some((_, entry)) => entry,
                None => match editions.overview(&id) {
                    Ok(overview) => {
                        Some(Arc::new(DirectoryMeeting::of(overview, &mut self.shared)))
                    }
                    Err(error) if is_not_shown(error.kind()) => None,
                    Err(error) => {
                        // Not kept, so that it is tried again with the next change.
                        tracing::error!(meeting = %id, %error, "a meeting is missing in the directory");
                        continue;
                    }
                },
            };
            entries.insert(id, (fingerprint, entry));
        }
        self.entries = entries;
        if is_same && self.directory.listed == listed {
            return Ok(());
        }
        let (mut shown, mut meetings) = (Vec::new(), Vec::new());
        for row in listed {
            if let Some((_, Some(entry))) = self.entries.get(&row.id) {
                meetings.push(Arc::clone(entry));
                shown.push(row);
            }
        }
        self.directory = Arc::new(Directory::of(shown, meetings));
        self.shared.tidy();
        Ok(())
    }
}

/// Whether a meeting is there and may not be seen: any more, or yet.
fn is_not_shown(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Withdrawn | ErrorKind::NotFound)
}
