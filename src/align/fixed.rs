//! What a clerk has fixed, laid upon the words of a transcript.
//! Owns which of several fixed points holds where; what follows from them, the decoders decide.

#[cfg(test)]
pub(super) mod tests;

use crate::domain::{AgendaItemId, Council, Fact, FixedPoint, Role, Span, Transcript, Word};

/// All that is fixed, by words.
pub(super) struct Fixed {
    /// Indices into the agenda, in order; none where no item is treated.
    pub items: Vec<FixedRange<Vec<usize>>>,
    pub speakers: Vec<FixedRange<FixedSpeaker>>,
}

/// A fact that holds for the words `first..end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FixedRange<T> {
    pub first: usize,
    pub end: usize,
    pub fact: T,
}

/// Who speaks, by the clerk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FixedSpeaker {
    /// Index into the roster.
    pub person: Option<usize>,
    pub role: Role,
}

impl FixedSpeaker {
    /// Whether the chair speaks.
    pub fn is_chair(&self) -> bool {
        self.role == Role::Chair
    }
}

impl Fixed {
    /// Of points of the same kind that overlap, the later in the list holds. Points that name an item
    /// or a person the council no longer has say nothing.
    pub fn new(points: &[FixedPoint], transcript: &Transcript, council: &Council) -> Self {
        let words = &transcript.words;
        let items = points.iter().filter_map(|point| match &point.fact {
            Fact::Items(ids) => Some((point.span, agenda_indices(ids, council)?)),
            Fact::Speaker { .. } => None,
        });
        let speakers = points.iter().filter_map(|point| match &point.fact {
            Fact::Speaker { person, role } => {
                let person = match person {
                    Some(id) => Some(council.persons.iter().position(|p| p.id == *id)?),
                    None => None,
                };
                Some((point.span, FixedSpeaker { person, role: *role }))
            }
            Fact::Items(_) => None,
        });
        Self { items: lay(words, items), speakers: lay(words, speakers) }
    }

    /// The words at which something fixed starts or ends, in order, each once.
    pub fn edges(&self) -> Vec<usize> {
        let items = self.items.iter().flat_map(|held| [held.first, held.end]);
        let speakers = self.speakers.iter().flat_map(|held| [held.first, held.end]);
        let mut edges: Vec<usize> = items.chain(speakers).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

impl<T> FixedRange<T> {
    /// What holds at word `word`, of facts in order.
    pub fn at(held: &[Self], word: usize) -> Option<&Self> {
        let index = held.partition_point(|h| h.end <= word);
        held.get(index).filter(|h| h.first <= word)
    }
}

/// `None` where items are named, but none of them is on the agenda.
fn agenda_indices(ids: &[AgendaItemId], council: &Council) -> Option<Vec<usize>> {
    let agenda = council.meeting.agenda.iter().enumerate();
    let found: Vec<usize> = agenda.filter(|(_, i)| ids.contains(&i.id)).map(|(i, _)| i).collect();
    (!found.is_empty() || ids.is_empty()).then_some(found)
}

/// Lays facts upon the words, later over earlier; neighbours that say the same become one.
fn lay<T: Clone + PartialEq>(
    words: &[Word],
    facts: impl Iterator<Item = (Span, T)>,
) -> Vec<FixedRange<T>> {
    let facts: Vec<(Span, T)> = facts.collect();
    let mut holds: Vec<Option<&T>> = vec![None; words.len()];
    for (span, fact) in &facts {
        let first = words.partition_point(|w| w.start_ms < span.start());
        let end = words.partition_point(|w| w.start_ms < span.end());
        holds[first..end].fill(Some(fact));
    }
    let mut held: Vec<FixedRange<T>> = Vec::new();
    for (word, fact) in holds.into_iter().enumerate().filter_map(|(w, f)| Some((w, f?))) {
        match held.last_mut() {
            Some(last) if last.end == word && last.fact == *fact => last.end = word + 1,
            _ => held.push(FixedRange { first: word, end: word + 1, fact: fact.clone() }),
        }
    }
    held
}
