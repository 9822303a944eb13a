//! Names corrected after recognition: a doubtful word that sounds like just one name of the
//! vocabulary becomes that name, and what was heard is kept beside it. Owns that decision; never
//! touches a word the recogniser is sure of, nor the order of words.
//!
//! The key is the Cologne code (Postel 1969), then the edit distance; see [`mitschnitt_german::sound`].
//! What is corrected is kept small on purpose: a wrong name in a record does more harm than a
//! misspelt one.

mod targets;

use std::collections::HashMap;

use mitschnitt_german::folding::fold_by_ear;
use mitschnitt_german::nouns::is_everyday;
use mitschnitt_german::titles::is_title;

use super::{RecordingVocabulary, TermKind};
use crate::domain::Word;

use targets::{Match, Targets};

/// From this confidence on a word stays. Measured on the demo meeting, heard by Whisper `base`: 65 % of
/// the wrong words lie below, 90 % of the right ones above.
const SURE: f32 = 0.85;
/// And a given name before a family name that it does not fit.
const SURE_OF_GIVEN: f32 = 0.9;
/// A whole name is heard as no more words than this.
const LONGEST_WHOLE: usize = 3;
/// A word that the recogniser is sure of on the whole, this often said, is a word of its own.
const OFTEN: u32 = 3;
/// Shortest name, as heard, that a word is corrected to where none is expected.
const SHORTEST: usize = 5;
/// Names as long as this, as heard, are not hit by chance.
const LONG: usize = 12;
/// Names in two words ("Pfann kuch") are put together from this length on.
const SHORTEST_JOINED: usize = 6;

/// Corrects names in place and gives how many. Two words may become one; then the word count
/// shrinks, so indexes of words are to be made afterwards.
pub fn correct(words: &mut Vec<Word>, vocabulary: &RecordingVocabulary) -> usize {
    Corrector::new(vocabulary, words).correct(words)
}

/// The names that words are corrected to, as written, sorted: what a measure of names counts.
pub fn names(vocabulary: &RecordingVocabulary) -> Vec<String> {
    Targets::new(vocabulary).names().to_vec()
}

/// A vocabulary's names with what a whole recording says about ordinary words, so that its windows
/// can be corrected one by one.
#[derive(Debug)]
pub struct Corrector {
    targets: Targets,
    heard: HashMap<String, Occurrences>,
}

/// How a word occurs in a recording.
#[derive(Clone, Copy, Debug, Default)]
struct Occurrences {
    times: u32,
    /// Of these, where a person's name is expected.
    addressed: u32,
    /// Of these, written small.
    small: u32,
    confidence: f32,
}

impl Corrector {
    /// Learns from all words of a recording which are ordinary.
    pub fn new(vocabulary: &RecordingVocabulary, recording: &[Word]) -> Self {
        let mut corrector = Self { targets: Targets::new(vocabulary), heard: HashMap::new() };
        let mut heard: HashMap<String, Occurrences> = HashMap::new();
        for (i, word) in recording.iter().enumerate() {
            let (_, core, _) = parts(&word.text);
            let known = heard.entry(fold_by_ear(core)).or_default();
            known.times += 1;
            known.small += u32::from(!is_capital(core));
            known.addressed += u32::from(corrector.is_addressed(recording, i));
            known.confidence += word.confidence;
        }
        corrector.heard = heard;
        corrector
    }

    /// Corrects names in place and gives how many.
    pub fn correct(&self, words: &mut Vec<Word>) -> usize {
        let mut corrected = 0;
        let mut i = 0;
        while i < words.len() {
            if let Some((count, names)) = self.whole(words, i) {
                let named = renamed(&words[i..i + count], names);
                corrected += named.iter().filter(|word| word.raw.is_some()).count();
                let last = i + named.len() - 1;
                words.splice(i..i + count, named);
                i = last;
            } else if let Some(name) = self.joined(words, i) {
                let second = words.remove(i + 1);
                let raw = format!("{} {}", words[i].text, second.text);
                let (before, _, _) = parts(&words[i].text);
                let (_, _, after) = parts(&second.text);
                words[i].text = format!("{before}{name}{after}");
                words[i].raw = Some(raw);
                words[i].end_ms = second.end_ms;
                words[i].confidence = words[i].confidence.min(second.confidence);
                corrected += 1;
            } else if let Some(name) = self.single(words, i) {
                let (before, _, after) = parts(&words[i].text);
                let text = format!("{before}{name}{after}");
                words[i].raw = Some(std::mem::replace(&mut words[i].text, text));
                corrected += 1;
            }
            i += 1;
        }
        corrected
    }

