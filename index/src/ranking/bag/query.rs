//! A bag of words as Tantivy's query: its score is the [`SortKey`] of a passage, whose weight is by BM25.

use std::fmt;
use std::sync::Arc;

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TantivyError, Term};

use super::answer::BagScope;
use super::postings::BagPostings;
use super::weighed::Weighed;
use super::{Bag, Depth, Rank, SortKey};
use crate::postings::budget::Budget;
use crate::postings::terms::Terms;

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

/// Where passages are that exceed `threshold`.
fn scope(threshold: Score) -> BagScope {
    match threshold > 0.0 {
        true => BagScope::of_rank(SortKey::of_score(threshold).rank),
        false => BagScope::All,
    }
}

impl Query for BagQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (bag, terms, budget) = (self.bag.clone(), self.terms.clone(), self.budget.clone());
        let weighed = Weighed::new(bag, terms, budget, scoring.is_scoring_enabled())?;
        Ok(Box::new(BagWeight(Arc::new(weighed))))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        for meant in &*self.bag.words {
            meant.terms.iter().for_each(|(_, term, _)| visitor(term, true));
        }
    }
}

struct BagWeight(Arc<Weighed>);

impl BagWeight {
    /// Finds the passages that could exceed `threshold`, and perhaps others.
    fn open(&self, reader: &SegmentReader, threshold: Score) -> tantivy::Result<BagScorer> {
        let scored = self.0.scored;
        let ranked = scored && self.0.bag.depth != Depth::Similar;
        let scope = if ranked { scope(threshold) } else { BagScope::All };
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
        let best = self.postings.best_key();
        let rank = match self.ranked && self.postings.is_text() {
            true => {
                if best.to_score() <= threshold {
                    return None;
                }
                self.postings.rank()
            }
            false => Rank::CONTEXT,
        };
        Some(SortKey { rank, ..best }.to_score()).filter(|score| *score > threshold)
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
