//! Function words in the index: they are indexed, so that phrases match them, but as spelt only: their
//! few other forms are known here, and two of them side by side have a term of their own.

use std::sync::LazyLock;

use foldhash::HashMap;
use mitschnitt_german::function_words;

use super::stem::stem;

/// A function word.
struct StemmedWord {
    /// Whether a query of other words does without it.
    dropped: bool,
    stem: String,
}

/// All of them, for the version of an index.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    function_words::all().iter().map(|word| word.word.as_str())
}

static KNOWN: LazyLock<HashMap<&str, StemmedWord>> = LazyLock::new(|| {
    let known = function_words::all().iter();
    known
        .map(|word| (&*word.word, StemmedWord { dropped: word.dropped, stem: stem(&word.word) }))
        .collect()
});

/// Whether the normalized word says nothing on its own.
pub(crate) fn is_stopword(exact: &str) -> bool {
    KNOWN.get(exact).is_some_and(|known| known.dropped)
}

/// Whether the normalized word is a function word.
pub(crate) fn is_function(exact: &str) -> bool {
    KNOWN.contains_key(exact)
}

/// The other forms of a function word, in order.
pub(crate) fn other_forms(exact: &str) -> Vec<&'static str> {
    let stem = KNOWN.get(exact).map(|known| known.stem.as_str());
    let others = KNOWN.iter().filter(|(_, known)| Some(known.stem.as_str()) == stem);
    let mut forms: Vec<&str> =
        others.map(|(word, _)| *word).filter(|word| *word != exact).collect();
    forms.sort_unstable();
    forms
}

/// The term of two function words side by side, by which phrases of them are found; `None` for
/// other words. The space keeps it apart from words.
pub(crate) fn gram(first: &str, second: &str) -> Option<String> {
    (is_function(first) && is_function(second)).then(|| format!("{first} {second}"))
}
