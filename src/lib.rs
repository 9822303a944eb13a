//! Mitschnitt: from a recorded council meeting to a debate one can search and jump into.
//!
//! The modules stand in the order of the work: a meeting is ingested, its recording decoded, cut
//! and transcribed, the text aligned, stored, indexed, exported and served.

/// The words of the trade as types: meetings, words, times, ids. No IO.
pub mod domain;

/// Child processes: how they are started, and the frames they speak in.
pub mod child;
/// Settings, checked at the edge.
pub mod config;
/// What the public writes to the operator: a database of its own, beside the archive.
pub mod inbox;
/// The log.
pub mod telemetry;

/// Where a program works: data directory, files that are served, locks, machine, models.
pub mod archive;

/// Which agenda item and whose turn every word belongs to; pure functions.
pub mod align;
/// What may be seen of a meeting; the only loader of it.
pub mod edition;
/// Measures against truth files; pure functions.
pub mod eval;
/// Captions, chapters and texts for others.
pub mod export;
/// OParl, manifests and folders to domain values.
pub mod ingest;
/// Media files to 16 kHz mono on a true time line, and the copies the site may show.
pub mod media;
/// Domain to index documents, index hits back to the domain.
pub mod search;
/// The archive: SQLite, the only source of truth.
pub mod store;
/// Sound to transcript: windows, the recogniser in its own process, guards.
pub mod transcribe;
/// Sound to speech probabilities: voices, not music or applause.
pub mod vad;

/// What the running server does by itself: purging, repairing the index.
pub mod jobs;
/// The order of the stages.
pub mod pipeline;

/// The commands.
pub mod cli;
/// The site and the API.
pub mod web;

#[cfg(test)]
#[path = "../tests/it/shared.rs"]
mod shared;
