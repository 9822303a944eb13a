//! The index in its directory: written by one process at a time, read by many. Everything in it is
//! derived; whoever lost it puts the meetings in again.

mod open;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tantivy::collector::DocSetCollector;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::query::{Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexReader, IndexWriter, Term};

pub use open::{Opened, Reason};

use crate::document::MeetingDoc;
use crate::error::{Doing, Error, Result};
use crate::meetings::Meetings;
use crate::record;
use crate::request::{Request, Response};
use crate::schema::{FINGERPRINT, Fields, SEPARATOR, Version, What};
use crate::search::Search;

/// Threads that write; two cores are what the smallest server has.
const WRITER_THREADS: usize = 2;
/// Memory of each before it flushes, in bytes.
const WRITER_MEMORY: usize = 48_000_000;
/// Share of deleted passages from which a segment is rewritten, so that they really go.
const DELETED_SHARE: f32 = 0.25;

/// A search index. Shared between threads by reference.
pub struct Index {
    dir: PathBuf,
    fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    writer: Mutex<Option<IndexWriter>>,
    meetings: Meetings,
    /// `meta.json` as last loaded.
    seen: Mutex<Vec<u8>>,
}

/// What [`Index::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Meetings in the index.
    pub meetings: u64,
    /// Their passages.
    pub passages: u64,
    /// Files whose checksum is wrong; any of them means: rebuild.
    pub damaged: Vec<String>,
}

impl Index {
    /// Puts meetings in, replacing those of the same id; all of them or none. When it returns they
    /// are on disk and searchable. `meetings` must not itself write to this index.
    ///
    /// # Errors
    /// [`Error::BadMeeting`] for one that cannot be found rightly, [`Error::Busy`] where another
    /// process writes, and failures of the file system.
    pub fn put(&self, meetings: impl IntoIterator<Item = MeetingDoc>) -> Result<()> {
        self.write(|writer| {
            for meeting in meetings {
                meeting.check()?;
                writer.delete_term(Term::from_field_text(self.fields.meeting, &meeting.id));
                for document in record::documents(&self.fields, &meeting) {
                    writer.add_document(document).doing("Sitzung eintragen")?;
                }
            }
            Ok(())
        })
    }

    /// Takes a meeting out; one that is not there is no error.
    ///
    /// # Errors
    /// As for [`Index::put`].
    pub fn remove(&self, meeting_id: &str) -> Result<()> {
        self.write(|writer| {
            writer.delete_term(Term::from_field_text(self.fields.meeting, meeting_id));
            Ok(())
        })
    }

    /// Rewrites every file that still holds deleted passages, so that their bytes go too. Takes as
    /// long as those files are large; searching goes on meanwhile.
    ///
    /// # Errors
    /// As for [`Index::put`].
    pub fn purge(&self) -> Result<()> {
        const DOING: &str = "Gelöschtes aus dem Suchindex tilgen";
        self.release()?;
        let mut slot = self.writer();
        let mut writer = self.open_writer()?;
        for segment in self.index.searchable_segment_metas().doing(DOING)? {
            if segment.has_deletes() {
                writer.merge(&[segment.id()]).wait().doing(DOING)?;
            }
        }
        writer.garbage_collect_files().wait().doing(DOING)?;
        *slot = Some(writer);
        open::sync(&self.dir)?;
        self.refresh()
    }

    /// Waits for the merging of files and lets other processes write. The next change takes the
    /// lock again.
    ///
    /// # Errors
    /// A merge failed; what was put in before is safe.
    pub fn release(&self) -> Result<()> {
        match self.writer().take() {
            Some(writer) => writer.wait_merging_threads().doing("Dateien zusammenführen"),
            None => Ok(()),
        }
    }

    /// Sees what other processes have written since; costs one small file where nothing changed.
    ///
    /// # Errors
    /// Reading the index failed, or another version of the program has replaced it; searching goes
    /// on in the state last loaded.
    pub fn refresh(&self) -> Result<()> {
        let path = self.dir.join("meta.json");
        let meta = fs::read(&path).map_err(|source| Error::Io {
            doing: format!("Suchindex „{}“ lesen", path.display()),
            source,
        })?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen != meta {
            let now = self.index.load_metas().doing("Suchindex neu laden")?;
            if Version::read(now.payload.as_deref()) != Some(Version::current()) {
                return Err(Error::Replaced { dir: self.dir.clone() });
            }
            self.reader.reload().doing("Suchindex neu laden")?;
            // What was read may be older than what was loaded, never newer: at worst it loads again.
            *seen = meta;
        }
        Ok(())
    }

