//! Tokens to words with times on the recording's line.
//!
//! A token's DTW time is where the attention leaves it (whisper.cpp gives the jump into the *next*
//! row of the matrix), so a word starts where the token before it ended, moved to the next frame in
//! which somebody speaks, and ends where its own last token ended.

use super::Segment;
use super::windows::Window;
use crate::domain::{MediaTime, Word};

/// No word is shorter than this, in milliseconds.
const SHORTEST_WORD: u64 = 20;
/// The detector's frame, in milliseconds.
const FRAME: u64 = 16;

/// The words of one window.
pub fn assemble(segments: &[Segment], window: &Window) -> Vec<Word> {
    let start = window.span().start();
    let length = window.span().millis();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut before = 0u64;
    for token in segments.iter().flat_map(|s| &s.tokens) {
        let end = u64::from(token.end_ms).clamp(before, length);
        match pieces.last_mut().filter(|_| !token.bytes.starts_with(b" ")) {
            Some(word) => word.extend(&token.bytes, token.probability, end),
            None => pieces.push(Piece::new(&token.bytes, token.probability, before, end)),
        }
        before = end;
    }
    pieces
        .into_iter()
        .filter_map(|piece| {
            let text = piece.text()?;
            let (from, to) = snap(piece.start, piece.end, window, length);
            Some(Word {
                text,
                start_ms: start.plus_millis(from),
                end_ms: start.plus_millis(to),
                confidence: piece.confidence(),
                raw: None,
            })
        })
        .collect()
}

/// Moves the ends of a word off stretches in which nobody speaks, as far as the word has others.
fn snap(start: u64, end: u64, window: &Window, length: u64) -> (u64, u64) {
    let voiced = |frame: &u64| window.is_voiced(frame * FRAME);
    let frames = start / FRAME..end.div_ceil(FRAME);
    let from = frames.clone().find(voiced).map_or(start, |f| (f * FRAME).max(start));
    let to = frames.rev().find(voiced).map_or(end, |f| ((f + 1) * FRAME).min(end));
    let to = to.max(from + SHORTEST_WORD).min(length);
    (from.min(to.saturating_sub(SHORTEST_WORD)), to)
}

/// Makes starts rise strictly and ends stay before the next start and the recording's end.
pub fn keep_order(words: &mut [Word], duration: MediaTime) {
    for i in 1..words.len() {
        let earliest = words[i - 1].start_ms.plus_millis(1);
        words[i].start_ms = words[i].start_ms.max(earliest);
    }
    for i in 0..words.len() {
        let latest = words.get(i + 1).map_or(duration, |next| next.start_ms);
        let end = words[i].end_ms.min(latest);
        words[i].end_ms = end.max(words[i].start_ms);
    }
}

/// A word in the making.
struct Piece {
    bytes: Vec<u8>,
    log_probability: f32,
    tokens: u32,
    start: u64,
    end: u64,
}

impl Piece {
    fn new(bytes: &[u8], probability: f32, start: u64, end: u64) -> Self {
        let mut piece = Self { bytes: Vec::new(), log_probability: 0.0, tokens: 0, start, end };
        piece.extend(bytes, probability, end);
        piece
    }

    fn extend(&mut self, bytes: &[u8], probability: f32, end: u64) {
        self.bytes.extend_from_slice(bytes);
        self.log_probability += probability.max(1e-6).ln();
        self.tokens += 1;
        self.end = end;
    }

    /// The text; tokens may split a character, so the bytes are joined before they are read.
    fn text(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let text: String = text.chars().filter(|c| !c.is_control() && *c != '\u{fffd}').collect();
        let text = text.trim();
        text.chars().any(char::is_alphanumeric).then(|| text.to_owned())
    }

    /// The geometric mean of the tokens' probabilities.
    fn confidence(&self) -> f32 {
        let mean = (self.log_probability / self.tokens.max(1) as f32).exp();
        (mean.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
    }
}
