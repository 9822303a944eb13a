//! The words that one thread has read, with their forms: both have numbers, so that what is written
//! about a million words is written about numbers. Looking words up is what indexing waits for; it
//! is done once for each word of a text.

use std::hash::{BuildHasher, Hash};

use foldhash::HashMap;
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::analysis::{self, Analyzer, Forms};
use crate::model::words::words_of;

/// Bytes of words and forms from which on everything is read anew: about a million words. What is
/// known of them takes about as much again.
const MOST_BYTES: usize = 64_000_000;
/// Longest word that is told apart from others, in bytes; what is longer was never a word.
const LONGEST: usize = 1000;

/// A word without the punctuation around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WordId(u32);

impl WordId {
    /// What is not spoken, and takes no position.
    pub(super) const SILENT: Self = Self(0);

    /// Its place among all words of a lexicon, of which there are [`Lexicon::n_words`].
    pub(super) fn place(self) -> usize {
        self.0 as usize
    }
}

/// A form of a word, which is a term of the index in one field or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FormId(pub u32);

/// Which of a word's forms.
#[derive(Clone, Copy, Debug)]
pub(super) enum FormList {
    Exact,
    Stems,
    Parts,
}

/// What a word can be a part of; of a text, what any of its words can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// Of a number, alone or with an article before it.
    pub counts: bool,
    /// Of an address, which a name follows.
    pub addresses: bool,
    /// Of a pair of function words: it is one, or has one among its parts.
    pub functions: bool,
    /// It is short for a longer word; see [`analysis::is_suspended`].
    pub open: bool,
}

impl Traits {
    pub(super) fn add(&mut self, other: Self) {
        self.counts |= other.counts;
        self.addresses |= other.addresses;
        self.functions |= other.functions;
        self.open |= other.open;
    }
}

/// A stretch of bytes or of a list.
#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    from: u32,
    to: u32,
}

impl Slice {
    fn of<T: ?Sized + std::ops::Index<std::ops::Range<usize>>>(self, all: &T) -> &T::Output {
        &all[self.from as usize..self.to as usize]
    }
}

/// A word as it was written somewhere.
#[derive(Clone, Copy, Debug)]
struct WrittenWord {
    written: Slice,
    word: WordId,
    traits: Traits,
}

/// Words and their forms.
#[derive(Debug)]
pub(super) struct Lexicon {
    hasher: RandomState,
    spelt: HashTable<WrittenWord>,
    /// Of each word, where its lists of forms begin; the last one ends where the next word begins.
    lists: Vec<[u32; 3]>,
    listed: Vec<FormId>,
    forms: Vec<Slice>,
    formed: HashTable<FormId>,
    /// The forms that two function words have side by side.
    pairs: HashMap<(WordId, WordId), Slice>,
    paired: Vec<FormId>,
    bytes: String,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            spelt: HashTable::new(),
            // The silent one, and where the first one begins.
            lists: vec![[0; 3]; 2],
            listed: Vec::new(),
            forms: Vec::new(),
            formed: HashTable::new(),
            pairs: HashMap::default(),
            paired: Vec::new(),
            bytes: String::new(),
        }
    }
}

