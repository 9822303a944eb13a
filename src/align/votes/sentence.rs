//! The chair's words cut into sentences, as meant where a formula was misheard. Owns where a sentence
//! ends; what it says, `verdict` and `tally` read.

use crate::align::numbers;
use crate::align::stream::StreamToken;

/// A word of so many letters is seldom mistaken for another.
const LONG: usize = 7;
/// A silence that ends a sentence whatever its punctuation, in milliseconds.
const SENTENCE_BREAK_MS: u64 = 700;
/// No sentence is longer than this (words); keeps the work linear where full stops are lost.
const SENTENCE_WORDS: usize = 150;

/// Words between two sentence ends, within one turn of the chair.
pub(super) struct Sentence<'a> {
    /// Index of its first token in the stream.
    pub first: usize,
    pub tokens: &'a [StreamToken],
    /// Formula words as meant, others as heard; folded.
    pub words: Vec<&'a str>,
    /// It ends with a question mark.
    pub asks: bool,
}

/// The sentences in tokens `first..end`.
pub(super) fn sentences(tokens: &[StreamToken], first: usize, end: usize) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let mut from = first;
    for i in first..end {
        let last = i + 1 == end
            || tokens[i + 1].pause >= SENTENCE_BREAK_MS
            || i + 1 - from == SENTENCE_WORDS;
        if last || tokens[i].ends_sentence() || number_ends(tokens, i) {
            let tokens = &tokens[from..i + 1];
            sentences.push(Sentence {
                first: from,
                tokens,
                words: tokens.iter().map(word).collect(),
                asks: tokens[tokens.len() - 1].raw.ends_with('?'),
            });
            from = i + 1;
        }
    }
    sentences
}

/// Whether a number ends a sentence at `i` ("Das sind 18. Wer ist dagegen?"); mostly its full stop
/// makes it an ordinal.
fn number_ends(tokens: &[StreamToken], i: usize) -> bool {
    let next = tokens.get(i + 1).map_or("", |t| &t.text);
    let begins =
        ["damit", "das", "dann", "enthaltungen", "gegenprobe", "gegenstimmen", "somit", "wer"];
    tokens[i].raw.ends_with('.')
        && numbers::count(&tokens[i].text).is_some()
        && begins.contains(&next)
}

/// The word a token stands for: long words as meant, short ones as heard, because "nein" sounds
/// like "mein". "Beschließen" only sounds like "beschlossen".
fn word(token: &StreamToken) -> &str {
    let other = token.text.contains("schlie") || token.text.contains("schlu");
    match token.key {
        Some("beschlossen") if other => &token.text,
        Some(key) if key.len() >= LONG => key,
        _ => &token.text,
    }
}
