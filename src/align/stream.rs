//! The word stream alignment works on: folded tokens with pauses, cut into short segments.
//! Trusts neither utterances nor punctuation: both are hints, like pauses.

use std::collections::HashMap;

use super::cues;
use crate::domain::Transcript;
use crate::phonetics::{cologne, fold};

/// A pause at which a new segment starts, in milliseconds: longer than between words of a
/// phrase, short enough that no change of speaker hides inside a segment.
const BREAK_MS: u64 = 150;
/// A segment longer than this (words) is cut at the next comma, and at twice this anywhere.
const LONG: usize = 30;

/// One word of the transcript; the index is the word's own.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// As written, with punctuation.
    pub raw: String,
    /// Folded letters and digits; empty for bare punctuation.
    pub text: String,
    /// Its Cologne code.
    pub sound: String,
    /// The formula word it stands for, even when misheard.
    pub key: Option<&'static str>,
    /// Silence before it, in milliseconds.
    pub pause: u64,
    /// Whether it is written with a capital.
    pub capital: bool,
    /// Whether it is only the first piece of a formula word that the recogniser took apart.
    pub piece: bool,
}

impl Token {
    /// Whether this word is written as the end of a sentence.
    pub fn ends_sentence(&self) -> bool {
        let raw = self.raw.trim_end_matches(['"', '“', '”', '«', '»', ')', '\'']);
        match raw.chars().last() {
            Some('!' | '?') => true,
            Some('.') => self.text.len() > 2 && !self.text.bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        }
    }

    /// Whether any punctuation follows it.
    pub fn punctuated(&self) -> bool {
        self.raw.ends_with([',', '.', ':', ';', '!', '?', '–'])
    }
}

/// A run of tokens `first..end` between breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub first: usize,
    pub end: usize,
}

/// Tokens and segments of one transcript.
pub(super) struct Stream {
    pub tokens: Vec<Token>,
    /// What is decoded: the sentences, cut once more where something is fixed.
    pub segments: Vec<Segment>,
    /// As spoken; calls are read in these.
    pub sentences: Vec<Segment>,
}

impl Stream {
    /// Folds and cuts a transcript; `edges` (words, in order) start a segment in any case. Linear in
    /// its words; each distinct word is folded once.
    pub fn new(transcript: &Transcript, edges: &[usize]) -> Self {
        let mut known: HashMap<&str, (String, String, Option<&'static str>)> = HashMap::new();
        let mut tokens: Vec<Token> = Vec::with_capacity(transcript.words.len());
        let mut end = None;
        for word in &transcript.words {
            let (text, sound, key) = known.entry(&word.text).or_insert_with(|| {
                let text = fold(&word.text);
                let sound = cologne(&text);
                let key = cues::key(&text, &sound);
                (text, sound, key)
            });
            tokens.push(Token {
                raw: word.text.clone(),
                text: text.clone(),
                sound: sound.clone(),
                key: *key,
                pause: end.map_or(0, |e| word.start_ms.since(e)),
                capital: word
                    .text
                    .chars()
                    .find(|c| c.is_alphabetic())
                    .is_some_and(char::is_uppercase),
                piece: false,
            });
            end = Some(word.end_ms);
        }
        join_split_keys(&mut tokens);
        let sentences = cut(&tokens);
        let segments = cut_at(&sentences, edges);
        Self { tokens, segments, sentences }
    }

    /// The segment that starts with this token or holds it.
    pub fn segment_at(&self, token: usize) -> usize {
        self.segments.partition_point(|s| s.end <= token)
    }

    /// The tokens of a segment.
    pub fn words(&self, segment: Segment) -> &[Token] {
        &self.tokens[segment.first..segment.end]
    }

    /// The words `first..end` as written, for evidence.
    pub fn quote(&self, first: usize, end: usize) -> String {
        let end = end.min(self.tokens.len());
        let words: Vec<&str> = self.tokens[first.min(end)..end].iter().map(|t| &*t.raw).collect();
        words.join(" ")
    }
}

/// "Tages ordnungspunkt" is one word the recogniser took apart.
fn join_split_keys(tokens: &mut [Token]) {
    for i in 1..tokens.len() {
        let joined = format!("{}{}", tokens[i - 1].text, tokens[i].text);
        // "Tagesordnungspunkt. Es …" is not "Tagesordnungspunktes", "Minister in …" no "Ministerin".
        if joined.len() >= 9
            && tokens[i - 1].text.len() >= 2
            && tokens[i].text.len() >= 3
            && !tokens[i - 1].punctuated()
            && let Some(key) = cues::exact_key(&joined)
        {
            tokens[i].key = Some(key);
            tokens[i - 1].piece = true;
        }
    }
}

fn cut(tokens: &[Token]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut first = 0;
    for i in 1..=tokens.len() {
        let length = i - first;
        let breaks = i == tokens.len()
            || tokens[i].pause >= BREAK_MS
            || tokens[i - 1].ends_sentence()
            || length >= LONG && tokens[i - 1].punctuated()
            || length >= 2 * LONG
            || length >= 2 && cues::starts_formula(tokens, i);
        if breaks {
            segments.push(Segment { first, end: i });
            first = i;
        }
    }
    segments.retain(|s| s.first < s.end);
    segments
}

/// The sentences, cut at each of `edges` that lies inside one.
fn cut_at(sentences: &[Segment], edges: &[usize]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(sentences.len() + edges.len());
    let mut edges = edges.iter().copied().peekable();
    for sentence in sentences {
        let mut first = sentence.first;
        while let Some(edge) = edges.next_if(|edge| *edge < sentence.end) {
            if edge > first {
                segments.push(Segment { first, end: edge });
                first = edge;
            }
        }
        segments.push(Segment { first, end: sentence.end });
    }
    segments
}
