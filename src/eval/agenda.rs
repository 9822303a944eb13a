//! How well agenda items were found: share of speech time under the right item, and F1 of the
//! items' starts (facts: boundary F1 at ±10 s and ±30 s is what printed work reports).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Curve, CutScore, Truth, f1, share};
use crate::domain::{Alignment, ItemAlignment, MediaTime, Transcript};

/// Counts that add up over cases; the measures are methods.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AgendaScore {
    /// Spoken time in milliseconds: the sum of all words' lengths.
    pub speech_ms: f64,
    /// Of that, under the right item. Under several items called together, their overlap
    /// (intersection by union) counts; outside every item, "none" is right.
    pub right_ms: f64,
    /// Starts of items in the truth.
    pub starts: usize,
    /// Starts of items in the result.
    pub found: usize,
    /// Starts found within 10 s, of the same item.
    pub within_10_s: usize,
    /// Starts found within 30 s, of the same item.
    pub within_30_s: usize,
    /// Items with spans and confidence above 0.9.
    pub confident: usize,
    /// Of those, whose first start lies within 30 s of a true one.
    pub confident_right: usize,
    /// Items that the truth gives a place.
    pub treated: usize,
    /// Confidence against coverage, by items.
    pub curve: Curve,
    /// How well the meeting is cut, second by second.
    pub cuts: CutScore,
}

impl AgendaScore {
    /// Share of speech time under the right item, 0..=1.
    pub fn time_share(&self) -> f64 {
        share(self.right_ms, self.speech_ms)
    }

    /// F1 of item starts within 10 s, 0..=1.
    pub fn f1_10_s(&self) -> f64 {
        f1(self.within_10_s, self.found, self.starts)
    }

    /// F1 of item starts within 30 s, 0..=1.
    pub fn f1_30_s(&self) -> f64 {
        f1(self.within_30_s, self.found, self.starts)
    }

    /// Share of items with confidence above 0.9 that are right, 0..=1.
    pub fn confident_share(&self) -> f64 {
        share(self.confident_right as f64, self.confident as f64)
    }
}

impl AddAssign for AgendaScore {
    fn add_assign(&mut self, other: Self) {
        self.speech_ms += other.speech_ms;
        self.right_ms += other.right_ms;
        self.starts += other.starts;
        self.found += other.found;
        self.within_10_s += other.within_10_s;
        self.within_30_s += other.within_30_s;
        self.confident += other.confident;
        self.confident_right += other.confident_right;
        self.treated += other.treated;
        self.curve += other.curve;
        self.cuts += other.cuts;
    }
}

/// The counts, and the measures that follow from them.
impl Serialize for AgendaScore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("AgendaScore", 17)?;
        shown.serialize_field("time_share", &self.time_share())?;
        shown.serialize_field("f1_10_s", &self.f1_10_s())?;
        shown.serialize_field("f1_30_s", &self.f1_30_s())?;
        shown.serialize_field("confident_share", &self.confident_share())?;
        shown.serialize_field("pk", &self.cuts.pk())?;
        shown.serialize_field("window_diff", &self.cuts.window_diff())?;
        shown.serialize_field("speech_ms", &self.speech_ms)?;
        shown.serialize_field("right_ms", &self.right_ms)?;
        shown.serialize_field("starts", &self.starts)?;
        shown.serialize_field("found", &self.found)?;
        shown.serialize_field("within_10_s", &self.within_10_s)?;
        shown.serialize_field("within_30_s", &self.within_30_s)?;
        shown.serialize_field("confident", &self.confident)?;
        shown.serialize_field("confident_right", &self.confident_right)?;
        shown.serialize_field("treated", &self.treated)?;
        shown.serialize_field("curve", &self.curve)?;
        shown.serialize_field("cuts", &self.cuts)?;
        shown.end()
    }
}

/// A table in German, one measure a line.
impl fmt::Display for AgendaScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Redezeit unter dem richtigen Punkt  {:6.2} %", 100.0 * self.time_share())?;
        writeln!(f, "Grenzen, F1 bei ±10 s               {:6.3}", self.f1_10_s())?;
        writeln!(f, "Grenzen, F1 bei ±30 s               {:6.3}", self.f1_30_s())?;
        writeln!(
            f,
            "sichere Punkte (> 0,9) richtig      {:6.2} %",
            100.0 * self.confident_share()
        )?;
        writeln!(
            f,
            "Schnitte, Fehler je Sekunde         Pk {:.3}, WindowDiff {:.3}",
            self.cuts.pk(),
            self.cuts.window_diff()
        )?;
        writeln!(f, "Punkte: {} wahre Anfänge, {} gefunden", self.starts, self.found)?;
        self.curve.write(f, self.treated)
    }
}

