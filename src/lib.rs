//! Mitschnitt: from a recorded council meeting to a debate one can search and jump into.
//!
//! The modules stand in the order of the work.

/// The words of the trade as types; no IO.
pub mod domain;

/// Recordings as sound: 16 kHz mono on the true time line; public copies for the site.
pub mod media;

/// Where somebody speaks: samples to speech spans.
pub mod vad;
