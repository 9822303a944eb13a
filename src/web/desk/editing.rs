//! A meeting's text as people correct it: paragraphs under their speakers and items, with what is doubtful in
//! them. Owns how a paragraph is named between page and desk: by its recording, the time of its first word and
//! its words, which stay what they are while others work elsewhere in the text.

mod answers;
mod doubts;

use std::ops::Range;

use crate::domain::{
    Alignment, Council, Error, MediaTime, MeetingId, OfRecording, Person, Result, Role, Span,
    TextChange, Turn, Utterance,
};
use crate::edition::Overview;
use crate::store::{CorrectedText, RevisionsSeen};
use crate::web::desk::state::Desk;
use crate::web::shared::word_starts;

pub use answers::script;
pub use doubts::{DoubtKind, Names};

/// A paragraph goes on for about so many words, where nothing else begins.
const PARAGRAPH: usize = 60;

/// What stands where nobody knows who speaks.
pub const UNKNOWN: &str = "Unbekannt";

/// The texts of a meeting, to be changed.
pub struct EditedTexts {
    /// One for each recording that somebody has heard, in order of time.
    pub parts: Vec<CorrectedText>,
    /// What changes are made on.
    pub seen: RevisionsSeen,
    /// The names of those who may be named.
    pub names: Names,
    /// Where readers have reported something, on the meeting's clock.
    pub reported: Vec<Span>,
}

/// A meeting with its texts, as the page shows it.
pub struct EditedMeeting {
    /// The meeting and what surrounds it.
    pub council: Council,
    /// Who speaks when, and to which item.
    pub alignment: Alignment,
    /// Its texts.
    pub texts: EditedTexts,
}

/// A stretch under the same items.
pub struct EditedSection {
    /// Its items, as headings say them.
    pub title: String,
    /// What it is claimed by: the id of its first item, or nothing.
    pub key: String,
    /// The turns in it.
    pub turns: Vec<EditedTurn>,
}

/// What somebody says in one go.
pub struct EditedTurn {
    /// Who, as shown.
    pub speaker: String,
    /// Whether that is a guess.
    pub is_guess: bool,
    /// What they say.
    pub paragraphs: Vec<EditedParagraph>,
}

/// A paragraph, also as the page's script is told of it.
#[derive(serde::Serialize)]
pub struct EditedParagraph {
    /// Index of its recording.
    #[serde(rename = "teil")]
    pub part: usize,
    /// Start of its first word on the recording's line.
    #[serde(rename = "ab")]
    pub start: MediaTime,
    /// Where that is on the meeting's clock.
    #[serde(rename = "uhr")]
    pub clock: MediaTime,
    /// Start of the first word behind it; none at the end of the recording.
    #[serde(rename = "bis")]
    pub until: Option<MediaTime>,
    /// Starts of its words: the first on the recording's line in milliseconds, then the distances.
    #[serde(rename = "zeiten")]
    pub times: String,
    /// Its words, one space between two.
    #[serde(rename = "worte")]
    pub parts: Vec<EditedPart>,
}

/// A piece of a paragraph.
#[derive(serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EditedPart {
    /// Words that the recogniser is sure of.
    Heard(String),
    /// Words that a person wrote or confirmed.
    Corrected(String),
    /// Words to look at.
    Doubtful(DoubtKind, String),
}

/// A paragraph as the page names it.
pub struct ParagraphName {
    /// Index of its recording.
    pub teil: usize,
    /// Start of its first word in milliseconds.
    pub ab: u64,
    /// Start of the first word behind it; nothing at the end.
    pub bis: String,
    /// Its words as the page shows them.
    pub war: String,
}

/// Why a paragraph cannot be changed as the page has it.
pub enum Mismatch {
    /// Its words are others by now.
    Changed(String),
    /// Something is wrong beyond that.
    Refused(Error),
}

