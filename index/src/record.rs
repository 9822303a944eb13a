//! Documents to Tantivy's documents: forms at positions, filters, columns, and the stored record
//! that a hit is shown from.

use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use tantivy::schema::Value;
use tantivy::tokenizer::{PreTokenizedString, Token};

use crate::analysis;
use crate::document::{ItemRef, Kind, MeetingDoc, PassageDoc, SpeakerRef, day_number};
use crate::error::{Error, Result};
use crate::schema::{Fields, FormFields, Place, SEPARATOR, SPOKEN, What};
use crate::times;

/// What is stored of a meeting, beside its word times.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MeetingRecord {
    pub id: String,
    pub name: String,
    pub date: Option<String>,
    pub body: String,
    pub organization: String,
    pub extra: String,
}

/// What is stored of a passage.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PassageRecord {
    pub meeting: String,
    pub id: String,
    pub order: u32,
    pub kind: Kind,
    pub item: Option<ItemRef>,
    pub speaker: Option<SpeakerRef>,
    pub first_word: u32,
    own: String,
    ahead: String,
    pub start_ms: Option<u32>,
    pub end_ms: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Between two words of a stored passage; words never hold it.
const BETWEEN_WORDS: char = '\n';

impl PassageRecord {
    fn new(meeting: &MeetingDoc, passage: &PassageDoc) -> Self {
        Self {
            meeting: meeting.id.clone(),
            id: passage.id.clone(),
            order: passage.order,
            kind: passage.kind,
            item: passage.item.clone(),
            speaker: passage.speaker.clone(),
            first_word: passage.first_word,
            own: join(&passage.words),
            ahead: join(&passage.lookahead),
            start_ms: passage.start_ms,
            end_ms: passage.end_ms,
            link: passage.link.clone(),
        }
    }

    /// The passage's own words.
    pub(crate) fn own(&self) -> Vec<&str> {
        split(&self.own)
    }

    /// The words behind it.
    pub(crate) fn ahead(&self) -> Vec<&str> {
        split(&self.ahead)
    }
}

/// The record stored in `document`.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(
    fields: &Fields,
    document: &TantivyDocument,
) -> Result<T> {
    let text = document.get_first(fields.record).and_then(|value| value.as_str());
    text.and_then(|json| serde_json::from_str(json).ok())
        .ok_or_else(|| Error::Damaged { what: "ein gespeicherter Eintrag ist unlesbar".into() })
}

/// The documents of a meeting: itself, then its passages.
pub(crate) fn documents<'m>(
    fields: &'m Fields,
    meeting: &'m MeetingDoc,
) -> impl Iterator<Item = TantivyDocument> + 'm {
    let passages = meeting
        .passages
        .iter()
        .enumerate()
        .map(|(index, passage)| passage_document(fields, meeting, index, passage));
    std::iter::once(meeting_document(fields, meeting)).chain(passages)
}

fn meeting_document(fields: &Fields, meeting: &MeetingDoc) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    fields.mark(&mut document, What::Meeting);
    document.add_text(fields.meeting, &meeting.id);
    document.add_text(fields.fingerprint, labelled(&meeting.id, &meeting.fingerprint));
    let record = MeetingRecord {
        id: meeting.id.clone(),
        name: meeting.name.clone(),
        date: meeting.date.clone(),
        body: meeting.body.clone(),
        organization: meeting.organization.clone(),
        extra: meeting.extra.clone(),
    };
    document.add_text(fields.record, to_json(&record));
    document.add_bytes(fields.times, &times::pack(&meeting.word_times));
    document
}

fn passage_document(
    fields: &Fields,
    meeting: &MeetingDoc,
    index: usize,
    passage: &PassageDoc,
) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    fields.mark(&mut document, What::Passage);
    if passage.kind == Kind::Spoken {
        document.add_text(fields.kind, SPOKEN);
    }
    document.add_text(fields.record, to_json(&PassageRecord::new(meeting, passage)));
    add_meeting(fields, &mut document, meeting, index);
    let n_own = add_forms(&mut document, fields.of(Place::Spoken), 0, &passage.words);
    add_forms(&mut document, fields.ahead, n_own, &passage.lookahead);
    if let Some(item) = &passage.item {
        add_item(fields, &mut document, item);
    }
    if let Some(speaker) = &passage.speaker {
        add_speaker(fields, &mut document, speaker);
    }
    document
}

