//! A meeting as the index should hold it, from what of the archive may be seen.

use crate::align::{self, CutSpeeches};
use crate::domain::{ErrorKind, MeetingId, Recording, Result};
use crate::edition::{Editions, Viewer};
use crate::pipeline::run::key;
use crate::search::{self, Indexable, Recorded, Spoken, Wording};
use crate::store::Store;

/// What the index should have of a meeting.
pub(super) enum Due {
    /// What it has.
    Same,
    /// Something else.
    Other(Indexable),
    /// Nothing: the meeting may not be seen.
    None,
}

/// The meeting as it should be in the index, which has it with the fingerprint `known`, if at all.
pub(super) fn entry(store: &Store, id: &MeetingId, known: Option<&str>) -> Result<Due> {
    let editions = Editions::new(store.clone(), Viewer::Public);
    let (council, recordings) = (store.council(id)?, store.recordings(id)?);
    let text = (store.alignment_key(id)?, store.speeches_key(id)?, store.shown_transcripts(id)?);
    let decisive = editions.decisive(id)?;
    let fingerprint =
        key(&(search::VERSION, align::VERSION, &council, &recordings, &text, &decisive))?;
    if known == Some(fingerprint.as_str()) {
        return Ok(Due::Same);
    }
    let edition = match editions.load(id) {
        Err(error) if error.kind() == ErrorKind::Withdrawn => return Ok(Due::None),
        loaded => loaded?,
    };
    let recordings: Vec<Recording> = edition.parts.iter().map(|p| p.recording.clone()).collect();
    let council = &edition.council;
    let document = |said: Wording<'_>| Indexable::new(&fingerprint, council, &recordings, said);
    if let Some((transcript, alignment)) = &edition.text {
        let passages = &align::passages(transcript, alignment);
        return Ok(Due::Other(document(Wording::Heard(Spoken {
            transcript,
            alignment,
            passages,
        }))));
    }
    let speeches = &edition.speeches;
    let CutSpeeches { words, passages } = &align::passages_of_speeches(speeches);
    Ok(Due::Other(document(match speeches.is_empty() {
        true => Wording::Nothing,
        false => Wording::Recorded(Recorded { speeches, words, passages }),
    })))
}
