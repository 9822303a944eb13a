//! One word to all its forms: composes the filters, by the words of one archive.

use mitschnitt_german::folding::signed;
use mitschnitt_german::titles;

use super::abbreviations::{self, Abbreviations};
use super::compounds::Compounds;
use super::explained::Explained;
use super::function_words::is_function;
use super::spelling::{bare, bracketed, exact};
use super::vocabulary::Entry;
use super::{parts, readings, stem};

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
        push_new(&mut forms.stems, stem::stem(whole));
        for part in self.compounds.stems(whole) {
            push_new(&mut forms.parts, part);
        }
        for run in parts::runs(whole) {
            push_new(&mut forms.stems, stem::stem(&run));
            for part in self.compounds.stems(&run) {
                push_new(&mut forms.parts, part);
            }
            push_new(&mut forms.exact, run);
        }
        if let Some(joined) = parts::joined(whole) {
            push_new(&mut forms.parts, stem::stem(&joined));
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

fn push_new(list: &mut Vec<String>, form: String) {
    if !list.contains(&form) {
        list.push(form);
    }
}
