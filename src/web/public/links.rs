//! Addresses of what the directory lists, for every page that names a person, a paper or an organization.
//! Where there is no page there is no address: residents, guests and guesses are not linked.

use crate::domain::{MeetingId, PersonId};
use crate::edition::{Contribution, Directory, ItemEntry};
use crate::web::public::query::{self, encode, meeting_page, seconds};

/// The page of somebody who speaks in a meeting of this body, where they have one.
#[allow(dead_code, reason = "the pages of meetings and hits link by it next")]
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
    let time = contribution.start.map(|t| format!("?t={}", seconds(t))).unwrap_or_default();
    let place = contribution.number.map(|n| format!("#u{n}")).unwrap_or_default();
    format!("{}{time}{place}", meeting_page(meeting))
}

/// Where an item begins, as far as that is known; `place` is its place in the agenda.
pub fn item(meeting: &MeetingId, item: &ItemEntry, place: usize) -> String {
    let time = item.start.map(|t| format!("?t={}", seconds(t))).unwrap_or_default();
    let is_told = item.start.is_some() || item.first_speech.is_some();
    let section = if is_told { format!("#top-{place}") } else { String::new() };
    format!("{}{time}{section}", meeting_page(meeting))
}

/// A search with this value in a field of the query language.
pub fn search(field: &str, value: &str) -> String {
    let plain = value.replace('"', " ");
    format!("/suche?q={}", encode(&format!("{field}:\"{}\"", plain.trim())))
}
