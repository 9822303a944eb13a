//! What a clerk says of a recording, written as the `meeting.toml` that everybody writes, so that there is one
//! way from descriptions to meetings. Owns where its files lie; refuses what names files of its own.

use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::{Table, Value};

use crate::archive::write_whole;
use crate::domain::{
    AgendaLine, Channels, DescribedMeeting, Error, MeetingForm, MeetingId, PublicSpans,
    RecordingDescription, Result, ShownAs, SoundChoice, Track,
};
use crate::ingest::{self, IdOrigin, Ingested};
use crate::store::Store;

/// The manifest in a recording's folder.
const MANIFEST: &str = "meeting.toml";
/// The OParl file beside it.
const OPARL: &str = "sitzung.json";

/// The file that a manifest names, and what of it is meant.
pub struct ManifestFile<'a> {
    /// Where it lies: a name in the manifest's folder, or a whole path.
    pub file: &'a Path,
    /// What of it is public.
    pub public: &'a PublicSpans,
    /// Which of its sound is meant.
    pub sound: &'a SoundChoice,
}

/// A `[[recording]]`.
#[derive(Serialize)]
struct WrittenRecording {
    file: String,
    offset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    video_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video_offset: Option<String>,
    publish: &'static str,
    public: WrittenPublic,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WrittenPublic {
    All(&'static str),
    Spans(Vec<[String; 2]>),
}

#[derive(Serialize)]
struct WrittenMeeting<'a> {
    id: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    organization: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oparl: Option<&'a str>,
}

#[derive(Serialize)]
struct WrittenItem<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    paper: Option<&'a str>,
    public: bool,
}

impl<'a> From<&'a AgendaLine> for WrittenItem<'a> {
    fn from(line: &'a AgendaLine) -> Self {
        Self {
            number: line.number.as_deref(),
            title: &line.title,
            paper: line.paper.as_deref(),
            public: line.is_public,
        }
    }
}

/// What was written of a meeting when another of its recordings was taken in.
pub struct FormerManifest {
    folder: PathBuf,
    table: Table,
}

impl FormerManifest {
    /// What lies in the folder of a recording; none where nothing readable does.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join(MANIFEST)).ok()?;
        let folder = std::path::absolute(folder).ok()?;
        Some(Self { folder, table: text.parse().ok()? })
    }

    /// Where its recordings lie.
    pub fn files(&self) -> Vec<PathBuf> {
        let recordings = self.recordings();
        let files = recordings.iter().filter_map(|recording| recording.get("file")?.as_str());
        files.map(PathBuf::from).collect()
    }

    /// Its recordings, with files that are found from anywhere.
    fn recordings(&self) -> Vec<Value> {
        let mut recordings =
            self.table.get("recording").and_then(Value::as_array).cloned().unwrap_or_default();
        for recording in recordings.iter_mut().filter_map(Value::as_table_mut) {
            if let Some(Value::String(file)) = recording.get_mut("file") {
                *file = self.folder.join(&*file).to_string_lossy().into_owned();
            }
        }
        recordings
    }

    /// What it says of the meeting, to be read from another folder.
    fn within(&self, folder: &Path) -> Result<Table> {
        let oparl = self.folder.join(OPARL);
        if oparl.is_file() {
            let text = std::fs::read_to_string(&oparl).map_err(|e| {
                Error::failed(format!("{} ist nicht lesbar", oparl.display())).because(e)
            })?;
            write(&folder.join(OPARL), &text)?;
        }
        Ok(self.table.clone())
    }
}

/// Writes the manifest into `folder` and reads it, as `mitschnitt ingest` would; `former` is that of a meeting that is
/// described already.
///
/// # Errors
/// `BadInput` where the description is not one of a meeting; `NoRoom` or `Archive` where it cannot be written.
pub fn describe(
    folder: &Path,
    description: &RecordingDescription,
    file: &ManifestFile<'_>,
    (store, former): (&Store, Option<&FormerManifest>),
) -> Result<Ingested> {
    let mut manifest = match former {
        None => meeting(folder, &description.meeting, store)?,
        Some(former) => former.within(folder)?,
    };
    let recording = recording(description, file);
    let mut recordings = former.map(FormerManifest::recordings).unwrap_or_default();
    recordings.push(value(&recording)?);
    manifest.insert("recording".to_owned(), Value::Array(recordings));
    let text = toml::to_string(&manifest).map_err(unwritable)?;
    write(&folder.join(MANIFEST), &text)?;
    ingest::read(&folder.join(MANIFEST)).pop().unwrap_or_else(|| {
        Err(Error::bad_input("Die Beschreibung nennt keine Sitzung").remedy("Füllen Sie sie aus"))
    })
}

