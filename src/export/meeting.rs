//! A meeting in a format, for the command line and the site alike. Owns which clock it runs on; what of
//! it may be seen, the edition says.

use super::{ExportSource, Format, export};
use crate::domain::{Error, MediaTime, Result, Transcript};
use crate::edition::Edition;

/// A meeting's text in a format: of one recording (from 1) on the recording's clock, as a player
/// needs it; of a meeting with several, where none is named, on the meeting's clock. `site` is the public
/// address of the site, where it is known.
///
/// # Errors
/// `NotFound` where there is no such part or text.
pub fn export_meeting(
    edition: &Edition,
    part: Option<usize>,
    format: Format,
    site: Option<&str>,
) -> Result<String> {
    let id = &edition.council.meeting.id;
    let missing = || {
        Error::not_found(format!("Der Wortlaut der Sitzung {id} liegt noch nicht vor"))
            .remedy("Was noch zu tun ist, tut `mitschnitt run`")
    };
    let (whole, alignment) = edition.text.as_ref().ok_or_else(missing)?;
    let only = (edition.parts.len() == 1).then_some(1);
    let of_part = part.or(only).map(|n| recorded(edition, n)).transpose()?;
    let (transcript, offset) = of_part.unwrap_or((whole, MediaTime::ZERO));
    let council = Some(&edition.council);
    let address = site.map(|site| format!("{}/sitzung/{id}", site.trim_end_matches('/')));
    let (alignment, address) = (Some(alignment), address.as_deref());
    let review = edition.text_review(&[]);
    export(&ExportSource { council, transcript, alignment, offset, address, review }, format)
}

fn recorded(edition: &Edition, n: usize) -> Result<(&Transcript, MediaTime)> {
    let none = || Error::not_found("Einen solchen Teil hat die Aufzeichnung nicht");
    let part = n.checked_sub(1).and_then(|i| edition.parts.get(i)).ok_or_else(none)?;
    Ok((part.transcript.as_ref().ok_or_else(none)?, part.recording.offset))
}
