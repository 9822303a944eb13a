//! Recordings that are coming in: how much of each has arrived, where it is on its way into the archive, and
//! what a clerk says of it. Owns names that are safe to show and when a part fits; refuses all IO.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Digest, IntakeId, MediaTime, MeetingId, ShownAs, Signature, SoundChoice, Span};

/// How long an upload that does not go on is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 150;
/// Longest extension of a file, in characters.
const LONGEST_EXTENSION: usize = 5;

/// A recording that somebody uploads, or that lies on this machine and is to be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    /// What it is called in addresses.
    pub id: IntakeId,
    /// What its file was called where it came from.
    pub file_name: FileName,
    /// How it comes in.
    pub source: IntakeSource,
    /// Its length in bytes, as announced.
    pub bytes: u64,
    /// How much of it has safely arrived.
    pub received: u64,
    /// Its hash, once an upload is there as a whole and was read through.
    pub sha256: Option<Digest>,
    /// Where it lies.
    pub path: PathBuf,
    /// Who began it, and when.
    pub made: Signature,
    /// When something of it arrived last.
    pub touched: Timestamp,
    /// The meeting that it became the recording of.
    pub meeting: Option<MeetingId>,
}

impl Intake {
    /// Whether every byte has arrived.
    pub fn is_received(&self) -> bool {
        self.received == self.bytes
    }

    /// Whether it can be listened to and taken in.
    pub fn is_whole(&self) -> bool {
        self.is_received() && (self.source != IntakeSource::Upload || self.sha256.is_some())
    }

    /// Until when an unfinished upload is kept.
    pub fn expires(&self) -> Timestamp {
        self.touched.saturating_add(KEPT).unwrap_or(Timestamp::MAX)
    }

    /// Why a part of `length` bytes does not belong at `offset`, where it does not.
    pub fn refusal(&self, offset: u64, length: u64) -> Option<UploadRefusal> {
        if offset != self.received {
            return Some(UploadRefusal::WrongOffset(self.received));
        }
        let fits = offset.checked_add(length).is_some_and(|end| end <= self.bytes);
        (!fits).then_some(UploadRefusal::TooMuch)
    }
}

/// How a recording comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntakeSource {
    /// Sent by a browser; it lies in the data directory.
    Upload,
    /// A file of this machine that somebody named; it stays where it lies.
    Server,
    /// A file that appeared in the watched folder; likewise.
    Watched,
}

impl IntakeSource {
    /// A code that is never changed.
    pub fn code(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Server => "server",
            Self::Watched => "watched",
        }
    }
}

impl FromStr for IntakeSource {
    type Err = UnknownIntakeSource;

    fn from_str(code: &str) -> Result<Self, UnknownIntakeSource> {
        let all = [Self::Upload, Self::Server, Self::Watched];
        all.into_iter().find(|source| source.code() == code).ok_or(UnknownIntakeSource)
    }
}

/// A text that names no way in.
#[derive(Debug)]
pub struct UnknownIntakeSource;

impl fmt::Display for UnknownIntakeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no way for a recording to come in")
    }
}

impl std::error::Error for UnknownIntakeSource {}

/// The name of somebody's file, to be shown: without folders, control characters and what turns the direction
/// of writing. It never names a file of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// What is left of a name as somebody sent it.
    pub fn cleaned(sent: &str) -> Self {
        let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_shown = |c: &char| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        let name: String = last.chars().filter(is_shown).collect();
        let name = name.trim().trim_start_matches('.');
        if name.is_empty() {
            return Self("Aufnahme".to_owned());
        }
        let length = name.chars().count();
        // Of a long name the end, which says what kind of file it is.
        Self(name.chars().skip(length.saturating_sub(LONGEST_NAME)).collect())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its extension in plain letters, empty where it has none.
    pub fn extension(&self) -> String {
        let extension = self.0.rsplit_once('.').map_or("", |(_, extension)| extension);
        let plain = extension.len() <= LONGEST_EXTENSION
            && extension.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain { extension.to_ascii_lowercase() } else { String::new() }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of an upload.
#[derive(Clone, Copy, Debug)]
pub struct UploadPart<'a> {
    /// Where it belongs.
    pub offset: u64,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What their hash must be, where the sender says.
    pub checksum: Option<&'a Digest>,
}

/// Why a part of an upload was not taken; nothing of it is kept then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadRefusal {
    /// It does not belong where the upload stands, which is here.
    WrongOffset(u64),
    /// It goes beyond the announced length.
    TooMuch,
    /// It is not what was sent.
    ChecksumMismatch,
    /// Another part is just being written.
    Busy,
}

