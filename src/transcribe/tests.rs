//! A whole run with a prepared recogniser: failures, loops, order, and going on after a kill.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;

use super::*;
use crate::domain::{
    Cutting, DecodingSettings, Digest, Engine, GapReason, MediaTime, PublicSpans, Result,
    SoundChoice, Span, Transcript, WarningKind,
};
use crate::media;

fn settings() -> Settings {
    Settings {
        language: "de".into(),
        window_ms: 2000,
        aligner: Aligner::Preset("base".into()),
        decoding: DecodingSettings::default(),
    }
}

fn heard(text: &str, probability: f32) -> Vec<Segment> {
    let words = text.split_inclusive(' ').zip(1..);
    let token = |(word, n): (&str, u32)| Token {
        bytes: format!(" {}", word.trim()).into_bytes(),
        probability,
        end_ms: Some(n * 120),
    };
    vec![Segment { no_speech: 0.0, tokens: words.map(token).collect() }]
}

/// What is heard depends on the window's sound only.
fn by_sound(request: &RecognitionRequest) -> Vec<Segment> {
    let energy: f32 = request.samples.iter().map(|s| s * s).sum();
    heard(&format!("Wort{:.0}", energy * 1000.0), 0.9)
}

/// Runs over one real human sentence of about ten seconds.
fn run(recognizer: &mut dyn Recognizer, journal: Option<&dyn Journal>) -> Result<Transcript> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/audio/de_rhasspy-0004.webm");
    let mut sound =
        media::open(&path, &PublicSpans::WHOLE, &SoundChoice::default(), &media::Decoder::Here)?;
    let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
    let digest = Digest::of(b"test");
    let task = Task {
        length: None,
        public: &PublicSpans::WHOLE,
        cutting: Cutting::default(),
        engine: Engine::named("replay"),
        inputs: RecognitionInputs {
            source: digest.clone(),
            sound: SoundChoice::default(),
            model: digest,
            settings: settings(),
            engine: String::new(),
        },
        journal,
        hints: &Hints::default(),
    };
    transcribe(&mut blocks, &task, recognizer, &mut |_| {})
}

#[test]
fn a_window_that_fails_is_a_named_gap_and_the_rest_goes_on() {
    let mut recognizer = Replay::new(settings(), |request| match request.id {
        0 => Err(RecognizerError("planted".into())),
        _ => Ok(by_sound(request)),
    });
    let transcript = run(&mut recognizer, None).unwrap();
    assert!(recognizer.asked.len() >= 3, "{} windows", recognizer.asked.len());
    assert!(recognizer.asked.iter().all(|r| r.samples.len() <= 2 * SAMPLE_RATE as usize));
    let failed: Vec<_> = transcript.gaps.iter().filter(|g| g.reason == GapReason::Failed).collect();
    let [gap] = failed.as_slice() else { panic!("one failed gap, not {failed:?}") };
    assert_eq!(gap.detail.as_deref(), Some("planted"));
    assert!(!transcript.words.is_empty());
    assert!(transcript.words.iter().all(|w| w.start_ms >= gap.end_ms));
    assert!(transcript.words.is_sorted_by(|a, b| a.start_ms < b.start_ms));
}

#[test]
fn a_loop_is_tried_again_cut_and_warned_of() {
    let loops = "und das und das und das und das und das";
    let mended = run(
        &mut Replay::new(settings(), |request| {
            Ok(if request.search == DecodingStrategy::Beam(5) {
                heard(loops, 0.9)
            } else {
                by_sound(request)
            })
        }),
        None,
    )
    .unwrap();
    assert!(mended.words.iter().all(|w| w.text.starts_with("Wort")), "{:?}", mended.words);
    assert!(mended.warnings.iter().any(|w| w.kind == WarningKind::Repetition));

    let mut stubborn = Replay::new(settings(), |_| Ok(heard(loops, 0.9)));
    let cut = run(&mut stubborn, None).unwrap();
    let windows = stubborn.asked.iter().filter(|r| r.search == DecodingStrategy::Beam(5)).count();
    assert!(stubborn.asked.len() >= 3 * windows, "every rung of the ladder was tried");
    assert!(cut.words.len() <= 2 * windows, "{:?}", cut.words);
    assert!(cut.warnings.iter().any(|w| w.kind == WarningKind::Repetition));
}