/// Measures an alignment's items against the truth. `transcript` gives the spoken time; it may be
/// the one aligned, or one made of the truth's words.
pub fn agenda(truth: &Truth, alignment: &Alignment, transcript: &Transcript) -> AgendaScore {
    let (wanted, found) = (Cover::new(&truth.items), Cover::new(&alignment.items));
    let mut score = AgendaScore::default();
    for word in &transcript.words {
        let middle = MediaTime::from_millis((word.start_ms.millis() + word.end_ms.millis()) / 2);
        let length = word.end_ms.since(word.start_ms) as f64;
        score.speech_ms += length;
        score.right_ms += length * overlap(wanted.at(middle), found.at(middle));
    }
    let (wanted, found) = (starts(&truth.items), starts(&alignment.items));
    score.treated = wanted.len();
    score.starts = wanted.values().map(Vec::len).sum();
    score.found = found.values().map(Vec::len).sum();
    score.within_10_s = matched(&wanted, &found, 10_000);
    score.within_30_s = matched(&wanted, &found, 30_000);
    for item in &alignment.items {
        let Some(first) = item.spans.first() else { continue };
        let right = wanted.get(item.id.as_str()).is_some_and(|starts| {
            starts.iter().any(|s| s.abs_diff(first.start().millis()) <= 30_000)
        });
        score.curve.count(item.confidence, right);
        if item.confidence > 0.9 {
            score.confident += 1;
            score.confident_right += usize::from(right);
        }
    }
    score.cuts = cuts(truth, alignment, transcript);
    score
}

/// What holds at each second of the recording, compared.
fn cuts(truth: &Truth, alignment: &Alignment, transcript: &Transcript) -> CutScore {
    let (wanted, found) = (Cover::new(&truth.items), Cover::new(&alignment.items));
    let seconds = transcript.media.duration_ms.millis() / 1000;
    let line = |cover: &Cover| -> Vec<BTreeSet<String>> {
        let at = |second| cover.at(MediaTime::from_millis(1000 * second + 500));
        (0..seconds).map(|s| at(s).iter().map(|item| (*item).to_owned()).collect()).collect()
    };
    CutScore::compare(&line(&wanted), &line(&found))
}

fn overlap(wanted: &BTreeSet<&str>, found: &BTreeSet<&str>) -> f64 {
    let union = wanted.union(found).count();
    share(wanted.intersection(found).count() as f64, union as f64)
}

/// Which items hold at a time, as pieces in order.
struct Cover<'a> {
    pieces: Vec<(u64, BTreeSet<&'a str>)>,
}

impl<'a> Cover<'a> {
    fn new(items: &'a [ItemAlignment]) -> Self {
        let mut events: BTreeMap<u64, Vec<(&str, isize)>> = BTreeMap::from([(0, Vec::new())]);
        for item in items {
            for span in &item.spans {
                events.entry(span.start().millis()).or_default().push((item.id.as_str(), 1));
                events.entry(span.end().millis()).or_default().push((item.id.as_str(), -1));
            }
        }
        let mut open: BTreeMap<&str, isize> = BTreeMap::new();
        let mut pieces = Vec::new();
        for (time, changes) in events {
            for (item, change) in changes {
                *open.entry(item).or_default() += change;
            }
            let now = open.iter().filter(|(_, n)| **n > 0).map(|(item, _)| *item).collect();
            pieces.push((time, now));
        }
        Self { pieces }
    }

    fn at(&self, time: MediaTime) -> &BTreeSet<&'a str> {
        let after = self.pieces.partition_point(|(start, _)| *start <= time.millis());
        &self.pieces[after.max(1) - 1].1
    }
}

fn starts(items: &[ItemAlignment]) -> BTreeMap<&str, Vec<u64>> {
    items
        .iter()
        .filter(|item| !item.spans.is_empty())
        .map(|item| (item.id.as_str(), item.spans.iter().map(|s| s.start().millis()).collect()))
        .collect()
}

/// How many true starts have a found start of the same item within `tolerance` ms, one to one.
fn matched(
    wanted: &BTreeMap<&str, Vec<u64>>,
    found: &BTreeMap<&str, Vec<u64>>,
    tolerance: u64,
) -> usize {
    let mut right = 0;
    for (item, times) in wanted {
        let mut left = found.get(item).cloned().unwrap_or_default();
        for time in times {
            let nearest = (0..left.len()).min_by_key(|i| left[*i].abs_diff(*time));
            if let Some(i) = nearest.filter(|i| left[*i].abs_diff(*time) <= tolerance) {
                left.remove(i);
                right += 1;
            }
        }
    }
    right
}
