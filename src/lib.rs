#![allow(missing_docs)]
pub mod domain;
pub mod config;
pub mod telemetry;
pub mod media;
pub mod vad;
pub mod models;
pub mod transcribe;
pub mod align;
pub mod store;
pub mod export;
pub mod eval;
