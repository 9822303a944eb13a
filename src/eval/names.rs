//! Names: how many of the names that were said stand in the transcript as they are written, and how many of
//! those that stand there were said; as heard, as heard with the names as a prompt, and as corrected. Owns
//! the measure; corrects nothing.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::AddAssign;

use mitschnitt_german::folding::bare;
use serde::Serialize;

use super::{normalize, share, wer};

/// Counts of one transcript; they add up over cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NameCounts {
    /// Different names said.
    pub names: u64,
    /// Of those, which stand in the transcript at least as often as they were said.
    pub complete: u64,
    /// Times a name was said.
    pub said: u64,
    /// Times a name stands in the transcript.
    pub heard: u64,
    /// Of those, as often as each was said at most.
    pub right: u64,
    /// Words said.
    pub words: u64,
    /// Words wrong, missing or too many.
    pub errors: u64,
}

impl NameCounts {
    /// Share of the different names that stand there as often as they were said, 0..=1.
    pub fn complete_share(&self) -> f64 {
        share(self.complete as f64, self.names as f64)
    }

    /// Share of the names said that were heard, 0..=1.
    pub fn recall(&self) -> f64 {
        share(self.right as f64, self.said as f64)
    }

    /// Share of the names heard that were said, 0..=1.
    pub fn precision(&self) -> f64 {
        share(self.right as f64, self.heard as f64)
    }

    /// Word error rate over all words.
    pub fn wer(&self) -> f64 {
        self.errors as f64 / self.words.max(1) as f64
    }
}

impl AddAssign for NameCounts {
    fn add_assign(&mut self, other: Self) {
        self.names += other.names;
        self.complete += other.complete;
        self.said += other.said;
        self.heard += other.heard;
        self.right += other.right;
        self.words += other.words;
        self.errors += other.errors;
    }
}

/// A transcript at each step towards its names; a step that was not taken is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NameScore {
    /// As heard without any vocabulary.
    pub heard: Option<NameCounts>,
    /// As heard with the meeting's names as a prompt.
    pub prompted: Option<NameCounts>,
    /// As corrected.
    pub corrected: NameCounts,
    /// How many words were corrected.
    pub corrections: u64,
}

impl AddAssign for NameScore {
    fn add_assign(&mut self, other: Self) {
        let add = |sum: &mut Option<NameCounts>, more: Option<NameCounts>| {
            if let Some(more) = more {
                *sum.get_or_insert_default() += more;
            }
        };
        add(&mut self.heard, other.heard);
        add(&mut self.prompted, other.prompted);
        self.corrected += other.corrected;
        self.corrections += other.corrections;
    }
}

impl fmt::Display for NameScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |step: &str, counts: Option<NameCounts>| match counts {
            None => writeln!(f, "{step}: nicht gemessen"),
            Some(c) => writeln!(
                f,
                "{step}: {} von {} Namen ({:.1} %) so oft wie gesagt; {:.1} % der {} Nennungen erkannt, \
                 {:.1} % der {} erkannten gesagt; Wortfehlerrate {:.2} %",
                c.complete,
                c.names,
                c.complete_share() * 100.0,
                c.recall() * 100.0,
                c.said,
                c.precision() * 100.0,
                c.heard,
                c.wer() * 100.0,
            ),
        };
        line("Wie gehört  ", self.heard)?;
        line("Mit Vorgabe ", self.prompted)?;
        line("Berichtigt  ", Some(self.corrected))?;
        write!(f, "Wörter berichtigt: {}", self.corrections)
    }
}

/// Counts names in what was heard against what was said, both as written: letter for letter, without the
/// punctuation around them. A name counts as it is or with the ending of a genitive, which must be right
/// as well; of a name with a hyphen, each part counts, too.
pub fn names(said: &[&str], heard: &[&str], names: &[String]) -> NameCounts {
    let parts = names.iter().flat_map(|name| name.split('-').filter(|part| part.len() > 2));
    let names: HashSet<&str> = parts.chain(names.iter().map(String::as_str)).collect();
    let is_name = |word: &str| {
        names.contains(word)
            || ["s", "es"].iter().any(|e| word.strip_suffix(e).is_some_and(|w| names.contains(w)))
    };
    let named = |words: &[&str]| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for word in words.iter().filter_map(|w| bare(w)).filter(|w| is_name(w)) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        counts
    };
    let normalized = |words: &[&str]| -> Vec<String> {
        words.iter().flat_map(|w| normalize::normalize(w)).collect()
    };
    let errors = wer(&normalized(said), &normalized(heard));
    let (said, heard) = (named(said), named(heard));
    let found = |name: &String| heard.get(name).copied().unwrap_or(0);
    NameCounts {
        names: said.len() as u64,
        complete: said.iter().filter(|(name, times)| found(name) >= **times).count() as u64,
        said: said.values().sum(),
        heard: heard.values().sum(),
        right: said.iter().map(|(name, times)| found(name).min(*times)).sum(),
        words: errors.words,
        errors: errors.substitutions + errors.deletions + errors.insertions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_letter_for_letter_and_no_oftener_than_it_was_said() {
        let words = |text: &'static str| -> Vec<&str> { text.split_whitespace().collect() };
        let said = words("Frau Muster dankt, Müllers Antrag auch. Herr Muster (Spa-Mitte)");
        let heard =
            words("Frau Musta dankt, müllers Antrag Spa auch. „Herr Muster, Spa-Mitte Theux");
        let known = ["Muster", "Müller", "Spa-Mitte", "Theux"].map(String::from);
        let counts = names(&said, &heard, &known);
        assert_eq!((counts.names, counts.complete), (3, 1));
        assert_eq!((counts.said, counts.heard, counts.right), (4, 4, 2));
        assert_eq!((counts.words, counts.errors), (10, 3));
    }
}
