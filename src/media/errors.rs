//! What is said of a recording whose sound cannot be read, in German, and what to do about it.

use std::path::Path;

use crate::domain::Error;

use super::file::name;
use super::samples::SAMPLE_RATE;

/// The error for a thread that cannot be started.
pub(super) fn no_threads(e: std::io::Error) -> Error {
    Error::failed("kein Platz für weitere Fäden").because(e)
}

/// The error for a file whose sound nobody can read.
pub(super) fn refused(path: &Path, why: &str) -> Error {
    Error::bad_input(format!("{}: der Ton lässt sich nicht lesen ({why})", name(path))).remedy(
        "Bitte die Aufnahme prüfen und in einem gängigen Format bereitstellen (MP4, MP3, WAV)",
    )
}

/// The error for a track that has too few or too many channels to take them for microphones.
pub(super) fn unsplittable(path: &Path, channels: usize) -> Error {
    let what = "die Tonspur lässt sich nicht nach Mikrofonen trennen; Kanäle";
    Error::bad_input(format!("{}: {what}: {channels}", name(path)))
        .remedy("Bitte `split` weglassen oder eine Tonspur mit einem Kanal je Mikrofon wählen")
}

/// The error for a recording of which only the samples before number `at` are readable.
pub(super) fn truncated(path: &Path, at: u64, why: &str) -> Error {
    Error::bad_input(format!(
        "{}: die Aufnahme bricht ab, lesbar sind {:.1} Sekunden ({why})",
        name(path),
        at as f64 / f64::from(SAMPLE_RATE)
    ))
    .remedy(
        "Bitte die Datei noch einmal vollständig übertragen; ist das Original so, dann den \
             lesbaren Teil mit ffmpeg neu verpacken",
    )
}
