//! How much of what was said can be searched: lengths and counts, no words.

use serde::{Deserialize, Serialize};

/// What of one or of several meetings can be searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextExtent {
    /// How long somebody speaks in what is public, in milliseconds; of a record, as far as it tells times.
    pub speech_ms: u64,
    /// What of the recordings has no words though somebody may speak there, in milliseconds: the recogniser failed,
    /// or sound is missing.
    pub unheard_ms: u64,
    /// Words.
    pub words: u64,
    /// Those that the recogniser is not sure of.
    pub doubtful_words: u64,
}

impl std::ops::AddAssign for TextExtent {
    fn add_assign(&mut self, other: Self) {
        self.speech_ms += other.speech_ms;
        self.unheard_ms += other.unheard_ms;
        self.words += other.words;
        self.doubtful_words += other.doubtful_words;
    }
}
