//! How much of a query is read, and how far it reaches.

/// Most characters of a query that are read.
pub const MAX_CHARS: usize = 500;
/// Most words of a query that are read.
pub const MAX_TERMS: usize = 16;
/// Words behind a passage that phrases and nearness may reach: enough for every readable phrase.
pub const LOOKAHEAD: usize = MAX_TERMS - 1;
/// Fewest letters before the `*` of `wort*`.
pub(super) const MIN_PREFIX: usize = 3;
/// Most words that `wort*` stands for, the most frequent ones.
pub(super) const MAX_EXPANSIONS: usize = 50;
/// Deepest brackets that are read.
pub(super) const MAX_DEPTH: usize = 16;
/// Distance of `~` and `NAHE/` where none is given.
pub(super) const DEFAULT_DISTANCE: u32 = 5;
/// With fewer hits than this, misheard names are looked for and the next wider step is offered.
pub(crate) const FEW: usize = 10;
