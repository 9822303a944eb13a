//! Abbreviations that a text explains: "Städtischer Abfallwirtschaftsbetrieb (SAB)". Found by the letters of the
//! short form, from its end, in the words before it (Schwartz and Hearst, "A Simple Algorithm for Identifying
//! Abbreviation Definitions in Biomedical Text", 2003).

use mitschnitt_german::folding::core_range;

/// Fewest and most letters of a short form.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=7;
/// A long form has no more words than the short form has letters, and so many.
const MORE_WORDS: usize = 4;

/// A short form and the words that it stands for, as written, and whose council explains it so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Explained {
    pub short: String,
    /// Municipality or county.
    pub body: String,
    /// With spaces between them.
    pub long: String,
}

impl Explained {
    /// What is explained, and whose council does.
    pub(super) fn of(&self) -> (&str, &str) {
        (&self.short, &self.body)
    }
}

/// Whether a text may explain anything, at a glance.
pub(crate) fn may_explain(text: &str) -> bool {
    text.contains('(')
}

/// What the words of a text of `body` explain, in their order.
pub(crate) fn explained(words: &[&str], body: &str) -> Vec<Explained> {
    let bracketed = |word: &str| {
        let inner = word.strip_prefix('(')?;
        // "(SWM Magdeburg)": the first word of what stands in brackets.
        let (inner, behind) = inner.split_once(')').unwrap_or((inner, ""));
        let behind = behind.chars().all(|c| !c.is_alphanumeric());
        (behind && is_short_form(inner)).then(|| inner.to_owned())
    };
    let found = words.iter().enumerate().filter_map(|(at, word)| {
        let short = bracketed(word)?;
        let most = short.chars().count() + MORE_WORDS;
        let named = words[..at].iter().rposition(|word| !is_legal_form(word)).map_or(0, |n| n + 1);
        let before = &words[named.saturating_sub(most)..named];
        Some(Explained { long: long_form(&short, before)?, short, body: body.to_owned() })
    });
    found.collect()
}

/// Whether a word belongs to what a company is by law: "GmbH & Co. KG".
fn is_legal_form(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '&');
    matches!(
        word,
        "GmbH" | "gGmbH" | "mbH" | "AG" | "KG" | "AöR" | "eV" | "e.V" | "eG" | "&" | "Co" | "Ko"
    )
}

/// Capitals, mostly, without figures.
fn is_short_form(text: &str) -> bool {
    let letters = text.chars().count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    LETTERS.contains(&letters)
        && text.chars().all(|c| c.is_alphabetic() || c == '-')
        && text.starts_with(char::is_uppercase)
        && capitals >= 2
}

/// The words at the end of `before` in which the letters of `short` stand in order, the first at the
/// beginning of the first word.
fn long_form(short: &str, before: &[&str]) -> Option<String> {
    let cores: Vec<&str> =
        before.iter().map(|word| core_range(word).map_or("", |range| &word[range])).collect();
    let lower: Vec<Vec<char>> =
        cores.iter().map(|word| word.to_lowercase().chars().collect()).collect();
    let letters: Vec<char> = short.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let (mut word, mut letter) = (lower.len(), 0);
    for (n, wanted) in letters.iter().enumerate().rev() {
        let first = n == 0;
        loop {
            if letter == 0 {
                word = word.checked_sub(1)?;
                letter = lower[word].len();
                continue;
            }
            letter -= 1;
            if lower[word][letter] == *wanted && (!first || letter == 0) {
                break;
            }
        }
    }
    let words: Vec<&str> = cores[word..].iter().copied().filter(|core| !core.is_empty()).collect();
    let long = words.join(" ");
    let is_longer = long.chars().count() >= 2 * letters.len() && !words.contains(&short);
    is_longer.then_some(long)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn longs(text: &str) -> Vec<(String, String)> {
        let words: Vec<&str> = text.split_whitespace().collect();
        explained(&words, "").into_iter().map(|known| (known.short, known.long)).collect()
    }

    #[test]
    fn what_stands_before_the_bracket_is_found_by_its_letters() {
        for (text, short, long) in [
            (
                "Jahresabschluss des Städtischen Abfallwirtschaftsbetriebes (SAB) für 2022",
                "SAB",
                "Städtischen Abfallwirtschaftsbetriebes",
            ),
            ("die Hilfe zur Erziehung (HzE).", "HzE", "Hilfe zur Erziehung"),
            ("eine Integrierte Gesamtschule (IGS)", "IGS", "Integrierte Gesamtschule"),
            (
                "Musterstädter Verkehrsbetriebe GmbH & Co. KG (MVB)",
                "MVB",
                "Musterstädter Verkehrsbetriebe",
            ),
            (
                "die Städtischen Werke Musterstadt (SWM Musterstadt)",
                "SWM",
                "Städtischen Werke Musterstadt",
            ),
            ("das Fahrradparkhaus (FPH) am Platz", "FPH", "Fahrradparkhaus"),
        ] {
            assert_eq!(longs(text), [(short.to_owned(), long.to_owned())], "{text}");
        }
        for text in ["Herr Muster (SPD)", "im Haus (siehe oben)", "(SAB)", "der Rat (R) tagt"] {
            assert_eq!(longs(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[A-Za-zÄß() .,-]{0,60}") {
            longs(&text);
        }
    }
}
