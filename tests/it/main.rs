//! Integration tests: the real program, the real files, one binary.
#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

mod architecture;
mod bad_input;
mod captions;
mod corrections;
mod crash;
mod demo;
mod desk_site;
mod edition;
mod engine;
mod feeds;
mod figures;
mod foreign;
mod full_disk;
mod glossary;
mod harness;
mod hostile;
mod import;
mod intake;
mod jobs;
mod markup;
mod media;
mod models;
mod outside;
mod overrule;
mod precision;
mod questions;
mod real_input;
mod recognition;
mod run;
mod shared;
mod site;
mod small_disk;
mod user;
mod withdrawal;