impl From<Error> for Mismatch {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl EditedTexts {
    /// The texts of a meeting as they are now.
    ///
    /// # Errors
    /// Those of the archive; `NotFound` or `Withdrawn` where the meeting's text is not shown.
    pub fn load(desk: &Desk, id: &MeetingId) -> Result<Self> {
        desk.editions.refuse_hidden_text(id)?;
        // First of all, so that whatever comes in between is noticed.
        let seen = desk.store.revisions_seen(id)?;
        let mut parts = desk.store.corrected_texts(id)?;
        parts.sort_by_key(|text| text.recording.offset);
        let names = Names::of(&desk.store.council(id)?);
        Ok(Self { parts, seen, names, reported: Vec::new() })
    }

    /// The recording of this index.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub fn part(&self, index: usize) -> Result<&CorrectedText> {
        self.parts.get(index).ok_or_else(|| {
            Error::not_found("Die Aufnahme gibt es nicht mehr").remedy("Laden Sie die Seite neu")
        })
    }

    /// The words of a paragraph.
    ///
    /// # Errors
    /// [`Mismatch::Changed`] where they are others by now.
    pub fn find(&self, name: &ParagraphName) -> std::result::Result<Range<usize>, Mismatch> {
        let corrected = &self.part(name.teil)?.corrected;
        let words = &corrected.transcript.words;
        let at = MediaTime::from_millis(name.ab);
        let first = words.partition_point(|word| word.start_ms < at);
        let n = name.war.split_whitespace().count();
        let until = name.bis.parse().ok().map(MediaTime::from_millis);
        // Whatever somebody wrote behind them belongs to the paragraph.
        let is_all = |end: usize| match (words.get(end), until) {
            (Some(next), Some(until)) => next.start_ms >= until,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let same = words[first..].iter().take_while(|word| word.start_ms == at).count().max(1);
        for start in first..first + same {
            let range = start..(start + n).min(words.len());
            let is_same = corrected.text(&range).split_whitespace().eq(name.war.split_whitespace());
            if n > 0 && is_same && is_all(range.end) {
                return Ok(range);
            }
        }
        if !self.part(name.teil)?.recording.public.contains(at) {
            return Err(Error::withdrawn("Diese Stelle ist inzwischen gesperrt")
                .remedy("Was hier stand, ist entfernt, und nichts davon wird gespeichert")
                .into());
        }
        let now = self.range(name)?;
        match n == 0 && now.is_empty() {
            // Somebody has struck it, and somebody wants it back.
            true => Ok(now),
            false => Err(Mismatch::Changed(corrected.text(&now))),
        }
    }

    /// The words from a paragraph's first to the one behind it, whatever they are now.
    pub fn range(&self, name: &ParagraphName) -> Result<Range<usize>> {
        let words = &self.part(name.teil)?.corrected.transcript.words;
        let at = |ms: u64| words.partition_point(|word| word.start_ms.millis() < ms);
        let end = name.bis.parse().map_or(words.len(), at);
        let start = at(name.ab);
        Ok(start..end.max(start))
    }

    /// A paragraph of these words.
    pub fn paragraph(&self, part: usize, range: Range<usize>) -> Option<EditedParagraph> {
        let text = self.parts.get(part)?;
        let words = &text.corrected.transcript.words;
        let first = words.get(range.start)?;
        Some(EditedParagraph {
            part,
            start: first.start_ms,
            clock: first.start_ms.plus_millis(text.recording.offset.millis()),
            until: words.get(range.end).map(|word| word.start_ms),
            times: word_starts(words[range.clone()].iter().map(|word| word.start_ms)),
            parts: self.pieces(text, range),
        })
    }

    fn pieces(&self, text: &CorrectedText, range: Range<usize>) -> Vec<EditedPart> {
        let corrected = &text.corrected;
        let words = &corrected.transcript.words;
        let doubts = doubts::of(text, &range, &self.names, &self.reported);
        let mut doubts = doubts.iter().peekable();
        let mut parts: Vec<EditedPart> = Vec::new();
        let mut word = range.start;
        while word < range.end {
            let end = match doubts.next_if(|doubt| doubt.words.start == word) {
                Some(doubt) => {
                    let text = corrected.text(&doubt.words);
                    parts.push(EditedPart::Doubtful(doubt.kind, text));
                    doubt.words.end
                }
                None => {
                    let next = doubts.peek().map_or(range.end, |doubt| doubt.words.start);
                    let own = corrected.is_revised(word);
                    let run = (word..next).take_while(|n| corrected.is_revised(*n) == own).count();
                    let text = corrected.text(&(word..word + run));
                    parts.push(match own {
                        true => EditedPart::Corrected(text),
                        false => EditedPart::Heard(text),
                    });
                    word + run
                }
            };
            word = end.max(word + 1).min(words.len());
        }
        parts
    }
}

/// How a recording is named by what is said of its words.
pub fn of(text: &CorrectedText) -> OfRecording<'_> {
    let recording = &text.recording;
    OfRecording { sha256: &recording.sha256, offset: recording.offset, public: &recording.public }
}

