//! Word times: how far the start of a rightly recognised word lies from where it was spoken, and
//! whether that changes over the hours.

use std::fmt;
use std::ops::AddAssign;

use serde::Serialize;

use super::wer::{Step, align};
use super::{SaidWord, normalize};
use crate::domain::{MediaTime, Word};

/// Differences of word starts, heard minus said, one per rightly recognised word whose true start is
/// known exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "WordTimesReport")]
pub struct WordTimes {
    differences: Vec<Difference>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Difference {
    said: MediaTime,
    /// Milliseconds, above zero where it is heard too late.
    late: i64,
}

impl WordTimes {
    /// Compares the words of a truth file with those of a transcript on the same time line.
    pub fn compare(said: &[SaidWord], heard: &[Word]) -> Self {
        let exact = |said: &SaidWord| (!said.estimated).then_some(said.word.start_ms);
        let (said_texts, said_at) = firsts(said.iter().map(|said| (&said.word, exact(said))));
        let (heard_texts, heard_at) = firsts(heard.iter().map(|word| (word, word.start_ms)));
        let differences = align(&said_texts, &heard_texts)
            .into_iter()
            .filter_map(|step| match step {
                Step::Same(i, j) => {
                    let said = said_at[i]?;
                    let late = heard_at[j].millis() as i64 - said.millis() as i64;
                    Some(Difference { said, late })
                }
                _ => None,
            })
            .collect();
        Self { differences }
    }

    /// How many words were recognised rightly, and so compared.
    pub fn words(&self) -> usize {
        self.differences.len()
    }

    /// The share of words that start within `ms` milliseconds of the truth.
    pub fn share_within(&self, ms: i64) -> f64 {
        let within = self.differences.iter().filter(|d| d.late.abs() <= ms).count();
        within as f64 / self.differences.len().max(1) as f64
    }

    /// The `q`-quantile (0..=1) of the absolute differences, in milliseconds.
    pub fn quantile(&self, q: f64) -> i64 {
        let mut sorted: Vec<i64> = self.differences.iter().map(|d| d.late.abs()).collect();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * q).round() as usize).copied().unwrap_or(0)
    }

    /// The mean of the signed differences, in milliseconds.
    pub fn signed_mean(&self) -> f64 {
        self.mean(|d| d.late as f64)
    }

    /// By how many milliseconds words are heard later at the end than at the start: the slope of
    /// the signed differences over the time of the words (least squares), times the span of that
    /// time. Words that are all late by the same have none. Several recordings put together count
    /// by the time since the start of each.
    pub fn drift(&self) -> f64 {
        let at = |d: &Difference| d.said.millis() as f64;
        let (middle, mean) = (self.mean(at), self.signed_mean());
        let sum = |of: &dyn Fn(&Difference) -> f64| self.differences.iter().map(of).sum::<f64>();
        let both = sum(&|d| (at(d) - middle) * (d.late as f64 - mean));
        let spread = sum(&|d| (at(d) - middle).powi(2));
        if spread > 0.0 { both / spread * self.span_ms() as f64 } else { 0.0 }
    }

    /// Milliseconds between the first and the last word, over which the drift is measured.
    pub fn span_ms(&self) -> u64 {
        let times = || self.differences.iter().map(|d| d.said);
        times().max().map_or(0, |last| last.since(times().min().unwrap_or(last)))
    }

    fn mean(&self, of: impl Fn(&Difference) -> f64) -> f64 {
        self.differences.iter().map(of).sum::<f64>() / self.differences.len().max(1) as f64
    }
}

impl AddAssign for WordTimes {
    fn add_assign(&mut self, other: Self) {
        self.differences.extend(other.differences);
    }
}

/// Of each written word the first normalised one, which alone has its start, and that start.
fn firsts<'w, T>(words: impl Iterator<Item = (&'w Word, T)>) -> (Vec<String>, Vec<T>) {
    let first =
        |(word, at): (&Word, T)| Some((normalize::normalize(&word.text).into_iter().next()?, at));
    words.filter_map(first).unzip()
}

impl fmt::Display for WordTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Wortanfänge: Median {} ms, 95 % unter {} ms, {:.1} % binnen 200 ms, \
             Mittel {:+.1} ms, Drift {:+.1} ms in {} ({} richtig erkannte Wörter)",
            self.quantile(0.5),
            self.quantile(0.95),
            self.share_within(200) * 100.0,
            self.signed_mean(),
            self.drift(),
            MediaTime::from_millis(self.span_ms()).clock(),
            self.differences.len(),
        )
    }
}

/// As JSON: the figures, and what they were made from.
#[derive(Serialize)]
struct WordTimesReport {
    median_ms: i64,
    p95_ms: i64,
    within_200_ms: f64,
    signed_mean_ms: f64,
    drift_ms: f64,
    span_ms: u64,
    said_ms: Vec<MediaTime>,
    differences_ms: Vec<i64>,
}

impl From<WordTimes> for WordTimesReport {
    fn from(times: WordTimes) -> Self {
        Self {
            median_ms: times.quantile(0.5),
            p95_ms: times.quantile(0.95),
            within_200_ms: times.share_within(200),
            signed_mean_ms: times.signed_mean(),
            drift_ms: times.drift(),
            span_ms: times.span_ms(),
            said_ms: times.differences.iter().map(|d| d.said).collect(),
            differences_ms: times.differences.iter().map(|d| d.late).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn drift_is_found_and_lateness_is_not_taken_for_it(
            pauses in prop::collection::vec(100u64..5000, 10..200),
            late in 0.0f64..500.0,
            drift_per_hour in -50.0f64..1000.0,
        ) {
            let word = |ms: f64| Word {
                text: "ja".into(),
                start_ms: MediaTime::from_millis(ms.round() as u64),
                end_ms: MediaTime::from_millis(ms.round() as u64),
                confidence: 1.0, raw: None,
            };
            let mut at = 10_000.0;
            let (mut said, mut heard) = (Vec::new(), Vec::new());
            for pause in pauses {
                at += pause as f64;
                said.push(SaidWord { word: word(at), estimated: false });
                heard.push(word(at + late + drift_per_hour * at / 3_600_000.0));
            }
            let times = WordTimes::compare(&said, &heard);
            let planted = drift_per_hour * times.span_ms() as f64 / 3_600_000.0;
            prop_assert_eq!(times.words(), said.len());
            prop_assert!((times.drift() - planted).abs() <= 1.5, "{} not {planted}", times.drift());
        }
    }
}
