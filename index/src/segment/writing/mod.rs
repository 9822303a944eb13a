//! Meetings to files of the index, by threads that analyse as well as write: every core that
//! indexes also reads.

mod filters;
mod lexicon;
mod reader;
mod segment;
mod texts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;

use tantivy::index::SegmentMeta;

use crate::analysis::Analyzer;
use crate::model::document::MeetingDoc;
use crate::model::error::{Doing, Error, Result};
use crate::segment::index_document::IndexDocument;
use crate::segment::record;
use crate::segment::schema::Fields;
use lexicon::Lexicon;
use reader::Reader;
use segment::SegmentWriter;
use texts::Sorter;

/// Threads that write; two cores are what the smallest server has.
const THREADS: usize = 2;
/// Bytes of the texts of one file that are kept in memory; sorting them takes about as much again.
const FILE_BYTES: usize = 100_000_000;
/// Meetings that wait to be written.
const WAITING: usize = 4;

const DOING: &str = "Suchindex schreiben";

/// Says that a thread has failed, when it is dropped.
struct Failing<'t>(&'t AtomicBool);

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What is written.
pub(crate) enum SegmentInput {
    Meeting(MeetingDoc),
    Document(IndexDocument<'static>),
}

/// The analysis by which is written, and what was read by it.
#[derive(Debug, Default)]
pub(crate) struct Writing {
    analyzer: RwLock<Arc<Analyzer>>,
    /// What threads have read that ended, for those that follow.
    readers: Mutex<Vec<Reader>>,
}

/// Takes what is to be written.
pub(crate) struct SegmentQueue<'t> {
    sender: SyncSender<SegmentInput>,
    failed: &'t AtomicBool,
}

