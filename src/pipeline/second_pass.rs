//! The stage that hears again, with the names of the agenda item, where the first pass was not sure; and
//! that shows the text which then counts.

use super::run::{Run, key, logged};
use super::transcribe::HearInputs;
use super::{Done, Stage};
use crate::align;
use crate::domain::{Digest, FirstStage, Recording, Result, Span, Transcript};
use crate::store::Heard;

/// Raised when the same first text would be heard again otherwise.
const VERSION: u32 = 2;

/// An utterance whose words are on average less certain than this is heard again with the item's
/// terms; what is surer has nothing to gain from them.
const DOUBTFUL: f32 = 0.75;

/// Everything that decides what is heard again and with which terms. The first text decides the doubts.
fn key_of(run: &Run<'_>, recording: &Recording, first: &Digest) -> Result<Digest> {
    key(&(VERSION, first, align::VERSION, &run.council, recording.offset))
}

/// Shows the text of the first pass where it leaves no doubts, else that of a second one.
pub(super) fn second_pass(
    run: &Run<'_>,
    recording: &Recording,
    inputs: &HearInputs,
) -> Result<Done> {
    let (store, id, sha256) = (run.pipeline.store, run.id, &recording.sha256);
    let first = inputs.key(run, recording)?;
    let key = key_of(run, recording, &first)?;
    if !run.redo.again(FirstStage::Recognition) {
        // The first text is shown only where it leaves no doubts.
        let shown = store.shown_transcript(id, sha256)?;
        let whole = shown.filter(|shown| recording.public.is_within(&shown.heard));
        if whole.is_some_and(|shown| [&first, &key].contains(&&shown.key))
            || store.show_transcript(id, sha256, &key)?
        {
            return Ok(Done::Nothing);
        }
    }
    let Some(text) = store.transcript_of(id, sha256, &first)? else { return Ok(Done::Outdated) };
    let doubts = doubts(&text);
    if doubts.is_empty() {
        let shown = store.show_transcript(id, sha256, &first)?;
        return Ok(if shown { Done::Nothing } else { Done::Outdated });
    }
    logged(Stage::Recognition, id, Some(recording), || {
        let placed = Transcript::on_meeting_clock(vec![(recording.offset, text)]);
        // Without what clerks have fixed: the text must not depend on it.
        let alignment = placed.map(|placed| align::align(&placed, &run.council, &[]));
        let aligned = alignment.as_ref().map(|alignment| (alignment, recording.offset));
        let items = run.vocabulary(aligned, inputs.glossary)?;
        let hints = inputs.hints()?.with_items(items, doubts);
        let transcript = inputs.hear(run, recording, &hints)?;
        if run.redo.again(FirstStage::Recognition) {
            store.forget_transcript(id, sha256, &key)?;
        }
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        let shown = store.put_transcript(id, sha256, &key, &transcript, &heard)?;
        Ok(if shown { Done::Work } else { Done::Outdated })
    })
}

