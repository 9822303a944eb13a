//! The machine while it is switched off, at any moment and again and again, one archive throughout. What the
//! program has acknowledged is there, nothing is there that nobody asked for, the search finds what is published
//! and nothing else, and every job is done once.
//!
//! `model` remembers what was asked and answered; `steps` are what is asked, `asking` asks it of the running
//! program, `world` lets that live and kills it; `checks` and `doors` say where the archive differs from the
//! model. That they would say it, `planted` shows with faults of our own.

mod asking;
mod checks;
mod corrected;
mod doors;
mod index;
mod killed;
mod model;
mod planted;
mod random;
mod steps;
mod world;
