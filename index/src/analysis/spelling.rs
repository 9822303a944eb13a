//! The one spelling of a word, on which all its other forms stand.

use mitschnitt_german::folding;

/// Fewest letters of a street's name before "str".
const SHORTEST_STREET: usize = 3;

/// The one spelling of a word (see [`folding::exact`]) in which accents are dropped, but for umlauts, and a
/// street is one however short it is written: "Hegelstr." is "hegelstrasse", "Dvořák" is "dvorak".
pub(crate) fn exact(word: &str) -> Option<String> {
    if let Some((_, whole)) = bracketed(word) {
        return exact(&whole);
    }
    let mut exact = folding::exact(word)?;
    if !exact.is_ascii() {
        exact = folding::without_accents(&exact);
    }
    if let Some(front) = exact.strip_suffix("str") {
        let is_street = front.is_empty() || front.len() >= SHORTEST_STREET || front.ends_with('-');
        if is_street && !front.ends_with(|c: char| c.is_ascii_digit()) {
            exact.push_str("asse");
        }
    }
    Some(exact)
}

/// A word with an ending in brackets: without it, and with it. "Kita(s)," is "Kita" and "Kitas".
pub(crate) fn bracketed(word: &str) -> Option<(&str, String)> {
    let (front, rest) = word.split_once('(')?;
    let (ending, behind) = rest.split_once(')')?;
    let letters = |text: &str| !text.is_empty() && text.chars().all(char::is_alphabetic);
    let is_whole = letters(ending)
        && front.ends_with(char::is_alphabetic)
        && !behind.starts_with(char::is_alphanumeric);
    is_whole.then(|| (front, format!("{front}{ending}")))
}

/// `word` without the punctuation around it; `None` where that would change what is spoken.
pub(crate) fn bare(word: &str) -> Option<&str> {
    folding::bare(word).filter(|_| bracketed(word).is_none())
}
