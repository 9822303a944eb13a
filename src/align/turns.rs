//! From decoded runs to turns: roles, residents, confidence and evidence.
//! Owns what a turn says about itself; not who speaks.

use mitschnitt_german::folding::fold;

use super::evidence::Evidence;
use super::item_decoder::Stretch;
use super::lexicon::FormulaKind;
use super::presidency::Presidency;
use super::stream::span_of;
use super::voices::{DecodedSpeaker, SpeechRun};
use crate::domain::{Council, FoundBy, Role, Transcript, Turn};

/// Below this probability nobody is named: not knowing is an answer.
const LIKELY: f32 = 0.45;

/// Builds the turns of a meeting from its runs of segments.
pub(super) fn build(
    transcript: &Transcript,
    council: &Council,
    stretches: &[Stretch],
    evidence: &Evidence,
    (runs, presidency): (&[SpeechRun], &Presidency),
) -> Vec<Turn> {
    let words = |run: &SpeechRun| {
        let segments = &evidence.stream.segments;
        (segments[run.first].first, segments[run.end - 1].end)
    };
    let mut turns = Vec::with_capacity(runs.len());
    for run in runs {
        let (first, end) = words(run);
        let Some(span) = span_of(transcript, first, end) else { continue };
        let mut turn = Turn {
            start_ms: span.start(),
            end_ms: span.end(),
            person: None,
            name: None,
            role: Role::Unknown,
            confidence: confidence(run),
            evidence: Vec::new(),
        };
        if let Some(role) = run.fixed {
            let presiding = presidency.at(run.first);
            fixed(&mut turn, council, evidence, run.speaker, (role, presiding));
            turns.push(turn);
            continue;
        }
        match run.speaker {
            DecodedSpeaker::Chair if run.probability < LIKELY => turn.confidence = 0.0,
            DecodedSpeaker::Chair => {
                turn.role = Role::Chair;
                if let Some(chair) = presidency.at(run.first) {
                    name(&mut turn, council, chair);
                }
                turn.evidence.extend(formula_of_chair(evidence, first, end));
            }
            // Two of the same name, and nothing tells them apart; or the words say too little.
            DecodedSpeaker::Person(person) if run.probability < LIKELY => {
                turn.confidence = 0.0;
                turn.evidence.extend(hand_over(evidence, run, person));
            }
            DecodedSpeaker::Person(person) => {
                turn.role = evidence.roster.role(person);
                name(&mut turn, council, person);
                turn.evidence.extend(hand_over(evidence, run, person));
            }
            DecodedSpeaker::Unknown => {}
        }
        if run.speaker != DecodedSpeaker::Chair {
            introduced(&mut turn, council, stretches, evidence, run, (first, end));
        }
        turns.push(turn);
    }
    // Words that overlap make no turns that do.
    for n in 1..turns.len() {
        let next = turns[n].start_ms;
        turns[n - 1].end_ms = turns[n - 1].end_ms.min(next);
    }
    turns
}

/// What the clerk says, and as what else the person speaks where the clerk does not say so.
fn fixed(
    turn: &mut Turn,
    council: &Council,
    evidence: &Evidence,
    speaker: DecodedSpeaker,
    (role, presiding): (Role, Option<usize>),
) {
    turn.role = role;
    turn.confidence = 1.0;
    turn.evidence.push(FoundBy::ByClerk);
    let person = match speaker {
        DecodedSpeaker::Person(person) => Some(person),
        DecodedSpeaker::Chair => presiding,
        DecodedSpeaker::Unknown => None,
    };
    if let Some(person) = person {
        name(turn, council, person);
        if role == Role::Unknown {
            turn.role = evidence.roster.role(person);
        }
    }
}

fn name(turn: &mut Turn, council: &Council, person: usize) {
    let person = &council.persons[person];
    turn.person = Some(person.id.clone());
    turn.name = Some(person.spoken_name());
}

