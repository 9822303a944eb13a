//! Several words that are asked for together, and how well a passage answers them: words as spelt
//! before word forms before parts of compounds, always, and of those alike all of them near each
//! other before all of them anywhere. What only the speaker's name or the item's title adds comes
//! after what was said, and what is merely similar comes last.

mod answer;
mod found;
mod postings;
mod query;
mod sort_key;
mod weighed;

pub(crate) use found::Found;
pub(crate) use query::BagQuery;
pub(crate) use sort_key::{Nearness, Rank, ScoreKind, SortKey};

use std::sync::Arc;

use tantivy::Term;

use crate::postings::span::WordSpan;

/// How a word of a passage answers a word that was asked for; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// As spelt.
    Exact,
    /// Another form of the word, number or abbreviation.
    Form,
    /// A word of the same stem: the verb of a noun, or the other way round.
    Stem,
    /// A compound with it, or its parts near each other.
    Part,
}

/// How many levels there are.
pub(crate) const LEVELS: usize = 4;

impl Level {
    /// All of them, the best first.
    pub(crate) const ALL: [Self; LEVELS] = [Self::Exact, Self::Form, Self::Stem, Self::Part];
}

/// What else than spoken words may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    /// Nothing else.
    Text,
    /// The speaker's name, and title and paper of the item that is spoken about.
    Context,
    /// What sounds or is spelt alike.
    Similar,
}

/// In what a merely similar word is like the one that was asked for; the first is told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// It is spelt alike.
    Spelling,
    /// It is a name that sounds alike.
    Sound,
    /// It is what the compound is a sort of.
    Related,
}

/// One word that is asked for, with everything that answers it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Meant {
    /// As typed.
    pub asked: String,
    /// Terms of the own words, with their weights.
    pub terms: Vec<(Level, Term, f32)>,
    /// Terms of the lookahead.
    pub ahead: Vec<(Level, Term)>,
    /// Those of both that are only where another of them is too, which stands beside each: whatever
    /// is spelt like a word has its stem, and that is among the stems of its parts.
    pub finer: Vec<(Term, Term)>,
    /// Several words that stand for it.
    pub spans: Vec<(Level, WordSpan)>,
    /// Terms of the speaker's name.
    pub speaker: Vec<Term>,
    /// Terms of the paper's number.
    pub paper: Vec<Term>,
    /// Terms of the item's title.
    pub title: Vec<Term>,
    /// Terms that are merely similar, of the own words or the speaker's name, with their weights.
    pub similar: Vec<(Likeness, Term, f32)>,
}

impl Meant {
    /// The term without which `term` is nowhere, if there is one.
    pub(crate) fn coarser(&self, term: &Term) -> Option<&Term> {
        self.finer.iter().find(|(finer, _)| finer == term).map(|(_, coarser)| coarser)
    }

    /// The level from which on another term finds what `term` does, if there is one.
    pub(crate) fn spared_from(&self, term: &Term) -> Option<Level> {
        let coarser = self.coarser(term)?;
        let terms = self.terms.iter().map(|(level, term, _)| (*level, term));
        let mut all = terms.chain(self.ahead.iter().map(|(level, term)| (*level, term)));
        all.find(|(_, term)| *term == coarser).map(|(level, _)| level)
    }

    /// Drops the answers of other levels than `widest` and those that are better.
    pub(crate) fn keep(&mut self, widest: Level) {
        self.terms.retain(|(level, ..)| *level <= widest);
        self.ahead.retain(|(level, _)| *level <= widest);
        self.spans.retain(|(level, _)| *level <= widest);
        let Self { terms, ahead, finer, .. } = self;
        finer.retain(|(_, coarser)| {
            let ahead = ahead.iter().map(|(_, term)| term);
            terms.iter().map(|(_, term, _)| term).chain(ahead).any(|term| term == coarser)
        });
    }
}

/// Words that are asked for together; at least one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bag {
    pub words: Arc<[Meant]>,
    /// What may answer.
    pub depth: Depth,
    /// Whether passages are left out that a smaller depth finds.
    pub only: bool,
}
