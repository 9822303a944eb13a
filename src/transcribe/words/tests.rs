//! Word times on any tokens, and on sound whose pauses are known.

use proptest::prelude::*;

use super::*;
use crate::transcribe::{Ends, Token};
use crate::vad::{FRAME, FRAME_MS};

fn window(first_frame: usize, mut samples: Vec<f32>) -> Window {
    let frames = samples.len().div_ceil(FRAME);
    samples.resize(frames * FRAME, 0.0);
    Window { first_frame, samples, speech: vec![0.9; frames], ends: Ends::Sound }
}

fn segments(tokens: &[(Vec<u8>, Option<u32>)]) -> Vec<Segment> {
    let token = |(bytes, end_ms): &(Vec<u8>, Option<u32>)| Token {
        bytes: bytes.clone(),
        probability: 0.9,
        end_ms: *end_ms,
    };
    vec![Segment { no_speech: 0.0, tokens: tokens.iter().map(token).collect() }]
}

/// Numbers between -1 and 1 that look like noise, the same for the same place.
fn hiss(i: usize) -> f32 {
    let mixed = (i as u32).wrapping_mul(2_654_435_761).rotate_left(13).wrapping_mul(2_246_822_519);
    mixed as f32 / u32::MAX as f32 * 2.0 - 1.0
}