/// How sure a run is.
fn confidence(run: &SpeechRun) -> f32 {
    match run.speaker {
        DecodedSpeaker::Unknown => 0.0,
        _ => run.probability.clamp(0.05, 0.99),
    }
}

/// The formula by which the chair is known, in the words spoken.
fn formula_of_chair(evidence: &Evidence, first: usize, end: usize) -> Option<FoundBy> {
    let from = evidence.hits.partition_point(|h| h.first < first);
    let best = evidence.hits[from..]
        .iter()
        .take_while(|h| h.first < end)
        .filter(|h| !h.kind.speaks_against_chair() && h.kind != FormulaKind::Arrange)
        .max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.first.cmp(&a.first)))?;
    Some(FoundBy::Presides(evidence.stream.quote(best.first, best.end)))
}

/// The words that gave the floor.
fn hand_over(evidence: &Evidence, run: &SpeechRun, person: usize) -> Option<FoundBy> {
    let at = evidence.stream.segments[run.first].first;
    let before = evidence.mentions.partition_point(|m| m.end <= at);
    let mention = evidence.mentions[before.saturating_sub(6)..before]
        .iter()
        .rev()
        .find(|m| m.persons.iter().any(|p| p.0 == person))?;
    let from = mention.first.saturating_sub(6);
    let start = (from..mention.first)
        .rev()
        .find(|i| evidence.stream.tokens[*i].ends_sentence())
        .map_or(from, |i| i + 1);
    Some(FoundBy::FloorGiven(evidence.stream.quote(start, mention.end)))
}

/// Whoever says their own name is that person; in an Einwohnerfragestunde a resident, unless the
/// whole name is on the roster.
fn introduced(
    turn: &mut Turn,
    council: &Council,
    stretches: &[Stretch],
    evidence: &Evidence,
    run: &SpeechRun,
    (first, end): (usize, usize),
) {
    let from = evidence.hits.partition_point(|h| h.first < first);
    let hit = evidence.hits[from..]
        .iter()
        .take_while(|h| h.first < end.min(first + 40))
        .find(|h| h.kind == FormulaKind::Introduce && h.end <= end);
    let asking = question_hour(council, stretches, first);
    let Some(hit) = hit else {
        if asking && run.speaker == DecodedSpeaker::Unknown {
            turn.role = Role::Resident;
        }
        return;
    };
    let name: Vec<&str> = evidence.stream.tokens[hit.end..end]
        .iter()
        .take(3)
        .take_while(|t| t.capital)
        .map(|t| t.raw.trim_end_matches(|c: char| !c.is_alphanumeric()))
        .collect();
    let (Some(given), Some(family)) = (name.first(), name.get(1)) else { return };
    let said = FoundBy::Introduced(evidence.stream.quote(hit.first, hit.end + name.len()));
    if let Some(person) = evidence.roster.full_name(given, family) {
        self::name(turn, council, person);
        turn.role = evidence.roster.role(person);
    } else if let DecodedSpeaker::Person(person) = run.speaker
        && !asking
        && !evidence.roster.other_given(person, given)
    {
        return;
    } else {
        turn.person = None;
        turn.name = Some(format!("{given} {family}"));
        turn.role = if asking { Role::Resident } else { Role::Guest };
    }
    turn.confidence = turn.confidence.max(0.85);
    turn.evidence = vec![said];
}

/// Whether the item at `word` is one in which residents ask.
fn question_hour(council: &Council, stretches: &[Stretch], word: usize) -> bool {
    let at = stretches.partition_point(|s| s.first <= word);
    let Some(stretch) = at.checked_sub(1).map(|i| &stretches[i]).filter(|s| word < s.end) else {
        return false;
    };
    stretch.items.iter().any(|i| {
        let title = fold(&council.meeting.agenda[*i].title);
        (title.contains("einwohner") || title.contains("buerger"))
            && (title.contains("frage") || title.contains("sprechstunde"))
    })
}
