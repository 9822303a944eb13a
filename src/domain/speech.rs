//! Contributions that were put on record elsewhere, with or without times (`mitschnitt import`).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{AgendaItemId, MediaTime, PersonId, Role, SourceTitles, Span};

/// One contribution to a meeting as another record has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    /// Its number in the meeting, unique there.
    pub order: u32,
    /// The item it belongs to.
    pub item: Option<AgendaItemId>,
    /// Who speaks, where the record says so.
    pub speaker: Option<RecordedSpeaker>,
    /// Party or group of the day, as given.
    pub party: Option<String>,
    /// As what they speak.
    pub role: Role,
    /// Where it starts on the meeting's clock.
    pub start_ms: Option<MediaTime>,
    /// Where it ends.
    pub end_ms: Option<MediaTime>,
    /// A public recording of it.
    pub video_url: Option<String>,
    /// What was said.
    pub text: String,
}

/// How fast people speak in councils, spaces counted too: the median of a city council's speeches.
const LETTERS_A_SECOND: u64 = 15;

impl Speech {
    /// Where it runs on the meeting's clock, if its record says so. Of one without an end, its beginning
    /// counts.
    pub fn span(&self) -> Option<Span> {
        let start = self.start_ms?;
        Span::new(start, self.end_ms.unwrap_or(start).max(start.plus_millis(1)))
    }

    /// About when each of its words is said: the time of the speech shared out by letters. Records know no
    /// more, and it is right within seconds; none where the record names no time. Where it names no end, as
    /// fast as people usually speak.
    pub fn word_starts(&self) -> Option<Vec<MediaTime>> {
        let start = self.start_ms?;
        let letters = |word: &str| word.chars().count() as u64 + 1;
        let all = self.text.split_whitespace().map(letters).sum::<u64>().max(1);
        let end = self.end_ms.filter(|end| *end > start);
        let length = end.map_or(all * 1000 / LETTERS_A_SECOND, |end| end.since(start));
        let mut before = 0;
        let starts = self.text.split_whitespace().map(|word| {
            let at = start.plus_millis(length * before / all);
            before += letters(word);
            at
        });
        Some(starts.collect())
    }
}

/// How earlier versions of this program read a record, where that makes a difference: what was restricted
/// then is known again by it. Never shown or stored.
#[derive(Clone, Debug, Default)]
pub struct FormerReading {
    /// The titles of its items.
    pub titles: SourceTitles,
    /// What was said, by the numbers of the speeches.
    pub texts: HashMap<u32, String>,
}

/// A speaker as another record names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedSpeaker {
    /// Made of the name: records of this kind have no ids.
    pub id: PersonId,
    /// As given.
    pub name: String,
}
