//! What a recogniser invents and how it is caught: repetition, stock phrases, words where nobody
//! speaks. A guard never changes a text silently; whatever it removes or doubts leaves a warning.

use std::collections::HashMap;

use super::credits::is_credit;
use super::policy::{ChosenAnswer, bare, cut_loop, stutters};
use super::windows::Window;
use crate::domain::{MediaTime, Span, Warning, WarningKind, Word};

/// The same text in so many windows in a row is doubted.
const SAME_WINDOWS: usize = 3;
/// A sentence of at least so many words …
const SENTENCE_WORDS: usize = 3;
/// … that begins again after no more than so many milliseconds is doubted. People do so 2.8 times an hour, in
/// calls for votes and in addresses (251 hours of debates).
const SOON_MS: u64 = 120_000;
/// A run of at least so many words that is said twice in a row is doubted; people do so every ten hours.
const RUN_WORDS: usize = 4;
/// A word less certain than this is doubted: of 20 minutes of a human voice, clean, noisy and reverberant,
/// heard by `base`, two words in nine, among them two thirds of the wrong ones (docs/recognition.md).
const DOUBTFUL: f32 = 0.75;
/// Below this mean confidence a window's words are nobody's: of 20 minutes of a human voice, also in noise and
/// reverberation, no window has less than 0.78; of forty voices at once most have 0.1.
const UNSURE: f32 = 0.4;
/// With less speech than this, in milliseconds, there was none: the detector lets go of speech 100 to
/// 250 ms late, so the shortest "Ja." gives more.
const KNOCK_MS: u64 = 240;
/// In a window with less speech than this, in milliseconds, a knock may have been taken for a word …
const SCARCE_MS: u64 = 500;
/// … so the recogniser must be surer of it: it is of a short "Ja.", hardly ever of a noise.
const SURE_IF_SCARCE: f32 = 0.6;
/// In longer speech than this, in milliseconds, of which the recogniser makes fewer tokens a second than …
const LONG_MS: u64 = 5000;
/// … these, somebody sings or plays who was taken for a voice, for most of it at least: who speaks gives 3.7
/// and more (35 minutes, clean, noisy and reverberant), strings and choirs made by formula up to 1.3.
const HOLLOW: f32 = 2.0;
/// What it hears there must be surer than this, and no sentence may return.
const SURE_IF_HOLLOW: f32 = 0.7;
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
    words.retain(|word| !stutters(&word.text));
    if cut_loop(words) || answer.looped {
        warn(span.start(), span.end(), WarningKind::Repetition);
    }
    let voiced_ms = window.voiced_ms();
    let possible = MISSED_WORDS + WORDS_PER_SECOND * voiced_ms as f32 / 1000.0;
    let crowded = words.len() as f32 > possible;
    let hollow =
        voiced_ms >= LONG_MS && (answer.quality.tokens as f32) < HOLLOW * voiced_ms as f32 / 1000.0;
    let sung = words.iter().all(|word| is_sung(&word.text));
    let bar = match () {
        () if hollow || sung => SURE_IF_HOLLOW,
        () if voiced_ms < SCARCE_MS => SURE_IF_SCARCE,
        () => UNSURE,
    };
    let nobody = voiced_ms < KNOCK_MS || confidence(words) < bar || hollow && repeats(words);
    if !words.is_empty() && nobody {
        words.clear();
        warn(span.start(), span.end(), WarningKind::OutsideSpeech);
    }
    if !words.is_empty() && (crowded || hollow) {
        warn(span.start(), span.end(), WarningKind::LowConfidence);
    }
    warnings
}

/// Doubts what is said again and again: texts that fill window after window, and sentences that return
/// soon. Takes the words of each window, and its place.
pub fn across<'a>(windows: impl Iterator<Item = (&'a [Word], Span)>) -> Vec<Warning> {
    let mut doubted: Vec<Span> = Vec::new();
    let mut row: Vec<(String, Span)> = Vec::new();
    let mut said: HashMap<String, Span> = HashMap::new();
    for (words, span) in windows {
        let text = bare_text(words);
        if row.first().is_some_and(|(before, _)| *before != text) {
            row.clear();
        }
        if !text.is_empty() {
            row.push((text, span));
        }
        if row.len() >= SAME_WINDOWS {
            doubted.extend(row.iter().map(|(_, span)| span));
        }
        doubted.extend(said_twice(words));
        for sentence in sentences(words) {
            let text = bare_text(sentence);
            let is_long = text.split(' ').count() >= SENTENCE_WORDS;
            let Some(place) = place(sentence).filter(|_| is_long) else { continue };
            if let Some(before) = said.insert(text, place)
                && place.start().since(before.start()) <= SOON_MS
            {
                doubted.extend([before, place]);
            }
        }
    }
    doubted.sort_by_key(|span| (span.start(), span.end()));
    doubted.dedup();
    let kind = WarningKind::Repetition;
    doubted.iter().map(|s| Warning { start_ms: s.start(), end_ms: s.end(), kind }).collect()
}

/// Whether it is a vowel that is held, or a hum ("Oh", "Aah", "Mmm").
fn is_sung(text: &str) -> bool {
    let letters = bare(text);
    !letters.is_empty() && letters.chars().all(|c| "aeiouäöühm ".contains(c)) && letters.len() < 8
}

/// Whether a sentence is said twice.
fn repeats(words: &[Word]) -> bool {
    let mut said: Vec<String> = sentences(words).map(bare_text).collect();
    said.sort();
    said.windows(2).any(|pair| pair[0] == pair[1] && !pair[0].is_empty())
}

