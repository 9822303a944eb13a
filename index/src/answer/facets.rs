//! Counts over all matches, by columns, in one pass apart from the hits.

use std::collections::BTreeMap;

use foldhash::HashMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use crate::model::document::Kind;
use crate::model::facet::{Bucket, Facet, Facets};
use crate::segment::columns::{Columns, FACETS, SegmentColumns};
use crate::segment::schema::SEPARATOR;

/// Most values of a facet that are told.
const MAX_BUCKETS: usize = 100;

/// Counts matching passages and their values.
pub(crate) struct FacetCollector<'c>(pub &'c Columns);

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub total: u64,
    /// By the places of [`Facet::COUNTED`].
    by_facet: [HashMap<String, u64>; FACETS],
    by_month: BTreeMap<u64, u64>,
}

impl Counts {
    /// How many meetings have matches.
    pub(crate) fn meetings(&self) -> u64 {
        self.by_facet[Facet::Meeting.place()].len() as u64
    }

    /// How many passages of the meeting `id` match.
    pub(crate) fn of_meeting(&self, id: &str, name: &str) -> u64 {
        let label = format!("{id}{SEPARATOR}{name}");
        self.by_facet[Facet::Meeting.place()].get(&label).copied().unwrap_or(0)
    }

    /// Adds votes that match and are no hits, because nobody asked for them: what narrows down to them says how
    /// many there are.
    pub(crate) fn offer_votes(&mut self, count: u64) {
        if count > 0 {
            self.by_facet[Facet::Kind.place()].insert(Kind::Vote.as_str().to_owned(), count);
        }
    }

    /// The counts as shown.
    pub(crate) fn facets(self) -> Facets {
        let all = Facet::COUNTED.into_iter().zip(self.by_facet);
        let values = all.map(|(facet, counts)| match facet {
            Facet::Party => (facet, buckets(one_spelling(counts))),
            facet => (facet, buckets(counts)),
        });
        let mut by_year: BTreeMap<u64, u64> = BTreeMap::new();
        for (month, count) in &self.by_month {
            *by_year.entry(month / 100).or_default() += count;
        }
        let bucket = |label: String, count| Bucket { id: label.clone(), label, count };
        let year = by_year.into_iter().rev().map(|(y, count)| bucket(format!("{y:04}"), count));
        let month = self.by_month.into_iter();
        let month = month.map(|(m, count)| bucket(format!("{:04}-{:02}", m / 100, m % 100), count));
        Facets {
            values: values.filter(|(_, buckets)| !buckets.is_empty()).collect(),
            year: year.collect(),
            month: month.collect(),
        }
    }
}

/// The counts of names by their keys: of what one is, under its most frequent spelling.
fn one_spelling(counts: HashMap<String, u64>) -> HashMap<String, u64> {
    let mut by_key: BTreeMap<&str, (u64, u64, &str)> = BTreeMap::new();
    for (value, count) in &counts {
        let (key, name) = value.split_once(SEPARATOR).unwrap_or((value, value));
        let (total, most, spelling) = by_key.entry(key).or_insert((0, 0, name));
        *total += count;
        if (*count, std::cmp::Reverse(name)) > (*most, std::cmp::Reverse(*spelling)) {
            (*most, *spelling) = (*count, name);
        }
    }
    by_key.into_values().map(|(total, _, spelling)| (spelling.to_owned(), total)).collect()
}

fn buckets(counts: HashMap<String, u64>) -> Vec<Bucket> {
    let split = |value| str::split_once(value, SEPARATOR).unwrap_or((value, value));
    let mut values: Vec<(u64, &str, &str)> = Vec::with_capacity(counts.len());
    values.extend(counts.iter().map(|(value, count)| {
        let (id, label) = split(value.as_str());
        (*count, label, id)
    }));
    values.sort_unstable_by(|(a, a_label, a_id), (b, b_label, b_id)| {
        b.cmp(a).then_with(|| (a_label, a_id).cmp(&(b_label, b_id)))
    });
    values.truncate(MAX_BUCKETS);
    let bucket = |(count, label, id): (u64, &str, &str)| Bucket {
        id: id.to_owned(),
        label: label.to_owned(),
        count,
    };
    values.into_iter().map(bucket).collect()
}

