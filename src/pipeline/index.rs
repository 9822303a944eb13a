//! The stage that fills the index from what of the archive may be seen: one meeting, all of them, anew;
//! each under the lock for writing it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::run::logged;
use super::{Pipeline, Redo, Stage};
use crate::align::{self, CutSpeeches};
use crate::archive::Guard;
use crate::domain::{
    Digest, Error, ErrorKind, FirstStage, MeetingId, Passage, Recording, Result, TextExtent,
};
use crate::edition::{Edition, Editions, Viewer};
use crate::pipeline::run::key;
use crate::search::{self, Indexable, Lesson, Recorded, Spoken, Wording};
use crate::store::Store;

/// Passages that are indexed in one go: a commit costs as much as some thousands of them.
const BATCH: usize = 250_000;
/// How long the index is waited for by those that must write it.
const PATIENCE: Duration = Duration::from_secs(60);

impl Pipeline<'_> {
    /// Takes the right to write the index.
    ///
    /// # Errors
    /// `Archive` where another process has it for too long.
    pub(super) fn lock_index(&self, patience: Duration) -> Result<Guard> {
        self.locks.index(patience)?.ok_or_else(|| {
            Error::archive("In den Suchindex schreibt gerade ein anderer Vorgang").remedy(
                "Was noch zu tun ist, holt der nächste Befehl oder die laufende Website nach",
            )
        })
    }

    /// Puts a meeting into the index as the archive holds it; gives whether anything was done.
    pub fn index(&self, id: &MeetingId) -> Result<bool> {
        self.index_again(id, Redo::Missing)
    }

    /// The same, where it is asked for also of a meeting that has not changed.
    pub(super) fn index_again(&self, id: &MeetingId, redo: Redo) -> Result<bool> {
        let _lock = self.lock_index(PATIENCE)?;
        if redo == Redo::From(FirstStage::Index) {
            self.searcher.remove(id.as_str())?;
        }
        let done = self.index_unlocked(id)?;
        if done {
            self.searcher.relearn_if_outgrown()?;
        }
        self.searcher.release()?;
        Ok(done)
    }

    pub(super) fn index_unlocked(&self, id: &MeetingId) -> Result<bool> {
        let known = self.searcher.fingerprint(id)?;
        let (searcher, known) = (self.searcher, known.as_deref());
        let entry = entry(self.store, id, known)?;
        // Before the index: where this is killed between the two, the next pass finds both undone.
        self.note(id, &entry)?;
        match entry.due {
            Due::Other(meeting) => logged(Stage::Index, id, None, || searcher.put([meeting]))?,
            Due::None if known.is_some() => searcher.remove(id.as_str())?,
            Due::Same | Due::None => return Ok(false),
        }
        Ok(true)
    }

    /// Notes what is shown of a meeting, and how much of it can be searched.
    fn note(&self, id: &MeetingId, entry: &IndexEntry) -> Result<()> {
        self.store.note_publication(id, entry.shows.as_ref())?;
        match &entry.extent {
            Some(extent) => self.store.note_extent(id, extent),
            None => Ok(()),
        }
    }

    /// Those of `meetings` that are not `known` as they should be indexed; the first that cannot be
    /// read is kept in `failed`, and keeps no other from being indexed.
    fn readable<'m>(
        &'m self,
        meetings: &'m [MeetingId],
        known: &'m BTreeMap<String, String>,
        failed: &'m mut Option<Error>,
    ) -> impl Iterator<Item = Indexable> + 'm {
        let read = move |id: &MeetingId| -> Result<Due> {
            let entry = entry(self.store, id, fingerprint(known, id))?;
            self.note(id, &entry)?;
            Ok(entry.due)
        };
        meetings.iter().filter_map(move |id| match read(id) {
            Ok(Due::Other(meeting)) => Some(meeting),
            Ok(Due::Same | Due::None) => None,
            Err(error) => {
                failed.get_or_insert(error);
                None
            }
        })
    }

    /// Makes the index hold just what the archive shows; gives how many meetings it had to touch.
    ///
    /// # Errors
    /// Writing the index failed, or a meeting could not be read: the first of these, when all
    /// others are done.
    pub fn index_all(&self) -> Result<usize> {
        let _lock = self.lock_index(PATIENCE)?;
        let done = self.index_all_unlocked();
        self.searcher.release()?;
        done
    }

    fn index_all_unlocked(&self) -> Result<usize> {
        let meetings: Vec<_> = self.store.meetings()?.into_iter().map(|m| m.id).collect();
        let mut touched = 0;
        let known = self.searcher.fingerprints()?;
        for indexed in known.keys() {
            let id = MeetingId::new(indexed.clone()).ok().filter(|id| meetings.contains(id));
            let shown = match id {
                // One that cannot be read is reported when it is its turn.
                Some(id) => {
                    let entry = entry(self.store, &id, fingerprint(&known, &id));
                    !matches!(entry, Ok(IndexEntry { due: Due::None, .. }))
                }
                None => false,
            };
            if !shown {
                self.store.note_index_purge(indexed)?;
                self.searcher.remove(indexed)?;
                touched += 1;
            }
        }
        self.learn_ahead(&meetings, &known)?;
        let mut failed = None;
        let mut changed = self.readable(&meetings, &known, &mut failed).peekable();
        while changed.peek().is_some() {
            let mut passages = 0;
            self.searcher.put(std::iter::from_fn(|| {
                let meeting = changed.next_if(|_| passages < BATCH)?;
                passages += meeting.passages();
                touched += 1;
                Some(meeting)
            }))?;
        }
        drop(changed);
        self.searcher.relearn_if_outgrown()?;
        failed.map_or(Ok(touched), Err)
    }

    /// Where most of the archive is still to be indexed, its words are learned first, so that it
    /// need not be indexed twice.
    fn learn_ahead(&self, meetings: &[MeetingId], known: &BTreeMap<String, String>) -> Result<()> {
        let new = |id: &&MeetingId| !known.contains_key(id.as_str());
        let new: Vec<&MeetingId> = meetings.iter().filter(new).collect();
        if new.len() <= known.len() {
            return Ok(());
        }
        let store = self.store;
        self.searcher.learn(Lesson::of(&new, |id: &&MeetingId| Ok(lesson(store, id, known)))?)
    }

    /// Builds the index anew from what the archive shows, in one step: whoever searches meanwhile
    /// is answered from the old one. Gives how many meetings it holds.
    ///
    /// # Errors
    /// Writing the index failed, or a meeting could not be read: the first of these, when all
    /// others are done.
    pub fn rebuild_index(&self) -> Result<usize> {
        let _lock = self.lock_index(PATIENCE)?;
        let meetings: Vec<_> = self.store.meetings()?.into_iter().map(|m| m.id).collect();
        let nothing = BTreeMap::new();
        let store = self.store;
        let words = Lesson::of(&meetings, |id: &MeetingId| Ok(lesson(store, id, &nothing)))?;
        let mut failed = None;
        let mut count = 0;
        let counted = self.readable(&meetings, &nothing, &mut failed).inspect(|_| count += 1);
        self.searcher.rebuild(&words, counted)?;
        self.searcher.release()?;
        failed.map_or(Ok(count), Err)
    }
}

