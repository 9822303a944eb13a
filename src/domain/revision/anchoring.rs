//! Finding a place again in another text of the same sound, by words and times. Owns the decision which words
//! are meant; refuses to guess: a place that may be another one is doubtful.

use std::cell::OnceCell;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;

use mitschnitt_german as german;

use super::{Anchor, AnchorWord, applying::span_of};
use crate::domain::{Digest, MediaTime, QuotableWord, Quotation, Span, TimeAccuracy, Word};

/// How many words around a place it is known by, on each side.
const CONTEXT: usize = 8;
/// So far around its time a place is looked for, in milliseconds.
const NEARBY_MS: u64 = 8_000;
/// So many places tell by how much another recording is later; and they agree within so many milliseconds.
const TRIED: usize = 12;
const AGREE_MS: u64 = 1_500;
/// Longest stretch that is compared word by word; longer ones are pathological.
const LONGEST: usize = 4_000;

/// What it costs that a word is missing or too much, in hundredths.
const MISSING: u32 = 100;
/// What it costs that a word is quite another.
const OTHER: u32 = 130;
/// What it costs that a word is spelt much alike.
const SPELT_ALIKE: u32 = 40;
/// What it costs at most that a word stands at another time.
const OTHER_TIME: u32 = 80;
/// Of names below this likeness, nobody would say that they are the same (`german::likeness`).
const ALIKE: f32 = 0.6;

/// Where a place is in a text, by word numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorPlace {
    /// Just as it was: the same words at the same times.
    Same(Range<usize>),
    /// Here; words or times are others.
    Found(Range<usize>),
    /// Perhaps here: what stands around does not say for sure.
    Doubtful(Range<usize>),
    /// Nowhere.
    Lost,
}

impl AnchorPlace {
    /// The words that are meant, or may be.
    pub fn range(&self) -> Option<&Range<usize>> {
        match self {
            Self::Same(range) | Self::Found(range) | Self::Doubtful(range) => Some(range),
            Self::Lost => None,
        }
    }

    /// Whether they are meant beyond doubt.
    pub fn is_sure(&self) -> bool {
        matches!(self, Self::Same(_) | Self::Found(_))
    }
}

/// A text in which places are looked for.
pub struct AnchorText<'t> {
    words: &'t [Word],
    /// Spellings by which words are compared, made once they are needed.
    keys: OnceCell<Vec<String>>,
    /// Times that differ by more speak against each other, in milliseconds.
    tolerance: u64,
    /// How much later than at the time of the anchors everything is here, in milliseconds.
    shift: i64,
}

impl Anchor {
    /// The place of a range of a text's words; `None` where the text has no words.
    pub fn of(
        recording: &Digest,
        offset: MediaTime,
        text: &[Word],
        range: Range<usize>,
    ) -> Option<Self> {
        let end = range.end.min(text.len());
        let start = range.start.min(end);
        let copied = |range: Range<usize>| text[range].iter().map(AnchorWord::of).collect();
        let first = text.get(start).map(|w| w.start_ms);
        let last = end.checked_sub(1).map(|n| text[n].end_ms);
        let (from, to) = match start < end {
            true => (first?, last?),
            // The pause between two words; at either end of a text, a moment.
            false => (last.or(first)?, first.or(last)?),
        };
        Some(Self {
            recording: recording.clone(),
            offset_ms: offset,
            span: Span::new(from, to.max(from))?,
            before: copied(start.saturating_sub(CONTEXT)..start),
            words: copied(start..end),
            after: copied(end..(end + CONTEXT).min(text.len())),
        })
    }

    fn rows(&self) -> impl Iterator<Item = &AnchorWord> {
        self.before.iter().chain(&self.words).chain(&self.after)
    }
}

impl<'t> AnchorText<'t> {
    /// A text of the same recording.
    pub fn new(words: &'t [Word], times: TimeAccuracy) -> Self {
        let tolerance = match times {
            TimeAccuracy::Exact => 1_200,
            TimeAccuracy::Approximate => 4_000,
        };
        Self { words, keys: OnceCell::new(), tolerance, shift: 0 }
    }

