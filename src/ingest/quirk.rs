//! What a source has that cannot be taken as it is: told to the operator, never fatal.

use std::fmt;

/// An oddity of a source and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// Where: a file, a meeting, an item.
    pub place: String,
    /// What, in German, with what was done about it.
    pub text: String,
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Quirks in the making.
#[derive(Clone, Debug, Default)]
pub struct Quirks(pub Vec<Quirk>);

impl Quirks {
    /// Notes one.
    pub fn note(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.0.push(Quirk { place: place.into(), text: text.into() });
    }

    /// Notes something that happened `times` times, with its first case; nothing for none.
    pub fn count(&mut self, place: &str, times: usize, what: &str, first: Option<&str>) {
        if times > 0 {
            let first = first.map(|first| format!(" (zuerst: {first})")).unwrap_or_default();
            self.note(place, format!("{times} {what}{first}"));
        }
    }
}
