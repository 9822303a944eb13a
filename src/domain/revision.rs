//! What a person put right in a text: revisions of their own, anchored to words and times, never a change of
//! the transcript. Owns the values, and that they are laid upon any text of the same recording; which of
//! them are kept, the store decides.

mod anchoring;
mod applying;
mod editing;
mod known;
mod timing;

use serde::{Deserialize, Serialize};

use super::{Digest, MediaTime, PublicSpans, Signature, Span, Word};

pub use anchoring::{AnchorPlace, AnchorText};
pub use applying::{Corrected, PlacedRevision, UnplacedRevision};
pub use editing::{EditRefusal, OfRecording, ParagraphEdit};
pub use known::KnownPlaces;

/// A correction as kept: never changed and never deleted but with the words of a place that may no longer be
/// seen; at most taken back, or replaced by a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number within the meeting, from 1, in the order they were made.
    pub number: u32,
    /// The number of the first of those that were saved with it, its own where it was alone.
    pub batch: u32,
    /// What was put right.
    #[serde(flatten)]
    pub edit: TextEdit,
    /// Earlier ones whose place it took; they hold again once it is taken back.
    #[serde(default)]
    pub replaces: Vec<u32>,
    /// Who made it, and when.
    pub made: Signature,
    /// Who took it back, and when; it holds while nobody did.
    #[serde(default)]
    pub taken_back: Option<Signature>,
}

impl Revision {
    /// Those that hold: not taken back, and replaced by none that holds.
    pub fn in_force(all: &[Self]) -> Vec<&Self> {
        // Only later ones replace, so that from the last on it is known of each what replaced it.
        let mut replaced = std::collections::BTreeSet::new();
        let mut holding: Vec<&Self> = Vec::new();
        for revision in all.iter().rev().filter(|r| r.taken_back.is_none()) {
            if !replaced.contains(&revision.number) {
                holding.push(revision);
            }
            // One that is replaced itself keeps what it replaced from coming back.
            replaced.extend(revision.replaces.iter().copied());
        }
        holding.reverse();
        holding
    }
}

/// One change of a text at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEdit {
    /// Where.
    pub anchor: Anchor,
    /// What is said there.
    pub change: TextChange,
}

/// What a person says of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextChange {
    /// These words are said there, in place of the anchor's; none where nothing is said. The same words: a
    /// person has heard that they are right.
    Words(Vec<String>),
    /// A sentence begins there.
    Break,
    /// The sentence before goes on there.
    NoBreak,
}

/// A place in a text of a recording: the words it consists of, those around, and their times on the
/// recording's line. By these it is found again in another text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Anchor {
    /// The recording.
    pub recording: Digest,
    /// Where it began on the meeting's clock.
    pub offset_ms: MediaTime,
    /// Where the words stand; of no words, the pause between those around.
    #[serde(flatten)]
    pub span: Span,
    /// Words before it.
    pub before: Vec<AnchorWord>,
    /// Its own words; none of a place between two words.
    pub words: Vec<AnchorWord>,
    /// Words behind it.
    pub after: Vec<AnchorWord>,
}

/// A word by which a place is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AnchorWord {
    /// As the recogniser wrote it.
    #[serde(rename = "w")]
    pub text: String,
    /// Where it starts on the recording's line.
    #[serde(rename = "s")]
    pub start: MediaTime,
    /// Where it ends.
    #[serde(rename = "e")]
    pub end: MediaTime,
}

impl AnchorWord {
    fn of(word: &Word) -> Self {
        Self { text: word.text.clone(), start: word.start_ms, end: word.end_ms }
    }

    /// Words as they are read, one space between two.
    pub fn joined<'w>(words: impl IntoIterator<Item = &'w Self>) -> String {
        words.into_iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn is(&self, word: &Word) -> bool {
        self.start == word.start_ms && self.end == word.end_ms && self.text == word.text
    }

    fn is_in(&self, public: &PublicSpans) -> bool {
        Span::new(self.start, self.end).is_some_and(|span| public.covers(span))
    }
}

impl TextEdit {
    /// When words are said on the meeting's clock that it adds in a pause; none where they stand for others.
    pub fn added(&self) -> Option<Span> {
        match &self.change {
            TextChange::Words(new) if self.anchor.words.is_empty() && !new.is_empty() => {
                let span = applying::within_pause(self.anchor.span, new.len());
                Some(span.on_meeting_clock(self.anchor.offset_ms))
            }
            _ => None,
        }
    }

    /// What of it may be kept where only `public` of its recording may be seen; nothing where it says
    /// something of what may not.
    pub fn only(self, public: &PublicSpans) -> Option<Self> {
        let Self { anchor, change } = self;
        let is_open = public.covers(anchor.span) && anchor.words.iter().all(|w| w.is_in(public));
        is_open.then(|| Self { anchor: anchor.among(public), change })
    }
}

impl Anchor {
    /// Without the words around it that are not in `public`.
    #[must_use]
    pub fn among(mut self, public: &PublicSpans) -> Self {
        self.before.retain(|word| word.is_in(public));
        self.after.retain(|word| word.is_in(public));
        self
    }
}

#[cfg(test)]
mod tests;
