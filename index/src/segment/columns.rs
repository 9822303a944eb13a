//! The columns of every file of one state of the index, opened once. Opening one reads its header
//! whole, which grows with the file: too much to do for every hit.

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Searcher, SegmentOrdinal};

use crate::model::document::Kind;
use crate::model::error::{Doing, Result};
use crate::model::facet::Facet;
use crate::segment::record::meeting_of;
use crate::segment::schema::{CHRONOLOGY, DAY, ITEM_PLACE, SPEECH};

/// How many facets are counted.
pub(crate) const FACETS: usize = Facet::COUNTED.len();

/// A stretch of a meeting by numbers: all its passages have the same, and no other ones.
pub(crate) type StretchKey = (u64, u64);

/// The columns of all files.
#[derive(Default)]
pub(crate) struct Columns {
    segments: Vec<SegmentColumns>,
    /// The last day on which something was held, as YYYYMMDD; 0 where there is none.
    pub newest: u64,
}

/// The columns of one file; those that no document of it has are not there.
#[derive(Clone)]
pub(crate) struct SegmentColumns {
    days: Option<Column<u64>>,
    chronology: Option<Column<u64>>,
    speeches: Option<Column<u64>>,
    items: Option<Column<u64>>,
    /// By the places of [`Facet::COUNTED`].
    facets: [Option<StrColumn>; FACETS],
    /// The number of votes among the kinds, where there are any.
    vote: Option<u64>,
}

impl Columns {
    /// Opens those of the state that `searcher` sees.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn open(searcher: &Searcher) -> Result<Self> {
        const DOING: &str = "Spalten des Suchindex öffnen";
        let mut segments = Vec::with_capacity(searcher.segment_readers().len());
        for reader in searcher.segment_readers() {
            let columns = reader.fast_fields();
            let days = columns.column_opt::<u64>(DAY).doing(DOING)?;
            let chronology = columns.column_opt::<u64>(CHRONOLOGY).doing(DOING)?;
            let speeches = columns.column_opt::<u64>(SPEECH).doing(DOING)?;
            let items = columns.column_opt::<u64>(ITEM_PLACE).doing(DOING)?;
            let mut facets = [const { None }; FACETS];
            for facet in Facet::COUNTED {
                facets[facet.place()] = columns.str(facet.column()).doing(DOING)?;
            }
            let kinds = facets[Facet::Kind.place()].as_ref();
            let vote = kinds.map(|kinds| kinds.dictionary().term_ord(Kind::Vote.as_str()));
            let vote = vote.transpose().map_err(tantivy::TantivyError::from).doing(DOING)?;
            let vote = vote.flatten();
            segments.push(SegmentColumns { days, chronology, speeches, items, facets, vote });
        }
        let newest = segments.iter().filter_map(|s| s.days.as_ref()).map(Column::max_value).max();
        Ok(Self { segments, newest: newest.unwrap_or(0) })
    }

    /// Those of one file.
    pub(crate) fn of(&self, segment: SegmentOrdinal) -> &SegmentColumns {
        &self.segments[segment as usize]
    }

    /// Whether any file has votes.
    pub(crate) fn have_votes(&self) -> bool {
        self.segments.iter().any(|segment| segment.vote.is_some())
    }

    /// Id and name of the meeting `number` of one file.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn meeting_label(&self, segment: SegmentOrdinal, number: u64) -> Result<String> {
        let mut label = String::new();
        if let Some(meetings) = self.of(segment).facet(Facet::Meeting) {
            // There is none for a number that none has.
            let _known = meetings.ord_to_str(number, &mut label).doing("Treffer ordnen")?;
        }
        Ok(label)
    }
}

impl SegmentColumns {
    /// The number of a passage's meeting among those of its file; none for other documents.
    pub(crate) fn meeting_number(&self, doc: DocId) -> Option<u64> {
        self.facet(Facet::Meeting)?.ords().first(doc)
    }

    /// Whether a document is a vote.
    pub(crate) fn is_vote(&self, doc: DocId) -> bool {
        let kind = || self.facet(Facet::Kind)?.ords().first(doc);
        self.vote.is_some() && kind() == self.vote
    }

    /// The values of a facet; none where no passage has any.
    pub(crate) fn facet(&self, facet: Facet) -> Option<&StrColumn> {
        self.facets[facet.place()].as_ref()
    }

    /// The speech that a passage is of; titles and papers are of none.
    pub(crate) fn speech(&self, doc: DocId) -> Option<StretchKey> {
        Some((meeting_of(self.chronology(doc)?), self.speeches.as_ref()?.first(doc)?))
    }

    /// The agenda item of its meeting that a document belongs to.
    pub(crate) fn item(&self, doc: DocId) -> Option<StretchKey> {
        Some((meeting_of(self.chronology(doc)?), self.items.as_ref()?.first(doc)?))
    }

    /// Where `doc` stands in the order of time; later passages of a meeting have less, later
    /// meetings more.
    pub(crate) fn chronology(&self, doc: DocId) -> Option<u64> {
        self.chronology.as_ref()?.first(doc)
    }

    /// The day of `doc` as YYYYMMDD.
    pub(crate) fn day(&self, doc: DocId) -> Option<u64> {
        self.days.as_ref()?.first(doc)
    }
}
