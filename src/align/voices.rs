//! Who speaks from where to where, as decoded, and voices and microphones, where a transcript has them or
//! somebody recorded them beside it: where the voice changes, and whose it mostly is in this meeting. Owns what a label says about
//! who speaks; never keeps a voice beyond the meeting, and decides nothing.

use std::collections::HashMap;

use mitschnitt_german::folding::fold;

use super::roster::Roster;
use super::stream::WordStream;
use crate::domain::{Council, MediaTime, Role, SegmentSource, SpeakerSegment, Transcript, Word};

/// In how many segments at the beginning of a stretch in one voice that voice is believed: a long speech
/// once taken for another's voice must not outweigh the words that gave the floor.
const FIRST: usize = 5;
/// From this share of a voice's words on, and from so many words, it is somebody's. Below, it is a
/// microphone that people take turns at.
const MOSTLY: f32 = 0.7;
const ENOUGH_WORDS: usize = 40;

/// Where a voice changes within so many words and milliseconds of the end of a sentence, it changes there:
/// logs and programs that tell voices apart are late or early by as much.
const NEAR_WORDS: usize = 8;
const NEAR_MS: u64 = 1_500;

/// Which voice or microphone each word was said by, where that is known.
pub(super) struct WordLabels<'a> {
    of: Vec<Option<usize>>,
    labels: Vec<VoiceLabel<'a>>,
    /// Their numbers; a log without sense may have a label a line.
    numbers: HashMap<VoiceLabel<'a>, usize>,
}

/// What a source calls a voice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct VoiceLabel<'a> {
    text: &'a str,
    person: Option<&'a str>,
    source: Option<SegmentSource>,
}

impl VoiceLabel<'_> {
    /// How far a name that the source gives is believed, against a program's that tells voices apart.
    fn trust(&self) -> f32 {
        match self.source {
            None | Some(SegmentSource::Diarization) => 1.0,
            Some(SegmentSource::Microphone) => 1.5,
            Some(SegmentSource::Clerk) => 2.0,
        }
    }
}

impl<'a> WordLabels<'a> {
    /// By segments from elsewhere, or else by the labels of the transcript. Where segments overlap, the one
    /// that starts later holds.
    pub fn new(transcript: &'a Transcript, segments: &'a [SpeakerSegment]) -> Self {
        let words = &transcript.words;
        let mut all =
            Self { of: vec![None; words.len()], labels: Vec::new(), numbers: HashMap::new() };
        for segment in segments {
            let first = words.partition_point(|word| middle(word) < segment.start_ms);
            let end = words.partition_point(|word| middle(word) < segment.end_ms).max(first);
            let (text, person) = (segment.label.as_str(), segment.person.as_deref());
            let label = all.label(VoiceLabel { text, person, source: Some(segment.source) });
            all.of[first..end].fill(Some(label));
        }
        if all.of.iter().any(Option::is_some) {
            all.settle(words);
            return all;
        }
        for utterance in &transcript.utterances {
            let label = utterance.speaker_label.as_ref();
            let label = label
                .map(|label| all.label(VoiceLabel { text: &label.0, person: None, source: None }));
            all.of[utterance.range(words.len())].fill(label);
        }
        all
    }

    fn label(&mut self, label: VoiceLabel<'a>) -> usize {
        *self.numbers.entry(label).or_insert_with(|| {
            self.labels.push(label);
            self.labels.len() - 1
        })
    }

    /// Moves changes of voice to the end of a sentence close by.
    fn settle(&mut self, words: &[Word]) {
        // Words between two stretches of voices are of the one before, up to the end of a sentence.
        let known: Vec<usize> = (0..words.len()).filter(|i| self.of[*i].is_some()).collect();
        for pair in known.windows(2).filter(|pair| pair[1] - pair[0] > 1) {
            let between = pair[0] + 1..pair[1];
            // Where nobody was recorded for longer, it is not known who spoke.
            if between.len() > NEAR_WORDS {
                continue;
            }
            if self.of[pair[0]] == self.of[pair[1]] {
                let label = self.of[pair[0]];
                self.of[between].fill(label);
            } else {
                let split = between.clone().rev().find(|i| ends_sentence(&words[*i - 1]));
                let split = split.unwrap_or(between.start);
                let (before, behind) = (self.of[pair[0]], self.of[pair[1]]);
                self.of[between.start..split].fill(before);
                self.of[split..between.end].fill(behind);
            }
        }
        let changes: Vec<usize> = self.changes().collect();
        for (n, &at) in changes.iter().enumerate() {
            let (before, behind) = (self.of[at - 1], self.of[at]);
            // Never beyond the neighbouring changes.
            let from = n.checked_sub(1).map_or(0, |n| changes[n]) + 1;
            let to = changes.get(n + 1).copied().unwrap_or(words.len());
            let near = |i: &usize| {
                let apart = words[*i].start_ms.since(words[at].start_ms)
                    + words[at].start_ms.since(words[*i].start_ms);
                apart <= NEAR_MS && ends_sentence(&words[*i - 1])
            };
            let places = from.max(at.saturating_sub(NEAR_WORDS))..to.min(at + NEAR_WORDS + 1);
            let Some(end) = places.filter(near).min_by_key(|i| i.abs_diff(at)) else { continue };
            self.of[end.min(at)..at].fill(behind);
            self.of[at..end.max(at)].fill(before);
        }
    }