    /// The name that word `i` should be.
    fn single(&self, words: &[Word], i: usize) -> Option<&str> {
        let word = &words[i];
        let (_, core, after) = parts(&word.text);
        let folded = fold_by_ear(core);
        if word.raw.is_some()
            || !is_word(core)
            || after.starts_with('-')
            || self.targets.has(core)
            || is_title(&folded)
        {
            return None;
        }
        if word.confidence < SURE_OF_GIVEN
            && is_capital(core)
            && after.is_empty()
            && !self.targets.is_person(core)
            && let Some(next) = words.get(i + 1)
            && let Some(name) = self.targets.given_of(&folded, &fold_by_ear(parts(&next.text).1))
        {
            return Some(name);
        }
        if word.confidence >= SURE {
            return self.homophone(word, &folded);
        }
        if let Some(name) = self.targets.double(core) {
            return Some(name);
        }
        let given = i.checked_sub(1).map_or("", |j| parts(&words[j].text).1);
        let addressed = self.is_addressed(words, i);
        if addressed
            && let Some(found) = self.targets.person(&folded)
            && is_near(&found)
            && !self.targets.is_anothers(given, found.form)
            && (is_capital(core) || found.edits == 0)
            && !self.is_ordinary(&folded)
        {
            return written(found);
        }
        let found = self.targets.same_sound(&folded)?;
        let followed =
            || words.get(i + 1).is_some_and(|w| self.targets.is_person(parts(&w.text).1));
        let fits = is_capital(core)
            && found.sounds >= SHORTEST
            && (!found.form.given || after.is_empty() && followed())
            && is_same(&found)
            && !self.targets.is_anothers(given, found.form);
        (fits && !self.is_ordinary(&folded) && !self.is_own_word(&folded, &found))
            .then(|| written(found))?
    }

    /// The person's name that sounds as the word does and is written with another letter: how sure the
    /// recogniser is of a sound says nothing of how that is written.
    fn homophone(&self, word: &Word, folded: &str) -> Option<&str> {
        let core = parts(&word.text).1;
        let found = self.targets.same_sound(folded)?;
        let is_same = found.edits == 0 && found.letters <= 1 && found.sounds >= SHORTEST;
        let is_name = found.form.kind == TermKind::Person && is_capital(core);
        let is_word = self.heard.get(folded).is_some_and(|heard| heard.small > 0);
        (is_same && is_name && !is_word && !is_everyday(core)).then(|| written(found))?
    }

    /// How many words from `i` on are a person's whole name, misheard, and the words of that name.
    fn whole(&self, words: &[Word], i: usize) -> Option<(usize, &[String])> {
        (1..=LONGEST_WHOLE).find_map(|count| {
            let said = words.get(i..i + count)?;
            let (last, before) = said.split_last()?;
            let is_one = before.iter().all(|w| parts(&w.text).2.is_empty())
                && said.iter().skip(1).all(|w| parts(&w.text).0.is_empty())
                && !parts(&last.text).2.starts_with('-');
            let is_open = said.iter().all(|w| w.raw.is_none() && is_capital(parts(&w.text).1));
            if !is_one || !is_open {
                return None;
            }
            let folded: Vec<String> = said.iter().map(|w| fold_by_ear(parts(&w.text).1)).collect();
            let names = self.targets.whole(&folded)?;
            // What is sure stays, unless it is right.
            let stays =
                |w: &Word| w.confidence < SURE || names.iter().any(|n| n == parts(&w.text).1);
            said.iter().all(stays).then_some((count, names))
        })
    }

    /// The name that words `i` and `i + 1` should be together.
    fn joined(&self, words: &[Word], i: usize) -> Option<&str> {
        let [first, second] = words.get(i..i + 2)? else { return None };
        let ((_, a, between), (before, b, _)) = (parts(&first.text), parts(&second.text));
        let unsure = first.confidence < SURE && second.confidence < SURE;
        let whole = first.raw.is_none() && second.raw.is_none() && is_word(a) && is_word(b);
        if !unsure || !whole || !between.is_empty() || !before.is_empty() {
            return None;
        }
        let folded = fold_by_ear(&format!("{a}{b}"));
        if !is_capital(a) || folded.chars().count() < SHORTEST_JOINED || is_title(&fold_by_ear(a)) {
            return None;
        }
        // "Mitglied der" is no "Mitglieder".
        let small = |w: &str| {
            !is_capital(w) && self.heard.get(&fold_by_ear(w)).is_some_and(|h| h.times >= OFTEN)
        };
        if small(b) {
            return None;
        }
        written(self.targets.same_sound(&folded).filter(|m| m.edits == 0)?)
    }

