//! What was looked up of a bag's terms: which there are, how rare they are, and where.

use std::sync::{Arc, OnceLock};

use tantivy::index::SegmentId;
use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::Field;
use tantivy::{Result, Score, Term};

use super::answer::{BagScope, TermRole};
use super::{Bag, Depth, Level, Meant};
use crate::postings::budget::Budget;
use crate::postings::intersection::{Conjunction, Disjunction};
use crate::postings::span::conjunction_of;
use crate::postings::terms::{Known, Terms, rarity};

/// Passages of the term that stands for its field: the others weigh as much more or less as they are
/// rarer or more frequent.
const REFERENCE: u64 = 1;

/// A bag, with what was looked up of its terms.
pub(super) struct Weighed {
    pub bag: Bag,
    pub terms: Terms,
    /// Of each of its words the terms that find passages which no other term does.
    finding: TermsByWord,
    /// All that may answer each of its words, looked up once a passage is to be scored: of rare words
    /// that are asked for together there often is none.
    answering: OnceLock<TermsByWord>,
    /// Whether passages are scored.
    pub scored: bool,
    pub budget: Budget,
}

/// The terms of each word, the best first.
type TermsByWord = Vec<Vec<Answering>>;

/// A term that may answer a word.
pub(super) struct Answering {
    pub role: TermRole,
    pub known: Arc<Known>,
    /// The level from which on another term finds what it does.
    pub spared_from: Option<Level>,
    /// None where it adds nothing to the weight of a passage.
    pub weighing: Option<Weighing>,
}

/// What a term adds to the weight of a passage.
#[derive(Clone)]
pub(super) struct Weighing {
    pub field: Field,
    /// That of its field, whose weight is [`Self::weight`] of this.
    pub bm25: Arc<Bm25Weight>,
    pub weight: Score,
}

impl Weighed {
    /// Looks up what finds passages with the words of `bag`; with `scored` the rest comes when it is
    /// wanted.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn new(bag: Bag, terms: Terms, budget: Budget, scored: bool) -> Result<Self> {
        let finding = Statistics::new(&terms, false).words(&bag)?;
        Ok(Self { bag, terms, finding, answering: OnceLock::new(), scored, budget })
    }

    /// What tells how a passage answers each word of the bag: all that may answer; where nothing is
    /// scored, only whether it does counts, and that whatever finds it tells.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn words(&self) -> Result<&[Vec<Answering>]> {
        if !self.scored {
            return Ok(&self.finding);
        }
        if let Some(words) = self.answering.get() {
            return Ok(words);
        }
        let words = Statistics::new(&self.terms, true).words(&self.bag)?;
        Ok(self.answering.get_or_init(|| words))
    }

    /// What finds the passages of a segment that are in `scope`.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn conjunction(&self, file: SegmentId, scope: BagScope) -> Result<Conjunction> {
        let words = match scope {
            BagScope::All => &self.finding,
            // Only what is scored is looked for less widely.
            BagScope::Text(_) => self.words()?,
        };
        let mut conjunction = Vec::with_capacity(words.len());
        for (answering, meant) in words.iter().zip(&*self.bag.words) {
            let mut word = Disjunction::default();
            for term in answering {
                if scope.is_found_by(term.role, term.spared_from)
                    && let Some(list) = term.known.list(file)?
                {
                    word.add(term.role.kind(), list);
                }
            }
            for (level, span) in &meant.spans {
                if scope.has(*level) {
                    word.add_conjunction(conjunction_of(span, &self.terms, file)?);
                }
            }
            conjunction.push(word);
        }
        Ok(Conjunction::new(conjunction))
    }
}

/// How rare terms are.
struct Statistics<'t> {
    terms: &'t Terms,
    /// Whether passages are scored; else only what finds passages that nothing else does is wanted.
    scored: bool,
    /// BM25 as far as it is the same for all terms of a field.
    of_fields: Vec<(Field, Arc<Bm25Weight>)>,
}

impl<'t> Statistics<'t> {
    fn new(terms: &'t Terms, scored: bool) -> Self {
        Self { terms, scored, of_fields: Vec::new() }
    }

    /// The terms that may answer the words of `bag`, as far as they are wanted; those that no
    /// passage has are not there.
    fn words(&mut self, bag: &Bag) -> Result<TermsByWord> {
        bag.words.iter().map(|meant| self.answering(meant, bag.depth)).collect()
    }

    fn answering(&mut self, meant: &Meant, depth: Depth) -> Result<Vec<Answering>> {
        let mut terms: Vec<(TermRole, &Term, Option<Score>)> = Vec::new();
        terms.extend(
            meant.terms.iter().map(|(level, term, w)| (TermRole::Own(*level), term, Some(*w))),
        );
        terms.extend(meant.ahead.iter().map(|(level, term)| (TermRole::Ahead(*level), term, None)));
        if depth >= Depth::Context {
            let named = meant.speaker.iter().chain(&meant.paper);
            terms.extend(named.map(|term| (TermRole::Named, term, Some(1.0))));
            terms.extend(meant.title.iter().map(|term| (TermRole::Title, term, Some(1.0))));
        }
        if depth >= Depth::Similar {
            let similar = meant.similar.iter();
            terms.extend(similar.map(|(_, term, w)| (TermRole::Similar, term, Some(*w))));
        }
        terms.retain(|(_, term, _)| self.scored || meant.spared_from(term).is_none());
        terms.sort_by_key(|(role, ..)| role.place());
        let mut answering = Vec::with_capacity(terms.len());
        for (role, term, weight) in terms {
            let coarser = meant.coarser(term).map(|coarser| self.terms.known(coarser));
            let known = self.terms.known_where(term, coarser.transpose()?.as_deref())?;
            if known.passages == 0 {
                continue;
            }
            let weighing = match weight.filter(|_| self.scored) {
                Some(weight) => Some(self.weighing(term.field(), weight, &known)?),
                None => None,
            };
            answering.push(Answering {
                role,
                known,
                spared_from: meant.spared_from(term),
                weighing,
            });
        }
        Ok(answering)
    }

    fn weighing(&mut self, field: Field, weight: Score, known: &Known) -> Result<Weighing> {
        let all = self.terms.total_num_docs()?;
        let bm25 = match self.of_fields.iter().find(|(of, _)| *of == field) {
            Some((_, bm25)) => Arc::clone(bm25),
            None => {
                let average = self.terms.total_num_tokens(field)? as Score / all.max(1) as Score;
                let bm25 = Bm25Weight::for_one_term_without_explain(REFERENCE, all, average);
                self.of_fields.push((field, Arc::new(bm25)));
                Arc::clone(&self.of_fields[self.of_fields.len() - 1].1)
            }
        };
        let weight = weight * known.rarity(all) / rarity(REFERENCE, all);
        Ok(Weighing { field, bm25, weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_weigh_what_they_do_by_themselves() {
        const ALL: u64 = 1_000_000;
        let of_field = Bm25Weight::for_one_term_without_explain(REFERENCE, ALL, 68.0);
        for passages in [1, 7, 3_000, ALL / 2, ALL] {
            let alone = Bm25Weight::for_one_term_without_explain(passages, ALL, 68.0);
            let scale = rarity(passages, ALL) / rarity(REFERENCE, ALL);
            for (length, frequency) in [(0, 1), (40, 1), (60, 3), (255, 90)] {
                let (is, should) =
                    (scale * of_field.score(length, frequency), alone.score(length, frequency));
                assert!((is - should).abs() <= 1e-4 * should.max(1e-3), "{is}, not {should}");
            }
        }
    }
}
