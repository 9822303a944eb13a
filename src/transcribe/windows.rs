//! Where the sound is cut: windows end in pauses, long pauses are skipped, memory stays bounded.

use std::collections::VecDeque;

use super::SAMPLE_RATE;
use crate::domain::{Gap, GapReason, MediaTime, PublicSpans, Span};
use crate::vad::FRAME as FRAME_SAMPLES;

/// A frame counts as speech from this probability on …
const ENTER: f32 = 0.5;
/// … and as a pause below this one.
const LEAVE: f32 = 0.35;
/// Speech shorter than this many frames of 16 ms (48 ms) is a click.
const SHORTEST_SPEECH: usize = 3;
/// Sound kept around speech, in frames (192 ms): the detector notices onsets late.
const PADDING: usize = 12;
/// A pause in which one may cut lasts at least this many frames (112 ms).
const SHORTEST_PAUSE: usize = 7;
/// A pause beyond this many frames (480 ms) is not better to cut in than a shorter one.
const AMPLE_PAUSE: usize = 30;
/// Pauses from this many frames (1 s) on are named in the transcript.
const NAMED_PAUSE: usize = 62;
/// Below this root mean square (-50 dBFS) a pause counts as silence.
const SILENCE_RMS: f32 = 0.003;

/// How long windows may be, in frames of 16 ms.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest window.
    longest: usize,
    /// A pause of this length always ends a window.
    splitting_pause: usize,
}

impl Limits {
    /// For a model that takes windows of at most `window_ms` milliseconds.
    pub fn for_window(window_ms: u32) -> Self {
        let longest = (window_ms as usize * SAMPLE_RATE as usize / 1000 / FRAME_SAMPLES).max(64);
        // A twelfth of the window (2.5 s of 30 s), but at least 0.75 s: a new thought begins there.
        Self { longest, splitting_pause: (longest / 12).max(47) }
    }
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
}

impl Window {
    /// Its place in the recording.
    pub fn span(&self) -> Span {
        frames(self.first_frame, self.first_frame + self.speech.len())
    }
}

/// What comes next in the recording.
#[derive(Debug)]
pub enum Cut {
    /// Nobody speaks; `heard` where it is not silent.
    Pause { span: Span, heard: bool },
    /// To be recognised.
    Window(Window),
}

/// Cuts a stream of sound. Holds little more than one window of it.
pub struct Cutter {
    limits: Limits,
    first_frame: usize,
    samples: VecDeque<f32>,
    speech: VecDeque<f32>,
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
            pause: None,
            ended: false,
        }
    }

    /// Takes sound and the speech probabilities of the frames that it completes.
    pub fn push(&mut self, samples: &[f32], speech: &[f32]) {
        self.samples.extend(samples);
        self.speech.extend(speech);
    }

    /// Says that nothing follows but the probability of the last, incomplete frame, if there is
    /// one; silence completes it.
    pub fn finish(&mut self, last: &[f32]) {
        self.speech.extend(last);
        self.samples.resize(self.speech.len() * FRAME_SAMPLES, 0.0);
        self.ended = true;
    }

    /// The next cut, as soon as it can be decided.
    pub fn next_cut(&mut self) -> Option<Cut> {
        loop {
            match decide(self.speech.make_contiguous(), self.ended, self.limits) {
                Decision::Wait => return None,
                Decision::End => return self.end_pause(self.first_frame),
                Decision::Skip(n) => self.skip(n),
                Decision::Window(n) => {
                    // A pause that was still growing ends here and is told first.
                    return match self.end_pause(self.first_frame) {
                        Some(pause) => Some(pause),
                        None => Some(Cut::Window(self.take(n))),
                    };
                }
            }
        }
    }

    fn take(&mut self, n: usize) -> Window {
        let window = Window {
            first_frame: self.first_frame,
            samples: self.samples.drain(..n * FRAME_SAMPLES).collect(),
            speech: self.speech.drain(..n).collect(),
        };
        self.first_frame += n;
        window
    }

    fn skip(&mut self, n: usize) {
        let start = self.first_frame;
        let heard = rms(&self.take(n).samples) > SILENCE_RMS;
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
    /// The next window has that many frames.
    Window(usize),
}

/// Decides what the frames from here on begin with. Pure: the same frames give the same cut.
fn decide(speech: &[f32], ended: bool, limits: Limits) -> Decision {
    if speech.is_empty() {
        return if ended { Decision::End } else { Decision::Wait };
    }
    let Some(onset) = onset(speech) else {
        let keep = if ended { 0 } else { PADDING + SHORTEST_SPEECH };
        return match speech.len().saturating_sub(keep) {
            0 => Decision::Wait,
            n => Decision::Skip(n),
        };
    };
    if onset > PADDING {
        return Decision::Skip(onset - PADDING);
    }
    let pauses = pauses(speech, onset);
    let limit = limits.longest.min(speech.len());
    let splitting = pauses.iter().find(|p| p.end - p.start >= limits.splitting_pause);
    if let Some(pause) = splitting.filter(|p| p.start + PADDING <= limit) {
        return Decision::Window(pause.start + PADDING);
    }
    if speech.len() < limits.longest + AMPLE_PAUSE {
        return match (ended, speech.len() <= limits.longest) {
            (false, _) => Decision::Wait,
            (true, true) => Decision::Window(speech.len()),
            (true, false) => Decision::Window(best_cut(speech, &pauses, limits.longest)),
        };
    }
    Decision::Window(best_cut(speech, &pauses, limits.longest))
}

