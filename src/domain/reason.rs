//! Why an item or a speaker was found: codes with the words that say so. In files they are the German
//! sentences of `mitschnitt.alignment/1`, and read back from them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an item was open, or why somebody is said to have spoken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Reason {
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

impl fmt::Display for Reason {
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

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.to_string()
    }
}

impl From<String> for Reason {
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

    fn reasons() -> impl Strategy<Value = Reason> {
        let words = "[ A-Za-zäöü:„“.,]{0,20}";
        prop_oneof![
            words.prop_map(Reason::Called),
            words.prop_map(Reason::Presides),
            words.prop_map(Reason::FloorGiven),
            words.prop_map(Reason::Introduced),
            Just(Reason::Voted),
            Just(Reason::ByContent),
            Just(Reason::ByClerk),
        ]
    }

    proptest! {
        #[test]
        fn a_reason_is_read_back_from_its_sentence(reason in reasons()) {
            prop_assert_eq!(Reason::from(reason.to_string()), reason);
        }

        #[test]
        fn any_sentence_stays_what_it_was(text in ".{0,30}") {
            prop_assert_eq!(Reason::from(text.clone()).to_string(), text);
        }
    }
}
