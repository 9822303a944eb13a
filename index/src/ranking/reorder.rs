//! Small things that change the order of hits of one rank: what the item is about, who speaks, and
//! how long ago. Looked up for the best hits only, so that finding them stays cheap.

use std::sync::Arc;

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Score, Searcher, SegmentReader, TERMINATED};

use crate::model::error::{Doing, Result};
use crate::postings::terms::{Known, Terms};
use crate::ranking::bag::Meant;
use crate::ranking::ranked::Ranked;
use crate::segment::columns::Columns;

/// Weight of a query's word in the title of the item that is spoken about, beside its rarity.
const TITLE: Score = 0.5;
/// Weight of a query's word in the speaker's name.
const SPEAKER: Score = 0.3;
/// What being of today adds to a weight, and after how many days half of it is left.
const RECENT: Score = 0.3;
const HALF_LIFE: Score = 730.0;

/// The order of one query's hits.
pub(crate) struct Reorder<'s> {
    searcher: &'s Searcher,
    columns: &'s Columns,
    /// With what they add where they are.
    terms: Vec<(Arc<Known>, Score)>,
}

const DOING: &str = "Treffer ordnen";

impl<'s> Reorder<'s> {
    /// For the words of a query.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn new(all: &'s Terms, columns: &'s Columns, words: &[Meant]) -> Result<Self> {
        let count = all.total_num_docs().doing(DOING)?;
        let mut terms = Vec::new();
        for word in words {
            let title = word.title.iter().map(|term| (term, TITLE));
            let speaker = word.speaker.iter().map(|term| (term, SPEAKER));
            for (term, weight) in title.chain(speaker) {
                let known = all.known(term).doing(DOING)?;
                if known.passages > 0 {
                    let rarity = known.rarity(count);
                    terms.push((known, weight * rarity));
                }
            }
        }
        Ok(Self { searcher: all.searcher(), columns, terms })
    }

    /// Sorts hits of one block, all of one step of a plan; none leaves its rank.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn sort(&self, block: &mut [Ranked]) -> Result<()> {
        block.sort_by_key(|hit| hit.address);
        for segment in block.chunk_by_mut(|a, b| a.address.segment_ord == b.address.segment_ord) {
            let reader = self.searcher.segment_reader(segment[0].address.segment_ord);
            self.weigh(reader, segment)?;
        }
        block.sort_by_key(|hit| (hit.key, hit.address));
        Ok(())
    }

    /// `hits` are of one segment, in its order.
    fn weigh(&self, reader: &SegmentReader, hits: &mut [Ranked]) -> Result<()> {
        for hit in hits.iter_mut() {
            if let Some(day) = self.columns.of(hit.address.segment_ord).day(hit.address.doc_id) {
                let age = ordinal(self.columns.newest) - ordinal(day);
                hit.key.weight *= 1.0 + RECENT * (-age / HALF_LIFE).exp2();
            }
        }
        for (known, weight) in &self.terms {
            let postings = known.open(reader.segment_id(), IndexRecordOption::Basic);
            let postings = postings.doing(DOING)?;
            let Some(mut postings) = postings else { continue };
            for hit in hits.iter_mut() {
                let target = hit.address.doc_id;
                let doc =
                    if postings.doc() < target { postings.seek(target) } else { postings.doc() };
                if doc == TERMINATED {
                    break;
                }
                hit.key.weight += if doc == target { *weight } else { 0.0 };
            }
        }
        Ok(())
    }
}

/// Days since year 0, good to a few days: ages are compared in years.
fn ordinal(day: u64) -> Score {
    (day / 10_000) as Score * 365.25 + (day / 100 % 100) as Score * 30.4 + (day % 100) as Score
}
