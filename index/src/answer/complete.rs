//! What a beginning may become while it is typed: persons, councils, agenda titles, papers and
//! frequent words of the archive. Made once for every state of the index, kept in memory, sorted.

use std::collections::HashMap;

use serde::Serialize;
use tantivy::Searcher;

use crate::analysis::{Entry, core_range, exact, noun};
use crate::model::error::{Doing, Result};
use crate::model::facet::Facet;
use crate::segment::schema::{PAPER_LABEL, SEPARATOR};

/// Shortest beginning that is completed, in bytes.
const MIN_BEGINNING: usize = 2;
/// Words of a title at which it can be begun.
const BEGINNINGS: usize = 8;
/// Shortest word of a title at which it can be begun.
const MIN_WORD: usize = 3;
/// Shortest word that is completed by itself.
const MIN_COMPLETED: usize = 5;

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Completed {
    /// Somebody who speaks.
    Person,
    /// A council or committee.
    Organization,
    /// A paper.
    Paper,
    /// The title of an agenda item.
    Item,
    /// A word that is said.
    Word,
}

/// What a beginning may become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// As written.
    pub text: String,
    /// What it is.
    #[serde(rename = "kind")]
    pub what: Completed,
    /// What to ask for it: of a person what they said, not who calls them.
    pub query: String,
    /// Person's id; empty for others.
    #[serde(skip)]
    pub id: String,
}

/// All completions.
#[derive(Debug, Default)]
pub(crate) struct Completions {
    all: Vec<Completion>,
    weights: Vec<u64>,
    /// Their normalized words, with spaces between them.
    words: Vec<Box<str>>,
    /// Normalized beginnings, sorted, each with the place of what it begins.
    begins: Vec<(Box<str>, u32)>,
}

impl Completions {
    /// Of what an index holds and of the words it has learned.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn new(searcher: &Searcher, words: &[Entry]) -> Result<Self> {
        let mut made = Self::default();
        for (column, what) in [
            (Facet::Person.column(), Completed::Person),
            (Facet::Organization.column(), Completed::Organization),
            (PAPER_LABEL, Completed::Paper),
            (Facet::Item.column(), Completed::Item),
        ] {
            for (label, count) in labels(searcher, column)? {
                let (id, text) = label.split_once(SEPARATOR).unwrap_or(("", &label));
                let query = match what {
                    Completed::Person => format!("sprecher:\"{}\"", text.replace('"', "")),
                    _ => text.to_owned(),
                };
                let (text, id) = (text.to_owned(), id.to_owned());
                made.add(Completion { text, what, query, id }, count);
            }
        }
        // Of the forms of a word only the most frequent.
        let mut forms: HashMap<String, &Entry> = HashMap::new();
        for word in words.iter().filter(|word| word.noun && word.word.len() >= MIN_COMPLETED) {
            let best = forms.entry(noun(&word.word)).or_insert(word);
            if (best.count, &word.word) < (word.count, &best.word) {
                *best = word;
            }
        }
        for word in forms.into_values() {
            let text = word.written.clone();
            let (query, what) = (text.clone(), Completed::Word);
            let completion = Completion { text, what, query, id: String::new() };
            made.add(completion, word.count.into());
        }
        made.begins.sort();
        Ok(made)
    }

    fn add(&mut self, completion: Completion, weight: u64) {
        let place = self.all.len() as u32;
        let words: Vec<String> = normalized(&completion.text);
        for first in 0..words.len().min(BEGINNINGS) {
            if first == 0 || words[first].len() >= MIN_WORD {
                self.begins.push((words[first..].join(" ").into(), place));
            }
        }
        self.all.push(completion);
        self.weights.push(weight);
        self.words.push(words.join(" ").into());
    }

    /// What `typed` may become: what begins with all of it, then what its last word may become beside the
    /// others. Names before words, of each the most frequent first.
    pub(crate) fn of(&self, typed: &str, limit: usize) -> Vec<Completion> {
        let whole = normalized(typed).join(" ");
        let begun = self.best(&whole, limit, |_| true);
        let mut found: Vec<Completion> =
            begun.iter().map(|place| self.all[*place].clone()).collect();
        let Some((earlier, last)) = last_word(typed) else { return found };
        let known = normalized(earlier);
        let has = |place: usize, word: &str| self.words[place].split(' ').any(|w| w == word);
        let is_wanted = |place: usize| match self.all[place].what {
            Completed::Word => !known.iter().any(|word| has(place, word)),
            _ => known.iter().all(|word| has(place, word)) && !begun.contains(&place),
        };
        for place in self.best(&last, limit - found.len(), is_wanted) {
            let mut completion = self.all[place].clone();
            if completion.what == Completed::Word {
                completion.text = format!("{earlier} {}", completion.text);
                completion.query.clone_from(&completion.text);
            }
            found.push(completion);
        }
        found
    }

    /// The best that begin so at any of their words, by their places.
    fn best(&self, beginning: &str, limit: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        if beginning.len() < MIN_BEGINNING || limit == 0 {
            return Vec::new();
        }
        let first = self.begins.partition_point(|(key, _)| **key < *beginning);
        let matching =
            self.begins[first..].iter().take_while(|(key, _)| key.starts_with(beginning));
        let mut best: Vec<usize> = Vec::with_capacity(limit + 1);
        let rank = |place: usize| {
            let Completion { text, what, id, .. } = &self.all[place];
            (*what, std::cmp::Reverse(self.weights[place]), text, id)
        };
        for place in matching.map(|(_, place)| *place as usize) {
            let at = best.partition_point(|other| rank(*other) < rank(place));
            if at < limit && best.get(at) != Some(&place) && wanted(place) {
                best.insert(at, place);
                best.truncate(limit);
            }
        }
        best
    }
}

/// The words before the one that is being typed, and that one, normalized; none where there is but one,
/// or where it is no plain word.
fn last_word(typed: &str) -> Option<(&str, String)> {
    let (earlier, last) = typed.trim_start().rsplit_once(char::is_whitespace)?;
    let last = exact(last).filter(|_| last.starts_with(char::is_alphanumeric))?;
    Some((earlier.trim_end(), last))
}

fn normalized(text: &str) -> Vec<String> {
    text.split_whitespace().filter(|word| core_range(word).is_some()).filter_map(exact).collect()
}

/// The values of a text column with the number of documents that have each.
fn labels(searcher: &Searcher, column: &str) -> Result<HashMap<String, u64>> {
    const DOING: &str = "Vorschläge sammeln";
    let mut labels: HashMap<String, u64> = HashMap::new();
    for reader in searcher.segment_readers() {
        let Some(values) = reader.fast_fields().str(column).doing(DOING)? else { continue };
        let mut counts = vec![0u64; values.num_terms()];
        for doc in reader.doc_ids_alive() {
            for number in values.term_ords(doc) {
                counts[number as usize] += 1;
            }
        }
        for (number, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let mut label = String::new();
            values.ord_to_str(number as u64, &mut label).doing(DOING)?;
            *labels.entry(label).or_default() += count;
        }
    }
    Ok(labels)
}
