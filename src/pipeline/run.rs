//! One run over one meeting: what was asked for, how far it has come, what all its stages share, and the
//! keys under which they store their results. Codes only: what people read is the command line's.

use std::time::Instant;

use serde::Serialize;

use super::Pipeline;
use super::checked::CheckedRecordings;
use super::vocabulary::{vocabulary, with_glossary, with_terms};
use crate::domain::{
    Alignment, Council, Digest, Error, FirstStage, MediaTime, MeetingId, Recording, Result,
};
use crate::store::{GlossaryState, HoldReason};
use crate::transcribe::{Reached, RecordingVocabulary};

/// Which model is asked for.
#[derive(Clone, Debug)]
pub enum ModelChoice {
    /// This one; meetings transcribed with another are transcribed anew.
    Exactly(String),
    /// Whatever a meeting was transcribed with, else this one.
    Otherwise(String),
}

/// Whether results that are there already count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redo {
    /// Only what is missing or out of date is done.
    Missing,
    /// From this stage on, all is done again; copies, which nothing but the recording decides, only where they
    /// are asked for.
    From(FirstStage),
}

impl Redo {
    /// From that stage on, where one is named.
    pub fn of(first: Option<FirstStage>) -> Self {
        first.map_or(Self::Missing, Self::From)
    }

    /// Whether a stage is done again.
    pub fn again(self, stage: FirstStage) -> bool {
        let Self::From(first) = self else { return false };
        match stage {
            FirstStage::PublicCopy => first == stage,
            _ => first <= stage,
        }
    }
}

/// What a run did to a meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunOutcome {
    /// Recordings transcribed.
    pub transcribed: usize,
    /// Public copies made.
    pub published: usize,
    /// Whether items and speakers were aligned.
    pub aligned: bool,
    /// Whether the meeting was indexed.
    pub indexed: bool,
}

impl RunOutcome {
    /// What was done, for logs; empty where nothing was.
    pub fn codes(&self) -> String {
        let counts = [
            ("transcribed", self.transcribed),
            ("published", self.published),
            ("aligned", self.aligned.into()),
            ("indexed", self.indexed.into()),
        ];
        let done = counts.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what}={n}"));
        done.collect::<Vec<_>>().join(" ")
    }
}

/// What a stage came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Done {
    /// Its result was there already.
    Nothing,
    /// It did its work.
    Work,
    /// What it was made of has changed meanwhile.
    Outdated,
}

/// One run over one meeting.
pub(super) struct Run<'a> {
    pub pipeline: &'a Pipeline<'a>,
    pub id: &'a MeetingId,
    pub redo: Redo,
    /// As it was when the run began, or when [`Self::reread`] asked again.
    pub council: Council,
    /// Recordings that are the registered ones.
    pub checked: CheckedRecordings,
}

impl<'a> Run<'a> {
    pub fn begin(pipeline: &'a Pipeline<'a>, id: &'a MeetingId, redo: Redo) -> Result<Self> {
        let council = pipeline.store.council(id)?;
        Ok(Self { pipeline, id, redo, council, checked: CheckedRecordings::default() })
    }

    /// Hearing a meeting takes hours: whatever was ingested meanwhile counts for what follows.
    pub fn reread(&mut self) -> Result<()> {
        self.council = self.pipeline.store.council(self.id)?;
        Ok(())
    }

    /// What is likely to be said: the council's terms, those of the body's glossary as it was in a state, and
    /// those that came with the order.
    pub fn vocabulary(
        &self,
        aligned: Option<(&Alignment, MediaTime)>,
        glossary: GlossaryState,
    ) -> Result<RecordingVocabulary> {
        let terms = self.pipeline.store.glossary_at(&self.council.body.id, glossary)?;
        let own = with_glossary(vocabulary(&self.council, aligned), &terms);
        Ok(with_terms(own, &self.pipeline.terms))
    }

    /// The recordings of which something may be heard: none while nobody has said what is public.
    pub fn recordings(&self) -> Result<Vec<Recording>> {
        let store = self.pipeline.store;
        if store.held(self.id)?.iter().any(|h| h.reason == HoldReason::PublicUnsaid) {
            return Ok(Vec::new());
        }
        Ok(store.recordings(self.id)?.into_iter().filter(|r| !r.public.is_empty()).collect())
    }
}

/// Does a stage's work inside a span of the log that says where, and logs how long it took.
pub(super) fn logged<T>(
    stage: Stage,
    meeting: &MeetingId,
    recording: Option<&Recording>,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let recording = recording.map(|r| &r.sha256.as_str()[..12]);
    let _entered =
        tracing::error_span!("stage", stage = stage.name(), %meeting, recording).entered();
    let began = Instant::now();
    let done = work();
    let duration_ms = began.elapsed().as_millis() as u64;
    match &done {
        Ok(_) => tracing::info!(duration_ms, "done"),
        Err(error) => tracing::info!(duration_ms, error = ?error.kind(), "failed"),
    }
    done
}

/// The key of a stage's result: the hash of everything that decides it.
pub(super) fn key(parts: &impl Serialize) -> Result<Digest> {
    let bytes =
        serde_json::to_vec(parts).map_err(|e| Error::failed("Stufenschlüssel").because(e))?;
    Ok(Digest::of(&bytes))
}

/// The kinds of work that take long enough to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading a long file through; the subject is its path.
    Checksum,
    /// Trying out how many windows at once.
    Calibration,
    /// Speech to text; the subject is the model.
    Recognition,
    /// Making the copy that the site serves.
    PublicCopy,
    /// Items and speakers.
    Alignment,
    /// Filling the index.
    Index,
}

impl Stage {
    /// Its name for machines; never changed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Calibration => "calibration",
            Self::Recognition => "recognition",
            Self::PublicCopy => "public_copy",
            Self::Alignment => "alignment",
            Self::Index => "index",
        }
    }
}

/// Who waits for the work.
pub trait Progress {
    /// A stage begins; `subject` is what it works on, where that is worth saying, `total` its length on
    /// the recording's time line, where that is known.
    fn begin(&self, stage: Stage, subject: &str, total: Option<MediaTime>);
    /// It has come this far.
    fn at(&self, reached: Reached);
    /// It is done.
    fn end(&self);
}

/// Nobody waits.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Stage, _: &str, _: Option<MediaTime>) {}
    fn at(&self, _: Reached) {}
    fn end(&self) {}
}
