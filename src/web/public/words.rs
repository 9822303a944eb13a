//! The words of a meeting as its page numbers them: those of the transcript, or of all speeches of a record in
//! their order.

use crate::domain::MediaTime;
use crate::edition::Edition;
use crate::search::link::{self, LEAD_IN_MS};
use crate::web::public::query::seconds;

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

    /// A word as written.
    pub fn text(&self, word: usize) -> &'e str {
        self.texts.get(word).copied().unwrap_or_default()
    }

    /// When a word is spoken, where that is known.
    pub fn start(&self, word: usize) -> Option<MediaTime> {
        self.starts.get(word).copied().flatten()
    }

    /// The pairs of an address that lead to a word, within this search.
    pub fn address(&self, word: usize, q: &str) -> String {
        let core = self.text(word).trim_matches(|c: char| !c.is_alphanumeric());
        let number = u32::try_from(word).unwrap_or(u32::MAX);
        let w = link::word(number, Some(core));
        let t = self.start(word).map(|t| t.minus_millis(LEAD_IN_MS));
        let t = t.map(|t| format!("t={}&", seconds(t))).unwrap_or_default();
        format!("?{t}w={w}&q={}", link::encode(q))
    }
}
