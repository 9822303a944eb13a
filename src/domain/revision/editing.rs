//! A paragraph as a person wrote it anew: which places of the text that changes, and what they were said to be
//! before. Owns that nothing else is touched; refuses what was written over another state of the text.

use std::ops::Range;

use super::applying::{WordSource, span_of};
use super::timing::SHORTEST_WORD_MS;
use super::{Anchor, Corrected, TextChange, TextEdit};
use crate::domain::{Digest, MediaTime, PublicSpans, Word};

/// Longest paragraph that is taken, in characters; an hour of talk has about 50,000.
const LONGEST: usize = 60_000;
/// Longest word that is taken, in characters.
const LONGEST_WORD: usize = 120;

/// One place that an edit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParagraphEdit {
    /// What is said there now.
    pub edit: TextEdit,
    /// The revisions whose place it takes.
    pub replaces: Vec<u32>,
}

/// Why a paragraph is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefusal {
    /// Somebody else has changed it meanwhile; this is it now.
    Changed(String),
    /// It is too long.
    TooLong,
    /// It has something in it that is no word: too long, or signs that control.
    NoWord(String),
}

/// The recording that a text is of, as anchors name it.
#[derive(Clone, Copy, Debug)]
pub struct OfRecording<'r> {
    /// Its hash.
    pub sha256: &'r Digest,
    /// Where it begins on the meeting's clock.
    pub offset: MediaTime,
    /// What of it may be seen.
    pub public: &'r PublicSpans,
}

impl Corrected {
    /// What a person changed who wrote `text` over words `range` of this text, which were `was` before.
    ///
    /// # Errors
    /// Where the words are others by now, or `text` is no text.
    pub fn edits(
        &self,
        raw: &[Word],
        of: OfRecording<'_>,
        range: Range<usize>,
        was: &str,
        text: &str,
    ) -> Result<Vec<ParagraphEdit>, EditRefusal> {
        let current = self.text(&range);
        if !current.split_whitespace().eq(was.split_whitespace()) {
            return Err(EditRefusal::Changed(current));
        }
        if text.chars().nth(LONGEST).is_some() {
            return Err(EditRefusal::TooLong);
        }
        let new: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let is_word = |word: &&String| {
            word.chars().nth(LONGEST_WORD).is_none() && !word.chars().any(char::is_control)
        };
        if let Some(no_word) = new.iter().find(|word| !is_word(word)) {
            return Err(EditRefusal::NoWord(no_word.clone()));
        }
        let regions = self.with_neighbours(raw, of, &range, self.regions(&range, &new));
        let edits = regions.into_iter().filter_map(|(old, texts)| {
            let texts = new[texts].to_vec();
            self.edit_of(raw, of, old, texts)
        });
        Ok(edits.collect())
    }

    /// That a person has heard that these words are right; nothing where they are a person's already.
    pub fn confirm(
        &self,
        raw: &[Word],
        of: OfRecording<'_>,
        range: Range<usize>,
    ) -> Option<ParagraphEdit> {
        let source = |word: usize| self.sources.get(word);
        let own = range.clone().all(|word| matches!(source(word), Some(WordSource::Transcript(_))));
        if range.is_empty() || !own {
            return None;
        }
        let texts = range.clone().map(|word| self.transcript.words[word].text.clone()).collect();
        self.edit_of(raw, of, range, texts)
    }

    /// A sentence begins at this word, or does not; nothing where that cannot be said: within words that somebody
    /// inserted.
    pub fn sentence(
        &self,
        raw: &[Word],
        of: OfRecording<'_>,
        word: usize,
        change: TextChange,
    ) -> Option<ParagraphEdit> {
        let at = match self.sources.get(word)? {
            WordSource::Transcript(at) => *at,
            // Between words that a person inserted, the transcript has no place.
            WordSource::Revision(n) => {
                let place = &self.placed[*n].place;
                (place.start..=place.end).find(|at| self.word_at(*at) == word)?
            }
        };
        let anchor = Anchor::of(of.sha256, of.offset, raw, at..at)?;
        let replaces = (self.placed.iter())
            .filter(|p| {
                p.place == (at..at)
                    && p.change != change
                    && !matches!(p.change, TextChange::Words(_))
            })
            .map(|p| p.number)
            .collect();
        Some(ParagraphEdit { edit: TextEdit { anchor, change }, replaces })
    }

