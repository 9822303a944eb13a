//! A meeting as the index should hold it, from what the archive holds.

use std::collections::BTreeMap;

use super::terms::key;
use crate::align::{self, CutSpeeches};
use crate::domain::{MeetingId, Result};
use crate::edition::Edition;
use crate::search::{self, Indexable, Recorded, Said, Spoken};
use crate::store::Store;

/// The meeting as it should be in the index, unless it is there: `known` are the fingerprints of
/// those that are.
pub(super) fn indexable_unless(
    store: &Store,
    id: &MeetingId,
    known: &BTreeMap<String, String>,
) -> Result<Option<Indexable>> {
    let (council, recordings) = (store.council(id)?, store.recordings(id)?);
    let text = (store.alignment_key(id)?, store.speeches_key(id)?);
    let fingerprint = key(&(search::VERSION, align::VERSION, &council, &recordings, &text))?;
    if known.get(id.as_str()).is_some_and(|f| f == fingerprint.as_str()) {
        return Ok(None);
    }
    let document = |said: Said<'_>| Some(Indexable::new(&fingerprint, &council, &recordings, said));
    let edition = Edition::load(store, id)?;
    if let Some((transcript, alignment)) = &edition.text {
        let passages = &align::passages(transcript, alignment);
        return Ok(document(Said::Heard(Spoken { transcript, alignment, passages })));
    }
    let speeches = &edition.speeches;
    let CutSpeeches { words, passages } = &align::passages_of_speeches(speeches);
    Ok(document(match speeches.is_empty() {
        true => Said::Nothing,
        false => Said::Recorded(Recorded { speeches, words, passages }),
    }))
}
