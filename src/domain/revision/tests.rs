//! That what is typed is what stands there, that taking back leads back, and that nothing hidden stays.

use proptest::prelude::*;

use super::*;
use crate::domain::{Engine, MediaRef, TRANSCRIPT_FORMAT, TimeAccuracy, Transcript, Utterance};

fn at(ms: u64) -> MediaTime {
    MediaTime::from_millis(ms)
}

fn recording() -> Digest {
    Digest::of(b"sound")
}

/// A text of these words, one in 400 ms, in sentences of seven.
fn transcript(texts: &[String]) -> Transcript {
    let word = |(n, text): (usize, &String)| Word {
        text: text.clone(),
        start_ms: at(n as u64 * 400),
        end_ms: at(n as u64 * 400 + 330),
        confidence: 0.5,
        raw: None,
    };
    let starts = (0..texts.len()).step_by(7);
    let sentence = |first_word: usize| Utterance {
        first_word,
        n_words: 7.min(texts.len() - first_word),
        speaker_label: None,
    };
    Transcript {
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef { sha256: None, duration_ms: at(texts.len() as u64 * 400) },
        engine: Engine::named("test"),
        language: "de".into(),
        words: texts.iter().enumerate().map(word).collect(),
        utterances: starts.map(sentence).collect(),
        gaps: Vec::new(),
        warnings: Vec::new(),
        times: TimeAccuracy::Exact,
    }
}

/// Revisions as the store numbers them.
#[derive(Default)]
struct Kept(Vec<Revision>);

impl Kept {
    fn add(&mut self, edits: Vec<ParagraphEdit>) {
        let batch = self.0.len() as u32 + 1;
        for edit in edits {
            let made = Signature { by: "test".into(), at: jiff::Timestamp::UNIX_EPOCH };
            let number = self.0.len() as u32 + 1;
            let ParagraphEdit { edit, replaces } = edit;
            self.0.push(Revision { number, batch, edit, replaces, made, taken_back: None });
        }
    }

    fn take_back(&mut self, batch: u32) {
        let by = Signature { by: "test".into(), at: jiff::Timestamp::UNIX_EPOCH };
        let own = self.0.iter_mut().filter(|r| r.batch == batch);
        own.for_each(|r| r.taken_back = Some(by.clone()));
    }

    fn on(&self, transcript: &Transcript) -> Corrected {
        let in_force = Revision::in_force(&self.0);
        let own = (&recording(), &PublicSpans::WHOLE);
        let known = &mut KnownPlaces::default();
        Corrected::of(transcript.clone(), own, &[recording()], &in_force, known)
    }
}

fn text(corrected: &Corrected) -> Vec<String> {
    corrected.transcript.words.iter().map(|word| word.text.clone()).collect()
}

/// What a person does to a range of words: (start, length, words in their place).
type Typed = (usize, usize, Vec<String>);

fn typed() -> impl Strategy<Value = Typed> {
    (0usize..40, 0usize..4, prop::collection::vec("[a-e]{1,2}", 0..4))
}

