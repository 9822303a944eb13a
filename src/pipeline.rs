//! The order of the stages: transcribe, publish, align, index. Each stage has a key of everything
//! it depends on; where the archive holds its result under that key already, nothing is done.

mod effort;
mod files;
mod hearing;
mod indexable;
mod indexing;
mod kept;
mod purging;
mod recognition;
mod replaced;
mod terms;
mod vocabulary;

use std::path::{Path, PathBuf};

use crate::child::ChildProgram;
use crate::domain::{Cutting, Error, ErrorKind, MeetingId, Recording, Result};
use crate::locks::Locks;
use crate::media::Decoder;
use crate::models;
use crate::search::Searcher;
use crate::store::{Heard, Published, Put, Reason, Store};
use crate::transcribe::Hints;
use crate::{align, transcribe};

pub use effort::{Efforts, Wanted};
pub use files::{copies_of, hash, verify};
pub use purging::Unpurged;
pub use recognition::{Recognition, Source, settings};
pub use replaced::{Clock, clocks};
pub use terms::{ModelChoice, Outcome, Progress, Redo, Stage};
pub use vocabulary::{read_vocabulary, vocabulary};

use kept::Kept;
use recognition::model_digest;
use terms::key;

/// Raised when the same recording would give another public copy.
const COPY_VERSION: u32 = 1;

/// How often the right to make copies is asked for, 50 ms apart: deleting some takes no longer.
const COPY_PATIENCE: usize = 200;

/// How often a meeting that changes under the work is begun again.
const ATTEMPTS: usize = 4;

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
    /// What keeps processes apart.
    pub locks: Locks,
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

/// What became of a stage.
enum Done {
    /// It had nothing to do.
    Nothing,
    /// It did its work.
    Work,
    /// What it was made of has changed meanwhile.
    Outdated,
}

