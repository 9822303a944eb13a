//! What a recogniser is to the rest of the program: windows of sound in, tokens out, several at a time and
//! in any order; the same over pipes to the engine process, where the parent says [`Hello`], then for every
//! window [`Ask`] and its sound, and the child answers in the order in which it is done; and, for tests of
//! everything around the real one, a recogniser that gives back prepared answers. Owns the types; refuses
//! to decide what to try next.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::DecodingSettings;

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
    /// How words are looked for first.
    #[serde(default, skip_serializing_if = "DecodingSettings::is_usual")]
    pub decoding: DecodingSettings,
}

impl Settings {
    /// What is tried first for a window.
    pub fn first(&self) -> DecodingStrategy {
        DecodingStrategy::Beam(self.decoding.beams)
    }
}

/// Which cross-attention heads of the model follow the sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aligner {
    /// None: tokens get no times, and words are placed by loudness and length alone. (Whisper's own
    /// token times mean nothing without timestamp tokens: they are 8 to 10 s off.)
    Loudness,
    /// The heads that whisper.cpp lists for a published model ("small").
    Preset(String),
    /// All heads of so many last layers of the decoder.
    LastLayers(u32),
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
    /// Where it ends, in milliseconds from the window's start; `None` where the model does not say.
    #[serde(default)]
    pub end_ms: Option<u32>,
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

/// What a prepared recogniser says to a request.
pub type PreparedAnswer = Result<Vec<Segment>, RecognizerError>;

/// Answers each request by a rule; the last one submitted is answered first, which is the most
/// unkind order there is.
pub struct Replay<F> {
    settings: Settings,
    rule: F,
    waiting: VecDeque<RecognitionRequest>,
    /// Every request it was given, in order.
    pub asked: Vec<RecognitionRequest>,
}

impl<F: FnMut(&RecognitionRequest) -> PreparedAnswer> Replay<F> {
    /// A recogniser with this rule.
    pub fn new(settings: Settings, rule: F) -> Self {
        Self { settings, rule, waiting: VecDeque::new(), asked: Vec::new() }
    }
}

impl<F: FnMut(&RecognitionRequest) -> PreparedAnswer> Recognizer for Replay<F> {
    fn capacity(&self) -> usize {
        3
    }

    fn submit(&mut self, request: RecognitionRequest) {
        self.asked.push(request.clone());
        self.waiting.push_back(request);
    }

    fn answer(&mut self) -> Option<(u64, PreparedAnswer)> {
        let request = self.waiting.pop_back()?;
        Some((request.id, (self.rule)(&request)))
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Raised with every change of the frames; parent and child are the same program, so a difference
/// means that the program was replaced while running.
pub const VERSION: u32 = 5;

/// The parent's first frame; windows of sound follow.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u32,
    /// The model file, already verified.
    pub model: PathBuf,
    /// How to recognise.
    pub settings: Settings,
    /// Windows to work on at once, each with a state of its own.
    pub jobs: u32,
    /// Threads for each of them.
    pub threads: u32,
}

/// Announces a window; its sound is the next frame.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ask {
    /// Given back with the answer.
    pub id: u64,
    /// How to look for the words.
    pub search: DecodingStrategy,
    /// Token ids before the window's own.
    pub prompt: Vec<i32>,
}

/// The child's answer to [`Hello`] and to every window.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// The model is loaded.
    Ready,
    /// The model cannot be loaded, and why.
    Unloadable(String),
    /// What was heard in the window with this id.
    Heard(u64, Vec<Segment>),
    /// The window with this id could not be done, and why.
    Failed(u64, String),
}
