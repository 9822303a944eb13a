//! Meetings to the documents that are written: texts, filters, columns, and the stored record
//! that a hit is shown from.

use std::collections::HashMap;

use jiff::civil::Date;
use mitschnitt_german::parties;
use serde::{Deserialize, Serialize};
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{Searcher, TantivyDocument, Term};

use crate::analysis;
use crate::model::document::{ItemRef, Kind, MeetingDoc, PassageDoc, SpeakerRef, day_number};
use crate::model::error::{Doing, Error, Result};
use crate::segment::index_document::IndexDocument;
use crate::segment::schema::{
    CHRONOLOGY, DocumentKind, Fields, IndexedText, SEPARATOR, SearchField,
};
use crate::segment::times;

/// The one term of what calls somebody or something and says nothing else.
pub(crate) const FORMULA: &str = "1";

/// What is stored of a meeting.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredMeeting {
    pub id: String,
    pub name: String,
    pub date: Option<Date>,
    pub body: String,
    pub organization: String,
    pub extra: String,
}

/// The passage stored in `document`, and the id of its meeting.
pub(crate) fn read_passage(
    fields: &Fields,
    document: &TantivyDocument,
) -> Result<(String, PassageDoc)> {
    let (meeting, mut passage): (String, PassageDoc) = read(fields, document)?;
    passage.word_times = times::of_text(text_of(fields.times, document));
    Ok((meeting, passage))
}

/// The text stored in a field; empty where there is none.
fn text_of(field: Field, document: &TantivyDocument) -> &str {
    document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default()
}

/// The record stored in `document`.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(
    fields: &Fields,
    document: &TantivyDocument,
) -> Result<T> {
    serde_json::from_str(text_of(fields.record, document))
        .map_err(|_| Error::Damaged { what: "ein gespeicherter Eintrag ist unlesbar".into() })
}

/// A meeting as it was put in, read back from the index.
///
/// # Errors
/// Reading the index failed.
pub(crate) fn stored_meeting(
    fields: &Fields,
    searcher: &Searcher,
    id: &str,
    fingerprint: &str,
) -> Result<MeetingDoc> {
    const DOING: &str = "Sitzung zurücklesen";
    let query = TermQuery::new(Term::from_field_text(fields.meeting, id), IndexRecordOption::Basic);
    let mut meeting = None;
    let mut passages: Vec<(u64, PassageDoc)> = Vec::new();
    for address in searcher.search(&query, &DocSetCollector).doing(DOING)? {
        let document: TantivyDocument = searcher.doc(address).doing(DOING)?;
        let columns = searcher.segment_reader(address.segment_ord).fast_fields();
        let order = columns.column_opt::<u64>(CHRONOLOGY).doing(DOING)?;
        match order.and_then(|order| order.first(address.doc_id)) {
            Some(order) => {
                passages.push((order, read_passage(fields, &document)?.1));
            }
            None => meeting = Some(read::<StoredMeeting>(fields, &document)?),
        }
    }
    // Sorted downwards, see `chronology`.
    passages.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
    let Some(record) = meeting else {
        return Err(Error::Damaged { what: format!("die Sitzung „{id}“ fehlt") });
    };
    Ok(MeetingDoc {
        id: record.id,
        name: record.name,
        date: record.date,
        body: record.body,
        organization: record.organization,
        extra: record.extra,
        fingerprint: fingerprint.to_owned(),
        passages: passages.into_iter().map(|(_, passage)| passage).collect(),
    })
}

/// The documents of a meeting: itself, then its passages.
pub(crate) fn documents<'m>(
    fields: &'m Fields,
    meeting: &'m MeetingDoc,
) -> impl Iterator<Item = IndexDocument<'m>> + 'm {
    // Items in the order in which they are met.
    let mut items: HashMap<(Option<&str>, &str), u64> = HashMap::new();
    let passages = meeting.passages.iter().enumerate().map(move |(index, passage)| {
        let mut document = passage_document(fields, meeting, index, passage);
        if let Some(item) = &passage.item {
            let next = items.len() as u64;
            let place = items.entry((item.number.as_deref(), &item.title)).or_insert(next);
            document.add_u64(fields.item_place, *place);
        }
        document
    });
    std::iter::once(meeting_document(fields, meeting)).chain(passages)
}

fn meeting_document(fields: &Fields, meeting: &MeetingDoc) -> IndexDocument<'static> {
    let mut document = IndexDocument::new(fields, DocumentKind::Meeting);
    document.add_text(fields.meeting, meeting.id.as_str());
    document.add_text(fields.fingerprint, labelled(&meeting.id, &meeting.fingerprint));
    let record = StoredMeeting {
        id: meeting.id.clone(),
        name: meeting.name.clone(),
        date: meeting.date,
        body: meeting.body.clone(),
        organization: meeting.organization.clone(),
        extra: meeting.extra.clone(),
    };
    document.add_text(fields.record, to_json(&record));
    document
}

