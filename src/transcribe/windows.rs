//! Where the sound is cut: windows end in pauses, long pauses are skipped, memory stays bounded.

use std::collections::VecDeque;
use std::ops::Range;

use super::SAMPLE_RATE;
use crate::domain::{Cutting, MediaTime, Span};
use crate::vad::{ACTIVE, FRAME as FRAME_SAMPLES, FRAME_MS, VoiceActivity};

/// Speech shorter than this many frames of 16 ms (48 ms) is a click.
const SHORTEST_SPEECH: usize = 3;
/// Pauses from this many frames (1 s) on are named in the transcript.
const NAMED_PAUSE: usize = 62;
/// Below this root mean square (-50 dBFS) a pause counts as silence.
const SILENCE_RMS: f32 = 0.003;

/// The thresholds of [`Cutting`] for one model, in frames of 16 ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    speech: f32,
    pause: f32,
    padding: usize,
    shortest_pause: usize,
    ample_pause: usize,
    /// A pause of this length always ends a window.
    splitting_pause: usize,
    /// The longest window.
    longest: usize,
}

impl Limits {
    /// For a model that takes windows of at most `window_ms` milliseconds.
    pub fn new(cutting: &Cutting, window_ms: u32) -> Self {
        let frames = |ms: u32| ms as usize / FRAME_MS as usize;
        let longest = match cutting.longest_ms {
            0 => frames(window_ms),
            ms => frames(ms.min(window_ms)),
        };
        let longest = longest.max(64);
        let splitting_pause = match cutting.splitting_pause_ms {
            0 => (longest / 8).max(47),
            ms => frames(ms),
        };
        Self {
            speech: cutting.speech,
            pause: cutting.pause,
            padding: frames(cutting.padding_ms),
            shortest_pause: frames(cutting.shortest_pause_ms).max(1),
            ample_pause: frames(cutting.ample_pause_ms).max(1),
            splitting_pause,
            longest,
        }
    }
}

/// Why a window ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// In a pause so long that it always ends one; its length in frames, as far as heard.
    LongPause(usize),
    /// In the best pause within reach; its length in frames.
    Pause(usize),
    /// Where speech is least likely, because nobody pauses.
    Unpaused,
    /// With the sound.
    Sound,
}

/// A stretch of sound for one recogniser call.
#[derive(Debug)]
pub struct Window {
    /// Index of its first frame in the recording.
    pub(super) first_frame: usize,
    /// Its sound.
    pub samples: Vec<f32>,
    /// Speech probability of each frame.
    pub speech: Vec<f32>,
    /// Why it ends where it does.
    pub ends: Ends,
}

impl Window {
    /// Its place in the recording.
    pub fn span(&self) -> Span {
        frames(self.first_frame, self.first_frame + self.speech.len())
    }

    /// Whether speech is heard at `ms` milliseconds from its start.
    pub fn is_voiced(&self, ms: u64) -> bool {
        self.speech.get((ms / FRAME_MS) as usize).is_some_and(|p| *p >= ACTIVE)
    }

    /// Milliseconds in which somebody speaks.
    pub fn voiced_ms(&self) -> u64 {
        self.voiced_ms_from(0)
    }

    /// Milliseconds in which somebody speaks from `ms` milliseconds after its start on.
    fn voiced_ms_from(&self, ms: u64) -> u64 {
        let behind = self.speech.iter().skip((ms / FRAME_MS) as usize);
        behind.filter(|p| **p >= ACTIVE).count() as u64 * FRAME_MS
    }

    /// Cuts off what lies behind `heard`, where the last word ends, if somebody goes on to speak there for
    /// so long that more must have been said: recognisers now and then take the end of a speech for the end
    /// of the sound. Leaves what is before it.
    pub fn cut_unheard(&mut self, heard: MediaTime) -> Option<Self> {
        let heard_ms = heard.since(self.span().start());
        if self.voiced_ms_from(heard_ms + LET_GO_MS) < UNHEARD_MS {
            return None;
        }
        let (end, let_go) = (heard_ms.div_ceil(FRAME_MS), (heard_ms + LET_GO_MS) / FRAME_MS);
        // At the voice, less a little, so that no word begins without its first sound; behind the last word
        // at once, where nobody pauses.
        let voiced = (let_go..).find(|n| self.is_voiced(n * FRAME_MS))?;
        let quiet = (end..voiced).rev().find(|n| !self.is_voiced(n * FRAME_MS));
        let begins = quiet.map_or(end, |quiet| (quiet + 1).saturating_sub(LEAD_MS / FRAME_MS));
        let frame = begins.max(end) as usize;
        Some(Self {
            first_frame: self.first_frame + frame,
            samples: self.samples.split_off((frame * FRAME_SAMPLES).min(self.samples.len())),
            speech: self.speech.split_off(frame),
            ends: self.ends,
        })
    }
}

