//! What a meeting's page and its API entry both say about it: agenda with places, speakers with
//! speaking time. Pure functions.

use serde::Serialize;

use crate::domain::{AgendaItemId, ItemAlignment, MediaTime, PersonId, Span, Vote};
use crate::edition::Edition;

/// A turn with less confidence than this is shown as "(vermutlich)".
pub const SURE: f32 = 0.7;

/// An agenda item with the places where it was treated. A hidden one says nothing but that.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Its position in the agenda, from 0.
    pub order: usize,
    /// Its number.
    pub number: Option<String>,
    /// Its title; none where it is not public.
    pub title: Option<String>,
    /// Whether it is public.
    pub public: bool,
    /// Reference of its first paper.
    pub paper: Option<String>,
    /// The result as the source states it.
    pub result: Option<String>,
    /// Where it was treated, on the meeting's clock.
    pub spans: Vec<Span>,
    /// What was decided under it, as spoken.
    pub votes: Vec<Vote>,
}

/// Somebody who speaks in a meeting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Speaker {
    /// The person's id.
    pub id: PersonId,
    /// The name as shown.
    pub name: String,
    /// Party or group on the meeting's day.
    pub party: Option<String>,
    /// How long they speak, in milliseconds.
    pub speaking_ms: u64,
    /// Where they first speak.
    pub first_ms: MediaTime,
}

/// The agenda in its order.
pub fn agenda(edition: &Edition) -> Vec<Item> {
    let council = &edition.council;
    let aligned = |id: &AgendaItemId| -> Option<&ItemAlignment> {
        let (_, alignment) = edition.text.as_ref()?;
        alignment.items.iter().find(|item| item.id == *id)
    };
    let items = council.meeting.agenda.iter().enumerate();
    items
        .map(|(order, item)| {
            let found = aligned(&item.id).filter(|_| item.public);
            Item {
                order,
                number: item.number.clone(),
                title: item.public.then(|| item.title.clone()),
                public: item.public,
                paper: council.reference(item).filter(|_| item.public).map(str::to_owned),
                result: item.result.clone().filter(|_| item.public),
                spans: found.map(|found| found.spans.clone()).unwrap_or_default(),
                votes: found.map(|found| found.votes.clone()).unwrap_or_default(),
            }
        })
        .collect()
}

/// Who speaks, in order of first appearance.
pub fn speakers(edition: &Edition) -> Vec<Speaker> {
    let mut speakers: Vec<Speaker> = Vec::new();
    let turns = edition.text.iter().flat_map(|(_, alignment)| &alignment.turns);
    for turn in turns {
        let Some(id) = &turn.person else { continue };
        let spoken = turn.end_ms.since(turn.start_ms);
        match speakers.iter_mut().find(|speaker| speaker.id == *id) {
            Some(speaker) => speaker.speaking_ms += spoken,
            None => speakers.push(Speaker {
                id: id.clone(),
                name: name(edition, turn).unwrap_or_default(),
                party: party(edition, id),
                speaking_ms: spoken,
                first_ms: turn.start_ms,
            }),
        }
    }
    speakers
}

/// The name of a turn's speaker: from the roster, else as the aligner heard it.
pub fn name(edition: &Edition, turn: &crate::domain::Turn) -> Option<String> {
    let person = turn.person.as_ref().and_then(|id| edition.council.person(id));
    person.map(|p| p.name.clone()).or_else(|| turn.name.clone())
}

/// Party or group of a person on the meeting's day.
pub fn party(edition: &Edition, id: &PersonId) -> Option<String> {
    let date = edition.council.meeting.date;
    edition.council.person(id)?.party_on(date).map(str::to_owned)
}
