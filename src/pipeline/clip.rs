//! Clips beside the public copies that they are cut out of, so that they are deleted with these.

use std::path::{Path, PathBuf};

use super::Pipeline;
use crate::archive::{Files, Locks};
use crate::domain::{Digest, Error, MeetingId, Result, Span};
use crate::media;

/// The public copy that a clip is cut out of.
#[derive(Clone, Copy, Debug)]
pub struct ClipSource<'a> {
    /// Its hash.
    pub sha256: &'a Digest,
    /// Where it lies.
    pub path: &'a Path,
    /// Whether there is a picture in it.
    pub has_video: bool,
}

/// Cuts a stretch out of a public copy, unless that was done before; gives where it lies.
///
/// # Errors
/// `Failed` where somebody works on the copies of the meeting, or it cannot be cut.
pub fn cut_clip(
    files: &dyn Files,
    locks: &Locks,
    meeting: &MeetingId,
    source: ClipSource<'_>,
    span: Span,
) -> Result<PathBuf> {
    let (start, end) = (span.start().millis(), span.end().millis());
    let name = format!("ausschnitt-{}-{start}-{end}.mp4", source.sha256);
    let path = files.workshop(meeting)?.join(name);
    if path.is_file() {
        return Ok(path);
    }
    let busy = || {
        Error::failed("Gerade wird an den Fassungen dieser Sitzung gearbeitet")
            .remedy("Versuchen Sie es in einer Minute noch einmal")
    };
    // Nothing may be cut out of a file while it is being deleted.
    let _lock = locks.copies(meeting)?.ok_or_else(busy)?;
    media::clip(source.path, span, source.has_video, &path)?;
    Ok(path)
}

impl Pipeline<'_> {
    /// Cuts a stretch out of the public copy with this hash.
    ///
    /// # Errors
    /// `NotFound` where the meeting shows no such copy; else as of [`cut_clip`].
    pub fn clip(&self, meeting: &MeetingId, file: &Digest, span: Span) -> Result<PathBuf> {
        let mut shown = self.store.all_published()?.into_iter();
        let copy = shown.find(|(of, _, copy)| of == meeting && copy.sha256 == *file);
        let (.., copy) = copy.ok_or_else(|| {
            Error::not_found("Diese Aufzeichnung wird nicht mehr gezeigt")
                .remedy("Öffnen Sie die Seite der Sitzung neu")
        })?;
        let source = ClipSource { sha256: file, path: &copy.path, has_video: copy.has_video };
        cut_clip(self.files.as_ref(), &self.locks, meeting, source, span)
    }
}
