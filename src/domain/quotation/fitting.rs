//! How words fit into a text at several places, at what cost. Pure comparing: knows no time and decides
//! nothing. Words are compared by their German spelling, numbers as they are spoken.

use std::collections::HashMap;
use std::ops::Range;

use mitschnitt_german as german;

use super::{QuotableWord, Span};

/// The cost of a word that is missing, too much, or another.
pub const WRONG: u32 = 2;
/// The cost of a word that is spelt much alike.
const ALIKE: u32 = 1;
/// How many places are looked at closely, beside those near the time.
const PLACES: usize = 12;
/// How many ends of a fit are looked at in one stretch.
const ENDS: usize = 48;
/// Diagonals that count as one place: words are lost and added.
const BUCKET: usize = 8;
/// A word that stands no more often in a text is rare there, and once more for so many words.
const RARE: usize = 3;
const RARE_PER: usize = 10_000;
/// Stretches near the time that are longer are left to the search by rare words.
const LONGEST_NEARBY: usize = 4000;

/// A text as it is compared: the words of which anything is spoken.
pub struct ComparedText {
    keys: Vec<String>,
    /// The word number of each.
    numbers: Vec<usize>,
}

/// What is looked for: words with those around them.
pub struct Sought {
    keys: Vec<String>,
    /// Which of them are the words themselves.
    core: Range<usize>,
}

/// A place at which what is sought fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The words of the text that stand for the words themselves; empty where none do.
    pub words: Range<usize>,
    /// What all that differs costs.
    pub cost: u32,
    /// How many words are the same, of those around too.
    pub same: u32,
    /// How many of these are rare in the text: formulas of chairs have none.
    pub rare: u32,
    /// How many words that are rare in the text are not the same here.
    pub rare_missing: u32,
}

/// The spelling by which words are compared; nothing where nothing of it is spoken.
fn key(word: &str) -> String {
    let folded = german::folding::fold(word);
    let is_number = !folded.is_empty() && folded.bytes().all(|b| b.is_ascii_digit());
    match folded.parse::<u32>() {
        Ok(number) if is_number => german::folding::fold(&german::numerals::spell(number)),
        _ => folded,
    }
}

impl ComparedText {
    pub fn of(text: &[QuotableWord<'_>]) -> Self {
        let keys = text.iter().map(|word| key(word.text)).enumerate();
        let (numbers, keys) = keys.filter(|(_, key)| !key.is_empty()).unzip();
        Self { keys, numbers }
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.keys.len()).unwrap_or(u32::MAX)
    }

    /// The words whose number lies in a range.
    fn within(&self, words: &Range<usize>) -> Range<usize> {
        let place = |number: usize| self.numbers.partition_point(|n| *n < number);
        place(words.start)..place(words.end)
    }

    /// From the first to the last word that is so.
    pub fn first_where(
        &self,
        text: &[QuotableWord<'_>],
        is: impl Fn(Span) -> bool,
    ) -> Option<Range<usize>> {
        let holds = |n: &usize| text[*n].span.is_some_and(&is);
        let first = self.numbers.iter().position(holds)?;
        let last = self.numbers.iter().rposition(holds)?;
        Some(first..last + 1)
    }

    /// Whether the words of a range stand elsewhere too, in the same order.
    pub fn stands_twice(&self, words: &Range<usize>) -> bool {
        let own = self.within(words);
        let sought = &self.keys[own.clone()];
        let same = self.keys.windows(sought.len().max(1)).enumerate();
        same.filter(|(at, found)| *at != own.start && *found == sought).count() > 0
    }

    /// Whether these words say what is sought, however they are divided.
    pub fn says_the_same(&self, words: &Range<usize>, sought: &Sought) -> bool {
        self.keys[self.within(words)].concat() == sought.keys[sought.core.clone()].concat()
    }
}

impl Sought {
    /// `None` where nothing is spoken of the words themselves.
    pub fn new(before: &str, words: &str, after: &str) -> Option<Self> {
        let spoken = |text: &str| -> Vec<String> {
            text.split_whitespace().map(key).filter(|key| !key.is_empty()).collect()
        };
        let mut keys = spoken(before);
        let start = keys.len();
        keys.extend(spoken(words));
        let core = start..keys.len();
        keys.extend(spoken(after));
        (!core.is_empty()).then_some(Self { keys, core })
    }

