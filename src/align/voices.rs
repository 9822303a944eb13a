//! Who speaks from where to where, as decoded, and anonymous voices and microphones, where a transcript
//! has them: where the voice changes, and whose it mostly is in this meeting. Owns what a label says about
//! who speaks; never keeps a voice beyond the meeting, and decides nothing.

use std::collections::HashMap;

use mitschnitt_german::folding::fold;

use super::roster::Roster;
use super::stream::WordStream;
use crate::domain::{Role, Transcript};

/// In how many segments at the beginning of a stretch in one voice that voice is believed: a long speech
/// once taken for another's voice must not outweigh the words that gave the floor.
const FIRST: usize = 5;
/// From this share of a voice's words on, and from so many words, it is somebody's. Below, it is a
/// microphone that people take turns at.
const MOSTLY: f32 = 0.7;
const ENOUGH_WORDS: usize = 40;

/// The voices of a meeting, by segment.
pub(super) struct Voices {
    of: Vec<Option<usize>>,
    owners: Vec<Option<DecodedSpeaker>>,
}

impl Voices {
    /// The labels of a transcript; a single one says nothing. A seat that bears the name of one person
    /// on the roster, or of the chair, speaks for them where they have the floor at all.
    pub fn new(transcript: &Transcript, stream: &WordStream, roster: &Roster) -> Self {
        let labels = by_word(transcript);
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut owners = Vec::new();
        let mut of = Vec::with_capacity(stream.segments.len());
        for segment in &stream.segments {
            of.push(labels[segment.first].map(|label| {
                *known.entry(label).or_insert_with(|| {
                    owners.push(seat(label, roster));
                    owners.len() - 1
                })
            }));
        }
        if owners.len() < 2 {
            of.fill(None);
        }
        Self { of, owners }
    }

    /// Whether there is anything to go by.
    pub fn heard(&self) -> bool {
        self.of.iter().any(Option::is_some)
    }

    /// Whether the voice of segment `i` is another than that before; `None` where that is not known.
    pub fn change(&self, i: usize) -> Option<bool> {
        let before = i.checked_sub(1).and_then(|j| self.of[j])?;
        self.of[i].map(|now| now != before)
    }

    /// Whose the voice of segment `i` is, at the beginning of each stretch in it.
    pub fn owner(&self, i: usize) -> Option<DecodedSpeaker> {
        let owner = self.owners[self.of[i]?]?;
        let since = self.of[..i].iter().rev().take(FIRST).take_while(|v| **v == self.of[i]).count();
        (since < FIRST).then_some(owner)
    }

    /// The same voices, each with whoever speaks most of its words in `runs`.
    pub fn learnt(&self, runs: &[SpeechRun], stream: &WordStream) -> Self {
        let mut said: Vec<Vec<(DecodedSpeaker, usize)>> = vec![Vec::new(); self.owners.len()];
        for run in runs {
            let speaks = if run.is_chair() { DecodedSpeaker::Chair } else { run.speaker };
            for i in run.first..run.end {
                let Some(voice) = self.of[i] else { continue };
                let words = stream.segments[i].end - stream.segments[i].first;
                match said[voice].iter_mut().find(|(speaker, _)| *speaker == speaks) {
                    Some((_, sum)) => *sum += words,
                    None => said[voice].push((speaks, words)),
                }
            }
        }
        let owner = |(said, seat): (&Vec<(DecodedSpeaker, usize)>, &Option<DecodedSpeaker>)| {
            let all: usize = said.iter().map(|(_, words)| words).sum();
            let most = said.iter().filter(|(speaker, _)| *speaker != DecodedSpeaker::Unknown);
            let (speaker, words) = most.max_by_key(|(_, words)| *words)?;
            let enough = *words >= ENOUGH_WORDS && *words as f32 >= MOSTLY * all as f32;
            if enough { Some(*speaker) } else { *seat }
        };
        let owners = said.iter().zip(&self.owners).map(owner).collect();
        Self { of: self.of.clone(), owners }
    }
}

/// The words at which another voice begins, in order; none where there is but one.
pub(super) fn changes(transcript: &Transcript) -> Vec<usize> {
    let labels = by_word(transcript);
    let mut voices = labels.iter().flatten();
    let first = voices.next();
    if voices.all(|voice| Some(voice) == first) {
        return Vec::new();
    }
    (1..labels.len()).filter(|i| labels[*i] != labels[i - 1]).collect()
}

fn by_word(transcript: &Transcript) -> Vec<Option<&str>> {
    let mut labels = vec![None; transcript.words.len()];
    for utterance in &transcript.utterances {
        let end = utterance.first_word.saturating_add(utterance.n_words).min(labels.len());
        let label = utterance.speaker_label.as_ref().map(|label| label.0.as_str());
        labels[utterance.first_word.min(end)..end].fill(label);
    }
    labels
}

/// Whose seat a microphone's name says it is.
fn seat(label: &str, roster: &Roster) -> Option<DecodedSpeaker> {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(fold).collect();
    let chair = ["praesidium", "vorsitz", "vorsitzender", "vorsitzende", "sitzungsleitung"];
    if words.iter().any(|word| chair.contains(&word.as_str())) {
        return Some(DecodedSpeaker::Chair);
    }
    let person = roster.named_by(&words)?;
    Some(if roster.chair() == Some(person) {
        DecodedSpeaker::Chair
    } else {
        DecodedSpeaker::Person(person)
    })
}

/// Who speaks in a run of segments `first..end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SpeechRun {
    pub first: usize,
    pub end: usize,
    pub speaker: DecodedSpeaker,
    /// How likely that is by all the words, 0..=1.
    pub probability: f32,
    /// Whether who spoke before the chair goes on.
    pub resumed: bool,
    /// As what, where the clerk has fixed it.
    pub fixed: Option<Role>,
}

impl SpeechRun {
    /// Whether the chair speaks, as decoded or as a clerk has fixed it.
    pub fn is_chair(&self) -> bool {
        self.fixed.map_or(self.speaker == DecodedSpeaker::Chair, |role| role == Role::Chair)
    }
}

/// A speaker as decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecodedSpeaker {
    Chair,
    Person(usize),
    Unknown,
}
