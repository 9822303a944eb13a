//! German word forms by the Snowball stemmer (`frostem`, whose version is the algorithm's date),
//! corrected by the override list. It takes the spelling of [`super::exact`] and nothing else, so
//! that words spelt equally have equal stems.

use frostem::{Algorithm, Stemmer};

use super::overrides;

/// The stem of a normalized word. Words with a digit are their own stem.
pub(crate) fn stem(exact: &str) -> String {
    if exact.chars().any(|c| c.is_ascii_digit()) {
        return exact.to_owned();
    }
    match overrides::lookup(exact) {
        Some(stem) => stem.to_owned(),
        None => Stemmer::new(Algorithm::German).stem(exact).into_owned(),
    }
}
