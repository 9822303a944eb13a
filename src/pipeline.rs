//! The order of the stages: publish, transcribe, align, index. Each stage has a key of everything
//! it depends on; where the archive holds its result under that key already, nothing is done.

mod effort;
mod files;
mod hearing;
mod indexable;
mod kept;
mod recognition;
mod terms;
mod vocabulary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::child::ChildProgram;
use crate::domain::{Cutting, Error, MeetingId, Recording, Result};
use crate::media::Decoder;
use crate::models;
use crate::search::{Indexable, Lesson, Searcher};
use crate::store::{Published, Store};
use crate::transcribe::Hints;
use crate::{align, transcribe};

pub use effort::{Efforts, Wanted};
pub use files::{hash, sweep, verify};
pub use recognition::{Recognition, Source, settings};
pub use terms::{ModelChoice, Outcome, Progress, Redo, Stage};
pub use vocabulary::{read_vocabulary, vocabulary};

use indexable::indexable_unless;
use kept::Kept;
use recognition::model_digest;
use terms::key;

/// Passages that are indexed in one go: a commit costs as much as some thousands of them.
const BATCH: usize = 250_000;

/// The language of council meetings.
const LANGUAGE: &str = "de";

/// The stages with everything they need.
pub struct Pipeline<'a> {
    /// The archive.
    pub store: &'a Store,
    /// The index.
    pub searcher: &'a Searcher,
    /// Where public copies are kept.
    pub data_dir: &'a Path,
    /// How the recogniser's process is started.
    pub engine: ChildProgram,
    /// Where files are decoded.
    pub decoder: Decoder,
    /// How windows are cut.
    pub cutting: Cutting,
    /// How many windows are recognised at once.
    pub wanted: Wanted,
    /// What is remembered of that.
    pub efforts: Efforts,
    /// Where models are looked for.
    pub model_dirs: Vec<PathBuf>,
    /// Who is told.
    pub progress: &'a dyn Progress,
}

