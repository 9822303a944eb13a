//! From a text as it is handed to Tantivy to tokens at its words' positions. The analysis runs here,
//! in the threads that write, so every core that indexes also analyses.

use std::cell::{OnceCell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::HashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analysis::{self, Analyzer, Forms};
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
}

impl Writing {
    /// From now on words are read by `analyzer`.
    pub(crate) fn set(&self, analyzer: Arc<Analyzer>) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let mut now = self.0.analyzer.write().unwrap_or_else(PoisonError::into_inner);
        *now = analyzer;
        self.0.number.store(1 + LAST.fetch_add(1, Ordering::Relaxed), Ordering::Release);
    }

    /// Makes the tokenizers of the schema known.
    pub(crate) fn register(&self, manager: &TokenizerManager) {
        use Held::{Exact, Grams, Names, Parts, Sounds, Stems};
        for held in [Exact, Stems, Parts, Grams, Names, Sounds] {
            manager.register(held.tokenizer(), WordTokenizer { held, writing: self.clone() });
        }
    }
}

/// A text for a field: words, the first of which stands at `first`.
pub(crate) fn text(first: usize, words: &Words) -> String {
    format!("{first}{BETWEEN}{}", words.as_text())
}

/// The same text, with the word that follows it, for pairs of words.
pub(crate) fn text_before(first: usize, words: &Words, next: &str) -> String {
    format!("{first}{BEFORE_NEXT}{next}{BETWEEN}{}", words.as_text())
}

#[derive(Clone)]
struct WordTokenizer {
    held: Held,
    writing: Writing,
}

/// A word as a text holds it, counted by one thread only: threads that count together who holds
/// the same word wait for each other.
#[derive(Clone)]
struct Word(Rc<Known>);

struct Known {
    forms: Arc<Forms>,
    /// Whether it is short for a longer word; see [`analysis::suspended`].
    is_open: bool,
    /// How it sounds, once that was asked.
    sounds: OnceCell<Vec<String>>,
}

impl Word {
    fn sounds(&self) -> &[String] {
        self.0.sounds.get_or_init(|| analysis::sounds(self.whole()))
    }
}

impl Deref for Word {
    type Target = Forms;

    fn deref(&self) -> &Forms {
        &self.0.forms
    }
}

/// A text's words, in order; nothing for what is not spoken.
type Read = Rc<[Option<Word>]>;

/// Words that a thread has at hand: those of which nearly every text is made.
const AT_HAND: usize = 65_536;
/// Bytes of texts that are kept whole, as of a speaker's name, and how many of them.
const SHORT: usize = 64;
const SHORT_TEXTS: usize = 4096;

/// What one thread that writes has read.
#[derive(Default)]
struct Reader {
    analyzer: Arc<Analyzer>,
    /// See [`Exchanged::number`].
    number: u64,
    words: HashMap<Box<str>, Option<Word>>,
    short: HashMap<Box<str>, Read>,
    /// The text read last: the fields of a passage hold the same one.
    text: String,
    last: Read,
}

thread_local! {
    static READER: RefCell<Reader> = RefCell::default();
}

impl Reader {
    /// Reads as `writing` now says.
    fn follow(&mut self, writing: &Writing) {
        let number = writing.0.number.load(Ordering::Acquire);
        if self.number != number {
            let analyzer = writing.0.analyzer.read().unwrap_or_else(PoisonError::into_inner);
            *self = Self { analyzer: Arc::clone(&analyzer), number, ..Self::default() };
        }
    }

    fn read(&mut self, text: &str) -> Read {
        if text.len() <= SHORT {
            if let Some(known) = self.short.get(text) {
                return Rc::clone(known);
            }
            if self.short.len() >= SHORT_TEXTS {
                self.short.clear();
            }
            let forms: Read = words_of(text).map(|word| self.word(word)).collect();
            self.short.insert(text.into(), Rc::clone(&forms));
            return forms;
        }
        if self.text != text {
            self.last = words_of(text).map(|word| self.word(word)).collect();
            self.text.clear();
            self.text.push_str(text);
        }
        Rc::clone(&self.last)
    }

    fn word(&mut self, word: &str) -> Option<Word> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        if self.words.len() >= AT_HAND {
            self.words.clear();
        }
        let read = self.analyzer.look_up(word).map(|forms| {
            let is_open = analysis::is_suspended(word);
            Word(Rc::new(Known { forms, is_open, sounds: OnceCell::new() }))
        });
        self.words.insert(word.into(), read.clone());
        read
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordTokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordTokens {
        let (first, words) = text.split_once(BETWEEN).unwrap_or((text, ""));
        let (first, next) = first.split_once(BEFORE_NEXT).unwrap_or((first, ""));
        let position = first.parse().unwrap_or(0);
        READER.with_borrow_mut(|reader| {
            reader.follow(&self.writing);
            let forms = reader.read(words);
            let next = if next.is_empty() { None } else { reader.word(next) };
            let more = match self.held {
                Held::Exact | Held::Grams | Held::Sounds => Vec::new(),
                Held::Parts => suspended(&reader.analyzer, &forms, words),
                Held::Stems => numbers(&forms),
                Held::Names => names(&forms, words),
            };
            let token = Token::default();
            let (held, at, at_more, given) = (self.held, 0, 0, 0);
            WordTokens { held, forms, next, more, at, at_more, position, given, token }
        })
    }
}

