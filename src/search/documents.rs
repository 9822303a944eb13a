//! A meeting as index documents: its passages, and its agenda items by title.

use mitschnitt_index as index;

use serde::{Deserialize, Serialize};

use crate::domain::{
    AgendaItem, Alignment, Council, Digest, MediaTime, Passage, Recording, Transcript, Turn, Word,
};

/// Raised when the same meeting would give other documents.
pub const VERSION: u32 = 2;

/// What was said in a meeting, once that is known.
#[derive(Clone, Copy, Debug)]
pub struct Spoken<'a> {
    /// On the meeting's clock.
    pub transcript: &'a Transcript,
    /// Items and turns.
    pub alignment: &'a Alignment,
    /// The transcript cut into documents.
    pub passages: &'a [Passage],
}

/// What a hit must know of its meeting beside what is searched.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Extra {
    /// Whether the meeting is invented.
    pub synthetic: bool,
    /// Public copies elsewhere: where on the meeting's clock the recording starts, its address,
    /// and what to add to a recording's time there, in milliseconds.
    pub videos: Vec<(MediaTime, String, i64)>,
}

/// The documents of one meeting: the titles of its public items and, once it is known, what was
/// said. Hidden items have no documents and name nothing.
pub fn meeting(
    fingerprint: &Digest,
    council: &Council,
    recordings: &[Recording],
    spoken: Option<Spoken<'_>>,
) -> index::MeetingDoc {
    let words = spoken.map_or(&[][..], |s| &s.transcript.words);
    let times = |w: &Word| index::WordTime { start_ms: time(w.start_ms), end_ms: time(w.end_ms) };
    let video = |r: &Recording| Some((r.offset, r.video_url.clone()?, r.video_offset_ms));
    let extra = Extra {
        synthetic: council.meeting.synthetic,
        videos: recordings.iter().filter_map(video).collect(),
    };
    let mut passages = spoken.map_or(Vec::new(), |s| said(council, s));
    passages.extend(titles(council, spoken.map(|s| s.alignment)));
    index::MeetingDoc {
        id: council.meeting.id.to_string(),
        name: council.meeting.name.clone(),
        date: council.meeting.date.map(|d| d.to_string()),
        body: council.body.name.clone(),
        organization: council.organization_name().to_owned(),
        extra: serde_json::to_string(&extra).unwrap_or_default(),
        fingerprint: fingerprint.to_string(),
        word_times: words.iter().map(times).collect(),
        passages,
    }
}

fn time(t: MediaTime) -> u32 {
    u32::try_from(t.millis()).unwrap_or(u32::MAX)
}

/// A document for each public item, so that a meeting is found before it is transcribed, and an
/// item whose name the recogniser never understood.
fn titles(council: &Council, alignment: Option<&Alignment>) -> Vec<index::PassageDoc> {
    let public = council.meeting.agenda.iter().filter(|i| i.public && !i.title.is_empty());
    public
        .map(|item| {
            let reference = council.reference(item).map(str::to_owned);
            let found = alignment.and_then(|a| a.items.iter().find(|i| i.id == item.id));
            let span = found.and_then(|i| i.spans.first());
            let words = item.title.split_whitespace().map(str::to_owned).chain(reference);
            index::PassageDoc {
                id: format!("{}/top/{}", council.meeting.id, item.order),
                order: turn_at(alignment, span.map(|s| s.start())),
                kind: index::Kind::Item,
                item: Some(item_ref(item, council)),
                speaker: None,
                first_word: 0,
                words: words.collect(),
                lookahead: Vec::new(),
                start_ms: span.map(|s| time(s.start())),
                end_ms: span.map(|s| time(s.end())),
            }
        })
        .collect()
}

/// The turn that is running at `t`: where a title's item begins.
fn turn_at(alignment: Option<&Alignment>, t: Option<MediaTime>) -> u32 {
    let turns = alignment.map_or(&[][..], |a| &a.turns);
    let running = t.and_then(|t| turns.iter().position(|turn| turn.end_ms > t));
    running.unwrap_or(0) as u32
}

fn said(council: &Council, spoken: Spoken<'_>) -> Vec<index::PassageDoc> {
    let Spoken { transcript, alignment, passages } = spoken;
    let documents = passages.iter().enumerate().map(|(i, p)| {
        let words = &transcript.words[p.first_word..p.first_word + p.n_words];
        let behind = p.first_word + p.n_words;
        let lookahead = &transcript.words[behind..behind + p.lookahead];
        let text = |words: &[Word]| words.iter().map(|w| w.text.clone()).collect();
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
    documents.collect()
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