impl Collector for FacetCollector<'_> {
    type Fruit = Counts;
    type Child = SegmentFacets;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<SegmentFacets> {
        let columns = self.0.of(segment).clone();
        let counts = Facet::COUNTED.map(|facet| {
            let values = columns.facet(facet).map_or(0, |column| column.num_terms());
            vec![0; values]
        });
        let examples = vec![0; counts[Facet::Meeting.place()].len()];
        Ok(SegmentFacets { columns, total: 0, counts, examples })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Counts>>) -> tantivy::Result<Counts> {
        let mut merged = Counts::default();
        for counts in segments {
            let counts = counts?;
            merged.total += counts.total;
            for (sum, part) in merged.by_facet.iter_mut().zip(counts.by_facet) {
                if sum.is_empty() {
                    *sum = part;
                    continue;
                }
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

/// Passages that are counted together: as many as Tantivy hands over at once.
const TOGETHER: usize = 64;

/// The counts of one segment, by the numbers of its values.
pub(crate) struct SegmentFacets {
    columns: SegmentColumns,
    total: u64,
    /// What passages of one meeting share is read once for each meeting, at the end.
    counts: [Vec<u64>; FACETS],
    /// A passage of each meeting that was counted.
    examples: Vec<DocId>,
}

impl SegmentFacets {
    fn named(mut self) -> tantivy::Result<Counts> {
        let mut named = Counts { total: self.total, ..Counts::default() };
        for (meeting, &doc) in self.examples.iter().enumerate() {
            let count = self.counts[Facet::Meeting.place()][meeting];
            if count == 0 {
                continue;
            }
            if let Some(day) = self.columns.day(doc) {
                *named.by_month.entry(day / 100).or_default() += count;
            }
            let organization = self.columns.facet(Facet::Organization);
            if let Some(number) = organization.and_then(|column| column.term_ords(doc).next()) {
                self.counts[Facet::Organization.place()][number as usize] += count;
            }
        }
        for (facet, counts) in Facet::COUNTED.into_iter().zip(self.counts) {
            let Some(column) = self.columns.facet(facet) else { continue };
            let all = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            let (numbers, counts): (Vec<u64>, Vec<u64>) =
                all.map(|(number, count)| (number as u64, *count)).unzip();
            let mut counts = counts.into_iter();
            let values = &mut named.by_facet[facet.place()];
            values.reserve(numbers.len());
            // All in one go: each alone would be looked for from the beginning of its block.
            column.dictionary().sorted_ords_to_term_cb(&numbers, |value| {
                let value = String::from_utf8_lossy(value).into_owned();
                values.extend(counts.next().map(|count| (value, count)));
            })?;
        }
        Ok(named)
    }
}

impl SegmentCollector for SegmentFacets {
    type Fruit = tantivy::Result<Counts>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        for docs in docs.chunks(TOGETHER) {
            self.total += docs.len() as u64;
            // A passage has at most one value of each.
            let mut numbers = [None; TOGETHER];
            for facet in Facet::COUNTED.into_iter().filter(|of| *of != Facet::Organization) {
                let Some(column) = self.columns.facet(facet) else { continue };
                let numbers = &mut numbers[..docs.len()];
                column.ords().first_vals(docs, numbers);
                for (doc, number) in docs.iter().zip(numbers) {
                    let Some(number) = number.take() else { continue };
                    self.counts[facet.place()][number as usize] += 1;
                    if facet == Facet::Meeting {
                        self.examples[number as usize] = *doc;
                    }
                }
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.named()
    }
}
