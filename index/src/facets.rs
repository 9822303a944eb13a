//! Counts over all matches, by columns, in one pass apart from the hits.

use std::collections::{BTreeMap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use crate::request::{Bucket, Facets};
use crate::schema::{
    DAY, ITEM_LABEL, KIND, MEETING_LABEL, ORGANIZATION, PARTY, PERSON_LABEL, REVIEW, SEPARATOR,
};

/// Most values of a facet that are told.
const MAX_BUCKETS: usize = 100;
/// The text columns counted, in the order of [`Counts::by_text`].
const COLUMNS: [&str; 7] =
    [ORGANIZATION, PERSON_LABEL, PARTY, MEETING_LABEL, ITEM_LABEL, KIND, REVIEW];
/// The place of the meetings among them.
const MEETINGS: usize = 3;

/// Counts matching passages and their values.
pub(crate) struct FacetCollector;

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub total: u64,
    by_text: [HashMap<String, u64>; COLUMNS.len()],
    by_month: BTreeMap<u64, u64>,
}

impl Counts {
    /// How many meetings have matches.
    pub(crate) fn meetings(&self) -> u64 {
        self.by_text[MEETINGS].len() as u64
    }

    /// How many passages of the meeting `id` match.
    pub(crate) fn of_meeting(&self, id: &str, name: &str) -> u64 {
        let label = format!("{id}{SEPARATOR}{name}");
        self.by_text[MEETINGS].get(&label).copied().unwrap_or(0)
    }

    /// The counts as shown.
    pub(crate) fn facets(self) -> Facets {
        let [organization, person, party, meeting, item, kind, review] = self.by_text.map(buckets);
        let mut by_year: BTreeMap<u64, u64> = BTreeMap::new();
        for (month, count) in &self.by_month {
            *by_year.entry(month / 100).or_default() += count;
        }
        let bucket = |label: String, count| Bucket { id: label.clone(), label, count };
        let year = by_year.into_iter().rev().map(|(y, count)| bucket(format!("{y:04}"), count));
        let month = self.by_month.into_iter();
        let month = month.map(|(m, count)| bucket(format!("{:04}-{:02}", m / 100, m % 100), count));
        Facets {
            organization,
            year: year.collect(),
            month: month.collect(),
            person,
            party,
            meeting,
            item,
            kind,
            review,
        }
    }
}

fn buckets(counts: HashMap<String, u64>) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = counts
        .into_iter()
        .map(|(value, count)| {
            let (id, label) = value.split_once(SEPARATOR).unwrap_or((&value, &value));
            Bucket { id: id.to_owned(), label: label.to_owned(), count }
        })
        .collect();
    buckets.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)).then_with(|| a.id.cmp(&b.id))
    });
    buckets.truncate(MAX_BUCKETS);
    buckets
}

impl Collector for FacetCollector {
    type Fruit = Counts;
    type Child = SegmentFacets;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentFacets> {
        let columns = reader.fast_fields();
        let mut by_text = Vec::with_capacity(COLUMNS.len());
        for name in COLUMNS {
            by_text.push(columns.str(name)?.map(|column| {
                let counts = vec![0; column.num_terms()];
                (column, counts)
            }));
        }
        let days = columns.column_opt(DAY)?;
        Ok(SegmentFacets { total: 0, by_text, days, by_month: BTreeMap::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Counts>>) -> tantivy::Result<Counts> {
        let mut merged = Counts::default();
        for counts in segments {
            let counts = counts?;
            merged.total += counts.total;
            for (sum, part) in merged.by_text.iter_mut().zip(counts.by_text) {
                for (value, count) in part {
                    *sum.entry(value).or_default() += count;
                }
            }
            for (month, count) in counts.by_month {
                *merged.by_month.entry(month).or_default() += count;
            }
        }
        Ok(merged)
    }
}

/// The counts of one segment, by the numbers of its values.
pub(crate) struct SegmentFacets {
    total: u64,
    by_text: Vec<Option<(StrColumn, Vec<u64>)>>,
    days: Option<Column<u64>>,
    by_month: BTreeMap<u64, u64>,
}

impl SegmentFacets {
    fn named(self) -> tantivy::Result<Counts> {
        let mut named = Counts { total: self.total, by_month: self.by_month, ..Counts::default() };
        for (values, column) in named.by_text.iter_mut().zip(self.by_text) {
            let Some((column, counts)) = column else { continue };
            for (number, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                let mut value = String::new();
                column.ord_to_str(number as u64, &mut value)?;
                values.insert(value, count);
            }
        }
        Ok(named)
    }
}

impl SegmentCollector for SegmentFacets {
    type Fruit = tantivy::Result<Counts>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.total += 1;
        for (column, counts) in self.by_text.iter_mut().flatten() {
            for number in column.term_ords(doc) {
                counts[number as usize] += 1;
            }
        }
        if let Some(day) = self.days.as_ref().and_then(|days| days.first(doc)) {
            *self.by_month.entry(day / 100).or_default() += 1;
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.named()
    }
}
