//! Meetings as others write them, OParl or our manifest, → domain values with their oddities.
//! Refuses to let anything of a non-public item further in, and to fetch or store anything.

use std::path::{Path, PathBuf};

use crate::domain::{
    AgendaItemId, Council, Error, MediaTime, MeetingId, Origin, PublicSpans, Result, ShownAs,
    SoundChoice, SourceTitles, Span,
};

mod facts;
mod folder;
mod hyphens;
mod input_file;
mod manifest;
mod markup;
mod meeting_record;
mod named_file;
mod oparl;
mod quirk;
mod readable;
mod record;
mod slug;
mod speech;
mod when;

pub use facts::{FactKind, MeetingFacts, read_segments, read_votes};
pub use input_file::InputFile;
pub use meeting_record::read_meetings;
pub use quirk::Quirk;
pub use record::{Record, Records};
pub use speech::{SpeechLine, speech_line};

use named_file::Unfound;
use oparl::json::{self, Object};
use oparl::{OparlMeeting, OrganizationScope, Pool, Setting};
use quirk::Quirks;

/// One meeting as it was found.
#[derive(Clone, Debug)]
pub struct Ingested {
    /// The meeting with everything around it; nothing of hidden items but their place.
    pub council: Council,
    /// Who chose the meeting's id.
    pub id_origin: IdOrigin,
    /// Titles by which items are known again; they come no further than to their hashes.
    pub titles: SourceTitles,
    /// Whose word it is what is public.
    pub origin: Origin,
    /// Its media files; none where only OParl was given.
    pub recordings: Vec<RecordingSource>,
    /// What was odd about the source; reported, never fatal.
    pub quirks: Vec<Quirk>,
}

/// Who chose the id of a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdOrigin {
    /// Somebody, in a manifest: it is the meeting's whatever else is known.
    Chosen,
    /// This program, of name, day and id at the source.
    Made {
        /// What it would have made of them before it knew markup and where meetings are.
        formerly: MeetingId,
    },
}

impl Ingested {
    /// A meeting of which only OParl is known.
    fn of_council(read: OparlMeeting, quirks: Quirks) -> Self {
        let id_origin = match read.made_formerly {
            Some(formerly) => IdOrigin::Made { formerly },
            None => IdOrigin::Chosen,
        };
        let (recordings, origin) = (Vec::new(), Origin::Council);
        let OparlMeeting { council, titles, .. } = read;
        Self { council, id_origin, titles, origin, recordings, quirks: quirks.0 }
    }

    /// The same under another id, with those of its items that are named after it.
    #[must_use]
    pub fn under(mut self, id: MeetingId) -> Self {
        let meeting = &mut self.council.meeting;
        for item in &mut meeting.agenda {
            if let Some(new) = (item.id.as_str().strip_prefix(meeting.id.as_str()))
                .and_then(|place| place.strip_prefix('/'))
                .and_then(|place| AgendaItemId::new(format!("{id}/{place}")).ok())
            {
                self.titles.rename(&item.id, &new);
                item.id = new;
            }
        }
        meeting.id = id;
        self
    }
}

/// A media file that a manifest names. It exists; nothing more is known of it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingSource {
    /// Where the file lies.
    pub path: PathBuf,
    /// Where the recording starts on the meeting's clock.
    pub offset: MediaTime,
    /// A public copy elsewhere (http or https).
    pub video_url: Option<String>,
    /// Recording time + this = time in the public copy, in milliseconds.
    pub video_offset_ms: i64,
    /// How the site shows it.
    pub shown_as: ShownAs,
    /// The parts that may be processed, where the source says so.
    pub public: Option<PublicSpans>,
    /// Each of these parts with the place where it stands ("meeting.toml, Zeile 12").
    pub places: Vec<(Span, String)>,
    /// Which of its sound is transcribed.
    pub sound: SoundChoice,
    /// Who sits at the microphone of each channel; only where they are split.
    pub seats: Vec<String>,
}