    /// Words of this text, one space between two.
    pub fn text(&self, range: &Range<usize>) -> String {
        let words = self.transcript.words.get(range.clone()).unwrap_or_default();
        words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The stretches that differ: words of this text, and of the new one in their place. A place that a person
    /// put right before is one.
    fn regions(&self, range: &Range<usize>, new: &[String]) -> Vec<(Range<usize>, Range<usize>)> {
        let old = &self.transcript.words[range.clone()];
        let same = |o: usize, n: usize| old[o].text == new[n];
        let limit = old.len().min(new.len());
        let front = (0..limit).take_while(|n| same(*n, *n)).count();
        let back = (1..=limit - front).take_while(|n| same(old.len() - n, new.len() - n)).count();
        let (inner_old, inner_new) = (old.len() - front - back, new.len() - front - back);
        let middle =
            aligned(inner_old, inner_new, |o, n| if same(front + o, front + n) { 0 } else { 2 });
        let equal = |n: usize, m: usize| (Some(n), Some(m));
        let cells: Vec<(Option<usize>, Option<usize>)> = (0..front)
            .map(|n| equal(n, n))
            .chain(middle.into_iter().map(|(o, n)| (o.map(|o| o + front), n.map(|n| n + front))))
            .chain((0..back).map(|n| equal(old.len() - back + n, new.len() - back + n)))
            .collect();
        let mut changed: Vec<bool> = (cells.iter())
            .map(|cell| !matches!(cell, (Some(o), Some(n)) if same(*o, *n)))
            .collect();
        for placed in &self.placed {
            let of = |cell: &(Option<usize>, Option<usize>)| {
                cell.0.is_some_and(|o| placed.words.contains(&(range.start + o)))
            };
            let (Some(first), Some(last)) = (cells.iter().position(of), cells.iter().rposition(of))
            else {
                continue;
            };
            // Of what is inserted beside inserted words, the transcript does not tell the order.
            let beside = usize::from(placed.place.is_empty());
            let from = first.saturating_sub(beside);
            let to = (last + beside).min(cells.len() - 1);
            if changed[from..=to].contains(&true) {
                changed[first..=last].fill(true);
            }
        }
        let mut regions = Vec::new();
        let (mut o, mut n, mut cell) = (0, 0, 0);
        while cell < cells.len() {
            let run = changed[cell..].iter().take_while(|c| **c == changed[cell]).count();
            let olds = cells[cell..cell + run].iter().filter(|c| c.0.is_some()).count();
            let news = cells[cell..cell + run].iter().filter(|c| c.1.is_some()).count();
            if changed[cell] {
                regions.push((range.start + o..range.start + o + olds, n..n + news));
            }
            (o, n, cell) = (o + olds, n + news, cell + run);
        }
        regions
    }

    /// What is inserted goes together with a neighbour where it would not stay with its paragraph, or in its order: at
    /// the paragraph's start with the word behind it, for between two paragraphs it would belong to the one before;
    /// behind words of a person with these; and at the paragraph's end with the word before it where others were taken
    /// out behind that, which may be the next paragraph's.
    fn with_neighbours(
        &self,
        raw: &[Word],
        of: OfRecording<'_>,
        range: &Range<usize>,
        regions: Vec<(Range<usize>, Range<usize>)>,
    ) -> Vec<(Range<usize>, Range<usize>)> {
        let mut all: Vec<(Range<usize>, Range<usize>)> = Vec::with_capacity(regions.len());
        for (mut old, mut new) in regions {
            let own = |word: usize| match self.sources[word] {
                WordSource::Transcript(_) => word..word + 1,
                WordSource::Revision(n) => self.placed[n].words.clone(),
            };
            let is_inside =
                |words: &Range<usize>| range.start <= words.start && words.end <= range.end;
            if old.is_empty() && old.start == range.start && old.start < range.end {
                let behind = own(old.start);
                if is_inside(&behind) {
                    (old.end, new.end) = (behind.end, new.end + behind.len());
                }
            } else if old.is_empty() && old.start > range.start {
                let before = own(old.start - 1);
                let end = self.place_of(old.start - 1).end;
                let next = match old.end < self.sources.len() {
                    true => self.place_of(old.end).start,
                    false => raw.len(),
                };
                let is_last = old.start == range.end && end < next;
                let lacks_room = end == next && !has_room(raw, of, end, new.len());
                let is_revised = self.is_revised(old.start - 1);
                if is_inside(&before) && (is_last || lacks_room || is_revised) {
                    (old.start, new.start) = (before.start, new.start - before.len());
                }
            }
            // Two that share a neighbour are one.
            match all.last_mut().filter(|(last, _)| old.start < last.end) {
                Some((last_old, last_new)) => {
                    last_old.end = last_old.end.max(old.end);
                    last_new.end = last_new.end.max(new.end);
                }
                None => all.push((old, new)),
            }
        }
        all
    }

    /// That `texts` are said in place of words `old` of this text.
    fn edit_of(
        &self,
        raw: &[Word],
        of: OfRecording<'_>,
        old: Range<usize>,
        mut texts: Vec<String>,
    ) -> Option<ParagraphEdit> {
        let before = old.start.checked_sub(1).map_or(0, |word| self.place_of(word).end);
        let behind = match old.end < self.sources.len() {
            true => self.place_of(old.end).start,
            false => raw.len(),
        };
        let mut place = match old.is_empty() {
            // What was taken out between the two is part of the place.
            true => before..behind.max(before),
            false => self.place_of(old.start).start..self.place_of(old.end - 1).end,
        };
        let replaces: Vec<u32> = (self.placed.iter())
            .filter(|p| matches!(p.change, TextChange::Words(_)))
            .filter(|p| match p.place.is_empty() || place.is_empty() {
                true => {
                    place.start <= p.place.start
                        && p.place.end <= place.end
                        && (p.words.is_empty() || old.contains(&p.words.start))
                }
                false => p.place.start < place.end && place.start < p.place.end,
            })
            .map(|p| p.number)
            .collect();
        if place.is_empty() && replaces.is_empty() && place.start > 0 {
            let is_raw = matches!(
                self.sources.get(old.start.wrapping_sub(1)),
                Some(WordSource::Transcript(_))
            );
            if is_raw && !has_room(raw, of, place.start, texts.len()) {
                place.start -= 1;
                texts.insert(0, raw[place.start].text.clone());
            }
        }
        let anchor = Anchor::of(of.sha256, of.offset, raw, place)?;
        Some(ParagraphEdit {
            edit: TextEdit { anchor, change: TextChange::Words(texts) },
            replaces,
        })
    }

    /// The words of the transcript that a word of this text stands for.
    fn place_of(&self, word: usize) -> Range<usize> {
        match self.sources[word] {
            WordSource::Transcript(at) => at..at + 1,
            WordSource::Revision(n) => self.placed[n].place.clone(),
        }
    }
}

/// Whether so many words can have been said in the pause before a word of the transcript; a pause with something in it
/// that is not public is nobody's place.
fn has_room(raw: &[Word], of: OfRecording<'_>, at: usize, words: usize) -> bool {
    let pause = span_of(raw, &(at..at));
    // Behind the last word of all there is nothing.
    let is_long = at < raw.len() && pause.millis() >= SHORTEST_WORD_MS * words as u64;
    is_long && of.public.covers(pause)
}

/// Two texts laid beside each other at the least cost, one more or one less costing 1 and a pair what `cost`
/// says: pairs in order, of words without partner one half.
pub(super) fn aligned(
    old: usize,
    new: usize,
    cost: impl Fn(usize, usize) -> u32,
) -> Vec<(Option<usize>, Option<usize>)> {
    let columns = new + 1;
    let mut costs = vec![0u32; (old + 1) * columns];
    for o in 0..=old {
        for n in 0..=new {
            costs[o * columns + n] = match (o, n) {
                (0, n) => n as u32,
                (o, 0) => o as u32,
                (o, n) => {
                    let across = costs[(o - 1) * columns + n - 1] + cost(o - 1, n - 1);
                    let gap = costs[(o - 1) * columns + n].min(costs[o * columns + n - 1]) + 1;
                    across.min(gap)
                }
            };
        }
    }
    let (mut o, mut n) = (old, new);
    let mut pairs = Vec::with_capacity(old.max(new));
    while o > 0 || n > 0 {
        let here = costs[o * columns + n];
        if o > 0 && n > 0 && here == costs[(o - 1) * columns + n - 1] + cost(o - 1, n - 1) {
            (o, n) = (o - 1, n - 1);
            pairs.push((Some(o), Some(n)));
        } else if o > 0 && here == costs[(o - 1) * columns + n] + 1 {
            o -= 1;
            pairs.push((Some(o), None));
        } else {
            n -= 1;
            pairs.push((None, Some(n)));
        }
    }
    pairs.reverse();
    pairs
}
