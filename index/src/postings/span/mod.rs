//! Phrases and nearness over a passage's own words and its lookahead: a match belongs to the
//! passage that owns its first word, so it is found once wherever passages are cut.

mod postings;
mod query;

pub(crate) use postings::{SpanPostings, conjunction_of};
pub(crate) use query::SpanQuery;

use tantivy::Term;

use crate::segment::schema::Fields;

/// Words in a certain nearness.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WordSpan {
    /// One for every word, at least two.
    pub slots: Vec<Slot>,
    /// How they stand to each other.
    pub shape: Shape,
    /// Of a phrase: pairs of its words that have terms of their own, in order. They stand in for the
    /// words themselves, which are very frequent.
    pub pairs: Vec<Pair>,
}

impl WordSpan {
    /// Whether it matches a passage's own words.
    pub(crate) fn is_own(&self, fields: &Fields) -> bool {
        self.slots[0].own.iter().any(|term| fields.is_own(term.field()))
    }
}

/// Two words of a phrase that are found by one term.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    /// The place of the first of them.
    pub at: usize,
    /// The first is an own word.
    pub own: Term,
    /// Both are in the lookahead.
    pub ahead: Term,
}

/// The terms of which any stands for a word, among the own words and in the lookahead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    /// In the field of the own words; at least one.
    pub own: Vec<Term>,
    /// In the field of the lookahead; none where a text has no lookahead.
    pub ahead: Vec<Term>,
}

/// How the words of a span stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One directly after the other.
    Phrase,
    /// All of them within `window` words from the first, in any order.
    Near { window: u32 },
}

/// Where one word or pair of a span stands in one passage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// Of a phrase: how many words behind the first one.
    pub offset: u32,
    /// Sorted; the first `n_own` are among the passage's own words.
    pub positions: Vec<u32>,
    pub n_own: usize,
}

impl Places {
    fn own(&self) -> &[u32] {
        &self.positions[..self.n_own]
    }

    fn holds(&self, position: u32) -> bool {
        self.positions.binary_search(&position).is_ok()
    }

    fn within(&self, first: u32, last: u32) -> &[u32] {
        let from = self.positions.partition_point(|&p| p < first);
        let to = self.positions.partition_point(|&p| p <= last);
        &self.positions[from..to]
    }
}

impl Shape {
    /// Calls `found` with the first position of every match, in order; each is an own word.
    pub(crate) fn matches(self, slots: &[Places], mut found: impl FnMut(u32)) {
        match self {
            Self::Phrase => {
                for &start in slots[0].own() {
                    if slots[1..].iter().all(|slot| slot.holds(start + slot.offset)) {
                        found(start);
                    }
                }
            }
            Self::Near { window } => {
                let mut starts: Vec<u32> =
                    slots.iter().flat_map(|slot| slot.own().iter().copied()).collect();
                starts.sort_unstable();
                starts.dedup();
                for start in starts {
                    let end = start.saturating_add(window);
                    if slots.iter().all(|slot| !slot.within(start, end).is_empty()) {
                        found(start);
                    }
                }
            }
        }
    }

    /// Adds the positions of the words that make up the match at `start`, of a span of `words` words.
    pub(crate) fn covered(
        self,
        slots: &[Places],
        words: u32,
        start: u32,
        positions: &mut Vec<u32>,
    ) {
        match self {
            Self::Phrase => positions.extend(start..start + words),
            Self::Near { window } => {
                for slot in slots {
                    positions.extend(slot.within(start, start.saturating_add(window)));
                }
            }
        }
    }
}
