//! The words by which compounds are split, kept in the index itself: it changes in the same commit
//! as the documents that were split by it, and it forgets what they forget.

use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{Searcher, TantivyDocument, Term};

use crate::analysis::{Analyzer, Entry, Explained, exact};
use crate::model::error::{Doing, Error, Result};
use crate::segment::index_document::IndexDocument;
use crate::segment::schema::{DocumentKind, Fields, SEPARATOR, SearchField};

/// Mark of an abbreviation that the archive explains, before it; the body that does stands behind all.
const EXPLAINED: char = '=';
/// Mark of a place whose council this is, before it.
const PLACE: char = '@';
/// Mark of a noun behind its number.
const NOUN: char = 'N';

/// Words with their number, sorted.
#[derive(Debug)]
pub(super) struct Dictionary {
    name: String,
    entries: Vec<Entry>,
    explained: Vec<Explained>,
    places: Vec<String>,
}

impl Dictionary {
    /// Of these words; its name is made from them.
    pub(super) fn new(entries: Vec<Entry>, explained: Vec<Explained>, places: Vec<String>) -> Self {
        let name = format!("{:016x}", fnv(write(&entries, &explained, &places).as_bytes()));
        Self { name, entries, explained, places }
    }

    /// The one in the index; `None` where nothing was learned yet.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn read(fields: &Fields, searcher: &Searcher) -> Result<Option<Self>> {
        const DOING: &str = "Wörterbuch lesen";
        let query = TermQuery::new(fields.all(DocumentKind::Dictionary), IndexRecordOption::Basic);
        let found = searcher.search(&query, &DocSetCollector).doing(DOING)?;
        let Some(address) = found.into_iter().next() else { return Ok(None) };
        let document: TantivyDocument = searcher.doc(address).doing(DOING)?;
        let text = document.get_first(fields.record).and_then(|value| value.as_str());
        let read = |text: &str| {
            let (places, text): (Vec<&str>, Vec<&str>) =
                text.lines().partition(|line| line.starts_with(PLACE));
            let (abbreviations, words): (Vec<&str>, Vec<&str>) =
                text.into_iter().partition(|line| line.starts_with(EXPLAINED));
            let places = places.iter().map(|line| line[PLACE.len_utf8()..].to_owned());
            let words = words.into_iter().map(entry).collect::<Option<Vec<_>>>()?;
            let abbreviations = abbreviations.into_iter().map(abbreviation);
            Some(Self::new(words, abbreviations.collect::<Option<Vec<_>>>()?, places.collect()))
        };
        let read = text.and_then(read);
        read.map(Some).ok_or_else(|| Error::Damaged { what: "das Wörterbuch ist unlesbar".into() })
    }

    /// What tells it from others.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The analysis by it.
    pub(super) fn analyzer(&self) -> Analyzer {
        Analyzer::new(&self.entries, &self.explained, &self.places)
    }

    /// The abbreviations that the documents explain.
    pub(super) fn explained(&self) -> &[Explained] {
        &self.explained
    }

    /// Its words.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// As a document of the index.
    pub(super) fn document(&self, fields: &Fields) -> IndexDocument<'static> {
        let mut document = IndexDocument::new(fields, DocumentKind::Dictionary);
        document.add_text(fields.record, write(&self.entries, &self.explained, &self.places));
        document
    }

    /// Drops the words that no passage holds any more; gives whether there were any.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn forget(&mut self, fields: &Fields, searcher: &Searcher) -> Result<bool> {
        let before = self.entries.len() + self.explained.len();
        let is_held = |word: &str| -> Result<bool> {
            let mut held = false;
            for place in [SearchField::Spoken, SearchField::Written] {
                let term = Term::from_field_text(fields.of(place).exact, word);
                held |= searcher.doc_freq(&term).doing("Wörterbuch prüfen")? > 0;
            }
            Ok(held)
        };
        let mut kept = Vec::with_capacity(self.entries.len());
        for entry in self.entries.drain(..) {
            if is_held(&entry.word)? {
                kept.push(entry);
            }
        }
        let mut explained = Vec::with_capacity(self.explained.len());
        for known in self.explained.drain(..) {
            let words = known.long.split(' ').chain([known.short.as_str()]).filter_map(exact);
            let mut held = true;
            for word in words {
                held &= is_held(&word)?;
            }
            if held {
                explained.push(known);
            }
        }
        *self = Self::new(kept, explained, std::mem::take(&mut self.places));
        Ok(self.entries.len() + self.explained.len() < before)
    }
}

fn write(entries: &[Entry], explained: &[Explained], places: &[String]) -> String {
    let line = |entry: &Entry| {
        let noun = if entry.noun { "N" } else { "" };
        format!("{} {}{noun}\n", entry.written, entry.count)
    };
    let abbreviation = |Explained { short, body, long }: &Explained| {
        format!("{EXPLAINED}{short} {long}{SEPARATOR}{}\n", body.replace(['\n', '\r'], " "))
    };
    let place = |place: &String| format!("{PLACE}{place}\n");
    let explained = explained.iter().map(abbreviation);
    entries.iter().map(line).chain(explained).chain(places.iter().map(place)).collect()
}

fn abbreviation(line: &str) -> Option<Explained> {
    let (short, rest) = line.strip_prefix(EXPLAINED)?.split_once(' ')?;
    let (long, body) = rest.split_once(SEPARATOR)?;
    let [short, long, body] = [short, long, body].map(str::to_owned);
    Some(Explained { short, body, long })
}

fn entry(line: &str) -> Option<Entry> {
    let (written, count) = line.split_once(' ')?;
    let number = count.trim_end_matches(NOUN);
    Some(Entry {
        word: exact(written)?,
        written: written.to_owned(),
        count: number.parse().ok()?,
        noun: number.len() < count.len(),
    })
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
