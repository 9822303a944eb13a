//! What the program and its decoder process say to each other over pipes: length-prefixed frames.
//! Owns their form; refuses what is longer than any of them.
//!
//! A frame is a little-endian `u32` length, a byte for its kind, then that many bytes: JSON, or
//! for sound the samples as little-endian `f32`.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::{ChannelNumber, ErrorKind, PublicSpans, SoundChoice, Span};

use super::MediaInfo;

/// Raised with every change of the frames; parent and child are the same program, so a difference
/// means that the program was replaced while running.
pub(super) const VERSION: u32 = 1;

/// Longer frames are refused: a block is about a second of sound (64 KB), at worst that and what
/// the resampler gives at once.
const LONGEST_FRAME: u32 = 16 << 20;

const JSON: u8 = b'j';
const SOUND: u8 = b's';

/// The parent's only frame.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// [`VERSION`].
    pub(super) version: u32,
    /// Bytes of the file's name, which need not be UTF-8.
    path: Vec<u8>,
    pub(super) by: By,
    pub(super) task: Task,
}

/// What the child is to do with the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Task {
    /// Answer with `Opened` and `End`.
    Probe,
    Decode(Decode),
}

/// Which sound is wanted, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Decode {
    pub(super) public: PublicSpans,
    pub(super) choice: SoundChoice,
    /// Samples at 16 kHz that are there already.
    pub(super) from: u64,
}

/// Which decoder may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum By {
    /// symphonia, and ffmpeg where it does not know how to go on.
    Either,
    /// symphonia has crashed on this file.
    Ffmpeg,
}

/// What decoding brings; after `End` and `Failed` nothing follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Event {
    Opened(MediaInfo),
    Missing(Span),
    Spoken(Span, ChannelNumber),
    /// The work goes on.
    Alive,
    /// Crosses the pipe as a frame of its own.
    #[serde(skip)]
    Block(Vec<f32>),
    End,
    Failed(ErrorKind, String),
}

impl Request {
    pub(super) fn new(path: &Path, by: By, task: Task) -> Self {
        Self { version: VERSION, path: path.as_os_str().as_bytes().to_vec(), by, task }
    }

    pub(super) fn path(&self) -> PathBuf {
        OsString::from_vec(self.path.clone()).into()
    }
}

pub(super) fn write_request(to: &mut impl Write, request: &Request) -> io::Result<()> {
    write_frame(to, JSON, &serde_json::to_vec(request)?)
}

pub(super) fn read_request(from: &mut impl Read) -> io::Result<Request> {
    let frame = read_frame(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(serde_json::from_slice(&frame.1)?)
}

pub(super) fn write_event(to: &mut impl Write, event: &Event) -> io::Result<()> {
    match event {
        Event::Block(samples) => {
            let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
            write_frame(to, SOUND, &bytes)
        }
        event => write_frame(to, JSON, &serde_json::to_vec(event)?),
    }
}

/// The next event; `None` at the end of the stream.
pub(super) fn read_event(from: &mut impl Read) -> io::Result<Option<Event>> {
    let Some((kind, bytes)) = read_frame(from)? else { return Ok(None) };
    if kind == JSON {
        return Ok(Some(serde_json::from_slice(&bytes)?));
    }
    let (samples, rest) = bytes.as_chunks::<4>();
    if kind != SOUND || !rest.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "neither JSON nor sound"));
    }
    Ok(Some(Event::Block(samples.iter().map(|b| f32::from_le_bytes(*b)).collect())))
}

fn write_frame(to: &mut impl Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|l| *l <= LONGEST_FRAME);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "long frame"))?;
    let [a, b, c, d] = length.to_le_bytes();
    to.write_all(&[a, b, c, d, kind])?;
    to.write_all(bytes)?;
    to.flush()
}

fn read_frame(from: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut head = [0; 5];
    match from.read_exact(&mut head) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let [a, b, c, d, kind] = head;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length > LONGEST_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "long frame"));
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some((kind, bytes)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sound_crosses_the_pipe_unchanged(samples in proptest::collection::vec(-1.0f32..1.0, 0..99)) {
            let mut pipe = Vec::new();
            let block = Event::Block(samples);
            write_event(&mut pipe, &block).unwrap();
            prop_assert_eq!(read_event(&mut pipe.as_slice()).unwrap(), Some(block));
        }

        #[test]
        fn any_name_of_a_file_crosses_the_pipe(name in proptest::collection::vec(1u8.., 1..40)) {
            let path = PathBuf::from(OsString::from_vec(name));
            let mut pipe = Vec::new();
            write_request(&mut pipe, &Request::new(&path, By::Either, Task::Probe)).unwrap();
            prop_assert_eq!(read_request(&mut pipe.as_slice()).unwrap().path(), path);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read_event(&mut bytes.as_slice());
            let _ = read_request(&mut bytes.as_slice());
        }
    }
}
