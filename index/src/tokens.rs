//! From a text as it is handed to Tantivy to tokens at its words' positions. The analysis runs here,
//! in the threads that write, so every core that indexes also analyses.

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::analysis::{self, Analyzer, Forms};

/// Between the first position and the words, and between two words; words never hold it.
pub(crate) const BETWEEN_WORDS: char = '\n';

/// Which forms of its words a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// As spelt.
    Exact,
    /// Stems.
    Stems,
    /// Stems of the parts of compounds.
    Parts,
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
        for held in [Held::Exact, Held::Stems, Held::Parts, Held::Names, Held::Sounds] {
            manager.register(held.tokenizer(), WordTokenizer { held, analyzer: self.clone() });
        }
    }
}

/// A text for a field: its words, the first of which stands at `first`.
pub(crate) fn text(first: usize, words: &[impl AsRef<str>]) -> String {
    let length: usize = words.iter().map(|word| word.as_ref().len() + 1).sum();
    let mut text = String::with_capacity(length + 4);
    // Writing to a string cannot fail.
    let _ = write!(text, "{first}");
    for word in words {
        text.push(BETWEEN_WORDS);
        text.extend(word.as_ref().chars().map(|c| if c == BETWEEN_WORDS { ' ' } else { c }));
    }
    text
}

#[derive(Clone)]
struct WordTokenizer {
    held: Held,
    analyzer: Writing,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordTokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordTokens {
        let (first, words) = text.split_once(BETWEEN_WORDS).unwrap_or((text, ""));
        let first = first.parse().unwrap_or(0);
        let written = || words.split(BETWEEN_WORDS);
        let analyzer = self.analyzer.get();
        let forms = analyzer.read(written());
        let mut tokens = WordTokens::default();
        match self.held {
            Held::Exact => tokens.fill(first, forms, |_, forms| Source::Exact(forms)),
            Held::Parts => {
                let short = suspended(&analyzer, &forms, written);
                tokens.fill(first, forms, |index, forms| {
                    let more = short.iter().find(|(at, _)| *at == index);
                    Source::Parts(forms, more.map_or_else(Vec::new, |(_, more)| more.clone()))
                });
            }
            Held::Stems => {
                let numbers = numbers(&forms);
                tokens.fill(first, forms, |index, forms| {
                    let number = numbers.iter().find(|number| number.words.contains(&index));
                    Source::Stems(forms, number.map(|number| number.form.clone()))
                });
            }
            Held::Names | Held::Sounds => {
                let written: Vec<&str> = written().collect();
                let spoken: Vec<Option<Arc<Forms>>> = forms.clone();
                let word =
                    |at: usize| Some((*written.get(at)?, spoken.get(at)?.as_deref()?.whole()));
                tokens.fill(first, forms, |index, forms| {
                    let named = self.held == Held::Sounds || analysis::named_after(index, word);
                    Source::Sounds(if named { analysis::sounds(forms.whole()) } else { Vec::new() })
                });
            }
        }
        tokens
    }
}

fn numbers(forms: &[Option<Arc<Forms>>]) -> Vec<analysis::Number> {
    if !forms.iter().flatten().any(|forms| forms.counts) {
        return Vec::new();
    }
    let words: Vec<Option<&str>> =
        forms.iter().map(|forms| forms.as_deref().map(Forms::whole)).collect();
    analysis::numbers(&words)
}

/// The stems of what words with a hyphen at their end are short for, and of its parts.
fn suspended<'t>(
    analyzer: &Analyzer,
    forms: &[Option<Arc<Forms>>],
    written: impl Fn() -> std::str::Split<'t, char>,
) -> Vec<(usize, Vec<String>)> {
    if !written().any(|word| word.trim_end_matches(',').ends_with('-')) {
        return Vec::new();
    }
    let written: Vec<&str> = written().collect();
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

/// The forms at one position.
enum Source {
    Exact(Arc<Forms>),
    Stems(Arc<Forms>, Option<String>),
    /// With those of the word that this one is short for.
    Parts(Arc<Forms>, Vec<String>),
    Sounds(Vec<String>),
}

impl Source {
    fn form(&self, n: usize) -> Option<&str> {
        match self {
            Self::Exact(forms) => forms.exact.get(n).map(String::as_str),
            Self::Parts(forms, more) => match n.checked_sub(forms.parts.len()) {
                None => Some(&forms.parts[n]),
                Some(n) => more.get(n).map(String::as_str),
            },
            // Every word of a number stands for all of it.
            Self::Stems(forms, number) => match n.checked_sub(forms.stems.len()) {
                None => Some(&forms.stems[n]),
                Some(0) => number.as_deref(),
                Some(_) => None,
            },
            Self::Sounds(sounds) => sounds.get(n).map(String::as_str),
        }
    }
}

/// The tokens of one text.
#[derive(Default)]
struct WordTokens {
    words: Vec<(usize, Source)>,
    at: usize,
    form: usize,
    token: Token,
}

impl WordTokens {
    /// Words that are not spoken (a lone dash) take no position, so phrases match across them.
    fn fill(
        &mut self,
        first: usize,
        forms: Vec<Option<Arc<Forms>>>,
        source: impl Fn(usize, Arc<Forms>) -> Source,
    ) {
        let spoken = forms.into_iter().enumerate().filter_map(|(n, forms)| Some((n, forms?)));
        let placed = spoken.enumerate();
        self.words = placed.map(|(at, (n, forms))| (first + at, source(n, forms))).collect();
    }
}

impl TokenStream for WordTokens {
    fn advance(&mut self) -> bool {
        while let Some((position, source)) = self.words.get(self.at) {
            if let Some(form) = source.form(self.form) {
                self.form += 1;
                self.token.position = *position;
                self.token.text.clear();
                self.token.text.push_str(form);
                return true;
            }
            self.at += 1;
            self.form = 0;
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