impl Lexicon {
    /// Whether it should make room for other words.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() > MOST_BYTES
    }

    /// Puts the words of a text, as [`Self::read`] gives them, behind `read`.
    pub(super) fn read_all(
        &mut self,
        text: &str,
        analyzer: &Analyzer,
        read: &mut Vec<(WordId, Traits)>,
    ) {
        // One step for all words before the next one: each of them waits for memory, and so they
        // wait together.
        let hashed: Vec<_> =
            words_of(text).map(|written| (written, self.hasher.hash_one(written))).collect();
        let likely =
            |(written, hash): (_, u64)| (written, self.spelt.find(hash, |_| true).copied());
        let likely: Vec<(&str, Option<WrittenWord>)> = hashed.into_iter().map(likely).collect();
        for (written, likely) in likely {
            let known = likely.filter(|likely| likely.written.of(&*self.bytes) == written);
            let known = known.map(|spelling| (spelling.word, spelling.traits));
            read.push(known.unwrap_or_else(|| self.read(written, analyzer)));
        }
    }

    /// The word written so, whose forms `analyzer` tells when it is new, and what it may begin.
    pub(super) fn read(&mut self, written: &str, analyzer: &Analyzer) -> (WordId, Traits) {
        let written = match written.len() > LONGEST {
            true => {
                let bare = analysis::bare(written).unwrap_or(written);
                &bare[..bare.floor_char_boundary(LONGEST)]
            }
            false => written,
        };
        let hash = self.hasher.hash_one(written);
        let known = self.spelt.find(hash, |known| known.written.of(&*self.bytes) == written);
        let spelling = known.copied().unwrap_or_else(|| self.learn(written, hash, analyzer));
        (spelling.word, spelling.traits)
    }

    fn learn(&mut self, written: &str, hash: u64, analyzer: &Analyzer) -> WrittenWord {
        let (word, mut traits) = match analysis::bare(written) {
            // With punctuation around it has the forms that it has without.
            Some(bare) if bare.len() < written.len() => self.read(bare, analyzer),
            _ => match analyzer.look_up(written) {
                Some(forms) => {
                    let traits = Traits {
                        counts: forms.counts,
                        addresses: forms.addresses,
                        functions: forms.functions || forms.exact.len() > 1,
                        open: false,
                    };
                    (self.add(&forms), traits)
                }
                None => (WordId::SILENT, Traits::default()),
            },
        };
        traits.open = analysis::is_suspended(written);
        let spelling = WrittenWord { written: append(&mut self.bytes, written), word, traits };
        let Self { hasher, spelt, bytes, .. } = self;
        let again = |known: &WrittenWord| hasher.hash_one(known.written.of(&**bytes));
        spelt.insert_unique(hash, spelling, again);
        spelling
    }

    /// A new word with these forms.
    fn add(&mut self, forms: &Forms) -> WordId {
        let word = WordId(place(self.lists.len() - 1));
        let mut begins = [0; 3];
        let lists = [&forms.exact, &forms.stems, &forms.parts];
        for (begin, forms) in begins.iter_mut().zip(lists) {
            *begin = place(self.listed.len());
            for form in forms {
                let form = self.form(form);
                self.listed.push(form);
            }
        }
        self.lists[word.0 as usize] = begins;
        self.lists.push([place(self.listed.len()); 3]);
        word
    }

    /// The number of a form.
    pub(super) fn form(&mut self, form: &str) -> FormId {
        let hash = self.hasher.hash_one(form);
        let Self { hasher, forms, formed, bytes, .. } = self;
        if let Some(known) = formed.find(hash, |at| forms[at.0 as usize].of(&**bytes) == form) {
            return *known;
        }
        let new = FormId(place(forms.len()));
        forms.push(append(bytes, form));
        formed.insert_unique(hash, new, |at| hasher.hash_one(forms[at.0 as usize].of(&**bytes)));
        new
    }

    /// Upper bound of the places of words.
    pub(super) fn n_words(&self) -> usize {
        self.lists.len()
    }

    /// Upper bound of the numbers of forms.
    pub(super) fn n_forms(&self) -> usize {
        self.forms.len()
    }

    /// A form as text.
    pub(super) fn text(&self, form: FormId) -> &str {
        self.forms[form.0 as usize].of(&*self.bytes)
    }

    /// Forms of a word.
    pub(super) fn list(&self, word: WordId, list: FormList) -> &[FormId] {
        let at = word.0 as usize;
        let begins = self.lists[at];
        let (from, to) = match list {
            FormList::Exact => (begins[0], begins[1]),
            FormList::Stems => (begins[1], begins[2]),
            FormList::Parts => (begins[2], self.lists[at + 1][0]),
        };
        Slice { from, to }.of(&*self.listed)
    }

    /// Forms of a word, as texts.
    pub(super) fn texts(&self, word: WordId, list: FormList) -> impl Iterator<Item = &str> {
        self.list(word, list).iter().map(|form| self.text(*form))
    }

    /// The normalized word; `None` for what is not spoken.
    pub(super) fn whole(&self, word: WordId) -> Option<&str> {
        self.list(word, FormList::Exact).last().map(|form| self.text(*form))
    }

    /// The forms of two words side by side that are function words, or have such among their parts.
    pub(super) fn pair(&mut self, first: WordId, second: WordId) -> &[FormId] {
        let known = self.pairs.get(&(first, second)).copied();
        let pairs = known.unwrap_or_else(|| {
            // "er/sie" is both of its parts.
            let exact = |word| self.texts(word, FormList::Exact);
            let grams = exact(first).flat_map(|first| {
                exact(second).filter_map(move |second| analysis::gram(first, second))
            });
            let grams: Vec<String> = grams.collect();
            let from = place(self.paired.len());
            for gram in grams {
                let form = self.form(&gram);
                self.paired.push(form);
            }
            let pairs = Slice { from, to: place(self.paired.len()) };
            self.pairs.insert((first, second), pairs);
            pairs
        });
        pairs.of(&*self.paired)
    }
}

/// Appends a text and gives where it is.
fn append(bytes: &mut String, text: &str) -> Slice {
    let from = place(bytes.len());
    bytes.push_str(text);
    Slice { from, to: place(bytes.len()) }
}

/// A place among words or bytes. There are [`MOST_BYTES`], and those of one meeting more.
fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a meeting is no archive")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_longer_than_any_are_found_by_their_core(dots in 300..400usize, word in "[a-z]{1,2000}") {
            let (analyzer, mut lexicon) = (Analyzer::default(), Lexicon::default());
            let (read, _) = lexicon.read(&format!("{}{word}", "…".repeat(dots)), &analyzer);
            let expected = analyzer.look_up(&word).unwrap_or_default();
            prop_assert_eq!(lexicon.whole(read), expected.exact.last().map(String::as_str));
        }

        #[test]
        fn words_keep_the_forms_that_the_analysis_gives_them(
            words in prop::collection::vec("[„(]?(§|5|12,5|Haus|HAUS|Kreistag|und|-|–|\\PC{0,9})(-|%|,|“|!)?", 1..20),
        ) {
            let (analyzer, mut lexicon) = (Analyzer::default(), Lexicon::default());
            for word in words.iter().chain(&words) {
                let (read, _) = lexicon.read(word, &analyzer);
                let list = |list| lexicon.texts(read, list).map(str::to_owned).collect::<Vec<_>>();
                let expected = analyzer.look_up(word).unwrap_or_default();
                prop_assert_eq!(read == WordId::SILENT, expected.exact.is_empty(), "{}", word);
                prop_assert_eq!(list(FormList::Exact), expected.exact, "{}", word);
                prop_assert_eq!(list(FormList::Stems), expected.stems, "{}", word);
                prop_assert_eq!(list(FormList::Parts), expected.parts, "{}", word);
            }
        }
    }
}