/// Names the places of doubtful words; a word between two of them is doubtful with them.
pub fn doubts(words: &[Word]) -> Vec<Warning> {
    let is_doubtful = |n: usize| words.get(n).is_some_and(|word| word.confidence < DOUBTFUL);
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for n in (0..words.len()).filter(|n| is_doubtful(*n)) {
        match runs.last_mut() {
            Some((_, last)) if n - *last <= 2 => *last = n,
            _ => runs.push((n, n)),
        }
    }
    let warning = |(first, last): (usize, usize)| Warning {
        start_ms: words[first].start_ms,
        end_ms: words[last].end_ms,
        kind: WarningKind::LowConfidence,
    };
    runs.into_iter().map(warning).collect()
}

/// Runs of words that are said twice without anything between, with or without full stops.
fn said_twice(words: &[Word]) -> Vec<Span> {
    let texts: Vec<String> = words.iter().map(|word| bare(&word.text)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < texts.len() {
        let twice = (RUN_WORDS..=(texts.len() - at) / 2)
            .find(|n| texts[at..at + n] == texts[at + n..at + 2 * n]);
        let length = twice.map_or(1, |n| 2 * n);
        found.extend(twice.and_then(|_| place(&words[at..at + length])));
        at += length;
    }
    found
}

fn place(words: &[Word]) -> Option<Span> {
    let ends = words.first().zip(words.last());
    ends.and_then(|(first, last)| Span::new(first.start_ms, last.end_ms))
}

fn sentences(words: &[Word]) -> impl Iterator<Item = &[Word]> {
    words.split_inclusive(|word| word.text.ends_with(['.', '!', '?', '…']))
}

fn confidence(words: &[Word]) -> f32 {
    words.iter().map(|w| w.confidence).sum::<f32>() / words.len().max(1) as f32
}

fn bare_text(words: &[Word]) -> String {
    words.iter().map(|w| bare(&w.text)).collect::<Vec<_>>().join(" ")
}

/// Takes out sentences that are such phrases where nobody speaks or nothing else is said, and
/// gives the times of all there are: somebody may really say the words.
fn take_stock_phrases(words: &mut Vec<Word>, window: &Window) -> Vec<(MediaTime, MediaTime)> {
    let mut found = Vec::new();
    let mut kept = Vec::with_capacity(words.len());
    let alone = is_credit(&bare_text(words));
    for sentence in sentences(words) {
        let ends = sentence.first().zip(sentence.last()).map(|(a, b)| (a.start_ms, b.end_ms));
        let stock = alone || is_credit(&bare_text(sentence));
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

    /// What each window is doubted for, windows of 30 seconds.
    fn repeated(said: &[&str]) -> Vec<(u64, u64)> {
        let windows: Vec<Vec<Word>> = said.iter().map(|text| words(text)).collect();
        let at = |n: usize| MediaTime::from_millis(n as u64 * 30_000);
        let placed = windows.iter().enumerate().map(|(n, words)| {
            let mut words = words.clone();
            for word in &mut words {
                word.start_ms = word.start_ms.plus_millis(at(n).millis());
                word.end_ms = word.end_ms.plus_millis(at(n).millis());
            }
            (words, Span::new(at(n), at(n + 1)).unwrap())
        });
        let placed: Vec<_> = placed.collect();
        let doubts = across(placed.iter().map(|(words, span)| (words.as_slice(), *span)));
        assert!(doubts.iter().all(|doubt| doubt.kind == WarningKind::Repetition));
        doubts.iter().map(|d| (d.start_ms.millis(), d.end_ms.millis())).collect()
    }

    #[test]
    fn doubtful_words_are_named_with_what_stands_between_them() {
        let mut said = words("eins zwei drei vier fünf sechs sieben");
        for n in [0, 2, 6] {
            said[n].confidence = 0.5;
        }
        let places: Vec<_> =
            doubts(&said).iter().map(|d| (d.start_ms.millis(), d.end_ms.millis())).collect();
        assert_eq!(places, [(0, 850), (1_800, 2_050)]);
        assert_eq!(doubts(&words("alles ist sicher")), []);
    }

    #[test]
    fn the_same_text_in_window_after_window_is_doubted() {
        let same = ["Guten Abend.", "Ja, gut.", "Ja, gut.", "ja gut", "Ja."];
        assert_eq!(repeated(&same), [(30_000, 60_000), (60_000, 90_000), (90_000, 120_000)]);
        assert_eq!(repeated(&["Ja, gut.", "Ja, gut.", "Nein.", "Ja, gut."]), []);
    }

    #[test]
    fn a_sentence_that_returns_soon_is_doubted() {
        let within = ["Es folgt Punkt drei. Wir beginnen. Es folgt Punkt drei."];
        assert_eq!(repeated(&within), [(0, 1_150), (1_800, 2_950)]);
        let between = ["Es folgt Punkt drei. Gut.", "", "Nun denn.", "Es folgt Punkt drei."];
        assert_eq!(repeated(&between), [(0, 1_150), (90_000, 91_150)]);
        let late = ["Es folgt Punkt drei.", "", "", "", "", "Es folgt Punkt drei."];
        assert_eq!(repeated(&late), []);
        assert_eq!(repeated(&["Wer dagegen? Niemand. Wer dagegen?"]), [], "votes");
        assert_eq!(repeated(&["und wir singen ein Lied und wir singen ein Lied"]), [(0, 2_950)]);
    }
}
