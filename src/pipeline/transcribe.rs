//! The stage that hears a recording for the first time, with the names that are likely anywhere in the
//! meeting, and stores what was recognised window by window. It shows nothing yet: whether some of it is
//! heard again, the second pass decides.

use super::recognition::{Recognition, Source, settings, tokenizer};
use super::run::{ModelChoice, Run, key, logged};
use super::{Done, Stage, checked};
use crate::archive::models::{self, Model};
use crate::domain::{
    Digest, Error, FirstStage, Language, MeetingId, Recording, Result, Span, Transcript,
};
use crate::store::{GlossaryState, Heard, Store};
use crate::transcribe::{self, Hints, Journal, RecordingVocabulary, Segment, Settings};

/// What decides the text of a recording, beside the recording and how it is cut into windows.
pub(super) struct HearInputs {
    pub model: Model,
    digest: Digest,
    settings: Settings,
    vocabulary: RecordingVocabulary,
    /// Of which state of the body's glossary it is.
    pub glossary: GlossaryState,
}

impl HearInputs {
    /// `None` where the text that is shown will do, whatever it was made of.
    pub fn of(run: &Run<'_>, recording: &Recording, choice: &ModelChoice) -> Result<Option<Self>> {
        let shown = run.pipeline.store.shown_transcript(run.id, &recording.sha256)?;
        // One from which something was taken that may be heard again is not whole.
        let is_whole = shown.as_ref().is_some_and(|s| recording.public.is_within(&s.heard));
        let again = run.redo.again(FirstStage::Recognition) || !run.pipeline.terms.is_empty();
        if is_whole && matches!(choice, ModelChoice::Otherwise(_)) && !again {
            return Ok(None);
        }
        let heard_by = shown.as_ref().map(|shown| shown.model.clone());
        let dirs = &run.pipeline.model_dirs;
        let model = match (choice, shown) {
            // A model of one's own is remembered by name only; its file may be anywhere.
            (ModelChoice::Otherwise(other), Some(shown)) => {
                models::find(&shown.model, dirs).or_else(|_| models::find(other, dirs))?
            }
            (ModelChoice::Otherwise(name) | ModelChoice::Exactly(name), _) => {
                models::find(name, dirs)?
            }
        };
        // Found by its name, it is what the table says until it is used; others are what they are.
        let digest = match model.spec {
            Some(spec) => {
                Digest::new(spec.sha256).map_err(|e| Error::failed("Modelltabelle").because(e))?
            }
            None => checked::verify(&model, run.pipeline.progress)?,
        };
        let model = model.known_by(&digest);
        let glossary = glossary(run, recording, heard_by.as_deref(), &model)?;
        Ok(Some(Self {
            digest,
            settings: settings(&model, Language::GERMAN, run.pipeline.decoding)?,
            vocabulary: run.vocabulary(None, glossary)?,
            glossary,
            model,
        }))
    }

    /// What is public is no part of it: what may no longer be said is taken out of the text.
    pub fn key(&self, run: &Run<'_>, recording: &Recording) -> Result<Digest> {
        key(&(
            &recording.sha256,
            (&recording.sound, &recording.seats),
            &self.digest,
            &self.settings,
            &run.pipeline.cutting,
            &self.vocabulary,
            transcribe::engine_version(),
            transcribe::VERSION,
        ))
    }

    /// The names that are likely anywhere.
    pub fn hints(&self) -> Result<Hints> {
        Ok(Hints::new(self.vocabulary.clone(), tokenizer(&self.model)?))
    }

    /// One pass over the recording; windows that were asked the same before are recalled.
    pub fn hear(&self, run: &Run<'_>, recording: &Recording, hints: &Hints) -> Result<Transcript> {
        let pipeline = run.pipeline;
        run.checked.refuse_changed(recording, pipeline.progress)?;
        let windows =
            StoredWindows { store: pipeline.store, meeting: run.id, recording: &recording.sha256 };
        let recognition = Recognition {
            model: &self.model,
            model_sha256: &self.digest,
            settings: self.settings.clone(),
            cutting: pipeline.cutting,
            engine: &pipeline.engine,
            decoder: &pipeline.decoder,
            wanted: pipeline.wanted,
            efforts: &pipeline.efforts,
            journal: Some(&windows),
            hints,
            progress: pipeline.progress,
        };
        recognition.transcribe(&Source {
            path: &recording.path,
            sha256: &recording.sha256,
            public: &recording.public,
            sound: &recording.sound,
            seats: &recording.seats,
        })
    }
}

/// The state of the body's glossary that a recording is heard with: the one that it was heard with before, since
/// a term that is added must not have all meetings of the body heard anew, each for hours, also where the command
/// names their model. What its terms are decides the key, as all of the vocabulary does; so a recording is heard
/// with the newest where it is heard anew in any case: for the first time, from the beginning because somebody
/// asks for that, with further terms, or with another model than before.
fn glossary(
    run: &Run<'_>,
    recording: &Recording,
    heard_by: Option<&str>,
    model: &Model,
) -> Result<GlossaryState> {
    let store = run.pipeline.store;
    let anew = run.redo.again(FirstStage::Recognition)
        || !run.pipeline.terms.is_empty()
        || heard_by.is_some_and(|before| before != model.name);
    match store.heard_glossary(run.id, &recording.sha256)? {
        // Also where a first attempt was killed: what it had recognised is recalled.
        Some(before) if !anew => Ok(before),
        // From before there were glossaries.
        None if !anew && heard_by.is_some() => Ok(GlossaryState::default()),
        _ => store.glossary_state(),
    }
}

/// Hears the recording where the archive has no text of this key that says all that is public.
pub(super) fn transcribe(
    run: &Run<'_>,
    recording: &Recording,
    inputs: &HearInputs,
) -> Result<Done> {
    let (store, id) = (run.pipeline.store, run.id);
    let key = inputs.key(run, recording)?;
    if !run.redo.again(FirstStage::Recognition)
        && store.has_transcript(id, &recording.sha256, &key)?
    {
        return Ok(Done::Nothing);
    }
    logged(Stage::Recognition, id, Some(recording), || {
        checked::verify(&inputs.model, run.pipeline.progress)?;
        store.hear_with_glossary(id, &recording.sha256, inputs.glossary)?;
        if run.redo.again(FirstStage::Recognition) {
            store.forget_windows(id, &recording.sha256)?;
        }
        let transcript = inputs.hear(run, recording, &inputs.hints()?)?;
        if run.redo.again(FirstStage::Recognition) {
            store.forget_transcript(id, &recording.sha256, &key)?;
        }
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        let stored = store.store_transcript(id, &recording.sha256, &key, &transcript, &heard)?;
        Ok(if stored { Done::Work } else { Done::Outdated })
    })
}

/// The windows of one recording in the archive. They go with it, and with what it says that is
/// restricted.
pub(super) struct StoredWindows<'a> {
    /// The archive.
    pub store: &'a Store,
    /// Whose recording it is.
    pub meeting: &'a MeetingId,
    /// The recording.
    pub recording: &'a Digest,
}

impl Journal for StoredWindows<'_> {
    fn recall(&self, key: &Digest) -> Result<Option<Vec<Segment>>> {
        let stored = self.store.window(self.meeting, self.recording, key)?;
        // What cannot be read is asked for again.
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn keep(&self, key: &Digest, place: Span, segments: &[Segment]) -> Result<()> {
        let text = serde_json::to_string(segments)
            .map_err(|e| Error::failed("Ein Ergebnis lässt sich nicht aufschreiben").because(e))?;
        self.store.put_window(self.meeting, self.recording, key, place, &text)
    }
}
