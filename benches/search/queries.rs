//! What is asked, and how long the answers take.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use mitschnitt::eval::JudgedQuery;

use crate::corpus::Corpus;
use crate::{Anyhow, milliseconds};

/// Single words taken from frequent to rare.
const WORDS: usize = 200;
/// Rounds over all queries; the first only warms.
const ROUNDS: usize = 3;

/// The judged queries, and single words, pairs and phrases from the text.
pub fn mixed(corpus: &Corpus, judged: &[JudgedQuery]) -> Vec<String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for word in corpus.words() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.chars().count() >= 4 && bare.chars().all(char::is_alphabetic) {
            *counts.entry(bare).or_default() += 1;
        }
    }
    let mut words: Vec<(&str, u32)> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    // Every rank is so much rarer than the one before: 1st, 2nd, … 100th, … 10,000th word.
    let last = (words.len() - 1) as f64;
    let rank = |n: usize| last.powf(n as f64 / (WORDS - 1) as f64) as usize;
    let singles: Vec<&str> = (0..WORDS).map(|n| words[rank(n)].0).collect();
    let mut queries: Vec<String> = judged.iter().map(|query| query.query.clone()).collect();
    queries.extend(singles.iter().map(|word| (*word).to_owned()));
    queries.extend(singles.windows(2).step_by(2).map(|pair| pair.join(" ")));
    let step = corpus.words().len() / WORDS;
    let starts = (0..WORDS / 2).map(|n| n * step * 2);
    queries.extend(starts.map(|at| format!("\"{}\"", corpus.words()[at..at + 3].join(" "))));
    queries
}

/// A query's words, and its phrase as one.
pub fn plain(query: &str) -> Vec<String> {
    match query.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(phrase) => vec![phrase.to_owned()],
        None => query.split_whitespace().map(str::to_owned).collect(),
    }
}

/// How long answers took.
pub struct Timed(Vec<Duration>);

impl Timed {
    /// Of every query after a first round.
    pub fn over(queries: &[String], mut ask: impl FnMut(&str) -> Anyhow<()>) -> Anyhow<Self> {
        let mut times = Vec::with_capacity(queries.len() * ROUNDS);
        for round in 0..ROUNDS {
            for query in queries {
                let began = Instant::now();
                ask(query)?;
                if round > 0 {
                    times.push(began.elapsed());
                }
            }
        }
        times.sort();
        Ok(Self(times))
    }

    fn at(&self, share: f64) -> f64 {
        milliseconds(self.0[((self.0.len() - 1) as f64 * share) as usize])
    }
}

impl fmt::Display for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = format!("{:.2} / {:.2} / {:.2}", self.at(0.5), self.at(0.99), self.at(1.0));
        f.pad(&times)
    }
}