impl SegmentQueue<'_> {
    /// Has `entry` written by one of the threads, soon.
    ///
    /// # Errors
    /// One of them failed, with an error that [`Writing::write`] gives.
    pub(crate) fn put(&self, entry: SegmentInput) -> Result<()> {
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

    /// Writes what `putting` puts into the queue, all of it with these names, into new files that are
    /// not part of the index yet. What one meeting has is in one file.
    ///
    /// # Errors
    /// Writing failed, or `putting` did.
    pub(crate) fn write(
        &self,
        index: &tantivy::Index,
        fields: &Fields,
        written_by: &[String],
        putting: impl FnOnce(&SegmentQueue<'_>) -> Result<()>,
    ) -> Result<Vec<SegmentMeta>> {
        let (sender, receiver) = sync_channel(WAITING);
        // Those that write own it together: when the last of them has failed, so does the sender.
        let receiver = Arc::new(Mutex::new(receiver));
        let failed = AtomicBool::new(false);
        // Not by rayon: these wait for the queue, and what waits would hold up its threads.
        thread::scope(|threads| {
            let write = || {
                let receiver = Arc::clone(&receiver);
                let failed = &failed;
                let work = move || {
                    // Also where it panics.
                    let unless_done = Failing(failed);
                    let written = self.work(index, fields, written_by, &receiver);
                    if written.is_ok() {
                        std::mem::forget(unless_done);
                    }
                    written
                };
                thread::Builder::new().name("index".to_owned()).spawn_scoped(threads, work)
            };
            // With one it takes longer.
            let first = write().map_err(tantivy::TantivyError::from).doing(DOING)?;
            let threads: Vec<_> =
                std::iter::once(first).chain((1..THREADS).map_while(|_| write().ok())).collect();
            drop(receiver);
            let put = putting(&SegmentQueue { sender, failed: &failed });
            let mut files = Vec::new();
            for thread in threads {
                match thread.join() {
                    Ok(written) => files.extend(written.doing(DOING)?),
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
        receiver: &Mutex<Receiver<SegmentInput>>,
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
                None => SegmentWriter::new(index, fields)?,
            };
            match entry {
                SegmentInput::Document(document) => file.add(&document, written_by, &mut reader)?,
                SegmentInput::Meeting(meeting) => {
                    for document in record::documents(fields, &meeting) {
                        file.add(&document, written_by, &mut reader)?;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tantivy::postings::Postings;
    use tantivy::query::Bm25StatisticsProvider;
    use tantivy::schema::{Field, IndexRecordOption};
    use tantivy::{DocSet, Searcher, TERMINATED};

    use super::*;
    use crate::model::document::{Kind, PassageDoc};
    use crate::model::words::Words;
    use crate::segment::schema::{IndexedText, SearchField};

    /// Terms, with the documents and positions where they are.
    type Lists = BTreeMap<String, Vec<(u32, Vec<u32>)>>;

    fn meeting(passages: &[(Vec<String>, Vec<String>)]) -> MeetingDoc {
        let passage = |(n, (own, ahead)): (usize, &(Vec<String>, Vec<String>))| PassageDoc {
            id: format!("m/{n}"),
            order: 0,
            kind: Kind::Spoken,
            item: None,
            speaker: None,
            first_word: 0,
            words: own.iter().collect::<Words>(),
            lookahead: ahead.iter().collect::<Words>(),
            word_times: Vec::new(),
            start_ms: None,
            end_ms: None,
            link: None,
            review: None,
            role: None,
            formula: false,
            unlisted: false,
            vote: None,
        };
        MeetingDoc {
            id: "m".to_owned(),
            name: "Sitzung".to_owned(),
            date: None,
            body: "Havelland".to_owned(),
            organization: "Kreistag".to_owned(),
            extra: String::new(),
            fingerprint: String::new(),
            passages: passages.iter().enumerate().map(passage).collect(),
        }
    }

    fn written(fields: &Fields, meeting: MeetingDoc) -> Searcher {
        let index = tantivy::Index::create_in_ram(fields.schema.clone());
        let writing = Writing::default();
        let files =
            writing.write(&index, fields, &[], |queue| queue.put(SegmentInput::Meeting(meeting)));
        let mut writer: tantivy::IndexWriter =
            index.writer_with_num_threads(1, 15_000_000).unwrap();
        files.unwrap().into_iter().for_each(|file| writer.add_segment(file).unwrap());
        writer.commit().unwrap();
        index.reader().unwrap().searcher()
    }

    fn lists(searcher: &Searcher, field: Field) -> Lists {
        let mut lists = Lists::new();
        for reader in searcher.segment_readers() {
            let inverted = reader.inverted_index(field).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                let option = IndexRecordOption::WithFreqsAndPositions;
                let info = terms.value();
                let mut postings = inverted.read_postings_from_terminfo(info, option).unwrap();
                let mut list = Vec::new();
                while postings.doc() != TERMINATED {
                    let mut positions = Vec::new();
                    postings.positions(&mut positions);
                    list.push((postings.doc(), positions));
                    postings.advance();
                }
                assert_eq!(list.len(), info.doc_freq as usize);
                lists.insert(String::from_utf8(terms.key().to_vec()).unwrap(), list);
            }
        }
        lists
    }

    /// What `forms` gives for the words of each text, of which the first stands at the given
    /// position; the first document is the meeting itself.
    fn expected(
        texts: impl Iterator<Item = (u32, Vec<String>)>,
        forms: impl Fn(&str) -> Option<Vec<String>>,
    ) -> Lists {
        let mut lists = Lists::new();
        for (doc, (first, words)) in (1..).zip(texts) {
            let spoken = words.iter().filter_map(|word| forms(word));
            for (position, forms) in (first..).zip(spoken) {
                for form in forms {
                    let list = lists.entry(form).or_default();
                    match list.last_mut().filter(|(last, _)| *last == doc) {
                        Some((_, positions)) => positions.push(position),
                        None => list.push((doc, vec![position])),
                    }
                }
            }
        }
        lists
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Every form of every word is in its field, at the word's position, and nothing else is.
        /// (Of words whose forms do not depend on those around them; those that do are known by
        /// what finds them, see the crate's other tests.)
        #[test]
        fn a_file_holds_the_forms_of_its_words_where_they_stand(
            passages in prop::collection::vec(
                (
                    prop::collection::vec("(Kreistag|Kreistagssitzung|sitzen,|–|und|\\(der|Havel-Land|Straße|[a-f]{4,5})", 1..30),
                    prop::collection::vec("(Kreistages|–|und|Sitzung\\.)", 0..5),
                ),
                1..20,
            ),
        ) {
            let fields = Fields::new();
            let analyzer = Analyzer::default();
            let searcher = written(&fields, meeting(&passages));
            let exact = |word: &str| Some(analyzer.look_up(word)?.exact);
            let stems = |word: &str| Some(analyzer.look_up(word)?.stems);
            let parts = |word: &str| Some(analyzer.look_up(word)?.parts);
            let own = || passages.iter().map(|(own, _)| (0, own.clone()));
            let n_own = |words: &[String]| words.iter().filter_map(|word| exact(word)).count() as u32;
            let ahead = || passages.iter().map(|(own, ahead)| (n_own(own), ahead.clone()));
            for (text, is_own) in [(IndexedText::Of(SearchField::Spoken), true), (IndexedText::Ahead, false)] {
                let of = |forms: &dyn Fn(&str) -> Option<Vec<String>>| match is_own {
                    true => expected(own(), forms),
                    false => expected(ahead(), forms),
                };
                let all = [of(&exact), of(&stems), of(&parts)];
                for ((field, held), expected) in fields.of_text(text).into_iter().zip(all) {
                    let tokens: usize = expected.values().flatten().map(|(_, at)| at.len()).sum();
                    prop_assert_eq!(lists(&searcher, field), expected, "{:?} {:?}", text, held);
                    prop_assert_eq!(searcher.total_num_tokens(field).unwrap(), tokens as u64);
                }
            }
        }
    }
}
