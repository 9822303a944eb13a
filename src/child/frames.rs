//! What crosses the pipes between the program and its children: length-prefixed frames. Owns their
//! form; refuses what is longer than any of them.
//!
//! A frame is a little-endian `u32` length, a byte for its kind, then that many bytes: JSON (`j`),
//! or sound (`s`), the samples as little-endian `f32`.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer frames are refused: a window of 30 s is 1.9 MB, what is said of it and a decoder's block
/// of sound are far less.
const LONGEST_FRAME: u32 = 16 << 20;

const JSON: u8 = b'j';
const SOUND: u8 = b's';

/// What one frame holds.
#[derive(Clone, Debug, PartialEq)]
pub enum PipeFrame<T> {
    /// A message.
    Message(T),
    /// Samples.
    Sound(Vec<f32>),
}

/// Writes a message.
///
/// # Errors
/// Those of the pipe; `InvalidInput` where it is too long.
pub fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    write_frame(to, JSON, &serde_json::to_vec(message)?)
}

/// Writes samples.
///
/// # Errors
/// As [`write`].
pub fn write_sound(to: &mut impl Write, samples: &[f32]) -> io::Result<()> {
    let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    write_frame(to, SOUND, &bytes)
}

/// The next frame; `None` at the end of the stream.
///
/// # Errors
/// Those of the pipe; `InvalidData` where it is no frame.
pub fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<PipeFrame<T>>> {
    let Some((kind, bytes)) = read_frame(from)? else { return Ok(None) };
    let (samples, rest) = bytes.as_chunks::<4>();
    match kind {
        JSON => Ok(Some(PipeFrame::Message(serde_json::from_slice(&bytes)?))),
        SOUND if rest.is_empty() => {
            Ok(Some(PipeFrame::Sound(samples.iter().map(|b| f32::from_le_bytes(*b)).collect())))
        }
        _ => Err(invalid("neither a message nor sound")),
    }
}

/// The next frame, which must be a message; `None` at the end of the stream.
///
/// # Errors
/// As [`read`].
pub fn read_message<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    match read(from)? {
        Some(PipeFrame::Message(message)) => Ok(Some(message)),
        Some(PipeFrame::Sound(_)) => Err(invalid("sound instead of a message")),
        None => Ok(None),
    }
}

/// The next frame, which must be sound; `None` at the end of the stream.
///
/// # Errors
/// As [`read`].
pub fn read_sound(from: &mut impl Read) -> io::Result<Option<Vec<f32>>> {
    match read::<serde::de::IgnoredAny>(from)? {
        Some(PipeFrame::Sound(samples)) => Ok(Some(samples)),
        Some(PipeFrame::Message(_)) => Err(invalid("a message instead of sound")),
        None => Ok(None),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
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
        return Err(invalid("long frame"));
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
        fn what_is_written_is_read(samples: Vec<f32>, message: String) {
            let mut pipe = Vec::new();
            write_sound(&mut pipe, &samples).unwrap();
            write(&mut pipe, &message).unwrap();
            let mut pipe = pipe.as_slice();
            let Some(PipeFrame::Sound(heard)) = read::<String>(&mut pipe).unwrap() else { panic!() };
            let bits = |s: &[f32]| s.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&heard), bits(&samples));
            prop_assert_eq!(read_message::<String>(&mut pipe).unwrap(), Some(message));
            prop_assert_eq!(read_message::<String>(&mut pipe).unwrap(), None);
        }

        #[test]
        fn what_does_not_belong_is_refused(samples: Vec<f32>, message: String, extra in 1usize..4) {
            let mut sound = Vec::new();
            write_sound(&mut sound, &samples).unwrap();
            prop_assert!(read_message::<String>(&mut sound.as_slice()).is_err());
            let mut told = Vec::new();
            write(&mut told, &message).unwrap();
            prop_assert!(read_sound(&mut told.as_slice()).is_err());
            let mut half = Vec::new();
            write_frame(&mut half, SOUND, &vec![0; samples.len() * 4 + extra]).unwrap();
            prop_assert!(read_sound(&mut half.as_slice()).is_err());
            let long = [&(LONGEST_FRAME + 1).to_le_bytes()[..], &[SOUND], &sound].concat();
            prop_assert!(read_sound(&mut long.as_slice()).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read::<serde_json::Value>(&mut bytes.as_slice());
        }
    }
}
