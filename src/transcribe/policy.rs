//! What is tried for a window, in which order, and when an answer is good enough; and how loops are found
//! in it, runs of words said over and over, as recognisers do and people do not. Pure: the same answers
//! lead to the same choice. Refuses to change any answer; that is the guards' work.

use std::io::Write;

use super::recognizer::{DecodingStrategy, Segment};
use crate::domain::Word;

/// What is tried behind beams, in turn: drawing breaks the loops in which these are caught (Radford et al. 2022,
/// 4.5, where the temperatures rise by 0.2; two of them suffice behind beams, of which there are five as a rule: they
/// find what is said in more windows than greedy decoding does, clean ones too; docs/recognition.md).
const DRAWS: [DecodingStrategy; 2] = [DecodingStrategy::Sample(0.4), DecodingStrategy::Sample(0.8)];

/// When an answer is good enough to end the search.
#[derive(Clone, Copy, Debug)]
struct Bar {
    /// Least mean log-probability of a token.
    log_probability: f32,
    /// Greatest ratio of the text to itself compressed; loops compress well.
    compression: f32,
}

/// Whisper's own bar for what may stand (Radford et al. 2022, 4.5).
const SOUND: Bar = Bar { log_probability: -1.0, compression: 2.4 };

/// Tokens in a second of speech below which a prompted answer may have left speech out: people say three to
/// four, and the least of any window of 35 minutes is 3.7.
const SPARSE: f32 = 2.0;
/// An answer without the prompt is taken for a sparse one with it where it has so many times its tokens.
const FULLER: f32 = 1.25;
/// Of less speech than this, in milliseconds, nothing is concluded.
const ENOUGH_SPEECH_MS: u64 = 3000;

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

    /// Whether it may stand.
    fn is_sound(&self) -> bool {
        self.log_probability >= SOUND.log_probability
            && self.compression <= SOUND.compression
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
    /// How long somebody speaks in the window, in milliseconds.
    voiced_ms: u64,
    /// What is tried first.
    first: DecodingStrategy,
    rung: usize,
    prompted: Prompted,
    looped: bool,
    prompt_failed: bool,
    /// What the prompt gave where that has fewer words than were said.
    sparse: Option<(Vec<Segment>, Quality)>,
    best: Option<(Vec<Segment>, Quality)>,
}

impl Attempts {
    /// At the foot of the ladder; with the prompt, where there is one, for a window with so many milliseconds of
    /// speech.
    pub fn new(prompted: Prompted, voiced_ms: u64, first: DecodingStrategy) -> Self {
        Self {
            voiced_ms,
            first,
            rung: 0,
            prompted,
            looped: false,
            prompt_failed: false,
            sparse: None,
            best: None,
        }
    }

    /// Takes an answer; `echo` says whether it merely repeats the prompt.
    pub fn next(&mut self, segments: Vec<Segment>, echo: Echo) -> Next {
        let quality = Quality::of(&segments);
        self.looped |= quality.loops;
        if self.prompted == Prompted::Yes {
            let polluted = echo == Echo::Heard || quality.tokens == 0 || !quality.is_sound();
            if polluted || self.is_sparse(&quality) {
                // The whole ladder again without the prompt; what is polluted does not count.
                let sparse = (!polluted).then_some((segments, quality));
                let again = Self::new(Prompted::No, self.voiced_ms, self.first);
                *self = Self { looped: self.looped, prompt_failed: polluted, sparse, ..again };
                return Next::Try(self.first, Prompted::No);
            }
        }
        let good = quality.is_sound() || quality.is_silence() || quality.tokens == 0;
        if self.best.as_ref().is_none_or(|(_, best)| quality.rank() > best.rank()) {
            self.best = Some((segments, quality));
        }
        match DRAWS.get(self.rung) {
            Some(&search) if !good => {
                self.rung += 1;
                Next::Try(search, self.prompted)
            }
            _ => Next::Done(self.chosen()),
        }
    }

    /// Whether the answer has fewer words than can have been said.
    fn is_sparse(&self, quality: &Quality) -> bool {
        let seconds = self.voiced_ms as f32 / 1000.0;
        self.voiced_ms >= ENOUGH_SPEECH_MS && (quality.tokens as f32) < SPARSE * seconds
    }

    fn chosen(&mut self) -> ChosenAnswer {
        // `next` has put an answer there before it asks.
        let (segments, quality) =
            self.best.take().unwrap_or_else(|| (Vec::new(), Quality::of(&[])));
        let Self { looped, mut prompt_failed, .. } = *self;
        if let Some((prompted, sparse)) = self.sparse.take() {
            let is_fuller = quality.tokens as f32 >= FULLER * sparse.tokens as f32;
            if !(is_fuller && quality.is_sound()) {
                return ChosenAnswer { segments: prompted, quality: sparse, looped, prompt_failed };
            }
            prompt_failed = true;
        }
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
/// The same letters this often in a row are a loop within a word …
const STUTTER: usize = 5;
/// … where they are no more than these.
const LONGEST_STUTTER: usize = 8;
/// Longest run of words that is looked for in a loop.
const LONGEST_LOOP_UNIT: usize = 12;

/// Whether a text repeats a run of words over and over.
pub fn loops(text: &str) -> bool {
    let texts: Vec<String> = text.split_whitespace().map(bare).collect();
    find_loop(&texts).is_some() || texts.iter().any(|word| stutters(word))
}

/// Whether a word repeats some letters over and over ("www.tanktanktanktanktank", "Oooooh").
pub fn stutters(word: &str) -> bool {
    // Numbers do: 1000000.
    let letters: Vec<char> = bare(word).chars().filter(|c| c.is_alphabetic()).collect();
    (1..=LONGEST_STUTTER).any(|unit| {
        let alike = letters.iter().skip(unit).zip(&letters).map(|(a, b)| a == b);
        let longest = alike.fold((0, 0), |(run, longest), alike| {
            let run = if alike { run + 1 } else { 0 };
            (run, longest.max(run))
        });
        longest.1 >= unit * (STUTTER - 1)
    })
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
        assert!(stutters("www.tanktanktanktanktank") && stutters("Oooooh!"));
        assert!(!stutters("Haushaltshaushalte") && !stutters("Schifffahrt"));
        let mut said = words("Nein, nein, nein, das geht nicht.");
        assert!(!cut_loop(&mut said));
        assert_eq!(said.len(), 6);
    }
}