/// Tokens as they may come: words, their parts, marks, halves of characters, blanks; with any times
/// or none.
fn tokens() -> impl Strategy<Value = Vec<(Vec<u8>, Option<u32>)>> {
    let text = prop_oneof![
        "[ ]?[a-zäöüß]{1,12}[.,]?".prop_map(String::into_bytes),
        " [0-9]{1,4}".prop_map(String::into_bytes),
        "[.,!? ]".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    let time = prop_oneof![(0u32..8000).prop_map(Some), any::<u32>().prop_map(Some), Just(None)];
    prop::collection::vec((text, time), 0..80)
}

/// Loud and silent stretches of `(milliseconds, loudness)`.
fn sound(stretches: &[(usize, f32)]) -> Vec<f32> {
    let stretch = |(ms, loud): &(usize, f32)| vec![*loud; ms * 16];
    let loudness = stretches.iter().flat_map(stretch);
    loudness.enumerate().map(|(i, loud)| loud * hiss(i)).collect()
}

fn stretches() -> impl Strategy<Value = Vec<(usize, f32)>> {
    prop::collection::vec((10usize..900, prop_oneof![Just(0.0f32), 0.0f32..1.0]), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_times_give_words_in_order_within_the_window(
        tokens in tokens(),
        stretches in stretches(),
        first_frame in 0usize..1_000_000,
    ) {
        let window = window(first_frame, sound(&stretches));
        let words = assemble(&segments(&tokens), &window);
        let span = window.span();
        prop_assume!((words.len() as u64) < span.millis());
        for word in &words {
            prop_assert!(span.start() <= word.start_ms, "{word:?} before {span:?}");
            prop_assert!(word.start_ms <= word.end_ms && word.end_ms <= span.end(), "{word:?}");
        }
        for pair in words.windows(2) {
            prop_assert!(pair[0].start_ms < pair[1].start_ms, "{pair:?}");
            prop_assert!(pair[0].end_ms <= pair[1].start_ms, "{pair:?}");
        }
    }

    #[test]
    fn a_window_is_the_same_wherever_it_lies(
        tokens in tokens(),
        stretches in stretches(),
        frames in 0usize..2_000_000,
    ) {
        let here = assemble(&segments(&tokens), &window(0, sound(&stretches)));
        let there = assemble(&segments(&tokens), &window(frames, sound(&stretches)));
        let moved: Vec<Word> = here
            .into_iter()
            .map(|w| Word {
                start_ms: w.start_ms.plus_millis(frames as u64 * FRAME_MS),
                end_ms: w.end_ms.plus_millis(frames as u64 * FRAME_MS),
                ..w
            })
            .collect();
        prop_assert_eq!(moved, there);
    }

    #[test]
    fn sentences_begin_and_end_where_it_gets_loud_and_silent(
        // Words of each sentence by their letters, the pause before it, how wrong its times are.
        sentences in prop::collection::vec(
            (prop::collection::vec(3usize..10, 1..4), 200usize..600, -150i64..150),
            2..6,
        ),
        loud in 0.05f32..0.8,
    ) {
        let sentences: Vec<Sentence> = sentences
            .into_iter()
            .map(|(letters, pause, wrong)| Sentence { letters, pause, wrong, written: true })
            .collect();
        for (begins, ends) in late(&sentences, loud, Timed::Yes) {
            prop_assert!(begins.abs() <= 30, "begins {begins} ms late");
            prop_assert!(ends.abs() <= 30, "ends {ends} ms late");
        }
    }

    #[test]
    fn no_word_is_stretched_over_a_long_last_sentence_left_out(
        sentences in prop::collection::vec(
            (prop::collection::vec(4usize..10, 3..6), 200usize..600),
            2..5,
        ),
        left_out in prop::collection::vec(6usize..10, 5..8),
        loud in 0.05f32..0.8,
    ) {
        let sentence = |letters, pause, written| Sentence { letters, pause, wrong: 0, written };
        let mut sentences: Vec<Sentence> =
            sentences.into_iter().map(|(letters, pause)| sentence(letters, pause, true)).collect();
        sentences.push(sentence(left_out, 300, false));
        for (begins, ends) in late(&sentences, loud, Timed::Yes) {
            prop_assert!(begins.abs() <= 100, "begins {begins} ms late");
            prop_assert!(ends.abs() <= 100, "ends {ends} ms late");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A model that never says when: words still lie in their sentences.
    #[test]
    fn without_any_times_sentences_lie_where_it_is_loud(
        sentences in prop::collection::vec(
            (prop::collection::vec(3usize..10, 3..7), 300usize..900),
            2..6,
        ),
        loud in 0.05f32..0.8,
    ) {
        let sentences: Vec<Sentence> = sentences
            .into_iter()
            .map(|(letters, pause)| Sentence { letters, pause, wrong: 0, written: true })
            .collect();
        for (begins, ends) in late(&sentences, loud, Timed::No) {
            prop_assert!(begins.abs() <= 30, "begins {begins} ms late");
            prop_assert!(ends.abs() <= 30, "ends {ends} ms late");
        }
    }
}

/// Whether the recogniser says when it heard what.
#[derive(Clone, Copy, PartialEq)]
enum Timed {
    Yes,
    No,
}

/// A sentence that is said.
struct Sentence {
    /// How many each word has.
    letters: Vec<usize>,
    /// Milliseconds of silence before it.
    pause: usize,
    /// By how many milliseconds the recogniser's times of it are wrong.
    wrong: i64,
    /// Whether the recogniser wrote it.
    written: bool,
}

/// How many milliseconds late the sentences that were written begin and end.
fn late(sentences: &[Sentence], loud: f32, timed: Timed) -> Vec<(i64, i64)> {
    const LETTER_MS: usize = 75;
    let (mut stretches, mut tokens, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    for Sentence { letters, pause, wrong, written } in sentences {
        stretches.push((*pause, loud / 100.0));
        at += pause;
        let begins = at;
        for (i, n) in letters.iter().enumerate() {
            stretches.push((n * LETTER_MS, loud));
            at += n * LETTER_MS;
            let end = (at as i64 + wrong).max(0) as u32;
            let said = |end: u32| (timed == Timed::Yes).then_some(end);
            if *written {
                tokens.push((format!(" {}", &"en".repeat(*n)[..*n]).into_bytes(), said(end)));
            }
            if *written && i + 1 == letters.len() {
                tokens.push((b".".to_vec(), said(end + 40)));
            }
        }
        if *written {
            truth.push((begins as i64, at as i64, letters.len()));
        }
    }
    stretches.push((300, loud / 100.0));
    let heard = assemble(&segments(&tokens), &window(0, sound(&stretches)));
    let mut words = heard.iter();
    truth
        .into_iter()
        .map(|(begins, ends, n)| {
            let sentence: Vec<&Word> = words.by_ref().take(n).collect();
            let late = |heard: MediaTime, said: i64| heard.millis() as i64 - said;
            (late(sentence[0].start_ms, begins), late(sentence[n - 1].end_ms, ends))
        })
        .collect()
}

proptest! {
    /// Windows reach a frame beyond what is public at either end; their words may not.
    #[test]
    fn no_word_is_outside_of_what_is_public(
        spans in prop::collection::vec((40u64..3000, 200u64..3000), 1..5),
        within in prop::collection::vec(prop::collection::vec(0.0f64..1.0, 0..12), 5),
    ) {
        let (mut public, mut words, mut at) = (Vec::new(), Vec::new(), 0);
        for ((hidden, open), mut within) in spans.into_iter().zip(within) {
            let (start, end) = (at + hidden, at + hidden + open);
            at = end;
            let (from, to) = (start.saturating_sub(FRAME_MS), end + FRAME_MS);
            within.sort_by(f64::total_cmp);
            for share in within {
                let ms = from + ((to - from) as f64 * share) as u64;
                words.push(Word {
                    text: "ja".into(),
                    start_ms: MediaTime::from_millis(ms),
                    end_ms: MediaTime::from_millis(ms + 40),
                    confidence: 1.0,
                    raw: None,
                });
            }
            let time = MediaTime::from_millis;
            public.extend(Span::new(time(start), time(end)));
        }
        keep_public(&mut words, &public);
        keep_order(&mut words, MediaTime::from_millis(at));
        for pair in words.windows(2) {
            prop_assert!(pair[0].start_ms < pair[1].start_ms, "{:?}", pair);
        }
        for word in &words {
            let inside = |s: &&Span| s.start() <= word.start_ms && word.end_ms <= s.end();
            prop_assert!(public.iter().any(|s| inside(&s)), "{:?} is outside of {:?}", word, public);
        }
    }
}

#[test]
fn abbreviations_that_were_spelt_are_written_together() {
    for (heard, written) in [
        ("G-M-B-H,", "GMBH,"),
        ("„C-D-U“", "„CDU“"),
        ("S-Bahn", "S-Bahn"),
        ("A-7-B", "A-7-B"),
        ("e-h", "e-h"),
    ] {
        assert_eq!(written_together(heard.to_owned()), written);
    }
}
