//! A meeting as index documents: its passages, and its agenda items by title.

use mitschnitt_index as index;

use crate::domain::{
    AgendaItem, Alignment, Council, Digest, MediaTime, Passage, Transcript, Turn,
};

/// Raised when the same meeting would give other documents.
pub const VERSION: u32 = 1;

/// The documents of one meeting. Hidden items and what was said under none of the public ones
/// carry no title.
pub fn meeting(
    fingerprint: &Digest,
    council: &Council,
    transcript: &Transcript,
    alignment: &Alignment,
    passages: &[Passage],
) -> index::MeetingDoc {
    let time = |t: MediaTime| u32::try_from(t.millis()).unwrap_or(u32::MAX);
    let times = transcript
        .words
        .iter()
        .map(|w| index::WordTime { start_ms: time(w.start_ms), end_ms: time(w.end_ms) })
        .collect();
    let spoken = passages.iter().enumerate().map(|(i, p)| {
        let words = &transcript.words[p.first_word..p.first_word + p.n_words];
        let behind = p.first_word + p.n_words;
        let lookahead = &transcript.words[behind..behind + p.lookahead];
        let text = |words: &[crate::domain::Word]| words.iter().map(|w| w.text.clone()).collect();
        let turn = p.turn.and_then(|t| alignment.turns.get(t));
        index::PassageDoc {
            id: format!("{}/{i}", council.meeting.id),
            order: p.turn.unwrap_or(0) as u32,
            kind: index::Kind::Spoken,
            item: p.item.as_ref().and_then(|id| {
                let item = council.meeting.agenda.iter().find(|a| a.id == *id && a.public)?;
                Some(item_ref(item, council))
            }),
            speaker: turn.and_then(|t| speaker(t, council)),
            first_word: p.first_word as u32,
            words: text(words),
            lookahead: text(lookahead),
            start_ms: words.first().map(|w| time(w.start_ms)),
            end_ms: words.last().map(|w| time(w.end_ms)),
        }
    });
    index::MeetingDoc {
        id: council.meeting.id.to_string(),
        name: council.meeting.name.clone(),
        date: council.meeting.date.map(|d| d.to_string()),
        body: council.body.name.clone(),
        organization: council.organization_name().to_owned(),
        fingerprint: fingerprint.to_string(),
        word_times: times,
        passages: spoken.collect(),
    }
}

fn item_ref(item: &AgendaItem, council: &Council) -> index::ItemRef {
    index::ItemRef {
        number: item.number.clone(),
        title: item.title.clone(),
        paper: council.reference(item).map(str::to_owned),
    }
}

fn speaker(turn: &Turn, council: &Council) -> Option<index::SpeakerRef> {
    let person = council.person(turn.person.as_ref()?)?;
    Some(index::SpeakerRef {
        id: person.id.to_string(),
        name: person.name.clone(),
        party: person.party_on(council.meeting.date).map(str::to_owned),
    })
}