/// The detector lets go of a word as late as this, in milliseconds, and the word's end is known as badly.
const LET_GO_MS: u64 = 300;
/// Who speaks for so long behind the last word, in milliseconds, has said more.
const UNHEARD_MS: u64 = 2000;
/// So much sound before a voice belongs to it, in milliseconds.
const LEAD_MS: u64 = 100;

/// What comes next in the recording.
#[derive(Debug)]
pub enum Cut {
    /// Nobody speaks.
    Pause {
        /// Where.
        span: Span,
        /// Whether something else is heard.
        heard: bool,
    },
    /// Something here sounds like speech to the detector and is none: music, applause. Tells of
    /// sound that is in no window, and may come before cuts that lie earlier.
    Voiceless(Span),
    /// To be recognised.
    Window(Window),
}

/// Stretches of frames that sound like speech and are none, with less than a second between them.
#[derive(Default)]
struct Denied {
    frames: usize,
    /// The first and last such frame of the stretch that goes on.
    open: Option<(usize, usize)>,
    told: VecDeque<Span>,
}

impl Denied {
    fn hear(&mut self, voiceless: bool) {
        match (voiceless, self.open) {
            (true, open) => self.open = Some((open.map_or(self.frames, |o| o.0), self.frames)),
            (false, Some((_, last))) if self.frames - last >= NAMED_PAUSE => self.end(),
            _ => {}
        }
        self.frames += 1;
    }

    fn end(&mut self) {
        if let Some((first, last)) = self.open.take()
            && last - first + 1 >= SHORTEST_SPEECH
        {
            self.told.push_back(frames(first, last + 1));
        }
    }
}

/// Cuts a stream of sound. Holds little more than one window of it, and what the detector is behind.
pub struct Cutter {
    limits: Limits,
    first_frame: usize,
    samples: VecDeque<f32>,
    speech: VecDeque<f32>,
    denied: Denied,
    /// A pause that may go on: its first frame and whether anything is heard in it.
    pause: Option<(usize, bool)>,
    ended: bool,
}

impl Cutter {
    /// At the start of a recording.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            first_frame: 0,
            samples: VecDeque::new(),
            speech: VecDeque::new(),
            denied: Denied::default(),
            pause: None,
            ended: false,
        }
    }

    /// Takes sound, and what the next frames are taken for; that may come later than their sound.
    pub fn push(&mut self, samples: &[f32], heard: &[VoiceActivity]) {
        self.samples.extend(samples);
        self.speech.extend(heard.iter().map(|h| h.speech));
        heard.iter().for_each(|h| self.denied.hear(h.voiceless));
    }

    /// Says that nothing follows but what the remaining frames are taken for; silence completes
    /// the last one.
    pub fn finish(&mut self, rest: &[VoiceActivity]) {
        self.push(&[], rest);
        self.denied.end();
        self.samples.resize(self.speech.len() * FRAME_SAMPLES, 0.0);
        self.ended = true;
    }

    /// The next cut, as soon as it can be decided.
    pub fn next_cut(&mut self) -> Option<Cut> {
        if let Some(span) = self.denied.told.pop_front() {
            return Some(Cut::Voiceless(span));
        }
        loop {
            match decide(self.speech.make_contiguous(), self.ended, self.limits) {
                Decision::Wait => return None,
                Decision::End => return self.end_pause(self.first_frame),
                Decision::Skip(n) => self.skip(n),
                Decision::Window(n, ends) => {
                    // A pause that was still growing ends here and is reported first.
                    return match self.end_pause(self.first_frame) {
                        Some(pause) => Some(pause),
                        None => Some(Cut::Window(self.take(n, ends))),
                    };
                }
            }
        }
    }

    fn take(&mut self, n: usize, ends: Ends) -> Window {
        let window = Window {
            first_frame: self.first_frame,
            samples: self.samples.drain(..n * FRAME_SAMPLES).collect(),
            speech: self.speech.drain(..n).collect(),
            ends,
        };
        self.first_frame += n;
        window
    }

    fn skip(&mut self, n: usize) {
        let start = self.first_frame;
        let heard = rms(&self.take(n, Ends::Sound).samples) > SILENCE_RMS;
        let (start, heard_before) = self.pause.unwrap_or((start, false));
        self.pause = Some((start, heard_before || heard));
    }

    fn end_pause(&mut self, end: usize) -> Option<Cut> {
        let (start, heard) = self.pause.take()?;
        (end - start >= NAMED_PAUSE).then(|| Cut::Pause { span: frames(start, end), heard })
    }
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

