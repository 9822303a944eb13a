//! Whisper's byte-level byte-pair encoder over a model's vocabulary. Owns text to token ids and back;
//! refuses files, special tokens and timestamps.
//!
//! whisper.cpp's own encoder splits bytewise and tears umlauts apart (" Müller" → " M|ü|ller"), so
//! prompts are encoded here, as OpenAI's `tiktoken` does: pre-split by the pattern of GPT-2, then
//! merge the neighbours whose union has the lowest id, until none has one (Sennrich et al. 2016).

use std::collections::HashMap;

use unicode_normalization::char::is_combining_mark;

/// Text to token ids and back, for one model.
#[derive(Debug)]
pub struct Tokenizer {
    /// Bytes of every ordinary token; its id is its rank in merging.
    ids: HashMap<Vec<u8>, i32>,
    /// The same by id; special tokens are empty.
    bytes: Vec<Vec<u8>>,
    longest_prompt: usize,
}

impl Tokenizer {
    /// Over the bytes of every token by id, empty for special tokens; every single byte must have one.
    /// The model looks at so many tokens of a prompt.
    pub fn new(bytes: Vec<Vec<u8>>, longest_prompt: usize) -> Self {
        let mut ids = HashMap::with_capacity(bytes.len());
        for (id, token) in (0i32..).zip(&bytes) {
            if !token.is_empty() {
                ids.entry(token.clone()).or_insert(id);
            }
        }
        Self { ids, bytes, longest_prompt }
    }

    /// How many tokens of a prompt the model looks at; whisper.cpp cuts at the front.
    pub fn longest_prompt(&self) -> usize {
        self.longest_prompt
    }

    /// The ids of a text. Time grows with the square of its longest word.
    pub fn encode(&self, text: &str) -> Vec<i32> {
        let mut ids = Vec::with_capacity(text.len() / 3 + 1);
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(piece_len(rest));
            self.merge(piece.as_bytes(), &mut ids);
            rest = behind;
        }
        ids
    }

    /// The bytes that ids stand for; special and unknown ids stand for none. Bytes and not a text,
    /// since a token may end in the middle of a character.
    pub fn decode(&self, ids: &[i32]) -> Vec<u8> {
        let token = |id: &i32| self.bytes.get(usize::try_from(*id).ok()?);
        ids.iter().filter_map(token).flatten().copied().collect()
    }

    /// Byte pairs of one piece are merged, lowest id first, leftmost first.
    fn merge(&self, piece: &[u8], ids: &mut Vec<i32>) {
        if let Some(id) = self.ids.get(piece) {
            return ids.push(*id);
        }
        let id_of = |from: usize, to: usize| self.ids.get(&piece[from..to]).copied();
        // Starts of the parts, with the end of the last; and what merging part i with the next gives.
        let mut starts: Vec<usize> = (0..=piece.len()).collect();
        let mut merged: Vec<Option<i32>> = starts.windows(3).map(|w| id_of(w[0], w[2])).collect();
        while let Some((at, _)) =
            merged.iter().enumerate().filter_map(|(i, id)| Some((i, (*id)?))).min_by_key(|m| m.1)
        {
            starts.remove(at + 1);
            merged.remove(at);
            for i in [at.checked_sub(1), Some(at)].into_iter().flatten() {
                if let Some(slot) = merged.get_mut(i) {
                    *slot = id_of(starts[i], starts[i + 2]);
                }
            }
        }
        // Every part has an id: single bytes by the contract of `new`, others by having been merged.
        ids.extend(starts.windows(2).filter_map(|w| id_of(w[0], w[1])));
    }
}

/// What GPT-2's pattern tells apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Number,
    Space,
    Other,
}

/// `\p{L}`, `\p{N}`, `\s`. Rust's "alphabetic" is `\p{L}` with marks, letter numbers and the three
/// rows of circled and squared letters, which Unicode counts as symbols.
fn class(c: char) -> Class {
    let symbol = matches!(c, '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F189}');
    if c.is_whitespace() {
        Class::Space
    } else if c.is_numeric() {
        Class::Number
    } else if c.is_alphabetic() && !symbol && !is_combining_mark(c) {
        Class::Letter
    } else {
        Class::Other
    }
}

/// Length in bytes of the first piece of a non-empty text by the pattern of GPT-2 (Radford et al.
/// 2019): `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
fn piece_len(text: &str) -> usize {
    const CONTRACTIONS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(found) = CONTRACTIONS.iter().find(|c| text.starts_with(**c)) {
        return found.len();
    }
    let run = |from: usize, wanted: Class| {
        let end = text[from..].char_indices().find(|(_, c)| class(*c) != wanted);
        end.map_or(text.len(), |(at, _)| from + at)
    };
    let space = usize::from(text.starts_with(' '));
    match text[space..].chars().next().map(class) {
        Some(kind) if kind != Class::Space => run(space, kind),
        _ => {
            let end = run(0, Class::Space);
            // The last of several spaces before a word belongs to what follows.
            let last = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
            if end < text.len() && last > 0 { last } else { end }
        }
    }
}

#[cfg(test)]
mod tests;
