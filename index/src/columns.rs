//! The columns of every file of one state of the index, opened once. Opening one reads its header
//! whole, which grows with the file: too much to do for every hit.

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Searcher, SegmentOrdinal};

use crate::error::{Doing, Result};
use crate::schema::{
    CHRONOLOGY, DAY, ITEM_LABEL, KIND, MEETING_LABEL, ORGANIZATION, PARTY, PERSON_LABEL, REVIEW,
};

/// The columns with texts, in the order of [`SegmentColumns::texts`].
pub(crate) const TEXTS: [&str; 7] =
    [ORGANIZATION, PERSON_LABEL, PARTY, MEETING_LABEL, ITEM_LABEL, KIND, REVIEW];
/// The places of the organizations and the meetings among them.
pub(crate) const ORGANIZATIONS: usize = 0;
pub(crate) const MEETINGS: usize = 3;

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
    pub texts: [Option<StrColumn>; TEXTS.len()],
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
            let mut texts = [const { None }; TEXTS.len()];
            for (text, name) in texts.iter_mut().zip(TEXTS) {
                *text = columns.str(name).doing(DOING)?;
            }
            segments.push(SegmentColumns { days, chronology, texts });
        }
        let newest = segments.iter().filter_map(|s| s.days.as_ref()).map(Column::max_value).max();
        Ok(Self { segments, newest: newest.unwrap_or(0) })
    }

    /// Those of one file.
    pub(crate) fn of(&self, segment: SegmentOrdinal) -> &SegmentColumns {
        &self.segments[segment as usize]
    }

    /// The number of a passage's meeting among those of its file; none for other documents.
    pub(crate) fn meeting_number(&self, address: DocAddress) -> Option<u64> {
        self.of(address.segment_ord).meeting_number(address.doc_id)
    }

    /// Id and name of the meeting `number` of one file.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn meeting_label(&self, segment: SegmentOrdinal, number: u64) -> Result<String> {
        let mut label = String::new();
        if let Some(meetings) = &self.of(segment).texts[MEETINGS] {
            // There is none for a number that none has.
            let _known = meetings.ord_to_str(number, &mut label).doing("Treffer ordnen")?;
        }
        Ok(label)
    }
}

impl SegmentColumns {
    /// See [`Columns::meeting_number`].
    pub(crate) fn meeting_number(&self, doc: DocId) -> Option<u64> {
        self.texts[MEETINGS].as_ref()?.ords().first(doc)
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
