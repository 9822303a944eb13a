//! The text of a manifest: tells in German what is wrong in which line and column.

use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::domain::{Error, MediaTime, Result};

/// A manifest's text and the name of its file.
pub struct Text {
    name: String,
    text: String,
}

impl Text {
    /// Takes bytes as text.
    ///
    /// # Errors
    /// `BadInput` where they are not UTF-8.
    pub fn new(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|e| {
            Error::bad_input(format!("{name} ist nicht in UTF-8 geschrieben"))
                .because(e.utf8_error())
                .remedy("Speichern Sie die Datei als UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok(Self { name, text })
    }

    /// Reads it.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        toml::from_str(&self.text).map_err(|e| {
            let (what, remedy) = in_german(e.message());
            self.error(e.span().unwrap_or(0..0), &what).remedy(remedy)
        })
    }

    /// A value is wrong.
    pub fn wrong<T>(&self, value: &Spanned<T>, what: &str, remedy: &str) -> Error {
        self.error(value.span(), what).remedy(remedy)
    }

    /// A time `HH:MM:SS`.
    pub fn time(&self, value: &Spanned<String>) -> Result<MediaTime> {
        value.get_ref().parse().map_err(|e: crate::domain::InvalidTime| {
            self.wrong(value, &e.to_string(), "Schreiben Sie zum Beispiel \"01:58:00\"")
        })
    }

    /// A time of a public part: hours, minutes and seconds, because `17:02` is meant as a time of day by
    /// some and as minutes by others.
    pub fn full_time(&self, value: &Spanned<String>) -> Result<MediaTime> {
        let time = self.time(value)?;
        let typed = value.get_ref().trim();
        match typed.matches(':').count() {
            2 => Ok(time),
            1 => {
                let what = format!("„{typed}“ ist nicht eindeutig");
                let remedy = format!(
                    "Schreiben Sie \"00:{typed}\" für Minuten und Sekunden oder \"{typed}:00\" für Stunden \
                     und Minuten; gezählt wird ab Beginn der Aufnahme, nicht nach der Uhr"
                );
                Err(self.wrong(value, &what, &remedy))
            }
            _ => {
                let what = format!("„{typed}“ ist keine Zeit der Form HH:MM:SS");
                Err(self.wrong(value, &what, "Gezählt wird ab Beginn der Aufnahme: \"00:02:10\""))
            }
        }
    }

    /// Where a value stands: file and line.
    pub fn place<T>(&self, value: &Spanned<T>) -> String {
        let before = self.text.get(..value.span().start).unwrap_or_default();
        format!("{}, Zeile {}", self.name, before.matches('\n').count() + 1)
    }

    /// A time with an optional sign, in milliseconds.
    pub fn signed_time(&self, value: &Spanned<String>) -> Result<i64> {
        let text = value.get_ref().trim();
        let (sign, rest) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let time = self.time(&Spanned::new(value.span(), rest.to_owned()))?;
        i64::try_from(time.millis()).map(|ms| sign * ms).map_err(|e| {
            self.wrong(value, &e.to_string(), "Schreiben Sie zum Beispiel \"-00:03:12\"")
        })
    }

    fn error(&self, span: Range<usize>, what: &str) -> Error {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::bad_input(format!("{}, Zeile {line}, Spalte {column}: {what}", self.name))
    }
}

/// What the TOML reader says, for those who read German, with what to do about it.
fn in_german(message: &str) -> (String, String) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let remedy = match quoted.split_first() {
        Some((_, allowed)) if message.starts_with("unknown field") => {
            format!("Erlaubt sind hier: {}", allowed.join(", "))
        }
        _ => "Ein Muster steht im Handbuch unter `ingest`".to_owned(),
    };
    let what = match quoted.first() {
        Some(key) if message.starts_with("unknown field") => format!("Unbekannter Eintrag „{key}“"),
        Some(key) if message.starts_with("missing field") => format!("Der Eintrag „{key}“ fehlt"),
        Some(key) if message.starts_with("duplicate") => format!("„{key}“ steht doppelt da"),
        _ if message.contains("expected a string") => {
            "Der Wert gehört in Anführungszeichen".to_owned()
        }
        _ if message.contains("expected a boolean") => {
            "Der Wert muss true oder false sein".to_owned()
        }
        _ => format!("Das ist so nicht lesbar ({})", message.lines().next().unwrap_or_default()),
    };
    (what, remedy)
}
