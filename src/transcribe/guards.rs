//! What a recogniser invents and how it is caught: repetition, stock phrases, words in silence.
//! A guard never changes a text silently; each leaves a warning.

use super::Segment;
use super::windows::Window;
use crate::domain::{WarningKind, Word};

/// Phrases that Whisper learnt from subtitles and says into silence (German), lower case.
const STOCK_PHRASES: &[&str] = &[
    "untertitel der amara.org-community",
    "untertitelung des zdf",
    "untertitel im auftrag des zdf",
    "untertitel von",
    "vielen dank fürs zuschauen",
    "bis zum nächsten mal",
    "copyright wdr",
    "swr 2021",
];
/// The same run of words this often in a row is a loop.
const LOOP: usize = 4;
/// Longest run of words that is looked for in a loop.
const LONGEST_LOOP_UNIT: usize = 8;
/// Below this mean confidence a window is named doubtful.
const DOUBTFUL: f32 = 0.35;
/// From this probability of "nobody speaks" on, unsure words are dropped.
const NO_SPEECH: f32 = 0.6;

/// Removes what is certainly invented from a window's words and gives what is to be said about it.
pub fn clean(words: &mut Vec<Word>, segments: &[Segment], window: &Window) -> Vec<WarningKind> {
    let mut warnings = Vec::new();
    if is_stock_phrase(words) {
        words.clear();
        warnings.push(WarningKind::StockPhrase);
    }
    if cut_loop(words) {
        warnings.push(WarningKind::Repetition);
    }
    let silent = segments.iter().all(|s| s.no_speech >= NO_SPEECH);
    let voiced = window.speech.iter().any(|p| *p >= 0.5);
    if !words.is_empty() && (!voiced || silent && confidence(words) < DOUBTFUL) {
        words.clear();
        warnings.push(WarningKind::OutsideSpeech);
    }
    if !words.is_empty() && confidence(words) < DOUBTFUL {
        warnings.push(WarningKind::LowConfidence);
    }
    warnings
}

fn confidence(words: &[Word]) -> f32 {
    words.iter().map(|w| w.confidence).sum::<f32>() / words.len().max(1) as f32
}

fn bare(word: &Word) -> String {
    word.text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Whether the whole window is such a phrase: somebody may say the words within a speech.
fn is_stock_phrase(words: &[Word]) -> bool {
    let text = words.iter().map(bare).collect::<Vec<_>>().join(" ");
    STOCK_PHRASES.iter().any(|p| text.starts_with(p) && text.len() <= p.len() + 24)
}

/// Cuts a run of words that is repeated over and over down to its first time.
fn cut_loop(words: &mut Vec<Word>) -> bool {
    let texts: Vec<String> = words.iter().map(bare).collect();
    for unit in 1..=LONGEST_LOOP_UNIT {
        let mut start = 0;
        while start + unit * LOOP <= texts.len() {
            let first = &texts[start..start + unit];
            let times = texts[start..].chunks_exact(unit).take_while(|c| *c == first).count();
            if times >= LOOP {
                words.drain(start + unit..start + unit * times);
                return true;
            }
            start += 1;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaTime;

    fn words(text: &str) -> Vec<Word> {
        let word = |t: &str| Word {
            text: t.into(),
            start_ms: MediaTime::ZERO,
            end_ms: MediaTime::ZERO,
            confidence: 0.9,
            raw: None,
        };
        text.split_whitespace().map(word).collect()
    }

    #[test]
    fn a_loop_is_cut_and_a_figure_of_speech_is_not() {
        let mut looped = words("Wir kommen zum Punkt. Zum Punkt. Zum Punkt. Zum Punkt. Danke.");
        assert!(cut_loop(&mut looped));
        assert_eq!(looped.len(), 5);
        let mut said = words("Nein, nein, nein, das geht nicht.");
        assert!(!cut_loop(&mut said));
        assert_eq!(said.len(), 6);
    }

    #[test]
    fn stock_phrases_are_known_only_where_they_stand_alone() {
        assert!(is_stock_phrase(&words("Untertitelung des ZDF, 2020")));
        assert!(is_stock_phrase(&words("Vielen Dank fürs Zuschauen!")));
        let speech = "Die Untertitelung des ZDF war Thema in der letzten Sitzung des Kreistages";
        assert!(!is_stock_phrase(&words(speech)));
    }
}
