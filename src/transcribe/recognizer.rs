//! What a recogniser is to the rest of the program: sound of one window in, tokens out.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Turns the sound of one window into tokens. Each call stands alone: what was heard before never
/// changes what is heard now.
pub trait Recognizer {
    /// Recognises one window of 16 kHz mono sound, no longer than [`Settings::window_ms`].
    ///
    /// # Errors
    /// Where this window cannot be done; the next one may.
    fn recognize(&mut self, samples: &[f32]) -> Result<Vec<Segment>, RecognizerError>;

    /// What it was set to.
    fn settings(&self) -> &Settings;
}

/// Everything beside model and sound that decides the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Language code, "de".
    pub language: String,
    /// The longest window that the model takes, in milliseconds.
    pub window_ms: u32,
    /// Encoder frames of 20 ms; 0 is the model's full context.
    pub audio_ctx: u32,
    /// Beams of the search; 1 is greedy.
    pub beam: u32,
    /// Where the model's word times come from.
    pub aligner: Aligner,
}

/// Which cross-attention heads of the model follow the sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aligner {
    /// No alignment heads are known: whisper's own token times.
    TokenTimes,
    /// The heads that whisper.cpp lists for a published model ("small").
    Preset(String),
    /// (text layer, head) pairs from the model's card.
    Heads(Vec<(u32, u32)>),
}

/// The recogniser's raw output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Probability that nobody speaks.
    pub no_speech: f32,
    /// Its text tokens in order.
    pub tokens: Vec<Token>,
}

/// A piece of text; a word's first piece starts with a space. May be part of a UTF-8 sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The bytes of the text.
    pub bytes: Vec<u8>,
    /// Probability given to it, 0..=1.
    pub probability: f32,
    /// Where it ends, in milliseconds from the window's start.
    pub end_ms: u32,
}

/// Why a window could not be recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognizerError(pub String);

impl fmt::Display for RecognizerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecognizerError {}
