//! A query's tree to conditions on the index.

use std::collections::HashMap;

use mitschnitt_german::parties;
use mitschnitt_german::verdicts::VoteVerdict;
use tantivy::{Searcher, Term};

use super::ast::{Node, QueryWord};
use super::clause::{Clause, Ground};
use super::limits::LOOKAHEAD;
use super::word::{Stems, WordPlanner};
use crate::analysis::{self, Analyzer, LocalAbbreviations};
use crate::model::error::Result;
use crate::model::understood::Remark;
use crate::postings::span::Shape;
use crate::ranking::bag::{Bag, Depth, Level, Meant};
use crate::segment::schema::{Fields, SearchField};

/// Turns trees into conditions on one state of the index.
pub(crate) struct Planner<'s> {
    words: WordPlanner<'s>,
    /// Words that were looked at with everything that answers them.
    whole: HashMap<(SearchField, QueryWord), Meant>,
}

impl<'s> Planner<'s> {
    /// For the state that `searcher` sees, whose compounds `analyzer` splits.
    pub(crate) fn new(
        fields: &'s Fields,
        searcher: &'s Searcher,
        analyzer: &'s Analyzer,
        abbreviations: LocalAbbreviations<'s>,
        stems: &'s Stems,
        ground: Ground,
    ) -> Self {
        let words = WordPlanner::new(fields, searcher, analyzer, abbreviations, stems, ground);
        Self { words, whole: HashMap::new() }
    }

    /// Where bare words are looked for.
    pub(crate) fn ground(&self) -> Ground {
        self.words.ground
    }

    /// What the plans leave out.
    pub(crate) fn left_out(&self) -> Option<Remark> {
        self.words.left_out()
    }

