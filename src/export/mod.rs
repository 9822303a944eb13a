//! What leaves the archive: captions, chapters, readable text and the transcript itself.
//! Owns the formats, as pure functions; refuses IO, and to name what is not public.

use std::str::FromStr;

use crate::domain::{
    AgendaItem, Alignment, Council, Error, MediaTime, Result, TextReview, TimeAccuracy, Transcript,
    Turn, Vote,
};

mod chapters;
mod cues;
mod json;
mod meeting;
mod report;
mod srt;
mod txt;
mod vtt;

#[cfg(test)]
mod tests;

pub use meeting::export_meeting;
pub use report::{
    CaptionCounts, MeetingReport, ReportedItem, ReportedPlace, SpeakerShares, report,
};

/// What is known of one recording. Times of the export are those of the recording.
#[derive(Clone, Copy, Debug)]
pub struct ExportSource<'a> {
    /// The meeting with its agenda and roster; without it there are no titles.
    pub council: Option<&'a Council>,
    /// The words.
    pub transcript: &'a Transcript,
    /// Items and speakers on the meeting's clock.
    pub alignment: Option<&'a Alignment>,
    /// Where the recording starts on the meeting's clock.
    pub offset: MediaTime,
    /// Address of the meeting's page, where that is known: a text that is passed on leads back to it.
    pub address: Option<&'a str>,
    /// How far the words can be relied on.
    pub review: TextReview,
}

/// What every text says of itself, in one line.
fn reservation(source: &ExportSource<'_>) -> String {
    let engine = &source.transcript.engine;
    let mut line = match source.review {
        TextReview::Automatic => "Automatisch erstellt, nicht amtlich.",
        TextReview::Checked => "Automatisch erstellt und geprüft, nicht amtlich.",
        TextReview::Recorded => "Aus einem anderen Protokoll übernommen.",
    }
    .to_owned();
    if let Some(model) = engine.whisper_model() {
        // A name that somebody gave a file: in a note of captions no arrow may stand.
        line += &format!(" Erkannt mit Whisper {}.", one_line(model).replace("-->", "–"));
        if engine.is_for_searching() && source.review == TextReview::Automatic {
            line += " Der Text taugt zum Suchen. Bevor Sie zitieren, hören Sie nach. Zuverlässiger sind \
                     größere Modelle (ab „small“).";
        }
    }
    if source.transcript.times == TimeAccuracy::Approximate {
        line += " Die Zeiten der Wörter sind ungefähr.";
    }
    line
}

/// The formats of `mitschnitt export --format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// WebVTT captions with voices.
    Vtt,
    /// SubRip captions.
    Srt,
    /// `mitschnitt.transcript/1`.
    Json,
    /// Readable text, item by item and speaker by speaker.
    Txt,
    /// WebVTT chapters, one per public agenda item.
    Chapters,
}

impl Format {
    /// All formats by the names they go by on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("vtt", Self::Vtt),
        ("srt", Self::Srt),
        ("json", Self::Json),
        ("txt", Self::Txt),
        ("chapters", Self::Chapters),
    ];

    /// The media type for `Content-Type`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Vtt | Self::Chapters => "text/vtt; charset=utf-8",
            Self::Srt => "application/x-subrip; charset=utf-8",
            Self::Json => "application/json",
            Self::Txt => "text/plain; charset=utf-8",
        }
    }

    /// The ending of a file of this format, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Vtt => "vtt",
            Self::Srt => "srt",
            Self::Json => "json",
            Self::Txt => "txt",
            Self::Chapters => "kapitel.vtt",
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.iter().find(|(name, _)| *name == text);
        known.map(|(_, format)| *format).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            Error::bad_input(format!("Ein Format „{text}“ gibt es nicht"))
                .remedy(format!("Möglich sind: {names}"))
        })
    }
}

/// Writes what is known of a recording in a format.
///
/// # Errors
/// `BadInput` where chapters are asked for without an agenda or its alignment.
pub fn export(source: &ExportSource<'_>, format: Format) -> Result<String> {
    match format {
        Format::Vtt => Ok(vtt::write(source)),
        Format::Srt => Ok(srt::write(source)),
        Format::Json => json::write(source),
        Format::Txt => Ok(txt::write(source)),
        Format::Chapters => chapters::write(source),
    }
}

impl<'a> ExportSource<'a> {
    /// Whose turn it is at a time of the recording.
    fn turn_at(&self, t: MediaTime) -> Option<&'a Turn> {
        let alignment = self.alignment?;
        let running = alignment.turn_at(t.plus_millis(self.offset.millis()))?;
        Some(&alignment.turns[running])
    }

    /// How the speaker of a turn is called, where that is known.
    fn name_of(&self, turn: &Turn) -> Option<String> {
        let person = || self.council?.person(turn.person.as_ref()?);
        let name = turn.name.clone().or_else(|| person().map(|p| p.spoken_name()))?;
        Some(one_line(&name)).filter(|name| !name.is_empty())
    }

    /// The public items treated at a time of the recording; several if they were called together.
    fn items_at(&self, t: MediaTime) -> Vec<&'a AgendaItem> {
        let (Some(council), Some(alignment)) = (self.council, self.alignment) else {
            return Vec::new();
        };
        let t = t.plus_millis(self.offset.millis());
        let treated = |item: &&AgendaItem| alignment.treats(&item.id, t);
        council.meeting.agenda.iter().filter(|item| item.public).filter(treated).collect()
    }

    /// What was decided under an item in the stretch that contains a time of the recording.
    fn votes_around(&self, item: &AgendaItem, t: MediaTime) -> Vec<&'a Vote> {
        let t = t.plus_millis(self.offset.millis());
        let aligned = self.alignment.iter().flat_map(|a| &a.items).filter(|a| a.id == item.id);
        aligned
            .flat_map(|a| {
                let span = a.spans.iter().find(|span| span.contains(t));
                a.votes.iter().filter(move |v| span.is_some_and(|s| s.contains(v.start_ms)))
            })
            .collect()
    }

    /// "TOP 5: Einführung eines Livestreams".
    fn heading(&self, item: &AgendaItem) -> String {
        let number = item.number.as_deref().map(|n| match n.chars().next() {
            Some(c) if c.is_ascii_digit() => format!("TOP {n}"),
            _ => n.to_owned(),
        });
        match number {
            Some(number) => one_line(&format!("{number}: {}", item.title)),
            None => one_line(&item.title),
        }
    }
}

/// Any text on one line: line breaks would end a cue, control characters are never meant.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}
