//! A query's tree to conditions on the index: every word by the same analyzer as the documents,
//! prefixes by the words that are in the index.

use std::cell::RefCell;
use std::collections::HashMap;

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::ast::{Node, QueryWord};
use super::clause::Clause;
use super::{LOOKAHEAD, MAX_EXPANSIONS};
use crate::analysis::{self, Analyzer};
use crate::model::error::{Doing, Result};
use crate::model::understood::Remark;
use crate::postings::span::{Pair, Shape, Slot, WordSpan};
use crate::ranking::bag::{Bag, Depth, Level, Meant};
use crate::segment::schema::{Fields, FormFields, SearchField};

/// Longest ending of an inflected word, in letters.
const LONGEST_ENDING: usize = 3;
/// Weight of a stem beside the word itself.
const FORM_WEIGHT: f32 = 0.7;
/// Weight of another word of the same stem.
const STEM_WEIGHT: f32 = 0.5;
/// Weight of a compound beside the word that is its part.
const PART_WEIGHT: f32 = 0.35;

/// Which words a bare word is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// What was said.
    Spoken,
    /// Titles and papers.
    Written,
}

/// Stems of the words of one query: each is asked for several times.
pub(crate) type Stems = RefCell<HashMap<String, String>>;

/// Turns trees into conditions on one state of the index.
pub(crate) struct Planner<'s> {
    pub(super) fields: &'s Fields,
    searcher: &'s Searcher,
    pub(super) analyzer: &'s Analyzer,
    stems: &'s Stems,
    pub(super) ground: Ground,
    /// Words that were looked at: by themselves, unless only as spelt, and with everything that
    /// answers them.
    plain: HashMap<(SearchField, QueryWord), Meant>,
    whole: HashMap<(SearchField, QueryWord), Meant>,
    /// Beginnings that more words have than were taken.
    cut: Vec<String>,
}

impl<'s> Planner<'s> {
    /// For the state that `searcher` sees, whose compounds `analyzer` splits.
    pub(crate) fn new(
        fields: &'s Fields,
        searcher: &'s Searcher,
        analyzer: &'s Analyzer,
        stems: &'s Stems,
        ground: Ground,
    ) -> Self {
        let (plain, whole) = Default::default();
        Self { fields, searcher, analyzer, stems, ground, plain, whole, cut: Vec::new() }
    }

    /// Where bare words are looked for.
    pub(crate) fn ground(&self) -> Ground {
        self.ground
    }

    /// What the plans leave out, in German.
    pub(crate) fn left_out(&self) -> Option<Remark> {
        let is_cut = !self.cut.is_empty();
        is_cut.then(|| Remark::MostFrequent(self.cut.clone(), MAX_EXPANSIONS))
    }

    /// The condition that `node` asks for. What matches at one level also matches at those behind
    /// it: a `-word` excludes all its forms, but no compounds, at any.
    ///
    /// # Errors
    /// Reading the index's words failed.
    pub(crate) fn plan(&mut self, node: &Node, level: Level) -> Result<Clause> {
        Ok(match node {
            Node::Word { field, word } => Clause::of(&self.word(*field, word)?, level),
            Node::Reading { words, asks } => Clause::of(&self.reading(words, asks)?, level),
            Node::LongForm { .. } => {
                let words = self.long_form(node)?;
                Clause::All(words.iter().map(|word| Clause::of(word, level)).collect())
            }
            Node::Phrase { field, words } => {
                self.span(*field, words, Shape::Phrase, Level::Exact)?
            }
            Node::Near { field, words, distance } => {
                let words = distinct(words);
                let more = words.len().saturating_sub(2) as u32;
                let window = (*distance + more).min(LOOKAHEAD as u32);
                self.span(*field, &words, Shape::Near { window }, level)?
            }
            Node::Date(days) => Clause::Days(*days),
            Node::Role(role) => {
                let term = Term::from_field_text(self.fields.role, role.as_str());
                Clause::Terms(vec![(term, 1.0)])
            }
            Node::All(parts) => {
                let (mut words, mut conditions) = self.bag(node, level)?;
                if words.len() < 2 {
                    return Ok(Clause::All(self.plans(parts, level)?));
                }
                words.iter_mut().for_each(|word| word.keep(level));
                conditions.push(Clause::Bag(Bag {
                    words: words.into(),
                    depth: Depth::Text,
                    only: false,
                }));
                Clause::All(conditions)
            }
            Node::One(parts) => Clause::One(self.plans(parts, level)?),
            Node::Not(inner) => Clause::Not(Box::new(self.plan(inner, Level::Stem)?)),
        })
    }