    /// The cost where nothing is the same.
    pub fn worst(&self) -> u64 {
        self.keys.len() as u64 * u64::from(WRONG)
    }

    /// The places at which it fits best: in the stretch nearby, and wherever rare words say so.
    pub fn fits(&self, text: &ComparedText, nearby: Option<Range<usize>>) -> Vec<Fit> {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        let own: Vec<usize> = (self.keys.iter())
            .map(|key| {
                let next = ids.len();
                *ids.entry(key).or_insert(next)
            })
            .collect();
        let known: Vec<Option<usize>> =
            text.keys.iter().map(|key| ids.get(key.as_str()).copied()).collect();
        let mut counts = vec![0usize; own.len()];
        known.iter().flatten().for_each(|id| counts[*id] += 1);
        let most = RARE + known.len() / RARE_PER;
        let is_rare: Vec<bool> = counts.iter().map(|count| *count <= most).collect();
        let nearby = nearby.filter(|stretch| stretch.len() <= LONGEST_NEARBY);
        let stretches = nearby.into_iter().chain(self.likely(&own, &known, &counts));
        let mut fits: Vec<Fit> = Vec::new();
        for stretch in joined(stretches.collect()) {
            let (keys, known) = (&text.keys[stretch.clone()], &known[stretch.clone()]);
            let grid = Grid::new(&own, &self.keys, keys, known, &is_rare);
            let number = |at: usize| text.numbers[(stretch.start + at).min(stretch.end - 1)];
            fits.extend(self.best(&grid).into_iter().map(|fit| {
                let Range { start, end } = fit.words;
                let words = match start < end {
                    true => number(start)..number(end - 1) + 1,
                    false => number(start)..number(start),
                };
                Fit { words, ..fit }
            }));
        }
        fits
    }

    /// Stretches of the text that have words of this in their order, rare ones before all.
    fn likely(
        &self,
        own: &[usize],
        known: &[Option<usize>],
        counts: &[usize],
    ) -> Vec<Range<usize>> {
        let n = own.len();
        let mut places: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (at, id) in own.iter().enumerate() {
            places[*id].push(at);
        }
        let mut votes = vec![0.0f32; (known.len() + n) / BUCKET + 2];
        for (at, id) in known.iter().enumerate() {
            let Some(id) = *id else { continue };
            let weight = 1.0 / (counts[id] as f32).sqrt();
            for place in &places[id] {
                votes[(at + n - place) / BUCKET] += weight;
            }
        }
        let score = |b: usize| votes[b] + votes.get(b + 1).copied().unwrap_or_default();
        let mut buckets: Vec<usize> = (0..votes.len()).filter(|b| votes[*b] > 0.0).collect();
        let by_score = |a: &usize, b: &usize| score(*b).total_cmp(&score(*a));
        if buckets.len() > PLACES {
            buckets.select_nth_unstable_by(PLACES, by_score);
            buckets.truncate(PLACES);
        }
        let room = BUCKET + n / 4;
        let stretch = |bucket: usize| {
            let start = (bucket * BUCKET).saturating_sub(n + room);
            start..((bucket + 2) * BUCKET + room).min(known.len())
        };
        buckets.into_iter().map(stretch).filter(|s| s.start < s.end).collect()
    }

