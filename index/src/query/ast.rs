//! The tree of a query as read: what was asked for, before any analysis.

use std::collections::BTreeSet;

use mitschnitt_german::verdicts::VoteVerdict;

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
    /// A vote of which all this is told; any vote where nothing is asked.
    Vote(BTreeSet<VoteVerdict>),
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
            | Self::Vote(_)
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
            Self::Date(_) | Self::Role(_) | Self::Vote(_) | Self::Not(_) => false,
        }
    }

    /// Whether it asks for votes anywhere: only then votes are hits.
    pub(crate) fn asks_for_votes(&self) -> bool {
        match self {
            Self::Vote(_) => true,
            Self::All(parts) | Self::One(parts) => parts.iter().any(Self::asks_for_votes),
            _ => false,
        }
    }

    /// The same where votes are hits too: what is asked of items and papers may be theirs.
    pub(crate) fn or_of_votes(self) -> Self {
        let of_votes = |parts: Vec<Self>| parts.into_iter().map(Self::or_of_votes).collect();
        match self {
            Self::All(parts) => Self::All(of_votes(parts)),
            Self::One(parts) => Self::One(of_votes(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.or_of_votes())),
            node => match node.of_vote() {
                Some(of_vote) => Self::One(vec![node, of_vote]),
                None => node,
            },
        }
    }

    /// What it asks of an item or a paper, asked of those of votes.
    fn of_vote(&self) -> Option<Self> {
        let mut of_vote = self.clone();
        let (Self::Word { field, .. } | Self::Phrase { field, .. } | Self::Near { field, .. }) =
            &mut of_vote
        else {
            return None;
        };
        *field = match field {
            SearchField::Item => SearchField::VoteItem,
            SearchField::Paper => SearchField::VotePaper,
            _ => return None,
        };
        Some(of_vote)
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
