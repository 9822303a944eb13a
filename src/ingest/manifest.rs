//! `meeting.toml` (CONTRACT.md): a meeting, its recordings and what of them is public.
//! Refuses unknown keys, missing files and wrong times, with line, column and remedy.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;

use super::oparl::json::{self, Object};
use super::oparl::{self, Pool, Scope, Setting};
use super::quirk::Quirks;
use super::{Ingested, RecordingSource, bytes, is_web_address, when};
use crate::domain::{Council, Error, MediaTime, MeetingId, PublicSpans, Result, Span};

mod text;

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
    public: Option<Vec<(Spanned<String>, Spanned<String>)>>,
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
    let council = council(&manifest, &text, folder, &mut quirks)?;
    let mut recordings: Vec<RecordingSource> = Vec::new();
    for table in &manifest.recording {
        let recording = recording(table, &text, folder)?;
        if recordings.iter().any(|known| known.path == recording.path) {
            return Err(text.wrong(&table.file, "Diese Aufnahme steht schon da", ONCE));
        }
        recordings.push(recording);
    }
    Ok(Ingested { council, recordings, quirks: quirks.0 })
}

const ONCE: &str = "Nennen Sie jede Datei einmal; mehrere öffentliche Teile gehören in eine Liste";
const ZONE: &str = "Schreiben Sie zum Beispiel \"2021-06-21T17:00:00+02:00\" (Sommerzeit) \
                    oder \"2021-11-21T17:00:00+01:00\"";

fn council(
    manifest: &Manifest,
    text: &Text,
    folder: &Path,
    quirks: &mut Quirks,
) -> Result<Council> {
    let table = &manifest.meeting;
    let id = MeetingId::new(table.id.get_ref().as_str()).map_err(|e| {
        text.wrong(&table.id, &e.to_string(), "Wählen Sie etwas wie \"kreistag-2021-06-21\"")
    })?;
    let start = table.start.as_ref().map(|start| {
        let moment = when::moment(start.get_ref()).filter(|moment| moment.instant.is_some());
        moment.ok_or_else(|| text.wrong(start, "Das ist kein Zeitpunkt mit Zeitzone", ZONE))
    });
    let start = start.transpose()?;

    let mut companions = Vec::new();
    for key in [&table.persons, &table.papers].into_iter().flatten() {
        companions.push((key, load(key, text, folder, quirks)?));
    }
    let meeting = match &table.oparl {
        Some(key) if manifest.agenda.is_empty() => load(key, text, folder, quirks)?,
        Some(key) => {
            let what = "Neben „oparl“ darf keine [[agenda]] stehen";
            return Err(text.wrong(key, what, "Streichen Sie eines von beiden"));
        }
        None => agenda(manifest, text, &id, &mut companions, quirks)?,
    };
    let mut pool = Pool::default();
    for (key, value) in &companions {
        let strangers = pool.add(value);
        let what = "Einträge sind keine bekannten OParl-Objekte und wurden übergangen";
        quirks.count(key.get_ref(), strangers, what, None);
    }
    let setting = Setting {
        id: Some(id),
        body: Some(&table.body),
        organization: table.organization.as_deref(),
        scope: Scope::Own,
    };
    let object = the_meeting(&meeting).ok_or_else(|| match &table.oparl {
        Some(key) => text.wrong(
            key,
            "In der Datei steht keine OParl-Sitzung",
            "Nennen Sie eine Datei mit einem OParl-Objekt „Meeting“",
        ),
        None => Error::failed("Die Tagesordnung der meeting.toml ist nicht lesbar"),
    })?;
    let mut council = oparl::council(object, &pool, &setting, quirks)?;
    let meeting = &mut council.meeting;
    meeting.synthetic = table.synthetic;
    if table.oparl.is_none() {
        meeting.oparl_id = None;
    }
    if let Some(name) = table.name.as_deref().and_then(json::clean) {
        meeting.name = name;
    }
    if let Some(start) = start {
        (meeting.start, meeting.date) = (start.instant, Some(start.date));
    }
    Ok(council)
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
    if path.is_file() {
        return Ok(path);
    }
    let what = format!("Die Datei {} gibt es nicht", path.display());
    Err(text.wrong(key, &what, "Pfade gelten vom Ordner der meeting.toml aus"))
}

