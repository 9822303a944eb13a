//! The words of an archive and how often they occur: what compounds are split by. Knows how words
//! are written, not what they are made of.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};
use mitschnitt_german::folding::core_range;
use rayon::iter::{ParallelBridge, ParallelIterator};

use super::explained::{self, Explained};
use super::spelling::exact;
use crate::model::document::{Kind, MeetingDoc};
use crate::model::words::Words;

/// Longest word that can be a part, in bytes.
const MAX_PART: usize = 24;
/// Words of text for which one more occurrence is asked of a part: a large archive attests its
/// typing errors too.
const WORDS_PER_OCCURRENCE: u64 = 1_000_000;
/// Most occurrences that are asked for.
const MOST_OCCURRENCES: u32 = 5;
/// Meetings whose words are enough to know those of all others.
const ENOUGH_MEETINGS: usize = 400;
/// Share of capitalized words below which a text does not capitalize nouns at all.
const CAPITALIZED_TEXT: f64 = 0.05;
/// Most places whose initials tell anything.
const MOST_PLACES: usize = 3;
/// Most long forms of one abbreviation.
const MOST_LONG: usize = 3;
/// Words of councils that an archive of a few meetings may not hold by themselves.
const COMMON: &str = include_str!("words.txt");

/// Counts words as they are written.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    words: HashMap<String, u32>,
    total: u64,
    explained: HashMap<Explained, u32>,
    /// The last words of the names of bodies: mostly places.
    places: BTreeSet<String>,
}

impl Vocabulary {
    /// Of so many meetings every how many-th is counted: more of them bring rare words only, of
    /// which compounds are not made.
    pub fn step(meetings: usize) -> usize {
        meetings.div_ceil(ENOUGH_MEETINGS).max(1)
    }

    /// Counts the words of `meetings`, each of which is read by one of several threads; those that
    /// `read` does not give have no words.
    ///
    /// # Errors
    /// One that `read` gives; what has not been read by then is not.
    pub fn of<M: Send, E: Send>(
        meetings: impl Iterator<Item = M> + Send,
        read: impl Fn(M) -> Result<Option<MeetingDoc>, E> + Sync,
    ) -> Result<Self, E> {
        // Each thread takes the next meeting when it has counted one, so that none is read ahead.
        let counted = meetings.par_bridge().try_fold(Self::default, |mut words, meeting| {
            let meeting = read(meeting)?;
            let Some(MeetingDoc { body, passages, .. }) = &meeting else { return Ok(words) };
            words.places.extend(place(body));
            // What votes repeat was counted where it stands.
            for passage in passages.iter().filter(|passage| passage.kind != Kind::Vote) {
                passage.words.iter().for_each(|word| words.add(word));
                words.explain(&passage.words, body);
            }
            Ok(words)
        });
        counted.try_reduce(Self::default, |mut words, others| {
            words.extend(others);
            Ok(words)
        })
    }

    /// Counts one word, with its punctuation.
    pub fn add(&mut self, word: &str) {
        let Some(core) = core_range(word).map(|range| &word[range]) else { return };
        self.total += 1;
        match self.words.get_mut(core) {
            Some(count) => *count += 1,
            None => {
                self.words.insert(core.to_owned(), 1);
            }
        }
    }

    /// Counts the abbreviations that a text of `body` explains.
    fn explain(&mut self, text: &Words, body: &str) {
        if !explained::may_explain(text.as_text()) {
            return;
        }
        let words: Vec<&str> = text.iter().collect();
        for known in explained::explained(&words, body) {
            *self.explained.entry(known).or_default() += 1;
        }
    }

    /// The abbreviations that the texts explain, sorted; of each the long forms that most of a body do.
    pub(crate) fn explained(&self) -> Vec<Explained> {
        let mut all: Vec<(&Explained, u32)> = self.explained.iter().map(|(e, n)| (e, *n)).collect();
        all.sort_by(|(a, n), (b, m)| a.of().cmp(&b.of()).then(m.cmp(n)).then(a.cmp(b)));
        let of_each = all.chunk_by(|(a, _), (b, _)| a.of() == b.of());
        let mut kept: Vec<Explained> =
            of_each.flat_map(|all| all.iter().take(MOST_LONG)).map(|(e, _)| (*e).clone()).collect();
        kept.sort();
        kept
    }

