//! The excerpt around the first matching word: whole words as written, every matching word apart
//! and with its place and time.

use crate::analysis;
use crate::model::document::PassageDoc;
use crate::model::request::{HitWord, SnippetPart};
use crate::segment::record::positioned;

/// Words shown.
const WORDS: usize = 24;
/// Of these, words before the first matching one.
const BEFORE: usize = 8;

/// An excerpt and every matching word of the passage.
#[derive(Debug, Default)]
pub(crate) struct Snippet {
    pub parts: Vec<SnippetPart>,
    pub hits: Vec<HitWord>,
}

/// The excerpt of `passage` whose words at `positions` (sorted) matched. `word` gives place and
/// time of the passage's n-th word.
pub(crate) fn excerpt(
    passage: &PassageDoc,
    positions: &[u32],
    word: impl Fn(usize) -> HitWord,
) -> Snippet {
    let mut words: Vec<&str> = passage.words.iter().collect();
    let n_own = words.len();
    words.extend(passage.lookahead.iter());
    let places = positioned(&words);
    let hits: Vec<usize> =
        positions.iter().filter_map(|&position| places.get(position as usize).copied()).collect();
    // Of the lookahead, only what a match reaches into belongs to this excerpt.
    let end = hits.last().map_or(n_own, |&last| n_own.max(last + 1));
    let first = hits.first().copied().unwrap_or(0);
    let start = first.saturating_sub(BEFORE).min(end.saturating_sub(WORDS));
    let stop = (start + WORDS).min(end);
    let mut pen = Pen::default();
    if start > 0 {
        pen.plain("… ");
    }
    for (index, written) in words.iter().enumerate().take(stop).skip(start) {
        if index > start {
            pen.plain(" ");
        }
        match hits.binary_search(&index) {
            Ok(_) => pen.hit(written, word(index)),
            Err(_) => pen.plain(written),
        }
    }
    if stop < n_own {
        pen.plain(" …");
    }
    Snippet { parts: pen.finish(), hits: hits.into_iter().map(word).collect() }
}

/// Writes parts, joining neighbouring plain text.
#[derive(Default)]
struct Pen {
    parts: Vec<SnippetPart>,
    plain: String,
}

impl Pen {
    fn plain(&mut self, text: &str) {
        self.plain.push_str(text);
    }

    /// The word itself is the hit; the punctuation around it is not.
    fn hit(&mut self, written: &str, hit: HitWord) {
        let core = analysis::core_range(written).unwrap_or(0..written.len());
        self.plain(&written[..core.start]);
        self.flush();
        self.parts.push(SnippetPart { text: written[core.clone()].to_owned(), hit: Some(hit) });
        self.plain(&written[core.end..]);
    }

    fn flush(&mut self) {
        if !self.plain.is_empty() {
            self.parts.push(SnippetPart { text: std::mem::take(&mut self.plain), hit: None });
        }
    }

    fn finish(mut self) -> Vec<SnippetPart> {
        self.flush();
        self.parts
    }
}
