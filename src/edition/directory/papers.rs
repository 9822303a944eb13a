//! The papers of all meetings: where each was on the agenda, how it was voted on, what amends it. Also those
//! to which nobody spoke.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::{DirectoryMeeting, PaperMention};
use super::paper_key::PaperKey;

/// A paper.
#[derive(Debug)]
pub struct PaperEntry {
    /// Its part of the address.
    pub address: String,
    /// Its reference as given: "DS0500/25".
    pub reference: String,
    /// Its title, where anybody says it.
    pub title: Option<String>,
    /// "Beschlussvorlage", "Änderungsantrag" …, as given.
    pub kind: Option<String>,
    /// Who brought it in.
    pub movers: Vec<String>,
    /// The body's name.
    pub body: String,
    /// Where it was on the agenda, newest first: meeting and item.
    pub debates: Vec<Debated>,
    /// Votes on it, newest meeting first: meeting and vote.
    pub votes: Vec<(usize, usize)>,
    /// What it amends.
    pub above: Option<usize>,
    /// Its amendments, in order.
    pub below: Vec<usize>,
    pub(super) key: PaperKey,
    pub(super) identity: String,
}

/// A treatment of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debated {
    /// Index of the meeting.
    pub meeting: usize,
    /// Index of the item, where it is known.
    pub item: Option<usize>,
    /// The item's number, where no more than that is known.
    pub number: Option<String>,
}

/// All papers, those first that were treated last. Meetings stand newest first.
pub(super) fn gather(meetings: &[Arc<DirectoryMeeting>]) -> Vec<PaperEntry> {
    let mut found: BTreeMap<(&str, PaperKey), PaperEntry> = BTreeMap::new();
    for (number, meeting) in meetings.iter().enumerate() {
        let of_items = meeting.items.iter().enumerate();
        let of_items =
            of_items.flat_map(|(n, item)| item.papers.iter().map(move |paper| (Some(n), paper)));
        let others = meeting.papers.iter().map(|paper| (paper.item, paper));
        for (item, mention) in of_items.chain(others) {
            let Some(entry) = entry(&mut found, meeting, &mention.reference) else { continue };
            learn(entry, mention);
            let debated = Debated { meeting: number, item, number: mention.number.clone() };
            if !entry.debates.contains(&debated) {
                entry.debates.push(debated);
            }
        }
        for (vote, recorded) in meeting.votes.iter().enumerate() {
            // What is voted on without a number belongs to the paper of its item, where that has one.
            let of_item = || {
                let papers = &meeting.items.get(recorded.item?)?.papers;
                Some(papers.first().filter(|_| papers.len() == 1)?.reference.as_str())
            };
            let Some(reference) = recorded.motion.as_deref().or_else(of_item) else { continue };
            let Some(entry) = entry(&mut found, meeting, reference) else { continue };
            let same = recorded.motion.is_some();
            entry.title = entry.title.take().or_else(|| recorded.title.clone().filter(|_| same));
            // On its own a motion of procedure says nothing of the paper.
            let is_procedure = recorded.kind.as_deref().is_some_and(is_procedure);
            if same && !is_procedure {
                entry.kind = entry.kind.take().or_else(|| recorded.kind.clone());
                if entry.movers.is_empty() {
                    entry.movers.clone_from(&recorded.movers);
                }
            }
            entry.votes.push((number, vote));
            if entry.debates.iter().all(|debated| debated.meeting != number) {
                let of = recorded.number.clone().filter(|_| recorded.item.is_none());
                entry.debates.push(Debated { meeting: number, item: recorded.item, number: of });
            }
        }
    }
    let mut all: Vec<PaperEntry> = found.into_values().collect();
    all.iter_mut().for_each(|paper| name_by_items(meetings, paper));
    all.sort_by(|a, b| newest(a).cmp(&newest(b)).then_with(|| b.key.cmp(&a.key)));
    relate(&mut all);
    all
}

fn newest(paper: &PaperEntry) -> usize {
    paper.debates.iter().map(|debated| debated.meeting).min().unwrap_or(usize::MAX)
}

fn is_procedure(kind: &str) -> bool {
    ["geschäftsordnung", "tagesordnung", "redaktionell"]
        .iter()
        .any(|word| kind.to_lowercase().contains(word))
}

fn entry<'f, 'm>(
    found: &'f mut BTreeMap<(&'m str, PaperKey), PaperEntry>,
    meeting: &'m DirectoryMeeting,
    reference: &str,
) -> Option<&'f mut PaperEntry> {
    let key = PaperKey::of(reference)?;
    let body = meeting.body.as_str();
    Some(found.entry((body, key.clone())).or_insert_with(|| PaperEntry {
        address: String::new(),
        reference: reference.trim().to_owned(),
        title: None,
        kind: None,
        movers: Vec::new(),
        body: body.to_owned(),
        debates: Vec::new(),
        votes: Vec::new(),
        above: None,
        below: Vec::new(),
        identity: format!("{body}\n{}", key.address()),
        key,
    }))
}

/// Takes over what a meeting says of a paper and no newer one did.
fn learn(entry: &mut PaperEntry, mention: &PaperMention) {
    entry.title = entry.title.take().or_else(|| mention.title.clone());
    entry.kind = entry.kind.take().or_else(|| mention.kind.clone());
    if entry.movers.is_empty() {
        entry.movers.clone_from(&mention.movers);
    }
}

/// Where nobody says what a paper is called, its item does.
fn name_by_items(meetings: &[Arc<DirectoryMeeting>], paper: &mut PaperEntry) {
    let title = |debated: &Debated| {
        let item = meetings[debated.meeting].items.get(debated.item?)?;
        Some(item.title.clone()).filter(|title| !title.is_empty())
    };
    paper.title = paper.title.take().or_else(|| paper.debates.iter().find_map(title));
}

/// Says of each what it amends: the nearest that is known.
fn relate(all: &mut [PaperEntry]) {
    let places: BTreeMap<(String, PaperKey), usize> = all
        .iter()
        .enumerate()
        .map(|(n, paper)| ((paper.body.clone(), paper.key.clone()), n))
        .collect();
    for n in 0..all.len() {
        let body = all[n].body.clone();
        let above = all[n].key.above().into_iter();
        let Some(above) = above.filter_map(|key| places.get(&(body.clone(), key)).copied()).next()
        else {
            continue;
        };
        all[n].above = Some(above);
        all[above].below.push(n);
    }
    let order: Vec<PaperKey> = all.iter().map(|paper| paper.key.clone()).collect();
    all.iter_mut().for_each(|paper| paper.below.sort_by_key(|n| &order[*n]));
}
