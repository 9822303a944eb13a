//! Random queries over random meetings in random cuts, against a reading of the query language
//! that knows no index: it looks at the whole word sequence, so a match over a cut counts once.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::analysis;

/// Words that share stems, parts and beginnings, so that few words make many matches; the last are
/// function words.
const WORDS: [&str; 13] = [
    "Haus",
    "Hauses,",
    "Häuser",
    "hausen",
    "Plan",
    "Pläne.",
    "Kreis-Plan",
    "–",
    "rat",
    "nicht",
    "kein",
    "keine",
    "kein/nicht",
];

fn forms(word: &str) -> analysis::Forms {
    static ANALYZER: std::sync::LazyLock<analysis::Analyzer> =
        std::sync::LazyLock::new(Default::default);
    ANALYZER.forms(word)
}

#[derive(Clone, Debug)]
enum Asked {
    Word(usize),
    Prefix(usize),
    Phrase(Vec<usize>),
    Near(Vec<usize>, u32),
    All(Vec<Asked>),
    One(Vec<Asked>),
    Without(Box<Asked>, Box<Asked>),
}

impl Asked {
    fn text(&self) -> String {
        let quoted = |words: &[usize]| {
            let words: Vec<&str> = words.iter().map(|&word| bare(word)).collect();
            format!("\"{}\"", words.join(" "))
        };
        let list = |parts: &[Asked], between: &str| {
            let parts: Vec<String> =
                parts.iter().map(|part| format!("({})", part.text())).collect();
            parts.join(between)
        };
        match self {
            Self::Word(word) => bare(*word).to_owned(),
            Self::Prefix(word) => format!("{}*", beginning(*word)),
            Self::Phrase(words) => quoted(words),
            Self::Near(words, distance) => format!("{}~{distance}", quoted(words)),
            Self::All(parts) => list(parts, " "),
            Self::One(parts) => list(parts, " ODER "),
            Self::Without(plus, minus) => format!("({}) -({})", plus.text(), minus.text()),
        }
    }

    /// What must all hold, and what must not.
    fn conjuncts(&self) -> Vec<(&Self, bool)> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::conjuncts).collect(),
            Self::Without(plus, minus) => {
                let mut parts = plus.conjuncts();
                parts.push((minus, false));
                parts
            }
            other => vec![(other, true)],
        }
    }

    /// Whether the passage `own` matches, and which of the meeting's words are marked there.
    fn at(&self, words: &[&str], own: std::ops::Range<usize>) -> Option<BTreeSet<usize>> {
        let spoken: Vec<usize> =
            (0..words.len()).filter(|&at| analysis::core_range(words[at]).is_some()).collect();
        let owned = |place: usize| own.contains(&spoken[place]);
        let marked: BTreeSet<usize> = match self {
            Self::Word(word) => (own.clone()).filter(|&at| means(words[at], bare(*word))).collect(),
            Self::Prefix(word) => {
                let start = analysis::exact(&beginning(*word)).unwrap();
                let begins = |at: &usize| {
                    let word = analysis::exact(words[*at]).unwrap_or_default();
                    forms(&word).exact.iter().any(|form| form.starts_with(&start))
                };
                own.filter(begins).collect()
            }
            Self::Phrase(phrase) => (0..spoken.len())
                .filter(|&first| {
                    owned(first)
                        && phrase.iter().enumerate().all(|(offset, &word)| {
                            spoken.get(first + offset).is_some_and(|&at| is(words[at], bare(word)))
                        })
                })
                .flat_map(|first| (first..first + phrase.len()).map(|place| spoken[place]))
                .collect(),
            Self::Near(near, distance) => near_marks(near, *distance, words, &spoken, owned),
            Self::All(_) | Self::Without(..) => {
                let mut marked = BTreeSet::new();
                let mut together = Vec::new();
                for part in self.conjuncts() {
                    match part {
                        (Self::Word(_) | Self::Prefix(_), true) => together.push(part.0),
                        (part, true) => marked.extend(part.at(words, own.clone())?),
                        (part, false) => {
                            if part.at(words, own.clone()).is_some() {
                                return None;
                            }
                        }
                    }
                }
                // Words of one row may reach into the lookahead, but not all of them.
                let reach = if together.len() > 1 { LOOKAHEAD } else { 0 };
                let wide = own.start..(own.end + reach).min(words.len());
                let found: Option<Vec<_>> =
                    together.iter().map(|word| word.at(words, wide.clone())).collect();
                let found: BTreeSet<usize> = found?.into_iter().flatten().collect();
                if !together.is_empty() && !found.iter().any(|at| own.contains(at)) {
                    return None;
                }
                marked.extend(found);
                return Some(marked);
            }
            Self::One(parts) => {
                let parts: Vec<_> =
                    parts.iter().filter_map(|part| part.at(words, own.clone())).collect();
                return (!parts.is_empty()).then(|| parts.into_iter().flatten().collect());
            }
        };
        (!marked.is_empty()).then_some(marked)
    }
}

fn near_marks(
    near: &[usize],
    distance: u32,
    words: &[&str],
    spoken: &[usize],
    owned: impl Fn(usize) -> bool,
) -> BTreeSet<usize> {
    let distinct: BTreeSet<&str> = near.iter().map(|&word| bare(word)).collect();
    let hits = |place: usize| distinct.iter().any(|word| means(words[spoken[place]], word));
    let window = (distance as usize + distinct.len().saturating_sub(2)).min(LOOKAHEAD);
    let mut marked = BTreeSet::new();
    for first in (0..spoken.len()).filter(|&first| owned(first) && hits(first)) {
        let last = if distinct.len() == 1 { first } else { (first + window).min(spoken.len() - 1) };
        let whole = distinct
            .iter()
            .all(|word| (first..=last).any(|place| means(words[spoken[place]], word)));
        if whole {
            marked.extend((first..=last).filter(|&place| hits(place)).map(|place| spoken[place]));
        }
    }
    marked
}