    /// The places whose councils these are, sorted; none where there are too many to tell one.
    pub(crate) fn places(&self) -> Vec<String> {
        let few = self.places.len() <= MOST_PLACES;
        self.places.iter().filter(|_| few).cloned().collect()
    }

    /// Adds what another has counted.
    pub fn extend(&mut self, other: Self) {
        if self.words.is_empty() && self.explained.is_empty() && self.places.is_empty() {
            *self = other;
            return;
        }
        for (known, count) in other.explained {
            *self.explained.entry(known).or_default() += count;
        }
        self.places.extend(other.places);
        self.total += other.total;
        for (word, count) in other.words {
            *self.words.entry(word).or_default() += count;
        }
    }

    /// The words that can be parts of others, sorted.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut counts: HashMap<String, Counted<'_>> = HashMap::new();
        let mut capitals = 0u64;
        for (word, count) in &self.words {
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            capitals += if capital { u64::from(*count) } else { 0 };
            // Hyphenated words attest their pieces.
            for piece in word.split(|c: char| !c.is_alphabetic()).filter(|piece| !piece.is_empty())
            {
                let capital = piece.chars().next().is_some_and(char::is_uppercase);
                let Some(form) = exact(piece).filter(|form| is_part(form)) else { continue };
                let counted = counts.entry(form).or_default();
                counted.all = counted.all.saturating_add(*count);
                counted.capital = counted.capital.saturating_add(if capital { *count } else { 0 });
                // Whatever the order of the words: the most frequent spelling, then the first.
                if (*count, std::cmp::Reverse(piece))
                    > (counted.most, std::cmp::Reverse(counted.written))
                {
                    (counted.most, counted.written) = (*count, piece);
                }
            }
        }
        let least = 1 + (self.total / WORDS_PER_OCCURRENCE) as u32;
        let least = least.min(MOST_OCCURRENCES);
        let capitalized = capitals as f64 >= CAPITALIZED_TEXT * self.total as f64;
        let mut entries: Vec<Entry> = counts
            .into_iter()
            .filter(|(_, counted)| counted.all >= least)
            .map(|(word, counted)| Entry {
                word,
                written: counted.written.to_owned(),
                count: counted.all,
                noun: !capitalized || counted.capital * 2 >= counted.all,
            })
            .collect();
        entries.sort_by(|a, b| a.word.cmp(&b.word));
        entries
    }
}

/// The last word of a body's name: "Stadt Musterstadt".
fn place(body: &str) -> Option<String> {
    let last = body.split_whitespace().next_back()?;
    last.starts_with(char::is_uppercase).then(|| last.to_owned())
}

/// What is known of a word while counting.
#[derive(Default)]
struct Counted<'w> {
    all: u32,
    capital: u32,
    /// How often it is spelt like [`Self::written`].
    most: u32,
    written: &'w str,
}

/// A word that can be a part of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Normalized.
    pub word: String,
    /// As it is mostly written.
    pub written: String,
    /// How often it occurs.
    pub count: u32,
    /// Whether it is mostly written with a capital.
    pub noun: bool,
}

/// The words that come with the program, as if each had been said once.
pub(crate) fn common() -> impl Iterator<Item = Entry> {
    COMMON.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).filter_map(
        |word| {
            let noun = word.chars().next().is_some_and(char::is_uppercase);
            Some(Entry { word: exact(word)?, written: word.to_owned(), count: 1, noun })
        },
    )
}

fn is_part(form: &str) -> bool {
    form.len() >= 3 && form.len() <= MAX_PART && form.bytes().all(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    const MEETINGS: usize = 10_000;

    #[test]
    fn an_error_ends_the_reading_and_reaches_the_caller() {
        let read = AtomicUsize::new(0);
        let counted = Vocabulary::of(0..MEETINGS, |meeting| {
            read.fetch_add(1, Ordering::Relaxed);
            // To read them all would take seconds.
            thread::sleep(Duration::from_millis(1));
            if meeting == 10 { Err("unreadable") } else { Ok(None) }
        });
        assert_eq!(counted.unwrap_err(), "unreadable");
        assert!(read.into_inner() < MEETINGS, "the others were read all the same");
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let read = |meeting| if meeting == 10 { panic!("damaged") } else { Ok::<_, ()>(None) };
        let counted = catch_unwind(AssertUnwindSafe(|| Vocabulary::of(0..100, read)));
        assert_eq!(counted.unwrap_err().downcast_ref(), Some(&"damaged"));
    }
}