    /// This as a text of another recording than the anchors': by how much everything comes later here. `None`
    /// where too few of them are found by their words alone.
    pub fn after(&self, anchors: &[&Anchor]) -> Option<Self> {
        let words: Vec<QuotableWord<'_>> = (self.words.iter())
            .map(|w| QuotableWord { text: &w.text, span: Span::new(w.start_ms, w.end_ms) })
            .collect();
        let step = anchors.len().div_ceil(TRIED);
        let found = anchors.iter().step_by(step.max(1)).filter_map(|anchor| {
            let rows: Vec<&AnchorWord> = anchor.rows().collect();
            let middle = rows.len() / 2;
            let (before, behind) = (&rows[..middle], rows.get(middle + 1..)?);
            let quotation = Quotation::read(
                &rows.get(middle)?.text,
                &AnchorWord::joined(before.iter().copied()),
                &AnchorWord::joined(behind.iter().copied()),
                None,
            )?;
            let start = quotation.locate(&words).range()?.start;
            let (now, then) = (self.words.get(start)?.start_ms, rows[middle].start);
            Some(now.millis() as i64 - then.millis() as i64)
        });
        let mut shifts: Vec<i64> = found.collect();
        shifts.sort_unstable();
        let shift = *shifts.get(shifts.len() / 2)?;
        let agree = shifts.iter().filter(|other| other.abs_diff(shift) <= AGREE_MS).count();
        let (keys, words) = (OnceCell::new(), self.words);
        (agree * 2 > shifts.len() && agree >= anchors.len().min(2)).then_some(Self {
            words,
            keys,
            tolerance: self.tolerance,
            shift,
        })
    }

    /// Its words.
    pub fn words(&self) -> &'t [Word] {
        self.words
    }

    /// The time of some of its words; of none, the pause between those around.
    pub fn span(&self, range: &Range<usize>) -> Span {
        span_of(self.words, range)
    }

    /// How much later than the anchors say everything is here, in milliseconds.
    pub(super) fn shift(&self) -> i64 {
        self.shift
    }

    /// The hash of all by which places are found but the shift.
    pub(super) fn hash(&self, by: &impl BuildHasher) -> u64 {
        let mut state = by.build_hasher();
        self.tolerance.hash(&mut state);
        for word in self.words {
            (&word.text, word.start_ms, word.end_ms).hash(&mut state);
        }
        state.finish()
    }

    /// Finds a place.
    pub fn place(&self, anchor: &Anchor) -> AnchorPlace {
        self.unchanged(anchor).unwrap_or_else(|| self.look(anchor))
    }

    /// A place that is just as it was: a look into a sorted list.
    pub(super) fn unchanged(&self, anchor: &Anchor) -> Option<AnchorPlace> {
        self.same(anchor).filter(|_| self.shift == 0).map(AnchorPlace::Same)
    }

    /// Looks for a place that is not.
    pub(super) fn look(&self, anchor: &Anchor) -> AnchorPlace {
        let rows: Vec<&AnchorWord> = anchor.rows().collect();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return AnchorPlace::Lost;
        };
        let at = |time: MediaTime| self.words.partition_point(|w| w.start_ms < time);
        let from = at(first.start.moved(self.shift).minus_millis(NEARBY_MS));
        let to = at(last.end.moved(self.shift).plus_millis(NEARBY_MS));
        if from >= to || to - from > LONGEST {
            return AnchorPlace::Lost;
        }
        let stretch = AnchoredStretch {
            text: self,
            from,
            rows: rows.iter().map(|row| Row::of(row)).collect(),
        };
        let partners = stretch.partners(to - from);
        stretch.decide(anchor, &partners)
    }

    /// Where the words of a place stand unchanged, at their times, with the nearest words around.
    fn same(&self, anchor: &Anchor) -> Option<Range<usize>> {
        let first = anchor.words.first().or(anchor.after.first());
        let start = match first {
            Some(first) => self.words.partition_point(|w| w.start_ms < first.start),
            None => self.words.len(),
        };
        // Words without length share their times.
        let starts = (start..self.words.len().max(start + 1)).take_while(|n| {
            first.zip(self.words.get(*n)).is_none_or(|(f, w)| w.start_ms == f.start)
        });
        let mut starts = starts.take(8);
        let stands = |start: usize| {
            let end = start + anchor.words.len();
            let own = self.words.get(start..end)?;
            let is_same = own.iter().zip(&anchor.words).all(|(word, known)| known.is(word));
            let before = start.checked_sub(1).map(|n| &self.words[n]);
            let after = self.words.get(end);
            let is_next = |known: Option<&AnchorWord>, word: Option<&Word>| match (known, word) {
                (Some(known), Some(word)) => known.is(word),
                (None, None) => true,
                _ => false,
            };
            let around =
                is_next(anchor.before.last(), before) && is_next(anchor.after.first(), after);
            // Between two words, only these say where it is.
            (is_same && (around || !anchor.words.is_empty())).then_some(start..end)
        };
        starts.find_map(stands)
    }

    fn key(&self, word: usize) -> &str {
        &self.keys.get_or_init(|| self.words.iter().map(|w| key(&w.text)).collect())[word]
    }
}