/// The `[[agenda]]` as an OParl meeting, so that there is one way from agendas to the domain.
fn agenda<'m>(
    manifest: &'m Manifest,
    text: &Text,
    id: &MeetingId,
    companions: &mut Vec<(&'m Spanned<String>, Value)>,
    quirks: &mut Quirks,
) -> Result<Value> {
    let references = manifest.meeting.papers.as_ref().map(|_| references(companions));
    let mut items = Vec::new();
    let mut silent = 0;
    for (order, table) in manifest.agenda.iter().enumerate() {
        if json::clean(table.title.get_ref()).is_none() {
            return Err(text.wrong(
                &table.title,
                "Der Tagesordnungspunkt hat keinen Titel",
                "Geben Sie ihm einen",
            ));
        }
        let paper = match (&table.paper, &references) {
            (None, _) => None,
            (Some(key), None) => Some(json!({"id": key.get_ref(), "reference": key.get_ref()})),
            (Some(key), Some(known)) => {
                let id = known.get(&normal(key.get_ref())).ok_or_else(|| {
                    let what = format!(
                        "Eine Vorlage „{}“ steht nicht in der Datei der Vorlagen",
                        key.get_ref().trim()
                    );
                    text.wrong(
                        key,
                        &what,
                        "Prüfen Sie das Aktenzeichen, oder ergänzen Sie die Datei („papers“)",
                    )
                })?;
                Some(json!(id))
            }
        };
        silent += usize::from(table.public.is_none());
        let mut item = json!({
            "id": oparl::place_id(id, order as u32).as_str(),
            "number": table.number,
            "name": table.title.get_ref(),
            "public": table.public.unwrap_or(false),
        });
        if let Some(paper) = paper {
            item["consultation"] = json!({ "paper": paper });
        }
        items.push(item);
    }
    let what = "Tagesordnungspunkte ohne Angabe „public“ gelten als nichtöffentlich";
    quirks.count("[[agenda]]", silent, what, None);
    let name = manifest.meeting.name.as_deref().or(manifest.meeting.organization.as_deref());
    let start = manifest.meeting.start.as_ref().map(|start| start.get_ref());
    Ok(json!({
        "id": id.as_str(),
        "type": "https://schema.oparl.org/1.1/Meeting",
        "name": name.unwrap_or("Sitzung"),
        "start": start,
        "agendaItem": items,
    }))
}

/// Paper ids by their references. References are not unique: the first one counts.
fn references(companions: &[(&Spanned<String>, Value)]) -> HashMap<String, String> {
    let mut pool = Pool::default();
    for (_, value) in companions {
        pool.add(value);
    }
    let mut known = HashMap::new();
    for paper in &pool.papers {
        if let (Some(reference), Some(id)) = (paper.text("reference"), paper.id()) {
            known.entry(normal(&reference)).or_insert_with(|| id.to_owned());
        }
    }
    known
}

/// References are told apart without regard to case and blanks.
fn normal(reference: &str) -> String {
    reference.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

fn recording(table: &RecordingTable, text: &Text, folder: &Path) -> Result<RecordingSource> {
    let path = existing(&table.file, text, folder)?;
    let offset = table.offset.as_ref().map(|key| text.time(key)).transpose()?;
    if let Some(key) = table.video_url.as_ref().filter(|key| !is_web_address(key.get_ref())) {
        let what = "Das ist keine Adresse mit http:// oder https://";
        return Err(text.wrong(key, what, "Geben Sie die Adresse der öffentlichen Kopie an"));
    }
    let video_offset = table.video_offset.as_ref().map(|key| text.signed_time(key)).transpose()?;
    let public = match &table.public {
        None => PublicSpans::WHOLE,
        Some(spans) => PublicSpans::only(
            spans.iter().map(|span| public_span(span, text)).collect::<Result<_>>()?,
        ),
    };
    Ok(RecordingSource {
        path,
        offset: offset.unwrap_or_default(),
        video_url: table.video_url.as_ref().map(|key| key.get_ref().clone()),
        video_offset_ms: video_offset.unwrap_or_default(),
        public,
    })
}

fn public_span((start, end): &(Spanned<String>, Spanned<String>), text: &Text) -> Result<Span> {
    let (from, to): (MediaTime, MediaTime) = (text.time(start)?, text.time(end)?);
    Span::new(from, to).filter(|span| span.millis() > 0).ok_or_else(|| {
        let what = format!("Der öffentliche Teil endet ({to}), bevor er beginnt ({from})");
        text.wrong(end, &what, "Schreiben Sie [\"Anfang\", \"Ende\"] als HH:MM:SS")
    })
}
