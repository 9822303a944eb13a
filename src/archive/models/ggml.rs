//! Whisper models in whisper.cpp's ggml format: sizes, vocabulary, and whether the file is whole. Owns
//! the reading of it, with bounds on everything; refuses the weights.
//!
//! Layout as `whisper_model_load` of whisper.cpp 1.8.3 reads it, all numbers little-endian: magic, sizes,
//! mel filters, tokens, then the tensors one behind the other.

use std::fmt;
use std::io::{BufRead, Error, ErrorKind, Read, Seek, SeekFrom};

use super::shape::ModelShape;

/// "ggml".
const MAGIC: u32 = 0x6767_6d6c;
/// Numbers between magic and mel filters.
const SIZES: usize = 11;
/// Bounds well above the published models' (128 × 201 filters, 128 bytes a token, 32 layers, 1,280
/// wide), so that a damaged file costs neither memory nor time.
const MOST_FILTERS: u64 = 1 << 20;
const LONGEST_TOKEN: u32 = 1024;
const MOST_LAYERS: u32 = 256;
const WIDEST: u32 = 1 << 16;
/// Vocabularies whose special tokens whisper.cpp finds: English, with 99 languages, with 100.
const VOCABULARIES: [u32; 3] = [51_864, 51_865, 51_866];
/// Dimensions of a tensor, and bytes of its name.
const MOST_DIMENSIONS: u32 = 4;
const LONGEST_NAME: u32 = 256;

/// What is wrong with a file that should be a model.
#[derive(Debug)]
pub enum ModelFault {
    /// It cannot be read.
    Unreadable(Error),
    /// It begins as no ggml file does.
    OtherFormat,
    /// It ends too early.
    Truncated,
    /// It is a ggml file, and not a Whisper model, or a damaged one.
    Wrong(String),
}

impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::OtherFormat => f.write_str("keine ggml-Datei"),
            Self::Truncated => f.write_str("die Datei endet zu früh"),
            Self::Wrong(what) => f.write_str(what),
        }
    }
}

impl From<Error> for ModelFault {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Unreadable(error),
        }
    }
}

type ModelResult<T> = Result<T, ModelFault>;

/// The sizes of the network.
pub fn shape(file: &mut impl Read) -> ModelResult<ModelShape> {
    let mut magic = Vec::new();
    file.take(4).read_to_end(&mut magic)?;
    if !MAGIC.to_le_bytes().starts_with(&magic) {
        return Err(ModelFault::OtherFormat);
    }
    if magic.len() < 4 {
        return Err(ModelFault::Truncated);
    }
    let mut sizes = [0; SIZES];
    for size in &mut sizes {
        *size = number(file)?;
    }
    let [vocabulary, audio_context, audio_width, audio_heads, audio_layers, rest @ ..] = sizes;
    let [text_context, text_width, text_heads, text_layers, mels, _quantisation] = rest;
    let shape = ModelShape {
        vocabulary,
        audio_context,
        audio_width,
        audio_heads,
        audio_layers,
        text_context,
        text_width,
        text_heads,
        text_layers,
        mels,
    };
    let within = |size: u32, most: u32| (1..=most).contains(&size);
    let sound = within(audio_layers, MOST_LAYERS)
        && within(text_layers, MOST_LAYERS)
        && within(audio_width, WIDEST)
        && text_width == audio_width
        && within(audio_heads, audio_width)
        && within(text_heads, text_width)
        && within(audio_context, WIDEST)
        && within(text_context, WIDEST)
        && within(mels, WIDEST);
    if !sound {
        return Err(wrong("die Maße sind nicht die eines Whisper-Modells"));
    }
    if !VOCABULARIES.contains(&vocabulary) {
        let what = format!("ein Wortschatz von {vocabulary} Wortstücken ist keiner von Whisper");
        return Err(ModelFault::Wrong(what));
    }
    Ok(shape)
}

/// Every token's bytes by id; empty for special tokens.
pub fn vocabulary(file: &mut impl BufRead) -> ModelResult<Vec<Vec<u8>>> {
    let shape = shape(file)?;
    tokens(file, &shape)
}

/// Walks over all tensors to the end of the file without reading them. Gives the network's sizes.
pub fn check_whole(file: &mut (impl BufRead + Seek)) -> ModelResult<ModelShape> {
    let shape = shape(file)?;
    tokens(file, &shape)?;
    let end = {
        let here = file.stream_position()?;
        let end = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(here))?;
        end
    };
    let mut tensors = 0;
    while file.stream_position()? < end {
        let bytes = tensor(file)?;
        let behind = file.stream_position()?.saturating_add(bytes);
        if behind > end {
            return Err(ModelFault::Truncated);
        }
        file.seek(SeekFrom::Start(behind))?;
        tensors += 1;
    }
    match shape.tensors().cmp(&tensors) {
        std::cmp::Ordering::Equal => Ok(shape),
        std::cmp::Ordering::Greater => Err(ModelFault::Truncated),
        std::cmp::Ordering::Less => Err(wrong("mehr Gewichte, als zu seinen Maßen gehören")),
    }
}