proptest! {
    /// However often paragraphs are written anew, the text is what was typed; taking back the last edit gives
    /// the text before it, and the transcript stays what it was. Utterances cover all words in order, and times
    /// stay in order.
    #[test]
    fn the_text_is_what_was_typed(
        words in prop::collection::vec("[a-e]{1,2}", 1..40),
        edits in prop::collection::vec(typed(), 1..12),
    ) {
        let raw = transcript(&words);
        let of = OfRecording { public: &PublicSpans::WHOLE, sha256: &recording(), offset: MediaTime::ZERO };
        let mut kept = Kept::default();
        let mut history: Vec<(u32, Vec<String>)> = Vec::new();
        for (start, length, new) in edits {
            let before = kept.on(&raw);
            let had = text(&before);
            // The paragraph around what is changed.
            let all = 0..had.len();
            let start = start.min(had.len());
            let end = (start + length).min(had.len());
            let mut expected = had.clone();
            expected.splice(start..end, new);
            let changes = before
                .edits(&raw.words, of, all, &had.join(" "), &expected.join(" "))
                .unwrap();
            prop_assert_eq!(changes.is_empty(), expected == had);
            history.push((kept.0.len() as u32 + 1, had));
            kept.add(changes);
            let after = kept.on(&raw);
            prop_assert_eq!(text(&after), expected, "{:#?}", kept.0.last());
            prop_assert!(after.unplaced.is_empty());
            let times: Vec<_> = after.transcript.words.iter().flat_map(|w| [w.start_ms, w.end_ms]).collect();
            prop_assert!(times.is_sorted(), "{times:?}");
            let covered: Vec<usize> = after.transcript.utterances.iter()
                .flat_map(|u| u.first_word..u.first_word + u.n_words).collect();
            prop_assert_eq!(covered, (0..after.transcript.words.len()).collect::<Vec<_>>());
        }
        for (batch, had) in history.into_iter().rev() {
            kept.take_back(batch);
            prop_assert_eq!(text(&kept.on(&raw)), had);
        }
        prop_assert_eq!(kept.on(&raw).transcript, raw);
    }

    /// Whoever writes a sentence anew, also before its first word and behind its last, changes no other.
    #[test]
    fn what_is_typed_stays_in_its_sentence(
        edits in prop::collection::vec((0usize..6, typed(), 0usize..3), 1..10),
        gap in 0u64..400,
    ) {
        let words: Vec<String> = (0..35).map(|n| format!("w{n}")).collect();
        let mut raw = transcript(&words);
        // Whether there is a pause between two words or none.
        raw.words.iter_mut().for_each(|word| word.end_ms = word.start_ms.plus_millis(400 - gap));
        let of = OfRecording { public: &PublicSpans::WHOLE, sha256: &recording(), offset: MediaTime::ZERO };
        let mut kept = Kept::default();
        let sentences = |corrected: &Corrected| -> Vec<String> {
            let all = corrected.transcript.utterances.iter();
            all.map(|u| corrected.text(&u.range(corrected.transcript.words.len()))).collect()
        };
        for (which, (start, length, new), side) in edits {
            let before = kept.on(&raw);
            let had = sentences(&before);
            let n = which % had.len();
            let range = before.transcript.utterances[n].range(before.transcript.words.len());
            let mut own: Vec<String> = had[n].split(' ').map(str::to_owned).collect();
            // At its start, at its end, or somewhere.
            let start = [0, own.len(), start.min(own.len())][side];
            let end = (start + if side == 2 { length } else { 0 }).min(own.len());
            own.splice(start..end, new);
            let mut expected = had.clone();
            expected[n] = own.join(" ");
            expected.retain(|sentence| !sentence.is_empty());
            prop_assume!(!expected.is_empty());
            let changes = before.edits(&raw.words, of, range, &had[n], &own.join(" ")).unwrap();
            kept.add(changes);
            let after = kept.on(&raw);
            prop_assert_eq!(sentences(&after), expected, "{:#?}", kept.0.last());
        }
    }

    /// What is known of places is what would be found: in whatever order texts come, of the same recording or of
    /// one in whose place it stands, with whatever is public of them.
    #[test]
    fn known_places_are_those_that_would_be_found(
        edits in prop::collection::vec(typed(), 1..6),
        heard in prop::collection::vec(
            (prop::collection::vec((0usize..40, "[a-e]{0,2}"), 0..6), 0u64..3, any::<bool>(), 0u64..16_000),
            1..6,
        ),
    ) {
        let words: Vec<String> = (0..40).map(|n| format!("w{n}")).collect();
        let raw = transcript(&words);
        let of = OfRecording { public: &PublicSpans::WHOLE, sha256: &recording(), offset: MediaTime::ZERO };
        let mut kept = Kept::default();
        for (start, length, new) in edits {
            let before = kept.on(&raw);
            let had = text(&before);
            let start = start.min(had.len());
            let mut expected = had.clone();
            expected.splice(start..(start + length).min(had.len()), new);
            let all = 0..had.len();
            kept.add(before.edits(&raw.words, of, all, &had.join(" "), &expected.join(" ")).unwrap());
        }
        let in_force = Revision::in_force(&kept.0);
        let mut known = KnownPlaces::default();
        for (changes, later, is_own, hidden) in heard {
            let mut heard = words.clone();
            changes.into_iter().for_each(|(n, other)| heard[n] = other);
            let mut second = transcript(&heard);
            second.words.retain(|word| !word.text.is_empty());
            let all = second.words.len();
            second.utterances = vec![Utterance { first_word: 0, n_words: all, speaker_label: None }];
            let times = second.words.iter_mut().flat_map(|word| [&mut word.start_ms, &mut word.end_ms]);
            times.for_each(|time| *time = time.plus_millis(later * 150));
            let own = if is_own { recording() } else { Digest::of(b"other") };
            let public = PublicSpans::WHOLE.without(&[Span::new(at(hidden), at(hidden + 900)).unwrap()]);
            let lay = |known: &mut KnownPlaces| {
                let on = Corrected::of(second.clone(), (&own, &public), std::slice::from_ref(&own), &in_force, known);
                (on.transcript, on.placed, on.unplaced)
            };
            prop_assert_eq!(lay(&mut known), lay(&mut KnownPlaces::default()));
        }
    }

    /// What may no longer be seen is in no revision that is kept.
    #[test]
    fn nothing_of_what_is_hidden_stays_in_revisions(
        start in 0usize..30, length in 0usize..3, from in 0u64..12_000, long in 1u64..4_000,
    ) {
        let words: Vec<String> = (0..30).map(|n| format!("w{n}")).collect();
        let raw = transcript(&words);
        let public = PublicSpans::WHOLE.without(&[Span::new(at(from), at(from + long)).unwrap()]);
        let end = (start + length).min(30);
        let anchor = Anchor::of(&recording(), MediaTime::ZERO, &raw.words, start..end).unwrap();
        let is_open = |w: &Word| public.covers(Span::new(w.start_ms, w.end_ms).unwrap());
        let touches = raw.words[start..end].iter().any(|w| !is_open(w));
        let edit = TextEdit { anchor, change: TextChange::Words(vec!["neu".into()]) };
        let kept = edit.only(&public);
        prop_assert!(!touches || kept.is_none());
        let left = kept.iter().flat_map(|e| e.anchor.before.iter().chain(&e.anchor.words).chain(&e.anchor.after));
        let hidden: Vec<&Word> = raw.words.iter().filter(|w| !is_open(w)).collect();
        for word in left {
            prop_assert!(!hidden.iter().any(|h| h.text == word.text));
        }
    }
}

