//! `mitschnitt.alignment/1`: which agenda item and which person each stretch of speech belongs to,
//! and what was decided, as spoken.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AgendaItemId, FoundBy, MediaTime, PersonId, Span};

/// The format's name (CONTRACT.md).
pub const ALIGNMENT_FORMAT: &str = "mitschnitt.alignment/1";

/// Items and turns of one meeting on the meeting's clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// Always [`ALIGNMENT_FORMAT`].
    pub format: String,
    /// Every agenda item in the agenda's order; an item never reached has no spans.
    pub items: Vec<ItemAlignment>,
    /// Who spoke, in order of time, without overlap.
    pub turns: Vec<Turn>,
}

/// What a person adds behind the last word of a turn begins so near to it at most, in milliseconds.
const ADDED_BEHIND_MS: u64 = 2_000;

impl Alignment {
    /// Index of the turn that runs at a time of the meeting.
    pub fn turn_at(&self, t: MediaTime) -> Option<usize> {
        let last = self.turns.partition_point(|turn| turn.start_ms <= t).checked_sub(1)?;
        (t < self.turns[last].end_ms).then_some(last)
    }

    /// With turns and items that reach over what a person added behind their last word, at these times of the meeting:
    /// until the text is aligned anew, nothing else says whose that is.
    #[must_use]
    pub fn reaching(mut self, added: Vec<Span>) -> Self {
        let is_near = |end: MediaTime, span: Span| span.start().since(end) <= ADDED_BEHIND_MS;
        for span in added {
            let at = self.turns.partition_point(|turn| turn.start_ms <= span.start());
            let next = self.turns.get(at).map_or(span.end(), |next| next.start_ms);
            if let Some(turn) = at.checked_sub(1).map(|last| &mut self.turns[last])
                && is_near(turn.end_ms, span)
            {
                turn.end_ms = turn.end_ms.max(span.end().min(next));
            }
            let begun = || {
                let all = self.items.iter().flat_map(|item| &item.spans);
                all.copied().filter(|treated| treated.start() <= span.start())
            };
            // What is treated there, else what was last.
            let last = begun().map(|treated| treated.end()).max();
            let Some(last) = last.filter(|end| is_near(*end, span)) else { continue };
            let all = self.items.iter().flat_map(|item| &item.spans);
            let next =
                all.map(|treated| treated.start()).filter(|start| *start > span.start()).min();
            let end = next.map_or(span.end(), |next| next.min(span.end()));
            let all = self.items.iter_mut().flat_map(|item| &mut item.spans);
            for treated in all.filter(|treated| treated.end() == last && last < end) {
                // It only grows.
                *treated = Span::new(treated.start(), end).unwrap_or(*treated);
            }
        }
        self
    }

    /// Whether an item is treated at a time of the meeting.
    pub fn treats(&self, item: &AgendaItemId, t: MediaTime) -> bool {
        let found = self.items.iter().find(|aligned| aligned.id == *item);
        found.is_some_and(|aligned| aligned.spans.iter().any(|span| span.contains(t)))
    }
}

/// Where an agenda item was treated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemAlignment {
    /// The item.
    pub id: AgendaItemId,
    /// Its number as on the agenda.
    #[serde(default)]
    pub number: Option<String>,
    /// Where it was treated, in order.
    pub spans: Vec<Span>,
    /// How sure that is, 0..=1.
    #[serde(default)]
    pub confidence: f32,
    /// What says so.
    #[serde(default)]
    pub evidence: Vec<FoundBy>,
    /// What was decided under it, in order of time: several where amendments or parts were voted on.
    /// Only what the chair said; empty where no result was put in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Vote>,
}

/// A result as the chair announced it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Where its words start, on the meeting's clock.
    pub start_ms: MediaTime,
    /// Where its words end.
    pub end_ms: MediaTime,
    /// What was decided.
    pub outcome: Outcome,
    /// By how many, where that was said in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub majority: Option<Majority>,
    /// Votes in favour, where their number was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_favour: Option<u32>,
    /// Votes against, where their number was said; "keine Gegenstimmen" is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<u32>,
    /// Abstentions, where their number was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abstentions: Option<u32>,
    /// The words that say so, as transcribed.
    pub words: String,
}

/// What a vote decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Angenommen, beschlossen, zugestimmt.
    Adopted,
    /// Abgelehnt; of a candidate: not elected.
    Rejected,
    /// Überwiesen, verwiesen: to a committee.
    Referred,
    /// Vertagt, zurückgestellt.
    Postponed,
    /// Zurückgezogen by those who had brought it in.
    Withdrawn,
    /// Zur Kenntnis genommen.
    Noted,
    /// Gewählt.
    Elected,
}

