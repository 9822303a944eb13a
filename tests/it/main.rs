//! Integration tests: the real program, the real files, one binary.

mod architecture;
mod bad_input;
mod demo;
mod engine;
mod harness;
mod real_input;
mod run;
