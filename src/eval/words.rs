//! Word times: how far the start of a rightly recognised word lies from where it was spoken.

use std::fmt;
use std::ops::AddAssign;

use serde::Serialize;

use super::normalize;
use super::wer::{Step, align};
use crate::domain::{MediaTime, Word};

/// Differences of word starts in milliseconds, heard minus said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WordTimes {
    /// One difference per rightly recognised word, in order of time.
    pub differences_ms: Vec<i64>,
}

impl WordTimes {
    /// Compares the words of a truth file with those of a transcript on the same time line.
    pub fn compare(said: &[Word], heard: &[Word]) -> Self {
        let (said, heard) = (starts(said), starts(heard));
        let texts = |words: &[(String, MediaTime)]| -> Vec<String> {
            words.iter().map(|(text, _)| text.clone()).collect()
        };
        let differences_ms = align(&texts(&said), &texts(&heard))
            .into_iter()
            .filter_map(|step| match step {
                Step::Same(i, j) => Some(heard[j].1.millis() as i64 - said[i].1.millis() as i64),
                _ => None,
            })
            .collect();
        Self { differences_ms }
    }

    /// The share of words that start within `ms` milliseconds of the truth.
    pub fn share_within(&self, ms: i64) -> f64 {
        let within = self.differences_ms.iter().filter(|d| d.abs() <= ms).count();
        within as f64 / self.differences_ms.len().max(1) as f64
    }

    /// The `q`-quantile (0..=1) of the absolute differences.
    pub fn quantile(&self, q: f64) -> i64 {
        let mut sorted: Vec<i64> = self.differences_ms.iter().map(|d| d.abs()).collect();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * q).round() as usize).copied().unwrap_or(0)
    }

    /// The mean of the signed differences; far from zero where times drift.
    pub fn signed_mean(&self) -> f64 {
        self.differences_ms.iter().sum::<i64>() as f64 / self.differences_ms.len().max(1) as f64
    }
}

impl AddAssign for WordTimes {
    fn add_assign(&mut self, other: Self) {
        self.differences_ms.extend(other.differences_ms);
    }
}

/// Normalised words with the start of the written word each stems from; only the first part of a
/// written word has its start.
fn starts(words: &[Word]) -> Vec<(String, MediaTime)> {
    let first = |w: &Word| Some((normalize::normalize(&w.text).into_iter().next()?, w.start_ms));
    words.iter().filter_map(first).collect()
}

impl fmt::Display for WordTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Wortanfänge: Median {} ms, 95 % unter {} ms, {:.1} % binnen 200 ms, \
             Mittel {:+.1} ms ({} richtig erkannte Wörter)",
            self.quantile(0.5),
            self.quantile(0.95),
            self.share_within(200) * 100.0,
            self.signed_mean(),
            self.differences_ms.len(),
        )
    }
}
