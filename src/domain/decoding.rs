//! How the recogniser looks for words, as far as that is set.

use serde::{Deserialize, Serialize};

/// To be set in `mitschnitt.toml` under `[decoding]`. It decides the text, so changing it makes transcripts anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecodingSettings {
    /// How many hypotheses are followed side by side (Whisper's `beam_size`), 1 to 8; with 1 the most probable piece of
    /// a word is taken each time: sooner done, and more words are wrong (docs/recognition.md).
    pub beams: u32,
}

impl Default for DecodingSettings {
    fn default() -> Self {
        Self { beams: 5 }
    }
}

impl DecodingSettings {
    /// Whether it is as usual: texts made before it could be set count as made with it.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it, if anything, in words for the operator.
    pub fn complaint(&self) -> Option<&'static str> {
        (!(1..=8).contains(&self.beams)).then_some("beams liegt zwischen 1 und 8")
    }
}
