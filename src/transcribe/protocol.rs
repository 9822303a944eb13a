//! What parent and engine process say to each other, in frames over pipes. The parent says
//! [`Hello`], then for every window [`Ask`] and its sound; the child answers in the order in which
//! it is done.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{DecodingStrategy, Segment, Settings};

/// Raised with every change of the frames; parent and child are the same program, so a difference
/// means that the program was replaced while running.
pub const VERSION: u32 = 3;

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