impl Pipeline<'_> {
    /// Brings one meeting up to date. What is withdrawn while it is being heard does not come in.
    ///
    /// # Errors
    /// Those of the stages; what was finished before stays. `Archive` where another process is at it.
    pub fn run(&self, id: &MeetingId, choice: &ModelChoice, redo: Redo) -> Result<Outcome> {
        let Some(_lock) = self.locks.meeting(id)? else {
            return Err(Error::archive("Ein anderer Lauf ist gerade an dieser Sitzung")
                .remedy("Warten Sie, bis er fertig ist"));
        };
        let mut outcome = Outcome::default();
        let mut failure = None;
        for attempt in 0..ATTEMPTS {
            let redo = if attempt == 0 { redo } else { Redo::Missing };
            let mut outdated = false;
            failure = None;
            for recording in self.heard_recordings(id)? {
                match self.transcribe(id, &recording, choice, redo) {
                    Ok(Done::Nothing) => {}
                    Ok(Done::Work) => outcome.transcribed += 1,
                    Ok(Done::Outdated) => outdated = true,
                    Err(error) => {
                        failure = failure.or(Some(error));
                        continue;
                    }
                }
                match self.publish(id, &recording) {
                    Ok(made) => outcome.published += usize::from(made),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            match self.align(id, redo)? {
                Done::Nothing => {}
                Done::Work => outcome.aligned = true,
                Done::Outdated => outdated = true,
            }
            if !outdated {
                break;
            }
        }
        // What there is is shown, even where a recording failed.
        outcome.indexed = self.index(id)?;
        failure.map_or(Ok(outcome), Err)
    }

    /// The recordings of which something may be heard: none while nobody has said what is public.
    fn heard_recordings(&self, id: &MeetingId) -> Result<Vec<Recording>> {
        let held = self.store.held(id)?;
        if held.iter().any(|h| h.reason == Reason::PublicUnsaid) {
            return Ok(Vec::new());
        }
        Ok(self.store.recordings(id)?.into_iter().filter(|r| !r.public.is_empty()).collect())
    }

    /// Makes the copy that the site may serve. Where there can be none, the site shows text alone.
    /// Gives whether one was made.
    fn publish(&self, id: &MeetingId, recording: &Recording) -> Result<bool> {
        let made_of = key(&(COPY_VERSION, &recording.sha256, &recording.public, &recording.sound))?;
        let published = self.store.published(id, &recording.sha256)?;
        let whole = |p: &Published| p.path.metadata().is_ok_and(|m| m.len() == p.bytes);
        if published.is_some_and(|p| p.made_of == made_of.as_str() && whole(&p)) {
            return Ok(false);
        }
        let busy = || {
            Error::archive("Ein anderer Vorgang räumt gerade die Fassungen dieser Sitzung auf")
                .remedy("Versuchen Sie es noch einmal")
        };
        let mut lock = None;
        for _ in 0..COPY_PATIENCE {
            lock = self.locks.copies(id.as_str())?;
            if lock.is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let _lock = lock.ok_or_else(busy)?;
        let made = files::make_copy(id, recording, self.data_dir, &self.decoder, self.progress);
        let copy = match made {
            Err(error) if error.kind() != ErrorKind::Archive => {
                tracing::warn!(meeting = %id, %error, "no public copy, the site shows no video");
                return Ok(false);
            }
            copy => copy?,
        };
        if let Some(note) = &copy.note {
            tracing::warn!(meeting = %id, note, "the public copy lacks something");
        }
        self.store.put_loudness(id, &recording.sha256, copy.loudness.as_bytes())?;
        let file = Published {
            sha256: copy.sha256,
            path: copy.path,
            bytes: copy.bytes,
            shows: recording.public.clone(),
            made_of: made_of.to_string(),
            has_video: copy.has_video,
        };
        let shown = self.store.put_published(id, &recording.sha256, &file)?;
        if !shown {
            tracing::info!(meeting = %id, "something was withdrawn while its copy was made");
        }
        Ok(shown)
    }

    /// Gives what was done.
    fn transcribe(
        &self,
        id: &MeetingId,
        recording: &Recording,
        choice: &ModelChoice,
        redo: Redo,
    ) -> Result<Done> {
        let shown = self.store.shown_transcript(id, &recording.sha256)?;
        // One from which something was taken that may be heard again is not whole.
        let whole = shown.as_ref().is_some_and(|s| recording.public.is_within(&s.heard));
        let name = match (choice, &shown, redo) {
            (ModelChoice::Otherwise(_), Some(_), Redo::Missing) if whole => {
                return Ok(Done::Nothing);
            }
            (ModelChoice::Otherwise(_), Some(shown), _) => &shown.model,
            (ModelChoice::Otherwise(name) | ModelChoice::Exactly(name), ..) => name,
        };
        let model = match choice {
            // A model of one's own is remembered by name only; its file may be anywhere.
            ModelChoice::Otherwise(other) => models::find(name, &self.model_dirs)
                .or_else(|_| models::find(other, &self.model_dirs))?,
            ModelChoice::Exactly(_) => models::find(name, &self.model_dirs)?,
        };
        let (digest, settings) = (model_digest(&model)?, settings(&model, LANGUAGE));
        // What is public is not part of it: what may no longer be said is taken out.
        let key = key(&(
            &recording.sha256,
            (&recording.sound, &recording.seats),
            &digest,
            &settings,
            &self.cutting,
            transcribe::engine_version(),
            transcribe::VERSION,
        ))?;
        let kept = whole && shown.is_some_and(|shown| shown.key == key)
            || self.store.show_transcript(id, &recording.sha256, &key)?;
        if kept && redo == Redo::Missing {
            return Ok(Done::Nothing);
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
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        match self.store.put_transcript(id, &recording.sha256, &key, &transcript, &heard)? {
            true => Ok(Done::Work),
            false => Ok(Done::Outdated),
        }
    }

    fn align(&self, id: &MeetingId, redo: Redo) -> Result<Done> {
        align_meeting(self.store, self.progress, id, redo)
    }
}

/// Aligns a meeting's text anew where it, the agenda or what is fixed has changed.
///
/// # Errors
/// Those of the archive.
pub fn align_anew(store: &Store, progress: &dyn Progress, id: &MeetingId) -> Result<()> {
    align_meeting(store, progress, id, Redo::Missing).map(|_| ())
}

fn align_meeting(
    store: &Store,
    progress: &dyn Progress,
    id: &MeetingId,
    redo: Redo,
) -> Result<Done> {
    let council = store.council(id)?;
    let texts = store.shown_transcripts(id)?;
    let fixed = store.fixed_points(id)?;
    let key = key(&(align::VERSION, &council, &texts, &fixed))?;
    if redo == Redo::Missing && store.alignment_key(id)?.as_ref() == Some(&key) {
        return Ok(Done::Nothing);
    }
    let Some(transcript) = store.meeting_transcript(id)? else { return Ok(Done::Nothing) };
    progress.begin(Stage::Alignment, "Tagesordnung und Redende", None);
    let alignment = align::align(&transcript, &council, &fixed);
    let put = store.put_alignment(id, &key, &alignment, &texts);
    progress.end();
    match put? {
        Put::Kept => Ok(Done::Work),
        Put::Outdated => Ok(Done::Outdated),
        Put::Redacted(placed) => {
            for restriction in placed {
                let spans = restriction.spans.iter();
                let at: Vec<String> =
                    spans.map(|s| format!("{}–{}", s.start().clock(), s.end().clock())).collect();
                tracing::warn!(meeting = %id, at = at.join(", "), restriction = restriction.number,
                        "an item that is not public was heard, and is taken out");
            }
            Ok(Done::Outdated)
        }
    }
}
