//! Names: how many of the names that were said stand in the transcript, and how many of those that
//! stand there were said; before and after correction. Owns the measure; corrects nothing.

use std::collections::HashSet;
use std::fmt;
use std::ops::AddAssign;

use serde::Serialize;

use super::wer::{Step, align};
use super::{normalize, share};
use crate::domain::Word;

/// Counts of one transcript; they add up over cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NameCounts {
    /// Names said.
    pub said: u64,
    /// Names in the transcript.
    pub heard: u64,
    /// Names in the transcript where they were said.
    pub right: u64,
    /// Words said.
    pub words: u64,
    /// Words wrong, missing or too many.
    pub errors: u64,
}

impl NameCounts {
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
        self.said += other.said;
        self.heard += other.heard;
        self.right += other.right;
        self.words += other.words;
        self.errors += other.errors;
    }
}

/// A transcript before and after names were corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NameScore {
    /// As recognised.
    pub raw: NameCounts,
    /// As corrected.
    pub corrected: NameCounts,
    /// How many words were corrected.
    pub corrections: u64,
}

impl AddAssign for NameScore {
    fn add_assign(&mut self, other: Self) {
        self.raw += other.raw;
        self.corrected += other.corrected;
        self.corrections += other.corrections;
    }
}

impl fmt::Display for NameScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, when: &str, c: &NameCounts| {
            write!(
                f,
                "{when}: {:.2} % der {} gesagten Namen erkannt, {:.2} % der {} erkannten gesagt, \
                 Wortfehlerrate {:.2} %",
                c.recall() * 100.0,
                c.said,
                c.precision() * 100.0,
                c.heard,
                c.wer() * 100.0,
            )
        };
        line(f, "Wie erkannt", &self.raw)?;
        f.write_str("\n")?;
        line(f, "Berichtigt ", &self.corrected)?;
        write!(f, " ({} Wörter berichtigt)", self.corrections)
    }
}

/// Counts names in what was heard against what was said. A name is a normalised word of `names`, as
/// it is or with the ending of a genitive; of a name with a hyphen, each part.
pub fn names(said: &[Word], heard: &[Word], names: &[String]) -> NameCounts {
    let names: HashSet<String> = names.iter().flat_map(|n| normalize::normalize(n)).collect();
    let is_name = |word: &str| {
        names.contains(word)
            || ["s", "es"].iter().any(|e| word.strip_suffix(e).is_some_and(|w| names.contains(w)))
    };
    let words = |words: &[Word]| -> Vec<String> {
        words.iter().flat_map(|w| normalize::normalize(&w.text)).collect()
    };
    let (said, heard) = (words(said), words(heard));
    let count = |words: &[String]| words.iter().filter(|w| is_name(w)).count() as u64;
    let mut counts = NameCounts {
        said: count(&said),
        heard: count(&heard),
        words: said.len() as u64,
        ..NameCounts::default()
    };
    for step in align(&said, &heard) {
        match step {
            Step::Same(i, _) => counts.right += u64::from(is_name(&said[i])),
            _ => counts.errors += 1,
        }
    }
    counts
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
            confidence: 1.0,
            raw: None,
        };
        text.split_whitespace().map(word).collect()
    }

    #[test]
    fn a_name_counts_only_where_it_was_said() {
        let said = words("Frau Muster dankt, Müllers Antrag auch. Herr Muster");
        let heard = words("Frau Musta dankt, Müllers Antrag Muster auch. Herr Muster");
        let counts = names(&said, &heard, &["Muster".into(), "Müller".into()]);
        assert_eq!((counts.said, counts.heard, counts.right), (3, 3, 2));
        assert_eq!((counts.words, counts.errors), (8, 2));
    }
}
