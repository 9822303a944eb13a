//! What is tried for a window, in which order, and when an answer is good enough; and how loops are found
//! in it, runs of words said over and over, as recognisers do and people do not. Pure: the same answers
//! lead to the same choice. Refuses to change any answer; that is the guards' work.

use std::io::Write;

use super::recognizer::{DecodingStrategy, Segment};
use crate::domain::Word;

/// What is tried in turn: greedy is cheapest and right for most windows; three beams find nearly all
/// the more probable sentences that five find (docs/recognition.md), and five are for what may not
/// stand yet; drawing breaks the loops in which all are caught (Radford et al. 2022, 4.5, where the
/// temperatures rise by 0.2; two of them suffice behind beams).
const LADDER: [DecodingStrategy; 5] = [
    DecodingStrategy::Greedy,
    DecodingStrategy::Beam(3),
    DecodingStrategy::Beam(5),
    DecodingStrategy::Sample(0.4),
    DecodingStrategy::Sample(0.8),
];

/// When an answer is good enough to end the search.
#[derive(Clone, Copy, Debug)]
struct Bar {
    /// Least mean log-probability of a token.
    log_probability: f32,
    /// Greatest ratio of the text to itself compressed; loops compress well.
    compression: f32,
}

/// Whisper's own bar (Radford et al. 2022, 4.5) for what may stand …
const SOUND: Bar = Bar { log_probability: -1.0, compression: 2.4 };
/// … and a higher one for greedy answers, because a beam is worth its price long before an answer
/// is nonsense. Set on a smaller model; nearly everything that `base` hears passes it
/// (docs/recognition.md).
const SURE: Bar = Bar { log_probability: -0.35, compression: 2.4 };

/// From this probability of "nobody speaks" on, an answer that fails the bar is silence.
pub const NO_SPEECH: f32 = 0.6;

/// What is known of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Mean log-probability of its tokens; 0 where there are none.
    pub log_probability: f32,
    /// Ratio of the text to itself compressed; 0 where there is none.
    pub compression: f32,
    /// Whether a run of words is repeated over and over.
    pub loops: bool,
    /// The greatest probability of "nobody speaks".
    pub no_speech: f32,
    /// Number of tokens.
    pub tokens: usize,
}

impl Quality {
    /// Looks at an answer.
    pub fn of(segments: &[Segment]) -> Self {
        let tokens: Vec<_> = segments.iter().flat_map(|s| &s.tokens).collect();
        let text: Vec<u8> = tokens.iter().flat_map(|t| t.bytes.iter().copied()).collect();
        let sum: f32 = tokens.iter().map(|t| t.probability.max(1e-6).ln()).sum();
        Self {
            log_probability: sum / tokens.len().max(1) as f32,
            compression: compression(&text),
            loops: loops(&String::from_utf8_lossy(&text)),
            no_speech: segments.iter().map(|s| s.no_speech).fold(0.0, f32::max),
            tokens: tokens.len(),
        }
    }

    fn meets(&self, bar: Bar) -> bool {
        self.log_probability >= bar.log_probability
            && self.compression <= bar.compression
            && !self.loops
    }

    /// Nobody speaks, and what was made of it is not even probable.
    pub fn is_silence(&self) -> bool {
        self.no_speech >= NO_SPEECH && self.log_probability < SOUND.log_probability
    }

    /// To choose among answers of which none is good enough: no loop before loops, then the more
    /// probable one.
    fn rank(&self) -> (bool, f32) {
        let loops = self.loops || self.compression > SOUND.compression;
        (!loops, self.log_probability)
    }
}

/// Length of a text over its length compressed (zlib, as OpenAI's Whisper measures it).
fn compression(text: &[u8]) -> f32 {
    if text.is_empty() {
        return 0.0;
    }
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory does not fail; if it did, the text would count as incompressible.
    let packed = packed.write_all(text).and_then(|()| packed.finish());
    packed.map_or(1.0, |p| text.len() as f32 / p.len().max(1) as f32)
}

/// What to do with a window next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Try this, with the window's prompt or without.
    Try(DecodingStrategy, Prompted),
    /// It is decided: the best answer, and how it came about.
    Done(ChosenAnswer),
}

/// A window's answer in the end.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenAnswer {
    /// The answer.
    pub segments: Vec<Segment>,
    /// What is known of it.
    pub quality: Quality,
    /// Whether an answer was thrown away because it repeated itself.
    pub looped: bool,
    /// Whether an answer was thrown away because the prompt had silenced or polluted it.
    pub prompt_failed: bool,
}

/// The way of one window up the ladder.
#[derive(Debug)]
pub struct Attempts {
    rung: usize,
    prompted: Prompted,
    looped: bool,
    prompt_failed: bool,
    best: Option<(Vec<Segment>, Quality)>,
}

