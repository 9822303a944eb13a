//! Looks whether the sound of a FLAC file goes on in another form than its header says. Owns the
//! reading of frame headers, by RFC 9639, 9.1; refuses to decode.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of the longest frame header.
const LONGEST_HEADER: usize = 16;

/// Bytes that look like a frame header with the right checksum come by chance once in some ten
/// megabytes; so many that are numbered one behind the other do not.
const IN_A_ROW: u32 = 3;

/// Samples of the longest frame: the largest step between the numbers of frames.
const LONGEST_FRAME: u64 = 65_536;

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FlacFrame {
    channels: u32,
    /// `None` where it is that of the file.
    rate: Option<u32>,
    /// Of the frame, or of its first sample.
    number: u64,
}

/// Whether there are frames of another number of channels or another rate.
///
/// # Errors
/// Those of reading the file.
pub(super) fn changes_form(path: &Path, channels: u32, rate: u32) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    let mut last: Option<FlacFrame> = None;
    let mut in_a_row = 0;
    loop {
        let read = file.by_ref().take(1 << 20).read_to_end(&mut bytes)?;
        let is_end = read == 0;
        // The last bytes wait for those behind them.
        let until = bytes.len().saturating_sub(if is_end { 0 } else { LONGEST_HEADER });
        for at in 0..until {
            if bytes[at] != 0xFF || bytes.get(at + 1).is_none_or(|b| b & 0xFE != 0xF8) {
                continue;
            }
            let Some(frame) = header(&bytes[at..]) else { continue };
            if frame.channels == channels && frame.rate.is_none_or(|r| r == rate) {
                continue;
            }
            let follows = last.is_some_and(|last| {
                let step = frame.number.wrapping_sub(last.number);
                (1..=LONGEST_FRAME).contains(&step)
                    && (frame.channels, frame.rate) == (last.channels, last.rate)
            });
            in_a_row = if follows { in_a_row + 1 } else { 1 };
            if in_a_row >= IN_A_ROW {
                return Ok(true);
            }
            last = Some(frame);
        }
        if is_end {
            return Ok(false);
        }
        bytes.drain(..until);
    }
}

/// Reads the header at the start of `bytes`, if there is one.
fn header(bytes: &[u8]) -> Option<FlacFrame> {
    let (&size_and_rate, &form) = (bytes.get(2)?, bytes.get(3)?);
    let (size, rate, channels) = (size_and_rate >> 4, size_and_rate & 15, form >> 4);
    if size == 0 || rate == 15 || channels > 10 || form & 1 != 0 || form >> 1 & 7 == 3 {
        return None;
    }
    let (number, length) = number(bytes.get(4..)?)?;
    let mut at = 4 + length;
    at += match size {
        6 => 1,
        7 => 2,
        _ => 0,
    };
    let big_endian = |at: usize, count: usize| -> Option<u32> {
        Some(bytes.get(at..at + count)?.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
    };
    let (rate, length) = match rate {
        0 => (None, 0),
        12 => (Some(big_endian(at, 1)? * 1000), 1),
        13 => (Some(big_endian(at, 2)?), 2),
        14 => (Some(big_endian(at, 2)? * 10), 2),
        n => (Some(RATES[usize::from(n)]), 0),
    };
    at += length;
    let is_whole = crc8(bytes.get(..at)?) == *bytes.get(at)?;
    let channels = if channels < 8 { u32::from(channels) + 1 } else { 2 };
    is_whole.then_some(FlacFrame { channels, rate, number })
}

/// Samples per second by their code.
const RATES: [u32; 12] =
    [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

/// A number coded like a character of UTF-8, of up to seven bytes, and how many they are.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = match first.leading_ones() as usize {
        0 => return Some((u64::from(first), 1)),
        1 | 8 => return None,
        length => length,
    };
    let mut number = u64::from(first) & ((1u64 << (7 - length.min(7))) - 1);
    for byte in bytes.get(1..length)? {
        if byte & 0xC0 != 0x80 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3F);
    }
    Some((number, length))
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |c, _| if c & 0x80 != 0 { c << 1 ^ 7 } else { c << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of a frame of 4096 samples, with 16 bits.
    fn frame(channels: u8, rate: u8, number: u8) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xF8, 0xC0 | rate, (channels - 1) << 4 | 8, number];
        bytes.push(crc8(&bytes));
        bytes
    }

    #[test]
    fn frames_of_another_form_are_found_and_bytes_like_one_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.flac");
        let says = |frames: &[Vec<u8>]| {
            let padding = [0x55; 400];
            std::fs::write(&path, frames.join(&padding[..])).unwrap();
            changes_form(&path, 1, 16_000).unwrap()
        };
        let same: Vec<_> = (0..9).map(|n| frame(1, 5, n)).collect();
        assert!(!says(&same));
        let more: Vec<_> = (0..9).map(|n| frame(2, 5, n)).collect();
        assert!(says(&[same.clone(), more].concat()));
        let faster: Vec<_> = (0..9).map(|n| frame(1, 10, n)).collect();
        assert!(says(&[same.clone(), faster].concat()));
        let chance = [frame(2, 5, 7), frame(3, 5, 90), frame(2, 5, 4)].to_vec();
        assert!(!says(&[same, chance].concat()));
    }
}
