//! From a word as written to the forms under which it is found; composes one filter per file.
//!
//! It knows no index and no query: the same functions read documents, queries and names, which is
//! what makes highlighting agree with searching. Further filters belong here as files of their
//! own, called in [`Analyzer::forms`] or, over several words, beside it.
//! How words are spelt and sound, numerals, titles and function words are the crate `mitschnitt_german`'s,
//! which alignment and transcription use as well.

mod abbreviations;
mod address;
mod compounds;
mod explained;
mod function_words;
mod numbers;
mod overrides;
mod papers;
mod parts;
mod readings;
mod stem;
mod vocabulary;

pub(crate) use abbreviations::{Abbreviations, LongForm, capitals};
pub(crate) use address::{REACH as NAME_REACH, named_after};
pub(crate) use explained::Explained;
pub(crate) use function_words::{gram, is_function, is_stopword, other_forms};
use mitschnitt_german::folding;
pub(crate) use mitschnitt_german::folding::{core_range, signed};
use mitschnitt_german::sound::spoken_code;
use mitschnitt_german::titles;
pub(crate) use parts::{joined, split as split_parts};
pub(crate) use readings::{Asks, WordReading, among as readings, of_word as reading_of_word};
pub(crate) use stem::{noun, stem};
pub(crate) use vocabulary::Entry;
pub use vocabulary::Vocabulary;

use compounds::Compounds;

/// Raised with every change that makes an old index answer differently from a new one.
pub(crate) const VERSION: u32 = 9;
/// Shortest code by which a name is found.
const MIN_SOUND: usize = 2;

/// Every form of one word; all of them stand at the word's one position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forms {
    /// The word itself and the runs of its parts, equally spelt; the word itself is the last.
    pub exact: Vec<String>,
    /// Their stems; none of function words.
    pub stems: Vec<String>,
    /// These stems, those of the parts of compounds, and of hyphenated words written as one: what
    /// has a word in it in whatever way is found by one of them.
    pub parts: Vec<String>,
    /// Whether it is of a number: one itself, or what an article makes one.
    pub counts: bool,
    /// Whether it is a form of address, which a name may follow.
    pub addresses: bool,
    /// Whether it is a function word.
    pub functions: bool,
}

/// The analysis by the words of one archive. Shared between threads by reference.
#[derive(Debug)]
pub(crate) struct Analyzer {
    compounds: Compounds,
    /// Of queries; no text is indexed by them.
    pub abbreviations: Abbreviations,
}

impl Default for Analyzer {
    /// Knows the words that come with the program.
    fn default() -> Self {
        Self::new(&[], &[], &[])
    }
}

impl Analyzer {
    /// Splits compounds by these words, and knows these abbreviations beside its own, in these places.
    pub(crate) fn new(entries: &[Entry], explained: &[Explained], places: &[String]) -> Self {
        let abbreviations = Abbreviations::new(explained, entries, places);
        Self { compounds: Compounds::new(entries), abbreviations }
    }

    /// The forms of a word as written; `None` where nothing of it is spoken.
    pub(crate) fn look_up(&self, written: &str) -> Option<Forms> {
        if let Some((number, sign)) = signed(written) {
            // Both stand at one position.
            let (mut both, sign) = (self.look_up(number)?, self.look_up(sign)?);
            both.exact.splice(0..0, sign.exact);
            both.stems.extend(sign.stems);
            both.parts.extend(sign.parts);
            return Some(both);
        }
        if let Some((front, whole)) = bracketed(written) {
            // "Mitarbeiter(innen)" is both.
            let (mut both, front) = (self.look_up(&whole)?, self.look_up(front)?);
            let merge = |list: &mut Vec<String>, more: Vec<String>| {
                let new: Vec<String> =
                    more.into_iter().filter(|form| !list.contains(form)).collect();
                list.splice(0..0, new);
            };
            merge(&mut both.exact, front.exact);
            merge(&mut both.stems, front.stems);
            merge(&mut both.parts, front.parts);
            return Some(both);
        }
        Some(self.written_forms(written, &exact(written)?))
    }

    /// The forms of a word as written, which is normalized to `exact`.
    fn written_forms(&self, written: &str, exact: &str) -> Forms {
        let mut forms = self.forms(exact);
        if let Some(capitals) = abbreviations::capitals(written) {
            forms.exact.insert(0, capitals.clone());
            forms.stems.push(capitals.clone());
            forms.parts.push(capitals);
        }
        if !forms.functions {
            forms.stems.extend(self.noun(written, exact));
        }
        forms
    }

    /// The one form of all inflections of a noun, apart from verbs and other nouns of its stem;
    /// `None` for what is no noun: what the archive does not write with a capital or, of words that
    /// it does not know, what is not written so here.
    pub(crate) fn noun(&self, written: &str, exact: &str) -> Option<String> {
        let capital = || bare(written).is_some_and(|bare| bare.starts_with(char::is_uppercase));
        let noun = self.compounds.is_noun(exact).unwrap_or_else(capital);
        noun.then(|| stem::noun(exact))
    }

