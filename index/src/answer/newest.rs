//! All meetings with matches, the newest first, each with its first matches: one pass over columns
//! for pages of meetings that lie deeper than hits are ranked.

use std::collections::HashMap;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::segment::columns::{Columns, SegmentColumns};

/// Gathers the matches of every meeting, at most so many of each.
pub(crate) struct NewestCollector<'c> {
    pub columns: &'c Columns,
    pub most: usize,
}

/// The matches of one meeting in one file; a meeting may be spread over several.
#[derive(Clone, Debug)]
pub(crate) struct Gathered {
    pub segment: SegmentOrdinal,
    /// The meeting's number among those of the file.
    pub number: u64,
    /// Places in the order of time and the passages, the first of the meeting first.
    pub hits: Vec<(u64, DocAddress)>,
}

impl Gathered {
    /// The place of its first match.
    pub(crate) fn first(&self) -> u64 {
        self.hits.first().map_or(0, |(place, _)| *place)
    }
}

impl Collector for NewestCollector<'_> {
    /// The one with the newest first match first.
    type Fruit = Vec<Gathered>;
    type Child = SegmentNewest;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<SegmentNewest> {
        let columns = self.columns.of(segment).clone();
        Ok(SegmentNewest { segment, columns, most: self.most, by_meeting: HashMap::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<Gathered>>) -> tantivy::Result<Vec<Gathered>> {
        let mut all = segments.concat();
        all.sort_unstable_by_key(|gathered| {
            std::cmp::Reverse((gathered.first(), gathered.segment))
        });
        Ok(all)
    }
}

/// What one file has.
pub(crate) struct SegmentNewest {
    segment: SegmentOrdinal,
    columns: SegmentColumns,
    most: usize,
    by_meeting: HashMap<u64, Vec<(u64, DocAddress)>>,
}

impl SegmentCollector for SegmentNewest {
    type Fruit = Vec<Gathered>;

    fn collect(&mut self, doc: DocId, _: Score) {
        // Whatever is no passage has neither.
        let meeting = self.columns.meeting_number(doc);
        let Some((number, place)) = meeting.zip(self.columns.chronology(doc)) else { return };
        let hits = self.by_meeting.entry(number).or_default();
        let at = hits.partition_point(|(other, _)| *other > place);
        if at < self.most {
            hits.insert(at, (place, DocAddress::new(self.segment, doc)));
            hits.truncate(self.most);
        }
    }

    fn harvest(self) -> Vec<Gathered> {
        let segment = self.segment;
        let gathered = |(number, hits)| Gathered { segment, number, hits };
        self.by_meeting.into_iter().map(gathered).collect()
    }
}
