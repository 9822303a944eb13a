//! Whether what is taken for speech moves as a voice does. A speaker's pitch glides all the time
//! and no partial tone of it stands; tunes are made of notes that do, and applause has no pitch.
//! Owns that judgement over seconds of sound.
//!
//! Both measures are old: Saunders (1996) and Scheirer and Slaney (1997) tell speech from music by
//! how it changes, Seyerlehner et al. (2007) find music by partial tones that stay. The constants
//! were set by logistic regression on 113 pieces of music and on speech in four languages, clean, in
//! noise, in reverberation, over the telephone and over music; docs/recognition.md has the figures.

use std::collections::VecDeque;
use std::ops::Range;

use super::tones::{ACTIVE, N_BINS, Tone, VoiceActivity};

/// Frames to either side that are judged together: 5 s in all.
const REACH: usize = 156;
/// Somebody may speak for less than that, between two tunes; so many frames to either side tell
/// of a voice too (2 s in all) …
const NEAR: usize = 62;
/// … if their score is this high.
const SURE: f32 = 4.0;
/// A glide is looked for in so many frames (80 ms) …
const GLIDE: usize = 5;
/// … of which none jumps by more, in semitones …
const JUMP: f32 = 0.8;
/// … and moves by more than this from start to end, in semitones …
const MOVES: f32 = 0.15;
/// … more than so many times its distance from a straight line …
const STRAIGHT: f32 = 2.5;
/// … which is smaller than this, in semitones.
const CROOKED: f32 = 0.12;
/// A pitch that moves by less stands.
const STANDS: f32 = 0.1;
/// Partial tones that stand for so many frames (160 to 304 ms) are notes; shorter ones are
/// syllables, longer ones the hum of a machine.
const NOTE: Range<usize> = 10..20;
/// With fewer active frames in the five seconds (1 s), or in the two (0.64 s), glides and notes
/// tell nothing.
const ENOUGH: (usize, usize) = (60, 40);
/// With fewer active frames in five seconds (128 ms), nothing does.
const SCARCE: usize = 8;
/// Applause, paper, rain: a smaller share of active frames with a pitch.
const HARDLY_PITCHED: f32 = 0.08;
/// Whoever speaks glides: with so many active frames (1.9 s) …
const PLENTY: usize = 120;
/// … of which a smaller share of those with a pitch glides, a tone stands or dies away. In 20 minutes of
/// speech, also in noise, hum and rooms, no five seconds had less than a tenth; of low chords that are held,
/// step or die away, nine in ten had less than this.
const HARDLY_GLIDES: f32 = 0.05;
/// And unless its level changes by so many decibels …
const CHANGES_DB: f32 = 3.0;
/// … from so many frames (64 ms, in which chords beat) to as many …
const CHANGES_IN: usize = 4;
/// … in this share of them: a voice does so in a quarter and more, also over an organ 10 dB softer, whose pitch
/// is then found in place of the voice's; chords that are held, step or die away in a twentieth.
const MOVING: f32 = 0.22;
/// At least this share of the partial tones stands longer than a syllable, then: a croaking voice does not
/// glide either.
const HELD: f32 = 0.1;
/// Weights of the shares of gliding frames, standing frames, and notes among the partial tones.
const WEIGHTS: (f32, f32, f32) = (48.0, -19.0, -47.0);
/// Their sum, with this added, is the score: below 0 nobody speaks.
const OFFSET: f32 = 3.9;

/// Takes frames in order and gives them back five seconds later, judged. A frame is voiceless
/// where some five seconds that it is part of are judged to hold no voice, and none to hold one: a
/// speaker is not cut off by the music before.
pub struct Voice {
    /// Pitches of the last frames, for glides.
    pitches: VecDeque<Option<f32>>,
    /// Powers of the last frames.
    powers: VecDeque<f32>,
    /// How far each partial tone has stood: its weight in the last frames.
    standing: Vec<Vec<f32>>,
    /// Frames whose notes are not known yet.
    open: VecDeque<FrameEvidence>,
    known: Ring,
    /// The frame that is judged next, with what is around it.
    middle: usize,
    far: Around,
    near: Around,
}

impl Default for Voice {
    fn default() -> Self {
        Self {
            pitches: VecDeque::new(),
            powers: VecDeque::new(),
            standing: vec![Vec::new(); N_BINS],
            open: VecDeque::new(),
            known: Ring::default(),
            middle: 0,
            far: Around::default(),
            near: Around::default(),
        }
    }
}

