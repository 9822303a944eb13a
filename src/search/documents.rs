//! A meeting as index documents: its passages, its agenda items by title, its papers and votes.

use std::collections::HashMap;

use mitschnitt_index as index;
use serde::{Deserialize, Serialize};

use super::formula::is_formula;
use super::votes::{PlacedVote, votes};
use crate::domain::{
    AgendaItem, AgendaItemId, Alignment, Council, Digest, FilmAddress, MediaTime, Paper, Passage,
    Recording, Role, Speech, TextReview, Transcript, Turn, Word,
};
use crate::edition::{Elsewhere, NamedPaper};

/// Raised when the same meeting would give other documents, or other figures of how much of it is searched.
pub const VERSION: u32 = 12;

/// What was said in a meeting, once that is known.
#[derive(Clone, Copy, Debug)]
pub struct Spoken<'a> {
    /// On the meeting's clock.
    pub transcript: &'a Transcript,
    /// Items and turns.
    pub alignment: &'a Alignment,
    /// The transcript cut into documents.
    pub passages: &'a [Passage],
    /// How far the words of each can be relied on.
    pub reviews: &'a [TextReview],
}

/// What was said in a meeting according to its record.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// In their order.
    pub speeches: &'a [Speech],
    /// Those of all speeches.
    pub words: &'a [&'a str],
    /// The words cut into documents.
    pub passages: &'a [Passage],
}

/// What is known of what was said in a meeting.
#[derive(Clone, Copy, Debug)]
pub enum Wording<'a> {
    /// Nothing yet.
    Nothing,
    /// It was recognised here.
    Heard(Spoken<'a>),
    /// It was put on record elsewhere.
    Recorded(Recorded<'a>),
}

/// What a hit must know of its meeting beside what is searched.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Extra {
    /// Whether the meeting is invented.
    pub synthetic: bool,
    /// Public films elsewhere: where on the meeting's clock the recording starts, the film's address,
    /// and what to add to a recording's time there, in milliseconds.
    pub videos: Vec<(MediaTime, String, i64)>,
}

/// The documents of one meeting: the titles and papers of its public items, papers that others name, votes and,
/// once it is known, what was said. Hidden items have no documents and name nothing.
pub fn meeting(
    fingerprint: &Digest,
    council: &Council,
    recordings: &[Recording],
    elsewhere: &Elsewhere,
    said: Wording<'_>,
) -> index::MeetingDoc {
    let video = |r: &Recording| Some((r.offset, r.video_url.clone()?, r.video_offset_ms));
    // It runs on the meeting's clock.
    let film = elsewhere.film.iter().map(|f| (MediaTime::ZERO, f.url.clone(), f.offset_ms));
    let extra = Extra {
        synthetic: council.meeting.synthetic,
        videos: recordings.iter().filter_map(video).chain(film).collect(),
    };
    let (spoken, alignment) = match said {
        Wording::Nothing => (Vec::new(), None),
        Wording::Heard(spoken) => (heard(council, spoken), Some(spoken.alignment)),
        Wording::Recorded(record) => (recorded(council, record), None),
    };
    let mut written = written(council, alignment);
    written.extend(named(council, &elsewhere.papers, alignment));
    let votes = votes(council, alignment, elsewhere, &spoken);
    index::MeetingDoc {
        id: council.meeting.id.to_string(),
        name: council.meeting.name.clone(),
        date: council.meeting.date,
        body: council.body.name.clone(),
        organization: council.organization_name().to_owned(),
        extra: serde_json::to_string(&extra).unwrap_or_default(),
        fingerprint: fingerprint.to_string(),
        passages: in_order_of_time(written, votes, spoken),
    }
}

pub(super) fn time(t: MediaTime) -> u32 {
    u32::try_from(t.millis()).unwrap_or(u32::MAX)
}

fn word_time(word: &Word) -> index::WordTime {
    index::WordTime { start_ms: time(word.start_ms), end_ms: time(word.end_ms) }
}

/// A title stands before what was said under it, or at the end; a vote where it was taken.
fn in_order_of_time(
    written: Vec<index::PassageDoc>,
    votes: Vec<PlacedVote>,
    spoken: Vec<index::PassageDoc>,
) -> Vec<index::PassageDoc> {
    fn named(passage: &index::PassageDoc) -> Option<(Option<&str>, &str)> {
        passage.item.as_ref().map(|item| (item.number.as_deref(), item.title.as_str()))
    }
    let mut first = HashMap::new();
    for (place, item) in spoken.iter().enumerate().filter_map(|(n, p)| Some((n, named(p)?))) {
        first.entry(item).or_insert(place);
    }
    let place = |title: &index::PassageDoc| named(title).and_then(|item| first.get(&item).copied());
    let places: Vec<usize> =
        written.iter().map(|title| place(title).unwrap_or(spoken.len())).collect();
    let mut all: Vec<_> = places.into_iter().zip(written).collect();
    all.extend(votes);
    all.extend(spoken.into_iter().enumerate());
    // Stable: of the same place, what is written comes first.
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, passage)| passage).collect()
}