/// Reads what a path of `mitschnitt ingest` holds: a `meeting.toml`, an OParl meeting or list of
/// meetings, or a folder with any of these. One answer for each meeting found, so that a wrong
/// one keeps no other from being read; never empty.
///
/// # Errors
/// `BadInput` with file, place and remedy.
pub fn read(path: &Path) -> Vec<Result<Ingested>> {
    let path = &match named(path) {
        Ok(path) => path,
        Err(error) => return vec![Err(error)],
    };
    let found = if path.is_dir() {
        folder::read(path)
    } else if path.extension().is_some_and(|e| e == "toml") {
        vec![manifest::read(path)]
    } else {
        folder::read_files(std::slice::from_ref(path))
    };
    if found.is_empty() {
        let what = format!("{} enthält keine Sitzung", path.display());
        return vec![Err(Error::bad_input(what).remedy(
            "Erwartet wird eine meeting.toml, eine OParl-Sitzung als JSON oder ein Ordner damit",
        ))];
    }
    found
}

/// Reads the input of `mitschnitt align`:
/// `{"meeting": OParl Meeting, "persons": OParl Person[], "papers": OParl Paper[]}`.
///
/// # Errors
/// `BadInput` where it is no JSON or has no meeting.
pub fn align_input(json: &str) -> Result<Council> {
    let (value, _) = json::parse(json.as_bytes(), "Sitzung")?;
    let bundle = Object::from(&value).filter(|bundle| bundle.has("meeting"));
    let bundle = bundle.ok_or_else(|| {
        Error::bad_input("Die Sitzungsdatei hat kein Feld „meeting“")
            .remedy("Erwartet wird {\"meeting\": …, \"persons\": […], \"papers\": […]}")
    })?;
    Ok(of_bundle(bundle)?.council)
}

/// A meeting with its persons and papers in one object.
fn of_bundle(bundle: Object<'_>) -> Result<Ingested> {
    let mut quirks = Quirks::default();
    let mut pool = Pool::default();
    for key in ["persons", "papers", "organizations", "consultations"] {
        let strangers: usize = bundle.list(key).into_iter().map(|value| pool.add(value)).sum();
        quirks.count(key, strangers, "Einträge sind keine bekannten OParl-Objekte", None);
    }
    let meeting = bundle.list("meeting").first().and_then(|value| Object::from(value));
    let meeting = meeting.ok_or_else(|| {
        Error::bad_input("Das Feld „meeting“ ist kein Objekt")
            .remedy("Erwartet wird eine OParl-Sitzung (Meeting) mit agendaItem")
    })?;
    let setting =
        Setting { id: None, body: None, organization: None, scope: OrganizationScope::Own };
    let read = oparl::council(meeting, &pool, &setting, &mut quirks)?;
    Ok(Ingested::of_council(read, quirks))
}

/// Whether an address may stand in a link: nothing but http and https.
fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !url.contains(|c: char| c.is_whitespace()))
}

/// What a path means that a user typed: as it is, unless its name has another normal form on the disk.
///
/// # Errors
/// Where several names on the disk differ from it in nothing but their normal forms.
pub fn named(path: &Path) -> Result<PathBuf> {
    match named_file::find(path, Path::exists) {
        Ok(path) => Ok(path),
        // Whoever opens it says why that fails.
        Err(Unfound::Missing) => Ok(path.to_owned()),
        Err(Unfound::Several(found)) => {
            let (path, found) = (path.display(), named_file::told_apart(&found));
            Err(Error::bad_input(format!("Was {path} meint, ist nicht klar: {found}"))
                .remedy(named_file::RENAME))
        }
    }
}

/// A file's bytes.
fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| {
        Error::bad_input(format!("{} ist nicht lesbar", path.display()))
            .because(e)
            .remedy("Prüfen Sie den Pfad und die Zugriffsrechte")
    })
}

#[cfg(test)]
mod tests;
