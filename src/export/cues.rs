//! Cuts words into captions by the rules of the German broadcasters: two lines of at most 37 characters,
//! 13 to 15 characters a second, one to seven seconds, cut where the sense is, one speaker a caption.
//! Refuses to lose, repeat or shorten a word: where somebody speaks faster than that, so are the captions.
//!
//! How fast a caption may be follows from its times: it stands at least from its first word to its last,
//! on into the silence behind it until it can be read, so that it is faster than 17 characters a second
//! only where its words were spoken as fast.

use crate::domain::{GapReason, MediaTime, Span, Word};

use super::{ExportSource, one_line};

mod breaks;
mod cutting;
mod long_words;
mod timing;

/// Characters a line (ARD, ORF, SRF, ZDF).
pub const LINE_CHARS: usize = 37;
/// How long a caption may stand.
pub const CUE_MS: u64 = 7_000;
/// A caption shorter than this cannot be read.
pub const SHORTEST_MS: u64 = 1_000;
/// Characters a second that are the most, unless somebody speaks faster.
pub const FASTEST: u64 = 17;
/// A pause after which a caption never goes on.
const PAUSE_MS: u64 = 1_500;
/// What formats without voices put before the first caption of a new speaker.
pub const DASH: &str = "– ";
/// The room that it takes in the first line.
const DASH_CHARS: usize = 2;

/// A caption, derived, never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// When it appears.
    pub start: MediaTime,
    /// When it vanishes; later than `start`, never later than the next one's start.
    pub end: MediaTime,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// Whether somebody else spoke before; there is room for a [`DASH`] then.
    pub is_new_voice: bool,
    /// One or two lines without line breaks or control characters.
    pub lines: Vec<String>,
}

/// A word as a caption shows it, or a part of one that is too long for a line.
#[derive(Debug)]
struct CueWord {
    text: String,
    chars: usize,
    start: MediaTime,
    end: MediaTime,
    /// The stretch of public time it lies in, by number.
    stretch: usize,
    voice: CueVoice,
    /// Whether it goes on with the word of the part before, which ends with a hyphen then.
    continues: bool,
    /// Whether a sentence-like run of words ends here.
    ends_utterance: bool,
    /// What it costs to cut behind it.
    cut_behind: u32,
}

/// Who speaks, as far as captions must tell apart.
#[derive(Clone, Debug)]
struct CueVoice {
    name: Option<String>,
    /// The turn, and what a recogniser calls the voice: of nobody known these tell that it is another.
    turn: Option<MediaTime>,
    label: Option<String>,
}

impl CueVoice {
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && (self.name.is_some() || (self.turn, &self.label) == (other.turn, &other.label))
    }
}

/// All words of a recording as captions, in order, without overlap, none where it is not public.
pub fn cues(source: &ExportSource<'_>) -> Vec<Cue> {
    let stretches = public_stretches(source);
    let parts = parts(source, &stretches);
    let mut cues: Vec<Cue> = Vec::new();
    let mut before: Option<&CueVoice> = None;
    let mut done = 0;
    for stretch in parts.chunk_by(|a, b| a.stretch == b.stretch) {
        let first_cue = cues.len();
        let open = stretches[stretch[0].stretch];
        for run in
            stretch.chunk_by(|a, b| a.voice.is_same(&b.voice) && b.start.since(a.end) < PAUSE_MS)
        {
            done += run.len();
            let next = parts.get(done).filter(|next| next.stretch == run[0].stretch);
            let is_new_voice = before.is_some_and(|before| !before.is_same(&run[0].voice));
            let until = next.map_or(open.end(), |next| next.start);
            cues.extend(cutting::cut(run, is_new_voice, until));
            before = Some(&run[0].voice);
        }
        timing::settle(&mut cues[first_cue..], open);
    }
    cues
}

