//! The words a recording is likely to hold: terms for the recogniser's prompt, window by window, and
//! the test whether a window only repeats that prompt. Owns order and choice; knows no council.

use std::collections::HashSet;

use mitschnitt_german::folding::fold_by_ear;
use serde::Serialize;

use super::Tokenizer;
use crate::domain::{Span, Word};

/// Fewer words than this are no echo: two names in a row are said.
const SHORTEST_ECHO: usize = 4;
/// A run of words from the prompt counts as an echo from this length on.
const SHORTEST_RUN: usize = 3;

/// What a term names; decides how words are corrected towards it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// A human: given names, family name last.
    Person,
    /// A place, an organization, or any line of a vocabulary file.
    Name,
    /// A running text, such as an item's title.
    Title,
    /// Only ever prompted: a number, a reference.
    Reference,
}

/// Something that is likely to be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Term {
    /// As written, spaces single.
    text: String,
    /// What is prompted in its place where there is not room for all.
    short: Option<String>,
    kind: TermKind,
    /// Where it is likely; everywhere if empty.
    spans: Vec<Span>,
}

impl Term {
    /// A term that may be said anywhere.
    pub fn new(kind: TermKind, text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        Self { text: words.join(" "), short: None, kind, spans: Vec::new() }
    }

    /// The same, prompted as `short` where there is not room for all terms.
    #[must_use]
    pub fn or_short(mut self, short: Option<&str>) -> Self {
        self.short = short.map(str::to_owned);
        self
    }

    /// The same, likely only within these spans of the recording; without any, never prompted.
    #[must_use]
    pub fn within(mut self, spans: &[Span]) -> Self {
        let nowhere = Span::new(Default::default(), Default::default());
        self.spans = if spans.is_empty() { nowhere.into_iter().collect() } else { spans.to_vec() };
        self
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it names.
    pub fn kind(&self) -> TermKind {
        self.kind
    }

    fn is_likely_in(&self, window: Span) -> bool {
        self.spans.is_empty() || self.spans.iter().any(|s| s.overlap_millis(window) > 0)
    }
}

/// Terms in order of importance, the most important last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordingVocabulary {
    terms: Vec<Term>,
}

impl RecordingVocabulary {
    /// Terms in order of importance, the most important last; empty ones are dropped.
    pub fn new(terms: Vec<Term>) -> Self {
        Self { terms: terms.into_iter().filter(|t| !t.text.is_empty()).collect() }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// All terms, the most important last.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The prompt for a window: as many whole terms as the model looks at (mostly 224 tokens), each
    /// once, the most important last, since whisper.cpp cuts at the front; empty where no term is likely.
    /// Where there is not room for all, the least important are shortened, and then left out.
    pub fn prompt(&self, window: Span, tokenizer: &Tokenizer) -> Vec<i32> {
        let mut known: HashSet<String> = HashSet::new();
        let likely = self.terms.iter().rev().filter(|term| term.is_likely_in(window));
        let once = likely.filter(|term| {
            let key = fold_by_ear(&term.text);
            !key.is_empty() && known.insert(key)
        });
        // The most important first, which is said last.
        let mut terms: Vec<(&Term, Vec<i32>)> = Vec::new();
        for term in once {
            let ids = encode(&term.text, terms.is_empty(), tokenizer);
            terms.push((term, ids));
        }
        let room = tokenizer.longest_prompt();
        let mut length: usize = terms.iter().map(|(_, ids)| ids.len()).sum();
        for at in (0..terms.len()).rev() {
            let (term, ids) = &mut terms[at];
            if length > room
                && let Some(short) = &term.short
            {
                let short = encode(short, at == 0, tokenizer);
                length = length + short.len() - ids.len();
                *ids = short;
            }
        }
        let mut room = room;
        let mut chosen: Vec<Vec<i32>> = Vec::new();
        for (_, ids) in terms {
            if ids.len() <= room {
                room -= ids.len();
                chosen.push(ids);
            }
        }
        chosen.into_iter().rev().flatten().collect()
    }
}

/// A term's tokens with the mark behind it. A piece never reaches over a space, so terms can be encoded
/// one by one.
fn encode(text: &str, is_last: bool, tokenizer: &Tokenizer) -> Vec<i32> {
    let end = match (is_last, text.ends_with(['.', '!', '?'])) {
        (false, _) => ",",
        (true, true) => "",
        (true, false) => ".",
    };
    tokenizer.encode(&format!(" {text}{end}"))
}

/// Whether what was recognised only repeats the prompt it was given, from one of its terms into the
/// next: a single name or title from the prompt may well have been said.
pub fn is_echo(words: &[Word], prompt: &str) -> bool {
    let heard: Vec<String> =
        words.iter().map(|w| fold_by_ear(&w.text)).filter(|w| !w.is_empty()).collect();
    let prompted: Vec<(String, bool)> = prompt
        .split_whitespace()
        .map(|w| (fold_by_ear(w), w.ends_with([',', '.'])))
        .filter(|(w, _)| !w.is_empty())
        .collect();
    if heard.len() < SHORTEST_ECHO {
        return false;
    }
    let (mut at, mut echoed) = (0, 0);
    while at < heard.len() {
        let run = (0..prompted.len())
            .map(|from| run_length(&heard[at..], &prompted[from..]))
            .max()
            .unwrap_or(0);
        echoed += run;
        at += run.max(1);
    }
    // Four fifths, as the edges of a repeated list are often torn.
    echoed * 5 >= heard.len() * 4
}

/// How many words both begin with, if those are enough and reach from one term into the next.
fn run_length(heard: &[String], prompted: &[(String, bool)]) -> usize {
    let same = heard.iter().zip(prompted).take_while(|(h, p)| **h == p.0).count();
    let crosses = prompted[..same].iter().rev().skip(1).any(|(_, ends)| *ends);
    if same >= SHORTEST_RUN && crosses { same } else { 0 }
}

#[cfg(test)]
mod tests;
