//! A clip: a stretch of a public copy as a file of its own, encoded anew so that it begins and ends where it
//! should.

use std::path::Path;

use super::{confined, recipe};
use crate::domain::{Error, MediaTime, Result, Span};
use crate::media::ffprobe;
use crate::media::protocol::ResourceLimits;

/// Writes `span` of `source`, on its own time line, to `to`, an MP4 that appears whole or not at all.
///
/// # Errors
/// `Failed` where ffmpeg is missing or gives up; `Archive` where the folder cannot be written.
pub fn clip(source: &Path, span: Span, has_video: bool, to: &Path) -> Result<()> {
    let failed = |why: &str| {
        Error::failed(format!("Der Ausschnitt gelingt nicht ({why})"))
            .remedy("Versuchen Sie eine andere Stelle, oder öffnen Sie die ganze Aufzeichnung")
    };
    let unwritable =
        |e: std::io::Error| Error::unwritable("Der Ausschnitt lässt sich nicht speichern", e);
    let folder = to.parent().ok_or_else(|| failed("kein Ordner"))?;
    let part = tempfile::Builder::new().prefix(".teil-").suffix(".mp4").tempfile_in(folder);
    let part = part.map_err(unwritable)?;
    let length = MediaTime::from_millis(span.millis());
    let limits = ResourceLimits::of_copying(source, length);
    let command = recipe::clipping(source, span, has_video, part.path());
    let ended = confined::run(command, &limits, Some(part.path()), drop)
        .map_err(|e| ffprobe::missing("ffmpeg", source, e))?;
    if ended.lacks_space() {
        return Err(unwritable(std::io::ErrorKind::StorageFull.into()));
    }
    if !ended.is_success() || ended.lacked_memory() {
        return Err(failed(&ended.reason()));
    }
    part.persist(to).map_err(|e| unwritable(e.error))?;
    Ok(())
}
