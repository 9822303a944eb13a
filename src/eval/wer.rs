//! Word error rate: edit distance between what was said and what was heard.

use std::fmt;
use std::ops::AddAssign;

use serde::Serialize;

use super::normalize;
use crate::domain::Word;

/// Counts of one comparison; add them up to pool several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WerScore {
    /// Words said.
    pub words: u64,
    /// Words heard as others.
    pub substitutions: u64,
    /// Words not heard.
    pub deletions: u64,
    /// Words heard that nobody said.
    pub insertions: u64,
    /// Characters said.
    pub characters: u64,
    /// Characters wrong.
    pub character_errors: u64,
}

impl WerScore {
    /// (S + D + I) / N.
    pub fn wer(&self) -> f64 {
        let errors = self.substitutions + self.deletions + self.insertions;
        errors as f64 / self.words.max(1) as f64
    }

    /// The same over characters.
    pub fn cer(&self) -> f64 {
        self.character_errors as f64 / self.characters.max(1) as f64
    }
}

impl AddAssign for WerScore {
    fn add_assign(&mut self, other: Self) {
        self.words += other.words;
        self.substitutions += other.substitutions;
        self.deletions += other.deletions;
        self.insertions += other.insertions;
        self.characters += other.characters;
        self.character_errors += other.character_errors;
    }
}

impl fmt::Display for WerScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Wortfehlerrate {:.1} % ({} Wörter: {} falsch, {} fehlen, {} zu viel), \
             Zeichenfehlerrate {:.1} %, Normalisierung {}",
            self.wer() * 100.0,
            self.words,
            self.substitutions,
            self.deletions,
            self.insertions,
            self.cer() * 100.0,
            normalize::VERSION,
        )
    }
}

/// Compares normalised words.
pub fn wer(said: &[String], heard: &[String]) -> WerScore {
    let mut score = WerScore { words: said.len() as u64, ..WerScore::default() };
    for step in align(said, heard) {
        match step {
            Step::Same(..) => {}
            Step::Changed(..) => score.substitutions += 1,
            Step::Missing(_) => score.deletions += 1,
            Step::Added(_) => score.insertions += 1,
        }
    }
    let characters = |words: &[String]| words.join(" ").chars().collect::<Vec<_>>();
    let (said, heard) = (characters(said), characters(heard));
    score.characters = said.len() as u64;
    score.character_errors =
        align(&said, &heard).iter().filter(|s| !matches!(s, Step::Same(..))).count() as u64;
    score
}

/// Compares written words after normalising both.
pub fn wer_of_words(said: &[Word], heard: &[Word]) -> WerScore {
    let words = |words: &[Word]| -> Vec<String> {
        words.iter().flat_map(|w| normalize::normalize(&w.text)).collect()
    };
    wer(&words(said), &words(heard))
}

/// One step of an alignment, by indexes into what was said and what was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Both are equal.
    Same(usize, usize),
    /// One stands for another.
    Changed(usize, usize),
    /// Said, not heard.
    Missing(usize),
    /// Heard, not said.
    Added(usize),
}

/// An alignment of least edit distance, looked for in a band around the diagonal that is wide
/// enough for a tenth of the text to be missing in one place.
pub fn align<T: PartialEq>(said: &[T], heard: &[T]) -> Vec<Step> {
    let (n, m) = (said.len(), heard.len());
    let band = n.abs_diff(m) + 1000 + n.max(m) / 10;
    let center = |i: usize| (i * m).checked_div(n).unwrap_or(0);
    let range = |i: usize| (center(i).saturating_sub(band), (center(i) + band).min(m));
    // moves[i][j - low]: 0 diagonal, 1 up (missing), 2 left (added)
    let mut moves: Vec<Vec<u8>> = Vec::with_capacity(n + 1);
    let (mut before, mut before_low) = (Vec::<u32>::new(), 0);
    for i in 0..=n {
        let (low, high) = range(i);
        let mut costs = Vec::with_capacity(high - low + 1);
        let mut row = Vec::with_capacity(high - low + 1);
        let above = |j: usize| {
            j.checked_sub(before_low).and_then(|k| before.get(k)).copied().unwrap_or(u32::MAX / 2)
        };
        for j in low..=high {
            let mut best = if i == 0 && j == 0 { (0, 0) } else { (u32::MAX / 2, 0) };
            if i > 0 && j > 0 {
                let change = u32::from(said[i - 1] != heard[j - 1]);
                best = best.min((above(j - 1) + change, 0));
            }
            if i > 0 {
                best = best.min((above(j) + 1, 1));
            }
            if let Some(left) = costs.last() {
                best = best.min((left + 1, 2));
            }
            costs.push(best.0);
            row.push(best.1);
        }
        moves.push(row);
        (before, before_low) = (costs, low);
    }
    let (mut i, mut j) = (n, m);
    let mut steps = Vec::new();
    while i > 0 || j > 0 {
        match moves[i][j - range(i).0] {
            0 if said[i - 1] == heard[j - 1] => steps.push(Step::Same(i - 1, j - 1)),
            0 => steps.push(Step::Changed(i - 1, j - 1)),
            1 => steps.push(Step::Missing(i - 1)),
            _ => steps.push(Step::Added(j - 1)),
        }
        match steps.last() {
            Some(Step::Missing(_)) => i -= 1,
            Some(Step::Added(_)) => j -= 1,
            _ => (i, j) = (i - 1, j - 1),
        }
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook recurrence, to check the band and the way back against.
    fn distance(a: &[u8], b: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let change = diagonal + usize::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_alignment_is_whole_and_shortest(
            a in prop::collection::vec(0u8..4, 0..60),
            b in prop::collection::vec(0u8..4, 0..60),
        ) {
            let steps = align(&a, &b);
            let errors = steps.iter().filter(|s| !matches!(s, Step::Same(..))).count();
            prop_assert_eq!(errors, distance(&a, &b));
            let (mut i, mut j) = (0, 0);
            for step in steps {
                let (di, dj) = match step {
                    Step::Same(x, y) | Step::Changed(x, y) => {
                        prop_assert_eq!((x, y), (i, j));
                        (1, 1)
                    }
                    Step::Missing(x) => { prop_assert_eq!(x, i); (1, 0) }
                    Step::Added(y) => { prop_assert_eq!(y, j); (0, 1) }
                };
                (i, j) = (i + di, j + dj);
            }
            prop_assert_eq!((i, j), (a.len(), b.len()));
        }
    }
}
