//! Mitschnitt: from a recorded council meeting to a debate one can search and jump into.
//!
//! The modules stand in the order of the work.

/// The words of the trade as types; no IO.
pub mod domain;

/// The archive: SQLite, the only source of truth.
pub mod store;

/// Domain to index documents, index hits back to the domain.
pub mod search;

/// OParl, manifests and folders → domain values.
pub mod ingest;

/// Whisper models: the table, the look-up, the check and the download.
pub mod models;

/// Captions, chapters and texts for others.
pub mod export;

/// The site and its API; reads the archive, never changes it.
pub mod web;
