//! Cuts a transcript into search documents at turns, items and sentences.
//! Owns sizes and lookahead; every word belongs to exactly one passage.

use crate::domain::{Alignment, MediaTime, Passage, Transcript};

/// What a passage should come to: about 70 words or 30 s (facts/search.md).
const TARGET_WORDS: usize = 70;
const TARGET_MS: u64 = 30_000;
/// A passage is not longer than this, in milliseconds, even without the end of a sentence.
const MOST_MS: u64 = 60_000;
/// What is left at the end of a turn joins the passage before, if it is shorter than this.
const LEAST_MS: u64 = 15_000;
/// How many words behind a passage are indexed with it: the longest phrase a query may hold has 16.
const LOOKAHEAD: usize = 15;

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
        for (from, to) in cut(transcript, first, end) {
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

/// Cuts the words `first..end` of one turn and item.
fn cut(transcript: &Transcript, first: usize, end: usize) -> Vec<(usize, usize)> {
    let words = &transcript.words;
    let length = |from: usize, to: usize| words[to - 1].end_ms.since(words[from].start_ms);
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    let mut from = first;
    let mut sentence = None;
    for to in first + 1..=end {
        if to == end {
            break;
        }
        let full = to - from >= TARGET_WORDS || length(from, to) >= TARGET_MS;
        let over = length(from, to + 1) > MOST_MS || to - from >= 2 * TARGET_WORDS;
        if ends_sentence(transcript, to) && length(from, to) >= LEAST_MS {
            sentence = Some(to);
        }
        if full && sentence == Some(to) || over {
            let at = sentence.filter(|s| *s > from).unwrap_or(to);
            pieces.push((from, at));
            from = at;
            sentence = None;
        }
    }
    match pieces.last_mut() {
        Some(last) if length(from, end) < LEAST_MS && length(last.0, end) <= MOST_MS => {
            last.1 = end
        }
        _ => pieces.push((from, end)),
    }
    pieces
}

/// Whether a sentence ends before word `to`: by punctuation or by the start of an utterance.
fn ends_sentence(transcript: &Transcript, to: usize) -> bool {
    let raw = transcript.words[to - 1].text.trim_end_matches(['"', '“', '”', ')']);
    raw.ends_with(['!', '?']) || raw.ends_with('.') && raw.chars().count() > 3
}
