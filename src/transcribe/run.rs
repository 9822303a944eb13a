//! One pass over a recording: sound in, windows out to the recogniser, answers back in any order,
//! words laid down in the order of time. Owns that loop; refuses to judge answers itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::policy::{Attempts, ChosenAnswer, Next, Prompted};
use super::windows::{Cut, Cutter, Limits, Window};
use super::{
    DecodingStrategy, Hints, Journal, RecognitionInputs, RecognitionRequest, Recognizer,
    RecognizerError, SAMPLE_RATE, Segment, guards, utterances, words,
};
use crate::domain::{
    Cutting, Digest, Engine, Gap, GapReason, MediaRef, MediaTime, PublicSpans, Result, Span,
    TRANSCRIPT_FORMAT, TimeAccuracy, Transcript, Warning, WarningKind, Word,
};
use crate::vad::Vad;

/// What is heard in blocks: sample n of the whole lies at n / 16 ms.
pub type Sound<'a> = dyn Iterator<Item = Result<Vec<f32>>> + 'a;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Everything before this is done, on the recording's time line.
    pub at: MediaTime,
    /// Windows done.
    pub windows: usize,
    /// How many of them were recalled from an earlier run.
    pub recalled: usize,
}

/// Everything a run needs beside sound and recogniser.
pub struct Task<'a> {
    /// Length of the whole recording, if it is known.
    pub length: Option<MediaTime>,
    /// What may be processed. Sound outside must already be silence, or not come at all behind the
    /// last public span; it is marked `not_public` in the gaps.
    pub public: &'a PublicSpans,
    /// Thresholds of the cutter.
    pub cutting: Cutting,
    /// What the transcript says of the recogniser.
    pub engine: Engine,
    /// What decides the answers, for the keys of the journal.
    pub inputs: RecognitionInputs,
    /// Where answers are kept, if they are.
    pub journal: Option<&'a dyn Journal>,
    /// What is known beforehand.
    pub hints: &'a Hints,
}

/// The cuts of a recording, one after the other, without recognising anything.
///
/// # Errors
/// Those of the sound.
pub fn cuts(
    sound: &mut Sound<'_>,
    cutting: &Cutting,
    window_ms: u32,
    tell: &mut dyn FnMut(&Cut),
) -> Result<MediaTime> {
    let mut ear = Ear::new(Limits::new(cutting, window_ms));
    while let Some(cut) = ear.next_cut(sound)? {
        tell(&cut);
    }
    Ok(ear.heard())
}

/// Transcribes a recording. `done` receives how far the work has come.
///
/// # Errors
/// Those of the sound and of the journal; a window that the recogniser cannot do becomes a
/// `failed` gap instead.
pub fn transcribe(
    sound: &mut Sound<'_>,
    task: &Task<'_>,
    recognizer: &mut dyn Recognizer,
    done: &mut dyn FnMut(Reached),
) -> Result<Transcript> {
    let mut run = TranscriptionRun::new(task, recognizer);
    let mut ear = Ear::new(Limits::new(&task.cutting, run.recognizer.settings().window_ms));
    loop {
        while run.open.len() < run.recognizer.capacity() {
            match ear.next_cut(sound)? {
                None => break,
                Some(Cut::Pause { span, heard }) => run.pause(span, heard),
                Some(Cut::Voiceless(span)) => run.voiceless(span),
                Some(Cut::Window(window)) => run.begin(window)?,
            }
        }
        if run.open.is_empty() && ear.ended {
            break;
        }
        run.hear()?;
        run.lay_down(done);
    }
    run.lay_down(done);
    Ok(run.into_transcript(ear.heard()))
}

/// Listens to the sound and cuts it.
pub(super) struct Ear {
    vad: Vad,
    cutter: Cutter,
    samples: u64,
    ended: bool,
}

impl Ear {
    pub(super) fn new(limits: Limits) -> Self {
        Self { vad: Vad::new(), cutter: Cutter::new(limits), samples: 0, ended: false }
    }

    /// The next cut; `None` at the end of the sound.
    pub(super) fn next_cut(&mut self, sound: &mut Sound<'_>) -> Result<Option<Cut>> {
        loop {
            if let Some(cut) = self.cutter.next_cut() {
                return Ok(Some(cut));
            }
            if self.ended {
                return Ok(None);
            }
            match sound.next().transpose()? {
                Some(block) => {
                    self.samples += block.len() as u64;
                    self.cutter.push(&block, &self.vad.push(&block));
                }
                None => {
                    self.cutter.finish(&self.vad.finish());
                    self.ended = true;
                }
            }
        }
    }

    /// How much has been heard.
    pub(super) fn heard(&self) -> MediaTime {
        MediaTime::from_millis(self.samples * 1000 / SAMPLE_RATE)
    }
}