/// The mel filters are skipped, the tokens read.
fn tokens(file: &mut impl BufRead, shape: &ModelShape) -> ModelResult<Vec<Vec<u8>>> {
    let (mels, bins) = (number(file)?, number(file)?);
    let filters = u64::from(mels) * u64::from(bins);
    if mels != shape.mels || filters > MOST_FILTERS {
        return Err(wrong("die Mel-Filter passen nicht zu den Maßen"));
    }
    let skipped = std::io::copy(&mut file.take(filters * 4), &mut std::io::sink())?;
    if skipped < filters * 4 {
        return Err(ModelFault::Truncated);
    }
    let tokens = number(file)?;
    if tokens > shape.vocabulary {
        return Err(wrong("mehr Wortstücke als angekündigt"));
    }
    let tokens: Vec<Vec<u8>> = (0..tokens).map(|_| token(file)).collect::<ModelResult<_>>()?;
    let mut single = [false; 256];
    tokens.iter().filter(|t| t.len() == 1).for_each(|t| single[usize::from(t[0])] = true);
    if single.contains(&false) {
        return Err(wrong("nicht jedes Byte hat ein Wortstück"));
    }
    Ok(tokens)
}

fn token(file: &mut impl Read) -> ModelResult<Vec<u8>> {
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

/// Reads a tensor's head and gives how many bytes of weights follow.
fn tensor(file: &mut impl Read) -> ModelResult<u64> {
    let (dimensions, name, kind) = (number(file)?, number(file)?, number(file)?);
    if dimensions > MOST_DIMENSIONS || name > LONGEST_NAME {
        return Err(wrong("ein Gewicht hat keinen sinnvollen Kopf"));
    }
    let mut numbers: u64 = 1;
    for _ in 0..dimensions {
        numbers = numbers.saturating_mul(number(file)?.into());
    }
    let mut text = vec![0; name as usize];
    file.read_exact(&mut text)?;
    let (block, bytes) = block(kind).ok_or_else(|| {
        wrong(&format!("die Gewichte sind in einer Zahlenart, die hier niemand kennt ({kind})"))
    })?;
    Ok((numbers / block).saturating_mul(bytes))
}

/// Of each of ggml's kinds of numbers: how many stand in a block, and its bytes.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (1, 4),      // f32
        1 | 30 => (1, 2), // f16, bf16
        2 => (32, 18),    // q4_0
        3 => (32, 20),    // q4_1
        6 => (32, 22),    // q5_0
        7 => (32, 24),    // q5_1
        8 => (32, 34),    // q8_0
        10 => (256, 84),  // q2_K
        11 => (256, 110), // q3_K
        12 => (256, 144), // q4_K
        13 => (256, 176), // q5_K
        14 => (256, 210), // q6_K
        _ => return None,
    })
}

fn number(file: &mut impl Read) -> ModelResult<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn wrong(what: &str) -> ModelFault {
    ModelFault::Wrong(what.to_owned())
}

#[cfg(test)]
pub mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::archive::models::Preset;

    /// A model file of the right form with these sizes, a token for every byte and weights of one
    /// number each.
    pub fn small_file(shape: &ModelShape) -> Vec<u8> {
        let numbers = |n: &[u32]| n.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        let mut file = numbers(&[
            MAGIC,
            shape.vocabulary,
            shape.audio_context,
            shape.audio_width,
            shape.audio_heads,
            shape.audio_layers,
            shape.text_context,
            shape.text_width,
            shape.text_heads,
            shape.text_layers,
            shape.mels,
            0,
        ]);
        file.extend(numbers(&[shape.mels, 2]));
        file.extend(vec![0; shape.mels as usize * 8]);
        file.extend(numbers(&[256]));
        for byte in 0..=255u8 {
            file.extend(numbers(&[1]));
            file.push(byte);
        }
        for _ in 0..shape.tensors() {
            file.extend(numbers(&[1, 4, 0, 1]));
            file.extend(b"name");
            file.extend(numbers(&[0]));
        }
        file
    }

    fn whole(file: &[u8]) -> ModelResult<ModelShape> {
        check_whole(&mut Cursor::new(file))
    }

    #[test]
    fn a_file_cut_anywhere_is_known_to_be_cut() {
        let file = small_file(&ModelShape::of(Preset::TinyEn));
        assert_eq!(whole(&file).unwrap(), ModelShape::of(Preset::TinyEn));
        for cut in [1, 3, 30, 60, 100, 700, 3000, file.len() - 24, file.len() - 5, file.len() - 1] {
            let found = whole(&file[..cut]);
            assert!(matches!(found, Err(ModelFault::Truncated)), "{cut}: {found:?}");
        }
        let mut longer = file.clone();
        longer.extend_from_slice(&file[file.len() - 24..]);
        assert!(matches!(whole(&longer), Err(ModelFault::Wrong(_))));
    }

    #[test]
    fn other_formats_are_known_as_such() {
        for other in [b"GGUF".as_slice(), b"PK\x03\x04 pytorch", b"<html>", b"\x80\x02}q"] {
            assert!(matches!(whole(other), Err(ModelFault::OtherFormat)), "{other:?}");
        }
    }

    proptest! {
        /// Cut or with bytes changed: read or refused, in little time and memory.
        #[test]
        fn a_damaged_file_harms_nobody(
            cut in 0usize..8000,
            changes in prop::collection::vec((0usize..8000, any::<u8>()), 0..4),
        ) {
            let mut file = small_file(&ModelShape::of(Preset::Tiny));
            let head = 4 + 4 * (SIZES + 2) + 80 * 8 + 4 + 256 * 5;
            prop_assert!(vocabulary(&mut &file[..head]).is_ok());
            prop_assert!(vocabulary(&mut &file[..cut.min(head - 1)]).is_err());
            prop_assert!(whole(&file[..cut.min(file.len() - 1)]).is_err());
            for (at, byte) in changes {
                let at = at % file.len();
                file[at] = byte;
            }
            let _either = whole(&file);
            if let Ok(tokens) = vocabulary(&mut file.as_slice()) {
                prop_assert!((0..=255u8).all(|byte| tokens.contains(&vec![byte])));
            }
        }
    }
}