/// The one spelling of every number; every word of it stands for all of it.
fn numbers(forms: &[Option<Word>]) -> Vec<(usize, Vec<String>)> {
    if !forms.iter().flatten().any(|forms| forms.counts) {
        return Vec::new();
    }
    // Nothing else can be of a number: what begins one, and what stands behind that.
    let counts = |at: usize| forms.get(at)?.as_ref().filter(|word| word.counts);
    let may_be = |at: usize| counts(at).or_else(|| counts(at.checked_sub(1)?)).is_some();
    let words: Vec<Option<&str>> = forms
        .iter()
        .enumerate()
        .map(|(at, forms)| forms.as_deref().filter(|_| may_be(at)).map(Forms::whole))
        .collect();
    let numbers = analysis::numbers(&words).into_iter();
    numbers
        .flat_map(|number| number.words.map(move |index| (index, vec![number.form.clone()])))
        .collect()
}

/// The stems of what words with a hyphen at their end are short for, and of its parts.
fn suspended(
    analyzer: &Analyzer,
    forms: &[Option<Word>],
    words: &str,
) -> Vec<(usize, Vec<String>)> {
    // Most texts have none at all.
    if !forms.iter().flatten().any(|word| word.0.is_open) {
        return Vec::new();
    }
    let written: Vec<&str> = words_of(words).collect();
    let short = analysis::suspended(&written, |full| analyzer.last_part(full)).into_iter();
    let known = |index: usize, form: &String| {
        let forms = forms.get(index).and_then(Option::as_deref);
        forms.is_some_and(|forms| forms.stems.contains(form) || forms.parts.contains(form))
    };
    short
        .map(|(index, whole)| {
            let forms = analyzer.forms(&whole);
            let all = forms.stems.into_iter().chain(forms.parts);
            (index, all.filter(|form| !known(index, form)).collect())
        })
        .collect()
}

/// The sounds of the names that were addressed.
fn names(forms: &[Option<Word>], words: &str) -> Vec<(usize, Vec<String>)> {
    if !forms.iter().flatten().any(|forms| forms.addresses) {
        return Vec::new();
    }
    let written: Vec<&str> = words_of(words).collect();
    let word = |at: usize| Some((*written.get(at)?, forms.get(at)?.as_deref()?.whole()));
    let named = (0..forms.len()).filter(|&index| analysis::named_after(index, word));
    named.filter_map(|index| Some((index, forms[index].as_ref()?.sounds().to_vec()))).collect()
}

/// The tokens of one text.
struct WordTokens {
    held: Held,
    forms: Read,
    /// The word behind the text.
    next: Option<Word>,
    /// More forms of some words, in their order.
    more: Vec<(usize, Vec<String>)>,
    /// The word it is at, its place among `more`, and its position.
    at: usize,
    at_more: usize,
    position: usize,
    /// How many of the word's forms were given.
    given: usize,
    token: Token,
}

impl WordTokens {
    /// Writes the next form of the word it is at into its token; gives whether there was one.
    fn write(&mut self, word: &Word) -> bool {
        let own: &[String] = match self.held {
            Held::Exact => &word.exact,
            Held::Stems => &word.stems,
            Held::Parts => &word.parts,
            Held::Grams => return self.write_gram(word),
            Held::Sounds => word.sounds(),
            Held::Names => &[],
        };
        let more = self.more.get(self.at_more).filter(|(index, _)| *index == self.at);
        let more = more.map_or(&[][..], |(_, more)| more);
        let next = own.get(self.given).or_else(|| more.get(self.given - own.len()));
        let Some(form) = next else { return false };
        self.given += 1;
        self.token.text.clear();
        self.token.text.push_str(form);
        true
    }

    /// The same for pairs of function words: `word` with the one behind it.
    fn write_gram(&mut self, word: &Forms) -> bool {
        // "er/sie" is both of its parts.
        let may_be = |word: &Forms| word.functions || word.exact.len() > 1;
        if !may_be(word) {
            return false;
        }
        let behind = self.forms[self.at + 1..].iter().flatten().next().or(self.next.as_ref());
        let Some(behind) = behind.filter(|behind| may_be(behind)) else { return false };
        let pairs = word.exact.iter().flat_map(|a| behind.exact.iter().map(move |b| (a, b)));
        for (first, second) in pairs.skip(self.given) {
            self.given += 1;
            self.token.text.clear();
            if analysis::write_gram(first, second, &mut self.token.text) {
                return true;
            }
        }
        false
    }
}

impl TokenStream for WordTokens {
    fn advance(&mut self) -> bool {
        let forms = Rc::clone(&self.forms);
        while let Some(word) = forms.get(self.at) {
            // Words that are not spoken (a lone dash) take no position: phrases match across them.
            if let Some(word) = word {
                if self.write(word) {
                    self.token.position = self.position;
                    return true;
                }
                self.position += 1;
                self.given = 0;
            }
            if self.more.get(self.at_more).is_some_and(|(index, _)| *index == self.at) {
                self.at_more += 1;
            }
            self.at += 1;
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
