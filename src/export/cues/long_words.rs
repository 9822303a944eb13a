//! Words that are longer than a line. German has them, and no format breaks them by itself: they are
//! hyphenated, at hyphens they have, between the parts of a compound, else between syllables. Refuses to
//! change a letter; only hyphens come in.

use unicode_normalization::char::is_combining_mark;

/// Endings of nouns that stand in the midst of compounds ("Satzungs|änderung").
const JOINTS: [&str; 10] =
    ["ungs", "heits", "keits", "schafts", "tions", "täts", "lings", "tums", "ments", "lungs"];

/// A word in parts of at most `most` characters, at least 8. Two parts that follow each other never fit
/// into `most` characters together.
pub fn parts(word: &str, most: usize) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    let mut parts = Vec::new();
    let mut rest = chars.as_slice();
    while rest.len() > most {
        // From the half on, so that the parts are no crumbs.
        let cut = (most / 2 + 1..most).max_by_key(|at| quality(rest, *at)).unwrap_or(most - 1);
        let (part, behind) = rest.split_at(cut);
        let mut part: String = part.iter().collect();
        // A hyphen would change a number or an address.
        if part.ends_with(char::is_alphabetic) && behind[0].is_alphabetic() {
            part.push('-');
        }
        parts.push(part);
        rest = behind;
    }
    parts.push(rest.iter().collect());
    parts
}

/// How well a word is cut before the character at a place; the last of the best counts.
fn quality(word: &[char], at: usize) -> u32 {
    let (before, behind) = (&word[..at], &word[at..]);
    let (last, next) = (before[at - 1], behind[0]);
    let vowel = |c: char| "aeiouyäöü".contains(c.to_lowercase().next().unwrap_or(c));
    let consonant = |c: char| c.is_alphabetic() && !vowel(c);
    if is_combining_mark(next) {
        0
    } else if !last.is_alphanumeric() && next.is_alphanumeric() {
        5
    } else if JOINTS.iter().any(|joint| ends_with(before, joint)) && next.is_alphabetic() {
        4
    } else if consonant(next)
        && behind.get(1).copied().is_some_and(vowel)
        && !(matches!(next, 'h' | 'k') && matches!(last, 'c' | 's' | 'p'))
    {
        // "ch", "ck", "sch" and "ph" stay together.
        if consonant(last) { 3 } else { 2 }
    } else {
        1
    }
}

fn ends_with(chars: &[char], ending: &str) -> bool {
    let n = ending.chars().count();
    chars.len() > n && chars[chars.len() - n..].iter().copied().eq(ending.chars())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_lost_and_everything_fits(word in "\\PC{0,120}", most in 8usize..40) {
            let parts = parts(&word, most);
            let whole: String = parts.concat().replace('-', "");
            prop_assert_eq!(whole, word.replace('-', ""));
            let length = |part: &String| part.chars().count();
            prop_assert!(parts.iter().all(|part| length(part) <= most));
            prop_assert!(parts.windows(2).all(|p| length(&p[0]) + length(&p[1]) > most));
        }
    }

    #[test]
    fn compounds_are_cut_between_their_parts() {
        let cut = |word: &str| parts(word, 35).join("|");
        assert_eq!(
            cut("Straßenausbaubeitragssatzungsänderungsangelegenheiten"),
            "Straßenausbaubeitragssatzungs-|änderungsangelegenheiten"
        );
        assert_eq!(
            cut("Grundstücksverkehrsgenehmigungs-Zuständigkeitsübertragungsverordnung"),
            "Grundstücksverkehrsgenehmigungs-|Zuständigkeitsübertragungs-|verordnung"
        );
        assert_eq!(
            cut("https://ratsinfo.example.de/vorlagen/20210621"),
            "https://ratsinfo.example.de/|vorlagen/20210621"
        );
    }
}