/// The first frame of the first stretch of speech that is more than a click.
fn onset(speech: &[f32]) -> Option<usize> {
    speech.windows(SHORTEST_SPEECH).position(|w| w.iter().all(|p| *p >= ENTER))
}

/// Runs of frames without speech behind `from`.
fn pauses(speech: &[f32], from: usize) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (i, p) in speech.iter().enumerate().skip(from) {
        match (*p < LEAVE, start) {
            (true, None) => start = Some(i),
            (false, Some(s)) => {
                found.push(s..i);
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|s| s..speech.len()));
    found.retain(|p| p.end - p.start >= SHORTEST_PAUSE);
    found
}

/// Where to end a window of at most `longest` frames: in the middle of a long and late pause, or,
/// where nobody pauses, where speech is least likely in the window's last third.
fn best_cut(speech: &[f32], pauses: &[std::ops::Range<usize>], longest: usize) -> usize {
    let score = |p: &std::ops::Range<usize>| {
        let length = (p.end - p.start).min(AMPLE_PAUSE) as f32 / AMPLE_PAUSE as f32;
        let place = p.start as f32 / longest as f32;
        length + place
    };
    let earliest = longest / 3;
    let best = pauses
        .iter()
        .filter(|p| p.start >= earliest && p.start + 3 <= longest)
        .max_by(|a, b| score(a).total_cmp(&score(b)));
    if let Some(pause) = best {
        let middle = (pause.start + pause.end) / 2;
        return middle.min(pause.start + PADDING).min(longest);
    }
    let third = longest * 2 / 3;
    (third..longest.min(speech.len()))
        .min_by(|a, b| speech[*a].total_cmp(&speech[*b]))
        .unwrap_or(longest)
}

/// Gaps with the parts outside `public` marked as such, and nothing else said about those.
pub fn mark_not_public(gaps: Vec<Gap>, public: &PublicSpans, duration: MediaTime) -> Vec<Gap> {
    if public.is_whole() {
        return gaps;
    }
    let open = public.within(duration);
    let part = |span: Span, reason| Gap { start_ms: span.start(), end_ms: span.end(), reason };
    let mut marked: Vec<Gap> = gaps
        .iter()
        .filter_map(|g| Some((Span::new(g.start_ms, g.end_ms)?, g.reason)))
        .flat_map(|(span, reason)| {
            open.iter().filter_map(move |o| span.intersect(*o)).map(move |s| part(s, reason))
        })
        .collect();
    let edges = open.iter().flat_map(|s| [s.start(), s.end()]);
    let edges: Vec<_> = std::iter::once(MediaTime::ZERO).chain(edges).chain([duration]).collect();
    let closed = edges.chunks(2).filter_map(|e| Span::new(*e.first()?, *e.get(1)?));
    marked.extend(closed.filter(|s| s.millis() > 0).map(|s| part(s, GapReason::NotPublic)));
    marked.sort_by_key(|g| g.start_ms);
    marked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { longest: 300, splitting_pause: 80 };

    /// Cuts frames given in blocks; each cut as (is a window, first frame, frames).
    fn cut(speech: &[f32], block: usize) -> Vec<(bool, usize, usize)> {
        let mut cutter = Cutter::new(LIMITS);
        let mut cuts = Vec::new();
        let mut drain = |cutter: &mut Cutter| {
            while let Some(c) = cutter.next_cut() {
                let (window, span) = match &c {
                    Cut::Pause { span, .. } => (false, *span),
                    Cut::Window(w) => (true, w.span()),
                };
                cuts.push((
                    window,
                    span.start().millis() as usize / 16,
                    span.millis() as usize / 16,
                ));
            }
        };
        for chunk in speech.chunks(block) {
            let samples: Vec<f32> = vec![0.1; chunk.len() * FRAME_SAMPLES];
            cutter.push(&samples, chunk);
            drain(&mut cutter);
        }
        cutter.finish(&[]);
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
            let cuts = cut(&speech, block);
            let mut covered = vec![0; speech.len()];
            for &(window, start, n) in &cuts {
                prop_assert!(!window || n <= LIMITS.longest, "{n} frames");
                covered[start..start + n].iter_mut().for_each(|c| *c += i32::from(window));
            }
            for (frame, times) in covered.iter().enumerate() {
                prop_assert!(*times <= 1, "frame {frame} is in two windows");
            }
            for start in 0..speech.len().saturating_sub(SHORTEST_SPEECH) {
                if speech[start..start + SHORTEST_SPEECH].iter().all(|p| *p >= ENTER) {
                    prop_assert_eq!(covered[start], 1, "speech at frame {} is lost", start);
                }
            }
        }

        #[test]
        fn cuts_do_not_depend_on_how_the_sound_arrives(speech in talk(), a in 1usize..90, b in 90usize..900) {
            prop_assert_eq!(cut(&speech, a), cut(&speech, b));
        }

        #[test]
        fn windows_end_in_a_pause_where_there_is_one(words in prop::collection::vec(20usize..90, 5..30)) {
            let speech: Vec<f32> =
                words.iter().flat_map(|n| [vec![0.9; *n], vec![0.05; 12]].concat()).collect();
            for (window, start, n) in cut(&speech, 50) {
                let end = start + n;
                prop_assert!(!window || end >= speech.len() || speech[end] < LEAVE, "cut at {end}");
            }
        }
    }

    #[test]
    fn what_is_not_public_is_named_as_such_and_as_nothing_else() {
        let at = MediaTime::from_millis;
        let gap = |s, e, reason| Gap { start_ms: at(s), end_ms: at(e), reason };
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