#[test]
fn sentences_begin_and_go_on_where_people_say_so() {
    let words: Vec<String> = (0..14).map(|n| format!("w{n}")).collect();
    let raw = transcript(&words);
    let of =
        OfRecording { public: &PublicSpans::WHOLE, sha256: &recording(), offset: MediaTime::ZERO };
    let starts = |c: &Corrected| -> Vec<usize> {
        c.transcript.utterances.iter().map(|u| u.first_word).collect()
    };
    let mut kept = Kept::default();
    let plain = kept.on(&raw);
    kept.add(plain.sentence(&raw.words, of, 3, TextChange::Break).into_iter().collect());
    kept.add(plain.sentence(&raw.words, of, 7, TextChange::NoBreak).into_iter().collect());
    assert_eq!(starts(&kept.on(&raw)), [0, 3]);
    let now = kept.on(&raw);
    let all = 0..14;
    let was = now.text(&all);
    let more = was.replace("w1 ", "w1 äh ja ");
    kept.add(now.edits(&raw.words, of, all, &was, &more).unwrap());
    assert_eq!(starts(&kept.on(&raw)), [0, 5], "the words before are more now");
    let now = kept.on(&raw);
    kept.add(now.sentence(&raw.words, of, 5, TextChange::NoBreak).into_iter().collect());
    assert_eq!(starts(&kept.on(&raw)), [0]);
}

#[test]
fn a_paragraph_that_another_clerk_has_changed_is_not_overwritten() {
    let words: Vec<String> = (0..8).map(|n| format!("w{n}")).collect();
    let raw = transcript(&words);
    let of =
        OfRecording { public: &PublicSpans::WHOLE, sha256: &recording(), offset: MediaTime::ZERO };
    let plain = Kept::default().on(&raw);
    let refused = plain.edits(&raw.words, of, 0..3, "w0 anders w2", "w0 neu w2");
    assert_eq!(refused, Err(EditRefusal::Changed("w0 w1 w2".into())));
    let control = plain.edits(&raw.words, of, 0..3, "w0 w1 w2", "w0 \u{7} w2");
    assert_eq!(control, Err(EditRefusal::NoWord("\u{7}".into())));
}
