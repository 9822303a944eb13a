//! Why an item or a speaker was found: codes with the words that say so. In files they are the German
//! sentences of `mitschnitt.alignment/1`, and read back from them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an item was open, or why somebody is said to have spoken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum FoundBy {
    /// The item was called with these words.
    Called(String),
    /// Others recorded a vote on the item.
    Voted,
    /// The words of the debate speak for the item.
    ByContent,
    /// The clerk says so.
    ByClerk,
    /// Only a chair says these words.
    Presides(String),
    /// The floor was given with these words.
    FloorGiven(String),
    /// The speaker gave their own name with these words.
    Introduced(String),
    /// A reason that another version or program gave.
    Other(String),
}

const CALLED: &str = "aufgerufen";
const PRESIDES: &str = "Sitzungsleitung";
const FLOOR_GIVEN: &str = "Wort erteilt";
const INTRODUCED: &str = "stellt sich vor";
const VOTED: &str = "nach einer aufgezeichneten Abstimmung";
const BY_CONTENT: &str = "nach dem Inhalt der Debatte";
const BY_CLERK: &str = "festgelegt durch den Sitzungsdienst";

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Called(words) => write!(f, "{CALLED}: „{words}“"),
            Self::Presides(words) => write!(f, "{PRESIDES}: „{words}“"),
            Self::FloorGiven(words) => write!(f, "{FLOOR_GIVEN}: „{words}“"),
            Self::Introduced(words) => write!(f, "{INTRODUCED}: „{words}“"),
            Self::Voted => f.write_str(VOTED),
            Self::ByContent => f.write_str(BY_CONTENT),
            Self::ByClerk => f.write_str(BY_CLERK),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<FoundBy> for String {
    fn from(found: FoundBy) -> Self {
        found.to_string()
    }
}

impl From<String> for FoundBy {
    fn from(text: String) -> Self {
        let quoted = |lead: &str| {
            let words = text.strip_prefix(lead)?.strip_prefix(": „")?.strip_suffix('“')?;
            Some(words.to_owned())
        };
        match text.as_str() {
            VOTED => return Self::Voted,
            BY_CONTENT => return Self::ByContent,
            BY_CLERK => return Self::ByClerk,
            _ => {}
        }
        if let Some(words) = quoted(CALLED) {
            Self::Called(words)
        } else if let Some(words) = quoted(PRESIDES) {
            Self::Presides(words)
        } else if let Some(words) = quoted(FLOOR_GIVEN) {
            Self::FloorGiven(words)
        } else if let Some(words) = quoted(INTRODUCED) {
            Self::Introduced(words)
        } else {
            Self::Other(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all() -> impl Strategy<Value = FoundBy> {
        let words = "[ A-Za-zäöü:„“.,]{0,20}";
        prop_oneof![
            words.prop_map(FoundBy::Called),
            words.prop_map(FoundBy::Presides),
            words.prop_map(FoundBy::FloorGiven),
            words.prop_map(FoundBy::Introduced),
            Just(FoundBy::Voted),
            Just(FoundBy::ByContent),
            Just(FoundBy::ByClerk),
        ]
    }

    proptest! {
        #[test]
        fn it_is_read_back_from_its_sentence(found in all()) {
            prop_assert_eq!(FoundBy::from(found.to_string()), found);
        }

        #[test]
        fn any_sentence_stays_what_it_was(text in ".{0,30}") {
            prop_assert_eq!(FoundBy::from(text.clone()).to_string(), text);
        }
    }
}