fn frames(start: usize, end: usize) -> Span {
    let at =
        |frame: usize| MediaTime::from_millis((frame * FRAME_SAMPLES) as u64 * 1000 / SAMPLE_RATE);
    // `start <= end` in all callers; an empty span at the start would be the harmless fallback.
    Span::new(at(start), at(end)).unwrap_or_else(|| frames(start, start))
}

#[derive(Debug, PartialEq, Eq)]
enum Decision {
    /// More must be heard first.
    Wait,
    /// Nothing is left.
    End,
    /// That many frames hold no speech.
    Skip(usize),
    /// The next window has that many frames, and why.
    Window(usize, Ends),
}

/// Decides what the frames from here on begin with. Pure: the same frames give the same cut.
fn decide(speech: &[f32], ended: bool, limits: Limits) -> Decision {
    if speech.is_empty() {
        return if ended { Decision::End } else { Decision::Wait };
    }
    let Some(onset) = onset(speech, limits) else {
        let keep = if ended { 0 } else { limits.padding + SHORTEST_SPEECH };
        return match speech.len().saturating_sub(keep) {
            0 => Decision::Wait,
            n => Decision::Skip(n),
        };
    };
    if onset > limits.padding {
        return Decision::Skip(onset - limits.padding);
    }
    let pauses = pauses(speech, onset, limits);
    let limit = limits.longest.min(speech.len());
    let splitting = pauses.iter().find(|p| p.len() >= limits.splitting_pause);
    if let Some(pause) = splitting.filter(|p| p.start + limits.padding <= limit) {
        return Decision::Window(pause.start + limits.padding, Ends::LongPause(pause.len()));
    }
    let decided = speech.len() >= limits.longest + limits.ample_pause;
    match (decided || ended, speech.len() <= limits.longest) {
        (false, _) => Decision::Wait,
        (true, true) => Decision::Window(speech.len(), Ends::Sound),
        (true, false) => best_cut(speech, &pauses, limits),
    }
}

/// The first frame of the first stretch of speech that is more than a click.
fn onset(speech: &[f32], limits: Limits) -> Option<usize> {
    speech.windows(SHORTEST_SPEECH).position(|w| w.iter().all(|p| *p >= limits.speech))
}

/// Runs of frames without speech behind `from`.
fn pauses(speech: &[f32], from: usize, limits: Limits) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (i, p) in speech.iter().enumerate().skip(from) {
        match (*p < limits.pause, start) {
            (true, None) => start = Some(i),
            (false, Some(s)) => {
                found.push(s..i);
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|s| s..speech.len()));
    found.retain(|p| p.len() >= limits.shortest_pause);
    found
}

