//! Sound of a recording as 16 kHz mono on its true time line, and public copies of recordings.
//! The only user of symphonia and ffmpeg; refuses to deliver, or to copy, what is not public.

mod child;
mod decode;
mod demux;
mod ffmpeg;
mod holes;
mod limits;
mod local;
mod loudness;
mod mask;
mod mp4;
mod outlet;
mod protocol;
mod publish;
mod resample;
mod serve;
mod split;
mod stream;
mod timeline;
mod tracks;

#[cfg(test)]
mod tests;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::{Error, MediaTime, Result};

pub use child::Decoder;
pub use loudness::Loudness;
pub use publish::{PublicCopy, publish};
pub use serve::serve as serve_decoder;
pub use stream::{AudioStream, open, probe};
pub use tracks::AudioTrack;

/// Samples per second of all sound in this program.
pub const SAMPLE_RATE: u32 = 16_000;

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

/// The file's name as messages give it.
fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Refuses what is not there, not readable or empty, before any demuxer sees it.
fn check_file(path: &Path) -> Result<()> {
    // Asked before it is opened: opening a pipe waits for its writer.
    let found = std::fs::metadata(path);
    let readable =
        found.and_then(|m| if m.is_file() { std::fs::File::open(path).map(|_| m) } else { Ok(m) });
    let file = readable.map_err(|e| {
        let error = Error::bad_input(format!("{}: lässt sich nicht öffnen", name(path)));
        error.because(e).remedy("Bitte Pfad und Leserechte prüfen")
    })?;
    if file.is_dir() {
        return Err(Error::bad_input(format!("{}: ist ein Ordner", name(path)))
            .remedy("Bitte die Aufnahme selbst angeben"));
    }
    if !file.is_file() {
        // A pipe could be read once only, and for ever.
        return Err(Error::bad_input(format!("{}: ist keine Datei", name(path)))
            .remedy("Bitte die Aufnahme erst speichern"));
    }
    if file.len() == 0 {
        return Err(Error::bad_input(format!("{}: die Datei ist leer", name(path)))
            .remedy("Bitte die Aufnahme noch einmal übertragen"));
    }
    Ok(())
}
