//! The archive as the recogniser's journal: what was recognised of a recording, window by window.

use crate::domain::{Digest, Error, MeetingId, Result, Span};
use crate::store::Store;
use crate::transcribe::{Journal, Segment};

/// The windows of one recording in the archive. They go with it, and with what it says that is
/// restricted.
pub(super) struct StoredWindows<'a> {
    /// The archive.
    pub store: &'a Store,
    /// Whose recording it is.
    pub meeting: &'a MeetingId,
    /// The recording.
    pub recording: &'a Digest,
}

impl Journal for StoredWindows<'_> {
    fn recall(&self, key: &Digest) -> Result<Option<Vec<Segment>>> {
        let stored = self.store.window(self.meeting, self.recording, key)?;
        // What cannot be read is asked for again.
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()))
    }

    fn keep(&self, key: &Digest, place: Span, segments: &[Segment]) -> Result<()> {
        let text = serde_json::to_string(segments)
            .map_err(|e| Error::failed("Ein Ergebnis lässt sich nicht aufschreiben").because(e))?;
        self.store.put_window(self.meeting, self.recording, key, place, &text)
    }
}
