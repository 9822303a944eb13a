//! JSON files and folders: finds manifests and OParl meetings, and puts the other OParl objects
//! beside them to use. Refuses nothing for being there; what is no meeting is passed over.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::oparl::json::{self, Object};
use super::oparl::{self, OrganizationScope, Pool, Setting};
use super::quirk::{Quirk, Quirks};
use super::{Ingested, bytes, manifest, of_bundle};
use crate::domain::{Error, Result};

/// The name of a manifest.
const MANIFEST: &str = "meeting.toml";

/// All meetings of a folder and the folders in it. A folder with a manifest is one meeting.
pub fn read(folder: &Path) -> Vec<Result<Ingested>> {
    let (mut manifests, mut files) = (Vec::new(), Vec::new());
    if let Err(error) = find(folder, &mut manifests, &mut files) {
        return vec![Err(error)];
    }
    let mut found: Vec<_> = manifests.iter().map(|path| manifest::read(path)).collect();
    found.extend(read_files(&files));
    found
}

/// Goes through a folder in the order of names, so that the result does not depend on the disk.
fn find(folder: &Path, manifests: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |e| {
        Error::bad_input(format!("Der Ordner {} ist nicht lesbar", folder.display()))
            .because(e)
            .remedy("Prüfen Sie die Zugriffsrechte")
    };
    let manifest = folder.join(MANIFEST);
    if manifest.is_file() {
        manifests.push(manifest);
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // `file_type` follows no links, so a link back up cannot make this endless.
        match entry.file_type().map_err(unreadable)? {
            _ if hidden => {}
            kind if kind.is_dir() => find(&path, manifests, files)?,
            _ if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) => {
                files.push(path);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The meetings of JSON files that were given together.
pub fn read_files(paths: &[PathBuf]) -> Vec<Result<Ingested>> {
    let mut results = Vec::new();
    let mut files: Vec<(String, Value)> = Vec::new();
    let mut quirks = Quirks::default();
    for path in paths {
        let name = path.display().to_string();
        match bytes(path).and_then(|bytes| json::parse(&bytes, &name)) {
            Ok((value, overlooked)) => {
                overlooked
                    .into_iter()
                    .for_each(|text| quirks.note(&name, format!("Die Datei {text}")));
                files.push((name, value));
            }
            Err(error) => results.push(Err(error)),
        }
    }
    let mut pool = Pool::default();
    for (_, value) in &files {
        match Object::from(value).filter(|bundle| is_bundle(*bundle)) {
            Some(bundle) => results.push(of_bundle(bundle)),
            // Folders hold other JSON too; only meetings are asked for.
            None => drop(pool.add(value)),
        }
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    for meeting in &pool.meetings {
        let id = meeting.id().map(str::to_owned);
        if let Some(known) = id.as_ref().and_then(|id| places.get(id)) {
            if let Some(Ok(known)) = results.get_mut(*known) {
                known.quirks.push(twice(id.as_deref().unwrap_or_default()));
            }
            continue;
        }
        places.extend(id.map(|id| (id, results.len())));
        results.push(one(*meeting, &pool));
    }
    // What concerns files rather than meetings is told once.
    if let Some(first) = results.iter_mut().find_map(|result| result.as_mut().ok()) {
        first.quirks.splice(0..0, quirks.0);
    }
    results
}

fn is_bundle(object: Object<'_>) -> bool {
    object.kind().is_none() && object.has("meeting") && object.has("persons")
}

fn one<'a>(meeting: Object<'a>, pool: &Pool<'a>) -> Result<Ingested> {
    let mut quirks = Quirks::default();
    let setting =
        Setting { id: None, body: None, organization: None, scope: OrganizationScope::Server };
    let read = oparl::council(meeting, pool, &setting, &mut quirks)?;
    Ok(Ingested::of_council(read, quirks))
}

fn twice(id: &str) -> Quirk {
    Quirk {
        place: id.to_owned(),
        text: "Die Sitzung kommt mehrfach vor; es gilt der erste Eintrag".to_owned(),
    }
}