/// How often the recogniser is asked for the rest of a window.
const MOST_RESTS: usize = 4;

/// The run over one recording.
struct TranscriptionRun<'a> {
    task: &'a Task<'a>,
    recognizer: &'a mut dyn Recognizer,
    /// Windows that are being recognised, by their number.
    open: HashMap<u64, Open>,
    /// What is done and waits for what lies before it.
    finished: BTreeMap<u64, Finished>,
    /// The number of the next cut, and of the next to be laid down.
    next_cut: u64,
    next_laid: u64,
    reached: Reached,
    words: Vec<Word>,
    /// Indexes of words before which a window ended, and the windows' places.
    breaks: Vec<(usize, Span)>,
    gaps: Vec<Gap>,
    warnings: Vec<Warning>,
    times: TimeAccuracy,
}

/// A window on its way.
struct Open {
    window: Window,
    samples: Arc<Vec<f32>>,
    prompt: Vec<i32>,
    attempts: Attempts,
    /// What the answer is kept under, where there is a journal.
    key: Option<Digest>,
    recalled: bool,
    /// What was heard in the sound before it, where this is only the rest of a window.
    heard: HeardSoFar,
}

/// What was heard in a window so far.
struct HeardSoFar {
    /// The whole window.
    span: Span,
    words: Vec<Word>,
    warnings: Vec<Warning>,
    /// How often the recogniser was asked for the rest.
    rests: usize,
    /// The rest, where the recogniser could not do it or heard nobody.
    gaps: Vec<Gap>,
}

/// A cut that needs no more work.
enum Finished {
    Pause(Gap),
    Words { heard: HeardSoFar, recalled: bool },
    Failed { span: Span, reason: String },
}

impl<'a> TranscriptionRun<'a> {
    fn new(task: &'a Task<'a>, recognizer: &'a mut dyn Recognizer) -> Self {
        Self {
            task,
            recognizer,
            open: HashMap::new(),
            finished: BTreeMap::new(),
            next_cut: 0,
            next_laid: 0,
            reached: Reached { at: MediaTime::ZERO, windows: 0, recalled: 0 },
            words: Vec::new(),
            breaks: Vec::new(),
            gaps: Vec::new(),
            warnings: Vec::new(),
            times: TimeAccuracy::Exact,
        }
    }

    fn number(&mut self) -> u64 {
        self.next_cut += 1;
        self.next_cut - 1
    }

    fn pause(&mut self, span: Span, heard: bool) {
        let reason = if heard { GapReason::NoSpeech } else { GapReason::Silence };
        let number = self.number();
        self.finished.insert(number, Finished::Pause(gap(span, reason, None)));
    }

    /// Sound was left out that resembles speech; of what is not public nothing is said.
    fn voiceless(&mut self, span: Span) {
        let public = self.task.public.within(span.end());
        let kind = WarningKind::OutsideSpeech;
        let warnings = public.iter().filter_map(|p| p.intersect(span)).map(|s| Warning {
            start_ms: s.start(),
            end_ms: s.end(),
            kind,
        });
        self.warnings.extend(warnings);
    }

    fn begin(&mut self, window: Window) -> Result<()> {
        let id = self.number();
        let span = window.span();
        let heard = HeardSoFar {
            span,
            words: Vec::new(),
            warnings: Vec::new(),
            rests: 0,
            gaps: Vec::new(),
        };
        self.open_window(id, window, heard, true)
    }

    fn open_window(
        &mut self,
        id: u64,
        mut window: Window,
        heard: HeardSoFar,
        recalled: bool,
    ) -> Result<()> {
        let prompt = self.task.hints.prompt(window.span());
        let prompted = if prompt.is_empty() { Prompted::No } else { Prompted::Yes };
        let first = self.recognizer.settings().first();
        let attempts = Attempts::new(prompted, window.voiced_ms(), first);
        let samples = Arc::new(std::mem::take(&mut window.samples));
        let open = Open { window, samples, prompt, attempts, key: None, recalled, heard };
        self.open.insert(id, open);
        self.attempt(id, first, prompted)
    }

    /// Looks into the journal, or asks the recogniser.
    fn attempt(&mut self, id: u64, search: DecodingStrategy, prompted: Prompted) -> Result<()> {
        let Some(open) = self.open.get_mut(&id) else { return Ok(()) };
        let prompt = if prompted == Prompted::Yes { open.prompt.clone() } else { Vec::new() };
        let request = RecognitionRequest { id, samples: open.samples.clone(), search, prompt };
        if let Some(journal) = self.task.journal {
            let key = self.task.inputs.key(open.window.span(), &request);
            if let Some(segments) = journal.recall(&key)? {
                return self.answered(id, segments);
            }
            open.key = Some(key);
        }
        open.recalled = false;
        self.recognizer.submit(request);
        Ok(())
    }

