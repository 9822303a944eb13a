//! What a recogniser is to the rest of the program: windows of sound in, tokens out, several at a
//! time and in any order. Owns the types; refuses to decide what to try next.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Turns windows of sound into tokens. Each answer depends on its request alone: what was heard
/// before never changes what is heard now.
pub trait Recognizer {
    /// How many requests keep it busy; more may be submitted and wait.
    fn capacity(&self) -> usize;

    /// Takes a request. Its `id` must not be that of one still unanswered.
    fn submit(&mut self, request: RecognitionRequest);

    /// Waits for the next answer, whichever request it belongs to; `None` where none is expected.
    fn answer(&mut self) -> Option<(u64, Result<Vec<Segment>, RecognizerError>)>;

    /// What it was set to.
    fn settings(&self) -> &Settings;
}

/// One window to be recognised in one way.
#[derive(Clone, Debug)]
pub struct RecognitionRequest {
    /// Given back with the answer.
    pub id: u64,
    /// 16 kHz mono sound, no longer than [`Settings::window_ms`].
    pub samples: Arc<Vec<f32>>,
    /// How to look for the words.
    pub search: DecodingStrategy,
    /// Token ids that the recogniser is made to believe were said before; empty for none.
    pub prompt: Vec<i32>,
}

/// How the decoder looks for the most probable words.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecodingStrategy {
    /// Always the most probable next token.
    Greedy,
    /// So many hypotheses side by side.
    Beam(u32),
    /// Drawn at this temperature (above 0), the best of five draws, from a fixed seed.
    Sample(f32),
}

/// Everything beside model, sound, search and prompt that decides the tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Language code, "de".
    pub language: String,
    /// The longest window that the recogniser takes, in milliseconds.
    pub window_ms: u32,
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