impl Attempts {
    /// At the foot of the ladder, and what to try first; with the prompt, where there is one.
    pub fn new(prompted: Prompted) -> (Self, DecodingStrategy) {
        let attempts = Self { rung: 0, prompted, looped: false, prompt_failed: false, best: None };
        (attempts, LADDER[0])
    }

    /// Takes an answer; `echo` says whether it merely repeats the prompt.
    pub fn next(&mut self, segments: Vec<Segment>, echo: Echo) -> Next {
        let quality = Quality::of(&segments);
        self.looped |= quality.loops;
        let polluted = echo == Echo::Heard || quality.tokens == 0 || !quality.meets(SOUND);
        if self.prompted == Prompted::Yes && polluted {
            // The whole ladder again without the prompt; what it gave does not count.
            *self = Self { looped: self.looped, prompt_failed: true, ..Self::new(Prompted::No).0 };
            return Next::Try(LADDER[0], Prompted::No);
        }
        let bar = if self.rung == 0 { SURE } else { SOUND };
        let good = quality.meets(bar) || quality.is_silence() || quality.tokens == 0;
        if self.best.as_ref().is_none_or(|(_, best)| quality.rank() > best.rank()) {
            self.best = Some((segments, quality));
        }
        self.rung += 1;
        match LADDER.get(self.rung) {
            Some(&search) if !good && self.is_worth_another() => Next::Try(search, self.prompted),
            _ => Next::Done(self.chosen()),
        }
    }

    /// All that is not sure is worth the second rung; the others are for what may not stand.
    fn is_worth_another(&self) -> bool {
        let stands = self.best.as_ref().is_some_and(|(_, best)| best.meets(SOUND));
        !stands || self.rung == 1
    }

    fn chosen(&mut self) -> ChosenAnswer {
        // `next` has put an answer there before it asks.
        let (segments, quality) =
            self.best.take().unwrap_or_else(|| (Vec::new(), Quality::of(&[])));
        let Self { looped, prompt_failed, .. } = *self;
        ChosenAnswer { segments, quality, looped, prompt_failed }
    }
}

/// Whether a window's prompt goes with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompted {
    /// It does.
    Yes,
    /// It does not, or there is none.
    No,
}

/// Whether an answer merely repeats the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// It does.
    Heard,
    /// It does not, or there was no prompt.
    None,
}

/// The same run of words this often in a row is a loop.
const LOOP: usize = 4;
/// Longest run of words that is looked for in a loop.
const LONGEST_LOOP_UNIT: usize = 12;

/// Whether a text repeats a run of words over and over.
pub fn loops(text: &str) -> bool {
    let texts: Vec<String> = text.split_whitespace().map(bare).collect();
    find_loop(&texts).is_some()
}

/// Cuts a run of words that is repeated over and over down to its first time.
pub fn cut_loop(words: &mut Vec<Word>) -> bool {
    let texts: Vec<String> = words.iter().map(|w| bare(&w.text)).collect();
    let Some((start, unit, times)) = find_loop(&texts) else { return false };
    words.drain(start + unit..start + unit * times);
    true
}

/// A text in lower case without punctuation, spaces single.
pub fn bare(text: &str) -> String {
    let letters = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    let text: String = text.to_lowercase().chars().map(letters).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a loop starts, how long its unit is and how often it is said.
fn find_loop(texts: &[String]) -> Option<(usize, usize, usize)> {
    (1..=LONGEST_LOOP_UNIT).find_map(|unit| {
        let last = texts.len().checked_sub(unit * LOOP)?;
        (0..=last).find_map(|start| {
            let first = &texts[start..start + unit];
            let times = texts[start..].chunks_exact(unit).take_while(|c| *c == first).count();
            (times >= LOOP).then_some((start, unit, times))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MediaTime;

    fn words(text: &str) -> Vec<Word> {
        let word = |(i, t): (usize, &str)| Word {
            text: t.into(),
            start_ms: MediaTime::from_millis(i as u64 * 300),
            end_ms: MediaTime::from_millis(i as u64 * 300 + 250),
            confidence: 0.9,
            raw: None,
        };
        text.split_whitespace().enumerate().map(word).collect()
    }

    #[test]
    fn a_loop_is_cut_and_a_figure_of_speech_is_not() {
        let mut looped = words("Wir kommen zum Punkt. Zum Punkt. Zum Punkt. Zum Punkt. Danke.");
        assert!(cut_loop(&mut looped));
        assert_eq!(looped.len(), 5);
        let mut said = words("Nein, nein, nein, das geht nicht.");
        assert!(!cut_loop(&mut said));
        assert_eq!(said.len(), 6);
    }
}
