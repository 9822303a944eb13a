//! The tree of a query as read: what was asked for, before any analysis.

use super::date::Days;
use super::role::AskedRole;
use crate::analysis::Asks;
use crate::segment::schema::SearchField;

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// One word, in any of its forms.
    Word { field: SearchField, word: QueryWord },
    /// Several words that are written otherwise elsewhere: a number, a time of day, a paper's number.
    Reading { words: Vec<QueryWord>, asks: Asks },
    /// Words that have an abbreviation together; where only their initials say so, they must also stand
    /// together somewhere.
    LongForm { words: Vec<QueryWord>, shorts: Vec<String>, by_initials: bool },
    /// Words next to each other, as spelt.
    Phrase { field: SearchField, words: Vec<QueryWord> },
    /// Words at most `distance` words from each other, in any order and form.
    Near { field: SearchField, words: Vec<QueryWord>, distance: u32 },
    /// Held on one of these days.
    Date(Days),
    /// Said by somebody in this role.
    Role(AskedRole),
    /// All of them.
    All(Vec<Node>),
    /// At least one of them.
    One(Vec<Node>),
    /// Without it.
    Not(Box<Node>),
}

impl Node {
    /// Whether it is one word or several of which any may be among those that are asked for together.
    pub(crate) fn is_row(&self) -> bool {
        match self {
            Self::Word { .. } | Self::Reading { .. } | Self::LongForm { .. } | Self::All(_) => true,
            Self::Phrase { .. }
            | Self::Near { .. }
            | Self::Date(_)
            | Self::Role(_)
            | Self::One(_)
            | Self::Not(_) => false,
        }
    }

    /// Whether it asks for a word that is said, be it in the index or not.
    pub(crate) fn asks_for_words(&self) -> bool {
        match self {
            Self::Word { field, .. } | Self::Phrase { field, .. } | Self::Near { field, .. } => {
                *field == SearchField::Spoken
            }
            Self::Reading { .. } | Self::LongForm { .. } => true,
            Self::All(parts) | Self::One(parts) => parts.iter().any(Self::asks_for_words),
            Self::Date(_) | Self::Role(_) | Self::Not(_) => false,
        }
    }

    /// Whether only what is spelt like it answers it.
    pub(crate) fn is_as_spelt(&self) -> bool {
        matches!(self, Self::Phrase { .. })
    }
}

/// A word as typed; it has at least one letter, digit or spoken sign.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum QueryWord {
    /// The word itself.
    Whole(String),
    /// The beginning of words.
    Prefix(String),
}

impl QueryWord {
    /// As typed, without the `*`.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Whole(text) | Self::Prefix(text) => text,
        }
    }
}
