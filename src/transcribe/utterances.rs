//! Words to sentence-like utterances: cut behind a sentence's end, in long pauses, between windows.

use super::sentences::{begins_sentence, ends_sentence};
use crate::domain::{Span, SpeakerLabel, Transcript, Utterance, Word};

/// A pause of this many milliseconds ends an utterance, whatever the punctuation says.
const LONG_PAUSE: u64 = 900;
/// No utterance has more words than this.
const MOST_WORDS: usize = 60;

/// Splits words; `breaks` are the indexes at which a new window begins.
pub fn split(words: &[Word], breaks: &[usize]) -> Vec<Utterance> {
    let mut utterances = Vec::new();
    let mut first = 0;
    for i in 1..=words.len() {
        let ends = i == words.len()
            || i - first >= MOST_WORDS
            || ends_sentence(&words[first..i], &words[i])
            || words[i].start_ms.since(words[i - 1].end_ms) >= LONG_PAUSE
            || breaks.binary_search(&i).is_ok() && begins_sentence(&words[i].text);
        if ends {
            utterances.push(Utterance {
                first_word: first,
                n_words: i - first,
                speaker_label: None,
            });
            first = i;
        }
    }
    utterances
}

/// Names who is heard, and splits utterances where somebody else is: a word belongs to the voice in
/// whose span most of it lies; between voices nobody is named.
pub fn label(transcript: &mut Transcript, voices: &[(Span, SpeakerLabel)]) {
    if voices.is_empty() {
        return;
    }
    let voice = |word: &Word| {
        let span = Span::new(word.start_ms, word.end_ms.max(word.start_ms.plus_millis(1)))?;
        let near = voices.partition_point(|(s, _)| s.end() <= span.start());
        let heard = voices[near..].iter().take_while(|(s, _)| s.start() < span.end());
        heard.max_by_key(|(s, _)| s.overlap_millis(span)).map(|(_, label)| label.clone())
    };
    let labels: Vec<_> = transcript.words.iter().map(voice).collect();
    let mut split = Vec::with_capacity(transcript.utterances.len());
    for u in &transcript.utterances {
        let mut first_word = u.first_word;
        for run in labels[u.first_word..u.first_word + u.n_words].chunk_by(|a, b| a == b) {
            split.push(Utterance { first_word, n_words: run.len(), speaker_label: run[0].clone() });
            first_word += run.len();
        }
    }
    transcript.utterances = split;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Engine, MediaRef, MediaTime, TRANSCRIPT_FORMAT};

    fn words(texts: Vec<String>) -> Vec<Word> {
        let word = |(text, i): (String, u64)| Word {
            text,
            start_ms: MediaTime::from_millis(i * 300),
            end_ms: MediaTime::from_millis(i * 300 + 250),
            confidence: 1.0,
            raw: None,
        };
        texts.into_iter().zip(0u64..).map(word).collect()
    }

    fn transcript(words: Vec<Word>) -> Transcript {
        Transcript {
            times: Default::default(),
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef { sha256: None, duration_ms: MediaTime::from_millis(99_000) },
            engine: Engine::named("test"),
            language: "de".into(),
            utterances: split(&words, &[]),
            gaps: Vec::new(),
            words,
            warnings: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn utterances_cover_all_words_in_order(texts in prop::collection::vec("\\PC{1,8}", 0..200)) {
            let words = words(texts);
            let mut next = 0;
            for u in split(&words, &[3, 9]) {
                prop_assert_eq!(u.first_word, next);
                prop_assert!(u.n_words > 0 && u.n_words <= MOST_WORDS);
                next += u.n_words;
            }
            prop_assert_eq!(next, words.len());
        }

        /// Voices follow each other with and without pauses between them, as seats do.
        #[test]
        fn every_word_has_the_voice_that_is_heard_in_most_of_it(
            texts in prop::collection::vec("[a-z]{1,5}[.]?", 1..60),
            turns in prop::collection::vec((0u64..900, 1u64..4000, 0usize..3), 0..12),
        ) {
            let mut at = 0;
            let mut voices = Vec::new();
            for (pause, length, seat) in turns {
                let [from, to] = [at + pause, at + pause + length].map(MediaTime::from_millis);
                voices.push((Span::new(from, to).unwrap(), SpeakerLabel(format!("Platz {seat}"))));
                at += pause + length;
            }
            let mut transcript = transcript(words(texts));
            label(&mut transcript, &voices);
            let mut next = 0;
            for u in &transcript.utterances {
                prop_assert_eq!(u.first_word, next);
                next += u.n_words;
                for word in transcript.words_of(u) {
                    let span = Span::new(word.start_ms, word.end_ms).unwrap();
                    let overlap = |seat: &SpeakerLabel| -> u64 {
                        voices.iter().map(|(s, l)| (l == seat) as u64 * s.overlap_millis(span)).max().unwrap_or(0)
                    };
                    let most = voices.iter().map(|(s, _)| s.overlap_millis(span)).max().unwrap_or(0);
                    match &u.speaker_label {
                        None => prop_assert_eq!(most, 0),
                        Some(seat) => prop_assert!(most > 0 && overlap(seat) == most),
                    }
                }
            }
            prop_assert_eq!(next, transcript.words.len());
        }
    }

    #[test]
    fn a_number_at_a_sentence_s_end_parts_two_voices_also_where_no_pause_does() {
        let text = "Das dauert bis zum Jahr 2030. Stadtrat Muster hat das Wort.";
        let mut transcript = transcript(words(text.split(' ').map(str::to_owned).collect()));
        assert_eq!(transcript.utterances.iter().map(|u| u.n_words).collect::<Vec<_>>(), [6, 5]);
        let at = MediaTime::from_millis;
        // Of "am 15. Mai" each word is somebody else's: what the words say does not count then.
        let voices = ["Platz 1", "Platz 2"].map(|seat| SpeakerLabel(seat.to_owned()));
        let text = "Wir treffen uns am 15. Mai wieder.";
        transcript.words = words(text.split(' ').map(str::to_owned).collect());
        transcript.utterances = split(&transcript.words, &[]);
        assert_eq!(transcript.utterances.len(), 1);
        let spans =
            [Span::new(at(0), at(1_490)).unwrap(), Span::new(at(1_490), at(9_000)).unwrap()];
        label(&mut transcript, &spans.into_iter().zip(voices).collect::<Vec<_>>());
        assert_eq!(transcript.utterances.iter().map(|u| u.n_words).collect::<Vec<_>>(), [5, 2]);
    }
}
