//! From a word as written to the forms under which it is found; composes one filter per file.
//!
//! It knows no index and no query: the same functions read documents, queries and names, which is
//! what makes highlighting agree with searching. Further filters belong here as files of their
//! own, called in [`Analyzer::forms`] or, over several words, beside it.
//!
//! How words are spelt and sound, numerals, titles and function words are the crate `mitschnitt_german`'s,
//! which alignment and transcription use as well.

mod abbreviations;
mod address;
mod analyzer;
mod compounds;
mod explained;
mod function_words;
mod numbers;
mod overrides;
mod papers;
mod parts;
mod readings;
mod sounds;
mod spelling;
mod stem;
mod suspended;
mod vocabulary;

pub(crate) use abbreviations::{LocalAbbreviations, LongForm, capitals};
pub(crate) use address::{REACH as NAME_REACH, named_after};
pub(crate) use analyzer::{Analyzer, Forms};
pub(crate) use explained::Explained;
pub(crate) use function_words::{gram, is_function, is_stopword, other_forms};
pub(crate) use mitschnitt_german::folding::{core_range, signed};
pub(crate) use parts::{joined, split as split_parts};
pub(crate) use readings::{Asks, WordReading, among as readings, of_word as reading_of_word};
pub(crate) use sounds::{sound, sounds};
pub(crate) use spelling::{bare, bracketed, exact};
pub(crate) use stem::{noun, stem};
pub(crate) use suspended::{is_suspended, suspended};
pub(crate) use vocabulary::Entry;
pub use vocabulary::Vocabulary;

/// Raised with every change that makes an old index answer differently from a new one.
pub(crate) const VERSION: u32 = 9;

/// What the analysis depends on beside [`VERSION`]: changes in the lists change the index.
pub(crate) fn fingerprint() -> String {
    format!("{VERSION}-{:08x}", overrides::fingerprint(function_words::all()))
}

#[cfg(test)]
mod tests;
