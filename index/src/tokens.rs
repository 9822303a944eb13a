//! From a text as it is handed to Tantivy to tokens at its words' positions. The analysis runs here,
//! in the threads that write, so every core that indexes also analyses.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analysis::{self, Analyzer};
use crate::lexicon::{Lexicon, List, Traits, Unread, WordId};
use crate::words::{BETWEEN, Words, words_of};

/// Between the first position and the word that follows the text.
const BEFORE_NEXT: char = ' ';

/// Which forms of its words a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// As spelt.
    Exact,
    /// Stems.
    Stems,
    /// Stems of the parts of compounds.
    Parts,
    /// Function words side by side.
    Grams,
    /// Sounds of the names that were addressed.
    Names,
    /// Sounds of all words, of a field that holds names only.
    Sounds,
}

impl Held {
    /// The name under which the schema knows its tokenizer.
    pub(crate) fn tokenizer(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Stems => "stems",
            Self::Parts => "parts",
            Self::Grams => "grams",
            Self::Names => "names",
            Self::Sounds => "sounds",
        }
    }
}

/// The analysis that the threads use which write; exchanged only while nobody writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writing(Arc<Exchanged>);

#[derive(Debug, Default)]
struct Exchanged {
    analyzer: RwLock<Arc<Analyzer>>,
    /// Names the analyzer, among those of all indexes of this process: threads that write look at
    /// it before every text, and would wait for each other at the lock.
    number: AtomicU64,
    /// What threads have read that ended, for those that follow: every commit ends them all.
    readers: Mutex<Vec<Reader>>,
}

impl Writing {
    /// From now on words are read by `analyzer`.
    pub(crate) fn set(&self, analyzer: Arc<Analyzer>) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let mut now = self.0.analyzer.write().unwrap_or_else(PoisonError::into_inner);
        *now = analyzer;
        self.0.number.store(1 + LAST.fetch_add(1, Ordering::Relaxed), Ordering::Release);
        self.forget();
    }

    /// Gives up the memory of what was read.
    pub(crate) fn forget(&self) {
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Makes the tokenizers of the schema known.
    pub(crate) fn register(&self, manager: &TokenizerManager) {
        use Held::{Exact, Grams, Names, Parts, Sounds, Stems};
        for held in [Exact, Stems, Parts, Grams, Names, Sounds] {
            manager.register(held.tokenizer(), WordTokenizer { held, writing: self.clone() });
        }
    }
}

/// A text for a field: words, the first of which stands at `first`, and the word behind them, for
/// pairs of words.
pub(crate) fn text(first: usize, words: &Words, next: Option<&str>) -> String {
    let mut text = String::with_capacity(words.as_text().len() + 32);
    text.push_str(&first.to_string());
    if let Some(next) = next {
        text.push(BEFORE_NEXT);
        text.push_str(next);
    }
    text.push(BETWEEN);
    text.push_str(words.as_text());
    text
}

#[derive(Clone)]
struct WordTokenizer {
    held: Held,
    writing: Writing,
}

/// What one thread that writes has read.
#[derive(Debug)]
struct Reader {
    analyzer: Arc<Analyzer>,
    /// See [`Exchanged::number`].
    number: u64,
    lexicon: Lexicon,
    /// The text read last, and its words in order: the fields of a passage hold the same one.
    text: String,
    words: Vec<WordId>,
    /// What any of these may begin.
    traits: Traits,
}

/// The reader of a thread, which others take over when the thread ends.
struct Reading {
    /// Missing only while a text is read.
    reader: Option<Box<Reader>>,
    /// Where it goes then.
    home: Arc<Exchanged>,
}

thread_local! {
    static READING: Cell<Option<Reading>> = const { Cell::new(None) };
}

impl Exchanged {
    /// A reader that reads as is said now.
    fn reader(&self) -> Reader {
        let number = self.number.load(Ordering::Acquire);
        let rested = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        rested.filter(|reader| reader.number == number).unwrap_or_else(|| {
            let analyzer = self.analyzer.read().unwrap_or_else(PoisonError::into_inner);
            Reader {
                analyzer: Arc::clone(&analyzer),
                number,
                lexicon: Lexicon::default(),
                text: String::new(),
                words: Vec::new(),
                traits: Traits::default(),
            }
        })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let number = self.home.number.load(Ordering::Acquire);
        if let Some(reader) = self.reader.take().filter(|reader| reader.number == number) {
            self.home.readers.lock().unwrap_or_else(PoisonError::into_inner).push(*reader);
        }
    }
}

