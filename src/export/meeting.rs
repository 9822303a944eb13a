//! A meeting of the archive in a format, for the command line and the site alike. Owns which clock it
//! runs on; what of it may be seen, the edition says.

use super::{Format, Source, export};
use crate::domain::{Error, MediaTime, MeetingId, Result, Transcript};
use crate::edition::Edition;
use crate::store::Store;

/// A meeting's text in a format: of one recording (from 1) on the recording's clock, as a player
/// needs it; of a meeting with several, where none is named, on the meeting's clock.
///
/// # Errors
/// `NotFound` where there is no such meeting, part or text.
pub fn export_meeting(
    store: &Store,
    id: &MeetingId,
    part: Option<usize>,
    format: Format,
) -> Result<String> {
    let edition = Edition::load(store, id)?;
    let missing = || {
        Error::not_found(format!("Der Wortlaut der Sitzung {id} liegt noch nicht vor"))
            .remedy("Was noch zu tun ist, tut `mitschnitt run`")
    };
    let (whole, alignment) = edition.text.as_ref().ok_or_else(missing)?;
    let only = (edition.parts.len() == 1).then_some(1);
    let of_part = part.or(only).map(|n| recorded(store, &edition, n)).transpose()?;
    let (transcript, offset) = match &of_part {
        Some((transcript, offset)) => (transcript, *offset),
        None => (whole, MediaTime::ZERO),
    };
    let council = Some(&edition.council);
    export(&Source { council, transcript, alignment: Some(alignment), offset }, format)
}

fn recorded(store: &Store, edition: &Edition, n: usize) -> Result<(Transcript, MediaTime)> {
    let none = || Error::not_found("Einen solchen Teil hat die Aufzeichnung nicht");
    let part = n.checked_sub(1).and_then(|i| edition.parts.get(i)).ok_or_else(none)?;
    let stored = store.transcript(&edition.council.meeting.id, &part.recording.sha256)?;
    Ok((stored.ok_or_else(none)?.transcript, part.recording.offset))
}