/// The spelling by which words are compared.
pub(super) fn key(word: &str) -> String {
    german::folding::fold(word)
}

/// A word of an anchor as it is compared.
struct Row<'a> {
    word: &'a AnchorWord,
    key: String,
}

impl<'a> Row<'a> {
    fn of(word: &'a AnchorWord) -> Self {
        Self { word, key: key(&word.text) }
    }
}

/// An anchor before a stretch of a text.
struct AnchoredStretch<'s> {
    text: &'s AnchorText<'s>,
    /// The stretch's first word.
    from: usize,
    rows: Vec<Row<'s>>,
}

impl AnchoredStretch<'_> {
    /// How far a word of the text is from the time of an anchor's, in milliseconds.
    fn apart(&self, row: usize, word: usize) -> u64 {
        let then = self.rows[row].word.start.moved(self.text.shift);
        let now = self.text.words[word].start_ms;
        then.since(now).max(now.since(then))
    }

    /// How alike two words are, 0..=1.
    fn likeness(&self, row: usize, word: usize) -> f32 {
        let (then, now) = (&self.rows[row].key, self.text.key(word));
        match then == now {
            true => 1.0,
            false => german::likeness::likeness(then, now),
        }
    }

    fn cost(&self, row: usize, word: usize) -> u32 {
        let apart = self.apart(row, word);
        let tolerance = self.text.tolerance;
        let late = (apart.min(tolerance) * u64::from(OTHER_TIME) / tolerance) as u32;
        let spelt = if self.rows[row].key == self.text.key(word) {
            0
        } else if apart > 2 * tolerance {
            OTHER
        } else {
            match german::likeness::are_spelt_alike(&self.rows[row].key, self.text.key(word)) {
                true => SPELT_ALIKE,
                false => OTHER,
            }
        };
        spelt + late
    }

    /// The word of the text that stands for each of the anchor's, where one does: the cheapest way to lay the
    /// anchor upon the stretch, which may go on before and behind (Sellers 1980).
    fn partners(&self, width: usize) -> Vec<Option<usize>> {
        let (n, columns) = (self.rows.len(), width + 1);
        let mut costs = vec![0u32; (n + 1) * columns];
        let mut across = vec![0u32; n * width];
        for row in 0..n {
            costs[(row + 1) * columns] = (row as u32 + 1) * MISSING;
            for word in 0..width {
                let own = self.cost(row, self.from + word);
                across[row * width + word] = own;
                let same = costs[row * columns + word] + own;
                let gap = costs[row * columns + word + 1].min(costs[(row + 1) * columns + word]);
                costs[(row + 1) * columns + word + 1] = same.min(gap + MISSING);
            }
        }
        let end = (0..columns).min_by_key(|word| costs[n * columns + word]).unwrap_or_default();
        let mut partners = vec![None; n];
        let (mut row, mut word) = (n, end);
        while row > 0 {
            let cost = costs[row * columns + word];
            let is_across = word > 0
                && cost
                    == costs[(row - 1) * columns + word - 1] + across[(row - 1) * width + word - 1];
            if is_across {
                (row, word) = (row - 1, word - 1);
                partners[row] = Some(self.from + word);
            } else if cost == costs[(row - 1) * columns + word] + MISSING {
                row -= 1;
            } else {
                word -= 1;
            }
        }
        partners
    }

    /// Whether a pair is the same word beyond doubt: spelt alike near its time, or just at its time.
    fn is_firm(&self, row: usize, word: usize) -> bool {
        let (apart, tolerance) = (self.apart(row, word), self.text.tolerance);
        let likeness = self.likeness(row, word);
        likeness >= 1.0 && apart <= 2 * tolerance
            || likeness >= ALIKE && apart <= tolerance
            || apart <= tolerance / 6
    }

    fn decide(&self, anchor: &Anchor, partners: &[Option<usize>]) -> AnchorPlace {
        let (first, end) = (anchor.before.len(), anchor.before.len() + anchor.words.len());
        let firm = |row: usize| partners[row].filter(|word| self.is_firm(row, *word));
        let own = &partners[first..end];
        let before = first.checked_sub(1).and_then(firm);
        let behind = (end < partners.len()).then(|| firm(end)).flatten();
        let from = before.map(|word| word + 1).or_else(|| own.iter().flatten().next().copied());
        let to = behind.or_else(|| own.iter().flatten().next_back().map(|word| word + 1));
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) if from <= to => (from, to),
            (Some(at), None) | (None, Some(at)) => match self.guess(anchor, at) {
                Some(range) => return AnchorPlace::Doubtful(range),
                None => return AnchorPlace::Lost,
            },
            _ => return AnchorPlace::Lost,
        };
        let range = from..to;
        match self.is_sure(anchor, partners, &range, before.is_some(), behind.is_some()) {
            true => AnchorPlace::Found(range),
            false => AnchorPlace::Doubtful(range),
        }
    }

    /// Where a place may be of which one border is known: as many words from there.
    fn guess(&self, anchor: &Anchor, at: usize) -> Option<Range<usize>> {
        let end = (at + anchor.words.len()).min(self.text.words.len());
        (at <= end).then_some(at..end)
    }

    /// Whether it is this place and just these words: the nearest words on both sides are there, or the words
    /// themselves are, and most of what stands around is.
    fn is_sure(
        &self,
        anchor: &Anchor,
        partners: &[Option<usize>],
        range: &Range<usize>,
        before: bool,
        behind: bool,
    ) -> bool {
        let (first, end) = (anchor.before.len(), anchor.before.len() + anchor.words.len());
        let near = first.saturating_sub(4)..(end + 4).min(partners.len());
        let around = near.filter(|row| !(first..end).contains(row));
        let (mut all, mut same) = (0usize, 0usize);
        for row in around {
            all += 1;
            same += usize::from(partners[row].is_some_and(|word| self.is_firm(row, word)));
        }
        let is_there = same * 2 >= all.max(1);
        let own_is_firm = |row: usize| partners[row].is_some_and(|word| self.is_firm(row, word));
        let is_held = match first < end {
            true => (before || own_is_firm(first)) && (behind || own_is_firm(end - 1)),
            false => (before || first == 0) && (behind || end == partners.len()),
        };
        is_there && is_held && self.is_as_long(anchor, range)
    }

    /// Whether the words here take about the time that they took: a text that lacked a sentence there has no
    /// place for a correction of two words.
    fn is_as_long(&self, anchor: &Anchor, range: &Range<usize>) -> bool {
        let Some(words) = self.text.words.get(range.clone()) else { return false };
        let now = match (words.first(), words.last()) {
            (Some(first), Some(last)) => last.end_ms.since(first.start_ms),
            _ => return true,
        };
        now <= anchor.span.millis() + 2 * self.text.tolerance
            && words.len() <= 2 * anchor.words.len() + 3
    }
}
