//! Which references name the same paper, and which an amendment of another: "DS0500/25/1" is below
//! "DS 500-25". Owns how references are compared here; what hides by them is compared in `domain::loose`.

use mitschnitt_german::folding::fold;

use super::addresses::address_part;

/// What a paper is known by within its body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PaperKey {
    /// A number of its kind and year, with the amendments below it.
    Number { year: u32, kind: String, number: u32, amendments: Vec<u32> },
    /// Any other reference, folded.
    Text(String),
}

impl PaperKey {
    /// Reads a reference; nothing where nothing of it counts.
    pub(super) fn of(reference: &str) -> Option<Self> {
        let folded = address_part(reference);
        if folded.is_empty() {
            return None;
        }
        Some(Self::number(reference).unwrap_or(Self::Text(folded)))
    }

    /// Letters, number, year, and whatever follows as numbers.
    fn number(reference: &str) -> Option<Self> {
        let bare = reference.trim();
        let letters = bare.find(|c: char| c.is_ascii_digit())?;
        let kind = fold(&bare[..letters]);
        let levels = bare[letters..].split(['/', '-']).map(str::trim);
        let figures = |text: &str| -> Option<u32> {
            let plain =
                !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| text.parse().ok()).flatten()
        };
        let levels: Option<Vec<u32>> = levels.map(figures).collect();
        let levels = levels.filter(|levels| levels.len() >= 2)?;
        let year = match levels[1] {
            year if year < 100 => year,
            year if (1950..2100).contains(&year) => year % 100,
            _ => return None,
        };
        Some(Self::Number { year, kind, number: levels[0], amendments: levels[2..].to_vec() })
    }

    /// What it amends: the levels above, the nearest first.
    pub(super) fn above(&self) -> Vec<Self> {
        let Self::Number { year, kind, number, amendments } = self else { return Vec::new() };
        let cut = |n: usize| Self::Number {
            year: *year,
            kind: kind.clone(),
            number: *number,
            amendments: amendments[..n].to_vec(),
        };
        (0..amendments.len()).rev().map(cut).collect()
    }

    /// As a part of an address: "ds-500-25-1".
    pub(super) fn address(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number { year, kind, number, amendments } => {
                let kind = if kind.is_empty() { String::new() } else { format!("{kind}-") };
                let below: String = amendments.iter().map(|n| format!("-{n}")).collect();
                format!("{kind}{number}-{year:02}{below}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> PaperKey {
        PaperKey::of(text).unwrap()
    }

    #[test]
    fn a_number_is_the_same_in_every_spelling() {
        for same in ["DS0500/25", "DS 500/25", "ds-0500/2025", "DS0500-25"] {
            assert_eq!(key(same), key("DS0500/25"), "{same}");
        }
        assert_eq!(key("MV-0029/21").address(), "mv-29-21");
        assert_ne!(key("A0500/25"), key("DS0500/25"));
        assert_eq!(key("500/25").address(), "500-25");
        assert_eq!(key("Antrag der Fraktion").address(), "antrag-der-fraktion");
        assert_eq!(PaperKey::of(" – "), None);
    }

    #[test]
    fn amendments_lie_below_what_they_amend() {
        assert_eq!(key("DS0500/25/1").above(), [key("DS0500/25")]);
        assert_eq!(key("DS0500/25/1/2").above(), [key("DS0500/25/1"), key("DS0500/25")]);
        assert!(key("DS0500/25").above().is_empty());
    }
}
