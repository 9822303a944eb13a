//! What of a passage answers a word, and which answers to all words make a match.

use super::{Depth, LEVELS, Level, Rank};

/// Where a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TermRole {
    Own(Level),
    Ahead(Level),
    /// The speaker's name or the paper's number: enough by itself.
    Named,
    Title,
    Similar,
}

impl TermRole {
    /// The place among all roles, the best first: what is said before what is said behind, and both
    /// before what only the context tells.
    pub(super) fn place(self) -> usize {
        match self {
            Self::Own(level) => 2 * level as usize,
            Self::Ahead(level) => 2 * level as usize + 1,
            Self::Named => 2 * LEVELS,
            Self::Title => 2 * LEVELS + 1,
            Self::Similar => 2 * LEVELS + 2,
        }
    }

    /// The same for weighing: a mere part of a word must not hide that the context says the word.
    pub(super) fn weight_place(self) -> usize {
        self.place().min(Self::Own(Level::Part).place())
    }

    /// The number of its kind: levels make no difference.
    pub(super) fn kind(self) -> u8 {
        match self {
            Self::Own(_) => 0,
            Self::Ahead(_) => 1,
            Self::Named => 2,
            Self::Title => 3,
            Self::Similar => 4,
        }
    }

    /// The level of a term of the text.
    pub(super) fn level(self) -> Option<Level> {
        match self {
            Self::Own(level) | Self::Ahead(level) => Some(level),
            Self::Named | Self::Title | Self::Similar => None,
        }
    }
}

/// Which passages are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BagScope {
    /// All that match.
    All,
    /// Only those whose text answers every word, each at this level or a better one.
    Text(Level),
}

impl BagScope {
    /// What could still be ranked at `worst` or better.
    pub(super) fn of_rank(worst: Rank) -> Self {
        worst.level().map_or(Self::All, Self::Text)
    }

    /// Whether answers at this level count.
    pub(super) fn has(self, level: Level) -> bool {
        match self {
            Self::All => true,
            Self::Text(widest) => level <= widest,
        }
    }

    /// Whether a term in this role finds passages of this scope, unless another one finds them too
    /// from a level on.
    pub(super) fn is_found_by(self, role: TermRole, spared_from: Option<Level>) -> bool {
        match (self, role) {
            (Self::Text(widest), TermRole::Own(level) | TermRole::Ahead(level)) => {
                self.has(level) && spared_from.is_none_or(|from| widest < from)
            }
            (Self::Text(_), _) => false,
            (Self::All, _) => spared_from.is_none(),
        }
    }
}

/// How a passage answers one word: a bit for each kind of roles.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WordAnswer(u8);

impl WordAnswer {
    pub const OWN: Self = Self(1);
    pub const AHEAD: Self = Self(1 << 1);
    pub const NAMED: Self = Self(1 << 2);
    pub const TITLE: Self = Self(1 << 3);
    pub const SIMILAR: Self = Self(1 << 4);
    /// Anything that is said.
    pub const SAID: Self = Self(Self::OWN.0 | Self::AHEAD.0);

    /// By roles of these kinds, each a bit.
    pub(super) fn of_kinds(kinds: u8) -> Self {
        Self(kinds)
    }

    /// Whether a term in this role answers.
    pub(super) fn is_by(self, role: TermRole) -> bool {
        self.0 >> role.kind() & 1 == 1
    }

    /// This and, where `also` holds, that.
    pub(super) fn with(self, other: Self, also: bool) -> Self {
        if also { Self(self.0 | other.0) } else { self }
    }

    /// Whether the word is answered in any of these ways.
    pub(super) fn is(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(super) fn any(self) -> bool {
        self.0 != 0
    }
}

/// Whether these answers, one for each word, make a match.
pub(super) fn suffice(answers: &[WordAnswer], depth: Depth, only: bool) -> bool {
    const AROUND: WordAnswer =
        WordAnswer(WordAnswer::SAID.0 | WordAnswer::NAMED.0 | WordAnswer::TITLE.0);
    const NAMELIKE: WordAnswer = WordAnswer(WordAnswer::NAMED.0 | WordAnswer::SIMILAR.0);
    let all = |ways: WordAnswer| answers.iter().all(|answer| answer.is(ways));
    let in_text = answers.iter().any(|answer| answer.is(WordAnswer::OWN));
    let text = in_text && all(WordAnswer::SAID);
    let named = || all(WordAnswer::NAMED);
    let context = || named() || in_text && all(AROUND);
    match depth {
        Depth::Text => text,
        Depth::Context => !(only && text) && (text || context()),
        Depth::Similar => {
            // The name alone, however it sounds, is an answer too.
            let spoken = || in_text || named() || all(NAMELIKE);
            answers.iter().all(|answer| answer.any()) && spoken() && !(only && (text || context()))
        }
    }
}