    /// The words at which another voice begins, or none that is known, in order.
    pub fn edges(&self) -> Vec<usize> {
        self.changes().collect()
    }

    fn changes(&self) -> impl Iterator<Item = usize> {
        (1..self.of.len()).filter(|i| self.of[*i] != self.of[i - 1])
    }
}

fn middle(word: &Word) -> MediaTime {
    MediaTime::from_millis((word.start_ms.millis() + word.end_ms.millis()) / 2)
}

fn ends_sentence(word: &Word) -> bool {
    word.text.ends_with(['.', '!', '?', ':', '“', '"'])
}

/// The voices of a meeting, by segment.
pub(super) struct Voices {
    of: Vec<Option<usize>>,
    owners: Vec<Option<DecodedSpeaker>>,
    /// By voice, how far its label is believed.
    trust: Vec<f32>,
}

impl Voices {
    /// The labels of words; one that all words have says nothing. One that bears the name of one person on the
    /// roster, or of the chair, speaks for them.
    pub fn new(
        labels: &WordLabels,
        stream: &WordStream,
        roster: &Roster,
        council: &Council,
    ) -> Self {
        let mut of: Vec<Option<usize>> =
            stream.segments.iter().map(|segment| labels.of[segment.first]).collect();
        if labels.edges().is_empty() {
            of.fill(None);
        }
        let owners = labels.labels.iter().map(|label| owner(label, roster, council)).collect();
        let trust = labels.labels.iter().map(VoiceLabel::trust).collect();
        Self { of, owners, trust }
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

    /// Whose the voice of segment `i` is, at the beginning of each stretch in it, and how far that is
    /// believed.
    pub fn owner(&self, i: usize) -> Option<(DecodedSpeaker, f32)> {
        let voice = self.of[i]?;
        let owner = self.owners[voice]?;
        let since = self.of[..i].iter().rev().take(FIRST).take_while(|v| **v == self.of[i]).count();
        (since < FIRST).then_some((owner, self.trust[voice]))
    }

    /// Who begins with segment `i`, by the voice that begins there, and how far that is believed.
    pub fn begins(&self, i: usize) -> Option<(usize, f32)> {
        let begins = i == 0 || self.of[i] != self.of[i - 1];
        match self.owner(i).filter(|_| begins)? {
            (DecodedSpeaker::Person(person), trust) => Some((person, trust)),
            _ => None,
        }
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
        Self { of: self.of.clone(), owners, trust: self.trust.clone() }
    }
}

/// Whose voice it is by what its source calls it: a person's id or name, a seat's name.
fn owner(label: &VoiceLabel, roster: &Roster, council: &Council) -> Option<DecodedSpeaker> {
    let known = label.person.and_then(|named| {
        council.persons.iter().position(|p| p.id.as_str() == named || p.name == named)
    });
    match known {
        Some(person) => Some(speaks_as(person, roster)),
        None => seat(label.person.unwrap_or(label.text), roster),
    }
}

/// Whose seat a microphone's name says it is.
fn seat(label: &str, roster: &Roster) -> Option<DecodedSpeaker> {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(fold).collect();
    let chair = ["praesidium", "vorsitz", "vorsitzender", "vorsitzende", "sitzungsleitung"];
    if words.iter().any(|word| chair.contains(&word.as_str())) {
        return Some(DecodedSpeaker::Chair);
    }
    roster.named_by(&words).map(|person| speaks_as(person, roster))
}

fn speaks_as(person: usize, roster: &Roster) -> DecodedSpeaker {
    match roster.chair() == Some(person) {
        true => DecodedSpeaker::Chair,
        false => DecodedSpeaker::Person(person),
    }
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