/// Where to end a full window: in the middle of a long and late pause of its last third (20 to 30 s
/// of 30 s), else of the third before; where nobody pauses, where speech is least likely.
fn best_cut(speech: &[f32], pauses: &[Range<usize>], limits: Limits) -> Decision {
    let Limits { longest, padding, ample_pause, .. } = limits;
    let score = |p: &Range<usize>| {
        let length = p.len().min(ample_pause) as f32 / ample_pause as f32;
        length + p.start as f32 / longest as f32
    };
    let best = |thirds: Range<usize>| {
        let (from, to) = (longest * thirds.start / 3, longest * thirds.end / 3);
        pauses
            .iter()
            .filter(|p| p.start >= from && p.start + 3 <= to)
            .max_by(|a, b| score(a).total_cmp(&score(b)))
    };
    if let Some(pause) = best(2..3).or_else(|| best(1..2)) {
        let middle = (pause.start + pause.end) / 2;
        let end = middle.min(pause.start + padding).min(longest);
        return Decision::Window(end, Ends::Pause(pause.len()));
    }
    let quietest = (longest * 2 / 3..longest.min(speech.len()))
        .min_by(|a, b| speech[*a].total_cmp(&speech[*b]));
    Decision::Window(quietest.unwrap_or(longest), Ends::Unpaused)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        speech: 0.5,
        pause: 0.35,
        padding: 12,
        shortest_pause: 7,
        ample_pause: 30,
        splitting_pause: 80,
        longest: 300,
    };

    /// Cuts frames given in blocks, with sound that is known `lag` frames earlier than what it is
    /// taken for; each cut as (is a window, first frame, frames). Every frame's samples are its
    /// number, so that a window's sound tells where it is from.
    fn cut(speech: &[f32], block: usize, lag: usize) -> Vec<(bool, usize, usize)> {
        let mut cutter = Cutter::new(LIMITS);
        let mut cuts = Vec::new();
        let mut drain = |cutter: &mut Cutter| {
            while let Some(c) = cutter.next_cut() {
                let (window, span) = match &c {
                    Cut::Pause { span, .. } => (false, *span),
                    Cut::Window(w) => (true, w.span()),
                    Cut::Voiceless(span) => panic!("nothing was denied at {span:?}"),
                };
                let first = span.start().millis() as usize / 16;
                if let Cut::Window(w) = &c {
                    let frames = w.samples.chunks(FRAME_SAMPLES).enumerate();
                    frames.for_each(|(n, s)| assert!(s.iter().all(|s| *s == (first + n) as f32)));
                }
                cuts.push((window, first, span.millis() as usize / 16));
            }
        };
        let heard = |p: &f32| VoiceActivity { speech: *p, voiceless: false };
        let heard: Vec<VoiceActivity> = speech.iter().map(heard).collect();
        let mut told = 0;
        for n in (0..speech.len()).step_by(block.max(1)) {
            let end = (n + block).min(speech.len());
            let samples = (n..end).flat_map(|frame| [frame as f32; FRAME_SAMPLES]);
            let known = end.saturating_sub(lag).max(told);
            cutter.push(&samples.collect::<Vec<_>>(), &heard[told..known]);
            told = known;
            drain(&mut cutter);
        }
        cutter.finish(&heard[told..]);
        drain(&mut cutter);
        cuts
    }

    fn talk() -> impl Strategy<Value = Vec<f32>> {
        let run = (any::<bool>(), 1usize..200)
            .prop_map(|(speaks, n)| vec![if speaks { 0.9 } else { 0.05 }; n]);
        prop::collection::vec(run, 0..20).prop_map(|runs| runs.concat())
    }

    proptest! {
        #[test]
        fn windows_hold_all_speech_once_and_are_never_too_long(speech in talk(), block in 1usize..400) {
            let cuts = cut(&speech, block, 0);
            let mut covered = vec![0; speech.len()];
            for &(window, start, n) in &cuts {
                prop_assert!(!window || n <= LIMITS.longest, "{n} frames");
                covered[start..start + n].iter_mut().for_each(|c| *c += i32::from(window));
            }
            for (frame, times) in covered.iter().enumerate() {
                prop_assert!(*times <= 1, "frame {frame} is in two windows");
            }
            for start in 0..speech.len().saturating_sub(SHORTEST_SPEECH) {
                if speech[start..start + SHORTEST_SPEECH].iter().all(|p| *p >= LIMITS.speech) {
                    prop_assert_eq!(covered[start], 1, "speech at frame {} is lost", start);
                }
            }
        }

        #[test]
        fn cuts_do_not_depend_on_how_the_sound_arrives(
            speech in talk(), a in 1usize..90, b in 90usize..900, lag in 0usize..600,
        ) {
            prop_assert_eq!(cut(&speech, a, lag), cut(&speech, b, 0));
        }

        /// Whatever the detector takes back is reported once, in stretches as long as it is.
        #[test]
        fn what_is_left_out_is_told(
            runs in prop::collection::vec((any::<bool>(), 1usize..200), 0..12), block in 1usize..99,
        ) {
            let frames: Vec<bool> = runs.iter().flat_map(|(v, n)| vec![*v; *n]).collect();
            let mut cutter = Cutter::new(LIMITS);
            let mut told = vec![false; frames.len()];
            let mut listen = |cutter: &mut Cutter| {
                while let Some(cut) = cutter.next_cut() {
                    if let Cut::Voiceless(span) = cut {
                        let at = |t: MediaTime| t.millis() as usize / 16;
                        told[at(span.start())..at(span.end())].fill(true);
                    }
                }
            };
            for chunk in frames.chunks(block) {
                let heard = |v: &bool| VoiceActivity { speech: 0.0, voiceless: *v };
                let heard: Vec<VoiceActivity> = chunk.iter().map(heard).collect();
                cutter.push(&vec![0.1; chunk.len() * FRAME_SAMPLES], &heard);
                listen(&mut cutter);
            }
            cutter.finish(&[]);
            listen(&mut cutter);
            let mut at = 0;
            for run in frames.chunk_by(|a, b| a == b) {
                let told = &told[at..at + run.len()];
                if run[0] && run.len() >= SHORTEST_SPEECH {
                    prop_assert!(told.iter().all(|t| *t), "denied from frame {at} on, not told");
                } else if !run[0] && run.len() >= NAMED_PAUSE {
                    prop_assert!(told.iter().all(|t| !t), "told from frame {at} on, not denied");
                }
                at += run.len();
            }
        }

        #[test]
        fn windows_end_in_a_pause_where_there_is_one(words in prop::collection::vec(20usize..90, 5..30)) {
            let speech: Vec<f32> =
                words.iter().flat_map(|n| [vec![0.9; *n], vec![0.05; 12]].concat()).collect();
            for (window, start, n) in cut(&speech, 50, 0) {
                let end = start + n;
                prop_assert!(!window || end >= speech.len() || speech[end] < LIMITS.pause, "cut at {end}");
            }
        }
    }
}