impl Voice {
    /// Takes the next frame: its probability of speech and what it sounds like.
    pub fn push(&mut self, speech: f32, tone: &Tone) -> Option<VoiceActivity> {
        let partials = tone.partials.iter().map(|(_, weight)| weight).sum();
        let pitched = tone.pitch.is_some();
        self.powers.push_back(tone.power);
        if self.powers.len() > 2 * CHANGES_IN {
            self.powers.pop_front();
        }
        let sum = |span: Range<usize>| self.powers.range(span).sum::<f32>();
        let moves = self.powers.len() == 2 * CHANGES_IN && {
            let change = sum(CHANGES_IN..2 * CHANGES_IN) / sum(0..CHANGES_IN);
            (10.0 * change.log10()).abs() > CHANGES_DB
        };
        self.open.push_back(FrameEvidence {
            speech,
            pitched,
            moves,
            partials,
            ..FrameEvidence::default()
        });
        self.follow_pitch(tone.pitch);
        self.follow_partials(&tone.partials, self.open.len() - 1);
        if self.open.len() <= NOTE.end {
            return None;
        }
        self.known.frames.extend(self.open.pop_front());
        (self.known.end() > self.middle + REACH).then(|| self.judge()).flatten()
    }

    /// The frames that were not given back yet.
    pub fn finish(&mut self) -> Vec<VoiceActivity> {
        self.follow_partials(&[], self.open.len());
        self.known.frames.extend(self.open.drain(..));
        let mut heard = Vec::new();
        while self.middle < self.known.end() {
            heard.extend(self.judge());
        }
        heard.extend(std::iter::from_fn(|| self.known.leave()));
        heard
    }

    /// Frame by frame, the five last pitches tell whether the middle one glides or stands.
    fn follow_pitch(&mut self, pitch: Option<f32>) {
        self.pitches.push_back(pitch);
        if self.pitches.len() > GLIDE {
            self.pitches.pop_front();
        }
        let pitches: Option<Vec<f32>> = self.pitches.iter().copied().collect();
        let Some(pitches) = pitches.filter(|p| p.len() == GLIDE) else { return };
        let middle = self.open.len() - 1 - GLIDE / 2;
        self.open[middle].glides = glides(&pitches);
        self.open[middle].stands = stands(&pitches);
    }

    /// A partial tone that ends before frame `now` may have been a note; the frames it stood in
    /// hear of it.
    fn follow_partials(&mut self, partials: &[(usize, f32)], now: usize) {
        let mut partials = partials.iter().peekable();
        let mut held = 0.0;
        for (bin, stood) in self.standing.iter_mut().enumerate() {
            if let Some((_, weight)) = partials.next_if(|(b, _)| *b == bin) {
                // Longer than a note it is none, however long.
                match stood.len() < NOTE.end {
                    true => stood.push(*weight),
                    false => held += weight,
                }
                continue;
            }
            if NOTE.contains(&stood.len()) {
                for (frame, weight) in self.open.range_mut(now - stood.len()..now).zip(&*stood) {
                    frame.notes += weight;
                }
            }
            stood.clear();
        }
        if let Some(frame) = self.open.get_mut(now) {
            frame.held = held;
        }
    }

    /// Judges what is around the middle, and lets go of the frame that no later judgement is about.
    fn judge(&mut self) -> Option<VoiceActivity> {
        let around = |reach| self.middle.saturating_sub(reach)..self.middle + reach + 1;
        let far = around(REACH);
        self.far.move_to(far.clone(), &self.known);
        self.near.move_to(around(NEAR), &self.known);
        let voice = match &self.far {
            Around { active, .. } if *active < SCARCE => None,
            far if !far.has_pitch() => Some(false),
            far if far.active < ENOUGH.0 => None,
            far if far.is_moving() => (far.score() >= 0.0).then_some(true),
            far if far.active >= PLENTY && far.hardly_glides() && far.is_held() => Some(false),
            far => Some(far.score() >= 0.0),
        };
        for frame in self.known.within(far) {
            frame.with_voice |= voice == Some(true);
            frame.without_voice |= voice == Some(false);
        }
        let near = &self.near;
        if near.active >= ENOUGH.1
            && near.score() >= SURE
            && !(near.hardly_glides() && near.is_held() && !near.is_moving())
        {
            let near = around(NEAR);
            self.known.within(near).for_each(|f| f.with_voice = true);
        }
        self.middle += 1;
        // What follows no longer looks so far back, except to forget it.
        (self.middle > REACH + 1 + self.known.first).then(|| self.known.leave()).flatten()
    }
}

/// What is known of one frame.
#[derive(Clone, Copy, Debug, Default)]
struct FrameEvidence {
    speech: f32,
    pitched: bool,
    glides: bool,
    stands: bool,
    /// Its level is another than just before.
    moves: bool,
    /// How much its partial tones stand out in all, and those that are notes.
    partials: f32,
    notes: f32,
    /// How much stands out of those that have stood for longer than a note.
    held: f32,
    /// It was judged together with others: a voice was among them; there was none.
    with_voice: bool,
    without_voice: bool,
}

impl FrameEvidence {
    fn active(&self) -> bool {
        self.speech >= ACTIVE
    }

