//! Mitschnitt: from a recorded council meeting to a debate one can search and jump into.
//!
//! The modules stand in the order of the work.

/// The words of the trade as types; no IO.
pub mod domain;

/// Agenda items, speakers and passages from words, agenda and roster; pure functions.
pub mod align;

/// Measures against truth files; pure functions.
pub mod eval;