impl Reader {
    /// Makes `text` the one that was read last.
    fn read(&mut self, text: &str) {
        if self.text == text {
            return;
        }
        if self.lexicon.is_full() {
            self.lexicon = Lexicon::default();
        }
        self.words.clear();
        let words = words_of(text).map(|word| self.lexicon.read(word, &self.analyzer));
        self.words.extend(words);
        self.traits = self.lexicon.traits_of(&self.words);
        self.text.clear();
        self.text.push_str(text);
    }

    /// The forms of a word of the text in a list.
    fn unread(&self, at: usize, list: Option<List>) -> Unread {
        let list = list.and_then(|list| Some(self.lexicon.list(*self.words.get(at)?, list)));
        list.unwrap_or_default()
    }

    fn whole(&self, at: usize) -> Option<&str> {
        self.lexicon.whole(*self.words.get(at)?)
    }

    /// The one spelling of every number; every word of it stands for all of it.
    fn numbers(&self) -> Vec<More> {
        if !self.traits.counts {
            return Vec::new();
        }
        // Nothing else can be of a number: what begins one, and what stands behind that.
        let counts = |at: usize| self.lexicon.traits(self.words[at]).counts;
        let may_be = |at: usize| counts(at) || at.checked_sub(1).is_some_and(counts);
        let words = (0..self.words.len()).map(|at| self.whole(at).filter(|_| may_be(at)));
        let numbers = analysis::numbers(&words.collect::<Vec<_>>()).into_iter();
        let numbers =
            numbers.flat_map(|number| number.words.map(move |at| (at, number.form.clone())));
        numbers.map(|(at, form)| More { at, forms: vec![form] }).collect()
    }

    /// The stems of what words with a hyphen at their end are short for, and of its parts.
    fn suspended(&self) -> Vec<More> {
        // Most texts have none at all.
        if !self.traits.open {
            return Vec::new();
        }
        let written: Vec<&str> = words_of(&self.text).collect();
        let short = analysis::suspended(&written, |full| self.analyzer.last_part(full)).into_iter();
        let known = |at: usize, form: &String| {
            let word = self.words[at];
            let lists = [List::Stems, List::Parts];
            lists.iter().any(|list| self.lexicon.forms(word, *list).any(|known| known == form))
        };
        let more = short.map(|(at, whole)| {
            let forms = self.analyzer.forms(&whole);
            let all = forms.stems.into_iter().chain(forms.parts);
            More { at, forms: all.filter(|form| !known(at, form)).collect() }
        });
        more.collect()
    }

    /// The sounds of the names that were addressed.
    fn names(&self) -> Vec<More> {
        if !self.traits.addresses {
            return Vec::new();
        }
        let written: Vec<&str> = words_of(&self.text).collect();
        let word = |at: usize| Some((*written.get(at)?, self.whole(at)?));
        let named = (0..self.words.len()).filter(|&at| analysis::named_after(at, word));
        self.sounds(named)
    }

