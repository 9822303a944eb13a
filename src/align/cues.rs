//! Where the formulas of the lexicon stand in the words. Finds all of them; decides nothing by itself.

use super::lexicon::{self, FormulaKind, PatternStep};
use super::stream::StreamToken;

/// A formula found: `first..end` are token indices.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormulaMatch {
    pub kind: FormulaKind,
    pub weight: f32,
    pub first: usize,
    pub end: usize,
}

/// All formulas in the stream, in order of their first word. Linear.
pub(super) fn find(tokens: &[StreamToken]) -> Vec<FormulaMatch> {
    let mut hits = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, token)| !token.piece) {
        for formula in token.key.into_iter().flat_map(lexicon::formulas) {
            if let Some(end) = matches(&formula.steps, tokens, i) {
                hits.push(FormulaMatch {
                    kind: formula.kind,
                    weight: formula.weight,
                    first: i,
                    end,
                });
            }
        }
    }
    // "… dass Sie meine Zwischenfrage zulassen" announces none.
    let asked: Vec<FormulaMatch> =
        hits.iter().filter(|h| h.kind == FormulaKind::Asked).copied().collect();
    hits.retain(|h| {
        let within = |a: &FormulaMatch| a.first <= h.first && h.end <= a.end;
        h.kind != FormulaKind::Question || !asked[near(&asked, h.first)].iter().any(within)
    });
    hits
}

/// The hits, of those in order, that may reach over token `at`.
fn near(hits: &[FormulaMatch], at: usize) -> std::ops::Range<usize> {
    const LONGEST: usize = 32;
    hits.partition_point(|h| h.first + LONGEST < at)..hits.partition_point(|h| h.first <= at)
}

/// The end of the match that starts at `at`. Takes the nearest word after each gap.
fn matches(steps: &[PatternStep], tokens: &[StreamToken], mut at: usize) -> Option<usize> {
    let mut slack = 0;
    for step in steps {
        match step {
            PatternStep::Gap(words) => slack = *words,
            PatternStep::Word(words) => {
                // The first piece of a word taken apart stands for nothing; the second for all of it.
                while tokens.get(at).is_some_and(|t| t.piece) {
                    at += 1;
                }
                let found = (at..=at + slack)
                    .take_while(|i| *i < tokens.len())
                    .find(|&i| tokens[i].key.is_some_and(|key| words.contains(&key)))?;
                if found > at && tokens[at..found].iter().any(StreamToken::ends_sentence) {
                    return None;
                }
                at = found + 1;
                slack = 0;
            }
        }
    }
    Some(at)
}
