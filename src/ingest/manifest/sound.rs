//! The keys of a `[[recording]]` that say which of its sound is meant: `track`, `channels`, `seats`.

use serde::Deserialize;
use toml::Spanned;

use super::text::Text;
use crate::domain::{Channels, Result, SoundChoice};
use crate::ingest::readable;

/// More microphones than any desk has.
const MOST_SEATS: usize = 64;

/// A track as TOML writes it.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum TrackKey {
    Number(i64),
    Name(String),
}

/// Reads the three keys.
///
/// # Errors
/// `BadInput` with line and column where a value is none of those allowed, or seats are named that
/// are not told apart.
pub fn sound(
    track: Option<&Spanned<TrackKey>>,
    channels: Option<&Spanned<String>>,
    seats: Option<&Spanned<Vec<String>>>,
    text: &Text,
) -> Result<(SoundChoice, Vec<String>)> {
    let mut choice = SoundChoice::default();
    if let Some(key) = track {
        let written = match key.get_ref() {
            TrackKey::Number(number) => number.to_string(),
            TrackKey::Name(name) => name.clone(),
        };
        let remedy = "Schreiben Sie zum Beispiel track = 2 oder track = \"deu\"";
        choice.track = (written.parse())
            .map_err(|e: crate::domain::InvalidSound| text.wrong(key, &e.to_string(), remedy))?;
    }
    if let Some(key) = channels {
        let remedy = "Schreiben Sie channels = \"split\" oder lassen Sie die Zeile weg";
        choice.channels = (key.get_ref().parse())
            .map_err(|e: crate::domain::InvalidSound| text.wrong(key, &e.to_string(), remedy))?;
    }
    let Some(key) = seats else { return Ok((choice, Vec::new())) };
    let names: Vec<String> =
        key.get_ref().iter().map(|name| readable::line(name).unwrap_or_default()).collect();
    if choice.channels != Channels::Split {
        let what = "Plätze haben nur Aufnahmen mit einem Mikrofon je Kanal";
        return Err(text.wrong(key, what, "Schreiben Sie channels = \"split\" dazu"));
    }
    if names.is_empty() || names.len() > MOST_SEATS || names.iter().any(String::is_empty) {
        let what = format!("Erwartet werden 1 bis {MOST_SEATS} Namen, keiner davon leer");
        let remedy = "Nennen Sie die Plätze der Kanäle 1, 2, … der Reihe nach";
        return Err(text.wrong(key, &what, remedy));
    }
    Ok((choice, names))
}
