//! A word of a query to the terms that answer it: by itself as spelt and in its forms, and in a row with
//! others. By the same analyzer as the documents; beginnings by the words that are in the index.

use std::cell::RefCell;
use std::collections::HashMap;

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::ast::QueryWord;
use super::clause::{Clause, Ground};
use super::limits::MAX_EXPANSIONS;
use crate::analysis::{self, Analyzer, Asks, LocalAbbreviations};
use crate::model::error::{Doing, Result};
use crate::model::understood::Remark;
use crate::postings::span::{Pair, Shape, Slot, WordSpan};
use crate::ranking::bag::{Level, Meant};
use crate::segment::schema::{Fields, FormFields, SearchField};

/// Longest ending of an inflected word, in letters.
const LONGEST_ENDING: usize = 3;
/// Weight of a stem beside the word itself.
const FORM_WEIGHT: f32 = 0.7;
/// Weight of another word of the same stem.
const STEM_WEIGHT: f32 = 0.5;
/// Weight of a compound beside the word that is its part.
const PART_WEIGHT: f32 = 0.35;

/// Stems of the words of one query: each is asked for several times.
pub(crate) type Stems = RefCell<HashMap<String, String>>;

/// Looks for words in one state of the index.
pub(crate) struct WordPlanner<'s> {
    pub(super) fields: &'s Fields,
    searcher: &'s Searcher,
    pub(super) analyzer: &'s Analyzer,
    pub(super) abbreviations: LocalAbbreviations<'s>,
    stems: &'s Stems,
    pub(super) ground: Ground,
    /// Words that were looked at by themselves, unless only as spelt.
    plain: HashMap<(SearchField, QueryWord), Meant>,
    /// Beginnings that more words have than were taken.
    cut: Vec<String>,
}

impl<'s> WordPlanner<'s> {
    /// For the state that `searcher` sees, whose compounds `analyzer` splits.
    pub(super) fn new(
        fields: &'s Fields,
        searcher: &'s Searcher,
        analyzer: &'s Analyzer,
        abbreviations: LocalAbbreviations<'s>,
        stems: &'s Stems,
        ground: Ground,
    ) -> Self {
        let (plain, cut) = Default::default();
        Self { fields, searcher, analyzer, abbreviations, stems, ground, plain, cut }
    }

    /// What the plans leave out.
    pub(super) fn left_out(&self) -> Option<Remark> {
        let is_cut = !self.cut.is_empty();
        is_cut.then(|| Remark::MostFrequent(self.cut.clone(), MAX_EXPANSIONS))
    }

    pub(super) fn stem(&self, exact: &str) -> String {
        let mut stems = self.stems.borrow_mut();
        if let Some(stem) = stems.get(exact) {
            return stem.clone();
        }
        let stem = analysis::stem(exact);
        stems.insert(exact.to_owned(), stem.clone());
        stem
    }

    pub(super) fn spoken(&self) -> FormFields {
        self.at(SearchField::Spoken)
    }

    pub(super) fn at(&self, field: SearchField) -> FormFields {
        match (field, self.ground) {
            (SearchField::Spoken, Ground::Written) => self.fields.of(SearchField::Written),
            (field, _) => self.fields.of(field),
        }
    }

    pub(super) fn add(&self, meant: &mut Meant, level: Level, field: Field, form: &str) {
        let weight = match level {
            Level::Exact => 1.0,
            Level::Form => FORM_WEIGHT,
            Level::Stem => STEM_WEIGHT,
            Level::Part => PART_WEIGHT,
        };
        let term = Term::from_field_text(field, form);
        if meant.terms.iter().any(|(_, known, _)| *known == term) {
            return;
        }
        if let Some(ahead) = self.fields.ahead_of(field) {
            meant.ahead.push((level, Term::from_field_text(ahead, form)));
        }
        meant.terms.push((level, term, weight));
    }

