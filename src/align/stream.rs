//! The word stream alignment works on: folded tokens with pauses, cut into short segments, and where the
//! formulas of the lexicon stand in it. Trusts neither utterances nor punctuation: both are hints, like
//! pauses; decides nothing by itself.

use std::collections::HashMap;

use mitschnitt_german::sound::cologne;

use super::lexicon::{self, FormulaKind, PatternStep};
use crate::domain::{Span, Transcript};

/// A pause at which a new segment starts where the text has no sentences, in milliseconds: longer than
/// between words of a phrase, short enough that no change of speaker hides inside a segment.
const BREAK_MS: u64 = 150;
/// Where it has them, only so long a pause ends one: at commas speakers breathe (nine in ten for less than
/// 420 ms, of three debates read aloud), between two of them it is quiet for longer (990 ms).
const BREAK_IN_SENTENCE_MS: u64 = 500;
/// A text has sentences where one of so many words ends one.
const LONGEST_MEAN_SENTENCE: usize = 40;
/// A segment longer than this (words) is cut at the next comma, and at twice this anywhere.
const LONG: usize = 30;

/// One word of the transcript; the index is the word's own.
#[derive(Clone, Debug)]
pub(super) struct StreamToken {
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

impl StreamToken {
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
pub(super) struct SpeechSegment {
    pub first: usize,
    pub end: usize,
}

/// Tokens and segments of one transcript.
pub(super) struct WordStream {
    pub tokens: Vec<StreamToken>,
    /// What is decoded: the sentences, cut once more where something is fixed.
    pub segments: Vec<SpeechSegment>,
    /// As spoken; calls are read in these.
    pub sentences: Vec<SpeechSegment>,
}

impl WordStream {
    /// Folds and cuts a transcript; `edges` (words, in order) start a segment in any case. Linear in
    /// its words; each distinct word is folded once.
    pub fn new(transcript: &Transcript, edges: &[usize]) -> Self {
        let mut known: HashMap<&str, (String, String, Option<&'static str>)> = HashMap::new();
        let mut tokens: Vec<StreamToken> = Vec::with_capacity(transcript.words.len());
        let mut end = None;
        for word in &transcript.words {
            let (text, sound, key) = known.entry(&word.text).or_insert_with(|| {
                let text = lexicon::spell(&word.text);
                let sound = cologne(&text);
                let key = lexicon::key(&text, &sound);
                (text, sound, key)
            });
            tokens.push(StreamToken {
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
    pub fn words(&self, segment: SpeechSegment) -> &[StreamToken] {
        &self.tokens[segment.first..segment.end]
    }

    /// The words `first..end` as written, for evidence.
    pub fn quote(&self, first: usize, end: usize) -> String {
        let end = end.min(self.tokens.len());
        let words: Vec<&str> = self.tokens[first.min(end)..end].iter().map(|t| &*t.raw).collect();
        words.join(" ")
    }
}

/// From the first word's start to the last word's end of `first..end`.
pub(super) fn span_of(transcript: &Transcript, first: usize, end: usize) -> Option<Span> {
    let words = transcript.words.get(first..end)?;
    Span::new(words.first()?.start_ms, words.last()?.end_ms)
}

/// "Tages ordnungspunkt" is one word the recogniser took apart.
fn join_split_keys(tokens: &mut [StreamToken]) {
    for i in 1..tokens.len() {
        let joined = format!("{}{}", tokens[i - 1].text, tokens[i].text);
        // "Tagesordnungspunkt. Es …" is not "Tagesordnungspunktes", "Minister in …" no "Ministerin".
        if joined.len() < 9 || tokens[i - 1].text.len() < 2 || tokens[i - 1].punctuated() {
            continue;
        }
        let exact = || lexicon::exact_key(&joined).filter(|_| tokens[i].text.len() >= 3);
        let by_ear = || {
            let begins = lexicon::may_begin_address(&tokens[i - 1].sound)
                && lexicon::exact_key(&tokens[i - 1].text).is_none();
            begins.then(|| lexicon::address_by_ear(&joined)).flatten()
        };
        if let Some(key) = exact().or_else(by_ear) {
            tokens[i].key = Some(key);
            tokens[i - 1].piece = true;
        }
    }
}

fn cut(tokens: &[StreamToken]) -> Vec<SpeechSegment> {
    let mut segments = Vec::new();
    let mut first = 0;
    let ended = tokens.iter().filter(|token| token.ends_sentence()).count();
    let longest_pause = match ended * LONGEST_MEAN_SENTENCE >= tokens.len() {
        true => BREAK_IN_SENTENCE_MS,
        false => BREAK_MS,
    };
    for i in 1..=tokens.len() {
        let length = i - first;
        let breaks = i == tokens.len()
            || tokens[i].pause >= longest_pause
            || tokens[i - 1].ends_sentence()
            || length >= LONG && tokens[i - 1].punctuated()
            || length >= 2 * LONG
            || length >= 2 && lexicon::starts_formula(tokens[i..].iter().map(|t| t.key));
        if breaks {
            segments.push(SpeechSegment { first, end: i });
            first = i;
        }
    }
    segments.retain(|s| s.first < s.end);
    segments
}

/// The sentences, cut at each of `edges` that lies inside one.
fn cut_at(sentences: &[SpeechSegment], edges: &[usize]) -> Vec<SpeechSegment> {
    let mut segments = Vec::with_capacity(sentences.len() + edges.len());
    let mut edges = edges.iter().copied().peekable();
    for sentence in sentences {
        let mut first = sentence.first;
        while let Some(edge) = edges.next_if(|edge| *edge < sentence.end) {
            if edge > first {
                segments.push(SpeechSegment { first, end: edge });
                first = edge;
            }
        }
        segments.push(SpeechSegment { first, end: sentence.end });
    }
    segments
}

/// A formula found: `first..end` are token indices.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormulaMatch {
    pub kind: FormulaKind,
    pub weight: f32,
    pub first: usize,
    pub end: usize,
}

/// All formulas in the stream, in order of their first word. Linear.
pub(super) fn find(tokens: &[StreamToken]) -> Vec<FormulaMatch> {
    let mut hits = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, token)| !token.piece) {
        for formula in token.key.into_iter().flat_map(lexicon::formulas) {
            if let Some(end) = matches(&formula.steps, tokens, i) {
                hits.push(FormulaMatch {
                    kind: formula.kind,
                    weight: formula.weight,
                    first: i,
                    end,
                });
            }
        }
    }
    // "… dass Sie meine Zwischenfrage zulassen" announces none.
    let asked: Vec<FormulaMatch> =
        hits.iter().filter(|h| h.kind == FormulaKind::Asked).copied().collect();
    hits.retain(|h| {
        let within = |a: &FormulaMatch| a.first <= h.first && h.end <= a.end;
        h.kind != FormulaKind::Question || !asked[near(&asked, h.first)].iter().any(within)
    });
    hits
}

/// The hits, of those in order, that may reach over token `at`.
fn near(hits: &[FormulaMatch], at: usize) -> std::ops::Range<usize> {
    const LONGEST: usize = 32;
    hits.partition_point(|h| h.first + LONGEST < at)..hits.partition_point(|h| h.first <= at)
}

/// The end of the match that starts at `at`. Takes the nearest word after each gap.
fn matches(steps: &[PatternStep], tokens: &[StreamToken], mut at: usize) -> Option<usize> {
    let mut slack = 0;
    for step in steps {
        match step {
            PatternStep::Gap(words) => slack = *words,
            PatternStep::Word(words) => {
                // The first piece of a word taken apart stands for nothing; the second for all of it.
                while tokens.get(at).is_some_and(|t| t.piece) {
                    at += 1;
                }
                let found = (at..=at + slack)
                    .take_while(|i| *i < tokens.len())
                    .find(|&i| tokens[i].key.is_some_and(|key| words.contains(&key)))?;
                if found > at && tokens[at..found].iter().any(StreamToken::ends_sentence) {
                    return None;
                }
                at = found + 1;
                slack = 0;
            }
        }
    }
    Some(at)
}
