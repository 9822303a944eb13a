//! How well speakers were named: share of words (and of spoken time) given to the right person,
//! and how much was given to anyone at all. "Not known" is not wrong, it is not given.

use std::fmt;
use std::ops::AddAssign;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Curve, Truth, share};
use crate::domain::{Alignment, MediaTime, Role, Transcript, Turn};

/// Counts that add up over cases; the measures are methods.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpeakerScore {
    /// Words inside true turns.
    pub words: usize,
    /// Of those, given to anyone.
    pub given: usize,
    /// Of those, to the right one.
    pub right: usize,
    /// The same as `words` in milliseconds.
    pub speech_ms: u64,
    /// The same as `right` in milliseconds.
    pub right_ms: u64,
    /// Turns with confidence above 0.9.
    pub confident: usize,
    /// Of those, most of whose words are right.
    pub confident_right: usize,
    /// Confidence against coverage.
    pub curve: Curve,
}

impl SpeakerScore {
    /// Of the words given to anyone, the share given to the right person, 0..=1.
    pub fn precision(&self) -> f64 {
        share(self.right as f64, self.given as f64)
    }

    /// Share of words given to anyone, 0..=1.
    pub fn coverage(&self) -> f64 {
        share(self.given as f64, self.words as f64)
    }

    /// Share of all spoken time given to the right person, 0..=1.
    pub fn time_share(&self) -> f64 {
        share(self.right_ms as f64, self.speech_ms as f64)
    }

    /// Share of turns with confidence above 0.9 that are right, 0..=1.
    pub fn confident_share(&self) -> f64 {
        share(self.confident_right as f64, self.confident as f64)
    }
}

impl AddAssign for SpeakerScore {
    fn add_assign(&mut self, other: Self) {
        self.words += other.words;
        self.given += other.given;
        self.right += other.right;
        self.speech_ms += other.speech_ms;
        self.right_ms += other.right_ms;
        self.confident += other.confident;
        self.confident_right += other.confident_right;
        self.curve += other.curve;
    }
}

/// The counts, and the measures that follow from them.
impl Serialize for SpeakerScore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("SpeakerScore", 12)?;
        shown.serialize_field("precision", &self.precision())?;
        shown.serialize_field("coverage", &self.coverage())?;
        shown.serialize_field("time_share", &self.time_share())?;
        shown.serialize_field("confident_share", &self.confident_share())?;
        shown.serialize_field("words", &self.words)?;
        shown.serialize_field("given", &self.given)?;
        shown.serialize_field("right", &self.right)?;
        shown.serialize_field("speech_ms", &self.speech_ms)?;
        shown.serialize_field("right_ms", &self.right_ms)?;
        shown.serialize_field("confident", &self.confident)?;
        shown.serialize_field("confident_right", &self.confident_right)?;
        shown.serialize_field("curve", &self.curve)?;
        shown.end()
    }
}

/// A table in German, one measure a line, then the curve.
impl fmt::Display for SpeakerScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "zugeordnete Wörter, richtig         {:6.2} %", 100.0 * self.precision())?;
        writeln!(f, "Wörter, die zugeordnet sind         {:6.2} %", 100.0 * self.coverage())?;
        writeln!(f, "Redezeit bei der richtigen Person   {:6.2} %", 100.0 * self.time_share())?;
        writeln!(
            f,
            "sichere Beiträge (> 0,9) richtig    {:6.2} %",
            100.0 * self.confident_share()
        )?;
        self.curve.write(f, self.words)
    }
}

/// Measures an alignment's turns against the truth, word by word.
pub fn speakers(truth: &Truth, alignment: &Alignment, transcript: &Transcript) -> SpeakerScore {
    let mut score = SpeakerScore::default();
    let mut by_turn = vec![(0usize, 0usize); alignment.turns.len()];
    let (mut wanted, mut found) = (0, 0);
    for word in &transcript.words {
        let middle = MediaTime::from_millis((word.start_ms.millis() + word.end_ms.millis()) / 2);
        let Some((_, true_turn)) = at(&truth.turns, middle, &mut wanted) else { continue };
        let length = word.end_ms.since(word.start_ms);
        score.words += 1;
        score.speech_ms += length;
        let Some((index, turn)) = at(&alignment.turns, middle, &mut found) else { continue };
        if !is_given(turn) {
            continue;
        }
        let right = is_right(true_turn, turn);
        score.given += 1;
        score.right += usize::from(right);
        score.right_ms += if right { length } else { 0 };
        by_turn[index].0 += 1;
        by_turn[index].1 += usize::from(right);
        score.curve.count(turn.confidence, right);
    }
    for (turn, (given, right)) in alignment.turns.iter().zip(by_turn) {
        if turn.confidence > 0.9 && given > 0 {
            score.confident += 1;
            score.confident_right += usize::from(2 * right > given);
        }
    }
    score
}

/// The turn at `time`, looking on from `cursor`, since words come in order.
fn at<'a>(turns: &'a [Turn], time: MediaTime, cursor: &mut usize) -> Option<(usize, &'a Turn)> {
    while turns.get(*cursor).is_some_and(|t| t.end_ms <= time) {
        *cursor += 1;
    }
    turns.get(*cursor).filter(|t| t.start_ms <= time).map(|t| (*cursor, t))
}

/// A turn is given to somebody by person, by the chair's role, or as a resident without a name.
fn is_given(turn: &Turn) -> bool {
    turn.person.is_some() || matches!(turn.role, Role::Chair | Role::Resident)
}

fn is_right(truth: &Turn, turn: &Turn) -> bool {
    match (&truth.person, truth.role) {
        (_, Role::Chair) if turn.role == Role::Chair => true,
        (Some(person), _) => turn.person.as_ref() == Some(person),
        (None, role) => turn.person.is_none() && turn.role == role,
    }
}
