//! Endings of folded words. Cuts and compares; what a word means, its user knows. The stems of the
//! index are made by an algorithm of their own (`index/src/analysis/stem.rs`).

/// A folded word without its inflection, so that "Satzungen" meets "Satzung". Crude on purpose:
/// both sides of a comparison are cut the same way.
pub fn stem(folded: &str) -> &str {
    for ending in ["en", "er", "es", "em", "e", "s", "n"] {
        if let Some(cut) = folded.strip_suffix(ending)
            && cut.len() >= 4
        {
            return cut;
        }
    }
    folded
}

/// Whether two folded words are the same but for the ending of an inflection.
pub fn differ_in_ending(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let ending = long.strip_prefix(short).unwrap_or_default();
    matches!(
        ending,
        "e" | "en" | "er" | "es" | "em" | "n" | "s" | "se" | "sen" | "ses" | "in" | "innen"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflected_words_meet() {
        assert_eq!(stem("satzungen"), stem("satzung"));
        assert_eq!(stem("rat"), "rat", "short words stay whole");
        assert!(differ_in_ending("kreis", "kreises") && differ_in_ending("leiterin", "leiter"));
        assert!(!differ_in_ending("kreis", "kreis") && !differ_in_ending("kreis", "kreistag"));
    }
}
