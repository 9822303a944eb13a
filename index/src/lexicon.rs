//! The words that one thread has read, each with its forms beside it in memory: a text of known
//! words is read with few looks into it, which is what indexing waits for.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::analysis::{self, Analyzer, Forms};

/// Bytes of words and forms from which on everything is read anew: about a million words.
const MOST_BYTES: usize = 64_000_000;
/// Longest word that is told apart from others, in bytes; what is longer was never a word.
const LONGEST: usize = 1000;
/// Behind every form; none holds it.
const END: char = '\n';

/// A word that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WordId(u32);

impl WordId {
    /// What is not spoken, and takes no position.
    pub(crate) const SILENT: Self = Self(0);
}

/// Which of a word's forms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum List {
    Exact,
    Stems,
    Parts,
}

/// What a word can be the beginning of; of a text, what any of its words can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// Of a number.
    pub counts: bool,
    /// Of a name, which follows it.
    pub addresses: bool,
    /// Of a pair of function words: it is one, or has one among its parts.
    pub functions: bool,
    /// It is short for a longer word; see [`analysis::is_suspended`].
    pub open: bool,
}

impl Traits {
    fn add(&mut self, other: Self) {
        self.counts |= other.counts;
        self.addresses |= other.addresses;
        self.functions |= other.functions;
        self.open |= other.open;
    }
}

/// A word: places in [`Lexicon::bytes`].
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// As written, from the first to the second.
    written: [u32; 2],
    /// Each list of forms reaches from one to the next, every form with an end.
    lists: [u32; 4],
    traits: Traits,
}

impl Word {
    fn spelling(self, bytes: &str) -> &str {
        &bytes[self.written[0] as usize..self.written[1] as usize]
    }
}

/// Words and their forms.
#[derive(Debug)]
pub(crate) struct Lexicon {
    hasher: RandomState,
    /// By spelling.
    ids: HashTable<u32>,
    words: Vec<Word>,
    bytes: String,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            ids: HashTable::new(),
            // The silent one.
            words: vec![Word::default()],
            bytes: String::new(),
        }
    }
}

impl Lexicon {
    /// Whether it should make room for other words.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() > MOST_BYTES
    }

    /// The word written so, whose forms `analyzer` tells when it is new.
    pub(crate) fn read(&mut self, written: &str, analyzer: &Analyzer) -> WordId {
        let written = match written.len() > LONGEST {
            true => {
                let bare = analysis::bare(written).unwrap_or(written);
                &bare[..bare.floor_char_boundary(LONGEST)]
            }
            false => written,
        };
        let hash = self.hasher.hash_one(written);
        let known = self.ids.find(hash, |id| self.spelling(*id) == written);
        let id = known.copied().unwrap_or_else(|| {
            let word = self.learn(written, analyzer);
            let id = place(self.words.len());
            self.words.push(word);
            let Self { hasher, ids, words, bytes } = self;
            ids.insert_unique(hash, id, |id| hasher.hash_one(words[*id as usize].spelling(bytes)));
            id
        });
        let [from, to, ..] = self.words[id as usize].lists;
        if from == to { WordId::SILENT } else { WordId(id) }
    }

    fn learn(&mut self, written: &str, analyzer: &Analyzer) -> Word {
        let mut word = Word::default();
        match analysis::bare(written) {
            // With punctuation around it has the forms that it has without.
            Some(bare) if bare.len() < written.len() => {
                let WordId(bare) = self.read(bare, analyzer);
                word = self.words[bare as usize];
            }
            _ => {
                if let Some(forms) = analyzer.look_up(written) {
                    word.lists = write(&forms, &mut self.bytes);
                    word.traits = Traits {
                        counts: forms.counts,
                        addresses: forms.addresses,
                        functions: forms.functions || forms.exact.len() > 1,
                        open: false,
                    };
                }
            }
        }
        word.traits.open = analysis::is_suspended(written);
        let from = self.bytes.len();
        self.bytes.push_str(written);
        word.written = [from, self.bytes.len()].map(place);
        word
    }

    fn spelling(&self, id: u32) -> &str {
        self.words[id as usize].spelling(&self.bytes)
    }

    /// What may begin with a word.
    pub(crate) fn traits(&self, word: WordId) -> Traits {
        self.words[word.0 as usize].traits
    }

    /// The same for any of several words.
    pub(crate) fn traits_of(&self, words: &[WordId]) -> Traits {
        let mut all = Traits::default();
        words.iter().for_each(|word| all.add(self.traits(*word)));
        all
    }

    /// Forms of a word, as [`Self::next`] reads them.
    pub(crate) fn list(&self, word: WordId, list: List) -> Unread {
        let lists = &self.words[word.0 as usize].lists[list as usize..];
        Unread { from: lists[0], to: lists[1] }
    }

    /// The next of them.
    pub(crate) fn next(&self, unread: &mut Unread) -> Option<&str> {
        let rest = &self.bytes[unread.from as usize..unread.to as usize];
        let length = rest.bytes().position(|byte| byte == END as u8)?;
        unread.from += place(length) + 1;
        Some(&rest[..length])
    }

    /// Forms of a word, one after the other.
    pub(crate) fn forms(&self, word: WordId, list: List) -> impl Iterator<Item = &str> {
        let mut unread = self.list(word, list);
        std::iter::from_fn(move || self.next(&mut unread))
    }

    /// The normalized word; `None` for what is not spoken.
    pub(crate) fn whole(&self, word: WordId) -> Option<&str> {
        self.forms(word, List::Exact).last()
    }
}

/// Forms that are left to read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unread {
    from: u32,
    to: u32,
}

/// Appends all forms, and gives the bounds of their lists.
fn write(forms: &Forms, bytes: &mut String) -> [u32; 4] {
    let mut list = |forms: &[String]| {
        for form in forms {
            bytes.push_str(form);
            bytes.push(END);
        }
        place(bytes.len())
    };
    let before = list(&[]);
    [before, list(&forms.exact), list(&forms.stems), list(&forms.parts)]
}

/// A place among words or bytes. There are [`MOST_BYTES`], and those of one text more.
fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a passage is no archive")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_longer_than_any_are_found_by_their_core(dots in 300..400usize, word in "[a-z]{1,2000}") {
            let (analyzer, mut lexicon) = (Analyzer::default(), Lexicon::default());
            let read = lexicon.read(&format!("{}{word}", "…".repeat(dots)), &analyzer);
            let expected = analyzer.look_up(&word).unwrap_or_default();
            prop_assert_eq!(lexicon.whole(read), expected.exact.last().map(String::as_str));
        }

        #[test]
        fn words_keep_the_forms_that_the_analysis_gives_them(
            words in prop::collection::vec("[„(]?(§|5|12,5|Haus|HAUS|Kreistag|und|-|–|\\PC{0,9})(-|%|,|“|!)?", 1..20),
        ) {
            let (analyzer, mut lexicon) = (Analyzer::default(), Lexicon::default());
            for word in words.iter().chain(&words) {
                let read = lexicon.read(word, &analyzer);
                let list = |list| lexicon.forms(read, list).map(str::to_owned).collect::<Vec<_>>();
                let expected = analyzer.look_up(word).unwrap_or_default();
                prop_assert_eq!(read == WordId::SILENT, expected.exact.is_empty(), "{}", word);
                prop_assert_eq!(list(List::Exact), expected.exact, "{}", word);
                prop_assert_eq!(list(List::Stems), expected.stems, "{}", word);
                prop_assert_eq!(list(List::Parts), expected.parts, "{}", word);
            }
        }
    }
}
