//! The persons who have a page: who of several meetings is the same, what they said and how they voted.
//!
//! A person is known by the council's id; where a record only names people, by the name without titles, within
//! the body, and by the council's id where just one person of that body has this name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::entry::{Contribution, DirectoryMeeting};
use super::names::{Standing, plain_name, sort_name, standing};
use crate::domain::{Person, PersonId, Role, VoteCast};

/// Somebody who holds or held a mandate or an office and has spoken.
#[derive(Debug)]
pub struct PersonEntry {
    /// Their part of the address.
    pub address: String,
    /// The name as given.
    pub name: String,
    /// The name without titles, folded.
    pub plain: String,
    /// By what they are listed.
    pub sort: String,
    /// The body's name.
    pub body: String,
    /// The party or group they last spoke for.
    pub party: Option<String>,
    /// As what they last spoke.
    pub role: Role,
    /// What the council's data say of them.
    pub person: Option<Arc<Person>>,
    /// What they said, newest first: meeting and contribution.
    pub speeches: Vec<(usize, usize)>,
    /// How they voted, newest first: meeting, vote, and how.
    pub votes: Vec<(usize, usize, VoteCast)>,
    /// Names under which sources have them.
    pub(super) ids: BTreeSet<PersonId>,
    pub(super) identity: String,
}

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Identity {
    Council(PersonId),
    Named { body: String, name: String },
}

/// Gathers persons over all meetings.
struct Gathering<'m> {
    meetings: &'m [Arc<DirectoryMeeting>],
    /// Everybody of the rosters, as the newest meeting has them.
    council: HashMap<&'m PersonId, &'m Arc<Person>>,
    /// The council's persons of a body by name.
    named: HashMap<(&'m str, String), BTreeSet<&'m PersonId>>,
    /// Names are read once.
    plain: HashMap<&'m str, String>,
    found: BTreeMap<Identity, PersonEntry>,
}

/// All who have a page, by name. Meetings stand newest first.
pub(super) fn gather(meetings: &[Arc<DirectoryMeeting>]) -> Vec<PersonEntry> {
    let mut gathering = Gathering {
        meetings,
        council: HashMap::new(),
        named: HashMap::new(),
        plain: HashMap::new(),
        found: BTreeMap::new(),
    };
    gathering.rosters();
    gathering.speeches();
    gathering.votes();
    let mut all: Vec<PersonEntry> = gathering.found.into_values().collect();
    all.sort_by(|a, b| (&a.sort, &a.body, &a.identity).cmp(&(&b.sort, &b.body, &b.identity)));
    all
}

impl<'m> Gathering<'m> {
    fn rosters(&mut self) {
        let meetings = self.meetings;
        for meeting in meetings {
            for person in &meeting.roster {
                self.council.entry(&person.id).or_insert(person);
                let name = self.plain(&person.name);
                self.named.entry((&meeting.body, name)).or_default().insert(&person.id);
            }
        }
    }

    fn plain(&mut self, name: &'m str) -> String {
        self.plain.entry(name).or_insert_with(|| plain_name(name)).clone()
    }

    /// Who is named so in this body; nobody where the name says nothing.
    fn by_name(&mut self, body: &'m str, name: &'m str) -> Option<Identity> {
        let plain = self.plain(name);
        if plain.is_empty() {
            return None;
        }
        let key = (body, plain);
        let of_council = self.named.get(&key).filter(|ids| ids.len() == 1);
        if let Some(id) = of_council.and_then(|ids| ids.first()) {
            return Some(Identity::Council((*id).clone()));
        }
        let (body, name) = key;
        Some(Identity::Named { body: body.to_owned(), name })
    }

    fn speeches(&mut self) {
        let meetings = self.meetings;
        for (number, meeting) in meetings.iter().enumerate() {
            for (place, contribution) in meeting.contributions.iter().enumerate() {
                self.speech(number, meeting, place, contribution);
            }
        }
        for person in self.found.values_mut() {
            // Of one meeting in the order of time, from the end.
            person.speeches.sort_by_key(|(meeting, place)| (*meeting, std::cmp::Reverse(*place)));
        }
    }

    fn speech(
        &mut self,
        number: usize,
        meeting: &'m DirectoryMeeting,
        place: usize,
        contribution: &Contribution,
    ) {
        let speaker = &meeting.speakers[contribution.speaker];
        let by_role =
            matches!(contribution.role, Role::Chair | Role::Member | Role::Administration);
        let identity = if speaker.is_of_council {
            Identity::Council(speaker.id.clone())
        } else {
            // A name alone, spoken as nobody knows what, may be anybody's.
            match self.by_name(&meeting.body, &speaker.name).filter(|_| by_role) {
                Some(identity) => identity,
                None => return,
            }
        };
        let person = match &identity {
            Identity::Council(id) => self.council.get(id).map(|person| Arc::clone(person)),
            Identity::Named { .. } => None,
        };
        let holds = match person.as_deref().map_or(Standing::Unsaid, standing) {
            Standing::Holds => true,
            Standing::Outside => false,
            Standing::Unsaid => by_role,
        };
        if !holds {
            return;
        }
        let text = match &identity {
            Identity::Council(id) => id.to_string(),
            Identity::Named { body, name } => format!("{body}\n{name}"),
        };
        let entry = self.found.entry(identity).or_insert_with(|| {
            let name = person.as_ref().map_or(&speaker.name, |person| &person.name).clone();
            let family = person.as_ref().and_then(|person| person.family_name.as_deref());
            PersonEntry {
                address: String::new(),
                plain: plain_name(&name),
                sort: sort_name(&name, family),
                body: meeting.body.clone(),
                party: party(person.as_deref(), meeting.date),
                role: contribution.role,
                person,
                speeches: Vec::new(),
                votes: Vec::new(),
                ids: BTreeSet::new(),
                identity: text,
                name,
            }
        });
        entry.party = entry.party.take().or_else(|| speaker.party.clone());
        if entry.role == Role::Unknown || entry.role == Role::Chair && by_role {
            entry.role = contribution.role;
        }
        if !entry.ids.contains(&speaker.id) {
            entry.ids.insert(speaker.id.clone());
        }
        entry.speeches.push((number, place));
    }

    fn votes(&mut self) {
        let meetings = self.meetings;
        for (number, meeting) in meetings.iter().enumerate() {
            let voters: Vec<Option<Identity>> = meeting
                .voters
                .iter()
                .map(|(name, _)| {
                    let identity = self.by_name(&meeting.body, name)?;
                    self.found.contains_key(&identity).then_some(identity)
                })
                .collect();
            for (vote, entry) in meeting.votes.iter().enumerate() {
                for (voter, cast) in &entry.cast {
                    let identity = voters.get(*voter).and_then(Option::as_ref);
                    if let Some(person) = identity.and_then(|id| self.found.get_mut(id)) {
                        person.votes.push((number, vote, *cast));
                    }
                }
            }
        }
    }
}

fn party(person: Option<&Person>, date: Option<Date>) -> Option<String> {
    person?.party_on(date).map(str::to_owned)
}
