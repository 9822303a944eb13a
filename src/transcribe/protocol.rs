//! What parent and engine process say to each other over pipes: length-prefixed frames.
//!
//! A frame is a little-endian `u32` length, then that many bytes: JSON, or for sound the samples as
//! little-endian `f32`. The parent says [`Hello`], then for every window [`Ask`] and its sound; the
//! child answers in the order in which it is done.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Search, Segment, Settings};

/// Raised with every change of the frames; parent and child are the same program, so a difference
/// means that the program was replaced while running.
pub const VERSION: u32 = 2;

/// Longer frames are refused: no window comes near (30 s of sound are 1.9 MB).
const LONGEST_FRAME: u32 = 64 << 20;

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
    pub search: Search,
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

/// Writes a value as a JSON frame.
pub fn write_json(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_frame(to, &serde_json::to_vec(value)?)
}

/// Reads a JSON frame; `None` at the end of the stream.
pub fn read_json<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    read_frame(from)?.map(|f| serde_json::from_slice(&f).map_err(Into::into)).transpose()
}

/// Writes a window of sound.
pub fn write_samples(to: &mut impl Write, samples: &[f32]) -> io::Result<()> {
    let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    write_frame(to, &bytes)
}

/// Reads a window of sound; `None` at the end of the stream.
pub fn read_samples(from: &mut impl Read) -> io::Result<Option<Vec<f32>>> {
    let Some(frame) = read_frame(from)? else { return Ok(None) };
    let (samples, rest) = frame.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "half a sample"));
    }
    Ok(Some(samples.iter().map(|b| f32::from_le_bytes(*b)).collect()))
}

fn write_frame(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|l| *l <= LONGEST_FRAME);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "long frame"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(length);
    if length > LONGEST_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "long frame"));
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn samples_cross_the_pipe_unchanged(samples: Vec<f32>) {
            let mut pipe = Vec::new();
            write_samples(&mut pipe, &samples).unwrap();
            let read = read_samples(&mut pipe.as_slice()).unwrap().unwrap();
            let bits = |s: &[f32]| s.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&read), bits(&samples));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read_json::<Answer>(&mut bytes.as_slice());
            let _ = read_samples(&mut bytes.as_slice());
        }
    }
}
