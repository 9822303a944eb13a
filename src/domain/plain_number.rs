//! Numbers of agenda items as sources write them ("TOP Ö 07.5", "N 1"), compared. Owns which number lies below
//! which; refuses to say which item of an agenda is meant, and
//! to hide by it (`loose`).

use std::cmp::Ordering;
use std::fmt;

use mitschnitt_german::folding::fold;

/// What stands before numbers and says nothing: it is "Ö 5", "TOP 5" or "5".
const SILENT: [&str; 6] = ["tagesordnungspunkt", "top", "punkt", "oeffentlich", "oe", "o"];

/// An agenda item's number without what stands around it: "TOP Ö 07.5" and "7.5." are the same, "N 1" and
/// "1" are not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlainNumber {
    /// The part of the agenda, where it is not the public one.
    part: String,
    figures: String,
}

impl PlainNumber {
    /// Reads a number; one without anything that counts is below nothing.
    pub fn of(text: &str) -> Self {
        let folded = fold(text);
        let mut rest = folded.as_str();
        while let Some(bare) = SILENT.iter().find_map(|word| rest.strip_prefix(word)) {
            rest = bare;
        }
        // Folding drops what parts the levels.
        let levels = text.trim().trim_end_matches(['.', ':']);
        let figures = levels.find(|c: char| c.is_ascii_digit()).map_or("", |at| &levels[at..]);
        Self {
            part: rest.chars().take_while(|c| c.is_alphabetic()).collect(),
            figures: figures.trim_start_matches('0').to_lowercase(),
        }
    }

    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        self.part.is_empty() && self.figures.is_empty()
    }

    /// Whether it is this number, or one below it: "7.5.1" is of "7.5".
    pub fn is_of(&self, item: &Self) -> bool {
        let below = self.figures.strip_prefix(item.figures.as_str());
        self.part == item.part && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Its place among numbers of the same part of an agenda: 7.2 before 7.14, 7 before both.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        (self.part == other.part && !self.figures.is_empty() && !other.figures.is_empty())
            .then(|| self.levels().cmp(&other.levels()))
    }

    /// The number and the letter of each level ("3a").
    fn levels(&self) -> Vec<(u64, &str)> {
        let level = |text| {
            let text: &str = text;
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            (text[..end].parse().unwrap_or(u64::MAX), text[end..].trim())
        };
        self.figures.split('.').map(level).collect()
    }
}

impl fmt::Display for PlainNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.part, self.figures)
    }
}

/// A reference without blanks and case.
pub fn plain_reference(reference: &str) -> String {
    reference.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PlainNumber {
        PlainNumber::of(text)
    }

    #[test]
    fn a_number_is_known_in_every_spelling() {
        for same in ["7.5", "TOP 7.5", "Ö 7.5", "TOP Ö 07.5", "Punkt 7.5.", "ö7.5:"] {
            assert_eq!(number(same), number("7.5"), "{same}");
        }
        assert_ne!(number("N 1"), number("1"));
        assert!(number("–").is_empty());
    }

    #[test]
    fn what_lies_below_is_of_it() {
        assert!(number("Ö 7.5.1").is_of(&number("7.5")) && number("7.5").is_of(&number("7.5")));
        assert!(!number("7.51").is_of(&number("7.5")) && !number("7").is_of(&number("7.5")));
    }

    #[test]
    fn levels_count_as_numbers() {
        assert_eq!(number("7.2").order(&number("7.14")), Some(Ordering::Less));
        assert_eq!(number("7.14").order(&number("7")), Some(Ordering::Greater));
        assert_eq!(number("3a").order(&number("3b")), Some(Ordering::Less));
        assert_eq!(number("N 1").order(&number("1")), None);
    }
}
