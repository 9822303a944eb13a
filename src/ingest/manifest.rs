//! `meeting.toml` (CONTRACT.md): a meeting, its recordings and what of them is public.
//! Refuses unknown keys, missing files and wrong times, with line, column and remedy.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::named_file::{self, Unfound};
use super::oparl::json::{self, Object};
use super::oparl::{self, OrganizationScope, Pool, Setting};
use super::quirk::Quirks;
use super::readable;
use super::when::{self, Moment};
use super::{IdOrigin, Ingested, RecordingSource, bytes, is_web_address};
use crate::domain::{Council, Meeting, MeetingId, Origin, Result, ShownAs, SourceTitles};

mod agenda;
mod public;
mod sound;
mod text;

use public::{Public, PublicKey, public};
use sound::{TrackKey, sound};
use text::Text;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    meeting: MeetingTable,
    #[serde(default)]
    recording: Vec<RecordingTable>,
    #[serde(default)]
    agenda: Vec<AgendaTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeetingTable {
    id: Spanned<String>,
    body: String,
    organization: Option<String>,
    name: Option<String>,
    start: Option<Spanned<String>>,
    oparl: Option<Spanned<String>>,
    persons: Option<Spanned<String>>,
    papers: Option<Spanned<String>>,
    #[serde(default)]
    synthetic: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordingTable {
    file: Spanned<String>,
    offset: Option<Spanned<String>>,
    video_url: Option<Spanned<String>>,
    video_offset: Option<Spanned<String>>,
    publish: Option<Spanned<String>>,
    public: Option<Spanned<PublicKey>>,
    track: Option<Spanned<TrackKey>>,
    channels: Option<Spanned<String>>,
    seats: Option<Spanned<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgendaTable {
    number: Option<String>,
    title: Spanned<String>,
    paper: Option<Spanned<String>>,
    public: Option<bool>,
}

/// Reads a manifest and the files it names.
///
/// # Errors
/// `BadInput` with file, line, column and remedy.
pub fn read(path: &Path) -> Result<Ingested> {
    let text = Text::new(path, bytes(path)?)?;
    let manifest: Manifest = text.parse()?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut quirks = Quirks::default();
    let (council, titles) = council(&manifest, &text, folder, &mut quirks)?;
    let mut recordings: Vec<RecordingSource> = Vec::new();
    for table in &manifest.recording {
        let recording = recording(table, &text, folder)?;
        if recordings.iter().any(|known| known.path == recording.path) {
            return Err(text.wrong(&table.file, "Diese Aufnahme steht schon da", ONCE));
        }
        recordings.push(recording);
    }
    let origin = Origin::Manifest;
    let id_origin = IdOrigin::Chosen;
    Ok(Ingested { council, id_origin, titles, origin, recordings, quirks: quirks.0 })
}

const ONCE: &str = "Nennen Sie jede Datei einmal; mehrere öffentliche Teile gehören in eine Liste";
const ZONE: &str = "Schreiben Sie zum Beispiel \"2021-06-21T17:00:00+02:00\" (Sommerzeit) \
                    oder \"2021-11-21T17:00:00+01:00\"";

fn council(
    manifest: &Manifest,
    text: &Text,
    folder: &Path,
    quirks: &mut Quirks,
) -> Result<(Council, SourceTitles)> {
    let table = &manifest.meeting;
    let (id, start) = (table.id(text)?, table.start(text)?);
    let mut companions = Vec::new();
    for key in [&table.persons, &table.papers].into_iter().flatten() {
        companions.push((key, load(key, text, folder, quirks)?));
    }
    let meeting = match &table.oparl {
        None => agenda::meeting(manifest, text, &id, &companions, quirks)?,
        Some(key) if manifest.agenda.is_empty() => load(key, text, folder, quirks)?,
        Some(key) => {
            let what = "Neben „oparl“ darf keine [[agenda]] stehen";
            return Err(text.wrong(key, what, "Streichen Sie eines von beiden"));
        }
    };
    let mut pool = Pool::default();
    for (key, value) in &companions {
        let strangers = pool.add(value);
        let what = "Einträge sind keine bekannten OParl-Objekte und wurden übergangen";
        quirks.count(key.get_ref(), strangers, what, None);
    }
    let body = readable::line(&table.body).unwrap_or_default();
    let organization = table.organization.as_deref().and_then(readable::line);
    let setting = Setting {
        id: Some(id),
        body: Some(&body),
        organization: organization.as_deref(),
        scope: OrganizationScope::Own,
    };
    let what = "In der Datei steht keine OParl-Sitzung, oder mehr als eine";
    let remedy = "Nennen Sie eine Datei mit einem OParl-Objekt „Meeting“";
    let object = the_meeting(&meeting)
        .ok_or_else(|| text.wrong(table.oparl.as_ref().unwrap_or(&table.id), what, remedy))?;
    let read = oparl::council(object, &pool, &setting, quirks)?;
    let mut council = read.council;
    table.overrule(&mut council.meeting, start);
    Ok((council, read.titles))
}

impl MeetingTable {
    fn id(&self, text: &Text) -> Result<MeetingId> {
        MeetingId::new(self.id.get_ref().as_str()).map_err(|e| {
            let remedy = "Wählen Sie etwas wie \"kreistag-2021-06-21\"";
            text.wrong(&self.id, &e.to_string(), remedy)
        })
    }

    fn start(&self, text: &Text) -> Result<Option<Moment>> {
        let Some(start) = &self.start else { return Ok(None) };
        let moment = when::moment(start.get_ref()).filter(|moment| moment.instant.is_some());
        let wrong = || text.wrong(start, "Das ist kein Zeitpunkt mit Zeitzone", ZONE);
        moment.map(Some).ok_or_else(wrong)
    }

    /// What the manifest says of the meeting itself goes before what OParl says.
    fn overrule(&self, meeting: &mut Meeting, start: Option<Moment>) {
        meeting.synthetic = self.synthetic;
        if self.oparl.is_none() {
            meeting.oparl_id = None;
        }
        if let Some(name) = self.name.as_deref().and_then(readable::line) {
            meeting.name = name;
        }
        if let Some(start) = start {
            (meeting.start, meeting.date) = (start.instant, Some(start.date));
        }
    }
}

/// The meeting in an OParl file: the object itself, or the only one of a list.
fn the_meeting(value: &Value) -> Option<Object<'_>> {
    let mut pool = Pool::default();
    pool.add(value);
    match pool.meetings[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// A JSON file that the manifest names.
fn load(key: &Spanned<String>, text: &Text, folder: &Path, quirks: &mut Quirks) -> Result<Value> {
    let path = existing(key, text, folder)?;
    let name = path.display().to_string();
    let (value, overlooked) = json::parse(&bytes(&path)?, &name)?;
    overlooked.into_iter().for_each(|text| quirks.note(&name, format!("Die Datei {text}")));
    Ok(value)
}

fn existing(key: &Spanned<String>, text: &Text, folder: &Path) -> Result<PathBuf> {
    let path = folder.join(key.get_ref());
    named_file::find(&path, Path::is_file).map_err(|unfound| match unfound {
        Unfound::Missing => {
            let what = format!("Die Datei {} gibt es nicht", path.display());
            text.wrong(key, &what, "Pfade gelten vom Ordner der meeting.toml aus")
        }
        Unfound::Several(found) => {
            let (path, found) = (path.display(), named_file::told_apart(&found));
            let what = format!("Welche Datei {path} meint, ist nicht klar: {found}");
            text.wrong(key, &what, named_file::RENAME)
        }
    })
}

fn recording(table: &RecordingTable, text: &Text, folder: &Path) -> Result<RecordingSource> {
    let path = existing(&table.file, text, folder)?;
    let offset = table.offset.as_ref().map(|key| text.time(key)).transpose()?;
    if let Some(key) = table.video_url.as_ref().filter(|key| !is_web_address(key.get_ref())) {
        let what = "Das ist keine Adresse mit http:// oder https://";
        return Err(text.wrong(key, what, "Geben Sie die Adresse der öffentlichen Kopie an"));
    }
    let video_offset = table.video_offset.as_ref().map(|key| text.signed_time(key)).transpose()?;
    let shown_as = match &table.publish {
        None => ShownAs::default(),
        Some(key) => ShownAs::named(key.get_ref()).ok_or_else(|| {
            let what = format!("„{}“ ist keine Art zu veröffentlichen", key.get_ref());
            text.wrong(key, &what, "Möglich sind \"file\", \"link\" und \"none\"")
        })?,
    };
    if let Some(key) =
        table.publish.as_ref().filter(|_| shown_as == ShownAs::Link && table.video_url.is_none())
    {
        let what = "Ohne video_url gibt es nichts, worauf verwiesen werden kann";
        return Err(text.wrong(key, what, "Geben Sie video_url an, oder publish = \"none\""));
    }
    let Public { spans, places } = public(table.public.as_ref(), text)?;
    let (sound, seats) =
        sound(table.track.as_ref(), table.channels.as_ref(), table.seats.as_ref(), text)?;
    Ok(RecordingSource {
        path,
        offset: offset.unwrap_or_default(),
        video_url: table.video_url.as_ref().map(|key| key.get_ref().clone()),
        video_offset_ms: video_offset.unwrap_or_default(),
        shown_as,
        public: spans,
        places,
        sound,
        seats,
    })
}