    /// The best places in one stretch, by positions in it: all of this is there, and of the stretch what
    /// stands before and behind costs nothing.
    fn best(&self, grid: &Grid<'_>) -> Vec<Fit> {
        let cost = |end: &usize| grid.at(self.keys.len(), *end);
        let mut ends: Vec<usize> = (1..grid.width).collect();
        ends.sort_by_key(cost);
        ends.truncate(ENDS);
        let most = ends.first().map_or(0, cost) + LEFT_OUT;
        let mut fits: Vec<Fit> = Vec::new();
        for end in ends.iter().take_while(|end| cost(end) <= most) {
            let fit = grid.fit(&self.core, *end);
            if fits.iter().all(|better| better.words != fit.words) {
                fits.push(fit);
            }
        }
        fits
    }
}

/// Ends of fits that cost so much more than the best in their stretch are no rivals of it; by time the
/// best may be no better than that.
const LEFT_OUT: u32 = 14;

/// Stretches in order, those that meet as one.
fn joined(mut stretches: Vec<Range<usize>>) -> Vec<Range<usize>> {
    stretches.sort_by_key(|stretch| stretch.start);
    let mut all: Vec<Range<usize>> = Vec::new();
    for stretch in stretches {
        match all.last_mut().filter(|last| stretch.start <= last.end) {
            Some(last) => last.end = last.end.max(stretch.end),
            None => all.push(stretch),
        }
    }
    all
}

/// The least cost of every beginning of what is sought, ending at every word of a stretch.
struct Grid<'s> {
    own: &'s [usize],
    own_keys: &'s [String],
    keys: &'s [String],
    known: &'s [Option<usize>],
    is_rare: &'s [bool],
    width: usize,
    costs: Vec<u32>,
}

impl<'s> Grid<'s> {
    fn new(
        own: &'s [usize],
        own_keys: &'s [String],
        keys: &'s [String],
        known: &'s [Option<usize>],
        is_rare: &'s [bool],
    ) -> Self {
        let width = keys.len() + 1;
        let costs = vec![0; (own.len() + 1) * width];
        let mut grid = Self { own, own_keys, keys, known, is_rare, width, costs };
        for i in 1..=own.len() {
            grid.costs[i * width] = i as u32 * WRONG;
            for j in 1..width {
                let across = grid.at(i - 1, j - 1) + grid.differ(i - 1, j - 1);
                let gap = grid.at(i - 1, j).min(grid.at(i, j - 1)) + WRONG;
                grid.costs[i * width + j] = across.min(gap);
            }
        }
        grid
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.costs[i * self.width + j]
    }

    /// What it costs that one word stands for another.
    fn differ(&self, own: usize, there: usize) -> u32 {
        if self.known[there] == Some(self.own[own]) {
            0
        } else if german::likeness::are_spelt_alike(&self.own_keys[own], &self.keys[there]) {
            ALIKE
        } else {
            WRONG
        }
    }

    /// The way back from an end.
    fn fit(&self, core: &Range<usize>, end: usize) -> Fit {
        let (mut i, mut j) = (self.own.len(), end);
        let (mut words, mut same, mut rare) = (None::<Range<usize>>, 0, 0);
        let mut gone = end;
        let all_rare = self.own.iter().filter(|id| self.is_rare[**id]).count() as u32;
        while i > 0 {
            let cost = self.at(i, j);
            if j > 0 && cost == self.at(i - 1, j - 1) + self.differ(i - 1, j - 1) {
                (i, j) = (i - 1, j - 1);
                let is_same = self.differ(i, j) == 0;
                same += u32::from(is_same);
                rare += u32::from(is_same && self.is_rare[self.own[i]]);
                if core.contains(&i) {
                    words = Some(j..words.map_or(j + 1, |words| words.end));
                }
            } else if cost == self.at(i - 1, j) + WRONG {
                i -= 1;
                gone = if core.contains(&i) { j } else { gone };
            } else {
                j -= 1;
            }
        }
        let cost = self.at(self.own.len(), end);
        let words = words.unwrap_or(gone..gone);
        Fit { words, cost, same, rare, rare_missing: all_rare - rare }
    }
}