fn meeting(folder: &Path, described: &DescribedMeeting, store: &Store) -> Result<Table> {
    match described {
        DescribedMeeting::Form(form) => of_form(form),
        DescribedMeeting::Manifest(text) => {
            let manifest: Table = text.parse().map_err(|e: toml::de::Error| {
                Error::bad_input("Das ist keine meeting.toml")
                    .because(e)
                    .remedy("Prüfen Sie den Text")
            })?;
            let names_files = manifest.get("meeting").and_then(Value::as_table).is_some_and(|m| {
                ["oparl", "persons", "papers"].iter().any(|key| m.contains_key(*key))
            });
            if names_files {
                let what = "Diese meeting.toml nennt andere Dateien (oparl, persons, papers)";
                return Err(Error::bad_input(what).remedy(
                    "Nehmen Sie die OParl-Datei selbst, oder lesen Sie die Sitzung mit `mitschnitt ingest` ein",
                ));
            }
            Ok(manifest)
        }
        DescribedMeeting::Oparl(text, id) => of_oparl(folder, text, id.as_ref(), store),
        DescribedMeeting::Known(id) => {
            Err(Error::not_found(format!("Zu {id} liegt keine Beschreibung vor")))
        }
    }
}

fn of_form(form: &MeetingForm) -> Result<Table> {
    let meeting = WrittenMeeting {
        id: form.id.as_str(),
        body: &form.body,
        organization: &form.organization,
        name: &form.name,
        start: Some(&form.start),
        oparl: None,
    };
    let mut table = Table::new();
    table.insert("meeting".to_owned(), value(&meeting)?);
    let agenda = form.agenda.iter().map(|line| value(&WrittenItem::from(line)));
    let agenda = agenda.collect::<Result<Vec<_>>>()?;
    if !agenda.is_empty() {
        table.insert("agenda".to_owned(), Value::Array(agenda));
    }
    Ok(table)
}

/// A manifest that names the OParl file, with what that file says itself.
fn of_oparl(folder: &Path, text: &str, id: Option<&MeetingId>, store: &Store) -> Result<Table> {
    let file = folder.join(OPARL);
    write(&file, text)?;
    let mut found = ingest::read(&file);
    let read = match found.pop() {
        Some(read) if found.is_empty() => read?,
        _ => {
            let what = "In der OParl-Datei steht nicht genau eine Sitzung";
            return Err(Error::bad_input(what).remedy("Nehmen Sie die Datei der einen Sitzung"));
        }
    };
    let made = match (&id, &read.id_origin) {
        (None, IdOrigin::Made { formerly }) => {
            Some(store.id_of_made(&read.council.meeting, formerly)?)
        }
        _ => None,
    };
    let id = id.or(made.as_ref()).unwrap_or(&read.council.meeting.id);
    let meeting = WrittenMeeting {
        id: id.as_str(),
        body: &read.council.body.name,
        organization: "",
        name: "",
        start: None,
        oparl: Some(OPARL),
    };
    let mut table = Table::new();
    table.insert("meeting".to_owned(), value(&meeting)?);
    Ok(table)
}

fn recording(description: &RecordingDescription, file: &ManifestFile<'_>) -> WrittenRecording {
    let ms = description.video_offset_ms;
    let video_offset = crate::domain::MediaTime::from_millis(ms.unsigned_abs());
    let sign = if ms < 0 { "-" } else { "" };
    let track = match &file.sound.track {
        Track::First => None,
        track => Some(track.to_string()),
    };
    let public = match file.public.is_whole() {
        true => WrittenPublic::All("all"),
        false => {
            let spans = file.public.within(crate::domain::LONGEST_RECORDING).into_iter();
            let spans = spans.map(|s| [s.start().to_string(), s.end().to_string()]);
            WrittenPublic::Spans(spans.collect())
        }
    };
    let is_link = description.shown_as == ShownAs::Link;
    WrittenRecording {
        file: file.file.to_string_lossy().into_owned(),
        offset: description.offset.to_string(),
        video_offset: (description.video_url.is_some() || is_link)
            .then(|| format!("{sign}{video_offset}")),
        video_url: description.video_url.clone(),
        publish: description.shown_as.as_str(),
        public,
        track,
        channels: (file.sound.channels == Channels::Split).then_some("split"),
    }
}

fn value(written: &impl Serialize) -> Result<Value> {
    Value::try_from(written).map_err(unwritable)
}

fn unwritable(e: toml::ser::Error) -> Error {
    Error::failed("Die Beschreibung lässt sich nicht schreiben").because(e)
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_whole(path, text.as_bytes())
        .map_err(|e| Error::unwritable(format!("{} lässt sich nicht schreiben", path.display()), e))
}
