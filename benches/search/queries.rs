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

/// Queries of one kind.
pub struct Asked {
    pub kind: &'static str,
    pub queries: Vec<String>,
}

/// The judged queries; and nouns, pairs of them, and three words in a row from the text.
pub fn kinds(corpus: &Corpus, judged: &[JudgedQuery]) -> Vec<Asked> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for word in corpus.words() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let letters = bare.chars().all(char::is_alphabetic) && bare.chars().count() >= 4;
        // People search for nouns; sentences begin with other words too, but seldom with the same.
        if letters && bare.starts_with(char::is_uppercase) {
            *counts.entry(bare).or_default() += 1;
        }
    }
    let mut words: Vec<(&str, u32)> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    // Every rank is so much rarer than the one before: the 1st, 2nd, … 100th, … 10,000th word.
    let last = (words.len() - 1) as f64;
    let rank = |n: usize| last.powf(n as f64 / (WORDS - 1) as f64) as usize;
    let mut nouns: Vec<String> = (0..WORDS).map(|n| words[rank(n)].0.to_owned()).collect();
    nouns.dedup();
    let pairs = nouns.windows(2).map(|pair| pair.join(" ")).collect();
    let step = corpus.words().len() / WORDS;
    let phrase = |n: usize| format!("\"{}\"", corpus.words()[n * step..n * step + 3].join(" "));
    let judged = judged.iter().map(|query| query.query.clone()).collect();
    vec![
        Asked { kind: "judged", queries: judged },
        Asked { kind: "nouns, frequent to rare", queries: nouns },
        Asked { kind: "two of them", queries: pairs },
        Asked { kind: "three words in a row", queries: (0..WORDS).map(phrase).collect() },
    ]
}

/// What nobody types on purpose: long, nested, with stars and tildes, control characters, writing
/// from right to left, pictures.
pub fn hostile(corpus: &Corpus, count: usize) -> Vec<String> {
    const PIECES: [&str; 28] = [
        "(",
        ")",
        "\"",
        "„",
        "“",
        "~",
        "~2",
        "~99",
        "*",
        "-",
        "NICHT ",
        " ODER ",
        " UND ",
        " NAHE/2 ",
        "sprecher:",
        "datum:",
        "2021..",
        "top:",
        "der ",
        "un*",
        "\u{0}",
        "\u{202e}",
        "🙂",
        "e\u{301}",
        "a-b/c-d",
        "5 Mio. ",
        "§ ",
        "((((((((",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    (0..count)
        .map(|_| {
            let length = 1 + next(60);
            let mut query = String::new();
            for _ in 0..length {
                match next(3) {
                    0 => query.push_str(PIECES[next(PIECES.len())]),
                    1 => {
                        let word = &corpus.words()[next(corpus.words().len())];
                        query.push_str(word);
                        query.push(' ');
                    }
                    _ => {
                        let word: String =
                            corpus.words()[next(corpus.words().len())].chars().take(3).collect();
                        query.push_str(&word);
                        query.push_str(["* ", "~2 ", " ", "-"][next(4)]);
                    }
                }
            }
            query
        })
        .collect()
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
    /// Of every query, asked once.
    pub fn once(queries: &[String], mut ask: impl FnMut(&str) -> Anyhow<()>) -> Anyhow<Self> {
        let mut times = Vec::with_capacity(queries.len());
        for query in queries {
            let began = Instant::now();
            ask(query)?;
            times.push(began.elapsed());
        }
        Ok(Self::of(times))
    }

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
        Ok(Self::of(times))
    }

    /// Of these times.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// The times, sorted.
    pub fn times(&self) -> impl Iterator<Item = Duration> + '_ {
        self.0.iter().copied()
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
