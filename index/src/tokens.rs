//! From a text as it is handed to Tantivy to tokens at its words' positions. The analysis runs here,
//! in the threads that write, so every core that indexes also analyses.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::HashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analysis::{self, Analyzer, Forms};

/// Between the first position and the words, and between two words; words never hold it.
pub(crate) const BETWEEN_WORDS: char = '\n';

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
pub(crate) struct Writing(Arc<RwLock<Arc<Analyzer>>>);

impl Writing {
    /// From now on words are read by `analyzer`.
    pub(crate) fn set(&self, analyzer: Arc<Analyzer>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = analyzer;
    }

    fn get(&self) -> Arc<Analyzer> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the tokenizers of the schema known.
    pub(crate) fn register(&self, manager: &TokenizerManager) {
        use Held::{Exact, Grams, Names, Parts, Sounds, Stems};
        for held in [Exact, Stems, Parts, Grams, Names, Sounds] {
            manager.register(held.tokenizer(), WordTokenizer { held, analyzer: self.clone() });
        }
    }
}

/// Words as one text.
pub(crate) fn joined(words: &[impl AsRef<str>]) -> String {
    let length: usize = words.iter().map(|word| word.as_ref().len() + 1).sum();
    let mut text = String::with_capacity(length);
    for (n, word) in words.iter().map(AsRef::as_ref).enumerate() {
        if n > 0 {
            text.push(BETWEEN_WORDS);
        }
        match word.contains(BETWEEN_WORDS) {
            true => text.push_str(&word.replace(BETWEEN_WORDS, " ")),
            false => text.push_str(word),
        }
    }
    text
}

/// A text for a field: joined words, the first of which stands at `first`.
pub(crate) fn text(first: usize, words: &str) -> String {
    format!("{first}{BETWEEN_WORDS}{words}")
}

/// The same text, with the word that follows it, for pairs of words.
pub(crate) fn text_before(first: usize, words: &str, next: &str) -> String {
    let next = next.replace(BETWEEN_WORDS, " ");
    format!("{first}{BEFORE_NEXT}{next}{BETWEEN_WORDS}{words}")
}

#[derive(Clone)]
struct WordTokenizer {
    held: Held,
    analyzer: Writing,
}

/// The forms of a word, counted by one thread only: threads that count together who holds the same
/// word wait for each other.
#[derive(Clone)]
#[expect(clippy::redundant_allocation, reason = "the outer count is this thread's own")]
struct Word(Rc<Arc<Forms>>);

impl Deref for Word {
    type Target = Forms;

    fn deref(&self) -> &Forms {
        &self.0
    }
}

/// A text's words, in order; nothing for what is not spoken.
type Read = Rc<Vec<Option<Word>>>;

/// Words that a thread has at hand: those of which nearly every text is made.
const AT_HAND: usize = 65_536;

/// What one thread that writes has read.
#[derive(Default)]
struct Reader {
    analyzer: Option<Arc<Analyzer>>,
    words: HashMap<Box<str>, Option<Word>>,
    /// The text read last: the fields of a passage hold the same one.
    text: String,
    forms: Read,
}

thread_local! {
    static READER: RefCell<Reader> = RefCell::default();
}

impl Reader {
    fn read(&mut self, analyzer: &Arc<Analyzer>, text: &str) -> Read {
        if !self.analyzer.as_ref().is_some_and(|known| Arc::ptr_eq(known, analyzer)) {
            *self = Self { analyzer: Some(Arc::clone(analyzer)), ..Self::default() };
        } else if self.text == text {
            return Rc::clone(&self.forms);
        }
        let forms = text.split(BETWEEN_WORDS).map(|word| self.word(analyzer, word)).collect();
        self.forms = Rc::new(forms);
        self.text.clear();
        self.text.push_str(text);
        Rc::clone(&self.forms)
    }

    fn word(&mut self, analyzer: &Analyzer, word: &str) -> Option<Word> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        if self.words.len() >= AT_HAND {
            self.words.clear();
        }
        let forms = analyzer.look_up(word).map(|forms| Word(Rc::new(forms)));
        self.words.insert(word.into(), forms.clone());
        forms
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordTokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordTokens {
        let (first, words) = text.split_once(BETWEEN_WORDS).unwrap_or((text, ""));
        let (first, next) = first.split_once(BEFORE_NEXT).unwrap_or((first, ""));
        let analyzer = self.analyzer.get();
        let forms = READER.with_borrow_mut(|reader| reader.read(&analyzer, words));
        let more = match self.held {
            Held::Exact => Vec::new(),
            Held::Parts => suspended(&analyzer, &forms, words),
            Held::Stems => numbers(&forms),
            Held::Grams => grams(&forms, analyzer.look_up(next).as_deref()),
            Held::Names => names(&forms, words),
            Held::Sounds => sounds(&forms),
        };
        let position = first.parse().unwrap_or(0);
        WordTokens { held: self.held, forms, more, position, ..WordTokens::default() }
    }
}

