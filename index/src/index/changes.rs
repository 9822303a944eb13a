//! Changes of the index: meetings are put in and taken out, each time in one commit by the one
//! process that has the lock. What searches see of it is loaded elsewhere.

use std::collections::HashSet;
use std::convert::Infallible;
use std::fs;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tantivy::index::SegmentId;
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, Term};

use super::commit::{IDLE_MEMORY, commit};
use super::dictionary::Dictionary;
use super::files::MANAGED;
use super::state::{Index, IndexState};
use super::{merging, place};
use crate::analysis::Vocabulary;
use crate::model::document::MeetingDoc;
use crate::model::error::{Doing, Error, Result};
use crate::segment::record;
use crate::segment::schema::{DocumentKind, Payload};
use crate::segment::writing::{SegmentInput, SegmentQueue};

/// Documents up to which an index learns its words anew with every fifth more; a larger one does
/// when it has doubled, so that all of it together costs no more than indexing twice.
const SMALL: u64 = 5_000;
/// How often the lock for writing is asked for, and how long it is waited in between.
const LOCK_TRIES: usize = 25;
/// See [`LOCK_TRIES`].
const LOCK_PAUSE: Duration = Duration::from_millis(40);

/// What one commit changes, part by part. Deletions may reach all files of the commit, also those
/// that were written after them: so each part has a name, documents bear that of their own part and
/// of those before it, and what a part deletes is what does not bear its name.
struct ChangeSet {
    /// Of no other change.
    name: String,
    part: u32,
}

impl ChangeSet {
    /// The first part of a commit.
    fn new() -> Self {
        Self { name: SegmentId::generate_random().uuid_string(), part: 0 }
    }

    fn name(&self, part: u32) -> String {
        format!("{}.{part}", self.name)
    }

    /// What its documents bear.
    fn names(&self) -> Vec<String> {
        (0..=self.part).map(|part| self.name(part)).collect()
    }
}

impl Index {
    /// Puts meetings in, replacing those of the same id; all of them or none. When it returns they
    /// are on disk and searchable. `meetings` must not itself write to this index. Compounds are
    /// split by the words learned last; see [`Index::outgrown`].
    ///
    /// # Errors
    /// [`Error::BadMeeting`] for one that cannot be found rightly, [`Error::Busy`] where another
    /// process writes, and failures of the file system.
    pub fn put(&self, meetings: impl IntoIterator<Item = MeetingDoc>) -> Result<()> {
        let meetings = meetings.into_iter().map(Ok::<_, Infallible>);
        self.write(|writer, payload| {
            self.add_all(writer, &mut ChangeSet::new(), meetings, &mut None)?;
            Ok(payload.clone())
        })
    }

    /// Makes the index hold these meetings and nothing else, in one step: until it returns,
    /// searches see what was there before, also those of other processes. Compounds are split by
    /// `words`.
    ///
    /// # Errors
    /// As for [`Index::put`], and the first error that `meetings` gives; nothing has changed then.
    pub fn rebuild<E: From<Error>>(
        &self,
        words: &Vocabulary,
        meetings: impl Iterator<Item = Result<MeetingDoc, E>>,
    ) -> Result<(), E> {
        self.rewrite(words, 0, || Ok(meetings))
    }

    /// Whether the index holds so much more than when it learned its words that it should learn
    /// them again, if `more` passages were added.
    pub fn outgrown(&self, more: u64) -> bool {
        let state = self.state();
        let documents = state.searcher.num_docs() + more;
        let known = state.payload.learned;
        match documents < SMALL {
            true => documents * 5 >= known * 6 && documents > known,
            false => documents >= known * 2,
        }
    }

    /// Splits all compounds anew, by the words of the index and by `others`, which `more` passages
    /// are about to bring. Takes about as long as indexing everything again; searching goes on.
    ///
    /// # Errors
    /// As for [`Index::put`].
    pub fn relearn(&self, others: Vocabulary, more: u64) -> Result<()> {
        let stored = || -> Result<_> {
            self.refresh()?;
            let state = self.state();
            Ok((self.fingerprints_in(&state.searcher)?, state))
        };
        let read = |state: &IndexState, id: &str, fingerprint: &str| {
            record::stored_meeting(&self.fields, &state.searcher, id, fingerprint)
        };
        let mut words = self.guarded(|| {
            let (meetings, state) = stored()?;
            let some = meetings.iter().step_by(Vocabulary::step(meetings.len()));
            Vocabulary::of(some, |(id, fingerprint)| read(&state, id, fingerprint).map(Some))
        })?;
        words.extend(others);
        // Once more, when nobody else writes any longer: what was put in meanwhile must stay.
        self.rewrite(&words, more, || {
            let (meetings, state) = stored()?;
            let all = meetings.into_iter();
            Ok(all.map(move |(id, fingerprint)| read(&state, &id, &fingerprint)))
        })
    }

