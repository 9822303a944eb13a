//! The shared speeches as meetings of passages, and more of them with varied words.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

use mitschnitt::align::{self, CutSpeeches};
use mitschnitt::domain::{PersonId, RecordedSpeaker, Role, Speech};
use mitschnitt_index::{ItemRef, Kind, MeetingDoc, PassageDoc, SpeakerRef, WordTime, Words};
use serde::Deserialize;

use crate::Anyhow;

/// One word in so many is another one in a copy.
const VARIED: u64 = 5;

#[derive(Deserialize)]
struct Line {
    meeting: String,
    date: Option<jiff::civil::Date>,
    organization: String,
    order: u32,
    speaker: Option<String>,
    party: Option<String>,
    text: String,
}

/// Meetings and how often they are to be taken.
pub struct Corpus {
    meetings: Vec<MeetingDoc>,
    /// All words in their order, to draw others from.
    words: Vec<String>,
    wanted: usize,
}

impl Corpus {
    /// Reads the shared speeches.
    pub fn read(folder: &Path) -> Anyhow<Self> {
        let file = std::fs::File::open(folder.join("speeches.jsonl.zst"))?;
        let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for line in BufReader::new(zstd::Decoder::new(file)?).lines() {
            let line: Line = serde_json::from_str(&line?)?;
            lines.entry(line.meeting.clone()).or_default().push(line);
        }
        let meetings: Vec<MeetingDoc> = lines.into_values().map(meeting).collect();
        let words = meetings.iter().flat_map(|m| &m.passages).flat_map(|p| p.words.iter());
        let wanted = meetings.iter().map(|m| m.passages.len()).sum();
        Ok(Self { words: words.map(str::to_owned).collect(), meetings, wanted })
    }

    /// So many passages of them.
    pub fn enlarged(self, passages: usize) -> Self {
        Self { wanted: passages, ..self }
    }

    /// How many passages there are.
    pub fn passages(&self) -> usize {
        self.wanted
    }

    /// Words to ask for, from frequent to rare.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Bytes of all passages' own words, with a space between two.
    pub fn text_bytes(&self) -> u64 {
        let bytes = |p: &PassageDoc| p.words.iter().map(|word| word.len() as u64 + 1).sum::<u64>();
        let all: u64 = self.meetings.iter().flat_map(|m| &m.passages).map(bytes).sum();
        let once: usize = self.meetings.iter().map(|m| m.passages.len()).sum();
        (all as f64 * self.wanted as f64 / once as f64) as u64
    }

    /// The meetings, as often as it takes; from the second time on with other words among theirs.
    pub fn meetings(&self) -> impl Iterator<Item = MeetingDoc> {
        self.taken().map(|(copy, meeting, passages)| {
            let mut meeting = self.copy(meeting, copy);
            meeting.passages.truncate(passages);
            meeting
        })
    }

    /// Which copy of which meeting is taken, and how many of its passages.
    fn taken(&self) -> impl Iterator<Item = (u64, &MeetingDoc, usize)> {
        let mut left = self.wanted;
        let copies = (0..).flat_map(|copy| self.meetings.iter().map(move |m| (copy, m)));
        copies.map_while(move |(copy, meeting)| {
            let passages = meeting.passages.len().min(left);
            left -= passages;
            (passages > 0).then_some((copy, meeting, passages))
        })
    }

    fn copy(&self, meeting: &MeetingDoc, copy: u64) -> MeetingDoc {
        let mut meeting = meeting.clone();
        if copy == 0 {
            return meeting;
        }
        meeting.id = format!("{}-{copy}", meeting.id);
        let mut state = copy.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ meeting.id.len() as u64;
        for passage in &mut meeting.passages {
            passage.id = format!("{}-{copy}", passage.id);
            let mut varied = |words: &Words| -> Words {
                let word = |word| {
                    // xorshift64
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    let other = (state >> 8) as usize % self.words.len();
                    if state.is_multiple_of(VARIED) { self.words[other].as_str() } else { word }
                };
                words.iter().map(word).collect()
            };
            (passage.words, passage.lookahead) =
                (varied(&passage.words), varied(&passage.lookahead));
        }
        meeting
    }
}

fn meeting(lines: Vec<Line>) -> MeetingDoc {
    let first = &lines[0];
    let (id, date) = (first.meeting.clone(), first.date);
    let organization = first.organization.clone();
    let speeches: Vec<Speech> = lines.into_iter().map(speech).collect();
    let text = |words: &[&str]| words.iter().collect();
    // Five words in two seconds, so that there are times to show.
    let time = |n: usize| {
        let start_ms = n as u32 * 400;
        WordTime { start_ms, end_ms: start_ms + 300 }
    };
    let CutSpeeches { words, passages } = align::passages_of_speeches(&speeches);
    let passages = passages.iter().enumerate().map(|(n, p)| {
        let speech = &speeches[p.turn.unwrap_or(0)];
        let behind = p.first_word + p.n_words;
        PassageDoc {
            id: format!("{id}/{n}"),
            order: speech.order,
            kind: Kind::Spoken,
            item: None::<ItemRef>,
            speaker: speech.speaker.as_ref().map(|speaker| SpeakerRef {
                id: speaker.id.to_string(),
                name: speaker.name.clone(),
                party: speech.party.clone(),
            }),
            first_word: p.first_word as u32,
            words: text(&words[p.first_word..behind]),
            lookahead: text(&words[behind..behind + p.lookahead]),
            word_times: (p.first_word..behind + p.lookahead).map(time).collect(),
            start_ms: None,
            end_ms: None,
            link: None,
            review: None,
            role: None,
            formula: false,
            unlisted: false,
            vote: None,
        }
    });
    let passages = passages.collect();
    MeetingDoc {
        name: id.clone(),
        date,
        body: organization.clone(),
        organization,
        extra: "{}".to_owned(),
        fingerprint: "bench".to_owned(),
        passages,
        id,
    }
}

fn speech(line: Line) -> Speech {
    let speaker = line.speaker.map(|name| RecordedSpeaker {
        id: PersonId::new(slug(&name)).expect("letters and digits only"),
        name,
    });
    Speech {
        order: line.order,
        item: None,
        speaker,
        party: line.party,
        role: Role::Unknown,
        start_ms: None,
        end_ms: None,
        video_url: None,
        text: line.text,
    }
}

/// Words as one text with a space between two.
pub fn spaced(words: &Words) -> String {
    words.iter().collect::<Vec<_>>().join(" ")
}

fn slug(name: &str) -> String {
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("p{}", bare.to_lowercase())
}