/// Recognisers take the end of a speech for the end of the sound: the rest of the window is asked for.
#[test]
fn what_is_said_behind_an_early_end_is_asked_for() {
    let whole_sentence = || Settings { window_ms: 20_000, ..settings() };
    let mut early = Replay::new(whole_sentence(), |_| Ok(heard("ein zwei drei vier", 0.9)));
    let transcript = run(&mut early, None).unwrap();
    assert!(early.asked.len() >= 3, "{} windows", early.asked.len());
    assert!(early.asked.is_sorted_by(|a, b| a.samples.len() > b.samples.len()));
    assert_eq!(transcript.words.len(), 4 * early.asked.len());
    assert!(transcript.words.is_sorted_by(|a, b| a.end_ms <= b.start_ms));
    // What was heard before a rest that fails stays.
    let mut asked = 0;
    let mut fails = Replay::new(whole_sentence(), |_| {
        asked += 1;
        match asked {
            1 => Ok(heard("ein zwei drei vier", 0.9)),
            _ => Err(RecognizerError("planted".into())),
        }
    });
    let transcript = run(&mut fails, None).unwrap();
    assert_eq!(transcript.words.len(), 4);
    let failed: Vec<_> = transcript.gaps.iter().filter(|g| g.reason == GapReason::Failed).collect();
    let [gap] = failed.as_slice() else { panic!("one failed gap, not {failed:?}") };
    assert!(transcript.words.iter().all(|word| word.end_ms <= gap.start_ms));
}

#[test]
fn times_that_a_model_does_not_say_are_marked_as_approximate() {
    let exact = run(&mut Replay::new(settings(), |request| Ok(by_sound(request))), None).unwrap();
    let mut mute = Replay::new(settings(), |request| {
        let mut segments = by_sound(request);
        segments.iter_mut().flat_map(|s| &mut s.tokens).for_each(|token| token.end_ms = None);
        Ok(segments)
    });
    let approximate = run(&mut mute, None).unwrap();
    assert_eq!(exact.words.len(), approximate.words.len());
    assert!(approximate.words.iter().all(|w| w.start_ms < w.end_ms), "{:?}", approximate.words);
    let said = |t: &Transcript| serde_json::to_value(t).unwrap().get("times").cloned();
    assert_eq!(said(&exact), None);
    assert_eq!(said(&approximate), Some("approximate".into()));
}

/// A journal in memory that dies after some answers.
struct Dying {
    kept: RefCell<HashMap<Digest, Vec<Segment>>>,
    left: Cell<usize>,
}

impl Journal for Dying {
    fn recall(&self, key: &Digest) -> Result<Option<Vec<Segment>>> {
        Ok(self.kept.borrow().get(key).cloned())
    }

    fn keep(&self, key: &Digest, _: Span, segments: &[Segment]) -> Result<()> {
        if self.left.get() == 0 {
            return Err(crate::domain::Error::failed("killed"));
        }
        self.left.set(self.left.get() - 1);
        self.kept.borrow_mut().insert(key.clone(), segments.to_vec());
        Ok(())
    }
}

#[test]
fn what_was_answered_is_never_asked_again_and_the_text_is_the_same() {
    let mut unbroken = Replay::new(settings(), |r| Ok(by_sound(r)));
    let whole = run(&mut unbroken, None).unwrap();
    let answers = unbroken.asked.len();
    assert!(answers >= 3, "{answers} answers");
    for left in 0..answers {
        let journal = Dying { kept: RefCell::default(), left: Cell::new(left) };
        run(&mut Replay::new(settings(), |r| Ok(by_sound(r))), Some(&journal)).unwrap_err();
        journal.left.set(usize::MAX);
        let mut again = Replay::new(settings(), |r| Ok(by_sound(r)));
        let resumed = run(&mut again, Some(&journal)).unwrap();
        assert_eq!(resumed, whole);
        assert_eq!(again.asked.len() + left, answers);
    }
    assert!(whole.words[0].start_ms > MediaTime::ZERO);
}