/// Where a first pass was not sure.
fn doubts(transcript: &Transcript) -> Vec<Span> {
    let unsure = transcript.utterances.iter().filter(|u| {
        let words = transcript.words_of(u);
        let sum: f32 = words.iter().map(|w| w.confidence).sum();
        sum < DOUBTFUL * words.len() as f32
    });
    unsure.filter_map(|u| transcript.span_of(u)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Environment;
    use crate::domain::{
        Council, Cutting, Engine, GlossaryKind, MediaRef, MediaTime, NewGlossaryTerm, PublicSpans,
        Signature, SoundChoice, TRANSCRIPT_FORMAT, TermSpelling, Utterance, Word,
    };
    use crate::pipeline::vocabulary::tests::demo;
    use crate::pipeline::{ModelChoice, OpenArchive, Redo, Silent};
    use crate::store::Registration;

    fn recording() -> Recording {
        Recording {
            sha256: Digest::of(b"sound"),
            path: "/aufnahmen/sitzung.mp4".into(),
            bytes: 5,
            offset: MediaTime::ZERO,
            video_url: None,
            video_offset_ms: 0,
            shown_as: Default::default(),
            public: PublicSpans::WHOLE,
            sound: SoundChoice::default(),
            seats: Vec::new(),
        }
    }

    fn text(confidence: f32) -> Transcript {
        let word = Word {
            text: "Guten".into(),
            start_ms: MediaTime::from_millis(100),
            end_ms: MediaTime::from_millis(400),
            confidence,
            raw: None,
        };
        Transcript {
            times: Default::default(),
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef { sha256: None, duration_ms: MediaTime::from_millis(9000) },
            engine: Engine::named("test"),
            language: "de".into(),
            words: vec![word],
            utterances: vec![Utterance { first_word: 0, n_words: 1, speaker_label: None }],
            gaps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// An archive with the demo meeting, of which nothing was heard yet.
    struct TakenIn {
        _dir: tempfile::TempDir,
        environment: Environment,
        archive: OpenArchive,
        council: Council,
        recording: Recording,
    }

    impl TakenIn {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let environment = Environment::new(dir.path(), None, None, Cutting::default());
            let archive = OpenArchive::create(&environment, &Silent).unwrap();
            let (council, recording) = (demo(), recording());
            let registration = Registration::of(&council, std::slice::from_ref(&recording));
            archive.store.register(&registration).unwrap();
            Self { _dir: dir, environment, archive, council, recording }
        }
    }

    /// As where a run was killed between the passes.
    #[test]
    fn a_first_text_is_shown_once_it_is_known_to_leave_no_doubts() {
        let taken_in = TakenIn::new();
        let pipeline = taken_in.archive.pipeline(&taken_in.environment, &Silent).unwrap();
        let TakenIn { archive: OpenArchive { store, .. }, council, recording, .. } = &taken_in;
        let id = &council.meeting.id;
        let run = Run::begin(&pipeline, id, Redo::Missing).unwrap();
        let choice = ModelChoice::Otherwise("base".into());
        let inputs = HearInputs::of(&run, recording, &choice).unwrap().expect("nothing is shown");
        assert_eq!(second_pass(&run, recording, &inputs).unwrap(), Done::Outdated, "no text yet");
        let key = inputs.key(&run, recording).unwrap();
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        store.store_transcript(id, &recording.sha256, &key, &text(0.9), &heard).unwrap();
        assert!(store.shown_transcript(id, &recording.sha256).unwrap().is_none());

        assert_eq!(second_pass(&run, recording, &inputs).unwrap(), Done::Nothing);
        let shown = store.shown_transcript(id, &recording.sha256).unwrap().unwrap();
        assert_eq!(shown.key, key);
        assert_eq!(second_pass(&run, recording, &inputs).unwrap(), Done::Nothing);
        assert!(HearInputs::of(&run, recording, &choice).unwrap().is_none(), "any text will do");
    }

    #[test]
    fn doubts_are_where_the_words_are_unsure() {
        assert!(doubts(&text(0.9)).is_empty());
        assert_eq!(doubts(&text(0.3)).len(), 1);
    }

    /// A term decides the text of whatever is heard from then on, and has nothing heard anew that was.
    #[test]
    fn a_term_of_the_glossary_counts_from_the_next_hearing_on() {
        let taken_in = TakenIn::new();
        let pipeline = taken_in.archive.pipeline(&taken_in.environment, &Silent).unwrap();
        let TakenIn { archive: OpenArchive { store, .. }, council, recording, .. } = &taken_in;
        let id = &council.meeting.id;
        let key = |redo: Redo| {
            let run = Run::begin(&pipeline, id, redo).unwrap();
            let inputs = HearInputs::of(&run, recording, &ModelChoice::Exactly("base".into()));
            let inputs = inputs.unwrap().unwrap();
            (inputs.key(&run, recording).unwrap(), inputs.glossary)
        };
        let add = |text: &str| {
            let term = NewGlossaryTerm::new(GlossaryKind::Place, TermSpelling::new(text).unwrap());
            let made = Signature { by: "klein".into(), at: jiff::Timestamp::UNIX_EPOCH };
            store.add_glossary_term(&council.body.id, &term, &made).unwrap();
        };
        let show = |key: &Digest, model: &str| {
            let mut heard = text(0.9);
            heard.engine.model = model.into();
            let said = Heard { public: &recording.public, sound: &recording.sound };
            store.put_transcript(id, &recording.sha256, key, &heard, &said).unwrap();
        };
        let without = key(Redo::Missing).0;
        add("Gödenroth");
        let (first, state) = key(Redo::Missing);
        assert_ne!(first, without, "nothing is heard yet: the term counts");
        // Heard with it, as `transcribe` notes before it begins.
        store.hear_with_glossary(id, &recording.sha256, state).unwrap();
        show(&first, "base");
        add("Kastellaun");
        assert_eq!(key(Redo::Missing).0, first, "a later one has nothing heard anew");
        let again = key(Redo::From(FirstStage::Recognition));
        assert!(again.0 != first && again.1 > state, "but counts where somebody asks for it");
        show(&Digest::of(b"other"), "small");
        assert!(key(Redo::Missing).1 > state, "and where it is heard by another model");
    }

    #[test]
    fn keys_change_with_what_decides_the_text() {
        let dir = tempfile::tempdir().unwrap();
        let environment = Environment::new(dir.path(), None, None, Cutting::default());
        let archive = OpenArchive::create(&environment, &Silent).unwrap();
        let pipeline = archive.pipeline(&environment, &Silent).unwrap();
        let (council, recording) = (demo(), recording());
        let register = |council| {
            let new = Registration::of(council, std::slice::from_ref(&recording));
            archive.store.register(&new).unwrap();
        };
        let keys = || {
            let run = Run::begin(&pipeline, &council.meeting.id, Redo::Missing).unwrap();
            let choice = ModelChoice::Exactly("base".into());
            let inputs = HearInputs::of(&run, &recording, &choice).unwrap().unwrap();
            let first = inputs.key(&run, &recording).unwrap();
            let second = key_of(&run, &recording, &first).unwrap();
            (first, second)
        };
        register(&council);
        let before = keys();
        assert_eq!(keys(), before);
        let mut renamed = council.clone();
        renamed.persons[0].name = "Dr. Ottilie Anders".into();
        register(&renamed);
        let named = keys();
        assert!(named.0 != before.0 && named.1 != before.1, "a name is prompted");
        let mut decided = renamed.clone();
        decided.meeting.agenda[0].result = Some("angenommen".into());
        register(&decided);
        let after = keys();
        assert_eq!(after.0, named.0, "a result is not prompted");
        assert_ne!(after.1, named.1, "it may say where an item is");
    }
}
