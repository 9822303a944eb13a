//! Cuts what one person says in one breath into captions and these into lines: the cheapest cut by
//! dynamic programming. Owns what a caption costs.

use super::{CUE_MS, Cue, CueWord, DASH_CHARS, FASTEST, LINE_CHARS, SHORTEST_MS};
use crate::domain::MediaTime;

/// What a caption costs for being one.
const CUE: u32 = 12;
/// Characters a second that most can read.
const COMFORTABLE: u64 = 15;

/// What a line costs for each character a second more than these, and how many tenths of these count.
const HURRIED: u32 = 2;
const TOO_FAST: u32 = 6;
const MOST: u32 = 600;
/// What a caption costs that is gone before it is read.
const FLASH: u32 = 60;
/// What one of very few characters costs.
const CRUMB: u32 = 10;
const CRUMB_CHARS: usize = 16;

/// The captions of a run of words of one voice, which may stand until the next word at `until`. Their times
/// are those of their words.
pub fn cut(run: &[CueWord], is_new_voice: bool, until: MediaTime) -> Vec<Cue> {
    let run = Breath::of(run, is_new_voice, until);
    // best[i]: the cost of the first i parts, and of them the start and the line's end of the last caption.
    let mut best: Vec<(u32, usize, usize)> = vec![(0, 0, 0)];
    for end in 1..=run.parts.len() {
        let mut choice = (u32::MAX, end - 1, end);
        for start in (0..end).rev() {
            let Some((line, uneven)) = run.lines(start, end) else { break };
            if end - start > 1 && !run.is_in_time(start, end) {
                break;
            }
            let cost = best[start].0.saturating_add(run.cost(start, end) + uneven / 4);
            if cost < choice.0 {
                choice = (cost, start, line);
            }
        }
        best.push(choice);
    }
    let mut cues = Vec::new();
    let mut end = run.parts.len();
    while end > 0 {
        let (_, start, line) = best[end];
        cues.push(run.cue(start, line, end));
        end = start;
    }
    cues.reverse();
    cues
}

/// Words of one voice without a long pause.
struct Breath<'a> {
    parts: &'a [CueWord],
    is_new_voice: bool,
    until: MediaTime,
    /// Characters before each part, without spaces.
    before: Vec<usize>,
}

impl<'a> Breath<'a> {
    fn of(parts: &'a [CueWord], is_new_voice: bool, until: MediaTime) -> Self {
        let mut before = vec![0];
        for part in parts {
            before.push(before[before.len() - 1] + part.chars);
        }
        Self { parts, is_new_voice, until, before }
    }

    /// Characters of parts on one line.
    fn width(&self, start: usize, end: usize) -> usize {
        self.before[end] - self.before[start] + (end - start - 1)
    }

    /// The room that a dash would take.
    fn dash(&self, start: usize) -> usize {
        if start == 0 && self.is_new_voice { DASH_CHARS } else { 0 }
    }

    /// Where the first line ends, and what that costs; `None` where two lines do not take it.
    fn lines(&self, start: usize, end: usize) -> Option<(usize, u32)> {
        let dash = self.dash(start);
        if self.width(start, end) + dash <= LINE_CHARS {
            return Some((end, 0));
        }
        let cuts = (start + 1..end).filter_map(|cut| {
            let above = self.width(start, cut) + dash;
            let below = self.width(cut, end);
            let fits = above <= LINE_CHARS && below <= LINE_CHARS;
            // The eye finds the second line the faster the longer it is.
            let uneven = above.abs_diff(below) + above.saturating_sub(below) / 2;
            fits.then_some((cut, uneven as u32 + self.parts[cut - 1].cut_behind))
        });
        cuts.min_by_key(|(_, cost)| *cost)
    }

    fn is_in_time(&self, start: usize, end: usize) -> bool {
        self.parts[end - 1].end.since(self.parts[start].start) <= CUE_MS
    }

    /// What parts cost as a caption: for being one at all, for where it ends, for how hard it is to read.
    fn cost(&self, start: usize, end: usize) -> u32 {
        let (from, chars) = (self.parts[start].start, self.width(start, end) as u64);
        let next = self.parts.get(end).map_or(self.until, |next| next.start);
        let stands = next.since(from).min(CUE_MS);
        let tenths = chars * 10_000 / stands.max(1);
        let over =
            |most: u64| u32::try_from(tenths.saturating_sub(most * 10)).unwrap_or(MOST).min(MOST);
        let hurry = over(COMFORTABLE).min(2 * 10) * HURRIED + over(FASTEST) * TOO_FAST;
        // By length: cutting what is spoken fast makes it neither better nor worse.
        let hurry = hurry * chars as u32 / (10 * LINE_CHARS as u32);
        let flash = if stands < SHORTEST_MS { FLASH } else { 0 };
        let crumb = if (chars as usize) < CRUMB_CHARS { CRUMB } else { 0 };
        let cut = if end == self.parts.len() { 0 } else { self.parts[end - 1].cut_behind };
        CUE + cut + hurry + flash + crumb
    }

    fn cue(&self, start: usize, line: usize, end: usize) -> Cue {
        let text = |from: usize, to: usize| {
            let texts: Vec<&str> = self.parts[from..to].iter().map(|p| p.text.as_str()).collect();
            texts.join(" ")
        };
        let lines = if line == end {
            vec![text(start, end)]
        } else {
            vec![text(start, line), text(line, end)]
        };
        Cue {
            start: self.parts[start].start,
            end: self.parts[end - 1].end,
            speaker: self.parts[start].voice.name.clone(),
            is_new_voice: start == 0 && self.is_new_voice,
            lines,
        }
    }
}