    /// The forms of a normalized word (see [`exact`]), whether it is a noun or not.
    pub(crate) fn forms(&self, whole: &str) -> Forms {
        let mut forms = Forms {
            counts: readings::counts(whole),
            addresses: titles::before_names(whole),
            functions: is_function(whole),
            ..Forms::default()
        };
        if forms.functions {
            forms.exact.push(whole.to_owned());
            return forms;
        }
        push_new(&mut forms.stems, stem(whole));
        for part in self.compounds.stems(whole) {
            push_new(&mut forms.parts, part);
        }
        for run in parts::runs(whole) {
            push_new(&mut forms.stems, stem(&run));
            for part in self.compounds.stems(&run) {
                push_new(&mut forms.parts, part);
            }
            push_new(&mut forms.exact, run);
        }
        if let Some(joined) = parts::joined(whole) {
            push_new(&mut forms.parts, stem(&joined));
        }
        push_new(&mut forms.exact, whole.to_owned());
        for form in readings::of_word(whole).into_iter().flat_map(|reading| reading.forms) {
            push_new(&mut forms.stems, form);
        }
        for stem in &forms.stems {
            push_new(&mut forms.parts, stem.clone());
        }
        forms
    }

    /// A normalized word as it is mostly written, where that is known.
    pub(crate) fn written(&self, word: &str) -> Option<&str> {
        self.compounds.written(word)
    }

    /// The last part of a compound, as spelt.
    pub(crate) fn last_part(&self, whole: &str) -> Option<String> {
        self.compounds.last_part(whole)
    }

    /// The stems of the parts that make a normalized word, in order; empty for one in one piece.
    pub(crate) fn compound(&self, whole: &str) -> Vec<String> {
        self.compounds.parts(whole)
    }
}

/// The one spelling of a word (see [`folding::exact`]) in which accents are dropped, but for umlauts, and a
/// street is one however short it is written: "Hegelstr." is "hegelstrasse", "Dvořák" is "dvorak".
pub(crate) fn exact(word: &str) -> Option<String> {
    if let Some((_, whole)) = bracketed(word) {
        return exact(&whole);
    }
    let mut exact = folding::exact(word)?;
    if !exact.is_ascii() {
        exact = folding::without_accents(&exact);
    }
    if let Some(front) = exact.strip_suffix("str") {
        let is_street = front.is_empty() || front.len() >= SHORTEST_STREET || front.ends_with('-');
        if is_street && !front.ends_with(|c: char| c.is_ascii_digit()) {
            exact.push_str("asse");
        }
    }
    Some(exact)
}

/// A word with an ending in brackets: without it, and with it. "Kita(s)," is "Kita" and "Kitas".
pub(crate) fn bracketed(word: &str) -> Option<(&str, String)> {
    let (front, rest) = word.split_once('(')?;
    let (ending, behind) = rest.split_once(')')?;
    let letters = |text: &str| !text.is_empty() && text.chars().all(char::is_alphabetic);
    let is_whole = letters(ending)
        && front.ends_with(char::is_alphabetic)
        && !behind.starts_with(char::is_alphanumeric);
    is_whole.then(|| (front, format!("{front}{ending}")))
}

/// `word` without the punctuation around it; `None` where that would change what is spoken.
pub(crate) fn bare(word: &str) -> Option<&str> {
    folding::bare(word).filter(|_| bracketed(word).is_none())
}

/// Fewest letters of a street's name before "str".
const SHORTEST_STREET: usize = 3;

/// The form under which a name is found by its sound; `None` for what is too short to tell, or no
/// name.
pub(crate) fn sound(exact: &str) -> Option<String> {
    let code = spoken_code(exact);
    let name = exact.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'');
    (code.len() >= MIN_SOUND && name).then_some(code)
}

/// The sounds of a name and of the parts of a double one.
pub(crate) fn sounds(exact: &str) -> Vec<String> {
    let parts = parts::split(exact);
    let mut sounds: Vec<String> = Vec::with_capacity(parts.len() + 1);
    for sound in std::iter::once(exact).chain(parts).filter_map(sound) {
        push_new(&mut sounds, sound);
    }
    sounds
}

/// Whether a word as written is short for a longer one: "Bevölkerungs-".
pub(crate) fn is_suspended(written: &str) -> bool {
    written.trim_end_matches(',').ends_with('-') && written.len() > 3
}

/// The words that words with a hyphen at their end are short for, with the index of each: of
/// "Bevölkerungs- und Zivilschutz" "bevoelkerungsschutz". `last` gives the last part of a compound.
pub(crate) fn suspended(
    written: &[&str],
    last: impl Fn(&str) -> Option<String>,
) -> Vec<(usize, String)> {
    const BETWEEN: [&str; 6] = ["und", "oder", "bzw", "sowie", "als", "wie"];
    /// Words until the one that is written in full.
    const REACH: usize = 6;
    let mut found = Vec::new();
    for (at, word) in written.iter().enumerate().filter(|(_, word)| is_suspended(word)) {
        let behind = written[at + 1..].iter().take(REACH);
        let full = behind
            .filter(|word| !is_suspended(word))
            .filter_map(|word| exact(word))
            .find(|word| !BETWEEN.contains(&word.as_str()));
        let whole = full.and_then(|full| Some(format!("{}{}", exact(word)?, last(&full)?)));
        found.extend(whole.map(|whole| (at, whole)));
    }
    found
}

/// What the analysis depends on beside [`VERSION`]: changes in the lists change the index.
pub(crate) fn fingerprint() -> String {
    format!("{VERSION}-{:08x}", overrides::fingerprint(function_words::all()))
}

fn push_new(list: &mut Vec<String>, form: String) {
    if !list.contains(&form) {
        list.push(form);
    }
}

#[cfg(test)]
mod tests;
