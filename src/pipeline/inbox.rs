//! Words that readers have reported, as far as they may be seen no more: they go out of the inbox, as they go out of
//! index and copies.

use std::collections::BTreeMap;

use crate::domain::{
    ErrorKind, Located, MeetingId, Quotation, ReaderReport, Restriction, Result, SealedQuotation,
};
use crate::edition::{Edition, Editions, Viewer};
use crate::inbox::Inbox;
use crate::store::Store;

/// What becomes of the words of a report.
enum WordsFate {
    Stay,
    /// They stay, and are known again by these: words around them may have been withdrawn.
    Renewed(SealedQuotation),
    Gone,
}

/// Takes the words out of reports, of one meeting or of all, that not even the desk may see any more: of a stretch
/// that is withheld, of a meeting that is gone or held back. Gives of how many.
///
/// # Errors
/// Those of archive and inbox; words whose meeting cannot be read just now stay for the next time.
pub fn forget_withdrawn_words(
    store: &Store,
    inbox: &Inbox,
    meeting: Option<&MeetingId>,
) -> Result<usize> {
    let editions = Editions::new(store.clone(), Viewer::Preview);
    let mut by_meeting: BTreeMap<MeetingId, Vec<ReaderReport>> = BTreeMap::new();
    for report in inbox.with_words(meeting)? {
        by_meeting.entry(report.meeting.clone()).or_default().push(report);
    }
    let (mut gone, mut renewed) = (Vec::new(), Vec::new());
    for (meeting, reports) in by_meeting {
        let edition = match editions.load(&meeting) {
            Ok(edition) => Some(edition),
            Err(e) if matches!(e.kind(), ErrorKind::Withdrawn | ErrorKind::NotFound) => None,
            Err(error) => return Err(error),
        };
        let restricted = store.restrictions_of(&meeting)?.iter().any(Restriction::holds);
        for report in reports {
            let words = report.place.and_then(|place| place.words);
            let fate = match (&edition, words) {
                (Some(edition), Some(words)) => fate(&editions, edition, words, restricted)?,
                _ => WordsFate::Gone,
            };
            match fate {
                WordsFate::Stay => {}
                WordsFate::Renewed(words) => renewed.push((report.number, words)),
                WordsFate::Gone => gone.push(report.number),
            }
        }
    }
    inbox.renew_words(&renewed)?;
    inbox.forget_words(&gone)?;
    Ok(gone.len())
}

fn fate(
    editions: &Editions,
    edition: &Edition,
    words: SealedQuotation,
    restricted: bool,
) -> Result<WordsFate> {
    let own = &words.quotation;
    let fresh = match editions.still_shown(edition, &words)? {
        None => return Ok(WordsFate::Gone),
        Some(_) if !restricted => return Ok(WordsFate::Stay),
        Some(Located::Same(range)) => Quotation::of(&edition.quotable_words(), range),
        // What stood around them once nobody can tell from what is withdrawn.
        Some(Located::Changed(_) | Located::Lost) => {
            Quotation::read(own.words(), "", "", own.span())
        }
    };
    let Some(quotation) = fresh else { return Ok(WordsFate::Gone) };
    if quotation == *own {
        return Ok(WordsFate::Stay);
    }
    let seal = editions.seal_of(edition, &quotation)?;
    Ok(WordsFate::Renewed(SealedQuotation { quotation, seal }))
}
