//! How much of what was said in a meeting can be searched, as it is shown.

use super::Edition;
use crate::domain::{DOUBTFUL_BELOW, GapReason, Span, TextExtent, Transcript, WarningKind};

impl Edition {
    /// What of this meeting can be searched.
    pub fn extent(&self) -> TextExtent {
        let Some((text, _)) = &self.text else {
            let spans = self.speeches.iter().filter_map(|speech| speech.span());
            let words = self.speeches.iter().map(|speech| speech.text.split_whitespace().count());
            return TextExtent {
                speech_ms: spans.map(|span| span.millis()).sum(),
                words: words.sum::<usize>() as u64,
                ..TextExtent::default()
            };
        };
        let length = |reasons: &[GapReason]| -> u64 {
            let gaps = text.gaps.iter().filter(|gap| reasons.contains(&gap.reason));
            gaps.map(|gap| gap.end_ms.since(gap.start_ms)).sum()
        };
        let missing = text.warnings.iter().filter(|w| w.kind == WarningKind::MissingSound);
        let missing: u64 = missing.map(|w| w.end_ms.since(w.start_ms)).sum();
        let quiet = length(&[GapReason::Silence, GapReason::NoSpeech]);
        let doubtful = text.words.iter().filter(|word| word.confidence < DOUBTFUL_BELOW);
        TextExtent {
            speech_ms: self.public_ms().saturating_sub(quiet),
            unheard_ms: length(&[GapReason::Failed]) + missing,
            words: text.words.len() as u64,
            doubtful_words: doubtful.count() as u64,
        }
    }

    /// Length of what is public of the recordings that have a text, in milliseconds.
    pub fn public_ms(&self) -> u64 {
        let Some((text, _)) = &self.text else { return 0 };
        let recordings = self.parts.iter().map(|part| &part.recording);
        let public = recordings.flat_map(|r| r.public.on_meeting_clock(r.offset));
        public.map(|span| within(span, text)).sum()
    }
}

/// How much of a span of the meeting's clock lies in the recording: what is public "to the end" has none.
fn within(span: Span, text: &Transcript) -> u64 {
    span.end().min(text.media.duration_ms).since(span.start())
}
