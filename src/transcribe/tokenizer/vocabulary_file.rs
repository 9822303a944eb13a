//! The head of a ggml Whisper model: magic, sizes, mel filters, tokens. Owns the reading of it, with
//! bounds on everything; refuses the weights.
//!
//! Layout as `whisper_model_load` of whisper.cpp 1.8.3 reads it, all numbers little-endian.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// "ggml".
const MAGIC: u32 = 0x6767_6d6c;
/// Numbers between magic and mel filters; the first is the number of tokens, special ones included.
const SIZES: usize = 11;
/// Bounds well above the published models' (51,866 tokens, 128 × 201 filters, 128 bytes a token), so
/// that a damaged file costs neither memory nor time.
const MOST_TOKENS: u32 = 200_000;
const MOST_FILTERS: u64 = 1 << 20;
const LONGEST_TOKEN: u32 = 1024;

/// Every token's bytes by id; empty for special tokens.
pub fn read(file: &mut impl BufRead) -> Result<Vec<Vec<u8>>> {
    if number(file)? != MAGIC {
        return Err(wrong("keine ggml-Datei"));
    }
    let mut sizes = [0u32; SIZES];
    for size in &mut sizes {
        *size = number(file)?;
    }
    let (mels, bins) = (number(file)?, number(file)?);
    let filters = u64::from(mels) * u64::from(bins);
    if filters > MOST_FILTERS {
        return Err(wrong("die Mel-Filter sind zu groß"));
    }
    let skipped = std::io::copy(&mut file.take(filters * 4), &mut std::io::sink())?;
    if skipped < filters * 4 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let tokens = number(file)?;
    if tokens > MOST_TOKENS || tokens > sizes[0] {
        return Err(wrong("mehr Wortstücke als angekündigt"));
    }
    let tokens: Vec<Vec<u8>> = (0..tokens).map(|_| token(file)).collect::<Result<_>>()?;
    let mut single = [false; 256];
    tokens.iter().filter(|t| t.len() == 1).for_each(|t| single[usize::from(t[0])] = true);
    if single.contains(&false) {
        return Err(wrong("nicht jedes Byte hat ein Wortstück"));
    }
    Ok(tokens)
}

fn token(file: &mut impl Read) -> Result<Vec<u8>> {
    let length = number(file)?;
    if length > LONGEST_TOKEN {
        return Err(wrong("ein Wortstück ist zu lang"));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    // Conversions of some models write special tokens out ("<|endoftext|>"); they are never text.
    let special = bytes.starts_with(b"<|") && bytes.ends_with(b"|>");
    Ok(if special { Vec::new() } else { bytes })
}

fn number(file: &mut impl Read) -> Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}