fn add_meeting(
    fields: &Fields,
    document: &mut TantivyDocument,
    meeting: &MeetingDoc,
    index: usize,
) {
    document.add_text(fields.meeting, &meeting.id);
    document.add_text(fields.meeting_label, labelled(&meeting.id, &meeting.name));
    document.add_text(fields.body, &meeting.body);
    document.add_text(fields.organization, &meeting.organization);
    add_text(document, fields.of(Place::Organization), &meeting.organization);
    let day = meeting.date.as_deref().and_then(day_number);
    if let Some(day) = day {
        document.add_u64(fields.day, day);
    }
    document.add_u64(fields.chronology, chronology(day.unwrap_or(0), &meeting.id, index));
}

fn add_item(fields: &Fields, document: &mut TantivyDocument, item: &ItemRef) {
    for word in item.number.iter().flat_map(|number| number.split_whitespace()) {
        if let Some(number) = analysis::exact(word) {
            document.add_text(fields.item_number, number);
        }
    }
    add_text(document, fields.of(Place::Item), &item.title);
    if let Some(paper) = &item.paper {
        add_text(document, fields.of(Place::Paper), paper);
    }
}

fn add_speaker(fields: &Fields, document: &mut TantivyDocument, speaker: &SpeakerRef) {
    document.add_text(fields.person, &speaker.id);
    document.add_text(fields.person_label, labelled(&speaker.id, &speaker.name));
    add_text(document, fields.of(Place::Speaker), &speaker.name);
    if let Some(party) = &speaker.party {
        document.add_text(fields.party, party);
        add_text(document, fields.of(Place::Party), party);
    }
}

fn add_text(document: &mut TantivyDocument, fields: FormFields, text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    add_forms(document, fields, 0, &words);
}

/// Adds every form of `words` from position `first` on and returns the position behind them.
/// Words that are not spoken (a lone dash) take no position, so phrases match across them.
fn add_forms(
    document: &mut TantivyDocument,
    fields: FormFields,
    first: usize,
    words: &[impl AsRef<str>],
) -> usize {
    let words: Vec<Option<String>> = words.iter().map(|w| analysis::exact(w.as_ref())).collect();
    let (mut exact, mut stems) = (Vec::new(), Vec::new());
    let mut numbers = analysis::numbers(&words).into_iter().peekable();
    let mut position = first;
    for (index, word) in words.iter().enumerate() {
        while numbers.next_if(|number| number.words.end <= index).is_some() {}
        let Some(word) = word else { continue };
        let forms = analysis::forms(word);
        exact.extend(forms.exact.into_iter().map(|form| token(position, form)));
        stems.extend(forms.stems.into_iter().map(|form| token(position, form)));
        // Every word of a number stands for all of it.
        if let Some(number) = numbers.peek().filter(|number| number.words.contains(&index)) {
            stems.push(token(position, number.form.clone()));
        }
        position += 1;
    }
    for (field, tokens) in [(fields.exact, exact), (fields.stem, stems)] {
        if !tokens.is_empty() {
            document
                .add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
        }
    }
    position
}

fn token(position: usize, text: String) -> Token {
    Token { position, text, ..Token::default() }
}

/// Which of a passage's words have a position, in the order of the positions.
pub(crate) fn positioned(words: &[&str]) -> Vec<usize> {
    let spoken = |&(_, word): &(usize, &&str)| analysis::core_range(word).is_some();
    words.iter().enumerate().filter(spoken).map(|(index, _)| index).collect()
}

/// Sorted downwards: newest day first, one meeting after the other, each from its beginning.
fn chronology(day: u64, meeting: &str, index: usize) -> u64 {
    const INDEX_BITS: u32 = 24;
    const MEETING_BITS: u32 = 15;
    let spread = meeting
        .bytes()
        .fold(0u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)))
        & ((1 << MEETING_BITS) - 1);
    let last = (1u64 << INDEX_BITS) - 1;
    (day << (MEETING_BITS + INDEX_BITS))
        | (spread << INDEX_BITS)
        | (last - (index as u64).min(last))
}

fn labelled(id: &str, label: &str) -> String {
    format!("{id}{SEPARATOR}{label}")
}

fn join(words: &[String]) -> String {
    let clean: Vec<String> = words.iter().map(|w| w.replace(BETWEEN_WORDS, " ")).collect();
    clean.join("\n")
}

fn split(words: &str) -> Vec<&str> {
    if words.is_empty() { Vec::new() } else { words.split(BETWEEN_WORDS).collect() }
}

fn to_json(record: &impl Serialize) -> String {
    // Strings, numbers and options of them: there is nothing serde_json could refuse.
    serde_json::to_string(record).unwrap_or_default()
}
