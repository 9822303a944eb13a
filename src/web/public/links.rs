//! Addresses of what the directory lists, for every page that names a person, a paper or an organization.
//! Where there is no page there is no address: residents, guests and guesses are not linked.

use crate::domain::{MeetingId, PersonId};
use crate::edition::{Contribution, Directory, ItemEntry};
use crate::web::public::pages::transcript::place;
use crate::web::public::query::{self, encode, meeting_page};

/// The page of somebody who speaks in a meeting of this body, where they have one.
pub fn person(directory: &Directory, id: &PersonId, body: &str) -> Option<String> {
    Some(query::person_page(&directory.person_of(id, body)?.address))
}

/// The page of somebody whom a record of this body only names, where they have one.
pub fn named(directory: &Directory, name: &str, body: &str) -> Option<String> {
    Some(query::person_page(&directory.person_named(name, body)?.address))
}

/// The page of a paper of this body, where it has one.
pub fn paper(directory: &Directory, reference: &str, body: &str) -> Option<String> {
    Some(query::paper_page(&directory.paper_of(reference, body)?.address))
}

/// The page of an organization of this body, where it has one.
pub fn organization(directory: &Directory, name: &str, body: &str) -> Option<String> {
    Some(query::organization_page(&directory.organization_of(name, body)?.address))
}

/// Where somebody begins to speak.
pub fn contribution(meeting: &MeetingId, contribution: &Contribution) -> String {
    let page = meeting_page(meeting);
    match (contribution.start, contribution.order) {
        (Some(t), _) => format!("{page}{}", place(t)),
        (None, Some(order)) => format!("{page}#rede-{order}"),
        (None, None) => page,
    }
}

/// Where an item begins, as far as that is known.
pub fn item(meeting: &MeetingId, item: &ItemEntry) -> String {
    let page = meeting_page(meeting);
    match (item.start, item.first_speech) {
        (Some(t), _) => format!("{page}{}", place(t)),
        (None, Some(order)) => format!("{page}#rede-{order}"),
        (None, None) => page,
    }
}

/// A search with this value in a field of the query language.
pub fn search(field: &str, value: &str) -> String {
    let plain = value.replace('"', " ");
    format!("/suche?q={}", encode(&format!("{field}:\"{}\"", plain.trim())))
}