/// What is to be learned of a meeting. What cannot be read is reported when it is its turn to be indexed.
fn lesson(store: &Store, id: &MeetingId, known: &BTreeMap<String, String>) -> Option<Indexable> {
    match entry(store, id, fingerprint(known, id)) {
        Ok(IndexEntry { due: Due::Other(meeting), .. }) => Some(meeting),
        _ => None,
    }
}

fn fingerprint<'k>(known: &'k BTreeMap<String, String>, id: &MeetingId) -> Option<&'k str> {
    known.get(id.as_str()).map(String::as_str)
}

/// A meeting as it should be in the index.
pub(super) struct IndexEntry {
    /// What the index should have of it.
    pub due: Due,
    /// The hash of what is shown of it; none where nothing is.
    pub shows: Option<Digest>,
    /// How much of it can be searched, where that was looked at.
    pub extent: Option<TextExtent>,
}

/// What the index should have of a meeting.
pub(super) enum Due {
    /// What it has.
    Same,
    /// Something else.
    Other(Indexable),
    /// Nothing: the meeting may not be seen.
    None,
}

/// The meeting as it should be in the index, which has it with the fingerprint `known`, if at all.
pub(super) fn entry(store: &Store, id: &MeetingId, known: Option<&str>) -> Result<IndexEntry> {
    let editions = Editions::new(store.clone(), Viewer::Public);
    let (council, recordings) = (store.council(id)?, store.recordings(id)?);
    let text = (store.alignment_key(id)?, store.speeches_key(id)?, store.shown_transcripts(id)?);
    let decisive = editions.decisive(id)?;
    let fingerprint =
        key(&(search::VERSION, align::VERSION, &council, &recordings, &text, &decisive))?;
    let edition = match known == Some(fingerprint.as_str()) {
        true => None,
        false => match editions.load(id) {
            // That it is there, the council says: what is not found is not published.
            Err(error) if matches!(error.kind(), ErrorKind::Withdrawn | ErrorKind::NotFound) => {
                return Ok(IndexEntry { due: Due::None, shows: None, extent: None });
            }
            loaded => Some(loaded?),
        },
    };
    // By content: neither another version of the program nor another place of a file changes anything.
    let films = recordings.iter().map(|r| (&r.sha256, r.offset, &r.public, &r.video_url));
    let (films, (_, speeches, texts)) = (films.collect::<Vec<_>>(), &text);
    let shows = key(&(&council, films, store.alignment_content(id)?, speeches, texts, &decisive))?;
    let extent = edition.as_ref().map(Edition::extent);
    let due = edition.map_or(Due::Same, |edition| Due::Other(indexable(&edition, &fingerprint)));
    Ok(IndexEntry { due, shows: Some(shows), extent })
}

/// The documents of a meeting as it is shown.
fn indexable(edition: &Edition, fingerprint: &Digest) -> Indexable {
    let recordings: Vec<Recording> = edition.parts.iter().map(|p| p.recording.clone()).collect();
    let (council, elsewhere) = (&edition.council, &edition.elsewhere);
    let document =
        |said: Wording<'_>| Indexable::new(fingerprint, council, &recordings, elsewhere, said);
    if let Some((transcript, alignment)) = &edition.text {
        let passages = &align::passages(transcript, alignment);
        let review = |p: &Passage| edition.text_review(p.item.as_slice());
        let reviews = &passages.iter().map(review).collect::<Vec<_>>();
        return document(Wording::Heard(Spoken { transcript, alignment, passages, reviews }));
    }
    let speeches = &edition.speeches;
    let CutSpeeches { words, passages } = &align::passages_of_speeches(speeches);
    document(match speeches.is_empty() {
        true => Wording::Nothing,
        false => Wording::Recorded(Recorded { speeches, words, passages }),
    })
}
