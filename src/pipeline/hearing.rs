//! A meeting's recording through the recogniser with what the council's data tell: once with the
//! names that are likely anywhere, and where that leaves doubts again with those of the item.

use super::vocabulary::vocabulary;
use crate::align;
use crate::domain::{Council, Recording, Result, Span, Transcript, WarningKind};
use crate::models::Model;
use crate::transcribe::{Hints, Tokenizer};

/// An utterance whose words are on average less certain than this is heard again with the item's
/// terms; what is surer has nothing to gain from them.
const DOUBTFUL: f32 = 0.6;

/// Recognises a recording of a meeting. `recognition` makes a pass with these hints.
///
/// # Errors
/// Those of the passes; `BadInput` where the model's vocabulary cannot be read.
pub fn hear(
    recording: &Recording,
    council: &Council,
    model: &Model,
    recognition: &dyn Fn(&Hints) -> Result<Transcript>,
) -> Result<Transcript> {
    let hints = Hints::new(vocabulary(council, None), Tokenizer::from_model(&model.path)?);
    let first = recognition(&hints)?;
    let doubts = doubts(&first);
    if doubts.is_empty() {
        return Ok(first);
    }
    let placed = Transcript::on_meeting_clock(vec![(recording.offset, first.clone())]);
    let Some(placed) = placed else { return Ok(first) };
    // Without what clerks have fixed: the text must not depend on it.
    let alignment = align::align(&placed, council, &[]);
    let items = vocabulary(council, Some((&alignment, recording.offset)));
    recognition(&hints.with_items(items, doubts))
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
