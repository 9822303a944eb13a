//! Which sound of a recording is meant: the track, and how its channels are used. Refuses to know
//! how either is found in a file.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which sound of a file is transcribed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SoundChoice {
    /// One of the audio tracks.
    pub track: Track,
    /// What becomes of its channels.
    pub channels: Channels,
}

/// One audio track of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// The first in the file.
    #[default]
    First,
    /// This one, counted from 1 among the audio tracks in the file's order.
    Number(NonZeroU32),
    /// The first in this language: ISO 639 or BCP 47, `de`, `deu` and `ger` alike.
    Language(String),
}

/// What becomes of a track's channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Their average.
    #[default]
    Mix,
    /// A microphone on each: at any time the one that somebody speaks into.
    Split,
}

/// A channel of a track, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelNumber(NonZeroU32);

impl ChannelNumber {
    /// The channel with this index, counted from 0.
    pub const fn of_index(index: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index))
    }

    /// Its index, counted from 0: the place of its name in a list of seats.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Display for ChannelNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that names no track, or no way to use channels; the message says what would.
#[derive(Debug)]
pub struct InvalidSound(String);

impl fmt::Display for InvalidSound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidSound {}

/// Reads `2` (a number from 1) or `deu` (a language).
impl FromStr for Track {
    type Err = InvalidSound;

    fn from_str(text: &str) -> Result<Self, InvalidSound> {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        let mut parts = text.split('-');
        let language = parts.next().unwrap_or_default();
        let is_language = (2..=3).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && parts.all(|p| {
                (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        if is_language {
            return Ok(Self::Language(text.to_ascii_lowercase()));
        }
        Err(InvalidSound(format!(
            "„{text}“ ist keine Tonspur; möglich sind eine Nummer ab 1 oder eine Sprache wie deu"
        )))
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("1"),
            Self::Number(number) => number.fmt(f),
            Self::Language(language) => f.write_str(language),
        }
    }
}

/// Reads `mix` or `split`.
impl FromStr for Channels {
    type Err = InvalidSound;

    fn from_str(text: &str) -> Result<Self, InvalidSound> {
        match text {
            "mix" => Ok(Self::Mix),
            "split" => Ok(Self::Split),
            other => Err(InvalidSound(format!(
                "„{other}“ ist unbekannt; möglich sind mix (alle Kanäle gemischt) und split (ein \
                 Mikrofon je Kanal)"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_a_number_from_one_or_a_language() {
        assert_eq!("2".parse::<Track>().unwrap(), Track::Number(NonZeroU32::new(2).unwrap()));
        assert_eq!("DE-at".parse::<Track>().unwrap(), Track::Language("de-at".into()));
        for wrong in ["0", "-1", "", "deutsch", "d", "../de", "1.5"] {
            assert!(wrong.parse::<Track>().is_err(), "{wrong}");
        }
    }
}
