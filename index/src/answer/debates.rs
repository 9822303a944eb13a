//! The matches of every debate, an agenda item of a meeting: how many passages of how many speeches.

use foldhash::{HashMap, HashMapExt};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::segment::columns::{Columns, SegmentColumns};
use crate::segment::record::meeting_of;

/// What of a debate matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DebateCount {
    /// Passages, titles and papers among them.
    pub total: u64,
    /// The speeches these are of.
    pub speeches: u64,
}

/// Meeting, and item; what belongs to no item is together.
pub(crate) type DebateKey = (u64, Option<u64>);

/// All debates with matches.
#[derive(Debug, Default)]
pub(crate) struct Debates(HashMap<DebateKey, DebateCount>);

impl Debates {
    /// That of a document.
    pub(crate) fn of(&self, columns: &Columns, address: DocAddress) -> DebateCount {
        debate_key(columns, address).and_then(|key| self.0.get(&key)).copied().unwrap_or_default()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// The debate of a document.
pub(crate) fn debate_key(columns: &Columns, address: DocAddress) -> Option<DebateKey> {
    key(columns.of(address.segment_ord), address.doc_id)
}

fn key(columns: &SegmentColumns, doc: DocId) -> Option<DebateKey> {
    let meeting = meeting_of(columns.chronology(doc)?);
    Some((meeting, columns.item(doc).map(|(_, place)| place)))
}

/// Counts them.
pub(crate) struct DebateCollector<'c>(pub &'c Columns);

impl Collector for DebateCollector<'_> {
    type Fruit = Debates;
    type Child = SegmentDebates;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<SegmentDebates> {
        Ok(SegmentDebates { columns: self.0.of(segment).clone(), found: HashMap::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(
        &self,
        segments: Vec<HashMap<DebateKey, CountedDebate>>,
    ) -> tantivy::Result<Debates> {
        let mut all: HashMap<DebateKey, DebateCount> = HashMap::new();
        for (key, counted) in segments.into_iter().flatten() {
            let debate = all.entry(key).or_default();
            debate.total += counted.debate.total;
            debate.speeches += counted.debate.speeches;
        }
        Ok(Debates(all))
    }
}

/// A debate while it is counted.
#[derive(Debug, Default)]
pub(crate) struct CountedDebate {
    debate: DebateCount,
    /// The speech of its last passage: those of one speech stand next to each other.
    last: Option<u64>,
}

/// What one file has.
pub(crate) struct SegmentDebates {
    columns: SegmentColumns,
    found: HashMap<DebateKey, CountedDebate>,
}

impl SegmentCollector for SegmentDebates {
    type Fruit = HashMap<DebateKey, CountedDebate>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let Some(key) = key(&self.columns, doc) else { return };
        let counted = self.found.entry(key).or_default();
        counted.debate.total += 1;
        let speech = self.columns.speech(doc).map(|(_, speech)| speech);
        if speech.is_some() && speech != counted.last {
            counted.debate.speeches += 1;
            counted.last = speech;
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.found
    }
}
