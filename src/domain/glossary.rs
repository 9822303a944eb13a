//! The glossary of a body: how names, places and terms are spelt there, and how they were misheard. Owns what
//! a term may be; how terms serve the recogniser is the pipeline's.

use std::fmt;
use std::str::FromStr;

use super::{BodyId, Signature};

/// Most words of a term.
const MOST_WORDS: usize = 5;
/// Longest term in characters.
const LONGEST_TERM: usize = 60;
/// Longest note in characters.
const LONGEST_NOTE: usize = 200;

/// What a term names, as a code that is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlossaryKind {
    /// A human: given names, family name last.
    Person,
    /// A place, a street, a building, a firm, an association.
    Place,
    /// Any other word.
    Term,
}

impl GlossaryKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Person, Self::Place, Self::Term];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Person => "name",
            Self::Place => "place",
            Self::Term => "term",
        }
    }
}

impl FromStr for GlossaryKind {
    type Err = UnknownGlossaryKind;

    fn from_str(code: &str) -> Result<Self, UnknownGlossaryKind> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(UnknownGlossaryKind)
    }
}

/// A text that names no kind of term.
#[derive(Debug)]
pub struct UnknownGlossaryKind;

impl fmt::Display for UnknownGlossaryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Arten sind name, place und term")
    }
}

impl std::error::Error for UnknownGlossaryKind {}

/// Why a text is no term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidTerm {
    /// There is none.
    Empty,
    /// It is longer than a term.
    TooLong,
    /// It has signs that nobody writes.
    Control,
    /// Nothing of it can be said.
    Unspoken,
    /// The note is longer than a note.
    LongNote,
}

impl fmt::Display for InvalidTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Es fehlt die Schreibweise"),
            Self::TooLong => write!(
                f,
                "Ein Eintrag hat höchstens {MOST_WORDS} Wörter und {LONGEST_TERM} Zeichen; \
                 schreiben Sie jeden Namen für sich"
            ),
            Self::Control => f.write_str("Ein Eintrag ist eine Zeile ohne Steuerzeichen"),
            Self::Unspoken => f.write_str("Ein Eintrag enthält wenigstens einen Buchstaben"),
            Self::LongNote => write!(f, "Eine Bemerkung hat höchstens {LONGEST_NOTE} Zeichen"),
        }
    }
}

impl std::error::Error for InvalidTerm {}

/// How a term is spelt: one to five words on one line, single blanks between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermSpelling(String);

impl TermSpelling {
    /// Checks and takes a spelling.
    ///
    /// # Errors
    /// What it is not.
    pub fn new(text: &str) -> Result<Self, InvalidTerm> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(InvalidTerm::Control);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        if text.is_empty() {
            Err(InvalidTerm::Empty)
        } else if words.len() > MOST_WORDS || text.chars().count() > LONGEST_TERM {
            Err(InvalidTerm::TooLong)
        } else if !text.chars().any(char::is_alphabetic) {
            Err(InvalidTerm::Unspoken)
        } else {
            Ok(Self(text))
        }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TermSpelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TermSpelling {
    type Err = InvalidTerm;

    fn from_str(text: &str) -> Result<Self, InvalidTerm> {
        Self::new(text)
    }
}

/// What a recogniser wrote where a term was said: the same rules hold as for the term itself.
pub type HeardAs = TermSpelling;

/// A term on its way into a glossary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGlossaryTerm {
    /// How it is spelt.
    pub spelling: TermSpelling,
    /// What it names.
    pub kind: GlossaryKind,
    /// How it was misheard.
    pub heard_as: Vec<HeardAs>,
    note: String,
}

impl NewGlossaryTerm {
    /// A term that nobody said more of.
    pub fn new(kind: GlossaryKind, spelling: TermSpelling) -> Self {
        Self { spelling, kind, heard_as: Vec::new(), note: String::new() }
    }

    /// The same, misheard as these; what is the term itself is left out.
    #[must_use]
    pub fn heard_as(mut self, forms: impl IntoIterator<Item = HeardAs>) -> Self {
        for form in forms {
            if form != self.spelling && !self.heard_as.contains(&form) {
                self.heard_as.push(form);
            }
        }
        self
    }

    /// The same with a note for whoever keeps the glossary.
    ///
    /// # Errors
    /// `LongNote`, `Control`.
    pub fn noted(mut self, note: &str) -> Result<Self, InvalidTerm> {
        let note = note.trim();
        if note.chars().any(char::is_control) {
            return Err(InvalidTerm::Control);
        }
        if note.chars().count() > LONGEST_NOTE {
            return Err(InvalidTerm::LongNote);
        }
        self.note = note.to_owned();
        Ok(self)
    }

    /// The note; empty where there is none.
    pub fn note(&self) -> &str {
        &self.note
    }
}

/// A term of a glossary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlossaryTerm {
    /// Its number in the archive.
    pub number: u64,
    /// Whose glossary it is in.
    pub body: BodyId,
    /// How it is spelt.
    pub spelling: TermSpelling,
    /// What it names.
    pub kind: GlossaryKind,
    /// How it was misheard.
    pub heard_as: Vec<HeardAs>,
    /// A note; empty where there is none.
    pub note: String,
    /// Who added it.
    pub made: Signature,
    /// Who took it back.
    pub taken_back: Option<Signature>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is taken is short, on one line, sayable, and taken again as it is.
        #[test]
        fn a_spelling_is_a_few_words_on_one_line(text in "(\\PC|[ \\n\u{0}]){0,70}|[A-ZÄÖÜa-zäöüß]{1,9}( [A-Z][a-z]{1,9}){0,6}") {
            if let Ok(spelling) = TermSpelling::new(&text) {
                let taken = spelling.as_str();
                prop_assert!((1..=MOST_WORDS).contains(&taken.split(' ').count()));
                prop_assert!(taken.chars().count() <= LONGEST_TERM && !taken.chars().any(char::is_control));
                prop_assert!(taken.chars().any(char::is_alphabetic));
                prop_assert_eq!(TermSpelling::new(taken).unwrap(), spelling.clone());
            } else {
                let words = text.split_whitespace().count();
                let is_plain = !text.trim().chars().any(char::is_control) && text.chars().any(char::is_alphabetic);
                prop_assert!(!is_plain || words > MOST_WORDS || text.chars().count() > LONGEST_TERM);
            }
        }
    }

    #[test]
    fn a_term_is_not_misheard_as_itself_nor_twice_the_same() {
        let form = |text: &str| TermSpelling::new(text).unwrap();
        let term = NewGlossaryTerm::new(GlossaryKind::Place, form("Gödenroth"));
        let heard = ["Göden Rot", "Gödenroth", "Göden  Rot"].map(form);
        assert_eq!(term.heard_as(heard).heard_as, [form("Göden Rot")]);
    }
}
