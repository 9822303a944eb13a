//! Words with a hyphen at their end, which are short for longer ones.

use super::spelling::exact;

/// Whether a word as written is short for a longer one: "Bevölkerungs-".
pub(crate) fn is_suspended(written: &str) -> bool {
    written.trim_end_matches(',').ends_with('-') && written.len() > 3
}

/// The words that words with a hyphen at their end are short for, with the index of each: of
/// "Bevölkerungs- und Zivilschutz" "bevoelkerungsschutz". `last` gives the last part of a compound.
pub(crate) fn suspended(
    written: &[&str],
    last: impl Fn(&str) -> Option<String>,
) -> Vec<(usize, String)> {
    const BETWEEN: [&str; 6] = ["und", "oder", "bzw", "sowie", "als", "wie"];
    /// Words until the one that is written in full.
    const REACH: usize = 6;
    let mut found = Vec::new();
    for (at, word) in written.iter().enumerate().filter(|(_, word)| is_suspended(word)) {
        let behind = written[at + 1..].iter().take(REACH);
        let full = behind
            .filter(|word| !is_suspended(word))
            .filter_map(|word| exact(word))
            .find(|word| !BETWEEN.contains(&word.as_str()));
        let whole = full.and_then(|full| Some(format!("{}{}", exact(word)?, last(&full)?)));
        found.extend(whole.map(|whole| (at, whole)));
    }
    found
}