/// By how many something was decided, where the chair said it in words instead of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Majority {
    /// Einstimmig.
    Unanimous,
    /// Mehrheitlich, mit großer Mehrheit; also "fast einstimmig".
    ByMajority,
}

impl Vote {
    /// What was decided, in German, without its numbers: "mehrheitlich abgelehnt".
    pub fn result(&self) -> String {
        let majority = match self.majority {
            Some(Majority::Unanimous) => "einstimmig ",
            Some(Majority::ByMajority) => "mehrheitlich ",
            None => "",
        };
        let outcome = match self.outcome {
            Outcome::Adopted => "angenommen",
            Outcome::Rejected => "abgelehnt",
            Outcome::Referred => "überwiesen",
            Outcome::Postponed => "vertagt",
            Outcome::Withdrawn => "zurückgezogen",
            Outcome::Noted => "zur Kenntnis genommen",
            Outcome::Elected => "gewählt",
        };
        format!("{majority}{outcome}")
    }
}

/// German, as in minutes: "mehrheitlich abgelehnt (3 Gegenstimmen, keine Enthaltungen)".
impl fmt::Display for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.result())?;
        let counts = [
            (self.in_favour, "Ja-Stimme", "Ja-Stimmen"),
            (self.against, "Gegenstimme", "Gegenstimmen"),
            (self.abstentions, "Enthaltung", "Enthaltungen"),
        ];
        let said = counts.into_iter().filter_map(|(count, one, many)| {
            Some(match count? {
                0 => format!("keine {many}"),
                1 => format!("1 {one}"),
                n => format!("{n} {many}"),
            })
        });
        let said: Vec<String> = said.collect();
        if said.is_empty() { Ok(()) } else { write!(f, " ({})", said.join(", ")) }
    }
}

/// Consecutive utterances of one speaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Where it starts.
    pub start_ms: MediaTime,
    /// Where it ends.
    pub end_ms: MediaTime,
    /// Who; not knowing is an answer.
    pub person: Option<PersonId>,
    /// The name as shown ("Frau Muster").
    #[serde(default)]
    pub name: Option<String>,
    /// As what.
    #[serde(default)]
    pub role: Role,
    /// How sure that is, 0..=1.
    #[serde(default)]
    pub confidence: f32,
    /// What says so.
    #[serde(default)]
    pub evidence: Vec<FoundBy>,
}

/// As what somebody speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Presides.
    Chair,
    /// Of the council.
    Member,
    /// Landrat, Beigeordnete, staff.
    Administration,
    /// Invited.
    Guest,
    /// In the Einwohnerfragestunde.
    Resident,
    /// Not known.
    #[default]
    Unknown,
}

impl Role {
    /// Whether somebody who speaks so holds neither mandate nor office: such people have no page, are no value
    /// of a facet and no suggestion.
    pub fn is_outside(self) -> bool {
        matches!(self, Self::Resident | Self::Guest)
    }

    /// Its name in formats and filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chair => "chair",
            Self::Member => "member",
            Self::Administration => "administration",
            Self::Guest => "guest",
            Self::Resident => "resident",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_behind_a_speech_is_that_speakers_and_its_items() {
        let at = MediaTime::from_millis;
        let span = |from, to| Span::new(at(from), at(to)).unwrap();
        let turn = |from, to| Turn {
            start_ms: at(from),
            end_ms: at(to),
            person: None,
            name: None,
            role: Role::Member,
            confidence: 1.0,
            evidence: Vec::new(),
        };
        let item = |id: &str, spans: Vec<Span>| ItemAlignment {
            id: AgendaItemId::new(id).unwrap(),
            number: None,
            spans,
            confidence: 1.0,
            evidence: Vec::new(),
            votes: Vec::new(),
        };
        let alignment = Alignment {
            format: ALIGNMENT_FORMAT.to_owned(),
            items: vec![item("a", vec![span(0, 10_000)]), item("b", vec![span(20_000, 30_000)])],
            turns: vec![turn(0, 10_000), turn(20_000, 30_000)],
        };
        let reaching = alignment.clone().reaching(vec![span(10_000, 12_000)]);
        assert_eq!(reaching.turn_at(at(11_000)), Some(0));
        assert!(reaching.treats(&alignment.items[0].id, at(11_000)));
        assert_eq!(reaching.turn_at(at(13_000)), None);
        assert_eq!(reaching.items[1], alignment.items[1]);
        // More of it comes to what is there.
        let reaching = reaching.reaching(vec![span(10_000, 14_000)]);
        assert_eq!(reaching.turn_at(at(13_000)), Some(0));
        assert!(reaching.treats(&alignment.items[0].id, at(13_000)));
        // Inside a speech, and far from one, nothing changes.
        for elsewhere in [span(4_000, 5_000), span(15_000, 16_000)] {
            assert_eq!(alignment.clone().reaching(vec![elsewhere]), alignment);
        }
    }
}
