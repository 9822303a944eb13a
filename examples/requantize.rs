//! Writes a Whisper model whose matrices are in q8_0 with matrices in q5_1: another model of the same words, for tests
//! of what must outlive another model. `cargo run --example requantize -- whisper-base-q8_0.bin whisper-base-q5_1.bin`
//!
//! The format is whisper.cpp's (ggml): magic, eleven hyperparameters, mel filters, vocabulary, tensors. A block of 32
//! weights is a scale and 32 bytes in q8_0; in q5_1 scale, least weight, the fifth bits of all, and four bits of each.

use std::io::{self, Read};

const MAGIC: u32 = 0x6767_6d6c;
const BLOCK: usize = 32;
/// Types of tensors, and of whole files (with the version of quantization, 2, in the thousands).
const Q8_0: u32 = 8;
const Q5_1: u32 = 7;
const FILE_Q8_0: u32 = 2007;
const FILE_Q5_1: u32 = 2009;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: requantize FROM TO"));
    };
    let whole = std::fs::read(from)?;
    std::fs::write(to, requantized(&whole)?)
}

fn requantized(whole: &[u8]) -> io::Result<Vec<u8>> {
    let mut input = Input { rest: whole };
    let mut output = Vec::with_capacity(whole.len());
    expect(input.peek(0)?, MAGIC, "no ggml file")?;
    expect(input.peek(11)?, FILE_Q8_0, "its matrices are not in q8_0")?;
    output.extend(input.take(11 * 4)?);
    input.take(4)?;
    output.extend(FILE_Q5_1.to_le_bytes());
    let (mels, bins) = (input.peek(0)? as usize, input.peek(1)? as usize);
    output.extend(input.take((2 + mels * bins) * 4)?);
    let tokens = input.peek(0)?;
    output.extend(input.take(4)?);
    for _ in 0..tokens {
        let length = input.peek(0)? as usize;
        output.extend(input.take(4 + length)?);
    }
    while !input.rest.is_empty() {
        let (dimensions, name) = (input.peek(0)? as usize, input.peek(1)? as usize);
        let kind = input.peek(2)?;
        let sizes = (0..dimensions).map(|n| input.peek(3 + n)).collect::<io::Result<Vec<_>>>()?;
        let weights: usize = sizes.iter().map(|size| *size as usize).product();
        let head = input.take((3 + dimensions) * 4 + name)?;
        output.extend(&head[..8]);
        output.extend(if kind == Q8_0 { Q5_1 } else { kind }.to_le_bytes());
        output.extend(&head[12..]);
        match kind {
            0 => output.extend(input.take(weights * 4)?),
            1 => output.extend(input.take(weights * 2)?),
            Q8_0 => {
                let blocks = input.take(weights / BLOCK * (2 + BLOCK))?;
                blocks.chunks_exact(2 + BLOCK).for_each(|block| requantize(block, &mut output));
            }
            other => return Err(io::Error::other(format!("a tensor of type {other}"))),
        }
    }
    Ok(output)
}

/// Writes a block of q8_0 as one of q5_1.
fn requantize(block: &[u8], output: &mut Vec<u8>) {
    let scale = single(u16::from_le_bytes([block[0], block[1]]));
    let weights: Vec<f32> = block[2..].iter().map(|byte| f32::from(*byte as i8) * scale).collect();
    let least = weights.iter().copied().fold(f32::INFINITY, f32::min);
    let most = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let step = (most - least) / 31.0;
    let code = |weight: f32| match step > 0.0 {
        true => ((weight - least) / step + 0.5).min(31.0) as u8,
        false => 0,
    };
    let codes: Vec<u8> = weights.iter().map(|weight| code(*weight)).collect();
    output.extend(half(step).to_le_bytes());
    output.extend(half(least).to_le_bytes());
    let fifths = codes.iter().enumerate().map(|(n, code)| u32::from(code >> 4) << n);
    output.extend(fifths.fold(0, |all, bit| all | bit).to_le_bytes());
    let (first, second) = codes.split_at(BLOCK / 2);
    output.extend(first.iter().zip(second).map(|(low, high)| (low & 15) | (high & 15) << 4));
}

/// A number of half precision (IEEE 754), as one of single precision.
fn single(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 31), f32::from(half & 1023));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 => f32::INFINITY,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

/// The nearest number of half precision.
fn half(single: f32) -> u16 {
    let sign = if single.is_sign_negative() { 0x8000 } else { 0 };
    let size = single.abs();
    let exponent = size.log2().floor().clamp(-14.0, 15.0);
    let steps = (size / 2f32.powf(exponent - 10.0)).round() as u16;
    // 1,024 to 2,048 steps where it is normal, of which the last is the first of the next exponent.
    sign | match steps {
        0..1024 => steps,
        _ => ((exponent as i16 + 15) as u16) * 1024 + (steps - 1024),
    }
}

fn expect(found: u32, wanted: u32, otherwise: &str) -> io::Result<()> {
    match found == wanted {
        true => Ok(()),
        false => Err(io::Error::other(otherwise.to_owned())),
    }
}

/// What of a file is not read yet.
struct Input<'f> {
    rest: &'f [u8],
}

impl<'f> Input<'f> {
    /// The number that stands so many numbers ahead.
    fn peek(&self, numbers: usize) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.rest.get(numbers * 4..).unwrap_or_default().read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn take(&mut self, bytes: usize) -> io::Result<&'f [u8]> {
        let (taken, rest) =
            self.rest.split_at_checked(bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.rest = rest;
        Ok(taken)
    }
}
