//! What a meeting's page and its API entry both say about it: agenda with places, speakers with
//! speaking time. Pure functions.

use serde::Serialize;

use crate::domain::{AgendaItemId, ItemAlignment, MediaTime, PersonId, Span, Vote};
use crate::edition::Edition;

/// A turn with less confidence than this is shown as "(vermutlich)".
pub use crate::edition::SURE;

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
    let mut add = |speaker: Speaker| match speakers.iter_mut().find(|s| s.id == speaker.id) {
        Some(known) => known.speaking_ms += speaker.speaking_ms,
        None => speakers.push(speaker),
    };
    for turn in edition.text.iter().flat_map(|(_, alignment)| &alignment.turns) {
        let Some(id) = &turn.person else { continue };
        add(Speaker {
            id: id.clone(),
            name: name(edition, turn).unwrap_or_default(),
            party: party(edition, id),
            speaking_ms: turn.end_ms.since(turn.start_ms),
            first_ms: turn.start_ms,
        });
    }
    for speech in &edition.speeches {
        let (Some(speaker), Some(span)) = (&speech.speaker, speech.span()) else { continue };
        add(Speaker {
            id: speaker.id.clone(),
            name: speaker.name.clone(),
            party: speech.party.clone(),
            speaking_ms: span.millis(),
            first_ms: span.start(),
        });
    }
    speakers
}

/// How long somebody speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Who.
    pub name: String,
    /// How long, in milliseconds.
    pub speaking_ms: u64,
}

/// How long those of each party or group speak, the longest first; nothing where there are less than two.
pub fn parties(speakers: &[Speaker]) -> Vec<Share> {
    let mut parties: Vec<Share> = Vec::new();
    for speaker in speakers {
        let Some(party) = &speaker.party else { continue };
        match parties.iter_mut().find(|known| known.name == *party) {
            Some(known) => known.speaking_ms += speaker.speaking_ms,
            None => {
                let (name, speaking_ms) = (party.clone(), speaker.speaking_ms);
                parties.push(Share { name, speaking_ms });
            }
        }
    }
    parties.sort_by_key(|party| std::cmp::Reverse(party.speaking_ms));
    if parties.len() > 1 { parties } else { Vec::new() }
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