    /// Words that are no misheard names: those also written small, and those the recogniser is sure
    /// of on the whole.
    fn is_ordinary(&self, folded: &str) -> bool {
        self.heard.get(folded).is_some_and(|h| {
            h.small > 0 || h.times >= OFTEN && h.confidence / h.times as f32 >= SURE
        })
    }

    /// A word that is said more often than the name it sounds like, and mostly where no person's
    /// name is expected, is a word of its own ("Damen" where there is a Frau Dahmen).
    fn is_own_word(&self, folded: &str, found: &Match<'_>) -> bool {
        let Some(heard) = self.heard.get(folded) else { return false };
        if found.edits == 0 && found.sounds >= LONG {
            return false;
        }
        let times = self.heard.get(&fold_by_ear(&found.form.written)).map_or(0, |h| h.times);
        heard.times > times.max(1) && heard.addressed * 2 < heard.times
    }

    /// Whether a person's name is expected at `i`: behind a form of address, an office or a known
    /// given name.
    fn is_addressed(&self, words: &[Word], i: usize) -> bool {
        let Some(before) = i.checked_sub(1).map(|j| words[j].text.as_str()) else { return false };
        let (_, core, after) = parts(before);
        // "Dr." ends no sentence; any other mark ends what the form of address belongs to.
        let folded = fold_by_ear(core);
        let title = matches!(folded.as_str(), "dr" | "prof");
        (after.is_empty() || title) && (is_title(&folded) || self.targets.is_person(core))
    }
}

/// The words of a name in the place of those that were heard, which share their time by letters.
fn renamed(heard: &[Word], names: &[String]) -> Vec<Word> {
    let (Some(first), Some(last)) = (heard.first(), heard.last()) else { return Vec::new() };
    let raw = heard.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    let confidence = heard.iter().map(|w| w.confidence).fold(1.0, f32::min);
    let letters: usize = names.iter().map(|name| name.chars().count()).sum();
    let span = last.end_ms.since(first.start_ms);
    let mut said = 0;
    let mut words: Vec<Word> = Vec::with_capacity(names.len());
    for name in names {
        let at = |letter: usize| {
            first.start_ms.plus_millis(span * letter as u64 / letters.max(1) as u64)
        };
        let start_ms = at(said);
        said += name.chars().count();
        let text = name.clone();
        words.push(Word { text, start_ms, end_ms: at(said), confidence, raw: Some(raw.clone()) });
    }
    // Where as many words were heard, their own times are better.
    if heard.len() == names.len() {
        for (word, heard) in words.iter_mut().zip(heard) {
            (word.start_ms, word.end_ms) = (heard.start_ms, heard.end_ms);
            word.raw = (heard.text != word.text).then(|| heard.text.clone());
            word.confidence = heard.confidence;
        }
    }
    let (before, after) = (parts(&first.text).0, parts(&last.text).2);
    if let Some(word) = words.first_mut() {
        word.text.insert_str(0, before);
    }
    if let Some(word) = words.last_mut() {
        word.text.push_str(after);
    }
    for word in &mut words {
        word.raw.take_if(|raw| *raw == word.text);
    }
    words
}

/// The bounds where a person's name is expected: the same as heard, one edit in a longer name, two
/// in a very long one, and not much else as written.
fn is_near(found: &Match<'_>) -> bool {
    let edits = match found.sounds {
        0..=6 => 0,
        7..LONG => 1,
        _ => 2,
    };
    found.edits <= edits && found.letters <= 3 && found.letters * 2 <= found.sounds
}

/// The bounds anywhere else: the same as heard, one edit in a long name, less as written.
fn is_same(found: &Match<'_>) -> bool {
    let edits = usize::from(found.sounds >= 8 && found.form.kind != TermKind::Title);
    let letters = match found.sounds {
        0..=5 => 1,
        6..=7 => 2,
        _ => 3,
    };
    found.edits <= edits && found.letters <= letters
}

fn written(found: Match<'_>) -> Option<&str> {
    found.unique.then_some(found.form.written.as_str())
}

fn is_capital(core: &str) -> bool {
    core.chars().next().is_some_and(char::is_uppercase)
}

/// What stands before, in and behind a written word: marks, letters, marks.
fn parts(text: &str) -> (&str, &str, &str) {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    let start = text.find(core).unwrap_or(0);
    (&text[..start], core, &text[start + core.len()..])
}

/// Letters with hyphens, large ones only at the start of a part: numbers and abbreviations are not
/// corrected.
fn is_word(core: &str) -> bool {
    core.chars().count() >= 3
        && core.chars().all(|c| c.is_alphabetic() || "-'’".contains(c))
        && core
            .split('-')
            .all(|part| part.chars().count() > 1 && !part.chars().skip(1).any(char::is_uppercase))
}

#[cfg(test)]
mod tests;