/// Where a recording is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakeStage {
    /// It is being sent.
    Receiving,
    /// It is there and being read through for its hash.
    Checking,
    /// It waits to be described.
    Ready,
    /// It was described, and is being cut and registered.
    Registering,
    /// That failed, for this reason, and it waits to be described again.
    Failed(String),
    /// It is the recording of this meeting.
    Registered(MeetingId),
}

/// What can be heard of a recording, by its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingSound {
    /// Its audio tracks, in the file's order.
    pub tracks: Vec<SoundTrack>,
    /// Its length, where the headers say.
    pub duration: Option<MediaTime>,
    /// Whether there is something to see.
    pub has_video: bool,
}

/// An audio track of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundTrack {
    /// From 1.
    pub number: u32,
    /// Its language, where the file says.
    pub language: Option<String>,
    /// How many channels it has; 0 where that is not known.
    pub channels: u32,
}

/// A stretch of one track to be heard before one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleWish {
    /// The track, from 1.
    pub track: u32,
    /// The channel, from 1; all of them mixed where none is named.
    pub channel: Option<u32>,
    /// Where it begins.
    pub from: MediaTime,
}

/// Loudness over time, for a picture: of each tenth of a second the least and the greatest sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    /// Pairs of signed bytes, from the place that was asked for.
    pub pairs: Vec<i8>,
    /// Whether there is no more to come.
    pub is_complete: bool,
}

/// Pairs of [`Peaks`] a second.
pub const PEAKS_A_SECOND: u32 = 10;

/// What a clerk says of a recording: enough to take it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingDescription {
    /// The meeting.
    pub meeting: DescribedMeeting,
    /// Where the recording starts on the meeting's clock.
    pub offset: MediaTime,
    /// Its public copy elsewhere.
    pub video_url: Option<String>,
    /// Recording time + this = time in the public copy, in milliseconds.
    pub video_offset_ms: i64,
    /// How the site shows it.
    pub shown_as: ShownAs,
    /// Which of its sound is recognised.
    pub sound: SoundChoice,
    /// What is not public, on the recording's line.
    pub hidden: Vec<Span>,
    /// What becomes of the original.
    pub original: OriginalFate,
}

/// What becomes of the original of a recording that is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OriginalFate {
    /// It stays as it is.
    Kept,
    /// A copy of its public parts takes its place; it is deleted.
    Cut,
}

/// How a meeting is described.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DescribedMeeting {
    /// Field by field.
    Form(MeetingForm),
    /// By the text of a `meeting.toml`; its recordings do not count.
    Manifest(String),
    /// By the text of an OParl file, under this id, else one of name, day and id at the source.
    Oparl(String, Option<MeetingId>),
    /// It is described already: this is a further recording of it. Without an offset it goes on where the last one
    /// ends.
    Known(MeetingId),
}

/// The fields of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingForm {
    /// Its id.
    pub id: MeetingId,
    /// The municipality or county.
    pub body: String,
    /// The council or committee.
    pub organization: String,
    /// What it is called.
    pub name: String,
    /// When it began, with its offset from UTC, as RFC 3339.
    pub start: String,
    /// Its agenda.
    pub agenda: Vec<AgendaLine>,
}

/// A line of an agenda as it is typed: `5 Einführung eines Livestreams`, with `N` before it where it is not
/// public, and `| MV-0029/21` behind it where there is a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaLine {
    /// As written, with `Ö` or `N` where that is there.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// Reference of its paper.
    pub paper: Option<String>,
    /// Whether it is public.
    pub is_public: bool,
}