    /// The sounds of these words.
    fn sounds(&self, words: impl Iterator<Item = usize>) -> Vec<More> {
        let sounds = |at| Some(More { at, forms: analysis::sounds(self.whole(at)?) });
        words.filter_map(sounds).collect()
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordTokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordTokens {
        let (first, words) = text.split_once(BETWEEN).unwrap_or((text, ""));
        let (first, next) = first.split_once(BEFORE_NEXT).unwrap_or((first, ""));
        let home = &self.writing.0;
        let number = home.number.load(Ordering::Acquire);
        // Taken as it is: threads that count together who holds its home wait for each other.
        let own = READING.take().filter(|own| Arc::ptr_eq(&own.home, home));
        let mut reading = own.unwrap_or_else(|| Reading { reader: None, home: Arc::clone(home) });
        let own = reading.reader.take().filter(|own| own.number == number);
        let mut reader = own.unwrap_or_else(|| Box::new(home.reader()));
        reader.read(words);
        let (mut list, mut more, mut behind) = (None, Vec::new(), WordId::SILENT);
        match self.held {
            Held::Exact => list = Some(List::Exact),
            Held::Stems => (list, more) = (Some(List::Stems), reader.numbers()),
            Held::Parts => (list, more) = (Some(List::Parts), reader.suspended()),
            Held::Names => more = reader.names(),
            Held::Sounds => more = reader.sounds(0..reader.words.len()),
            Held::Grams if next.is_empty() => {}
            Held::Grams => behind = reader.lexicon.read(next, &reader.analyzer),
        }
        let unread = reader.unread(0, list);
        reading.reader = Some(reader);
        WordTokens {
            reading: Some(reading),
            list,
            pairs: self.held == Held::Grams,
            behind,
            more,
            at: 0,
            unread,
            at_more: 0,
            given: 0,
            position: first.parse().unwrap_or(0),
            token: Token::default(),
        }
    }
}

/// Forms of a word that depend on those around it.
struct More {
    /// The place of the word.
    at: usize,
    forms: Vec<String>,
}

/// The tokens of one text.
struct WordTokens {
    /// Put back at the end.
    reading: Option<Reading>,
    /// The list of forms that is held of each word.
    list: Option<List>,
    /// Whether pairs of function words are held.
    pairs: bool,
    /// The word behind the text.
    behind: WordId,
    /// More forms of some words, in their order.
    more: Vec<More>,
    /// The word it is at, and which of its forms are left.
    at: usize,
    unread: Unread,
    /// Where it is among `more`, and how many of those forms, or of a word's pairs, were given.
    at_more: usize,
    given: usize,
    /// Of the word it is at.
    position: usize,
    token: Token,
}

impl WordTokens {
    /// Writes the next form of the word it is at into its token; gives whether there was one.
    fn write(&mut self, reader: &Reader, word: WordId) -> bool {
        self.token.text.clear();
        if let Some(form) = reader.lexicon.next(&mut self.unread) {
            self.token.text.push_str(form);
            return true;
        }
        if self.pairs {
            return self.write_pair(reader, word);
        }
        let more = self.more.get(self.at_more).filter(|more| more.at == self.at);
        let Some(form) = more.and_then(|more| more.forms.get(self.given)) else { return false };
        self.given += 1;
        self.token.text.push_str(form);
        true
    }

    /// The same for pairs of function words: `word` with the one behind it.
    fn write_pair(&mut self, reader: &Reader, word: WordId) -> bool {
        let Reader { lexicon, words, .. } = reader;
        if !lexicon.traits(word).functions {
            return false;
        }
        let behind = words[self.at + 1..].iter().find(|word| **word != WordId::SILENT);
        let behind = *behind.unwrap_or(&self.behind);
        if !lexicon.traits(behind).functions {
            return false;
        }
        // "er/sie" is both of its parts.
        let forms = |word| lexicon.forms(word, List::Exact);
        let pairs = forms(word).flat_map(|first| forms(behind).map(move |second| (first, second)));
        for (first, second) in pairs.skip(self.given) {
            self.given += 1;
            if analysis::write_gram(first, second, &mut self.token.text) {
                return true;
            }
        }
        false
    }

    /// Writes the next token; gives whether there was one.
    fn step(&mut self, reader: &Reader) -> bool {
        while let Some(&word) = reader.words.get(self.at) {
            // Words that are not spoken (a lone dash) take no position: phrases match across them.
            if word != WordId::SILENT {
                if self.write(reader, word) {
                    self.token.position = self.position;
                    return true;
                }
                self.position += 1;
            }
            if self.more.get(self.at_more).is_some_and(|more| more.at == self.at) {
                self.at_more += 1;
            }
            self.at += 1;
            self.given = 0;
            self.unread = reader.unread(self.at, self.list);
        }
        false
    }
}

impl TokenStream for WordTokens {
    fn advance(&mut self) -> bool {
        let Some(mut reading) = self.reading.take() else { return false };
        let stepped = reading.reader.take().is_some_and(|reader| {
            let stepped = self.step(&reader);
            reading.reader = Some(reader);
            stepped
        });
        self.reading = Some(reading);
        stepped
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Drop for WordTokens {
    fn drop(&mut self) {
        READING.set(self.reading.take());
    }
}
