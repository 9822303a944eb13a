//! Cuts words into captions a viewer can read: at most two lines of 42 characters and seven
//! seconds, cut where speech pauses or the sentence does. Refuses to lose or repeat a word.

use crate::domain::{MediaTime, Word};

use super::{ExportSource, one_line};

/// Characters a line (SRT practice and EBU-TT-D for German: 32 to 42).
pub const LINE_CHARS: usize = 42;
/// How long a caption may stand.
pub const CUE_MS: u64 = 7_000;
/// A caption shorter than this cannot be read.
const SHORTEST_MS: u64 = 1_000;
/// Comfortable reading: 18 characters a second.
const MS_PER_CHAR: u64 = 55;
/// A pause after which a caption never goes on.
const PAUSE_MS: u64 = 1_500;

/// A caption, derived, never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// When it appears.
    pub start: MediaTime,
    /// When it vanishes; later than `start`, never later than the next one's start.
    pub end: MediaTime,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// One or two lines without line breaks or control characters.
    pub lines: Vec<String>,
}

/// A word as a caption shows it.
struct CueWord {
    text: String,
    start: MediaTime,
    end: MediaTime,
    /// Whether a sentence-like run of words ends here.
    ends_utterance: bool,
    speaker: Option<String>,
}

/// All words of a recording as captions, in order, without overlap.
pub fn cues(source: &ExportSource<'_>) -> Vec<Cue> {
    let words = words(source);
    let mut cues = Vec::new();
    for run in words.chunk_by(|a, b| a.speaker == b.speaker && b.start.since(a.end) < PAUSE_MS) {
        let mut rest = run;
        for length in lengths(run) {
            let (group, tail) = rest.split_at(length);
            rest = tail;
            if let (Some(first), Some(last)) = (group.first(), group.last()) {
                cues.push(cue(first, last, group));
            }
        }
    }
    settle(&mut cues);
    cues
}

fn words(source: &ExportSource<'_>) -> Vec<CueWord> {
    let transcript = source.transcript;
    let mut ends = vec![false; transcript.words.len()];
    for utterance in &transcript.utterances {
        let last = utterance.first_word.saturating_add(utterance.n_words).saturating_sub(1);
        if let Some(end) = ends.get_mut(last) {
            *end = true;
        }
    }
    let word = |(word, &ends_utterance): (&Word, &bool)| {
        let text = one_line(&word.text);
        let speaker = source.turn_at(middle(word)).and_then(|turn| source.name_of(turn));
        let end = word.end_ms.max(word.start_ms);
        (!text.is_empty()).then_some(CueWord {
            text,
            start: word.start_ms,
            end,
            ends_utterance,
            speaker,
        })
    };
    transcript.words.iter().zip(&ends).filter_map(word).collect()
}

/// The time that decides to which turn and item a word belongs.
pub fn middle(word: &Word) -> MediaTime {
    word.start_ms.plus_millis(word.end_ms.since(word.start_ms) / 2)
}

/// Into groups of how many words a run is best cut: the cheapest cut by dynamic programming.
fn lengths(run: &[CueWord]) -> Vec<usize> {
    // best[i]: the cost of the first i words, and where their last group starts.
    let mut best: Vec<(u64, usize)> = vec![(0, 0)];
    for end in 1..=run.len() {
        let mut choice = (u64::MAX, end - 1);
        for start in (0..end).rev() {
            let group = &run[start..end];
            if group.len() > 1 && !(in_time(group) && fits(group)) {
                break;
            }
            let cost = best[start].0.saturating_add(cost(group, run.get(end)));
            if cost < choice.0 {
                choice = (cost, start);
            }
        }
        best.push(choice);
    }
    let mut lengths = Vec::new();
    let mut end = run.len();
    while end > 0 {
        lengths.push(end - best[end].1);
        end = best[end].1;
    }
    lengths.reverse();
    lengths
}

fn in_time(group: &[CueWord]) -> bool {
    let [first, .., last] = group else { return true };
    last.end.since(first.start) <= CUE_MS
}

/// Whether a group fits on two lines: filling the first one leaves the least for the second.
fn fits(group: &[CueWord]) -> bool {
    let (mut lines, mut filled) = (1, 0);
    for part in group.iter().flat_map(|word| word.text.split(' ')) {
        let chars = part.chars().count();
        if filled > 0 && filled + 1 + chars > LINE_CHARS {
            (lines, filled) = (lines + 1, 0);
        }
        filled += chars + usize::from(filled > 0);
        if lines > 2 || filled > LINE_CHARS {
            return false;
        }
    }
    true
}

/// What a group costs as a caption: for being one at all, and for where it ends.
fn cost(group: &[CueWord], next: Option<&CueWord>) -> u64 {
    let (Some(last), Some(next)) = (group.last(), next) else { return 10 };
    let pause = next.start.since(last.end);
    let cut = match last.text.chars().last() {
        _ if last.ends_utterance => 0,
        Some('.' | '!' | '?' | '…') => 1,
        _ if pause >= 500 => 2,
        Some(';' | ':') => 3,
        Some(',' | '–') => 5,
        _ if pause >= 250 => 6,
        _ => 12,
    };
    // A flash of one short word is worse than a cut in the sentence.
    let chars: usize = group.iter().map(|t| t.text.chars().count() + 1).sum();
    10 + cut + if chars < 16 { 8 } else { 0 }
}

/// One line if it fits, else two, cut after punctuation or near the middle.
fn wrap(group: &[CueWord]) -> Option<Vec<String>> {
    // A word of the recogniser may hold spaces; lines are cut at any of them.
    let parts: Vec<&str> = group.iter().flat_map(|word| word.text.split(' ')).collect();
    let whole = parts.join(" ");
    if whole.chars().count() <= LINE_CHARS {
        return Some(vec![whole]);
    }
    let cuts = (1..parts.len()).filter_map(|cut| {
        let lines = [parts[..cut].join(" "), parts[cut..].join(" ")];
        let [above, below] = [lines[0].chars().count(), lines[1].chars().count()];
        let stop = lines[0].ends_with(['.', ',', ';', ':', '!', '?']);
        let uneven = above.abs_diff(below) + if stop { 0 } else { 10 };
        (above <= LINE_CHARS && below <= LINE_CHARS).then_some((uneven, lines))
    });
    cuts.min_by_key(|(uneven, _)| *uneven).map(|(_, lines)| lines.to_vec())
}

fn cue(first: &CueWord, last: &CueWord, group: &[CueWord]) -> Cue {
    // Only a single word can be too long to wrap; it overflows its line rather than be cut.
    let lines = wrap(group).unwrap_or_else(|| vec![first.text.clone()]);
    Cue { start: first.start, end: last.end, speaker: first.speaker.clone(), lines }
}

/// Makes times sound: in order, never empty or overlapping, and long enough to read where the
/// next caption leaves room.
fn settle(cues: &mut [Cue]) {
    let mut free = MediaTime::ZERO;
    for i in 0..cues.len() {
        let next = cues.get(i + 1).map(|cue| cue.start);
        let cue = &mut cues[i];
        cue.start = cue.start.max(free);
        let chars: usize = cue.lines.iter().map(|line| line.chars().count()).sum();
        let readable = cue.start.plus_millis((chars as u64 * MS_PER_CHAR).max(SHORTEST_MS));
        let room = next.unwrap_or(readable.max(cue.end));
        cue.end = cue
            .end
            .max(readable)
            .min(room)
            .min(cue.start.plus_millis(CUE_MS))
            .max(cue.start.plus_millis(1));
        free = cue.end;
    }
}
