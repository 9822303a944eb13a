//! The file that is to be read, before any demuxer sees it. Owns how messages name it; refuses what
//! is not there, not readable or empty.

use std::path::Path;

use crate::domain::{Error, Result};

/// The file's name as messages give it.
pub(super) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Refuses what is not there, not readable or empty, before any demuxer sees it.
pub(super) fn check_file(path: &Path) -> Result<()> {
    // Asked before it is opened: opening a pipe waits for its writer.
    let found = std::fs::metadata(path);
    let readable =
        found.and_then(|m| if m.is_file() { std::fs::File::open(path).map(|_| m) } else { Ok(m) });
    let file = readable.map_err(|e| {
        let error = Error::bad_input(format!("{}: lässt sich nicht öffnen", name(path)));
        error.because(e).remedy("Bitte Pfad und Leserechte prüfen")
    })?;
    if file.is_dir() {
        return Err(Error::bad_input(format!("{}: ist ein Ordner", name(path)))
            .remedy("Bitte die Aufnahme selbst angeben"));
    }
    if !file.is_file() {
        // A pipe could be read once only, and for ever.
        return Err(Error::bad_input(format!("{}: ist keine Datei", name(path)))
            .remedy("Bitte die Aufnahme erst speichern"));
    }
    if file.len() == 0 {
        return Err(Error::bad_input(format!("{}: die Datei ist leer", name(path)))
            .remedy("Bitte die Aufnahme noch einmal übertragen"));
    }
    Ok(())
}