    fn plans(&mut self, nodes: &[Node], level: Level) -> Result<Vec<Clause>> {
        nodes.iter().map(|node| self.plan(node, level)).collect()
    }

    /// The words that `node` asks for together, and its other conditions; no words where it is not
    /// a row of words with conditions, which are planned at `level`.
    ///
    /// # Errors
    /// Reading the index's words failed.
    pub(crate) fn bag(&mut self, node: &Node, level: Level) -> Result<(Vec<Meant>, Vec<Clause>)> {
        let parts = match node {
            Node::All(parts) => parts.as_slice(),
            node => std::slice::from_ref(node),
        };
        let (mut words, mut conditions): (Vec<Meant>, _) = (Vec::new(), Vec::new());
        // The word before as spelt, and where it is among the words.
        let mut before: Option<(String, usize)> = None;
        for part in parts {
            let mut singles: Vec<(Meant, Option<String>)> = Vec::new();
            match part {
                Node::Word { field: SearchField::Spoken, word } => {
                    singles.push((self.word(SearchField::Spoken, word)?, self.whole(word)));
                }
                // By initials alone it is first of all its words.
                Node::LongForm { words: typed, by_initials: true, .. } => {
                    let whole = typed.iter().map(|word| self.whole(word)).collect::<Vec<_>>();
                    singles.extend(self.long_form(part)?.into_iter().zip(whole));
                }
                Node::Reading { words: typed, asks } => words.push(self.reading(typed, asks)?),
                Node::LongForm { .. } => words.extend(self.long_form(part)?),
                condition => conditions.push(self.plan(condition, level)?),
            }
            if singles.is_empty() {
                before = None;
            }
            for (mut meant, exact) in singles {
                if let (Some((first, at)), Some(second)) = (&before, &exact) {
                    self.add_neighbours(&mut words[*at], first, &mut meant, second);
                }
                // A word asked for twice is asked for once.
                let known = words.iter().position(|known| known.asked == meant.asked);
                let at = known.unwrap_or(words.len());
                if known.is_none() {
                    words.push(meant);
                }
                let this = exact.map(|exact| (exact, at));
                before = this.filter(|(exact, _)| exact.bytes().all(|b| b.is_ascii_lowercase()));
            }
        }
        if let [single] = words.as_mut_slice() {
            // By itself it counts where it is said, and only there.
            single.ahead.clear();
        }
        Ok((words, conditions))
    }