    /// What is in the index: fingerprints by meeting.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn fingerprints(&self) -> Result<BTreeMap<String, String>> {
        const DOING: &str = "Verzeichnis der Sitzungen lesen";
        let searcher = self.reader.searcher();
        let found = searcher.search(&self.all(What::Meeting), &DocSetCollector).doing(DOING)?;
        let mut fingerprints = BTreeMap::new();
        for address in found {
            let reader = searcher.segment_reader(address.segment_ord);
            let Some(column) = reader.fast_fields().str(FINGERPRINT).doing(DOING)? else {
                continue;
            };
            let mut entry = String::new();
            if let Some(number) = column.term_ords(address.doc_id).next() {
                column.ord_to_str(number, &mut entry).doing(DOING)?;
            }
            if let Some((id, fingerprint)) = entry.split_once(SEPARATOR) {
                fingerprints.insert(id.to_owned(), fingerprint.to_owned());
            }
        }
        Ok(fingerprints)
    }

    /// Answers a request from the state last loaded.
    ///
    /// # Errors
    /// Reading the index failed; no query is an error.
    pub fn search(&self, request: &Request) -> Result<Response> {
        let searcher = self.reader.searcher();
        Search { fields: &self.fields, searcher: &searcher, meetings: &self.meetings }.run(request)
    }

    /// Counts what is there and verifies every file's checksum.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn check(&self) -> Result<Checked> {
        const DOING: &str = "Suchindex prüfen";
        self.refresh()?;
        let searcher = self.reader.searcher();
        let count = |what| self.all(what).count(&searcher).doing(DOING);
        let damaged = self.index.validate_checksum().doing(DOING)?;
        let mut damaged: Vec<String> =
            damaged.into_iter().map(|file| file.display().to_string()).collect();
        damaged.sort();
        Ok(Checked {
            meetings: count(What::Meeting)? as u64,
            passages: count(What::Passage)? as u64,
            damaged,
        })
    }

    fn all(&self, what: What) -> TermQuery {
        TermQuery::new(self.fields.all(what), IndexRecordOption::Basic)
    }

    /// Makes `change` and commits it; on any failure nothing of it stays.
    fn write(&self, change: impl FnOnce(&IndexWriter) -> Result<()>) -> Result<()> {
        let mut slot = self.writer();
        let mut writer = match slot.take() {
            Some(writer) => writer,
            None => self.open_writer()?,
        };
        // A writer that failed is dropped here, and with it all that was not committed.
        change(&writer)?;
        commit(&mut writer)?;
        *slot = Some(writer);
        open::sync(&self.dir)?;
        self.refresh()
    }

    fn writer(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        // While somebody writes the slot is empty, so after a panic there is no half-used writer.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_writer(&self) -> Result<IndexWriter> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(WRITER_THREADS)
            .memory_budget_per_thread(WRITER_MEMORY)
            .num_merge_threads(1)
            .build();
        let writer = match self.index.writer_with_options(options) {
            Err(tantivy::TantivyError::LockFailure(..)) => {
                return Err(Error::Busy { dir: self.dir.clone() });
            }
            opened => opened.doing("Suchindex zum Schreiben öffnen")?,
        };
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        writer.set_merge_policy(Box::new(policy));
        // What a killed process left behind.
        writer.garbage_collect_files().wait().doing("alte Dateien löschen")?;
        Ok(writer)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Nobody is left to tell; an unfinished merge is only made again later.
        let _ = self.release();
    }
}

/// Commits with the version of this program.
fn commit(writer: &mut IndexWriter) -> Result<()> {
    const DOING: &str = "Suchindex schreiben";
    let mut prepared = writer.prepare_commit().doing(DOING)?;
    prepared.set_payload(&Version::current().payload());
    prepared.commit().doing(DOING)?;
    Ok(())
}
