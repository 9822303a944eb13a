//! The best passages of a query. All files share one bar that a passage must reach, so that those
//! looked into later stop early at what others have already beaten.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use tantivy::query::{EnableScoring, Query, Weight};
use tantivy::{DocAddress, DocId, Executor, Score, Searcher, SegmentOrdinal};

use crate::postings::terms::Terms;
use crate::ranking::bag::{ScoreKind, SortKey};

/// The `limit` best passages by `query`, whose scores say this and are not negative, of those that are admitted;
/// the best first. A condition of the query would do the same, but nothing of what the best imply would be passed
/// over behind it.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn best(
    terms: &Terms,
    executor: &Executor,
    query: &dyn Query,
    scores: ScoreKind,
    is_admitted: &Admits<'_>,
    limit: usize,
) -> tantivy::Result<Vec<(SortKey, DocAddress)>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let searcher = terms.searcher();
    let weight = query.weight(EnableScoring::enabled_from_statistics_provider(terms, searcher))?;
    let look = Look::new(searcher, &*weight, is_admitted, limit);
    let mut found = match executor {
        Executor::ThreadPool(pool) => {
            // This thread is awake: it begins while the others wake up.
            let threads = pool.current_num_threads().min(look.segments.len());
            let mut others: Vec<_> = (1..threads).map(|_| Ok(Vec::new())).collect();
            let mut found = pool.in_place_scope(|scope| {
                for found in &mut others {
                    scope.spawn(|_| *found = look.run());
                }
                look.run()
            })?;
            for others in others {
                found.append(&mut others?);
            }
            found
        }
        _ => look.run()?,
    };
    found.sort_unstable();
    found.truncate(limit);
    let ranked = |passage: ScoredPassage| (scores.key(passage.score), look.address(passage));
    Ok(found.into_iter().map(ranked).collect())
}

/// Says whether a document may be found at all.
pub(crate) type Admits<'a> = dyn Fn(SegmentOrdinal, DocId) -> bool + Sync + 'a;

/// A passage that was found; the least is the best, and among equals the one looked at first.
#[derive(Clone, Copy, Debug)]
struct ScoredPassage {
    score: Score,
    /// The place of its file among those looked into.
    place: usize,
    doc: DocId,
}

impl Ord for ScoredPassage {
    fn cmp(&self, other: &Self) -> Ordering {
        let score = other.score.total_cmp(&self.score);
        score.then(self.place.cmp(&other.place)).then(self.doc.cmp(&other.doc))
    }
}

impl PartialOrd for ScoredPassage {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ScoredPassage {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ScoredPassage {}

/// One search, by as many threads as call [`Self::run`].
struct Look<'q> {
    searcher: &'q Searcher,
    weight: &'q dyn Weight,
    is_admitted: &'q Admits<'q>,
    limit: usize,
    /// The files in the order in which they are looked into.
    segments: Vec<SegmentOrdinal>,
    /// The place of the next one.
    next: AtomicUsize,
    /// A score that `limit` passages have at least, as bits: of numbers that are not negative the
    /// greater one has the greater bits.
    bar: AtomicU32,
}

impl<'q> Look<'q> {
    fn new(
        searcher: &'q Searcher,
        weight: &'q dyn Weight,
        is_admitted: &'q Admits<'q>,
        limit: usize,
    ) -> Self {
        let readers = searcher.segment_readers();
        let mut segments: Vec<SegmentOrdinal> = (0..readers.len() as SegmentOrdinal).collect();
        // The largest first: in it the bar rises furthest.
        segments.sort_by_key(|n| Reverse(readers[*n as usize].num_docs()));
        Self { searcher, weight, is_admitted, limit, segments, next: 0.into(), bar: 0.into() }
    }

    fn address(&self, passage: ScoredPassage) -> DocAddress {
        DocAddress::new(self.segments[passage.place], passage.doc)
    }

    /// Looks into files until none is left; gives the best of what was found, in no order.
    fn run(&self) -> tantivy::Result<Vec<ScoredPassage>> {
        // The worst on top.
        let mut found: BinaryHeap<ScoredPassage> = BinaryHeap::with_capacity(self.limit + 1);
        loop {
            let place = self.next.fetch_add(1, Relaxed);
            let Some(segment) = self.segments.get(place) else { break };
            let reader = self.searcher.segment_reader(*segment);
            let alive = reader.alive_bitset();
            let mut bar = self.bar(&found);
            self.weight.for_each_pruning(bar, reader, &mut |doc, score| {
                let is_alive = alive.is_none_or(|alive| alive.is_alive(doc));
                if is_alive && (self.is_admitted)(*segment, doc) {
                    found.push(ScoredPassage { score, place, doc });
                    if found.len() > self.limit {
                        found.pop();
                    }
                    bar = self.bar(&found);
                }
                bar
            })?;
        }
        Ok(found.into_vec())
    }

    /// What a passage must exceed to be added to `found`. Those there are of earlier files or stand
    /// earlier; of those that other threads found none is known to, so an equal score suffices.
    fn bar(&self, found: &BinaryHeap<ScoredPassage>) -> Score {
        let own = found.peek().filter(|_| found.len() >= self.limit);
        let of_all = match own {
            Some(last) => {
                self.bar.fetch_max(last.score.to_bits(), Relaxed).max(last.score.to_bits())
            }
            None => self.bar.load(Relaxed),
        };
        let of_all = Score::from_bits(of_all).next_down();
        own.map_or(of_all, |last| last.score.max(of_all))
    }
}
