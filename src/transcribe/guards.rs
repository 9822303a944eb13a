//! What a recogniser invents and how it is caught: repetition, stock phrases, words where nobody
//! speaks. A guard never changes a text silently; whatever it removes or doubts leaves a warning.

use super::policy::{ChosenAnswer, bare, cut_loop};
use super::windows::Window;
use crate::domain::{MediaTime, Warning, WarningKind, Word};

/// Phrases that Whisper learnt from subtitles and says into silence (German), folded to lower case
/// without punctuation. What people say in meetings too ("Vielen Dank") is not among them.
const STOCK_PHRASES: &[&str] = &[
    "untertitel der amara org community",
    "untertitelung des zdf",
    "untertitel im auftrag des zdf",
    "untertitel im auftrag des zdf für funk",
    "untertitel von stephanie geiges",
    "untertitelung im auftrag des zdf",
    "untertitelung aufgrund der amara org community",
    "untertitel",
    "untertitelung",
    "untertitel erstellt von",
    "vielen dank fürs zuschauen",
    "danke fürs zuschauen",
    "vielen dank fürs zusehen",
    "vielen dank für ihr zuschauen",
    "bis zum nächsten mal tschüss",
    "abonniert den kanal",
    "abonniere den kanal",
    "vergesst nicht zu abonnieren",
    "copyright wdr",
    "swr",
    "ard text im auftrag von funk",
    "mehr informationen auf www",
    "das war s für heute bis zum nächsten mal",
    "musik",
    "applaus",
];
/// A stock phrase may go on for so many characters ("… des ZDF, 2020", "… von Stephanie Geiges").
const PHRASE_TAIL: usize = 24;
/// The same text in so many windows in a row is doubted.
const SAME_WINDOWS: usize = 3;
/// Below this mean confidence a window is named doubtful.
const DOUBTFUL: f32 = 0.35;
/// With less speech than this, in milliseconds, there was none: the detector lets go of speech 100 to
/// 250 ms late, so the shortest "Ja." gives more.
const KNOCK_MS: u64 = 240;
/// In a window with less speech than this, in milliseconds, a knock may have been taken for a word …
const SCARCE_MS: u64 = 500;
/// … so the recogniser must be surer of it: it is of a short "Ja.", hardly ever of a noise.
const SURE_IF_SCARCE: f32 = 0.6;
/// Nobody says more words in a second of speech (auctioneers apart) …
const WORDS_PER_SECOND: f32 = 7.0;
/// … but a detector may miss speech around so many words.
const MISSED_WORDS: f32 = 2.0;

/// Removes what is certainly invented from a window's words and gives what is to be said about it.
pub fn clean(words: &mut Vec<Word>, answer: &ChosenAnswer, window: &Window) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let span = window.span();
    let mut warn = |start_ms, end_ms, kind| warnings.push(Warning { start_ms, end_ms, kind });
    if answer.prompt_failed {
        warn(span.start(), span.end(), WarningKind::PromptEcho);
    }
    for (from, to) in take_stock_phrases(words, window) {
        warn(from, to, WarningKind::StockPhrase);
    }
    if cut_loop(words) || answer.looped {
        warn(span.start(), span.end(), WarningKind::Repetition);
    }
    let scarce = window.voiced_ms() < SCARCE_MS;
    let bar = if scarce { SURE_IF_SCARCE } else { DOUBTFUL };
    let sure = confidence(words) >= bar;
    let possible = MISSED_WORDS + WORDS_PER_SECOND * window.voiced_ms() as f32 / 1000.0;
    let crowded = words.len() as f32 > possible;
    let knock = window.voiced_ms() < KNOCK_MS;
    let nobody = knock || !sure && (crowded || scarce || answer.quality.is_silence());
    if !words.is_empty() && nobody {
        words.clear();
        warn(span.start(), span.end(), WarningKind::OutsideSpeech);
    }
    if !words.is_empty() && (!sure || crowded) {
        warn(span.start(), span.end(), WarningKind::LowConfidence);
    }
    warnings
}