    /// Waits for one answer.
    fn hear(&mut self) -> Result<()> {
        match self.recognizer.answer() {
            Some((id, Ok(segments))) => {
                let open = self.open.get(&id);
                let asked = open.and_then(|o| Some((o.key.as_ref()?, o.window.span())));
                if let (Some(journal), Some((key, place))) = (self.task.journal, asked) {
                    journal.keep(key, place, &segments)?;
                }
                self.answered(id, segments)
            }
            Some((id, Err(error))) => {
                self.failed(id, error);
                Ok(())
            }
            None => {
                // Only a defect of the recogniser leaves windows without an answer.
                let lost: Vec<u64> = self.open.keys().copied().collect();
                let error = RecognizerError("no answer".into());
                lost.into_iter().for_each(|id| self.failed(id, error.clone()));
                Ok(())
            }
        }
    }

    fn answered(&mut self, id: u64, segments: Vec<Segment>) -> Result<()> {
        let Some(open) = self.open.get_mut(&id) else { return Ok(()) };
        let echo = self.task.hints.echo(&open.prompt, &segments);
        match open.attempts.next(segments, echo) {
            Next::Try(search, prompted) => self.attempt(id, search, prompted),
            Next::Done(answer) => self.decided(id, answer),
        }
    }

    fn decided(&mut self, id: u64, answer: ChosenAnswer) -> Result<()> {
        let Some(mut open) = self.open.remove(&id) else { return Ok(()) };
        open.window.samples = Arc::unwrap_or_clone(open.samples);
        let (tokens, voiced_ms) = (answer.quality.tokens, open.window.voiced_ms());
        tracing::debug!(start = %open.window.span().start(), tokens, voiced_ms, "window decided");
        let mut words = words::assemble(&answer.segments, &open.window);
        // The window is judged as a whole: where it was nobody, its rest is no more.
        let mut warnings = guards::clean(&mut words, &answer, &open.window);
        let is_timed = words::are_timed(&answer.segments);
        if !words.is_empty() && !is_timed {
            self.times = TimeAccuracy::Approximate;
        }
        // Who knows no times does not know where the last word ends either.
        let may_ask = is_timed && !answer.looped && open.heard.rests < MOST_RESTS;
        let last = words.last().map(|word| word.end_ms).filter(|_| may_ask);
        let span = open.window.span();
        let rest = last.and_then(|last| open.window.cut_unheard(last));
        let (mut heard, recalled) = (open.heard, open.recalled);
        if rest.is_some() {
            // That there are too few words for so much speech is being made up for.
            warnings.retain(|warning| warning.kind != WarningKind::LowConfidence);
        } else if words.is_empty() && heard.rests > 0 {
            heard.gaps.push(gap(span, GapReason::NoSpeech, None));
        }
        heard.words.append(&mut words);
        heard.warnings.append(&mut warnings);
        match rest {
            Some(rest) => {
                tracing::debug!(start = %rest.span().start(), "the rest of a window is asked for");
                heard.rests += 1;
                self.open_window(id, rest, heard, recalled)
            }
            None => {
                self.finished.insert(id, Finished::Words { heard, recalled });
                Ok(())
            }
        }
    }

    fn failed(&mut self, id: u64, error: RecognizerError) {
        let Some(open) = self.open.remove(&id) else { return };
        let span = open.window.span();
        tracing::warn!(start = %span.start(), end = %span.end(), %error, "window failed");
        if !open.heard.words.is_empty() {
            let gaps = vec![gap(span, GapReason::Failed, Some(error.0))];
            let heard = HeardSoFar { gaps, ..open.heard };
            self.finished.insert(id, Finished::Words { heard, recalled: open.recalled });
            return;
        }
        self.finished.insert(id, Finished::Failed { span, reason: error.0 });
    }

    /// Lays down, in the order of time, what has nothing unfinished before it.
    fn lay_down(&mut self, done: &mut dyn FnMut(Reached)) {
        while let Some(finished) = self.finished.remove(&self.next_laid) {
            self.next_laid += 1;
            self.reached.at = match finished {
                Finished::Pause(gap) => {
                    let end = gap.end_ms;
                    self.gaps.push(gap);
                    end
                }
                Finished::Failed { span, reason } => {
                    self.reached.windows += 1;
                    self.gaps.push(gap(span, GapReason::Failed, Some(reason)));
                    span.end()
                }
                Finished::Words { heard, recalled } => {
                    let HeardSoFar { span, mut words, mut warnings, gaps, .. } = heard;
                    self.gaps.extend(gaps);
                    self.reached.windows += 1;
                    self.reached.recalled += usize::from(recalled);
                    if words.is_empty() {
                        self.gaps.push(gap(span, GapReason::NoSpeech, None));
                    }
                    self.breaks.push((self.words.len(), span));
                    self.words.append(&mut words);
                    self.warnings.append(&mut warnings);
                    span.end()
                }
            };
            done(self.reached);
        }
    }

