//! Passages that were found before, as Tantivy's query.

use std::fmt;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{
    DocAddress, DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, TantivyError,
};

/// Passages by file, each with its score, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FoundDocs(HashMap<SegmentId, Arc<[(DocId, Score)]>>);

impl FoundDocs {
    /// Passages of the state that `searcher` sees, in any order.
    pub(crate) fn new(
        searcher: &Searcher,
        found: impl IntoIterator<Item = (Score, DocAddress)>,
    ) -> Self {
        let mut by_file: HashMap<SegmentId, Vec<(DocId, Score)>> = HashMap::new();
        for (score, address) in found {
            let file = searcher.segment_reader(address.segment_ord).segment_id();
            by_file.entry(file).or_default().push((address.doc_id, score));
        }
        Self(
            by_file
                .into_iter()
                .map(|(file, mut docs)| {
                    docs.sort_by_key(|(doc, _)| *doc);
                    (file, docs.into())
                })
                .collect(),
        )
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.values().map(|docs| docs.len() as u64).sum()
    }

    /// Whether this one is among them.
    pub(crate) fn contains(&self, file: SegmentId, doc: DocId) -> bool {
        let docs = self.0.get(&file).map_or(&[][..], |docs| docs);
        docs.binary_search_by_key(&doc, |(doc, _)| *doc).is_ok()
    }
}

/// Matches them, with their scores.
#[derive(Clone)]
pub(crate) struct DocsQuery(pub Arc<FoundDocs>);

impl fmt::Debug for DocsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} docs", self.0.len())
    }
}

impl Query for DocsQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(DocsWeight(Arc::clone(&self.0))))
    }
}

struct DocsWeight(Arc<FoundDocs>);

impl Weight for DocsWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let docs = self.0.0.get(&reader.segment_id()).cloned().unwrap_or_default();
        Ok(Box::new(DocsScorer { docs, at: 0, boost }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        match self.0.contains(reader.segment_id(), doc) {
            true => Ok(Explanation::new("found before", 1.0)),
            false => Err(TantivyError::InvalidArgument(format!("document {doc} was not found"))),
        }
    }
}

struct DocsScorer {
    docs: Arc<[(DocId, Score)]>,
    at: usize,
    boost: Score,
}

impl DocSet for DocsScorer {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        self.docs.len() as u32
    }
}

impl Scorer for DocsScorer {
    fn score(&mut self) -> Score {
        self.docs.get(self.at).map_or(0.0, |(_, score)| score * self.boost)
    }
}
