//! Meetings to files of the index, by threads that analyse as well as write: every core that
//! indexes also reads.

mod file;
mod filters;
mod lexicon;
mod reader;
mod texts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;

use tantivy::index::SegmentMeta;

use crate::analysis::Analyzer;
use crate::document::MeetingDoc;
use crate::error::{Doing, Error, Result};
use crate::record;
use crate::schema::Fields;
use crate::sheet::Sheet;
use file::File;
use lexicon::Lexicon;
use reader::Reader;
use texts::Sorter;

/// Threads that write; two cores are what the smallest server has.
const THREADS: usize = 2;
/// Bytes of the texts of one file that are kept in memory; sorting them takes about as much again.
const FILE_BYTES: usize = 100_000_000;
/// Meetings that wait to be written.
const WAITING: usize = 4;

/// What is written.
pub(crate) enum Entry {
    Meeting(MeetingDoc),
    Sheet(Sheet<'static>),
}

/// The analysis by which is written, and what was read by it.
#[derive(Debug, Default)]
pub(crate) struct Writing {
    analyzer: RwLock<Arc<Analyzer>>,
    /// What threads have read that ended, for those that follow.
    readers: Mutex<Vec<Reader>>,
}

/// Takes what is to be written.
pub(crate) struct Desk<'t> {
    sender: SyncSender<Entry>,
    failed: &'t AtomicBool,
}

impl Desk<'_> {
    /// Has `entry` written by one of the threads, soon.
    ///
    /// # Errors
    /// One of them failed, with an error that [`Writing::write`] gives.
    pub(crate) fn put(&self, entry: Entry) -> Result<()> {
        let failed = self.failed.load(Ordering::Relaxed) || self.sender.send(entry).is_err();
        match failed {
            true => Err(Error::Damaged { what: "eine Datei ist unvollständig".to_owned() }),
            false => Ok(()),
        }
    }
}

impl Writing {
    /// From now on words are read by `analyzer`. To be called while nobody writes.
    pub(crate) fn set(&self, analyzer: Arc<Analyzer>) {
        *self.analyzer.write().unwrap_or_else(PoisonError::into_inner) = analyzer;
        self.forget();
    }

    /// Gives up the memory of what was read.
    pub(crate) fn forget(&self) {
        self.readers().clear();
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what `putting` puts on the desk, all of it with these names, into new files that are
    /// not part of the index yet. What one meeting has is in one file.
    ///
    /// # Errors
    /// Writing failed, or `putting` did.
    pub(crate) fn write(
        &self,
        index: &tantivy::Index,
        fields: &Fields,
        written_by: &[String],
        putting: impl FnOnce(&Desk<'_>) -> Result<()>,
    ) -> Result<Vec<SegmentMeta>> {
        let (sender, receiver) = sync_channel(WAITING);
        // Those that write own it together: when the last of them has failed, so does the sender.
        let receiver = Arc::new(Mutex::new(receiver));
        let failed = AtomicBool::new(false);
        thread::scope(|threads| {
            let write = || {
                let receiver = Arc::clone(&receiver);
                let failed = &failed;
                let work = move || {
                    let written = self.work(index, fields, written_by, &receiver);
                    failed.fetch_or(written.is_err(), Ordering::Relaxed);
                    written.doing("Suchindex schreiben")
                };
                thread::Builder::new().name("index".to_owned()).spawn_scoped(threads, work)
            };
            let threads: Vec<_> = (0..THREADS).map_while(|_| write().ok()).collect();
            drop(receiver);
            let put = putting(&Desk { sender, failed: &failed });
            let mut files = Vec::new();
            for thread in threads {
                match thread.join() {
                    Ok(written) => files.extend(written?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            put.map(|()| files)
        })
    }

    /// One thread: writes what it receives until nothing more comes.
    fn work(
        &self,
        index: &tantivy::Index,
        fields: &Fields,
        written_by: &[String],
        receiver: &Mutex<Receiver<Entry>>,
    ) -> tantivy::Result<Vec<SegmentMeta>> {
        let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let mut files = Vec::new();
        let mut begun = None;
        // Most changes are of one meeting.
        let Ok(first) = next() else { return Ok(files) };
        let mut entry = Some(first);
        let rested = self.readers().pop();
        let mut reader = rested.unwrap_or_else(|| {
            Reader::new(Arc::clone(&self.analyzer.read().unwrap_or_else(PoisonError::into_inner)))
        });
        let mut sorter = Sorter::default();
        while let Some(entry) = entry.take().or_else(|| next().ok()) {
            let mut file = match begun.take() {
                Some(file) => file,
                None => File::new(index, fields)?,
            };
            match entry {
                Entry::Sheet(sheet) => file.add(&sheet, written_by, &mut reader)?,
                Entry::Meeting(meeting) => {
                    for sheet in record::documents(fields, &meeting) {
                        file.add(&sheet, written_by, &mut reader)?;
                    }
                }
            }
            match file.size() >= FILE_BYTES || reader.lexicon.is_full() {
                true => files.push(file.finish(&reader, &mut sorter)?),
                false => begun = Some(file),
            }
            // What a file holds is told by the numbers of its words.
            if begun.is_none() && reader.lexicon.is_full() {
                reader.lexicon = Lexicon::default();
            }
        }
        if let Some(file) = begun {
            files.push(file.finish(&reader, &mut sorter)?);
        }
        self.readers().push(reader);
        Ok(files)
    }
}
