//! The stage that finds out which item and whose turn every word of a meeting belongs to.

use super::run::{Redo, key, logged};
use super::{Done, Progress, Stage};
use crate::align;
use crate::domain::{Council, Digest, FirstStage, FixedPoint, MeetingId, OutsideEvidence, Result};
use crate::store::{Put, ShownText, Store};

/// What decides an alignment. The texts are loaded only where there is something to do.
struct AlignInputs<'a> {
    council: &'a Council,
    texts: Vec<ShownText>,
    fixed: Vec<FixedPoint>,
    outside: OutsideEvidence,
    /// What people put right in the texts, as a key.
    revised: Option<String>,
}

impl<'a> AlignInputs<'a> {
    fn of(store: &Store, council: &'a Council) -> Result<Self> {
        let id = &council.meeting.id;
        let (texts, fixed) = (store.shown_transcripts(id)?, store.fixed_points(id)?);
        let (outside, revised) = (store.outside_evidence(id)?, store.revised(id)?);
        Ok(Self { council, texts, fixed, outside, revised })
    }

    fn key(&self) -> Result<Digest> {
        let Self { council, texts, fixed, outside, revised } = self;
        match revised {
            // What nobody has put right keeps its key from before there were revisions.
            None => key(&(align::VERSION, council, texts, fixed, outside)),
            Some(revised) => key(&(align::VERSION, council, texts, fixed, outside, revised)),
        }
    }
}

/// Aligns a meeting's text anew where it, the agenda or what is fixed has changed.
///
/// # Errors
/// Those of the archive.
pub fn align_anew(store: &Store, progress: &dyn Progress, id: &MeetingId) -> Result<()> {
    align(store, progress, &store.council(id)?, Redo::Missing).map(|_| ())
}

pub(super) fn align(
    store: &Store,
    progress: &dyn Progress,
    council: &Council,
    redo: Redo,
) -> Result<Done> {
    let id = &council.meeting.id;
    let inputs = AlignInputs::of(store, council)?;
    let key = inputs.key()?;
    if !redo.again(FirstStage::Alignment) && store.alignment_key(id)?.as_ref() == Some(&key) {
        return Ok(Done::Nothing);
    }
    let Some(transcript) = store.meeting_transcript(id)? else { return Ok(Done::Nothing) };
    logged(Stage::Alignment, id, None, || {
        progress.begin(Stage::Alignment, "", None);
        let alignment = align::align_knowing(&transcript, council, &inputs.fixed, &inputs.outside);
        let put = store.put_alignment(id, &key, &alignment, &inputs.texts);
        progress.end();
        let placed = match put? {
            Put::Kept => return Ok(Done::Work),
            Put::Outdated => return Ok(Done::Outdated),
            Put::Redacted(placed) => placed,
        };
        for restriction in placed {
            let spans = restriction.spans.iter();
            let at: Vec<String> =
                spans.map(|s| format!("{}–{}", s.start().clock(), s.end().clock())).collect();
            let number = restriction.number;
            tracing::warn!(
                at = at.join(", "),
                restriction = number,
                "an item that is not public was heard, and is taken out"
            );
        }
        Ok(Done::Outdated)
    })
}
