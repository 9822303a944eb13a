//! All meetings together: who spoke where, which paper was treated when, which organization met. Read from the
//! overviews of the meetings and from nothing else, so that what may be seen is decided where it always is.
//!
//! It is kept in memory. Before each use the archive is asked whether anybody has written to it; if so, the
//! meetings that are others now are read again, and what is restricted is gone with the next request.

mod addresses;
mod cache;
mod entry;
mod names;
mod organizations;
mod paper_key;
mod papers;
mod persons;

use std::sync::Arc;

use crate::domain::PersonId;
use crate::edition::Listed;

pub use addresses::Address;
pub(super) use cache::DirectoryCache;
pub use entry::{Contribution, DirectoryMeeting, ItemEntry, VoteEntry};
pub use organizations::{Member, OrganizationEntry, OrganizationKind};
pub use papers::{Debated, PaperEntry};
pub use persons::PersonEntry;

use addresses::Addresses;
use addresses::address_part;
use names::plain_name;
use paper_key::PaperKey;

/// A speaker with less confidence than this is a guess.
pub const SURE: f32 = 0.7;

/// All meetings that are shown, and what they say together.
#[derive(Default)]
pub struct Directory {
    /// The meetings, newest first.
    pub listed: Vec<Listed>,
    /// The same meetings in the same order, with who spoke and what was voted on.
    pub meetings: Vec<Arc<DirectoryMeeting>>,
    /// The persons who have a page, by name.
    pub persons: Vec<PersonEntry>,
    /// The organizations, by body and name.
    pub organizations: Vec<OrganizationEntry>,
    /// The papers, those first that were treated last.
    pub papers: Vec<PaperEntry>,
    person_addresses: Addresses,
    organization_addresses: Addresses,
    paper_addresses: Addresses,
}

impl Directory {
    /// Of meetings, newest first.
    fn of(listed: Vec<Listed>, meetings: Vec<Arc<DirectoryMeeting>>) -> Self {
        let mut persons = persons::gather(&meetings);
        let mut organizations = organizations::gather(&meetings, &persons);
        let mut papers = papers::gather(&meetings);
        let of_persons = persons.iter().map(|p| (p.plain.as_str(), p.identity.clone()));
        let mut person_addresses = Addresses::of(of_persons);
        for (place, person) in persons.iter_mut().enumerate() {
            person.ids.iter().for_each(|id| person_addresses.also(id.as_str(), place));
            person.address = person_addresses.at(place).to_owned();
        }
        let names: Vec<(String, String)> = organizations
            .iter()
            .map(|o| (address_part(&o.name), format!("{}\n{}", o.body, address_part(&o.name))))
            .collect();
        let mut organization_addresses =
            Addresses::of(names.iter().map(|(name, id)| (name.as_str(), id.clone())));
        for (place, organization) in organizations.iter_mut().enumerate() {
            organization.ids.iter().for_each(|id| organization_addresses.also(id.as_str(), place));
            organization_addresses.also(&organization.name, place);
            organization.address = organization_addresses.at(place).to_owned();
        }
        let names: Vec<String> = papers.iter().map(|paper| paper.key.address()).collect();
        let of_papers = names.iter().zip(&papers).map(|(n, p)| (n.as_str(), p.identity.clone()));
        let paper_addresses = Addresses::of(of_papers);
        for (place, paper) in papers.iter_mut().enumerate() {
            paper.address = paper_addresses.at(place).to_owned();
        }
        Self {
            listed,
            meetings,
            persons,
            organizations,
            papers,
            person_addresses,
            organization_addresses,
            paper_addresses,
        }
    }

    /// Where the address of a person leads; ids of sources lead there too.
    pub fn person(&self, address: &str) -> Option<Address> {
        self.person_addresses.find(address)
    }

    /// Where the address of an organization leads; its name and ids of sources lead there too.
    pub fn organization(&self, address: &str) -> Option<Address> {
        self.organization_addresses.find(address)
    }

    /// Where the address of a paper leads; its reference in any spelling leads there too.
    pub fn paper(&self, address: &str) -> Option<Address> {
        let known = self.paper_addresses.find(address);
        known.or_else(|| match self.paper_addresses.find(&PaperKey::of(address)?.address())? {
            Address::Here(place) => Some(Address::Moved(self.papers[place].address.clone())),
            other => Some(other),
        })
    }

    /// The person with this id of a source who spoke in a meeting of this body, if they have a page.
    pub fn person_of(&self, id: &PersonId, body: &str) -> Option<&PersonEntry> {
        let is_meant = |person: &&PersonEntry| person.ids.contains(id) && person.body == body;
        let mut address = self.person_addresses.find(id.as_str())?;
        if let Address::Moved(to) = &address {
            address = self.person_addresses.find(to)?;
        }
        match address {
            Address::Here(place) => self.persons.get(place).filter(is_meant),
            _ => {
                let mut meant = self.persons.iter().filter(is_meant);
                meant.next().filter(|_| meant.next().is_none())
            }
        }
    }

    /// The one person of a body who has this name, if they have a page.
    pub fn person_named(&self, name: &str, body: &str) -> Option<&PersonEntry> {
        let plain = plain_name(name);
        match self.person_addresses.find(&plain)? {
            Address::Here(place) => self.persons.get(place).filter(|person| person.body == body),
            _ => {
                let mut same = self.persons.iter().filter(|p| p.plain == plain && p.body == body);
                same.next().filter(|_| same.next().is_none())
            }
        }
    }

    /// The organization of this name within a body.
    pub fn organization_of(&self, name: &str, body: &str) -> Option<&OrganizationEntry> {
        let part = address_part(name);
        match self.organization_addresses.find(&part)? {
            Address::Here(place) => self.organizations.get(place).filter(|o| o.body == body),
            _ => {
                self.organizations.iter().find(|o| o.body == body && address_part(&o.name) == part)
            }
        }
    }

    /// The paper of a body with this reference.
    pub fn paper_of(&self, reference: &str, body: &str) -> Option<&PaperEntry> {
        let key = PaperKey::of(reference)?;
        match self.paper_addresses.find(&key.address())? {
            Address::Here(place) => self.papers.get(place).filter(|paper| paper.body == body),
            _ => self.papers.iter().find(|paper| paper.key == key && paper.body == body),
        }
    }
}

#[cfg(test)]
mod tests;