impl AgendaLine {
    /// Reads a line; none where it says nothing.
    pub fn read(line: &str) -> Option<Self> {
        let (text, paper) = match line.rsplit_once('|') {
            Some((text, paper)) if !paper.trim().is_empty() => (text, Some(paper.trim())),
            Some((text, _)) => (text, None),
            None => (line, None),
        };
        let mut words = text.split_whitespace().peekable();
        let mut number: Vec<&str> = Vec::new();
        let mark = words.next_if(|word| ["N", "Ö", "NÖ"].contains(word));
        number.extend(mark);
        number.extend(words.next_if(|word| is_number(word)));
        let title = words.collect::<Vec<_>>().join(" ");
        // A line that is nothing but a mark or a number is a title.
        let (number, title) = match title.is_empty() {
            true => (String::new(), number.join(" ")),
            false => (number.join(" "), title),
        };
        (!title.is_empty()).then(|| Self {
            number: Some(number).filter(|number| !number.is_empty()),
            title,
            paper: paper.map(str::to_owned),
            is_public: !matches!(mark, Some("N" | "NÖ")),
        })
    }
}

/// Whether a word is the number of an item: "5", "5.", "7.14.1", "3a", "N12".
fn is_number(word: &str) -> bool {
    let bare = word.trim_end_matches(['.', ':', ')']);
    bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && bare.chars().filter(|c| c.is_ascii_alphabetic()).count() <= 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_shown_name_is_harmless(sent in "\\PC{0,300}|(\\.\\./){1,9}x|[\\x00-\\x1f]{1,5}\u{202e}3pm") {
            let name = FileName::cleaned(&sent);
            let text = name.as_str();
            prop_assert!(!text.is_empty() && !text.starts_with('.') && text.chars().count() <= 150);
            let harmful = ['/', '\\', '\0', '\n', '\u{202e}'];
            prop_assert!(!text.contains(harmful));
            prop_assert!(name.extension().len() <= 5);
        }

        #[test]
        fn any_line_is_read(line in "\\PC{0,60}") {
            if let Some(read) = AgendaLine::read(&line) {
                prop_assert!(!read.title.is_empty());
            }
        }
    }

    #[test]
    fn an_agenda_is_read_as_people_type_it() {
        let read = |line: &str| AgendaLine::read(line).unwrap();
        let line = read("5 Einführung eines Livestreams | MV-0029/21");
        assert_eq!(line.number.as_deref(), Some("5"));
        assert_eq!(line.title, "Einführung eines Livestreams");
        assert_eq!((line.paper.as_deref(), line.is_public), (Some("MV-0029/21"), true));
        let hidden = read("  N 12.1  Grundstück ");
        assert_eq!((hidden.number.as_deref(), hidden.is_public), (Some("N 12.1"), false));
        assert_eq!(read("Ö 3a Haushalt").number.as_deref(), Some("Ö 3a"));
        assert_eq!(read("2024er Haushalt").number, None);
        assert_eq!(read("Nachträge").title, "Nachträge");
        assert_eq!(read("7").title, "7");
        assert_eq!(AgendaLine::read("  | "), None);
    }

    #[test]
    fn only_the_next_part_fits() {
        let intake = Intake {
            id: IntakeId::new("a").unwrap(),
            file_name: FileName::cleaned("a.mp4"),
            source: IntakeSource::Upload,
            bytes: 10,
            received: 4,
            sha256: None,
            path: PathBuf::new(),
            made: Signature { by: "klein".to_owned(), at: Timestamp::UNIX_EPOCH },
            touched: Timestamp::UNIX_EPOCH,
            meeting: None,
        };
        assert_eq!(intake.refusal(4, 6), None);
        assert_eq!(intake.refusal(4, 7), Some(UploadRefusal::TooMuch));
        assert_eq!(intake.refusal(4, u64::MAX), Some(UploadRefusal::TooMuch));
        for wrong in [0, 3, 5, u64::MAX] {
            assert_eq!(intake.refusal(wrong, 1), Some(UploadRefusal::WrongOffset(4)));
        }
    }
}
