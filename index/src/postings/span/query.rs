//! A span as Tantivy's query: BM25 over the number of its matches in a passage.

use std::fmt;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{Bm25Weight, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Result, Score, SegmentReader, TERMINATED, TantivyError, Term};

use super::{SpanPostings, WordSpan, conjunction_of};
use crate::postings::budget::Budget;
use crate::postings::intersection::Intersection;
use crate::postings::terms::Terms;

/// How much dearer a passage of a span is than one of a term: its positions are read.
const COST: u64 = 8;

/// Matches the passages that hold a span.
#[derive(Clone)]
pub(crate) struct SpanQuery {
    span: WordSpan,
    terms: Terms,
    budget: Budget,
    /// One term for every word, for its rarity; all of one field.
    ranked: Vec<Term>,
}

impl SpanQuery {
    /// The query of `span`, looked for within `budget`.
    pub(crate) fn new(span: WordSpan, terms: Terms, budget: Budget) -> Self {
        let field = span.slots[0].own[0].field();
        let ranked = span
            .slots
            .iter()
            .filter_map(|slot| slot.own.iter().find(|term| term.field() == field).cloned())
            .collect();
        Self { span, terms, budget, ranked }
    }
}

impl fmt::Debug for SpanQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span.fmt(f)
    }
}

impl Query for SpanQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> Result<Box<dyn Weight>> {
        let bm25 = match scoring.is_scoring_enabled() {
            true => Some(Bm25Weight::for_terms(&self.terms, &self.ranked)?),
            false => None,
        };
        let (terms, budget) = (self.terms.clone(), self.budget.clone());
        Ok(Box::new(SpanWeight { span: self.span.clone(), terms, budget, bm25 }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        for slot in &self.span.slots {
            slot.own.iter().chain(&slot.ahead).for_each(|term| visitor(term, true));
        }
    }
}

struct SpanWeight {
    span: WordSpan,
    terms: Terms,
    budget: Budget,
    bm25: Option<Bm25Weight>,
}

impl SpanWeight {
    /// Stands at the first passage that matches.
    fn open(&self, reader: &SegmentReader, boost: Score) -> Result<SpanScorer> {
        let mut scorer = self.unmoved(reader, boost)?;
        scorer.settle(0);
        Ok(scorer)
    }

    /// Stands nowhere yet.
    fn unmoved(&self, reader: &SegmentReader, boost: Score) -> Result<SpanScorer> {
        let ranking = match &self.bm25 {
            Some(bm25) => {
                let field = self.span.slots[0].own[0].field();
                Some((bm25.boost_by(boost), reader.get_fieldnorms_reader(field)?))
            }
            None => None,
        };
        let file = reader.segment_id();
        let conjunction = conjunction_of(&self.span, &self.terms, file)?;
        let intersection = Intersection::new(conjunction, reader.max_doc(), &self.budget);
        let postings = SpanPostings::new(&self.span, &self.terms, file)?;
        Ok(SpanScorer {
            intersection,
            postings,
            doc: TERMINATED,
            weighing: SpanWeighing { ranking, boost },
        })
    }
}

impl Weight for SpanWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> Result<Box<dyn Scorer>> {
        Ok(Box::new(self.open(reader, boost)?))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> Result<Explanation> {
        let mut scorer = self.open(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            let reason = format!("document {doc} does not hold the span");
            return Err(TantivyError::InvalidArgument(reason));
        }
        Ok(Explanation::new("Span", scorer.score()))
    }

    /// Reads positions only of passages that could still be among the best.
    fn for_each_pruning(
        &self,
        mut threshold: Score,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> Result<()> {
        let mut scorer = self.unmoved(reader, 1.0)?;
        let mut doc = scorer.intersection.next(0);
        while doc != TERMINATED {
            let SpanScorer { postings, weighing, .. } = &mut scorer;
            if postings.is_worth(doc, |most| weighing.score(doc, most) > threshold)
                && postings.holds(doc)
            {
                scorer.doc = doc;
                let score = scorer.score();
                if score > threshold {
                    threshold = callback(doc, score);
                }
            }
            doc = scorer.intersection.next(doc + 1);
        }
        Ok(())
    }
}

struct SpanScorer {
    intersection: Intersection,
    postings: SpanPostings,
    /// The passage it stands at, or `TERMINATED`.
    doc: DocId,
    weighing: SpanWeighing,
}

impl SpanScorer {
    /// Moves to the first passage from `target` on that matches.
    fn settle(&mut self, mut target: DocId) {
        self.doc = loop {
            let doc = self.intersection.next(target);
            if doc == TERMINATED || self.postings.holds(doc) {
                break doc;
            }
            target = doc + 1;
        };
    }
}

/// What matches are worth.
struct SpanWeighing {
    ranking: Option<(Bm25Weight, FieldNormReader)>,
    boost: Score,
}

impl SpanWeighing {
    /// The score of a passage with so many matches.
    fn score(&self, doc: DocId, matches: u32) -> Score {
        let Some((bm25, norms)) = &self.ranking else { return self.boost };
        bm25.score(norms.fieldnorm_id(doc), matches)
    }
}

impl DocSet for SpanScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.settle(self.doc + 1);
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.settle(target);
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.intersection.most()
    }

    fn cost(&self) -> u64 {
        u64::from(self.intersection.most()) * COST
    }
}

impl Scorer for SpanScorer {
    fn score(&mut self) -> Score {
        let mut matches = 0;
        self.postings.matches(|_| matches += 1);
        self.weighing.score(self.doc, matches)
    }
}
