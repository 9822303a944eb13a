//! A bag of words as Tantivy's query: its score is the rank of a passage and, as a fraction, its
//! weight by BM25.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::query::{
    Bm25StatisticsProvider, Bm25Weight, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::schema::Field;
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TantivyError, Term};

use super::postings::{BagPostings, Known, Scope, Weighed};
use super::{Bag, Depth, Meant, RANKS};
use crate::budget::Budget;

/// How much dearer a passage of a bag is than one of a term: its positions are read.
const COST: u64 = 4;

/// Matches the passages that answer a bag of words, as far as they are found within the budget.
#[derive(Clone, Debug)]
pub(crate) struct BagQuery(pub Bag, pub Budget);

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
        let searcher = match &scoring {
            EnableScoring::Enabled { searcher, .. } => Some(*searcher),
            EnableScoring::Disabled { searcher_opt, .. } => *searcher_opt,
        };
        let Some(searcher) = searcher else {
            let reason = "a bag is looked up in an index".to_owned();
            return Err(TantivyError::InvalidArgument(reason));
        };
        let scored = scoring.is_scoring_enabled();
        let mut statistics =
            Statistics { searcher, known: Vec::new(), averages: HashMap::new(), scored };
        let mut terms = Vec::with_capacity(self.0.words.len());
        for meant in &self.0.words {
            terms.push(statistics.known(meant, self.0.depth)?);
        }
        let (bag, budget) = (self.0.clone(), self.1.clone());
        Ok(Box::new(BagWeight(Arc::new(Weighed { bag, terms, scored, budget }))))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        for meant in &self.0.words {
            meant.terms.iter().for_each(|(_, term, _)| visitor(term, true));
        }
    }
}

/// What is looked up of terms, once for all that a search does with them.
struct Statistics<'s> {
    searcher: &'s Searcher,
    /// The words of a bag have terms in common.
    known: Vec<Arc<Known>>,
    /// Words of a passage in a field.
    averages: HashMap<Field, Score>,
    scored: bool,
}

impl Statistics<'_> {
    fn known(&mut self, meant: &Meant, depth: Depth) -> tantivy::Result<Vec<Arc<Known>>> {
        let mut terms: Vec<&Term> = meant.terms.iter().map(|(_, term, _)| term).collect();
        terms.extend(meant.ahead.iter().map(|(_, term)| term));
        if depth >= Depth::Context {
            terms.extend(meant.speaker.iter().chain(&meant.paper).chain(&meant.title));
        }
        if depth >= Depth::Similar {
            terms.extend(meant.similar.iter().map(|(_, term, _)| term));
        }
        let mut known: Vec<Arc<Known>> = Vec::with_capacity(terms.len());
        for term in terms {
            if known.iter().all(|known| known.term != *term) {
                let coarser = match meant.coarser(term) {
                    Some(coarser) => Some(self.look_up(coarser, None)?),
                    None => None,
                };
                let found = self.look_up(term, coarser.as_deref())?;
                known.extend((!found.places.is_empty()).then_some(found));
            }
        }
        Ok(known)
    }

    /// What is known of a term, which is only in files that have `coarser`.
    fn look_up(&mut self, term: &Term, coarser: Option<&Known>) -> tantivy::Result<Arc<Known>> {
        if let Some(known) = self.known.iter().find(|known| known.term == *term) {
            return Ok(Arc::clone(known));
        }
        let mut places = Vec::new();
        let mut passages = 0;
        for reader in self.searcher.segment_readers() {
            if coarser.is_some_and(|coarser| coarser.place(reader.segment_id()).is_none()) {
                continue;
            }
            if let Some(place) = reader.inverted_index(term.field())?.get_term_info(term)? {
                passages += u64::from(place.doc_freq);
                places.push((reader.segment_id(), place));
            }
        }
        let bm25 = match self.scored && !places.is_empty() {
            true => Some(self.bm25(term.field(), passages)?),
            false => None,
        };
        let known = Arc::new(Known { term: term.clone(), places, bm25 });
        self.known.push(Arc::clone(&known));
        Ok(known)
    }

    fn bm25(&mut self, field: Field, passages: u64) -> tantivy::Result<Bm25Weight> {
        let all = self.searcher.total_num_docs()?;
        let average = match self.averages.get(&field) {
            Some(average) => *average,
            None => {
                let average = self.searcher.total_num_tokens(field)? as Score / all.max(1) as Score;
                self.averages.insert(field, average);
                average
            }
        };
        Ok(Bm25Weight::for_one_term_without_explain(passages, all, average))
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
