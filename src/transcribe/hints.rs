//! What is known before anything is heard: prompts for windows, and names put right afterwards.
//! Owns how the vocabulary is used in a run; refuses to decide what is in it.

use super::policy::Echo;
use super::{Corrector, RecordingVocabulary, Segment, Tokenizer, is_echo};
use crate::domain::{Span, Word};

/// A vocabulary in use.
#[derive(Default)]
pub struct Hints {
    vocabulary: RecordingVocabulary,
    /// Without one, as without a vocabulary, nothing is prompted.
    tokenizer: Option<Tokenizer>,
    /// Terms of the items, and the places of which the first pass was not sure.
    second: Option<(RecordingVocabulary, Vec<Span>)>,
}

impl Hints {
    /// This vocabulary is prompted, and names are put right after it.
    pub fn new(vocabulary: RecordingVocabulary, tokenizer: Tokenizer) -> Self {
        Self { vocabulary, tokenizer: Some(tokenizer), second: None }
    }

    /// For a second pass: in windows that touch `doubtful`, and only there, `items` is prompted
    /// instead. All other windows ask what they asked before, so that their answers are recalled.
    #[must_use]
    pub fn with_items(mut self, items: RecordingVocabulary, doubtful: Vec<Span>) -> Self {
        self.second = Some((items, doubtful));
        self
    }

    /// Token ids for the prompt of a window; empty for none.
    pub fn prompt(&self, window: Span) -> Vec<i32> {
        let Some(tokenizer) = &self.tokenizer else { return Vec::new() };
        let vocabulary = match &self.second {
            Some((items, doubtful)) if doubtful.iter().any(|d| d.overlap_millis(window) > 0) => {
                items
            }
            _ => &self.vocabulary,
        };
        vocabulary.prompt(window, tokenizer)
    }

    /// Whether an answer merely repeats a prompt.
    pub(super) fn echo(&self, prompt: &[i32], answer: &[Segment]) -> Echo {
        let Some(tokenizer) = self.tokenizer.as_ref().filter(|_| !prompt.is_empty()) else {
            return Echo::None;
        };
        let tokens = answer.iter().flat_map(|s| &s.tokens);
        let heard: Vec<u8> = tokens.flat_map(|t| t.bytes.iter().copied()).collect();
        let word = |text: &str| Word {
            text: text.to_owned(),
            start_ms: Default::default(),
            end_ms: Default::default(),
            confidence: 1.0,
            raw: None,
        };
        let heard: Vec<Word> =
            String::from_utf8_lossy(&heard).split_whitespace().map(word).collect();
        let prompt = tokenizer.decode(prompt);
        if is_echo(&heard, &String::from_utf8_lossy(&prompt)) { Echo::Heard } else { Echo::None }
    }

    /// Puts names right; may join two words into one.
    pub(super) fn correct(&self, words: &mut Vec<Word>) {
        let vocabulary = self.second.as_ref().map_or(&self.vocabulary, |(items, _)| items);
        if !vocabulary.is_empty() {
            let corrected = Corrector::new(vocabulary, words).correct(words);
            tracing::debug!(corrected, "names put right");
        }
    }
}
