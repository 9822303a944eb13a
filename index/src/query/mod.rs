//! The query language (CONTRACT.md, "Query language"): our own small grammar, read leniently, never
//! failing. Text → tokens → tree → conditions on the index → Tantivy's queries.

pub(crate) mod ast;
mod clause;
mod date;
mod describe;
mod lexer;
mod parse;
mod plan;
mod role;
pub(crate) mod similar;
pub(crate) mod steps;
mod variants;
pub(crate) mod wider;

pub(crate) use clause::Clause;
pub(crate) use date::Days;
pub(crate) use lexer::Minus;
pub(crate) use parse::{Reading, has_minus, read};
pub(crate) use plan::{Ground, Planner, Stems};

/// Most characters of a query that are read.
pub const MAX_CHARS: usize = 500;
/// Most words of a query that are read.
pub const MAX_TERMS: usize = 16;
/// Words behind a passage that phrases and nearness may reach: enough for every readable phrase.
pub const LOOKAHEAD: usize = MAX_TERMS - 1;
/// Fewest letters before the `*` of `wort*`.
const MIN_PREFIX: usize = 3;
/// Most words that `wort*` stands for, the most frequent ones.
const MAX_EXPANSIONS: usize = 50;
/// Deepest brackets that are read.
const MAX_DEPTH: usize = 16;
/// Distance of `~` and `NAHE/` where none is given.
const DEFAULT_DISTANCE: u32 = 5;