    fn heard(&self) -> VoiceActivity {
        let voiceless = self.active() && self.without_voice && !self.with_voice;
        VoiceActivity { speech: if voiceless { 0.0 } else { self.speech }, voiceless }
    }
}

/// Sums over the active ones among the frames around one.
#[derive(Debug, Default)]
struct Around {
    /// Frames from here …
    from: usize,
    /// … to here are counted, in frames from the start.
    to: usize,
    active: usize,
    pitched: usize,
    glides: usize,
    stands: usize,
    moves: usize,
    notes: f64,
    held: f64,
}

impl Around {
    fn count(&mut self, frame: &FrameEvidence, sign: isize) {
        if !frame.active() {
            return;
        }
        let add = |sum: &mut usize, yes: bool| {
            *sum = sum.saturating_add_signed(if yes { sign } else { 0 });
        };
        add(&mut self.active, true);
        add(&mut self.pitched, frame.pitched);
        add(&mut self.glides, frame.glides);
        add(&mut self.stands, frame.stands);
        add(&mut self.moves, frame.moves);
        let share = |weight: f32| sign as f64 * f64::from(weight / (frame.partials + 1e-6));
        self.notes += share(frame.notes);
        self.held += share(frame.held);
    }

    /// Counts what lies in `span`, as far as there is sound. Spans only move on.
    fn move_to(&mut self, span: Range<usize>, frames: &Ring) {
        while self.to < span.end.min(frames.end()) {
            self.count(frames.at(self.to), 1);
            self.to += 1;
        }
        while self.from < span.start {
            self.count(frames.at(self.from), -1);
            self.from += 1;
        }
    }

    /// How much more it moves as a voice than as a tune.
    fn score(&self) -> f32 {
        let share = |n: usize| n as f32 / self.active.max(1) as f32;
        let notes = self.notes as f32 / self.active.max(1) as f32;
        WEIGHTS.0 * share(self.glides) + WEIGHTS.1 * share(self.stands) + WEIGHTS.2 * notes + OFFSET
    }

    /// Whether hardly any pitch moves as a speaker's does.
    fn hardly_glides(&self) -> bool {
        (self.glides as f32) < HARDLY_GLIDES * self.pitched as f32
    }

    /// Whether its loudness comes and goes as a speaker's does.
    fn is_moving(&self) -> bool {
        self.moves as f32 >= MOVING * self.active as f32
    }

    /// Whether partial tones stand for longer than a syllable.
    fn is_held(&self) -> bool {
        (self.held + self.notes) as f32 >= HELD * self.active as f32
    }

    /// Whether there is a pitch at all.
    fn has_pitch(&self) -> bool {
        self.pitched as f32 >= HARDLY_PITCHED * self.active as f32
    }
}

/// The frames that may still be needed, by their number from the start of the recording.
#[derive(Debug, Default)]
struct Ring {
    first: usize,
    frames: VecDeque<FrameEvidence>,
}

impl Ring {
    fn end(&self) -> usize {
        self.first + self.frames.len()
    }

    /// Frame number `n`, which must not have left.
    fn at(&self, n: usize) -> &FrameEvidence {
        &self.frames[n - self.first]
    }

    fn within(&mut self, span: Range<usize>) -> impl Iterator<Item = &mut FrameEvidence> {
        let to = span.end.min(self.end()) - self.first;
        self.frames.range_mut(span.start.max(self.first) - self.first..to)
    }

    fn leave(&mut self) -> Option<VoiceActivity> {
        self.first += 1;
        self.frames.pop_front().map(|f| f.heard())
    }
}

/// How far a pitch moves along the line that fits it best, and its mean distance from that line;
/// nothing where it jumps.
fn line(pitches: &[f32]) -> Option<(f32, f32)> {
    if pitches.windows(2).any(|p| (p[1] - p[0]).abs() >= JUMP) {
        return None;
    }
    let n = pitches.len() as f32;
    let mean = pitches.iter().sum::<f32>() / n;
    let at = |i: usize| i as f32 - (n - 1.0) / 2.0;
    let square: f32 = (0..pitches.len()).map(|i| at(i).powi(2)).sum();
    let slope = pitches.iter().enumerate().map(|(i, p)| p * at(i)).sum::<f32>() / square;
    let beside = |(i, p): (usize, &f32)| (p - mean - slope * at(i)).powi(2);
    let distance = (pitches.iter().enumerate().map(beside).sum::<f32>() / n).sqrt();
    Some((slope.abs() * (n - 1.0), distance))
}

fn glides(pitches: &[f32]) -> bool {
    line(pitches)
        .is_some_and(|(way, beside)| way > MOVES && beside < CROOKED && way > STRAIGHT * beside)
}

fn stands(pitches: &[f32]) -> bool {
    line(pitches).is_some_and(|(way, _)| way <= STANDS)
}
