//! Measures against truth files: pure functions from truth and result to scores that add up over
//! cases. Owns the definitions of the measures; reads no files.

mod agenda;
mod curve;
mod names;
pub mod normalize;
mod ranking;
mod segmentation;
mod speakers;
mod wer;
mod words;

pub use agenda::{AgendaScore, agenda};
pub use curve::{Curve, CurvePoint};
pub use names::{NameCounts, NameScore, names};
pub use ranking::{JudgedQuery, RankingScore, RankingSums};
pub use segmentation::CutScore;
pub use speakers::{SpeakerScore, speakers};
pub use wer::{WerScore, wer, wer_of_words};
pub use words::WordTimes;

use serde::{Deserialize, Serialize};

use crate::domain::{ItemAlignment, Turn, Word};

/// `truth.json`: what was really said, by whom, under which item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Every item; one never reached has no spans, items called together share theirs.
    #[serde(default)]
    pub items: Vec<ItemAlignment>,
    /// Every turn in order. For the chair `role` is enough.
    #[serde(default)]
    pub turns: Vec<Turn>,
    /// Every word, where the truth is that fine.
    #[serde(default)]
    pub words: Vec<SaidWord>,
}

/// A word that was really said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaidWord {
    /// The word and its place.
    #[serde(flatten)]
    pub word: Word,
    /// Whether its start is only known roughly, and so not measured against.
    #[serde(default)]
    pub estimated: bool,
}

impl Truth {
    /// The words alone.
    pub fn plain_words(&self) -> Vec<Word> {
        self.words.iter().map(|said| said.word.clone()).collect()
    }
}

/// `part / whole`, and 1 where there is nothing to get right.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}

/// F1 from right, found and wanted counts.
fn f1(right: usize, found: usize, wanted: usize) -> f64 {
    share(2.0 * right as f64, (found + wanted) as f64)
}
