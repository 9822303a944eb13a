//! The fields of the index, and the version that says which program can read it.

use serde::{Deserialize, Serialize};
use tantivy::Term;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};

use crate::analysis;
use crate::model::facet::Facet;

/// Raised with every change of the fields or of what is stored in them.
const FORMAT: u32 = 13;

/// Name of the column with the order of time, for sorting.
pub(crate) const CHRONOLOGY: &str = "chronology";
/// Name of the column with the day as YYYYMMDD.
pub(crate) const DAY: &str = "day";
/// Name of the column with the number of a passage's speech in its meeting.
pub(crate) const SPEECH: &str = "speech";
/// Name of the column with the place of a document's item among those of its meeting.
pub(crate) const ITEM_PLACE: &str = "item_place";
/// Name of the column with the numbers of papers.
pub(crate) const PAPER_LABEL: &str = "paper_label";
/// Column of meetings: "id, separator, fingerprint".
pub(crate) const FINGERPRINT: &str = "fingerprint";
/// The name under which Tantivy knows fields that are not cut into words.
const RAW: &str = "raw";
/// Between id and label in a labelled column.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// The commit payload: who wrote the index, and by which words compounds were split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    format: u32,
    analysis: String,
    /// Names the dictionary of compounds that is stored in the index; empty for none.
    pub dictionary: String,
    /// How many passages there were when it was made.
    pub learned: u64,
    /// How often the index was purged: what was gathered before the last time is not offered again.
    #[serde(default)]
    pub purged: u64,
}

impl Payload {
    /// What this program writes with this dictionary.
    pub(crate) fn new(dictionary: String, learned: u64, purged: u64) -> Self {
        Self { format: FORMAT, analysis: analysis::fingerprint(), dictionary, learned, purged }
    }

    /// As text.
    pub(crate) fn write(&self) -> String {
        // Strings and numbers: there is nothing serde_json could refuse.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From a commit; `None` where another version of the program wrote it.
    pub(crate) fn read(payload: Option<&str>) -> Option<Self> {
        let read: Self = serde_json::from_str(payload?).ok()?;
        (read.format == FORMAT && read.analysis == analysis::fingerprint()).then_some(read)
    }
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SearchField {
    /// What was said.
    Spoken,
    /// The words of documents that were written: titles and papers.
    Written,
    Speaker,
    Party,
    Organization,
    Item,
    Paper,
    /// Item and paper of a vote. They are apart from those of what was said, so that these are as rare, and weigh as
    /// much, as without votes.
    VoteItem,
    VotePaper,
}

/// The texts of a document whose words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexedText {
    /// A passage's own words, what it is about, or whose it is.
    Of(SearchField),
    /// The words behind a passage.
    Ahead,
}

impl IndexedText {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 10] = [
        Self::Of(SearchField::Spoken),
        Self::Ahead,
        Self::Of(SearchField::Written),
        Self::Of(SearchField::Speaker),
        Self::Of(SearchField::Party),
        Self::Of(SearchField::Organization),
        Self::Of(SearchField::Item),
        Self::Of(SearchField::Paper),
        Self::Of(SearchField::VoteItem),
        Self::Of(SearchField::VotePaper),
    ];

    /// Its number.
    pub(crate) fn number(self) -> usize {
        Self::ALL.iter().position(|text| *text == self).expect("all are there")
    }
}

/// Which forms of the words of its text a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// As spelt.
    Exact,
    /// Stems.
    Stems,
    /// Stems of the parts of compounds.
    Parts,
    /// Function words side by side.
    Grams,
    /// Sounds of the names that were addressed.
    Names,
    /// Sounds of all words, of a field that holds names only.
    Sounds,
}

/// The fields of a text, at the same positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormFields {
    /// Words as spelt.
    pub exact: Field,
    /// Stems.
    pub stem: Field,
    /// Stems of the parts of compounds.
    pub part: Field,
}

