//! A bag of words as Tantivy's query: its score is the rank of a passage and, as a fraction, its
//! weight by BM25.

use std::fmt;
use std::sync::Arc;

use tantivy::query::{
    Bm25StatisticsProvider, Bm25Weight, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::Field;
use tantivy::{DocId, DocSet, Score, SegmentReader, TantivyError, Term};

use super::postings::{Answering, BagPostings, Role, Scope, Weighed, Weighing};
use super::{Bag, Depth, Meant, RANKS};
use crate::budget::Budget;
use crate::terms::{Known, Terms, rarity};

/// Passages of the term that stands for its field: the others weigh as much more or less as they are
/// rarer or more frequent.
const REFERENCE: u64 = 1;

/// How much dearer a passage of a bag is than one of a term: its positions are read.
const COST: u64 = 4;

/// Matches the passages that answer a bag of words, as far as they are found within the budget.
#[derive(Clone)]
pub(crate) struct BagQuery {
    pub bag: Bag,
    pub terms: Terms,
    pub budget: Budget,
}

impl fmt::Debug for BagQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bag.fmt(f)
    }
}

/// Rank and BM25 weight of a score.
pub(crate) fn unpacked(score: Score) -> (u32, Score) {
    let whole = score.floor();
    // Close to 1 the fraction is rounded; weights of that size do not occur.
    let fraction = (score - whole).min(0.999);
    (RANKS.saturating_sub(whole as u32), SCALE * fraction / (1.0 - fraction))
}

fn packed(rank: u32, weight: Score) -> Score {
    // The scale keeps fractions in the middle, where they are finest.
    (RANKS - rank.min(RANKS)) as Score + (weight / (SCALE + weight)).min(0.999)
}

/// Where passages are that exceed `threshold`.
fn scope(threshold: Score) -> Scope {
    match threshold > 0.0 {
        true => Scope::of_rank(unpacked(threshold).0),
        false => Scope::All,
    }
}

/// A common weight.
const SCALE: Score = 16.0;

impl Query for BagQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let scored = scoring.is_scoring_enabled();
        let mut statistics = Statistics { terms: &self.terms, scored, of_fields: Vec::new() };
        let answering = |meant| statistics.answering(meant, self.bag.depth);
        let words = self.bag.words.iter().map(answering).collect::<tantivy::Result<_>>()?;
        let (bag, terms) = (self.bag.clone(), self.terms.clone());
        let budget = self.budget.clone();
        Ok(Box::new(BagWeight(Arc::new(Weighed { bag, terms, words, scored, budget }))))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        for meant in &*self.bag.words {
            meant.terms.iter().for_each(|(_, term, _)| visitor(term, true));
        }
    }
}

/// How rare terms are.
struct Statistics<'t> {
    terms: &'t Terms,
    scored: bool,
    /// BM25 as far as it is the same for all terms of a field.
    of_fields: Vec<(Field, Arc<Bm25Weight>)>,
}

impl Statistics<'_> {
    /// The terms that may answer a word; those that no passage has are not there.
    fn answering(&mut self, meant: &Meant, depth: Depth) -> tantivy::Result<Vec<Answering>> {
        let mut terms: Vec<(Role, &Term, Option<Score>)> = Vec::new();
        terms
            .extend(meant.terms.iter().map(|(level, term, w)| (Role::Own(*level), term, Some(*w))));
        terms.extend(meant.ahead.iter().map(|(level, term)| (Role::Ahead(*level), term, None)));
        if depth >= Depth::Context {
            let named = meant.speaker.iter().chain(&meant.paper);
            terms.extend(named.map(|term| (Role::Named, term, Some(1.0))));
            terms.extend(meant.title.iter().map(|term| (Role::Title, term, Some(1.0))));
        }
        if depth >= Depth::Similar {
            let similar = meant.similar.iter();
            terms.extend(similar.map(|(_, term, w)| (Role::Similar, term, Some(*w))));
        }
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

    fn weighing(
        &mut self,
        field: Field,
        weight: Score,
        known: &Known,
    ) -> tantivy::Result<Weighing> {
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
        let weight = weight * known.rarity(all) / rarity(REFERENCE.min(all), all);
        Ok(Weighing { field, bm25, weight })
    }
}

struct BagWeight(Arc<Weighed>);

impl BagWeight {
    /// Finds the passages that could exceed `threshold`, and perhaps others.
    fn open(&self, reader: &SegmentReader, threshold: Score) -> tantivy::Result<BagScorer> {
        let scored = self.0.scored;
        let ranked = scored && self.0.bag.depth != Depth::Similar;
        let scope = if ranked { scope(threshold) } else { Scope::All };
        let postings = BagPostings::open(&self.0, reader, ranked, scope)?;
        Ok(BagScorer { postings, scored, ranked })
    }
}

impl Weight for BagWeight {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(self.open(reader, Score::MIN)?))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.open(reader, Score::MIN)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            let reason = format!("document {doc} does not answer the words");
            return Err(TantivyError::InvalidArgument(reason));
        }
        Ok(Explanation::new("Bag", scorer.score()))
    }

    /// Looks only for passages that could still be among the best, and reads positions only of
    /// those.
    fn for_each_pruning(
        &self,
        mut threshold: Score,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let mut scorer = self.open(reader, threshold)?;
        while scorer.doc() != tantivy::TERMINATED {
            if let Some(score) = scorer.score_above(threshold) {
                threshold = callback(scorer.doc(), score);
                if scorer.ranked {
                    scorer.postings.narrow(scope(threshold));
                }
            }
            scorer.advance();
        }
        Ok(())
    }
}

struct BagScorer {
    postings: BagPostings,
    scored: bool,
    ranked: bool,
}

impl BagScorer {
    /// The score of this passage where it is above `threshold`.
    fn score_above(&mut self, threshold: Score) -> Option<Score> {
        let (weight, best) = self.postings.weigh();
        // What the context must answer, or something similar, is behind all that is said.
        let rank = match self.ranked && self.postings.is_text() {
            true => {
                if packed(best, weight) <= threshold {
                    return None;
                }
                self.postings.rank()
            }
            false => RANKS,
        };
        Some(packed(rank, weight)).filter(|score| *score > threshold)
    }
}

impl DocSet for BagScorer {
    fn advance(&mut self) -> DocId {
        self.postings.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.postings.seek(target)
    }

    fn doc(&self) -> DocId {
        self.postings.doc()
    }

    fn size_hint(&self) -> u32 {
        self.postings.most()
    }

    fn cost(&self) -> u64 {
        u64::from(self.postings.most()) * COST
    }
}

impl Scorer for BagScorer {
    fn score(&mut self) -> Score {
        match self.scored {
            true => self.score_above(Score::MIN).unwrap_or_default(),
            false => 1.0,
        }
    }
}
