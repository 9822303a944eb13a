//! The words of a text in their order, held as one text: a passage has a hundred, a meeting ten
//! thousand, and an archive is made of them.

use serde::{Deserialize, Serialize};

/// Between two words; none holds it. Of all characters that no word needs, one that JSON writes as
/// it is.
pub(crate) const BETWEEN: char = '\u{7f}';

/// What stands for a word that was empty, so that the others keep their places.
const EMPTY: &str = "-";

/// The words of a text, with their punctuation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(String);

impl Words {
    /// All of them, with [`BETWEEN`] between them.
    pub(crate) fn as_text(&self) -> &str {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        words_of(&self.0)
    }

    /// Adds one at the end. What stands between words becomes a space in it, an empty one a dash,
    /// which is not spoken.
    pub fn push(&mut self, word: &str) {
        if !self.0.is_empty() {
            self.0.push(BETWEEN);
        }
        match word {
            "" => self.0.push_str(EMPTY),
            word if word.contains(BETWEEN) => self.0.push_str(&word.replace(BETWEEN, " ")),
            word => self.0.push_str(word),
        }
    }
}

impl<W: AsRef<str>> FromIterator<W> for Words {
    fn from_iter<I: IntoIterator<Item = W>>(words: I) -> Self {
        let mut all = Self::default();
        words.into_iter().for_each(|word| all.push(word.as_ref()));
        all
    }
}

/// The words of a text as [`Words::as_text`] gives it.
pub(crate) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(BETWEEN).filter(|word| !word.is_empty())
}