    /// The condition that `node` asks for. What matches at one level also matches at those behind
    /// it: a `-word` excludes all its forms, but no compounds, at any.
    ///
    /// # Errors
    /// Reading the index's words failed.
    pub(crate) fn plan(&mut self, node: &Node, level: Level) -> Result<Clause> {
        Ok(match node {
            Node::Word { field, word } => Clause::of(&self.word(*field, word)?, level),
            Node::Reading { words, asks } => Clause::of(&self.words.reading(words, asks)?, level),
            Node::LongForm { .. } => {
                let words = self.long_form(node)?;
                Clause::All(words.iter().map(|word| Clause::of(word, level)).collect())
            }
            Node::Phrase { field: SearchField::Party, words } => self.party(words)?,
            Node::Phrase { field, words } => {
                self.words.span(*field, words, Shape::Phrase, Level::Exact)?
            }
            Node::Near { field, words, distance } => {
                let words = distinct(words);
                let more = words.len().saturating_sub(2) as u32;
                let window = (*distance + more).min(LOOKAHEAD as u32);
                self.words.span(*field, &words, Shape::Near { window }, level)?
            }
            Node::Date(days) => Clause::Days(*days),
            Node::Role(role) => {
                let term = Term::from_field_text(self.words.fields.role, role.as_str());
                Clause::Terms(vec![(term, 1.0)])
            }
            Node::Vote(verdicts) if verdicts.is_empty() => Clause::votes(self.words.fields),
            Node::Vote(verdicts) => {
                let field = self.words.fields.verdict;
                let told = |verdict: &VoteVerdict| Term::from_field_text(field, verdict.code());
                let told = verdicts.iter().map(told);
                Clause::All(told.map(|term| Clause::Terms(vec![(term, 1.0)])).collect())
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
                    singles.push((self.word(SearchField::Spoken, word)?, self.words.whole(word)));
                }
                // By initials alone it is first of all its words.
                Node::LongForm { words: typed, by_initials: true, .. } => {
                    let whole = typed.iter().map(|word| self.words.whole(word)).collect::<Vec<_>>();
                    singles.extend(self.long_form(part)?.into_iter().zip(whole));
                }
                Node::Reading { words: typed, asks } => {
                    words.push(self.words.reading(typed, asks)?)
                }
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
            Node::Reading { words, asks } => vec![self.words.reading(words, asks)?],
            Node::LongForm { .. } => self.long_form(node)?,
            Node::Phrase { field: SearchField::Spoken, words } => {
                let asked: Vec<&str> = words.iter().map(QueryWord::text).collect();
                let mut meant = Meant { asked: asked.join(" "), ..Meant::default() };
                match self.words.span(SearchField::Spoken, words, Shape::Phrase, Level::Exact)? {
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
                .map(|word| self.words.plain(SearchField::Spoken, word, Level::Part))
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

    /// What two words side by side say together.
    fn add_neighbours(&self, left: &mut Meant, first: &str, right: &mut Meant, second: &str) {
        // "Havel Land" is "Havelland" spelt apart: one word that answers both.
        let joined = format!("{first}{second}");
        self.words.add_joined(left, self.words.spoken(), &joined);
        self.words.add_joined(right, self.words.spoken(), &joined);
        // "MV 0029/21" is "MV-0029/21" spelt apart.
        if self.words.ground == Ground::Spoken && is_paper_number(second) {
            let paper = self.words.fields.of(SearchField::Paper).exact;
            left.paper.push(Term::from_field_text(paper, &format!("{first}-{second}")));
        }
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

    /// A party by its name in any spelling, or by some words of it.
    fn party(&mut self, words: &[QueryWord]) -> Result<Clause> {
        let name: Vec<&str> = words.iter().map(QueryWord::text).collect();
        let name = name.join(" ");
        let plain = parties::without_group(&name);
        let plain: Vec<QueryWord> =
            plain.split(' ').map(|word| QueryWord::Whole(word.to_owned())).collect();
        let span = self.words.span(SearchField::Party, &plain, Shape::Phrase, Level::Exact)?;
        let key = Term::from_field_text(self.words.fields.party, &parties::key(&name));
        Ok(Clause::One(vec![Clause::Terms(vec![(key, 1.0)]), span]))
    }

    fn read(&mut self, field: SearchField, word: &QueryWord) -> Result<Meant> {
        if let (SearchField::Party, QueryWord::Whole(name)) = (field, word) {
            let plain = QueryWord::Whole(parties::without_group(name));
            let mut meant = self.words.terms(field, &plain)?;
            let key = parties::key(name);
            self.words.add(&mut meant, Level::Exact, self.words.fields.party, &key);
            return Ok(meant);
        }
        let Some(exact) = self.words.whole(word) else {
            return self.words.plain(field, word, Level::Part);
        };
        if matches!(field, SearchField::Item | SearchField::VoteItem) && is_number(&exact) {
            let mut meant = Meant { asked: word.text().to_owned(), ..Meant::default() };
            self.words.add(&mut meant, Level::Exact, self.words.fields.item_number, &exact);
            return Ok(meant);
        }
        let mut meant = self.words.terms(field, word)?;
        self.words.add_readings(&mut meant, field, &exact)?;
        if field == SearchField::Spoken
            && self.words.ground == Ground::Spoken
            && !analysis::is_stopword(&exact)
        {
            let (speaker, item) = (
                self.words.fields.of(SearchField::Speaker),
                self.words.fields.of(SearchField::Item),
            );
            meant.speaker.push(Term::from_field_text(speaker.exact, &exact));
            if is_paper_number(&exact) {
                let paper = self.words.fields.of(SearchField::Paper).exact;
                meant.paper.push(Term::from_field_text(paper, &exact));
            }
            if !analysis::is_function(&exact) {
                let stem = self.words.stem(&exact);
                meant.title.push(Term::from_field_text(item.part, &stem));
            }
        }
        Ok(meant)
    }

    /// Words that have an abbreviation together, which answers each of them.
    pub(super) fn long_form(&mut self, node: &Node) -> Result<Vec<Meant>> {
        let Node::LongForm { words, shorts, by_initials } = node else { return Ok(Vec::new()) };
        // A guess is looked for with what is similar.
        let shorts = if *by_initials { &[][..] } else { shorts };

        let mut meant = Vec::with_capacity(words.len());
        for word in words {
            let mut one = self.word(SearchField::Spoken, word)?;
            for short in shorts {
                // Of "ob" it is the capitals that are short for something.
                let form = analysis::capitals(&short.to_uppercase()).unwrap_or(short.clone());
                self.words.add(&mut one, Level::Form, self.words.spoken().exact, &form);
                self.words.add(
                    &mut one,
                    Level::Form,
                    self.words.spoken().exact,
                    &format!("{short}s"),
                );
            }
            meant.push(one);
        }
        Ok(meant)
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
