//! A search document: whole utterances within one turn and one agenda item.

use super::AgendaItemId;

/// A stretch of a meeting's transcript that is indexed as one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Index of its turn in the alignment.
    pub turn: Option<usize>,
    /// The agenda item it belongs to; speech outside every item belongs to none.
    pub item: Option<AgendaItemId>,
    /// Index of its first word in the meeting's transcript.
    pub first_word: usize,
    /// How many words it owns.
    pub n_words: usize,
    /// How many words behind it are indexed with it, so that phrases match across its end.
    pub lookahead: usize,
}
