//! The recordings as files: their digests, and the copies that the site may serve.

use std::fs::File;
use std::path::Path;

use super::{Progress, Stage};
use crate::domain::{Digest, Error, ErrorKind, Recording, Result};
use crate::media;
use crate::models::{self, Model};
use crate::store::{Published, Store};

/// Folder of the public copies in the data directory.
const COPIES: &str = "public";

/// The file that the site may serve for a recording: a copy of its public parts.
/// Without ffmpeg there is no copy, and the site shows text without video.
///
/// # Errors
/// `BadInput` where the recording is not the one that was registered, `Archive` where the copy
/// cannot be written.
pub fn servable(
    recording: &Recording,
    data_dir: &Path,
    progress: &dyn Progress,
) -> Result<Option<Published>> {
    unchanged(recording, progress)?;
    progress.begin(Stage::PublicCopy, "Öffentliche Fassung", None);
    let copy = public_copy(recording, data_dir);
    progress.end();
    match copy {
        Err(error) if error.kind() != ErrorKind::Archive => {
            tracing::warn!(%error, "no public copy, the site shows no video");
            Ok(None)
        }
        copy => copy.map(Some),
    }
}

fn public_copy(recording: &Recording, data_dir: &Path) -> Result<Published> {
    let Recording { path: source, public, sound, .. } = recording;
    let folder = data_dir.join(COPIES);
    std::fs::create_dir_all(&folder).map_err(|e| {
        Error::archive(format!("{} lässt sich nicht anlegen", folder.display())).because(e)
    })?;
    let decoder = media::Decoder::this_program()?;
    let copy = media::publish(source, public, sound, &folder, &decoder)?;
    if let Some(note) = copy.note {
        tracing::warn!(file = %source.display(), note, "the public copy lacks something");
    }
    let path = copy.path.canonicalize().unwrap_or(copy.path);
    Ok(Published { sha256: copy.sha256, path, bytes: copy.bytes })
}

/// Deletes public copies that no meeting shows any more.
///
/// # Errors
/// `Archive` where the folder cannot be read or a copy cannot be deleted.
pub fn sweep(store: &Store, data_dir: &Path) -> Result<()> {
    let folder = data_dir.join(COPIES);
    if !folder.is_dir() {
        return Ok(());
    }
    let shown = store.published_paths()?;
    let undeleted = |e: std::io::Error| {
        Error::archive(format!("In {} lässt sich nicht aufräumen", folder.display()))
            .because(e)
            .remedy("Prüfen Sie die Rechte; dort liegen Aufnahmen, die nicht mehr gezeigt werden")
    };
    let folder = folder.canonicalize().map_err(undeleted)?;
    for entry in std::fs::read_dir(&folder).map_err(undeleted)? {
        let path = folder.join(entry.map_err(undeleted)?.file_name());
        if !shown.contains(&path) {
            std::fs::remove_file(&path).map_err(undeleted)?;
        }
    }
    Ok(())
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
