//! What a file's headers say of its sound, as values. Refuses to read any.

use serde::{Deserialize, Serialize};

use crate::domain::MediaTime;

/// What a file's headers say of its sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaInfo {
    /// Short name of the container ("isomp4", "mkv", "mov"); for people, not for decisions.
    pub container: String,
    /// Short name of the audio codec.
    pub codec: String,
    /// Samples per second; 0 where unknown.
    pub sample_rate: u32,
    /// Channels of the chosen track; 0 where unknown.
    pub channels: u32,
    /// Length of the sound as promised by the headers, which may be wrong.
    pub duration: Option<MediaTime>,
    /// All audio tracks, in the file's order.
    pub tracks: Vec<AudioTrack>,
    /// Whether there is a picture to show.
    pub has_video: bool,
}

/// An audio track of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioTrack {
    /// Its number among the file's audio tracks, from 1.
    pub number: u32,
    /// Its language as the file gives it (ISO 639-2 or BCP 47), if it does.
    pub language: Option<String>,
}
