//! The stage that hears again, with the names of the agenda item, where the first pass was not sure; and
//! that shows the text which then counts.

use super::run::{Redo, Run, key, logged};
use super::transcribe::HearInputs;
use super::vocabulary::vocabulary;
use super::{Done, Stage};
use crate::align;
use crate::domain::{Digest, Recording, Result, Span, Transcript, WarningKind};
use crate::store::Heard;

/// Raised when the same first text would be heard again otherwise.
const VERSION: u32 = 1;

/// An utterance whose words are on average less certain than this is heard again with the item's
/// terms; what is surer has nothing to gain from them.
const DOUBTFUL: f32 = 0.6;

/// Everything that decides what is heard again and with which terms. The first text decides the doubts.
fn key_of(run: &Run<'_>, recording: &Recording, first: &Digest) -> Result<Digest> {
    key(&(VERSION, first, align::VERSION, &run.council, recording.offset))
}

/// Shows the text of the first pass where it leaves no doubts, else that of a second one.
pub(super) fn second_pass(
    run: &Run<'_>,
    recording: &Recording,
    inputs: &HearInputs,
) -> Result<Done> {
    let (store, id, sha256) = (run.pipeline.store, run.id, &recording.sha256);
    let first = inputs.key(run, recording)?;
    let key = key_of(run, recording, &first)?;
    if run.redo == Redo::Missing {
        // The first text is shown only where it leaves no doubts.
        let shown = store.shown_transcript(id, sha256)?;
        let whole = shown.filter(|shown| recording.public.is_within(&shown.heard));
        if whole.is_some_and(|shown| [&first, &key].contains(&&shown.key))
            || store.show_transcript(id, sha256, &key)?
        {
            return Ok(Done::Nothing);
        }
    }
    let Some(text) = store.transcript_of(id, sha256, &first)? else { return Ok(Done::Outdated) };
    let doubts = doubts(&text);
    if doubts.is_empty() {
        let shown = store.show_transcript(id, sha256, &first)?;
        return Ok(if shown { Done::Work } else { Done::Outdated });
    }
    logged(Stage::Recognition, id, Some(recording), || {
        let placed = Transcript::on_meeting_clock(vec![(recording.offset, text)]);
        // Without what clerks have fixed: the text must not depend on it.
        let alignment = placed.map(|placed| align::align(&placed, &run.council, &[]));
        let aligned = alignment.as_ref().map(|alignment| (alignment, recording.offset));
        let hints = inputs.hints()?.with_items(vocabulary(&run.council, aligned), doubts);
        let transcript = inputs.hear(run, recording, &hints)?;
        if run.redo == Redo::Everything {
            store.forget_transcript(id, sha256, &key)?;
        }
        let heard = Heard { public: &recording.public, sound: &recording.sound };
        let shown = store.put_transcript(id, sha256, &key, &transcript, &heard)?;
        Ok(if shown { Done::Work } else { Done::Outdated })
    })
}

/// Where a first pass was not sure.
fn doubts(transcript: &Transcript) -> Vec<Span> {
    let unsure = transcript.utterances.iter().filter(|u| {
        let words = transcript.words_of(u);
        let sum: f32 = words.iter().map(|w| w.confidence).sum();
        sum < DOUBTFUL * words.len() as f32
    });
    let warned = transcript.warnings.iter().filter(|w| w.kind == WarningKind::LowConfidence);
    let warned = warned.filter_map(|w| Span::new(w.start_ms, w.end_ms));
    unsure.filter_map(|u| transcript.span_of(u)).chain(warned).collect()
}