/// The one spelling of every number; every word of it stands for all of it.
fn numbers(forms: &[Option<Word>]) -> Vec<(usize, Vec<String>)> {
    if !forms.iter().flatten().any(|forms| forms.counts) {
        return Vec::new();
    }
    let words: Vec<Option<&str>> =
        forms.iter().map(|forms| forms.as_deref().map(Forms::whole)).collect();
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
    if !words.contains('-') || !words.contains("-\n") && !words.contains("-,\n") {
        return Vec::new();
    }
    let written: Vec<&str> = words.split(BETWEEN_WORDS).collect();
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

/// The term of every function word with the one behind it; `next` follows the text.
fn grams(forms: &[Option<Word>], next: Option<&Forms>) -> Vec<(usize, Vec<String>)> {
    // "er/sie" is both of its parts.
    let may_be = |word: &Forms| word.functions || word.exact.len() > 1;
    let mut grams = Vec::new();
    let mut before: Option<(usize, &Forms)> = None;
    let all = forms.iter().map(Option::as_deref).chain([next]).enumerate();
    for (at, forms) in all.filter_map(|(n, forms)| Some((n, forms?))) {
        if let Some((first, word)) = before.filter(|(_, word)| may_be(word) && may_be(forms)) {
            let pairs = word.exact.iter().flat_map(|a| forms.exact.iter().map(move |b| (a, b)));
            let found: Vec<String> = pairs.filter_map(|(a, b)| analysis::gram(a, b)).collect();
            grams.push((first, found));
        }
        before = Some((at, forms));
    }
    grams
}

/// The sounds of the names that were addressed.
fn names(forms: &[Option<Word>], words: &str) -> Vec<(usize, Vec<String>)> {
    if !forms.iter().flatten().any(|forms| forms.addresses) {
        return Vec::new();
    }
    let written: Vec<&str> = words.split(BETWEEN_WORDS).collect();
    let word = |at: usize| Some((*written.get(at)?, forms.get(at)?.as_deref()?.whole()));
    let named = (0..forms.len()).filter(|&index| analysis::named_after(index, word));
    let named = named.filter_map(|index| Some((index, forms[index].as_deref()?)));
    named.map(|(index, forms)| (index, analysis::sounds(forms.whole()))).collect()
}

/// The sounds of all words.
fn sounds(forms: &[Option<Word>]) -> Vec<(usize, Vec<String>)> {
    let spoken = forms.iter().enumerate().filter_map(|(n, forms)| Some((n, forms.as_deref()?)));
    spoken.map(|(n, forms)| (n, analysis::sounds(forms.whole()))).collect()
}

/// The tokens of one text.
struct WordTokens {
    held: Held,
    forms: Read,
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

impl Default for WordTokens {
    fn default() -> Self {
        Self {
            held: Held::Exact,
            forms: Read::default(),
            more: Vec::new(),
            at: 0,
            at_more: 0,
            position: 0,
            given: 0,
            token: Token::default(),
        }
    }
}

impl TokenStream for WordTokens {
    fn advance(&mut self) -> bool {
        while let Some(forms) = self.forms.get(self.at) {
            // Words that are not spoken (a lone dash) take no position: phrases match across them.
            if let Some(forms) = forms {
                let own: &[String] = match self.held {
                    Held::Exact => &forms.exact,
                    Held::Stems => &forms.stems,
                    Held::Parts => &forms.parts,
                    Held::Grams | Held::Names | Held::Sounds => &[],
                };
                let more = self.more.get(self.at_more).filter(|(index, _)| *index == self.at);
                let more = more.map_or(&[][..], |(_, more)| more);
                let next = own.get(self.given).or_else(|| more.get(self.given - own.len()));
                if let Some(form) = next {
                    self.given += 1;
                    self.token.position = self.position;
                    self.token.text.clear();
                    self.token.text.push_str(form);
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
