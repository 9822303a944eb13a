//! Sentences put together to paragraphs, with the time where a new minute begins.

use super::UtteranceBlock;
use crate::domain::{MediaTime, Span};

/// From so many words on a paragraph ends with its sentence.
const PARAGRAPH_WORDS: usize = 70;

/// A pause of so many milliseconds ends a paragraph.
const PARAGRAPH_PAUSE_MS: u64 = 2500;

/// Sentences that are read in one go.
pub struct Paragraph {
    /// Its time, where a minute begins that was not shown yet.
    pub minute: Option<MediaTime>,
    /// Its sentences.
    pub utterances: Vec<UtteranceBlock>,
    /// Where its last word ends.
    end: MediaTime,
}

impl Paragraph {
    /// Number of its first word.
    pub fn first_word(&self) -> usize {
        self.utterances.first().map_or(0, |u| u.first_word)
    }

    /// Number of its last word.
    pub fn last_word(&self) -> usize {
        self.utterances.last().map_or(0, |u| u.end_word.saturating_sub(1).max(u.first_word))
    }
}

/// Puts an utterance into the last paragraph, or begins another.
pub(super) fn append(
    paragraphs: &mut Vec<Paragraph>,
    minutes: &mut Minutes,
    utterance: UtteranceBlock,
    span: Option<Span>,
) {
    let (start, end) = span.map(|span| (span.start(), span.end())).unwrap_or_default();
    let is_full = |paragraph: &Paragraph| {
        utterance.first_word.saturating_sub(paragraph.first_word()) >= PARAGRAPH_WORDS
            || start.since(paragraph.end) >= PARAGRAPH_PAUSE_MS
    };
    match paragraphs.last_mut().filter(|last| !is_full(last)) {
        Some(last) => {
            last.end = end;
            last.utterances.push(utterance);
        }
        None => {
            // A turn says itself when it begins.
            let minute = span.and_then(|_| minutes.begun(start)).filter(|_| !paragraphs.is_empty());
            paragraphs.push(Paragraph { minute, utterances: vec![utterance], end });
        }
    }
}

/// Which minute of the meeting was shown last.
#[derive(Default)]
pub(super) struct Minutes(Option<u64>);

impl Minutes {
    /// The time, where it lies in another minute than the last that was shown.
    fn begun(&mut self, t: MediaTime) -> Option<MediaTime> {
        let minute = t.millis() / 60_000;
        (self.0.replace(minute) != Some(minute)).then_some(t)
    }
}
