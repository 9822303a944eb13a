//! The words of a meeting as its page numbers them: those of the transcript, or of all speeches of a record in
//! their order.

use crate::domain::MediaTime;
use crate::edition::Edition;
use crate::web::public::query::{self, seconds};

/// How long before a word a link to it begins, in milliseconds.
const LEAD_IN_MS: u64 = 1500;

/// All words of a meeting with their times.
pub struct MeetingWords<'e> {
    texts: Vec<&'e str>,
    starts: Vec<Option<MediaTime>>,
}

impl<'e> MeetingWords<'e> {
    /// Those of the edition.
    pub fn of(edition: &'e Edition) -> Self {
        match &edition.text {
            Some((transcript, _)) => Self {
                texts: transcript.words.iter().map(|word| word.text.as_str()).collect(),
                starts: transcript.words.iter().map(|word| Some(word.start_ms)).collect(),
            },
            None => {
                let mut all = Self { texts: Vec::new(), starts: Vec::new() };
                for speech in &edition.speeches {
                    let before = all.texts.len();
                    all.texts.extend(speech.text.split_whitespace());
                    match speech.word_starts() {
                        Some(starts) => all.starts.extend(starts.into_iter().map(Some)),
                        None => all.starts.resize(before.max(all.texts.len()), None),
                    }
                }
                all
            }
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// When a word is spoken, where that is known.
    pub fn start(&self, word: usize) -> Option<MediaTime> {
        self.starts.get(word).copied().flatten()
    }

    /// The pairs of an address that lead to a word, within this search.
    pub fn address(&self, word: usize, q: &str) -> String {
        let core = self.texts.get(word).map_or("", |text| text.trim_matches(is_punctuation));
        let t = self.start(word).map(|t| format!("t={}&", seconds(t.minus_millis(LEAD_IN_MS))));
        format!("?{}w={word}-{}&q={}", t.unwrap_or_default(), query::encode(core), query::encode(q))
    }
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric()
}
