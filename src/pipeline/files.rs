//! The recordings as files: their digests, and the copies that the site may serve.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{Progress, Stage};
use crate::domain::{Digest, Error, MeetingId, Recording, Result};
use crate::media::{self, Decoder, PublicCopy};
use crate::models::{self, Model};
use crate::store::Store;

/// Folder of the public copies in the data directory; each meeting has its own in it.
const COPIES: &str = "public";

/// The folder of a meeting's public copies.
pub fn copies_of(data_dir: &Path, meeting: &str) -> PathBuf {
    data_dir.join(COPIES).join(meeting)
}

/// Makes the public copy of a recording in its meeting's folder.
///
/// # Errors
/// `BadInput` where the recording is not the one that was registered, and those of [`media::publish`].
pub fn make_copy(
    id: &MeetingId,
    recording: &Recording,
    data_dir: &Path,
    decoder: &Decoder,
    progress: &dyn Progress,
) -> Result<PublicCopy> {
    unchanged(recording, progress)?;
    let folder = copies_of(data_dir, id.as_str());
    std::fs::create_dir_all(&folder).map_err(|e| {
        Error::archive(format!("{} lässt sich nicht anlegen", folder.display())).because(e)
    })?;
    progress.begin(Stage::PublicCopy, "Öffentliche Fassung", None);
    let copy =
        media::publish(&recording.path, &recording.public, &recording.sound, &folder, decoder);
    progress.end();
    copy
}

/// Deletes the copies of a meeting that are no longer served. What does not lie in its folder is none
/// of its copies.
///
/// # Errors
/// `Archive` where the folder cannot be read or a copy cannot be deleted.
pub fn sweep(store: &Store, data_dir: &Path, meeting: &str) -> Result<()> {
    let folder = copies_of(data_dir, meeting);
    if !folder.is_dir() {
        return Ok(());
    }
    let undeleted = |e: std::io::Error| {
        Error::archive(format!("In {} lässt sich nicht aufräumen", folder.display()))
            .because(e)
            .remedy("Prüfen Sie die Rechte; dort liegen Aufnahmen, die nicht mehr gezeigt werden")
    };
    let served: Vec<_> = store
        .published_paths(meeting)?
        .iter()
        .filter_map(|p| p.file_name().map(Into::into))
        .collect();
    let served: Vec<std::ffi::OsString> = served;
    for entry in std::fs::read_dir(&folder).map_err(undeleted)? {
        let name = entry.map_err(undeleted)?.file_name();
        if !served.contains(&name) {
            std::fs::remove_file(folder.join(&name)).map_err(undeleted)?;
        }
    }
    // An empty folder says which meetings there were.
    let _ = std::fs::remove_dir(&folder);
    Ok(())
}

/// Deletes a file of the data directory that was served once.
///
/// # Errors
/// `Archive` where it cannot be deleted.
pub fn delete_served(data_dir: &Path, relative: &str) -> Result<()> {
    let relative = Path::new(relative);
    let inside = relative.components().all(|c| matches!(c, std::path::Component::Normal(_)));
    if !inside || !relative.starts_with(COPIES) {
        return Ok(());
    }
    let path = data_dir.join(relative);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::archive(format!("{} lässt sich nicht löschen", path.display()))
                .because(e)
                .remedy("Prüfen Sie die Rechte; die Datei wird nicht mehr gezeigt"))
        }
        _ => Ok(()),
    }
}

/// Refuses a recording that is not the one that was registered.
pub fn unchanged(recording: &Recording, progress: &dyn Progress) -> Result<()> {
    let (sha256, _) = hash(&recording.path, progress)?;
    if sha256 == recording.sha256 {
        return Ok(());
    }
    let path = recording.path.display();
    Err(Error::bad_input(format!("Die Aufnahme {path} ist nicht mehr die, die eingelesen wurde"))
        .remedy("Lesen Sie die Sitzung mit `mitschnitt ingest` neu ein"))
}

/// Digest and length of a recording.
///
/// # Errors
/// `BadInput` where the file cannot be read.
pub fn hash(path: &Path, progress: &dyn Progress) -> Result<(Digest, u64)> {
    told(path, progress, || {
        File::open(path).and_then(Digest::of_reader).map_err(|e| {
            Error::bad_input(format!("Die Aufnahme {} ist nicht lesbar", path.display()))
                .because(e)
                .remedy("Prüfen Sie die Datei, oder lesen Sie die Sitzung neu ein")
        })
    })
}

/// Checks a model against the table.
///
/// # Errors
/// Those of [`models::verify`].
pub fn verify(model: &Model, progress: &dyn Progress) -> Result<Digest> {
    told(&model.path, progress, || models::verify(model))
}

/// Reading a long file through takes seconds, and that is told.
fn told<T>(path: &Path, progress: &dyn Progress, work: impl FnOnce() -> T) -> T {
    const LONG: u64 = 256 << 20;
    if path.metadata().is_ok_and(|m| m.len() <= LONG) {
        return work();
    }
    progress.begin(Stage::Checksum, &format!("Prüfsumme von {}", path.display()), None);
    let done = work();
    progress.end();
    done
}