/// Where the words are now of which readers have reported something.
fn reported(desk: &Desk, id: &MeetingId) -> Result<Vec<Span>> {
    let reports = desk.inbox.open_reports(id)?;
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let edition = desk.editions.load(id)?;
    let Some((transcript, _)) = &edition.text else { return Ok(Vec::new()) };
    let mut spans = Vec::new();
    for report in reports {
        let words = report.place.and_then(|place| place.words);
        let Some(words) = words else { continue };
        let located = desk.editions.still_shown(&edition, &words)?;
        let range = located.as_ref().and_then(|located| located.range().cloned());
        let words = range.and_then(|range| transcript.words.get(range));
        let span = words.and_then(|words| Span::new(words.first()?.start_ms, words.last()?.end_ms));
        spans.extend(span);
    }
    Ok(spans)
}

impl EditedMeeting {
    /// The meeting, where it has a text.
    ///
    /// # Errors
    /// `NotFound` where there is none, or it is not shown.
    pub fn load(desk: &Desk, id: &MeetingId) -> Result<Self> {
        let mut texts = EditedTexts::load(desk, id)?;
        // The words are read once, with those texts.
        let Overview { council, alignment, .. } = desk.editions.overview(id)?;
        let Some(alignment) = alignment else {
            return Err(Error::not_found("Diese Sitzung hat noch keinen Text").remedy(
                "Er entsteht mit der Verschriftung; die Aufträge zeigen, wie weit sie ist",
            ));
        };
        texts.reported = reported(desk, id)?;
        Ok(Self { council, alignment, texts })
    }

    /// The text in sections.
    pub fn sections(&self) -> Vec<EditedSection> {
        let mut sections: Vec<EditedSection> = Vec::new();
        let mut last: Option<(Vec<usize>, Option<usize>)> = None;
        for (part, text) in self.texts.parts.iter().enumerate() {
            for range in self.paragraphs(text) {
                let Some(paragraph) = self.texts.paragraph(part, range) else { continue };
                let place =
                    (self.items_at(paragraph.clock), self.alignment.turn_at(paragraph.clock));
                if last.as_ref().is_none_or(|(items, _)| *items != place.0) {
                    sections.push(self.section(&place.0));
                    last = None;
                }
                // There is a section: of these items, or it was made now.
                let Some(section) = sections.last_mut() else { continue };
                if last.as_ref().is_none_or(|(_, turn)| *turn != place.1) {
                    section.turns.push(self.turn(place.1));
                }
                if let Some(turn) = section.turns.last_mut() {
                    turn.paragraphs.push(paragraph);
                }
                last = Some(place);
            }
        }
        sections
    }