impl Pipeline<'_> {
    /// Brings one meeting up to date.
    ///
    /// # Errors
    /// Those of the stages; what was finished before stays.
    pub fn run(&self, id: &MeetingId, choice: &ModelChoice, redo: Redo) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut failure = None;
        for recording in self.store.recordings(id)? {
            match self.recording(id, &recording, choice, redo) {
                Ok(done) => outcome.transcribed += usize::from(done),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        // What there is is shown, even where a recording failed.
        outcome.aligned = self.align(id, redo)?;
        outcome.indexed = self.index(id)?;
        failure.map_or(Ok(outcome), Err)
    }

    /// Gives whether it was transcribed.
    fn recording(
        &self,
        id: &MeetingId,
        recording: &Recording,
        choice: &ModelChoice,
        redo: Redo,
    ) -> Result<bool> {
        let done = self.transcribe(id, recording, choice, redo)?;
        self.publish(id, recording)?;
        Ok(done)
    }

    /// Names the file that the site may serve; cuts a public copy where parts are not public.
    fn publish(&self, id: &MeetingId, recording: &Recording) -> Result<()> {
        let published = self.store.published(id, &recording.sha256)?;
        let whole = |p: &Published| p.path.metadata().is_ok_and(|m| m.len() == p.bytes);
        if published.is_some_and(|p| whole(&p)) {
            return Ok(());
        }
        let servable = files::servable(recording, self.data_dir, self.progress)?;
        servable.map_or(Ok(()), |file| self.store.put_published(id, &recording.sha256, &file))
    }

    /// Gives whether anything was done.
    fn transcribe(
        &self,
        id: &MeetingId,
        recording: &Recording,
        choice: &ModelChoice,
        redo: Redo,
    ) -> Result<bool> {
        let shown = self.store.transcript_key(id, &recording.sha256)?;
        let name = match (choice, &shown, redo) {
            (ModelChoice::Otherwise(_), Some(_), Redo::Missing) => return Ok(false),
            (ModelChoice::Otherwise(_), Some((_, model)), _) => model,
            (ModelChoice::Otherwise(name) | ModelChoice::Exactly(name), ..) => name,
        };
        let model = match choice {
            // A model of one's own is remembered by name only; its file may be anywhere.
            ModelChoice::Otherwise(other) => models::find(name, &self.model_dirs)
                .or_else(|_| models::find(other, &self.model_dirs))?,
            ModelChoice::Exactly(_) => models::find(name, &self.model_dirs)?,
        };
        let (digest, settings) = (model_digest(&model)?, settings(&model, LANGUAGE));
        let key = key(&(
            &recording.sha256,
            &recording.public,
            (&recording.sound, &recording.seats),
            &digest,
            &settings,
            &self.cutting,
            transcribe::engine_version(),
            transcribe::VERSION,
        ))?;
        let kept = shown.is_some_and(|(k, _)| k == key)
            || self.store.show_transcript(id, &recording.sha256, &key)?;
        if kept && redo == Redo::Missing {
            return Ok(false);
        }
        // The digest of a model of one's own was just computed from its file.
        if model.spec.is_some() {
            verify(&model, self.progress)?;
        }
        files::unchanged(recording, self.progress)?;
        if redo == Redo::Everything {
            self.store.forget_windows(id, &recording.sha256)?;
        }
        let source = Source {
            path: &recording.path,
            sha256: &recording.sha256,
            public: &recording.public,
            sound: &recording.sound,
            seats: &recording.seats,
        };
        let journal = Kept { store: self.store, meeting: id, recording: &recording.sha256 };
        let pass = |hints: &Hints| {
            let recognition = Recognition {
                model: &model,
                model_sha256: &digest,
                settings: settings.clone(),
                cutting: self.cutting,
                engine: &self.engine,
                decoder: &self.decoder,
                wanted: self.wanted,
                efforts: &self.efforts,
                journal: Some(&journal),
                hints,
                progress: self.progress,
            };
            recognition.transcribe(&source)
        };
        let transcript = hearing::hear(recording, &self.store.council(id)?, &model, &pass)?;
        if redo == Redo::Everything {
            self.store.forget_transcript(id, &recording.sha256, &key)?;
        }
        self.store.put_transcript(id, &recording.sha256, &key, &transcript)?;
        Ok(true)
    }

    fn align(&self, id: &MeetingId, redo: Redo) -> Result<bool> {
        let council = self.store.council(id)?;
        let shown = self.store.shown_transcripts(id)?;
        let fixed = self.store.fixed_points(id)?;
        let key = key(&(align::VERSION, &council, &shown, &fixed))?;
        if redo == Redo::Missing && self.store.alignment_key(id)?.as_ref() == Some(&key) {
            return Ok(false);
        }
        let Some(transcript) = self.store.meeting_transcript(id)? else { return Ok(false) };
        self.progress.begin(Stage::Alignment, "Tagesordnung und Redende", None);
        let alignment = align::align(&transcript, &council, &fixed);
        self.store.put_alignment(id, &key, &alignment)?;
        self.progress.end();
        Ok(true)
    }

    /// Puts a meeting into the index as the archive holds it; gives whether anything was done.
    pub fn index(&self, id: &MeetingId) -> Result<bool> {
        let missing = indexable_unless(self.store, id, &self.searcher.fingerprints()?)?;
        let done = missing.is_some();
        self.searcher.put(missing)?;
        if done {
            self.searcher.relearn_if_outgrown()?;
        }
        Ok(done)
    }

    /// Those of `meetings` that are not `known` as they should be indexed; the first that cannot be
    /// read is kept in `failed`, and keeps no other from being indexed.
    fn readable<'m>(
        &'m self,
        meetings: &'m [MeetingId],
        known: &'m BTreeMap<String, String>,
        failed: &'m mut Option<Error>,
    ) -> impl Iterator<Item = Indexable> + 'm {
        meetings.iter().filter_map(|id| match indexable_unless(self.store, id, known) {
            Ok(changed) => changed,
            Err(error) => {
                failed.get_or_insert(error);
                None
            }
        })
    }

    /// Makes the index hold just what the archive holds, and no bytes of what was withdrawn; gives
    /// how many meetings it had to touch.
    ///
    /// # Errors
    /// Writing the index failed, or a meeting could not be read: the first of these, when all
    /// others are done.
    pub fn index_all(&self) -> Result<usize> {
        let meetings: Vec<_> = self.store.meetings()?.into_iter().map(|m| m.id).collect();
        let mut touched = 0;
        let known = self.searcher.fingerprints()?;
        for indexed in known.keys() {
            if !MeetingId::new(indexed.clone()).is_ok_and(|id| meetings.contains(&id)) {
                self.store.note_purge_due()?;
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
        if self.store.is_purge_due()? {
            self.searcher.purge()?;
        }
        match failed {
            // What could not be read may still be there as it was.
            Some(error) => Err(error),
            None => {
                self.store.purge_done()?;
                Ok(touched)
            }
        }
    }

    /// Ends what a killed process had begun to withdraw.
    pub fn make_up(&self) -> Result<()> {
        if self.store.is_purge_due()? {
            sweep(self.store, self.data_dir)?;
            self.index_all()?;
        }
        Ok(())
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
        // What cannot be read is told when it is its turn to be indexed.
        let read = |id: &&MeetingId| Ok(indexable_unless(store, id, known).unwrap_or_default());
        self.searcher.learn(Lesson::of(&new, read)?)
    }

    /// Builds the index anew from what the archive holds, in one step: whoever searches meanwhile
    /// is answered from the old one. Gives how many meetings it holds.
    ///
    /// # Errors
    /// Writing the index failed, or a meeting could not be read: the first of these, when all
    /// others are done.
    pub fn rebuild_index(&self) -> Result<usize> {
        let meetings: Vec<_> = self.store.meetings()?.into_iter().map(|m| m.id).collect();
        let nothing = BTreeMap::new();
        let store = self.store;
        // What cannot be read is told when it is its turn to be indexed.
        let read = |id: &MeetingId| Ok(indexable_unless(store, id, &nothing).unwrap_or_default());
        let lesson = Lesson::of(&meetings, read)?;
        let mut failed = None;
        self.searcher.rebuild(&lesson, self.readable(&meetings, &nothing, &mut failed))?;
        match failed {
            Some(error) => Err(error),
            None => Ok(meetings.len()),
        }
    }
}