/// All fields.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub schema: Schema,
    /// Name of the sort of a document.
    pub what: Field,
    /// The parts of changes by which it is not deleted.
    pub written_by: Field,
    /// Name of the kind of a passage.
    pub kind: Field,
    pub meeting: Field,
    pub body: Field,
    pub organization: Field,
    pub person: Field,
    /// Keys of parties: what all spellings of a name have in common.
    pub party: Field,
    /// "Key, separator, name as given".
    pub party_label: Field,
    pub item_number: Field,
    pub item_label: Field,
    pub paper_label: Field,
    pub review: Field,
    pub role: Field,
    /// Codes of what a vote is told to have resulted in.
    pub verdict: Field,
    /// What calls somebody or something and says nothing else has "1".
    pub formula: Field,
    pub day: Field,
    pub chronology: Field,
    pub speech: Field,
    pub item_place: Field,
    pub person_label: Field,
    pub meeting_label: Field,
    pub fingerprint: Field,
    /// A passage's own words; single words are looked for here only, so they count once.
    own: FormFields,
    /// The words behind a passage, at the positions that follow its own.
    pub ahead: FormFields,
    /// Function words side by side, the first of them an own word, or a word behind.
    pub own_grams: Field,
    pub ahead_grams: Field,
    /// Sounds of the names among a passage's own words.
    pub names: Field,
    written: FormFields,
    speaker_words: FormFields,
    /// Sounds of the speaker's name.
    pub speaker_sound: Field,
    party_words: FormFields,
    organization_words: FormFields,
    item_words: FormFields,
    paper_words: FormFields,
    vote_item_words: FormFields,
    vote_paper_words: FormFields,
    /// JSON of what is shown.
    pub record: Field,
    /// The times of a passage's words, packed (see [`crate::segment::times::to_text`]).
    pub times: Field,
}

/// What sort of document a Tantivy document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    Passage,
    Meeting,
    Dictionary,
}

impl DocumentKind {
    /// Its name in the index.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Passage => "passage",
            Self::Meeting => "meeting",
            Self::Dictionary => "dictionary",
        }
    }
}