    /// Words written as one: as spelt, and its forms.
    pub(super) fn add_joined(&self, meant: &mut Meant, fields: FormFields, joined: &str) {
        self.add(meant, Level::Exact, fields.exact, joined);
        let stem = self.stem(joined);
        // "Radweg endet" joined has the stem of "Radweg": an ending of several letters is a word here.
        if joined.len() - stem.len().min(joined.len()) > LONGEST_ENDING {
            return;
        }
        self.add(meant, Level::Form, fields.stem, &stem);
        if !analysis::is_function(joined) {
            let exact = Term::from_field_text(fields.exact, joined);
            self.add_finer(meant, &exact, &Term::from_field_text(fields.stem, &stem));
        }
    }

    /// Notes that `own` is only where `coarser` is too.
    fn add_finer(&self, meant: &mut Meant, own: &Term, coarser: &Term) {
        if let (Some(finer), Some(coarser)) = (self.ahead(own), self.ahead(coarser)) {
            meant.finer.push((finer, coarser));
        }
        meant.finer.push((own.clone(), coarser.clone()));
    }

    /// The other forms of a word, and other words of its stem.
    fn add_forms(&self, meant: &mut Meant, fields: FormFields, written: &str, exact: &str) {
        if analysis::is_function(exact) {
            let forms = analysis::other_forms(exact).into_iter();
            return forms.for_each(|form| self.add(meant, Level::Form, fields.exact, form));
        }
        let noun = self.analyzer.noun(written, exact);
        let stem = match noun {
            Some(_) => Level::Stem,
            None => Level::Form,
        };
        noun.iter().for_each(|noun| self.add(meant, Level::Form, fields.stem, noun));
        let form = self.stem(exact);
        // Where all these are, the stem is too, which comes next.
        let finer: Vec<Term> = meant.terms.iter().map(|(_, term, _)| term.clone()).collect();
        let coarser = Term::from_field_text(fields.stem, &form);
        finer.iter().for_each(|finer| self.add_finer(meant, finer, &coarser));
        self.add(meant, stem, fields.stem, &form);
    }

    /// What a reading asks for, in any spelling; a paper also where it is the item's.
    pub(super) fn add_asked(&self, meant: &mut Meant, fields: FormFields, asks: &Asks) {
        let paper = match asks {
            Asks::Form(form) => return self.add(meant, Level::Form, fields.stem, form),
            Asks::Paper(paper) => paper,
        };
        for form in paper.asked() {
            self.add(meant, Level::Form, fields.stem, &form);
            if self.ground == Ground::Spoken {
                let of_item = self.fields.of(SearchField::Paper).stem;
                meant.paper.push(Term::from_field_text(of_item, &form));
            }
        }
    }

    /// The normalized word, where it is a whole one.
    pub(super) fn whole(&self, word: &QueryWord) -> Option<String> {
        match word {
            QueryWord::Whole(text) => analysis::exact(text),
            QueryWord::Prefix(_) => None,
        }
    }

    pub(super) fn span(
        &mut self,
        field: SearchField,
        words: &[QueryWord],
        shape: Shape,
        level: Level,
    ) -> Result<Clause> {
        let mut slots = Vec::with_capacity(words.len());
        for word in words {
            let meant = self.plain(field, word, level)?;
            if words.len() == 1 {
                return Ok(Clause::of(&meant, level));
            }
            if meant.terms.is_empty() {
                return Ok(Clause::Nothing);
            }
            let own: Vec<Term> = meant.terms.into_iter().map(|(_, term, _)| term).collect();
            let ahead = meant.ahead.into_iter().map(|(_, term)| term).collect();
            slots.push(Slot { own, ahead });
        }
        let pairs = match (shape, level, field, self.ground) {
            (Shape::Phrase, Level::Exact, SearchField::Spoken, Ground::Spoken) => self.pairs(words),
            _ => Vec::new(),
        };
        Ok(Clause::Span(WordSpan { slots, shape, pairs }))
    }