fn bare(word: usize) -> &'static str {
    &WORDS[word][analysis::core_range(WORDS[word]).unwrap()]
}

fn beginning(word: usize) -> String {
    bare(word).chars().take(3).collect()
}

/// The same word, or a part of it, as spelt.
fn is(spoken: &str, asked: &str) -> bool {
    let spoken = analysis::exact(spoken).unwrap();
    forms(&spoken).exact.contains(&analysis::exact(asked).unwrap())
}

/// The same word, or a part of it, in any form.
fn means(spoken: &str, asked: &str) -> bool {
    let asked = analysis::exact(asked).unwrap();
    analysis::exact(spoken).is_some_and(|word| match analysis::is_function(&asked) {
        true => forms(&word)
            .exact
            .iter()
            .any(|form| *form == asked || analysis::other_forms(&asked).contains(&form.as_str())),
        false => forms(&word).stems.contains(&analysis::stem(&asked)),
    })
}

/// Words a query can ask for: neither the dash, nor the hyphenated one, whose reading as two words
/// has its own test.
fn a_word() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![0, 1, 2, 3, 4, 5, 8, 9, 10, 11])
}

fn asked() -> impl Strategy<Value = Asked> {
    let leaf = prop_oneof![
        a_word().prop_map(Asked::Word),
        a_word().prop_map(Asked::Prefix),
        prop::collection::vec(a_word(), 1..6).prop_map(Asked::Phrase),
        // Function words in a row are looked for in pairs.
        prop::collection::vec(9usize..12, 1..6).prop_map(Asked::Phrase),
        (prop::collection::vec(a_word(), 2..4), 1u32..5).prop_map(|(w, d)| Asked::Near(w, d)),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..3).prop_map(Asked::All),
            prop::collection::vec(inner.clone(), 2..3).prop_map(Asked::One),
            (inner.clone(), inner)
                .prop_map(|(plus, minus)| Asked::Without(Box::new(plus), Box::new(minus))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Found passages, their number and their marked words, and that similar ones stand last.
    #[test]
    fn search_finds_and_marks_what_the_language_says(
        sequences in prop::collection::vec(
            (prop::collection::vec(0..WORDS.len(), 1..50), prop::collection::vec(1usize..9, 8)),
            1..5,
        ),
        queries in prop::collection::vec(asked(), 12),
    ) {
        let sequences: Vec<(Vec<&str>, Vec<usize>)> = sequences
            .into_iter()
            .map(|(words, cuts)| (words.into_iter().map(|word| WORDS[word]).collect(), cuts))
            .collect();
        let meetings: Vec<MeetingDoc> = sequences
            .iter()
            .enumerate()
            .map(|(n, (words, cuts))| meeting(&format!("m{n}"), words, cuts))
            .collect();
        let archive = Archive::with(meetings.clone());
        for query in queries {
            let mut expected = BTreeSet::new();
            for (meeting, (words, _)) in meetings.iter().zip(&sequences) {
                for passage in &meeting.passages {
                    let first = passage.first_word as usize;
                    if let Some(marks) = query.at(words, first..first + passage.words.len()) {
                        let marks: Vec<u32> = marks.into_iter().map(|word| word as u32).collect();
                        expected.insert((passage.id.clone(), marks));
                    }
                }
            }
            let mut response = archive.ask(&query.text());
            // Wider than the language says is looked only where nothing is as it says.
            if response.breadth != Breadth::Passage {
                prop_assert!(expected.is_empty(), "{}: {expected:?}", query.text());
                continue;
            }
            // What is merely similar is offered behind all that matches.
            let similar: Vec<bool> = response.hits.iter().map(Hit::is_similar).collect();
            prop_assert!(similar.is_sorted(), "{}: {similar:?}", query.text());
            response.hits.retain(|hit| !hit.is_similar());
            response.total -= similar.iter().filter(|similar| **similar).count() as u64;
            prop_assert_eq!(response.total as usize, expected.len(), "{}", query.text());
            prop_assert_eq!(response.hits.len(), expected.len(), "{}", query.text());
            let got: BTreeSet<_> = response
                .hits
                .iter()
                // Only the first 24 words are shown; the longest passages have more.
                .map(|hit| (hit.passage.clone(), marked(hit).into_iter().collect::<Vec<_>>()))
                .collect();
            prop_assert_eq!(got.len(), expected.len(), "a passage twice: {}", query.text());
            for ((id, marks), (want_id, want)) in got.iter().zip(&expected) {
                prop_assert_eq!(id, want_id, "{}", query.text());
                prop_assert!(
                    marks.iter().all(|mark| want.contains(mark)) && marks.first() == want.first(),
                    "{}: {:?} is not of {:?}", query.text(), marks, want
                );
            }
        }
    }

    /// One exact word among many word forms still comes first.
    #[test]
    fn exact_stands_above_word_forms(
        passages in prop::collection::vec(prop::collection::vec(0usize..5, 1..12), 2..40),
    ) {
        let meetings: Vec<MeetingDoc> = passages
            .iter()
            .enumerate()
            .map(|(n, words)| {
                let words: Vec<&str> = words.iter().map(|&word| WORDS[word]).collect();
                said(&format!("m{n}"), &words.join(" "))
            })
            .collect();
        let archive = Archive::with(meetings);
        let ranks: Vec<bool> = archive
            .ask("hauses")
            .hits
            .iter()
            .map(|hit| text(hit).split(' ').any(|word| is(word, "hauses")))
            .collect();
        prop_assert!(ranks.is_sorted_by(|a, b| a >= b), "{:?}", ranks);
    }
}
