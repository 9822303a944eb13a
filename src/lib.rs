//! Mitschnitt: from a recorded council meeting to a debate one can search and jump into.
//!
//! The modules stand in the order of the work: a meeting is ingested, its recording decoded, cut
//! and transcribed, the text aligned and stored; what may be seen of it is searched, exported and
//! served. What is known of German is a crate, `mitschnitt_german`; the index is another.

/// The words of the trade as types: meetings, words, times, restrictions, ids. No IO.
pub mod domain;

/// Settings, checked at the edge.
pub mod config;

/// The log.
pub mod telemetry;

/// Child processes: how they are started, and the frames they speak in.
pub mod child;

/// What proves who somebody is: passwords, second factors, tokens.
pub mod credentials;

/// Where a program works: data directory, files that are served, locks, machine, models.
pub mod archive;

/// The archive's database: SQLite, the only source of truth, and what the law takes out of it.
pub mod store;

/// OParl, manifests, folders and imports to domain values.
pub mod ingest;

/// Media files to 16 kHz mono on a true time line, and the copies the site may show.
pub mod media;

/// Sound to speech probabilities: voices, not music or applause.
pub mod vad;

/// Sound to transcript: windows, the recogniser in its own process, guards.
pub mod transcribe;

/// Which agenda item and whose turn every word belongs to; pure functions.
pub mod align;

/// What may be seen of a meeting; the only loader of it.
pub mod edition;

/// Domain to index documents, index hits back to the domain.
pub mod search;

/// Captions, chapters and texts for others.
pub mod export;

/// The order of the stages: what each depends on, and what is done again when that changes.
pub mod pipeline;

/// Work beside answering: the queue of jobs, who works it off, and what the running server does by itself.
pub mod jobs;

/// What the public will write to the operator: a database of its own, beside the archive.
pub mod inbox;

/// The site and the API, the clerk's desk beside them, and what both share.
pub mod web;

/// Measures against truth files; pure functions.
pub mod eval;

/// The commands.
pub mod cli;

#[cfg(test)]
#[path = "../tests/it/shared.rs"]
mod shared;

#[cfg(test)]
#[path = "../tests/it/markup.rs"]
mod markup;
