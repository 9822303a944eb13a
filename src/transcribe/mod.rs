//! From sound to a transcript: windows cut at pauses, recognised side by side, words with true
//! times. Owns windows, the engine process, policy and guards; refuses files, databases, agendas.
//!
//! The files lie in layers; each uses only files of the lines above it, and those before it in its
//! own:
//! 1. requests and answers: `recognizer`, `journal`; what is heard at once: `windows`
//! 2. recognisers: `whisper` (the engine process), `engine` (the parent's end of it)
//! 3. what is known beforehand: `tokenizer`, `vocabulary`, `names`
//! 4. judging answers: `policy`, `credits`, `guards`, `hints`
//! 5. from answers to a transcript: `words`, `sentences`, `utterances`
//! 6. the whole: `run`, `calibration`

mod calibration;
mod credits;
mod engine;
mod guards;
mod hints;
mod journal;
mod names;
mod policy;
mod recognizer;
mod run;
mod sentences;
mod tokenizer;
mod utterances;
mod vocabulary;
mod whisper;
mod windows;
mod words;

pub use calibration::{candidates, first_windows, quickest};
pub use engine::{Effort, EngineProcess, Patience};
pub use hints::Hints;
pub use journal::{FolderJournal, Journal, RecognitionInputs};
pub use names::{Corrector, correct, names};
pub use recognizer::{
    Aligner, DecodingStrategy, RecognitionRequest, Recognizer, RecognizerError, Replay, Segment,
    Settings, Token,
};
pub use run::{Reached, Sound, Task, cuts, transcribe};
pub use tokenizer::Tokenizer;
pub use utterances::label;
pub use vocabulary::{RecordingVocabulary, Term, TermKind, is_echo};
pub use whisper::{serve as serve_engine, version as engine_version};
pub use windows::{Cut, Ends, Window};

/// Raised when the same sound and settings would give another text; part of the stage's key.
pub const VERSION: u32 = 8;

/// Milliseconds of the detector's frames, in which windows are cut.
pub use crate::vad::FRAME_MS;

/// Samples per second of everything in this module: mono, -1..=1.
pub const SAMPLE_RATE: u64 = 16_000;

#[cfg(test)]
mod tests;