    /// The words anywhere in `node` whose presence is asked for.
    ///
    /// # Errors
    /// Reading the index's words failed.
    pub(crate) fn leaves(&mut self, node: &Node) -> Result<Vec<Meant>> {
        Ok(match node {
            Node::Word { field: SearchField::Spoken, word } => {
                vec![self.word(SearchField::Spoken, word)?]
            }
            Node::Reading { words, asks } => vec![self.reading(words, asks)?],
            Node::LongForm { .. } => self.long_form(node)?,
            Node::Phrase { field: SearchField::Spoken, words } => {
                let asked: Vec<&str> = words.iter().map(QueryWord::text).collect();
                let mut meant = Meant { asked: asked.join(" "), ..Meant::default() };
                match self.span(SearchField::Spoken, words, Shape::Phrase, Level::Exact)? {
                    Clause::Span(span) => meant.spans.push((Level::Exact, span)),
                    Clause::Terms(terms) => {
                        let exact = terms.into_iter().map(|(term, w)| (Level::Exact, term, w));
                        meant.terms.extend(exact);
                    }
                    _ => {}
                }
                vec![meant]
            }
            Node::Near { field: SearchField::Spoken, words, .. } => words
                .iter()
                .map(|word| self.plain(SearchField::Spoken, word, Level::Part))
                .collect::<Result<_>>()?,
            Node::All(parts) | Node::One(parts) => {
                let mut leaves = Vec::new();
                for part in parts {
                    leaves.extend(self.leaves(part)?);
                }
                leaves
            }
            _ => Vec::new(),
        })
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

    /// What two words side by side say together.
    fn add_neighbours(&self, left: &mut Meant, first: &str, right: &mut Meant, second: &str) {
        // "Havel Land" is "Havelland" spelt apart: one word that answers both.
        let joined = format!("{first}{second}");
        self.add_joined(left, self.spoken(), &joined);
        self.add_joined(right, self.spoken(), &joined);
        // "MV 0029/21" is "MV-0029/21" spelt apart.
        if self.ground == Ground::Spoken && is_paper_number(second) {
            let paper = self.fields.of(SearchField::Paper).exact;
            left.paper.push(Term::from_field_text(paper, &format!("{first}-{second}")));
        }
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

    /// A word with everything that answers it.
    pub(super) fn word(&mut self, field: SearchField, word: &QueryWord) -> Result<Meant> {
        let asked = (field, word.clone());
        if let Some(meant) = self.whole.get(&asked) {
            return Ok(meant.clone());
        }
        let meant = self.read(field, word)?;
        self.whole.insert(asked, meant.clone());
        Ok(meant)
    }

    fn read(&mut self, field: SearchField, word: &QueryWord) -> Result<Meant> {
        let Some(exact) = self.whole(word) else { return self.plain(field, word, Level::Part) };
        if field == SearchField::Item && is_number(&exact) {
            let mut meant = Meant { asked: word.text().to_owned(), ..Meant::default() };
            self.add(&mut meant, Level::Exact, self.fields.item_number, &exact);
            return Ok(meant);
        }
        let mut meant = self.terms(field, word)?;
        self.add_readings(&mut meant, field, &exact)?;
        if field == SearchField::Spoken
            && self.ground == Ground::Spoken
            && !analysis::is_stopword(&exact)
        {
            let (speaker, item) =
                (self.fields.of(SearchField::Speaker), self.fields.of(SearchField::Item));
            meant.speaker.push(Term::from_field_text(speaker.exact, &exact));
            if is_paper_number(&exact) {
                let paper = self.fields.of(SearchField::Paper).exact;
                meant.paper.push(Term::from_field_text(paper, &exact));
            }
            if !analysis::is_function(&exact) {
                let stem = self.stem(&exact);
                meant.title.push(Term::from_field_text(item.part, &stem));
            }
        }
        Ok(meant)
    }

    /// The normalized word, where it is a whole one.
    fn whole(&self, word: &QueryWord) -> Option<String> {
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
    fn plain(&mut self, field: SearchField, word: &QueryWord, level: Level) -> Result<Meant> {
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
    fn terms(&mut self, field: SearchField, word: &QueryWord) -> Result<Meant> {
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

/// "mv-0029/21": parts with a figure among them.
fn is_paper_number(exact: &str) -> bool {
    exact.contains(|c: char| c.is_ascii_digit()) && !analysis::split_parts(exact).is_empty()
}

fn is_number(exact: &str) -> bool {
    exact.starts_with(|c: char| c.is_ascii_digit())
}

/// Nearness of a word to itself means nothing.
fn distinct(words: &[QueryWord]) -> Vec<QueryWord> {
    let mut kept: Vec<QueryWord> = Vec::new();
    for word in words {
        if !kept.contains(word) {
            kept.push(word.clone());
        }
    }
    kept
}
