//! Numbers of papers in every spelling and as spoken: "DS0500/25", "DS 500-25", "Drucksache 500/25", "539 aus
//! 23", "DS0113/25/1". Kinds are the letters that a council puts before its numbers; what they stand for is
//! not known here.

use super::numbers::small;

/// Words that say that a paper's number follows.
const NOUNS: [&str; 14] = [
    "drucksache",
    "drucksachen",
    "drucksachennummer",
    "vorlage",
    "beschlussvorlage",
    "antrag",
    "aenderungsantrag",
    "anfrage",
    "stellungnahme",
    "information",
    "informationsvorlage",
    "mitteilungsvorlage",
    "nummer",
    "drs",
];
/// Most letters of a kind.
const KIND: usize = 4;

/// A paper's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaperNumber {
    /// "ds", where it is known.
    kind: Option<String>,
    number: u32,
    /// Of the century.
    year: u32,
    /// Which amendment it is.
    amendment: Option<u32>,
}

impl PaperNumber {
    /// The number that a normalized word is: with letters before it or zeros, with hyphens as well.
    pub(crate) fn read(word: &str) -> Option<Self> {
        let letters = word.bytes().take_while(u8::is_ascii_lowercase).count();
        let (kind, rest) = word.split_at(letters);
        let rest = if letters > 0 { rest.strip_prefix(['-', '/']).unwrap_or(rest) } else { rest };
        let parts: Vec<&str> = rest.split(['/', '-']).collect();
        let is_sure = letters > 0 || rest.starts_with('0') || !rest.contains('-');
        if letters > KIND || !is_sure || !(2..=3).contains(&parts.len()) {
            return None;
        }
        let figures = |text: &str, most: usize| -> Option<u32> {
            let right =
                (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            right.then(|| text.parse().ok()).flatten()
        };
        let amendment = match parts.get(2) {
            Some(part) => Some(figures(part, 2)?),
            None => None,
        };
        Some(Self {
            kind: (letters > 0).then(|| kind.to_owned()),
            number: figures(parts[0], 5).filter(|number| *number > 0)?,
            year: year(figures(parts[1], 4)?, parts[1].len())?,
            amendment,
        })
    }

    /// The number that begins with `first` and goes on with the next words, and of how many words it is; not
    /// one of a single word.
    pub(crate) fn begins(first: &str, rest: [Option<&str>; 3]) -> Option<(Self, usize)> {
        let noun = NOUNS.contains(&first);
        let kind = !noun
            && (1..=KIND).contains(&first.len())
            && first.bytes().all(|b| b.is_ascii_lowercase());
        // Behind a noun or letters, "0480-22" is a number too; a single letter and "5-22" are not.
        let number = rest[0].and_then(|word| {
            let hyphen = !word.contains('/') && word.len() > 5;
            let word = if hyphen { word.replacen('-', "/", 2) } else { word.to_owned() };
            Self::read(&word).filter(|_| word.contains('/'))
        });
        if let Some(paper) = number.filter(|paper| noun || kind && paper.kind.is_none()) {
            let kind = kind.then(|| first.to_owned()).or_else(|| paper.kind.clone());
            return Some((Self { kind, ..paper }, 2));
        }
        // "539 aus 23", "F0086 aus 23", "Drucksache 539 aus 2023", "DS 539 aus 23".
        let spoken = |number: Option<&str>, from: Option<&str>, of: Option<&str>| {
            let (written, number) = lettered(number?);
            let number = small(number.trim_start_matches('0')).filter(|number| *number > 0)?;
            let of = of?;
            let digits = if of.starts_with(|c: char| c.is_ascii_digit()) { of.len() } else { 2 };
            let value = u32::try_from(small(of)?).ok()?;
            let year = year(value, if value >= 2000 { 4 } else { digits })?;
            let number = u32::try_from(number).ok()?;
            let kind = written.map(str::to_owned);
            (from == Some("aus")).then_some(Self { kind, number, year, amendment: None })
        };
        if let Some(paper) = spoken(rest[0], rest[1], rest[2]).filter(|_| noun || kind) {
            let kind = kind.then(|| first.to_owned()).or_else(|| paper.kind.clone());
            return Some((Self { kind, ..paper }, 4));
        }
        spoken(Some(first), rest[0], rest[1]).map(|paper| (paper, 3))
    }

    /// The forms under which a document has it: with its kind or without one, in any case without, and those
    /// of what it amends.
    pub(crate) fn forms(&self) -> Vec<String> {
        let mut forms = Vec::new();
        let base = Self { amendment: None, ..self.clone() };
        for paper in [self, &base] {
            for kind in [paper.kind.as_deref().unwrap_or(""), "*"] {
                let form = paper.form(kind);
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        forms
    }

    /// What is asked for by it: of a kind also what is said without one, without a kind those of any.
    pub(crate) fn asked(&self) -> Vec<String> {
        match &self.kind {
            Some(kind) => vec![self.form(kind), self.form("")],
            None => vec![self.form("*")],
        }
    }

    fn form(&self, kind: &str) -> String {
        let amendment = self.amendment.map(|n| format!("/{n}")).unwrap_or_default();
        format!("=p:{kind}{}/{:02}{amendment}", self.number, self.year)
    }
}

/// The letters before a number that is written together with them: of "f0086" f and 0086.
fn lettered(word: &str) -> (Option<&str>, &str) {
    let letters = word.bytes().take_while(u8::is_ascii_lowercase).count();
    let (kind, number) = word.split_at(letters);
    match (1..=KIND).contains(&letters) && number.starts_with(|c: char| c.is_ascii_digit()) {
        true => (Some(kind), number),
        false => (None, word),
    }
}

/// A year of two or four figures; of the century.
fn year(year: u32, digits: usize) -> Option<u32> {
    match digits {
        2 => Some(year),
        4 if (1950..2100).contains(&year) => Some(year % 100),
        _ => None,
    }
}
