//! Councils, committees and parliamentary groups: which meetings each has, and who belongs to it as far as the
//! archive knows. The same name within a body is the same organization.

use std::collections::BTreeMap;
use std::sync::Arc;

use mitschnitt_german::folding::fold;

use super::entry::DirectoryMeeting;
use super::names::{Standing, sort_name, standing};
use super::persons::PersonEntry;
use crate::domain::{OrganizationId, Role};

/// What a kind of organization is for the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationKind {
    /// It meets, or members of the council belong to it.
    Committee,
    /// A party or parliamentary group.
    Group,
}

/// An organization.
#[derive(Debug)]
pub struct OrganizationEntry {
    /// Its part of the address.
    pub address: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// "Ausschuss", "Fraktion" …, as the source says.
    pub classification: Option<String>,
    /// The body's name.
    pub body: String,
    /// Its meetings, newest first.
    pub meetings: Vec<usize>,
    /// Who belongs to it.
    pub members: Vec<Member>,
    /// Names under which sources have it.
    pub(super) ids: Vec<OrganizationId>,
}

impl OrganizationEntry {
    /// Whether it is called so, in any spelling.
    pub fn is_named(&self, name: &str) -> bool {
        fold(name) == fold(&self.name)
    }
}

/// Somebody who belongs to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: String,
    /// Index of the person, where they have a page.
    pub person: Option<usize>,
    /// The party or group that they last belonged to.
    pub party: Option<String>,
    /// As what, where the source says so.
    pub role: Option<String>,
    /// Whether they no longer belong to it.
    pub is_former: bool,
    sort: String,
}

/// All organizations by name. Meetings stand newest first; persons have their order.
pub(super) fn gather(
    meetings: &[Arc<DirectoryMeeting>],
    persons: &[PersonEntry],
) -> Vec<OrganizationEntry> {
    let mut found: BTreeMap<(String, String), OrganizationEntry> = BTreeMap::new();
    for (number, meeting) in meetings.iter().enumerate() {
        for organization in &meeting.organizations {
            let kind = OrganizationKind::Committee;
            let Some(entry) = entry(&mut found, &meeting.body, &organization.name, kind) else {
                continue;
            };
            entry.meetings.push(number);
            entry.classification =
                entry.classification.take().or_else(|| organization.classification.clone());
            if !entry.ids.contains(&organization.id) {
                entry.ids.push(organization.id.clone());
            }
        }
    }
    of_rosters(meetings, persons, &mut found);
    for (place, person) in persons.iter().enumerate() {
        of_speeches(meetings, place, person, &mut found);
    }
    let mut all: Vec<OrganizationEntry> = found.into_values().collect();
    for organization in &mut all {
        organization.members.sort_by(|a, b| (a.is_former, &a.sort).cmp(&(b.is_former, &b.sort)));
    }
    all
}

fn entry<'f>(
    found: &'f mut BTreeMap<(String, String), OrganizationEntry>,
    body: &str,
    name: &str,
    kind: OrganizationKind,
) -> Option<&'f mut OrganizationEntry> {
    let key = (body.to_owned(), fold(name));
    if key.1.is_empty() {
        return None;
    }
    Some(found.entry(key).or_insert_with(|| OrganizationEntry {
        address: String::new(),
        name: name.to_owned(),
        kind,
        classification: None,
        body: body.to_owned(),
        meetings: Vec::new(),
        members: Vec::new(),
        ids: Vec::new(),
    }))
}

/// Whoever the council's data name as a member. Residents, guests and experts are none.
fn of_rosters(
    meetings: &[Arc<DirectoryMeeting>],
    persons: &[PersonEntry],
    found: &mut BTreeMap<(String, String), OrganizationEntry>,
) {
    let pages: BTreeMap<&str, usize> = persons
        .iter()
        .enumerate()
        .filter_map(|(n, entry)| Some((entry.person.as_ref()?.id.as_str(), n)))
        .collect();
    let mut seen = std::collections::HashSet::new();
    for meeting in meetings {
        let newest = meeting.date;
        for person in &meeting.roster {
            if !seen.insert((person.id.as_str(), meeting.body.as_str()))
                || standing(person) != Standing::Holds
            {
                continue;
            }
            for membership in &person.memberships {
                let Some(name) = membership.organization_name.as_deref() else { continue };
                let kind = match membership.is_party {
                    true => OrganizationKind::Group,
                    false => OrganizationKind::Committee,
                };
                let Some(entry) = entry(found, &meeting.body, name, kind) else { continue };
                if let Some(id) =
                    membership.organization.as_ref().filter(|id| !entry.ids.contains(id))
                {
                    entry.ids.push(id.clone());
                }
                let member = Member {
                    name: person.name.clone(),
                    person: pages.get(person.id.as_str()).copied(),
                    party: person.party_on(newest).map(str::to_owned),
                    sort: sort_name(&person.name, person.family_name.as_deref()),
                    role: membership.role.clone(),
                    is_former: newest
                        .is_some_and(|day| membership.end.is_some_and(|end| end < day)),
                };
                put(entry, member);
            }
        }
    }
}

/// Of councils without such data, those who spoke as members; of groups, those who spoke for them.
fn of_speeches(
    meetings: &[Arc<DirectoryMeeting>],
    place: usize,
    person: &PersonEntry,
    found: &mut BTreeMap<(String, String), OrganizationEntry>,
) {
    // The first is the newest.
    let mut parties: Vec<(&str, &str)> = Vec::new();
    let mut councils: Vec<(&str, &str)> = Vec::new();
    for (number, contribution) in &person.speeches {
        let meeting = &meetings[*number];
        let contribution = &meeting.contributions[*contribution];
        let body = meeting.body.as_str();
        if person.person.is_none() && matches!(contribution.role, Role::Member | Role::Chair) {
            for organization in &meeting.organizations {
                let council = (body, organization.name.as_str());
                if !councils.contains(&council) {
                    councils.push(council);
                }
            }
        }
        let party = meeting.speakers[contribution.speaker].party.as_deref();
        if let Some(party) = party.map(|party| (body, party)).filter(|p| !parties.contains(p)) {
            parties.push(party);
        }
    }
    let member = |is_former| Member {
        name: person.name.clone(),
        person: Some(place),
        party: person.party.clone(),
        role: None,
        is_former,
        sort: person.sort.clone(),
    };
    for (body, name) in councils {
        if let Some(entry) = entry(found, body, name, OrganizationKind::Committee) {
            put(entry, member(false));
        }
    }
    for (n, (body, name)) in parties.into_iter().enumerate() {
        if let Some(entry) = entry(found, body, name, OrganizationKind::Group) {
            put(entry, member(n > 0));
        }
    }
}

/// Adds a member, once: what holds now counts before what held.
fn put(entry: &mut OrganizationEntry, member: Member) {
    let same = |known: &&mut Member| match (known.person, member.person) {
        (Some(a), Some(b)) => a == b,
        _ => known.name == member.name,
    };
    match entry.members.iter_mut().find(same) {
        Some(known) if known.is_former && !member.is_former => *known = member,
        Some(_) => {}
        None => entry.members.push(member),
    }
}