impl Fields {
    /// The one layout of this program.
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        // Whoever writes makes the forms: no field has a tokenizer that would be asked.
        let indexed = |option, norms| {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer(RAW)
                    .set_fieldnorms(norms)
                    .set_index_option(option),
            )
        };
        // Nothing is weighed by how many pairs a passage has.
        let text =
            |held| indexed(IndexRecordOption::WithFreqsAndPositions, held != FormKind::Grams);
        let filter = indexed(IndexRecordOption::Basic, false);
        let forms = |builder: &mut SchemaBuilder, name: &str| FormFields {
            exact: builder.add_text_field(&format!("{name}_x"), text(FormKind::Exact)),
            stem: builder.add_text_field(&format!("{name}_s"), text(FormKind::Stems)),
            part: builder.add_text_field(&format!("{name}_c"), text(FormKind::Parts)),
        };
        let own = forms(&mut builder, "own");
        let own_grams = builder.add_text_field("own_g", text(FormKind::Grams));
        let names = builder.add_text_field("own_ph", text(FormKind::Names));
        let ahead = forms(&mut builder, "ahead");
        let ahead_grams = builder.add_text_field("ahead_g", text(FormKind::Grams));
        let written = forms(&mut builder, "written");
        let (speaker_words, party_words) =
            (forms(&mut builder, "speaker"), forms(&mut builder, "party_words"));
        let organization_words = forms(&mut builder, "organization_words");
        let (item_words, paper_words) = (forms(&mut builder, "item"), forms(&mut builder, "paper"));
        let (vote_item_words, vote_paper_words) =
            (forms(&mut builder, "vote_item"), forms(&mut builder, "vote_paper"));
        Self {
            own,
            ahead,
            own_grams,
            ahead_grams,
            names,
            written,
            speaker_words,
            speaker_sound: builder.add_text_field("speaker_ph", text(FormKind::Sounds)),
            party_words,
            organization_words,
            item_words,
            paper_words,
            vote_item_words,
            vote_paper_words,
            written_by: builder.add_text_field("written_by", filter.clone()),
            what: builder.add_text_field("what", filter.clone()),
            kind: builder.add_text_field(Facet::Kind.column(), filter.clone() | FAST),
            meeting: builder.add_text_field("meeting", filter.clone()),
            body: builder.add_text_field("body", filter.clone()),
            organization: builder
                .add_text_field(Facet::Organization.column(), filter.clone() | FAST),
            person: builder.add_text_field("person", filter.clone()),
            party: builder.add_text_field("party", filter.clone()),
            party_label: builder.add_text_field(Facet::Party.column(), FAST),
            item_number: builder.add_text_field("item_number", filter.clone()),
            item_label: builder.add_text_field(Facet::Item.column(), filter.clone() | FAST),
            paper_label: builder.add_text_field(PAPER_LABEL, FAST),
            review: builder.add_text_field(Facet::Review.column(), filter.clone() | FAST),
            role: builder.add_text_field(Facet::Role.column(), filter.clone() | FAST),
            verdict: builder.add_text_field("verdict", filter.clone()),
            formula: builder.add_text_field("formula", filter.clone()),
            day: builder.add_u64_field(DAY, NumericOptions::default().set_indexed() | FAST),
            chronology: builder.add_u64_field(CHRONOLOGY, FAST),
            speech: builder.add_u64_field(SPEECH, FAST),
            item_place: builder.add_u64_field(ITEM_PLACE, FAST),
            person_label: builder.add_text_field(Facet::Person.column(), FAST),
            meeting_label: builder.add_text_field(Facet::Meeting.column(), FAST),
            fingerprint: builder.add_text_field(FINGERPRINT, FAST),
            record: builder.add_text_field("record", STORED),
            times: builder.add_text_field("times", STORED),
            schema: builder.build(),
        }
    }

    /// The field in which the values of a facet are looked up.
    pub(crate) fn of_facet(&self, facet: Facet) -> Field {
        match facet {
            Facet::Organization => self.organization,
            Facet::Person => self.person,
            Facet::Party => self.party,
            Facet::Role => self.role,
            Facet::Meeting => self.meeting,
            Facet::Item => self.item_label,
            Facet::Kind => self.kind,
            Facet::Review => self.review,
            Facet::Body => self.body,
        }
    }

    /// The fields of a place.
    pub(crate) fn of(&self, place: SearchField) -> FormFields {
        match place {
            SearchField::Spoken => self.own,
            SearchField::Written => self.written,
            SearchField::Speaker => self.speaker_words,
            SearchField::Party => self.party_words,
            SearchField::Organization => self.organization_words,
            SearchField::Item => self.item_words,
            SearchField::Paper => self.paper_words,
            SearchField::VoteItem => self.vote_item_words,
            SearchField::VotePaper => self.vote_paper_words,
        }
    }

    /// Whether positions in this field are positions of a passage's own words.
    pub(crate) fn is_own(&self, field: Field) -> bool {
        field == self.names
            || [self.own, self.written]
                .iter()
                .any(|f| field == f.exact || field == f.stem || field == f.part)
    }

    /// The field of the lookahead that goes with one of the own words.
    pub(crate) fn ahead_of(&self, field: Field) -> Option<Field> {
        let pairs = [
            (self.own.exact, self.ahead.exact),
            (self.own.stem, self.ahead.stem),
            (self.own.part, self.ahead.part),
        ];
        pairs.into_iter().find(|(own, _)| *own == field).map(|(_, ahead)| ahead)
    }

    /// The fields that hold a text, and what of it.
    pub(crate) fn of_text(&self, text: IndexedText) -> Vec<(Field, FormKind)> {
        let forms = match text {
            IndexedText::Ahead => self.ahead,
            IndexedText::Of(place) => self.of(place),
        };
        let mut fields = vec![
            (forms.exact, FormKind::Exact),
            (forms.stem, FormKind::Stems),
            (forms.part, FormKind::Parts),
        ];
        match text {
            IndexedText::Of(SearchField::Spoken) => {
                fields.extend([(self.own_grams, FormKind::Grams), (self.names, FormKind::Names)]);
            }
            IndexedText::Ahead => fields.push((self.ahead_grams, FormKind::Grams)),
            IndexedText::Of(SearchField::Speaker) => {
                fields.push((self.speaker_sound, FormKind::Sounds))
            }
            IndexedText::Of(_) => {}
        }
        fields
    }

    /// The term that all documents of this sort have.
    pub(crate) fn all(&self, what: DocumentKind) -> Term {
        Term::from_field_text(self.what, what.as_str())
    }
}
