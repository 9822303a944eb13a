//! The parts of hyphenated words, paper numbers and gender forms ("Social-Media", "MV-0029/21",
//! "Bürger:innen"). It splits at written signs only; compounds are another file's business.

/// Most parts of which runs are made; longer chains keep the whole and its single parts.
const MAX_PARTS: usize = 5;

/// Most parts that are written as one word.
const MAX_JOINED: usize = 3;

fn is_joint(c: char) -> bool {
    matches!(c, '-' | '/' | ':' | '*' | '_' | '+' | '|' | '\\' | '=') || c.is_whitespace()
}

/// The parts of a normalized word, at least two; empty where it is in one piece.
pub(crate) fn split(word: &str) -> Vec<&str> {
    let parts: Vec<&str> =
        word.split(is_joint).filter(|p| p.chars().any(char::is_alphanumeric)).collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// Every run of neighbouring parts as written, the whole excepted: of "mv-0029/21" also "mv",
/// "0029", "21", "mv-0029" and "0029/21".
pub(crate) fn runs(word: &str) -> Vec<String> {
    let parts = split(word);
    let longest = if parts.len() <= MAX_PARTS { parts.len().saturating_sub(1) } else { 1 };
    let mut runs = Vec::new();
    for length in 1..=longest {
        for window in parts.windows(length) {
            runs.push(span_of(word, window[0], window[length - 1]).to_owned());
        }
    }
    runs
}

/// A hyphenated word of letters written as one: of "social-media" "socialmedia".
pub(crate) fn joined(word: &str) -> Option<String> {
    let parts = split(word);
    let letters = parts.iter().all(|part| part.chars().all(char::is_alphabetic));
    ((2..=MAX_JOINED).contains(&parts.len()) && letters).then(|| parts.concat())
}

/// The text from the beginning of `first` to the end of `last`, both slices of `word`.
fn span_of<'w>(word: &'w str, first: &'w str, last: &'w str) -> &'w str {
    let offset = |part: &str| part.as_ptr() as usize - word.as_ptr() as usize;
    &word[offset(first)..offset(last) + last.len()]
}
