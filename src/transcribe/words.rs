//! Tokens to words with times on the recording's line. Owns how tokens become words; where the
//! words lie is decided in `placing`, from the tokens' times and the window's own sound.
//!
//! A token's DTW time is where the attention leaves it (whisper.cpp gives the jump into the *next*
//! row of the matrix), so a word starts, by the recogniser, where the token before it ended.

mod placing;

use super::recognizer::Segment;
use super::windows::Window;
use crate::domain::{MediaTime, Span, Word};

use placing::{Said, Then};

// The constants here and below were measured: docs/word-times.md.

/// A vowel lasts longer than a consonant: so many letters.
const VOWEL: f32 = 1.5;
/// A word is a little longer than its letters, by so many.
const WORD: f32 = 1.0;
/// So many letters are spoken for each figure of a number.
const FIGURE: f32 = 5.0;

/// Whether the recogniser says of every token where it ends; else words are placed by loudness and length.
pub fn are_timed(segments: &[Segment]) -> bool {
    segments.iter().flat_map(|s| &s.tokens).all(|token| token.end_ms.is_some())
}

/// So many letters with hyphens between them are an abbreviation; two may be a name ("S-W").
const SPELT: usize = 3;

/// The words of one window. Starts rise strictly, no word ends behind the start of the next, and
/// all lie in the window; nothing outside of it has any part in that.
pub fn assemble(segments: &[Segment], window: &Window) -> Vec<Word> {
    let start = window.span().start();
    let length = window.span().millis();
    let pieces = pieces(segments, length);
    let said: Vec<Said> = pieces.iter().map(|(piece, text)| piece.said(text)).collect();
    let mut places = placing::place(&said, &placing::evidence(&window.samples));
    separate(&mut places, length);
    let word = |((piece, text), (from, to)): ((Piece, String), (u64, u64))| Word {
        text: written_together(text),
        start_ms: start.plus_millis(from),
        end_ms: start.plus_millis(to),
        confidence: piece.confidence(),
        raw: None,
    };
    pieces.into_iter().zip(places).map(word).collect()
}

/// An abbreviation that was written as it is spelt ("C-D-U") as people write it.
fn written_together(text: String) -> String {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    let letters: Vec<&str> = core.split('-').collect();
    let is_letter =
        |part: &&str| part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
    if letters.len() < SPELT || !letters.iter().all(is_letter) {
        return text;
    }
    text.replace(core, &letters.concat())
}

/// The tokens joined to words, with their texts; what holds neither letter nor figure is no word.
fn pieces(segments: &[Segment], length: u64) -> Vec<(Piece, String)> {
    let mut pieces: Vec<Piece> = Vec::new();
    // Where the token before ended, and the last time that was said.
    let (mut before, mut latest) = (Some(0), 0);
    for token in segments.iter().flat_map(|s| &s.tokens) {
        let end = token.end_ms.map(|end| u64::from(end).clamp(latest, length));
        latest = end.unwrap_or(latest);
        match pieces.last_mut().filter(|_| !token.bytes.starts_with(b" ")) {
            Some(word) => word.extend(&token.bytes, token.probability, end),
            None => pieces.push(Piece::new(&token.bytes, token.probability, before, end)),
        }
        before = end;
    }
    pieces.into_iter().filter_map(|piece| piece.text().map(|text| (piece, text))).collect()
}

/// Moves starts that fall on each other a millisecond apart, within `length` milliseconds.
fn separate(places: &mut [(u64, u64)], length: u64) {
    for i in 1..places.len() {
        places[i].0 = places[i].0.max(places[i - 1].0 + 1);
    }
    let mut latest = length;
    for place in places.iter_mut().rev() {
        place.0 = place.0.min(latest.saturating_sub(1));
        place.1 = place.1.clamp(place.0, latest);
        latest = place.0;
    }
}

/// Puts words, which are in order, inside of what is public: windows are cut in frames, which reach a
/// little beyond. Starts that this makes equal rise again, before the end of their span.
pub fn keep_public(words: &mut [Word], public: &[Span]) {
    let mut behind: Option<(Span, MediaTime)> = None;
    for word in words.iter_mut().rev() {
        let missed = |span: &&Span| {
            let before = span.start().since(word.end_ms);
            before.max(word.start_ms.since(span.end()))
        };
        let Some(&span) = public.iter().min_by_key(missed) else { return };
        let next = behind.filter(|(of_next, _)| *of_next == span).map(|(_, start)| start);
        let latest = next.unwrap_or(span.end()).millis().saturating_sub(1);
        let latest = MediaTime::from_millis(latest).max(span.start());
        word.start_ms = word.start_ms.max(span.start()).min(latest);
        word.end_ms = word.end_ms.max(word.start_ms).min(span.end());
        behind = Some((span, word.start_ms));
    }
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
    /// Where it starts by the recogniser, in milliseconds from the window's start.
    start: Option<u64>,
    /// Letters of each token and where it ends.
    marks: Vec<(f32, Option<u64>)>,
}

impl Piece {
    fn new(bytes: &[u8], probability: f32, start: Option<u64>, end: Option<u64>) -> Self {
        let mut piece =
            Self { bytes: Vec::new(), log_probability: 0.0, tokens: 0, start, marks: Vec::new() };
        piece.extend(bytes, probability, end);
        piece
    }

    fn extend(&mut self, bytes: &[u8], probability: f32, end: Option<u64>) {
        self.bytes.extend_from_slice(bytes);
        self.log_probability += probability.max(1e-6).ln();
        self.tokens += 1;
        self.marks.push((letters(&String::from_utf8_lossy(bytes)), end));
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

    /// What is known of it before it is placed.
    fn said(&self, text: &str) -> Said {
        let mark = text.ends_with(|c: char| !c.is_alphanumeric());
        let all: f32 = self.marks.iter().map(|m| m.0).sum();
        let mut spoken = 0.0;
        let mut inside = Vec::new();
        for (letters, end) in &self.marks {
            spoken += letters;
            if let Some(end) = end.filter(|_| 0.0 < spoken && spoken < all) {
                inside.push((spoken / all, end));
            }
        }
        Said {
            letters: letters(text) + WORD,
            then: if mark { Then::Mark } else { Then::Word },
            start_ms: self.start,
            inside,
        }
    }
}

/// How long a text is to speak, in letters.
fn letters(text: &str) -> f32 {
    let letter = |c: char| match c {
        _ if c.is_ascii_digit() => FIGURE,
        _ if "aeiouyäöüáàâéèêëíîïóôúûAEIOUYÄÖÜ".contains(c) => VOWEL,
        _ if c.is_alphabetic() => 1.0,
        _ => 0.0,
    };
    text.chars().map(letter).sum()
}

#[cfg(test)]
mod tests;
