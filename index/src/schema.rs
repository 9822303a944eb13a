//! The fields of the index, and the version that says which program can read it.

use serde::{Deserialize, Serialize};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, Term};

use crate::analysis;

/// Raised with every change of the fields or of what is stored in them.
const FORMAT: u32 = 3;

/// Name of the column with the order of time, for sorting.
pub(crate) const CHRONOLOGY: &str = "chronology";
/// Name of the column with the day as YYYYMMDD.
pub(crate) const DAY: &str = "day";
/// Columns of the facets. Those with ids hold "id, separator, label".
pub(crate) const ORGANIZATION: &str = "organization";
pub(crate) const PARTY: &str = "party";
pub(crate) const PERSON_LABEL: &str = "person_label";
pub(crate) const MEETING_LABEL: &str = "meeting_label";
/// Column of meetings: "id, separator, fingerprint".
pub(crate) const FINGERPRINT: &str = "fingerprint";
/// Mark of passages that were said, in the field of kinds.
pub(crate) const SPOKEN: &str = "spoken";
/// Between id and label in a labelled column.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// The commit payload: an index whose payload differs is rebuilt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    format: u32,
    analysis: String,
}

impl Version {
    /// What this program writes.
    pub(crate) fn current() -> Self {
        Self { format: FORMAT, analysis: analysis::fingerprint() }
    }

    /// As commit payload.
    pub(crate) fn payload(&self) -> String {
        format!(r#"{{"format":{},"analysis":"{}"}}"#, self.format, self.analysis)
    }

    /// From a commit payload.
    pub(crate) fn read(payload: Option<&str>) -> Option<Self> {
        serde_json::from_str(payload?).ok()
    }
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Spoken,
    Speaker,
    Party,
    Organization,
    Item,
    Paper,
}

/// The two fields of a text: forms as spelt, and stems, at the same positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormFields {
    pub exact: Field,
    pub stem: Field,
}

/// All fields.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub schema: Schema,
    /// "passage" or "meeting".
    what: Field,
    /// [`SPOKEN`] where a passage was said.
    pub kind: Field,
    pub meeting: Field,
    pub body: Field,
    pub organization: Field,
    pub person: Field,
    pub party: Field,
    pub item_number: Field,
    pub day: Field,
    pub chronology: Field,
    pub person_label: Field,
    pub meeting_label: Field,
    pub fingerprint: Field,
    /// A passage's own words; single words are looked for here only, so they count once.
    own: FormFields,
    /// The words behind a passage, at the positions that follow its own.
    pub ahead: FormFields,
    speaker_words: FormFields,
    party_words: FormFields,
    organization_words: FormFields,
    item_words: FormFields,
    paper_words: FormFields,
    /// JSON of what is shown.
    pub record: Field,
    /// Packed word times of a meeting.
    pub times: Field,
}

/// What sort of document a Tantivy document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Passage,
    Meeting,
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            Self::Passage => "passage",
            Self::Meeting => "meeting",
        }
    }
}

impl Fields {
    /// The one layout of this program.
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let positions = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        );
        let mut forms = |name: &str| FormFields {
            exact: builder.add_text_field(&format!("{name}_x"), positions.clone()),
            stem: builder.add_text_field(&format!("{name}_s"), positions.clone()),
        };
        let (own, ahead) = (forms("own"), forms("ahead"));
        let (speaker_words, party_words) = (forms("speaker"), forms("party_words"));
        let organization_words = forms("organization_words");
        let (item_words, paper_words) = (forms("item"), forms("paper"));
        Self {
            own,
            ahead,
            speaker_words,
            party_words,
            organization_words,
            item_words,
            paper_words,
            what: builder.add_text_field("what", STRING),
            kind: builder.add_text_field("kind", STRING),
            meeting: builder.add_text_field("meeting", STRING),
            body: builder.add_text_field("body", STRING),
            organization: builder.add_text_field(ORGANIZATION, STRING | FAST),
            person: builder.add_text_field("person", STRING),
            party: builder.add_text_field(PARTY, STRING | FAST),
            item_number: builder.add_text_field("item_number", STRING),
            day: builder.add_u64_field(DAY, INDEXED | FAST),
            chronology: builder.add_u64_field(CHRONOLOGY, FAST),
            person_label: builder.add_text_field(PERSON_LABEL, FAST),
            meeting_label: builder.add_text_field(MEETING_LABEL, FAST),
            fingerprint: builder.add_text_field(FINGERPRINT, FAST),
            record: builder.add_text_field("record", STORED),
            times: builder.add_bytes_field("times", STORED),
            schema: builder.build(),
        }
    }

    /// The fields of a place.
    pub(crate) fn of(&self, place: Place) -> FormFields {
        match place {
            Place::Spoken => self.own,
            Place::Speaker => self.speaker_words,
            Place::Party => self.party_words,
            Place::Organization => self.organization_words,
            Place::Item => self.item_words,
            Place::Paper => self.paper_words,
        }
    }

    /// Whether positions in this field are positions of a passage's own words.
    pub(crate) fn is_spoken(&self, field: Field) -> bool {
        field == self.own.exact || field == self.own.stem
    }

    /// Marks a document as one or the other.
    pub(crate) fn mark(&self, document: &mut TantivyDocument, what: What) {
        document.add_text(self.what, what.as_str());
    }

    /// The term that all documents of this sort have.
    pub(crate) fn all(&self, what: What) -> Term {
        Term::from_field_text(self.what, what.as_str())
    }
}
