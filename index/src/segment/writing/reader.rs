//! One text after the other, as the forms of its words at their positions.

use std::sync::Arc;

use super::lexicon::{FormId, FormList, Lexicon, Traits, WordId};
use crate::analysis::{self, Analyzer};
use crate::model::words::words_of;
use crate::segment::schema::FormKind;

/// What one thread that writes has read.
#[derive(Debug)]
pub(super) struct Reader {
    analyzer: Arc<Analyzer>,
    pub lexicon: Lexicon,
    /// The words of the text read last.
    words: Vec<ReadWord>,
    /// What any of these may be a part of.
    traits: Traits,
    /// Of the readings among them, by the place of each of their words.
    readings: Vec<(usize, FormId)>,
}

/// A word of a text and what it may be a part of.
pub(super) type ReadWord = (WordId, Traits);

/// A form of a word that depends on those around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct More {
    /// The position of the word.
    pub at: u32,
    pub form: FormId,
}

impl Reader {
    /// Has read nothing yet.
    pub(super) fn new(analyzer: Arc<Analyzer>) -> Self {
        Self {
            analyzer,
            lexicon: Lexicon::default(),
            words: Vec::new(),
            traits: Traits::default(),
            readings: Vec::new(),
        }
    }

    /// Reads a text.
    pub(super) fn read(&mut self, text: &str) {
        self.words.clear();
        self.lexicon.read_all(text, &self.analyzer, &mut self.words);
        self.traits = Traits::default();
        self.words.iter().for_each(|(_, traits)| self.traits.add(*traits));
        self.find_readings();
    }

    /// The first word of a text that is spoken.
    pub(super) fn first(&mut self, text: &str) -> Option<ReadWord> {
        let Self { lexicon, analyzer, .. } = self;
        words_of(text)
            .map(|word| lexicon.read(word, analyzer))
            .find(|(word, _)| *word != WordId::SILENT)
    }

    /// The words that are spoken, in order: words that are not (a lone dash) take no position, so
    /// that phrases match across them.
    pub(super) fn spoken(&self) -> impl Iterator<Item = ReadWord> {
        self.words.iter().copied().filter(|(word, _)| *word != WordId::SILENT)
    }

    /// The forms that depend on other words, of those that a field holds, in order. `text` is the
    /// text read last, and `behind` the word that follows it.
    pub(super) fn more(
        &mut self,
        held: FormKind,
        text: &str,
        behind: Option<ReadWord>,
    ) -> Vec<More> {
        let (known, new) = match held {
            FormKind::Exact => return Vec::new(),
            FormKind::Grams => return self.grams(behind),
            FormKind::Stems => (&*self.readings, Vec::new()),
            FormKind::Parts => (&*self.readings, self.suspended(text)),
            FormKind::Names => (&[][..], self.names(text)),
            FormKind::Sounds => (&[][..], self.sounds(0..self.words.len())),
        };
        let new = new.into_iter().map(|(at, form)| (at, self.lexicon.form(&form)));
        let mut more: Vec<_> = known.iter().copied().chain(new).collect();
        more.sort_by_key(|(at, _)| *at);
        let mut forms = Vec::with_capacity(more.len());
        let (mut position, mut passed) = (0, 0);
        for (at, form) in more {
            position += spoken(&self.words[passed..at]);
            passed = at;
            if self.words[at].0 != WordId::SILENT {
                forms.push(More { at: position, form });
            }
        }
        forms
    }

    fn whole(&self, at: usize) -> Option<&str> {
        self.lexicon.whole(self.words.get(at)?.0)
    }

    /// Finds what is written in several ways; every word of it stands for all of it.
    fn find_readings(&mut self) {
        self.readings.clear();
        if !self.traits.counts {
            return;
        }
        // Nothing else can be of a reading: what counts, and what stands beside that.
        let counts = |at: usize| self.words.get(at).is_some_and(|(_, traits)| traits.counts);
        let may_be = |at: usize| (at.saturating_sub(2)..=at + 1).any(counts);
        let word = |at: usize| if may_be(at) { self.whole(at) } else { None };
        let words: Vec<_> = (0..self.words.len()).map(word).collect();
        for reading in analysis::readings(&words) {
            for form in &reading.forms {
                let form = self.lexicon.form(form);
                self.readings.extend(reading.words.clone().map(|at| (at, form)));
            }
        }
        // Readings of one word, or that run into each other, may say the same.
        self.readings.sort_unstable();
        self.readings.dedup();
        let Self { readings, lexicon, words, .. } = self;
        readings.retain(|(at, form)| !lexicon.list(words[*at].0, FormList::Stems).contains(form));
    }

    /// The stems of what words with a hyphen at their end are short for, and of its parts.
    fn suspended(&self, text: &str) -> Vec<(usize, String)> {
        // Most texts have none at all.
        if !self.traits.open {
            return Vec::new();
        }
        let written: Vec<&str> = words_of(text).collect();
        let short = analysis::suspended(&written, |full| self.analyzer.last_part(full)).into_iter();
        let known = |at: usize, form: &String| {
            let lists = [FormList::Stems, FormList::Parts];
            let mut lists =
                lists.into_iter().map(|list| self.lexicon.texts(self.words[at].0, list));
            lists.any(|mut list| list.any(|known| known == form))
        };
        let more = short.flat_map(|(at, whole)| {
            self.analyzer.forms(&whole).parts.into_iter().map(move |form| (at, form))
        });
        more.filter(|(at, form)| !known(*at, form)).collect()
    }

    /// The sounds of the names that were addressed.
    fn names(&self, text: &str) -> Vec<(usize, String)> {
        if !self.traits.addresses {
            return Vec::new();
        }
        let written: Vec<&str> = words_of(text).collect();
        let word = |at: usize| Some((*written.get(at)?, self.whole(at)?));
        let addresses = |at: usize| self.words[at].1.addresses;
        let addressed = |at: &usize| (at.saturating_sub(analysis::NAME_REACH)..*at).any(addresses);
        let named = |at: &usize| analysis::named_after(*at, word);
        self.sounds((0..self.words.len()).filter(addressed).filter(named))
    }

    /// The sounds of these words.
    fn sounds(&self, words: impl Iterator<Item = usize>) -> Vec<(usize, String)> {
        let sounds = |at| {
            let sounds = self.whole(at).map(analysis::sounds).unwrap_or_default();
            sounds.into_iter().map(move |sound| (at, sound))
        };
        words.flat_map(sounds).collect()
    }

    /// Pairs of function words, at the first of them.
    fn grams(&mut self, behind: Option<ReadWord>) -> Vec<More> {
        let mut grams = Vec::new();
        if !self.traits.functions {
            return grams;
        }
        let Self { words, lexicon, .. } = self;
        let mut words = words.iter().filter(|(word, _)| *word != WordId::SILENT).peekable();
        let mut at = 0;
        while let Some((first, traits)) = words.next() {
            let second = words.peek().map(|second| **second).or(behind);
            if let Some((second, behind)) = second
                && traits.functions
                && behind.functions
            {
                let pairs = lexicon.pair(*first, second).iter();
                grams.extend(pairs.map(|form| More { at, form: *form }));
            }
            at += 1;
        }
        grams
    }
}

fn spoken(words: &[ReadWord]) -> u32 {
    words.iter().filter(|(word, _)| *word != WordId::SILENT).count() as u32
}
