//! A query's tree to conditions on the index: every word by the same analyzer as the documents,
//! prefixes by the words that are in the index.

use std::collections::HashMap;

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::ast::{Node, Word};
use super::clause::Clause;
use super::{LOOKAHEAD, MAX_EXPANSIONS};
use crate::analysis;
use crate::error::{Doing, Result};
use crate::schema::{Fields, FormFields, Place};
use crate::span::{Shape, Slot, Span};

/// Weight of a stem beside the word itself.
const STEM_WEIGHT: f32 = 0.7;

/// Which forms of a word count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// The word as spelt.
    Exact,
    /// Its other forms too.
    WordForms,
}

/// Turns trees into conditions on one state of the index.
pub(crate) struct Planner<'s> {
    fields: &'s Fields,
    searcher: &'s Searcher,
    /// Beginnings that more words have than were taken.
    cut: Vec<String>,
}

impl<'s> Planner<'s> {
    /// For the state that `searcher` sees.
    pub(crate) fn new(fields: &'s Fields, searcher: &'s Searcher) -> Self {
        Self { fields, searcher, cut: Vec::new() }
    }

    /// What the plans leave out, in German.
    pub(crate) fn left_out(&self) -> Option<String> {
        let words: Vec<String> = self.cut.iter().map(|word| format!("„{word}*“")).collect();
        (!words.is_empty()).then(|| {
            format!("Gesucht mit den {MAX_EXPANSIONS} häufigsten Wörtern: {}.", words.join(", "))
        })
    }

    /// The condition that `node` asks for. What matches at [`Breadth::Exact`] also matches at
    /// [`Breadth::WordForms`]: a `-word` excludes all its forms at either.
    ///
    /// # Errors
    /// Reading the index's words failed.
    pub(crate) fn plan(&mut self, node: &Node, breadth: Breadth) -> Result<Clause> {
        Ok(match node {
            Node::Word { place, word } => self.word(*place, word, breadth)?,
            Node::Number { words, form } => {
                let spelt = self.span(Place::Spoken, words, Shape::Phrase, Breadth::Exact)?;
                match breadth {
                    Breadth::Exact => spelt,
                    Breadth::WordForms => Clause::One(vec![spelt, self.number(form)]),
                }
            }
            Node::LongForm { words, shorts } => {
                let spelt = Clause::All(
                    words
                        .iter()
                        .map(|word| self.word(Place::Spoken, word, breadth))
                        .collect::<Result<_>>()?,
                );
                match breadth {
                    Breadth::Exact => spelt,
                    Breadth::WordForms => Clause::One(vec![spelt, self.abbreviated(shorts)]),
                }
            }
            Node::Phrase { place, words } => {
                self.span(*place, words, Shape::Phrase, Breadth::Exact)?
            }
            Node::Near { place, words, distance } => {
                let words = distinct(words);
                let more = words.len().saturating_sub(2) as u32;
                let window = (*distance + more).min(LOOKAHEAD as u32);
                self.span(*place, &words, Shape::Near { window }, breadth)?
            }
            Node::Date(days) => Clause::Days(*days),
            Node::All(parts) => Clause::All(self.plans(parts, breadth)?),
            Node::One(parts) => Clause::One(self.plans(parts, breadth)?),
            Node::Not(inner) => Clause::Not(Box::new(self.plan(inner, Breadth::WordForms)?)),
        })
    }

    fn plans(&mut self, nodes: &[Node], breadth: Breadth) -> Result<Vec<Clause>> {
        nodes.iter().map(|node| self.plan(node, breadth)).collect()
    }

    /// Any spelling of a number.
    fn number(&self, form: &str) -> Clause {
        let stem = self.fields.of(Place::Spoken).stem;
        Clause::Terms(vec![(Term::from_field_text(stem, form), STEM_WEIGHT)])
    }

    /// Any of these abbreviations.
    fn abbreviated(&self, shorts: &[String]) -> Clause {
        let exact = self.fields.of(Place::Spoken).exact;
        let term = |short: &String| (Term::from_field_text(exact, short), STEM_WEIGHT);
        Clause::Terms(shorts.iter().map(term).collect())
    }