/// Doubts windows that say the same again and again: the words of each window, and its place.
pub fn across<'a>(
    windows: impl Iterator<Item = (&'a [Word], MediaTime, MediaTime)>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut run: Vec<(String, MediaTime, MediaTime)> = Vec::new();
    let mut end = |run: &mut Vec<(String, MediaTime, MediaTime)>| {
        if let ([first, .., last], true) = (run.as_slice(), run.len() >= SAME_WINDOWS) {
            let kind = WarningKind::Repetition;
            warnings.push(Warning { start_ms: first.1, end_ms: last.2, kind });
        }
        run.clear();
    };
    for (words, from, to) in windows {
        let text = bare_text(words);
        if text.is_empty() || run.first().is_some_and(|(said, ..)| *said != text) {
            end(&mut run);
        }
        if !text.is_empty() {
            run.push((text, from, to));
        }
    }
    end(&mut run);
    warnings
}

fn confidence(words: &[Word]) -> f32 {
    words.iter().map(|w| w.confidence).sum::<f32>() / words.len().max(1) as f32
}

fn bare_text(words: &[Word]) -> String {
    words.iter().map(|w| bare(&w.text)).collect::<Vec<_>>().join(" ")
}

fn is_stock_phrase(text: &str) -> bool {
    STOCK_PHRASES.iter().any(|phrase| {
        text.strip_prefix(phrase).is_some_and(|tail| {
            let short = phrase.len() < 16;
            tail.is_empty() || !short && tail.starts_with(' ') && tail.len() <= PHRASE_TAIL
        })
    })
}

/// Takes out sentences that are such phrases where nobody speaks or nothing else is said, and
/// gives the times of all there are: somebody may really say the words.
fn take_stock_phrases(words: &mut Vec<Word>, window: &Window) -> Vec<(MediaTime, MediaTime)> {
    let mut found = Vec::new();
    let mut kept = Vec::with_capacity(words.len());
    let alone = is_stock_phrase(&bare_text(words));
    for sentence in words.split_inclusive(|w| w.text.ends_with(['.', '!', '?'])) {
        let ends = sentence.first().zip(sentence.last()).map(|(a, b)| (a.start_ms, b.end_ms));
        let stock = alone || is_stock_phrase(&bare_text(sentence));
        if stock {
            found.extend(ends);
        }
        if !stock || !alone && ends.is_some_and(|(from, to)| speaks(window, from, to)) {
            kept.extend_from_slice(sentence);
        }
    }
    *words = kept;
    found
}

/// Whether somebody speaks during most of a stretch.
fn speaks(window: &Window, from: MediaTime, to: MediaTime) -> bool {
    let start = window.span().start();
    let steps = from.since(start)..to.since(start).max(from.since(start) + 1);
    let (all, voiced) = steps
        .step_by(16)
        .fold((0, 0), |(all, voiced), ms| (all + 1, voiced + usize::from(window.is_voiced(ms))));
    voiced * 2 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        let word = |(i, t): (usize, &str)| Word {
            text: t.into(),
            start_ms: MediaTime::from_millis(i as u64 * 300),
            end_ms: MediaTime::from_millis(i as u64 * 300 + 250),
            confidence: 0.9,
            raw: None,
        };
        text.split_whitespace().enumerate().map(word).collect()
    }

    #[test]
    fn stock_phrases_are_known_only_where_they_stand_alone() {
        let stock = |text: &str| is_stock_phrase(&bare(text));
        assert!(stock("Untertitelung des ZDF, 2020"));
        assert!(stock("Vielen Dank fürs Zuschauen!"));
        assert!(stock("Untertitel der Amara.org-Community"));
        for said in [
            "Die Untertitelung des ZDF war Thema in der letzten Sitzung des Kreistages",
            "Untertitelung des ZDF war Thema in der letzten Sitzung des Kreistages",
            "Musik und Kunst sind freiwillige Aufgaben",
            "Vielen Dank.",
        ] {
            assert!(!stock(said), "{said}");
        }
    }

    #[test]
    fn the_same_text_in_window_after_window_is_doubted() {
        let said =
            ["Guten Abend.", "Es folgt Punkt 3.", "Es folgt Punkt 3.", "es folgt punkt 3", "Ja."];
        let windows: Vec<_> = said.iter().map(|text| words(text)).collect();
        let at = |n: usize| MediaTime::from_millis(n as u64 * 30_000);
        let doubts =
            across(windows.iter().enumerate().map(|(n, w)| (w.as_slice(), at(n), at(n + 1))));
        let [doubt] = doubts.as_slice() else { panic!("one doubt, not {doubts:?}") };
        assert_eq!((doubt.start_ms, doubt.end_ms), (at(1), at(4)));
    }
}