/// The stretches of the recording between those that are not public, none of them empty.
fn public_stretches(source: &ExportSource<'_>) -> Vec<Span> {
    let transcript = source.transcript;
    let last_word = transcript.words.iter().map(|word| word.end_ms).max().unwrap_or_default();
    let end = transcript.media.duration_ms.max(last_word).max(MediaTime::from_millis(1));
    let mut stretches = Vec::new();
    let mut from = MediaTime::ZERO;
    let hidden = transcript.gaps.iter().filter(|gap| gap.reason == GapReason::NotPublic);
    let hidden = hidden.map(|gap| (gap.start_ms, gap.end_ms)).chain([(end, end)]);
    for (start, until) in hidden {
        stretches.extend(Span::new(from, start.min(end)).filter(|span| span.millis() > 0));
        from = from.max(until);
    }
    if stretches.is_empty() {
        stretches.extend(Span::new(MediaTime::ZERO, end));
    }
    stretches
}

fn parts(source: &ExportSource<'_>, stretches: &[Span]) -> Vec<CueWord> {
    let transcript = source.transcript;
    let n = transcript.words.len();
    let mut labels: Vec<Option<&str>> = vec![None; n];
    let mut ends = vec![false; n];
    for utterance in &transcript.utterances {
        let range = utterance.range(n);
        labels[range.clone()].fill(utterance.speaker_label.as_ref().map(|label| label.0.as_str()));
        if let Some(last) = range.last() {
            ends[last] = true;
        }
    }
    let mut parts: Vec<CueWord> = Vec::with_capacity(n);
    let mut stretch = 0;
    for ((word, label), ends_utterance) in transcript.words.iter().zip(labels).zip(ends) {
        let text = one_line(&word.text);
        if text.is_empty() {
            continue;
        }
        let at = middle(word);
        // Never back: words stay in their order, whatever their times.
        while stretches.get(stretch + 1).is_some_and(|next| next.start() <= at) {
            stretch += 1;
        }
        let turn = source.turn_at(at);
        let voice = CueVoice {
            name: turn.and_then(|turn| source.name_of(turn)),
            turn: turn.map(|turn| turn.start_ms),
            label: label.map(str::to_owned),
        };
        let times = (word.start_ms, word.end_ms.max(word.start_ms));
        parts.extend(parts_of(&text, times, stretch, &voice));
        if let Some(last) = parts.last_mut() {
            last.ends_utterance = ends_utterance;
        }
    }
    for i in 1..parts.len() {
        parts[i - 1].cut_behind = breaks::cost(&parts[i - 1], &parts[i]);
    }
    parts
}

/// The time that decides to which turn and item a word belongs.
pub fn middle(word: &Word) -> MediaTime {
    word.start_ms.plus_millis(word.end_ms.since(word.start_ms) / 2)
}

/// A word of the recogniser may hold spaces, and be longer than a line: its parts, each with its share of
/// the word's time.
fn parts_of(
    text: &str,
    (start, end): (MediaTime, MediaTime),
    stretch: usize,
    voice: &CueVoice,
) -> Vec<CueWord> {
    let pieces = text.split(' ').flat_map(|piece| {
        let parts = long_words::parts(piece, LINE_CHARS - DASH_CHARS);
        parts.into_iter().enumerate().map(|(n, part)| (part, n > 0)).collect::<Vec<_>>()
    });
    let pieces: Vec<(String, bool)> = pieces.collect();
    let all: u64 = pieces.iter().map(|(piece, _)| piece.chars().count() as u64).sum();
    let at = |chars: u64| start.plus_millis(end.since(start) * chars / all.max(1));
    let mut before = 0;
    let part = |(text, continues): (String, bool)| {
        let chars = text.chars().count();
        let (from, to) = (before, before + chars as u64);
        before = to;
        CueWord {
            text,
            chars,
            start: at(from),
            end: at(to),
            stretch,
            voice: voice.clone(),
            continues,
            ends_utterance: false,
            cut_behind: 0,
        }
    };
    pieces.into_iter().map(part).collect()
}