    /// `meetings` is called when nobody else can write.
    fn rewrite<E: From<Error>, M: Iterator<Item = Result<MeetingDoc, E>>>(
        &self,
        words: &Vocabulary,
        more: u64,
        meetings: impl FnOnce() -> Result<M>,
    ) -> Result<(), E> {
        let dictionary = Dictionary::new(words.entries(), words.explained(), words.places());
        let mut failed = None;
        let written = self.write(|writer, before| {
            self.writing.set(Arc::new(dictionary.analyzer()));
            let mut change = ChangeSet::new();
            for what in [DocumentKind::Passage, DocumentKind::Meeting, DocumentKind::Dictionary] {
                self.delete_older(writer, self.fields.all(what), &change)?;
            }
            let added = self.add_all(writer, &mut change, meetings()?, &mut failed)?;
            self.add_dictionary(writer, &change, &dictionary)?;
            // The dictionary is one too.
            let documents = 1 + more + added;
            Ok(Payload::new(dictionary.name().to_owned(), documents, before.purged))
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(written?),
        }
    }

    /// Puts meetings in the place of those of the same id and gives how many documents they are;
    /// the first error they give is kept in `failed`, and whatever is returned then keeps them from
    /// being committed.
    fn add_all<E>(
        &self,
        writer: &IndexWriter,
        change: &mut ChangeSet,
        meetings: impl Iterator<Item = Result<MeetingDoc, E>>,
        failed: &mut Option<E>,
    ) -> Result<u64> {
        let mut meetings = meetings.peekable();
        let mut documents = 0;
        while meetings.peek().is_some() {
            let mut ids = HashSet::new();
            // A meeting that comes twice replaces the one that came before.
            let is_new = |next: &Result<MeetingDoc, E>, ids: &HashSet<String>| {
                next.as_ref().map_or(true, |meeting| !ids.contains(&meeting.id))
            };
            self.add(writer, change, |queue| {
                while let Some(meeting) = meetings.next_if(|next| is_new(next, &ids)) {
                    let meeting = meeting.map_err(|error| {
                        *failed = Some(error);
                        Error::Damaged { what: "eine Sitzung fehlt".to_owned() }
                    })?;
                    meeting.check()?;
                    let same = Term::from_field_text(self.fields.meeting, &meeting.id);
                    self.delete_older(writer, same, change)?;
                    documents += 1 + meeting.passages.len() as u64;
                    ids.insert(meeting.id.clone());
                    queue.put(SegmentInput::Meeting(meeting))?;
                }
                Ok(())
            })?;
            change.part += 1;
        }
        Ok(documents)
    }

    fn add_dictionary(
        &self,
        writer: &IndexWriter,
        change: &ChangeSet,
        dictionary: &Dictionary,
    ) -> Result<()> {
        let document = dictionary.document(&self.fields);
        self.add(writer, change, |queue| queue.put(SegmentInput::Document(document)))
    }

    /// Adds what `putting` puts into the queue as a part of `change`.
    fn add(
        &self,
        writer: &IndexWriter,
        change: &ChangeSet,
        putting: impl FnOnce(&SegmentQueue<'_>) -> Result<()>,
    ) -> Result<()> {
        for file in self.writing.write(writer.index(), &self.fields, &change.names(), putting)? {
            writer.add_segment(file).doing("Suchindex schreiben")?;
        }
        Ok(())
    }

    /// Deletes the documents that have `term` and are older than this part of `change`.
    fn delete_older(&self, writer: &IndexWriter, term: Term, change: &ChangeSet) -> Result<()> {
        let of =
            |term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
        let name = change.name(change.part);
        let newer = of(Term::from_field_text(self.fields.written_by, &name));
        let older = BooleanQuery::new(vec![(Occur::Must, of(term)), (Occur::MustNot, newer)]);
        writer.delete_query(Box::new(older)).doing("Veraltetes aus dem Suchindex streichen")?;
        Ok(())
    }

    /// Takes a meeting out; one that is not there is no error.
    ///
    /// # Errors
    /// As for [`Index::put`].
    pub fn remove(&self, meeting_id: &str) -> Result<()> {
        self.write(|writer, payload| {
            writer.delete_term(Term::from_field_text(self.fields.meeting, meeting_id));
            Ok(payload.clone())
        })
    }

    /// Rewrites every file that still holds deleted passages, so that their bytes go too, also
    /// from the words that were learned. Takes as long as those files are large; searching goes on
    /// meanwhile. When it returns, no answer, correction or completion knows what was deleted; other
    /// processes offer nothing of before as soon as they see the change.
    ///
    /// # Errors
    /// As for [`Index::put`].
    pub fn purge(&self) -> Result<()> {
        self.merge_deleted()?;
        let state = self.state();
        let forgotten = self.guarded(|| {
            let dictionary = Dictionary::read(&self.fields, &state.searcher)?;
            let Some(mut words) = dictionary else { return Ok(None) };
            Ok(words.forget(&self.fields, &state.searcher)?.then_some(words))
        })?;
        self.write(|writer, payload| {
            let purged = payload.purged + 1;
            let Some(dictionary) = &forgotten else {
                return Ok(Payload::new(payload.dictionary.clone(), payload.learned, purged));
            };
            let change = ChangeSet::new();
            self.delete_older(writer, self.fields.all(DocumentKind::Dictionary), &change)?;
            self.add_dictionary(writer, &change, dictionary)?;
            Ok(Payload::new(dictionary.name().to_owned(), payload.learned, purged))
        })?;
        if forgotten.is_some() {
            self.merge_deleted()?;
        }
        let state = self.state();
        if state.older.is_some() {
            self.guarded(|| self.gathered(&state))?;
        }
        Ok(())
    }

    fn merge_deleted(&self) -> Result<()> {
        const DOING: &str = "Gelöschtes aus dem Suchindex tilgen";
        self.release()?;
        let mut slot = self.writer();
        self.guarded(|| {
            let mut writer = self.open_writer()?;
            for segment in self.index.searchable_segment_metas().doing(DOING)? {
                if segment.has_deletes() {
                    writer.merge(&[segment.id()]).wait().doing(DOING)?;
                }
            }
            writer.garbage_collect_files().wait().doing(DOING)?;
            *slot = Some(writer);
            Ok(())
        })?;
        place::sync(&self.dir)?;
        self.refresh()
    }

    /// Waits for the merging of files and lets other processes write. The next change takes the
    /// lock again.
    ///
    /// # Errors
    /// A merge failed, or its result could not be read; what was put in before is safe.
    pub fn release(&self) -> Result<()> {
        let writer = self.writer().take();
        // Also what the threads of a change that failed have read.
        self.writing.forget();
        let Some(writer) = writer else { return Ok(()) };
        self.guarded(|| writer.wait_merging_threads().doing("Dateien zusammenführen"))?;
        // Fewer files answer faster, and those that they replace can go.
        self.refresh()
    }

    /// Lets others write without waiting for the merging of files, because the index is about to be
    /// made anew; what was not committed is lost.
    pub fn abandon(&self) {
        drop(self.writer().take());
    }

    /// Makes `change` and commits it with the payload that it gives; on any failure nothing of it
    /// stays.
    fn write(&self, change: impl FnOnce(&IndexWriter, &Payload) -> Result<Payload>) -> Result<()> {
        let mut slot = self.writer();
        self.guarded(|| {
            let mut writer = match slot.take() {
                Some(writer) => writer,
                None => self.open_writer()?,
            };
            // A writer that failed is dropped here, and with it all that was not committed.
            let payload = change(&writer, &self.state().payload)?;
            commit(&mut writer, &payload)?;
            *slot = Some(writer);
            Ok(())
        })?;
        place::sync(&self.dir)?;
        self.refresh()
    }

    fn writer(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        // While somebody writes the slot is empty, so after a panic there is no half-used writer.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A writer that knows all files of the index. Tantivy reads its list of them when an index is
    /// opened and writes it whole: what others have added since would be lost from it, and so never
    /// be deleted. So what writes is opened afresh, and again where somebody else had the lock.
    fn lock(&self) -> Result<IndexWriter> {
        const DOING: &str = "Suchindex zum Schreiben öffnen";
        for _ in 0..LOCK_TRIES {
            let list = fs::read(self.dir.join(MANAGED)).ok();
            let index = place::open_files(&self.dir).doing(DOING)?;
            let options = IndexWriterOptions::builder()
                .num_worker_threads(1)
                .memory_budget_per_thread(IDLE_MEMORY)
                .num_merge_threads(1)
                .build();
            let writer = match index.writer_with_options(options) {
                // Held for a moment by every process that one with the lock is just starting.
                Err(tantivy::TantivyError::LockFailure(..)) => {
                    thread::sleep(LOCK_PAUSE);
                    continue;
                }
                opened => opened.doing(DOING)?,
            };
            if fs::read(self.dir.join(MANAGED)).ok() == list {
                return Ok(writer);
            }
        }
        Err(Error::Busy { dir: self.dir.clone() })
    }

    fn open_writer(&self) -> Result<IndexWriter> {
        let writer = self.lock()?;
        writer.set_merge_policy(Box::new(merging::Sizes));
        // Tantivy numbers the first deletion of a writer like the last commit, so that a merge would
        // make it last before the rest of its change. This number is given to nothing.
        writer.run([]).doing("Suchindex zum Schreiben öffnen")?;
        // Others may have written, and learned, until the lock was taken.
        self.refresh()?;
        self.writing.set(Arc::clone(&self.state().analyzer));
        // What killed processes left behind.
        place::forget_retired(&self.dir)?;
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