fn passage_document<'m>(
    fields: &Fields,
    meeting: &'m MeetingDoc,
    index: usize,
    passage: &'m PassageDoc,
) -> IndexDocument<'m> {
    let mut document = IndexDocument::new(fields, DocumentKind::Passage);
    document.add_text(fields.kind, passage.kind.as_str());
    if let Some(review) = &passage.review {
        document.add_text(fields.review, review.as_str());
    }
    if let Some(role) = &passage.role {
        document.add_text(fields.role, role.as_str());
    }
    for verdict in passage.vote.iter().flat_map(|vote| &vote.verdicts) {
        document.add_text(fields.verdict, verdict.code());
    }
    if passage.formula {
        document.add_text(fields.formula, FORMULA);
    }
    document.add_text(fields.record, to_json(&(&meeting.id, passage)));
    if !passage.word_times.is_empty() {
        document.add_text(fields.times, times::to_text(&passage.word_times));
    }
    add_meeting(fields, &mut document, meeting, index);
    match passage.kind {
        Kind::Spoken => {
            document.spoken = Some((&passage.words, &passage.lookahead));
            document.add_u64(fields.speech, passage.order.into());
        }
        Kind::Item | Kind::Paper | Kind::Vote => {
            let words: Vec<&str> = passage.words.iter().collect();
            document.texts.push((IndexedText::Of(SearchField::Written), words.join(" ").into()));
        }
    }
    if let Some(item) = &passage.item {
        add_item(fields, &mut document, item, passage.kind);
    }
    if let Some(speaker) = &passage.speaker {
        add_speaker(fields, &mut document, speaker, !passage.unlisted);
    }
    document
}

fn add_meeting<'m>(
    fields: &Fields,
    document: &mut IndexDocument<'m>,
    meeting: &'m MeetingDoc,
    index: usize,
) {
    document.add_text(fields.meeting, meeting.id.as_str());
    document.add_text(fields.meeting_label, labelled(&meeting.id, &meeting.name));
    document.add_text(fields.body, meeting.body.as_str());
    document.add_text(fields.organization, meeting.organization.as_str());
    document
        .texts
        .push((IndexedText::Of(SearchField::Organization), meeting.organization.as_str().into()));
    let day = meeting.date.and_then(day_number);
    if let Some(day) = day {
        document.add_u64(fields.day, day);
    }
    document.add_u64(fields.chronology, chronology(day.unwrap_or(0), &meeting.id, index));
}

fn add_item<'m>(fields: &Fields, document: &mut IndexDocument<'m>, item: &'m ItemRef, kind: Kind) {
    let (title, number) = match kind {
        Kind::Vote => (SearchField::VoteItem, SearchField::VotePaper),
        Kind::Spoken | Kind::Item | Kind::Paper => (SearchField::Item, SearchField::Paper),
    };
    for word in item.number.iter().flat_map(|number| number.split_whitespace()) {
        if let Some(number) = analysis::exact(word) {
            document.add_text(fields.item_number, number);
        }
    }
    if !item.title.is_empty() {
        document.add_text(fields.item_label, item.title.as_str());
    }
    document.texts.push((IndexedText::Of(title), item.title.as_str().into()));
    if let Some(paper) = &item.paper {
        document.add_text(fields.paper_label, paper.as_str());
        document.texts.push((IndexedText::Of(number), paper.as_str().into()));
    }
}

fn add_speaker<'m>(
    fields: &Fields,
    document: &mut IndexDocument<'m>,
    speaker: &'m SpeakerRef,
    is_listed: bool,
) {
    document.add_text(fields.person, speaker.id.as_str());
    if is_listed {
        document.add_text(fields.person_label, labelled(&speaker.id, &speaker.name));
    }
    document.texts.push((IndexedText::Of(SearchField::Speaker), speaker.name.as_str().into()));
    if let Some(party) = &speaker.party {
        let (key, name) = (parties::key(party), parties::without_group(party));
        document.add_text(fields.party_label, labelled(&key, &name));
        document.add_text(fields.party, key);
        let names = std::iter::once(name.as_str()).chain(parties::other_names(party));
        let names = names.collect::<Vec<_>>().join(" ");
        document.texts.push((IndexedText::Of(SearchField::Party), names.into()));
    }
}

/// Which of a passage's words have a position, in the order of the positions.
pub(crate) fn positioned(words: &[&str]) -> Vec<usize> {
    let spoken = |&(_, word): &(usize, &&str)| analysis::core_range(word).is_some();
    words.iter().enumerate().filter(spoken).map(|(index, _)| index).collect()
}

/// Bits of a place in the order of time that say where in its meeting a passage is.
const INDEX_BITS: u32 = 24;

/// What all places of one meeting have in common, and rarely those of another one.
pub(crate) fn meeting_of(chronology: u64) -> u64 {
    chronology >> INDEX_BITS
}

/// The same for sorting downwards with the oldest day first; each meeting still from its beginning.
pub(crate) fn oldest_first(chronology: u64) -> u64 {
    let place = chronology & ((1 << INDEX_BITS) - 1);
    let meetings = (1 << (64 - INDEX_BITS)) - 1;
    (meetings - meeting_of(chronology)) << INDEX_BITS | place
}

/// Sorted downwards: newest day first, one meeting after the other, each from its beginning.
fn chronology(day: u64, meeting: &str, index: usize) -> u64 {
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

fn to_json(record: &impl Serialize) -> String {
    // Strings, numbers and options of them: there is nothing serde_json could refuse.
    serde_json::to_string(record).unwrap_or_default()
}