    /// Pairs of function words that together hold all of them that stand beside another one.
    fn pairs(&self, words: &[QueryWord]) -> Vec<Pair> {
        let words: Vec<Option<String>> = words.iter().map(|word| self.whole(word)).collect();
        let pair = |at: usize| {
            let gram = analysis::gram(words.get(at)?.as_deref()?, words.get(at + 1)?.as_deref()?)?;
            let own = Term::from_field_text(self.fields.own_grams, &gram);
            let ahead = Term::from_field_text(self.fields.ahead_grams, &gram);
            Some(Pair { at, own, ahead })
        };
        let mut pairs: Vec<Pair> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            // The last of an odd number is in a pair with the one before, which has one already.
            let before = || at.checked_sub(1).and_then(pair);
            let found = pair(at).or_else(before);
            at = found.as_ref().map_or(at, |pair| pair.at + 1) + 1;
            pairs.extend(found);
        }
        pairs
    }

    /// A word with the terms that answer it by itself at this level.
    pub(super) fn plain(
        &mut self,
        field: SearchField,
        word: &QueryWord,
        level: Level,
    ) -> Result<Meant> {
        if level == Level::Exact && matches!(word, QueryWord::Whole(_)) {
            return Ok(self.as_spelt(field, word));
        }
        let asked = (field, word.clone());
        let mut meant = match self.plain.get(&asked) {
            Some(meant) => meant.clone(),
            None => {
                let meant = self.terms(field, word)?;
                self.plain.insert(asked, meant.clone());
                meant
            }
        };
        meant.keep(level);
        Ok(meant)
    }

    /// A whole word with the term that answers it as spelt.
    fn as_spelt(&self, field: SearchField, word: &QueryWord) -> Meant {
        let mut meant = Meant { asked: word.text().to_owned(), ..Meant::default() };
        if let Some(exact) = self.whole(word) {
            let form = analysis::capitals(word.text()).unwrap_or(exact);
            self.add(&mut meant, Level::Exact, self.at(field).exact, &form);
        }
        meant
    }

    /// A word, or those with a beginning, with the terms that answer it by itself at any level.
    pub(super) fn terms(&mut self, field: SearchField, word: &QueryWord) -> Result<Meant> {
        let fields = self.at(field);
        let mut meant = self.as_spelt(field, word);
        let Some(exact) = self.whole(word) else {
            let beginning = analysis::exact(word.text());
            let forms = beginning.map(|beginning| self.expand(fields.exact, &beginning));
            for form in forms.transpose()?.unwrap_or_default() {
                self.add(&mut meant, Level::Exact, fields.exact, &form);
            }
            return Ok(meant);
        };
        if analysis::capitals(word.text()).is_some() {
            return Ok(meant);
        }
        self.add_forms(&mut meant, fields, word.text(), &exact);
        let alone = analysis::readings(&[Some(&exact)]).into_iter();
        for reading in alone.chain(analysis::reading_of_word(&exact)) {
            self.add_asked(&mut meant, fields, &reading.asks);
        }
        if !analysis::is_function(&exact) {
            let stem = self.stem(&exact);
            self.add(&mut meant, Level::Part, fields.part, &stem);
            let [stem, part] = [fields.stem, fields.part].map(|f| Term::from_field_text(f, &stem));
            self.add_finer(&mut meant, &stem, &part);
        }
        Ok(meant)
    }

    /// The same word in the lookahead.
    pub(super) fn ahead(&self, own: &Term) -> Option<Term> {
        let field = self.fields.ahead_of(own.field())?;
        Some(Term::from_field_text(field, own.value().as_str()?))
    }

    /// The most frequent words that begin with `prefix`.
    fn expand(&mut self, field: Field, prefix: &str) -> Result<Vec<String>> {
        const DOING: &str = "Wörter mit diesem Anfang suchen";
        let mut counts: HashMap<String, u64> = HashMap::new();
        for reader in self.searcher.segment_readers() {
            let inverted = reader.inverted_index(field).doing(DOING)?;
            let range = inverted.terms().range().ge(prefix.as_bytes());
            let mut stream = range.into_stream().doing(DOING)?;
            while stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
                let word = String::from_utf8_lossy(stream.key()).into_owned();
                *counts.entry(word).or_default() += u64::from(stream.value().doc_freq);
            }
        }
        let mut words: Vec<(String, u64)> = counts.into_iter().collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        if words.len() > MAX_EXPANSIONS {
            words.truncate(MAX_EXPANSIONS);
            if !self.cut.iter().any(|cut| cut == prefix) {
                self.cut.push(prefix.to_owned());
            }
        }
        Ok(words.into_iter().map(|(word, _)| word).collect())
    }
}