    fn word(&mut self, place: Place, word: &Word, breadth: Breadth) -> Result<Clause> {
        let Some(exact) = analysis::exact(word.text()) else { return Ok(Clause::Nothing) };
        if matches!(word, Word::Whole(_)) && place == Place::Item && is_number(&exact) {
            return Ok(Clause::Terms(vec![(
                Term::from_field_text(self.fields.item_number, &exact),
                1.0,
            )]));
        }
        let mut readings = vec![Clause::Terms(self.terms(self.fields.of(place), word, breadth)?)];
        if breadth == Breadth::WordForms
            && let Word::Whole(_) = word
        {
            for long in analysis::long_forms(&exact) {
                let words: Vec<Word> =
                    long.iter().map(|word| Word::Whole((*word).to_owned())).collect();
                readings.push(self.span(place, &words, Shape::Phrase, breadth)?);
            }
        }
        let parts: Vec<Word> = match word {
            Word::Whole(_) => analysis::split_parts(&exact)
                .into_iter()
                .map(|part| Word::Whole(part.to_owned()))
                .collect(),
            Word::Prefix(_) => Vec::new(),
        };
        // "Social-Media" also means "Social Media".
        if !parts.is_empty() && parts.len() <= LOOKAHEAD {
            readings.push(self.span(place, &parts, Shape::Phrase, breadth)?);
        }
        Ok(match readings.len() {
            1 => readings.remove(0),
            _ => Clause::One(readings),
        })
    }

    fn span(
        &mut self,
        place: Place,
        words: &[Word],
        shape: Shape,
        breadth: Breadth,
    ) -> Result<Clause> {
        if words.len() == 1 {
            return Ok(Clause::Terms(self.terms(self.fields.of(place), &words[0], breadth)?));
        }
        let mut slots = Vec::with_capacity(words.len());
        for word in words {
            let own = self.terms(self.fields.of(place), word, breadth)?;
            if own.is_empty() {
                return Ok(Clause::Nothing);
            }
            let ahead = match place {
                Place::Spoken => own.iter().map(|(term, _)| self.ahead(term)).collect(),
                _ => Vec::new(),
            };
            slots.push(Slot { own: own.into_iter().map(|(term, _)| term).collect(), ahead });
        }
        Ok(Clause::Span(Span { slots, shape }))
    }

    /// The same word in the lookahead.
    fn ahead(&self, own: &Term) -> Term {
        let exact = own.field() == self.fields.of(Place::Spoken).exact;
        let field = if exact { self.fields.ahead.exact } else { self.fields.ahead.stem };
        Term::from_field_text(field, own.value().as_str().unwrap_or_default())
    }

    fn terms(
        &mut self,
        fields: FormFields,
        word: &Word,
        breadth: Breadth,
    ) -> Result<Vec<(Term, f32)>> {
        let Some(exact) = analysis::exact(word.text()) else { return Ok(Vec::new()) };
        if matches!(word, Word::Prefix(_)) {
            return self.expand(fields.exact, &exact);
        }
        let mut terms = vec![(Term::from_field_text(fields.exact, &exact), 1.0)];
        if breadth == Breadth::WordForms {
            let stem = analysis::stem(&exact);
            terms.push((Term::from_field_text(fields.stem, &stem), STEM_WEIGHT));
            let number = analysis::numbers(&[Some(exact)]).into_iter().next();
            let number = number.map(|n| Term::from_field_text(fields.stem, &n.form));
            terms.extend(number.map(|term| (term, STEM_WEIGHT)));
        }
        Ok(terms)
    }

    /// The most frequent words that begin with `prefix`.
    fn expand(&mut self, field: Field, prefix: &str) -> Result<Vec<(Term, f32)>> {
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
        Ok(words.into_iter().map(|(word, _)| (Term::from_field_text(field, &word), 1.0)).collect())
    }
}

fn is_number(exact: &str) -> bool {
    exact.starts_with(|c: char| c.is_ascii_digit())
}

/// Nearness of a word to itself means nothing.
fn distinct(words: &[Word]) -> Vec<Word> {
    let mut kept: Vec<Word> = Vec::new();
    for word in words {
        if !kept.contains(word) {
            kept.push(word.clone());
        }
    }
    kept
}