/// A document for the title of each public item, so that a meeting is found before it is
/// transcribed, and an item whose name the recogniser never understood; and for each of its papers.
fn written(council: &Council, alignment: Option<&Alignment>) -> Vec<index::PassageDoc> {
    let id = &council.meeting.id;
    let mut documents = Vec::new();
    for item in council.meeting.agenda.iter().filter(|item| item.public) {
        let found = alignment.and_then(|a| a.items.iter().find(|i| i.id == item.id));
        let span = found.and_then(|i| i.spans.first());
        let document = |id, kind, text: &str, reference: Option<&str>| index::PassageDoc {
            id,
            order: turn_at(alignment, span.map(|s| s.start())),
            kind,
            item: Some(index::ItemRef {
                paper: reference.map(str::to_owned),
                ..item_ref(item, council)
            }),
            speaker: None,
            first_word: 0,
            words: text.split_whitespace().chain(reference).collect(),
            lookahead: index::Words::default(),
            word_times: Vec::new(),
            start_ms: span.map(|s| time(s.start())),
            end_ms: span.map(|s| time(s.end())),
            link: None,
            review: None,
            role: None,
            formula: false,
            unlisted: false,
            vote: None,
        };
        if !item.title.is_empty() {
            let title = format!("{id}/top/{}", item.id);
            let reference = council.reference(item);
            documents.push(document(title, index::Kind::Item, &item.title, reference));
        }
        // Of some papers nothing but the number is known, or what the item is called: the first of these
        // stands by the title.
        let name = |paper: &Paper| -> Option<String> {
            let reference = paper.reference.as_deref();
            let is_named = !paper.name.is_empty()
                && Some(paper.name.as_str()) != reference
                && paper.name != item.title;
            let stands = !item.title.is_empty() && reference == council.reference(item);
            let name = if is_named { paper.name.clone() } else { String::new() };
            (is_named || reference.is_some() && !stands).then_some(name)
        };
        documents.extend(council.papers_of(item).filter_map(|paper| {
            let place = format!("{id}/top/{}/vorlage/{}", item.id, paper.id);
            let (name, reference) = (name(paper)?, paper.reference.as_deref());
            Some(document(place, index::Kind::Paper, &name, reference))
        }));
    }
    documents
}

/// A document for each paper that others name and that is no item's, at the time of its vote.
fn named(
    council: &Council,
    papers: &[NamedPaper],
    alignment: Option<&Alignment>,
) -> Vec<index::PassageDoc> {
    let items = public_items(council);
    let document = |paper: &NamedPaper| {
        let title = paper.title.as_deref().unwrap_or_default();
        let known = paper.item.as_ref().and_then(|id| items.get(id)).cloned();
        let item = known.unwrap_or_else(|| index::ItemRef {
            number: paper.number.clone(),
            title: title.to_owned(),
            paper: None,
        });
        index::PassageDoc {
            id: format!("{}/genannt/{}", council.meeting.id, paper.reference),
            order: turn_at(alignment, paper.at),
            kind: index::Kind::Paper,
            item: Some(index::ItemRef { paper: Some(paper.reference.clone()), ..item }),
            speaker: None,
            first_word: 0,
            words: title.split_whitespace().chain([paper.reference.as_str()]).collect(),
            lookahead: index::Words::default(),
            word_times: Vec::new(),
            start_ms: paper.at.map(time),
            end_ms: None,
            link: None,
            review: None,
            role: None,
            formula: false,
            unlisted: false,
            vote: None,
        }
    };
    papers.iter().map(document).collect()
}

/// The turn that is running at `t`: where a title's item begins.
fn turn_at(alignment: Option<&Alignment>, t: Option<MediaTime>) -> u32 {
    let turns = alignment.map_or(&[][..], |a| &a.turns);
    let running = t.and_then(|t| turns.iter().position(|turn| turn.end_ms > t));
    running.unwrap_or(0) as u32
}