    /// The paragraphs of a text: sentences together, until somebody else speaks, another item is called, or it
    /// is enough.
    fn paragraphs(&self, text: &CorrectedText) -> Vec<Range<usize>> {
        let offset = text.recording.offset;
        let cut = text.corrected.transcript.clone().cut_by(&self.alignment, offset);
        let place = |utterance: &Utterance| {
            let start = cut.words.get(utterance.first_word).map(|w| w.start_ms).unwrap_or_default();
            let start = start.plus_millis(offset.millis());
            (self.alignment.turn_at(start), self.items_at(start))
        };
        let sentences =
            text.corrected.placed.iter().filter(|p| !matches!(p.change, TextChange::Words(_)));
        let breaks: Vec<usize> =
            sentences.filter(|p| p.change == TextChange::Break).map(|p| p.words.start).collect();
        let joins: Vec<usize> = (text.corrected.placed.iter())
            .filter(|p| p.change == TextChange::NoBreak)
            .map(|p| p.words.start)
            .collect();
        let mut paragraphs: Vec<Range<usize>> = Vec::new();
        // Words since the last border that nobody set: a border that somebody sets moves no other, so that a
        // sentence counts whole where it begins.
        let (mut here, mut words) = (None, 0);
        let utterances: Vec<&Utterance> = cut.utterances.iter().filter(|u| u.n_words > 0).collect();
        for (n, utterance) in utterances.iter().enumerate() {
            let range = utterance.range(cut.words.len());
            let now = place(utterance);
            let is_set = breaks.contains(&range.start);
            let rest = utterances[n + 1..].iter().take_while(|u| breaks.contains(&u.first_word));
            let whole = match is_set {
                true => 0,
                false => range.len() + rest.map(|u| u.n_words).sum::<usize>(),
            };
            let is_enough = words + whole > PARAGRAPH && !is_set && !joins.contains(&range.start);
            let goes_on = here.as_ref() == Some(&now) && !is_enough;
            words = if goes_on { words + whole } else { whole };
            match paragraphs.last_mut().filter(|_| goes_on && !is_set) {
                Some(last) => last.end = range.end,
                None => paragraphs.push(range),
            }
            here = Some(now);
        }
        paragraphs
    }

    fn section(&self, items: &[usize]) -> EditedSection {
        let agenda = &self.council.meeting.agenda;
        let title = |n: &usize| {
            let number = agenda[*n].number.as_deref().map(|number| format!("{number} "));
            format!("{}{}", number.unwrap_or_default(), agenda[*n].title)
        };
        let titles: Vec<String> = items.iter().map(title).collect();
        EditedSection {
            title: match titles.is_empty() {
                true => "Ohne Tagesordnungspunkt".to_owned(),
                false => titles.join(" · "),
            },
            key: items.first().map(|n| agenda[*n].id.to_string()).unwrap_or_default(),
            turns: Vec::new(),
        }
    }

    fn turn(&self, turn: Option<usize>) -> EditedTurn {
        let turn = turn.map(|turn| &self.alignment.turns[turn]);
        EditedTurn {
            speaker: turn.map_or_else(|| UNKNOWN.to_owned(), |turn| self.speaker(turn)),
            is_guess: turn.is_some_and(|turn| turn.confidence < crate::edition::SURE),
            paragraphs: Vec::new(),
        }
    }

    /// Who speaks in a turn, as shown.
    pub fn speaker(&self, turn: &Turn) -> String {
        let person = turn.person.as_ref().and_then(|id| self.council.person(id));
        let name = person.map(|p| p.name.clone()).or_else(|| turn.name.clone());
        match (name, turn.role) {
            (Some(name), Role::Chair) => format!("{name} (Sitzungsleitung)"),
            (Some(name), _) => name,
            (None, Role::Chair) => "Sitzungsleitung".to_owned(),
            (None, _) => UNKNOWN.to_owned(),
        }
    }

    /// Those who speak most, then the others of the roster.
    pub fn speakers(&self) -> Vec<&Person> {
        let spoken = |person: &Person| -> u64 {
            let own = self.alignment.turns.iter().filter(|t| t.person.as_ref() == Some(&person.id));
            own.map(|turn| turn.end_ms.since(turn.start_ms)).sum()
        };
        let mut all: Vec<(u64, &Person)> =
            self.council.persons.iter().map(|p| (spoken(p), p)).collect();
        all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        all.into_iter().map(|(_, person)| person).collect()
    }

    fn items_at(&self, t: MediaTime) -> Vec<usize> {
        let agenda = self.council.meeting.agenda.iter().enumerate();
        agenda
            .filter(|(_, item)| item.public && self.alignment.treats(&item.id, t))
            .map(|(n, _)| n)
            .collect()
    }

    /// Where the items of a time of the meeting change next; none where they stay to the end.
    pub fn items_until(&self, t: MediaTime) -> Option<MediaTime> {
        let spans = self.alignment.items.iter().flat_map(|item| &item.spans);
        spans.flat_map(|span| [span.start(), span.end()]).filter(|edge| *edge > t).min()
    }
}
