//! Mitschnitt: from a recorded council meeting to a debate one can search and jump into.
//!
//! The modules stand in the order of the work.

/// The words of the trade as types; no IO.
pub mod domain;

/// The archive: SQLite, the only source of truth.
pub mod store;

/// Domain to index documents, index hits back to the domain.
pub mod search;

pub mod vad;
/// Sound to transcript: windows, the recogniser in its own process, guards.
pub mod transcribe;