fn heard(council: &Council, spoken: Spoken<'_>) -> Vec<index::PassageDoc> {
    let Spoken { transcript, alignment, passages, reviews } = spoken;
    let items = public_items(council);
    let mut places = PassageNames::default();
    let documents = passages.iter().zip(reviews).map(|(p, review)| {
        let words = &transcript.words[p.first_word..p.first_word + p.n_words];
        let behind = p.first_word + p.n_words;
        let lookahead = &transcript.words[behind..behind + p.lookahead];
        let text = |words: &[Word]| words.iter().map(|w| &w.text).collect();
        let said: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
        let turn = p.turn.and_then(|t| alignment.turns.get(t));
        index::PassageDoc {
            id: places
                .name(council, format!("t{}", words.first().map_or(0, |w| w.start_ms.millis()))),
            order: p.turn.unwrap_or(0) as u32,
            kind: index::Kind::Spoken,
            item: p.item.as_ref().and_then(|id| items.get(id).cloned()),
            speaker: turn.and_then(|t| speaker(t, council)),
            first_word: p.first_word as u32,
            words: text(words),
            lookahead: text(lookahead),
            word_times: words.iter().chain(lookahead).map(word_time).collect(),
            start_ms: words.first().map(|w| time(w.start_ms)),
            end_ms: words.last().map(|w| time(w.end_ms)),
            link: None,
            review: Some(review.code().to_owned()),
            role: turn.map(|turn| turn.role.as_str().to_owned()),
            formula: turn.is_some_and(|turn| turn.role == Role::Chair) && is_formula(&said),
            unlisted: turn.is_some_and(|turn| turn.role.is_outside()),
            vote: None,
        }
    });
    documents.collect()
}

/// Names of passages, by which feeds and others know them again: of the place in the meeting, so that they
/// stay where something else of it changes or is added.
#[derive(Default)]
pub(super) struct PassageNames(HashMap<String, usize>);

impl PassageNames {
    /// "kt-1/rede-17" and, of the same speech, "kt-1/rede-17/1".
    pub(super) fn name(&mut self, council: &Council, place: String) -> String {
        let before = self.0.entry(place.clone()).or_default();
        *before += 1;
        match *before {
            1 => format!("{}/{place}", council.meeting.id),
            n => format!("{}/{place}/{}", council.meeting.id, n - 1),
        }
    }
}

/// Times are estimates: of its words the record says nothing but when the speech began and ended.
fn recorded(council: &Council, record: Recorded<'_>) -> Vec<index::PassageDoc> {
    let Recorded { speeches, words, passages } = record;
    let items = public_items(council);
    let text = |words: &[&str]| words.iter().collect();
    let starts: Vec<Option<Vec<MediaTime>>> = speeches.iter().map(Speech::word_starts).collect();
    // Passages are cut out of the words of all speeches.
    let mut first_words = Vec::with_capacity(speeches.len());
    let mut words_before = 0;
    for speech in speeches {
        first_words.push(words_before);
        words_before += speech.text.split_whitespace().count();
    }
    let mut places = PassageNames::default();
    let documents = passages.iter().filter_map(|p| {
        let turn = p.turn?;
        let speech = speeches.get(turn)?;
        let starts = starts[turn].as_deref();
        let at = |word: usize| starts?.get(word.checked_sub(first_words[turn])?).copied();
        let start = at(p.first_word).or(speech.start_ms);
        let later = start.zip(speech.start_ms).map_or(0, |(at, start)| at.since(start));
        let link = speech.video_url.as_deref().map(|url| {
            let film = FilmAddress::read(url).filter(|film| film.start.is_some() && later > 0);
            film.map_or_else(|| url.to_owned(), |film| film.later(later as i64))
        });
        let behind = p.first_word + p.n_words;
        let speaker = speech.speaker.as_ref().map(|speaker| index::SpeakerRef {
            id: speaker.id.to_string(),
            name: speaker.name.clone(),
            party: speech.party.clone(),
        });
        Some(index::PassageDoc {
            id: places.name(council, format!("rede-{}", speech.order)),
            order: speech.order,
            kind: index::Kind::Spoken,
            item: p.item.as_ref().and_then(|id| items.get(id).cloned()),
            speaker,
            first_word: p.first_word as u32,
            words: text(&words[p.first_word..behind]),
            lookahead: text(&words[behind..behind + p.lookahead]),
            word_times: Vec::new(),
            start_ms: start.map(time),
            end_ms: at(behind).or(speech.end_ms).map(time),
            link,
            review: Some(TextReview::Recorded.code().to_owned()),
            role: Some(speech.role.as_str().to_owned()),
            formula: speech.role == Role::Chair && is_formula(&words[p.first_word..behind]),
            unlisted: speech.role.is_outside(),
            vote: None,
        })
    });
    documents.collect()
}

pub(super) fn public_items(council: &Council) -> HashMap<&AgendaItemId, index::ItemRef> {
    let public = council.meeting.agenda.iter().filter(|item| item.public);
    public.map(|item| (&item.id, item_ref(item, council))).collect()
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
