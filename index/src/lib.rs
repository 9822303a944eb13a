//! Index crate.