    fn into_transcript(mut self, heard: MediaTime) -> Transcript {
        // A header that promises more than there was counts only behind the public parts.
        let length = self.task.length.filter(|_| !self.task.public.is_whole());
        let duration = length.map_or(heard, |l| l.max(heard));
        let ends = self.breaks.iter().skip(1).map(|(first, _)| *first);
        let ends = ends.chain([self.words.len()]);
        let texts = self.breaks.iter().zip(ends);
        let repeated =
            guards::across(texts.map(|((first, span), end)| (&self.words[*first..end], *span)));
        self.warnings.extend(repeated);
        self.warnings.sort_by_key(|w| (w.start_ms, w.end_ms));
        join_repetitions(&mut self.warnings);
        self.task.hints.correct(&mut self.words);
        // Where windows begin, now that words may have been joined.
        let begins = |at| self.words.partition_point(|w| w.start_ms < at);
        let breaks: Vec<usize> = self.breaks.iter().map(|(_, s)| begins(s.start())).collect();
        words::keep_public(&mut self.words, &self.task.public.within(duration));
        words::keep_order(&mut self.words, duration);
        self.warnings.extend(guards::doubts(&self.words));
        self.warnings.sort_by_key(|w| (w.start_ms, w.end_ms));
        Transcript {
            format: TRANSCRIPT_FORMAT.into(),
            media: MediaRef { sha256: None, duration_ms: duration },
            engine: self.task.engine.clone(),
            language: self.recognizer.settings().language.clone(),
            utterances: utterances::split(&self.words, &breaks),
            gaps: mark_not_public(self.gaps, self.task.public, duration),
            words: self.words,
            warnings: self.warnings,
            times: self.times,
        }
    }
}

/// A loop over several windows is one warning.
fn join_repetitions(warnings: &mut Vec<Warning>) {
    warnings.dedup_by(|b, a| {
        let same = a.kind == b.kind && a.end_ms >= b.start_ms && a.kind == WarningKind::Repetition;
        if same {
            a.end_ms = a.end_ms.max(b.end_ms);
        }
        same
    });
}

/// A stretch without words.
pub fn gap(span: Span, reason: GapReason, detail: Option<String>) -> Gap {
    Gap { start_ms: span.start(), end_ms: span.end(), reason, detail }
}

/// Gaps with the parts outside `public` marked as such, and nothing else said about those.
pub fn mark_not_public(gaps: Vec<Gap>, public: &PublicSpans, duration: MediaTime) -> Vec<Gap> {
    if public.is_whole() {
        return gaps;
    }
    let open = public.within(duration);
    let mut marked: Vec<Gap> = gaps
        .iter()
        .filter_map(|g| Some((Span::new(g.start_ms, g.end_ms)?, g)))
        .flat_map(|(span, g)| {
            open.iter().filter_map(move |o| span.intersect(*o)).map(|s| Gap {
                start_ms: s.start(),
                end_ms: s.end(),
                ..g.clone()
            })
        })
        .collect();
    let edges = open.iter().flat_map(|s| [s.start(), s.end()]);
    let edges: Vec<_> = std::iter::once(MediaTime::ZERO).chain(edges).chain([duration]).collect();
    let closed = edges.chunks(2).filter_map(|e| Span::new(*e.first()?, *e.get(1)?));
    marked.extend(closed.filter(|s| s.millis() > 0).map(|s| gap(s, GapReason::NotPublic, None)));
    marked.sort_by_key(|g| g.start_ms);
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_named_as_such_and_as_nothing_else() {
        let at = MediaTime::from_millis;
        let gap = |s, e, reason| Gap { start_ms: at(s), end_ms: at(e), reason, detail: None };
        let span = |s, e| Span::new(at(s), at(e)).unwrap();
        let public = PublicSpans::only(vec![span(1000, 5000), span(8000, 9000)]);
        let marked =
            mark_not_public(vec![gap(4000, 8500, GapReason::Silence)], &public, at(10_000));
        assert_eq!(
            marked,
            [
                gap(0, 1000, GapReason::NotPublic),
                gap(4000, 5000, GapReason::Silence),
                gap(5000, 8000, GapReason::NotPublic),
                gap(8000, 8500, GapReason::Silence),
                gap(9000, 10_000, GapReason::NotPublic),
            ]
        );
    }
}
