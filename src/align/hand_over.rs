//! The words that hand the chair over: to whoever is named, until it is handed back. Owns their reading; who
//! speaks, `speakers` decodes.
//!
//! Whoever is biased must not preside, so that it matters who does. Where the words hand the chair over and
//! do not say to whom, the only deputy presides; of several, nobody is named.

use super::evidence::Evidence;
use super::lexicon::FormulaKind;
use super::names::NameMention;
use super::presidency::Presidency;
use super::voices::SpeechRun;

/// Reads the chair's words in `runs`.
pub(super) fn read(evidence: &Evidence, runs: &[SpeechRun]) -> Presidency {
    let elected = evidence.roster.chair();
    let mut spans = vec![(0, elected)];
    let chairs = runs.iter().filter(|run| run.is_chair() && run.fixed.is_none());
    for segment in chairs.flat_map(|run| run.first..run.end) {
        let now = spans.last().and_then(|(_, person)| *person);
        for hit in evidence.hits_in(segment) {
            let next = match hit.kind {
                FormulaKind::HandsChair => (segment + 1, named(evidence, segment, hit.first)),
                FormulaKind::TakesChairBack => (segment, Some(elected)),
                // Handed over without a word, or to nobody named.
                FormulaKind::TakesChair if now == elected && elected.is_some() => {
                    (segment, Some(evidence.roster.deputy()))
                }
                _ => continue,
            };
            // Nobody named: it goes to the deputy, and from whoever it went to back to the elected one.
            let unnamed = || if now == elected { evidence.roster.deputy() } else { elected };
            let (from, person) = (next.0, next.1.unwrap_or_else(unnamed));
            spans.retain(|(at, _)| *at < from);
            spans.push((from, person));
        }
    }
    spans.dedup_by_key(|span| span.1);
    Presidency::of(spans)
}

/// Whom the chair is handed to by the words of a segment from `first` on: a person, or nobody known; `None`
/// where nobody is named. Of several names the one behind "an" is meant ("weil ich wie Herr X befangen bin, an
/// Frau Y"), and who must not be taken for another is not guessed at.
fn named(evidence: &Evidence, segment: usize, first: usize) -> Option<Option<usize>> {
    let mentions = evidence.mentions_in(evidence.stream.segments[segment]);
    let behind = || mentions.iter().filter(|mention| mention.first > first);
    let to = |mention: &&NameMention| {
        let lead = &evidence.stream.tokens[mention.first.saturating_sub(3)..mention.first];
        lead.iter().any(|token| matches!(token.text.as_str(), "an" | "ans"))
    };
    let mention = behind().find(to).or_else(|| behind().next())?;
    let (person, fit) = *mention.persons.first()?;
    let next = mention.persons.get(1).map_or(0.0, |next| next.1);
    Some((fit >= SURE_FIT && fit - next >= SURE_LEAD).then_some(person))
}

/// How well a name must fit for its bearer to preside, and how much better than anybody else.
const SURE_FIT: f32 = 0.85;
const SURE_LEAD: f32 = 0.1;
