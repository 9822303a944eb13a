//! From sound to a transcript: windows cut at pauses, one recogniser call per window, words with
//! true times. Owns windows, the engine process, guards; refuses files, databases and agendas.

mod engine;
mod guards;
mod names;
mod protocol;
mod recognizer;
mod replay;
mod tokenizer;
mod utterances;
mod vocabulary;
mod whisper;
mod windows;
mod words;

use crate::domain::{
    Engine, Gap, GapReason, MediaRef, MediaTime, PublicSpans, Result, Span, TRANSCRIPT_FORMAT,
    Transcript, Warning, WarningKind, Word,
};
use crate::vad::Vad;

pub use engine::{EngineCommand, EngineProcess};
pub use names::{Corrector, correct, names};
pub use recognizer::{Aligner, Recognizer, RecognizerError, Segment, Settings, Token};
pub use replay::Replay;
pub use tokenizer::Tokenizer;
pub use vocabulary::{Term, TermKind, Vocabulary, is_echo};
pub use whisper::{serve as serve_engine, version as engine_version};

use windows::{Cut, Cutter, Limits};

/// Raised when the same sound and settings would give another text; part of the stage's key.
pub const VERSION: u32 = 1;

/// Samples per second of everything in this module: mono, -1..=1.
pub const SAMPLE_RATE: u64 = 16_000;

/// What is heard in blocks: sample n of the whole lies at n / 16 ms.
pub type Sound<'a> = dyn Iterator<Item = Result<Vec<f32>>> + 'a;

/// Transcribes a recording. `done` is told how far the work has come on the recording's time line.
///
/// Sound outside `public` must already be silence, or not come at all behind the last public span;
/// it is marked `not_public` in the gaps. `length` is that of the whole recording, if it is known.
///
/// # Errors
/// Those of the sound; a window that the recogniser cannot do becomes a `failed` gap instead.
pub fn transcribe(
    sound: &mut Sound<'_>,
    length: Option<MediaTime>,
    public: &PublicSpans,
    recognizer: &mut dyn Recognizer,
    engine: Engine,
    done: &mut dyn FnMut(MediaTime),
) -> Result<Transcript> {
    let mut run = Run::new(recognizer);
    let mut vad = Vad::new();
    let mut samples = 0u64;
    for block in sound {
        let block = block?;
        samples += block.len() as u64;
        run.cutter.push(&block, &vad.push(&block));
        run.drain(done);
    }
    let last: Vec<f32> = vad.finish().into_iter().collect();
    run.cutter.finish(&last);
    run.drain(done);
    let heard = MediaTime::from_millis(samples * 1000 / SAMPLE_RATE);
    // A header that promises more than there was counts only behind the public parts.
    let length = length.filter(|_| !public.is_whole());
    Ok(run.into_transcript(length.map_or(heard, |l| l.max(heard)), public, engine))
}

/// One pass over a recording.
struct Run<'a> {
    recognizer: &'a mut dyn Recognizer,
    cutter: Cutter,
    words: Vec<Word>,
    /// Indexes of words before which a window ended.
    breaks: Vec<usize>,
    gaps: Vec<Gap>,
    warnings: Vec<Warning>,
}

impl<'a> Run<'a> {
    fn new(recognizer: &'a mut dyn Recognizer) -> Self {
        let cutter = Cutter::new(Limits::for_window(recognizer.settings().window_ms));
        Self {
            recognizer,
            cutter,
            words: Vec::new(),
            breaks: Vec::new(),
            gaps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn drain(&mut self, done: &mut dyn FnMut(MediaTime)) {
        while let Some(cut) = self.cutter.next_cut() {
            let end = match cut {
                Cut::Pause { span, heard } => {
                    let reason = if heard { GapReason::NoSpeech } else { GapReason::Silence };
                    self.gap(span, reason);
                    span.end()
                }
                Cut::Window(window) => {
                    let span = window.span();
                    self.window(&window);
                    span.end()
                }
            };
            done(end);
        }
    }

    fn window(&mut self, window: &windows::Window) {
        let span = window.span();
        let segments = match self.recognizer.recognize(&window.samples) {
            Ok(segments) => segments,
            Err(error) => {
                tracing::warn!(start = %span.start(), end = %span.end(), %error, "window failed");
                return self.gap(span, GapReason::Failed);
            }
        };
        let mut words = words::assemble(&segments, window);
        for kind in guards::clean(&mut words, &segments, window) {
            self.warnings.push(Warning { start_ms: span.start(), end_ms: span.end(), kind });
        }
        self.breaks.push(self.words.len());
        self.words.append(&mut words);
    }

    fn gap(&mut self, span: Span, reason: GapReason) {
        self.gaps.push(Gap { start_ms: span.start(), end_ms: span.end(), reason });
    }

    fn into_transcript(
        mut self,
        duration: MediaTime,
        public: &PublicSpans,
        engine: Engine,
    ) -> Transcript {
        words::keep_order(&mut self.words, duration);
        self.warnings.dedup_by(|b, a| {
            let same =
                a.kind == b.kind && a.end_ms >= b.start_ms && a.kind == WarningKind::Repetition;
            if same {
                a.end_ms = b.end_ms;
            }
            same
        });
        Transcript {
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef { sha256: None, duration_ms: duration },
            engine,
            language: self.recognizer.settings().language.clone(),
            utterances: utterances::split(&self.words, &self.breaks),
            gaps: windows::mark_not_public(self.gaps, public, duration),
            words: self.words,
            warnings: self.warnings,
        }
    }
}

#[cfg(test)]
mod tests;
