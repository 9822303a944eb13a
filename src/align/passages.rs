//! Cuts what was said into search documents at turns, items and sentences.
//! Owns sizes and lookahead; every word belongs to exactly one passage.

use crate::domain::{Alignment, MediaTime, Passage, Speech, Transcript};

/// What a passage should come to: about 70 words or 30 s.
const TARGET_WORDS: usize = 70;
const TARGET_MS: u64 = 30_000;
/// A passage is not longer than this, in milliseconds, even without the end of a sentence.
const MOST_MS: u64 = 60_000;
/// What is left at the end of a turn joins the passage before, if it is shorter than this.
const LEAST_MS: u64 = 15_000;
/// How many words behind a passage are indexed with it: the longest phrase a query may hold has 16.
const LOOKAHEAD: usize = 15;
/// How long a word takes where no times are known, in milliseconds: 70 words are about 30 s.
const USUAL_MS: u64 = 430;

/// Cuts at changes of turn and item, else at sentence ends near 30 s; in order, no word twice.
pub fn passages(transcript: &Transcript, alignment: &Alignment) -> Vec<Passage> {
    let owners = Owners::new(transcript, alignment);
    let mut passages = Vec::new();
    let mut first = 0;
    while first < transcript.words.len() {
        let same = |i: &usize| {
            owners.turn[*i] == owners.turn[first] && owners.items[*i] == owners.items[first]
        };
        let end =
            (first..transcript.words.len()).find(|i| !same(i)).unwrap_or(transcript.words.len());
        let words = &transcript.words;
        let length = |from: usize, to: usize| words[to - 1].end_ms.since(words[from].start_ms);
        let ends = |to: usize| ends_sentence(&words[to - 1].text);
        for (from, to) in cut(first, end, length, ends) {
            passages.push(Passage {
                turn: owners.turn[from],
                item: owners.items[from].map(|i| alignment.items[i].id.clone()),
                first_word: from,
                n_words: to - from,
                lookahead: owners.lookahead(to),
            });
        }
        first = end;
    }
    passages
}

/// Speeches put on record elsewhere, cut into documents.
#[derive(Clone, Debug)]
pub struct CutSpeeches<'s> {
    /// Those of all speeches, between white space.
    pub words: Vec<&'s str>,
    /// In order; a turn is a speech.
    pub passages: Vec<Passage>,
}

/// Cuts speeches in the same way.
pub fn passages_of_speeches(speeches: &[Speech]) -> CutSpeeches<'_> {
    let mut words = Vec::new();
    let ends: Vec<usize> = speeches
        .iter()
        .map(|speech| {
            words.extend(speech.text.split_whitespace());
            words.len()
        })
        .collect();
    // Where the item changes after each speech.
    let mut items = ends.clone();
    for i in (1..speeches.len()).rev() {
        if speeches[i].item == speeches[i - 1].item {
            items[i - 1] = items[i];
        }
    }
    let mut passages = Vec::new();
    let mut first = 0;
    for (turn, speech) in speeches.iter().enumerate() {
        let length = |from: usize, to: usize| (to - from) as u64 * USUAL_MS;
        for (from, to) in cut(first, ends[turn], length, |to| ends_sentence(words[to - 1])) {
            passages.push(Passage {
                turn: Some(turn),
                item: speech.item.clone(),
                first_word: from,
                n_words: to - from,
                lookahead: (items[turn] - to).min(LOOKAHEAD),
            });
        }
        first = ends[turn];
    }
    CutSpeeches { words, passages }
}

/// For each word its turn and its item (the first of those called together).
struct Owners {
    turn: Vec<Option<usize>>,
    items: Vec<Option<usize>>,
}

impl Owners {
    fn new(transcript: &Transcript, alignment: &Alignment) -> Self {
        let mut spans: Vec<(MediaTime, MediaTime, usize)> = alignment
            .items
            .iter()
            .enumerate()
            .flat_map(|(i, item)| item.spans.iter().map(move |s| (s.start(), s.end(), i)))
            .collect();
        spans.sort_by_key(|(start, _, item)| (*start, *item));
        let turns: Vec<(MediaTime, MediaTime, usize)> =
            alignment.turns.iter().enumerate().map(|(i, t)| (t.start_ms, t.end_ms, i)).collect();
        let starts = || transcript.words.iter().map(|w| w.start_ms);
        Self { turn: at_each(starts(), &turns), items: at_each(starts(), &spans) }
    }

    /// Words behind `end` to index along: enough for the longest phrase, none across a change of item.
    fn lookahead(&self, end: usize) -> usize {
        let item = self.items[end - 1];
        (end..self.items.len()).take(LOOKAHEAD).take_while(|i| self.items[*i] == item).count()
    }
}

/// The first stretch that holds each time; both in order of time.
fn at_each(
    times: impl Iterator<Item = MediaTime>,
    stretches: &[(MediaTime, MediaTime, usize)],
) -> Vec<Option<usize>> {
    let mut next = 0;
    times
        .map(|time| {
            while stretches.get(next).is_some_and(|s| s.1 <= time && s.0 < time) {
                next += 1;
            }
            stretches[next..]
                .iter()
                .take_while(|s| s.0 <= time)
                .find(|s| time < s.1 || s.0 == time)
                .map(|s| s.2)
        })
        .collect()
}

/// Cuts the words `first..end` of one turn and item; `length` gives the milliseconds of a stretch
/// of words, `ends` whether a sentence ends before a word.
fn cut(
    first: usize,
    end: usize,
    length: impl Fn(usize, usize) -> u64,
    ends: impl Fn(usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    let mut from = first;
    let mut sentence = None;
    for to in first + 1..end {
        let full = to - from >= TARGET_WORDS || length(from, to) >= TARGET_MS;
        let over = length(from, to + 1) > MOST_MS || to - from >= 2 * TARGET_WORDS;
        if ends(to) && length(from, to) >= LEAST_MS {
            sentence = Some(to);
        }
        if full && sentence == Some(to) || over {
            let at = sentence.filter(|s| *s > from).unwrap_or(to);
            pieces.push((from, at));
            from = at;
            sentence = None;
        }
    }
    if from == end {
        return pieces;
    }
    match pieces.last_mut() {
        Some(last) if length(from, end) < LEAST_MS && length(last.0, end) <= MOST_MS => {
            last.1 = end
        }
        _ => pieces.push((from, end)),
    }
    pieces
}

/// Whether a sentence ends with this word, by punctuation; an abbreviation or a number does not.
fn ends_sentence(word: &str) -> bool {
    let raw = word.trim_end_matches(['"', '“', '”', ')']);
    raw.ends_with(['!', '?']) || raw.ends_with('.') && raw.chars().count() > 3
}
