//! The OParl objects that were given together, found by kind and id, with the links between
//! agenda items, consultations and papers. Refuses to fetch what was not given.

use std::collections::HashMap;

use serde_json::Value;

use super::json::{Object, Ref};

/// All objects given together: of one meeting, or of a whole server.
#[derive(Debug, Default)]
pub struct Pool<'a> {
    bodies: HashMap<&'a str, Object<'a>>,
    organizations: HashMap<&'a str, Object<'a>>,
    memberships: HashMap<&'a str, Object<'a>>,
    items: HashMap<&'a str, Object<'a>>,
    papers_by_id: HashMap<&'a str, Object<'a>>,
    /// Papers in the order given.
    pub papers: Vec<Object<'a>>,
    /// Persons in the order given.
    pub persons: Vec<Object<'a>>,
    /// Meetings in the order given.
    pub meetings: Vec<Object<'a>>,
    /// The paper of a consultation, by the consultation's id.
    paper_of_consultation: HashMap<&'a str, Ref<'a>>,
    /// The papers of an agenda item, by the item's id.
    papers_of_item: HashMap<&'a str, Vec<Ref<'a>>>,
    /// The memberships of a person, by the person's id, where they stand apart from the person.
    memberships_of: HashMap<&'a str, Vec<Object<'a>>>,
}

impl<'a> Pool<'a> {
    /// Sorts in an object, an array, or an OParl list `{"data": […]}`.
    /// Gives how many objects are of no use here.
    pub fn add(&mut self, value: &'a Value) -> usize {
        if let Value::Array(values) = value {
            return values.iter().map(|value| self.add(value)).sum();
        }
        let Some(object) = Object::from(value) else { return 1 };
        if object.has("data") && object.kind().is_none() {
            return object.list("data").into_iter().map(|value| self.add(value)).sum();
        }
        match object.kind().or_else(|| guess(object)) {
            Some("Meeting") => self.meetings.push(object),
            Some("Person") => self.persons.push(object),
            Some("Paper") => self.add_paper(object),
            Some("Consultation") => self.add_consultation(object, object.reference("paper")),
            Some("Membership") => self.add_membership(object),
            Some("Body") => index(&mut self.bodies, object),
            Some("Organization") => index(&mut self.organizations, object),
            Some("AgendaItem") => index(&mut self.items, object),
            _ => return 1,
        }
        0
    }

    fn add_paper(&mut self, paper: Object<'a>) {
        index(&mut self.papers_by_id, paper);
        self.papers.push(paper);
        for consultation in paper.refs("consultation") {
            match consultation {
                Ref::Id(id) => {
                    self.paper_of_consultation.insert(id, Ref::Embedded(paper));
                }
                Ref::Embedded(object) => self.add_consultation(object, Some(Ref::Embedded(paper))),
            }
        }
    }

    fn add_consultation(&mut self, consultation: Object<'a>, paper: Option<Ref<'a>>) {
        let Some(paper) = paper.filter(|_| !consultation.deleted()) else { return };
        if let Some(id) = consultation.id() {
            self.paper_of_consultation.insert(id, paper);
        }
        if let Some(item) = consultation.reference("agendaItem").and_then(Ref::id) {
            self.papers_of_item.entry(item).or_default().push(paper);
        }
    }

    fn add_membership(&mut self, membership: Object<'a>) {
        index(&mut self.memberships, membership);
        if let Some(person) = membership.reference("person").and_then(Ref::id) {
            self.memberships_of.entry(person).or_default().push(membership);
        }
    }

    /// The body a reference means.
    pub fn body(&self, reference: Ref<'a>) -> Option<Object<'a>> {
        find(&self.bodies, reference)
    }

    /// The organization a reference means.
    pub fn organization(&self, reference: Ref<'a>) -> Option<Object<'a>> {
        find(&self.organizations, reference)
    }

    /// The agenda item a reference means.
    pub fn item(&self, reference: Ref<'a>) -> Option<Object<'a>> {
        find(&self.items, reference)
    }

    /// The paper a reference means.
    pub fn paper(&self, reference: Ref<'a>) -> Option<Object<'a>> {
        // An embedded paper is often only a stub of the whole one.
        let whole = reference.id().and_then(|id| self.papers_by_id.get(id).copied());
        whole.or_else(|| find(&self.papers_by_id, reference))
    }

    /// All memberships of a person, embedded, referenced or given apart.
    pub fn memberships(&self, person: Object<'a>) -> Vec<Object<'a>> {
        let own = person.refs("membership").into_iter();
        let mut all: Vec<_> = own.filter_map(|r| find(&self.memberships, r)).collect();
        let apart = person.id().and_then(|id| self.memberships_of.get(id));
        for membership in apart.into_iter().flatten() {
            if !all.iter().any(|known| known.id() == membership.id()) {
                all.push(*membership);
            }
        }
        all
    }

    /// The papers treated under an item, by its own consultations and by those that name it.
    /// `Err` is a consultation of the item for which no paper is given.
    pub fn papers_of(&self, item: Object<'a>) -> Vec<Result<Object<'a>, String>> {
        let mut refs: Vec<Result<Ref<'a>, String>> = Vec::new();
        for consultation in item.refs("consultation") {
            let paper = match consultation {
                Ref::Embedded(object) => object.reference("paper"),
                Ref::Id(_) => None,
            };
            let id = consultation.id();
            let paper = paper.or_else(|| self.paper_of_consultation.get(id?).copied());
            refs.push(paper.ok_or_else(|| id.unwrap_or("ohne Kennung").to_owned()));
        }
        let naming = item.id().and_then(|id| self.papers_of_item.get(id));
        refs.extend(naming.into_iter().flatten().copied().map(Ok));
        let resolve = |reference: Ref<'a>| {
            let name = || reference.id().unwrap_or("ohne Kennung").to_owned();
            self.paper(reference).filter(|paper| !paper.deleted()).ok_or_else(name)
        };
        let mut found: Vec<Result<Object<'a>, String>> = Vec::new();
        for paper in refs.into_iter().map(|reference| reference.and_then(resolve)) {
            // An item and its consultation usually name each other.
            let known = match &paper {
                Ok(paper) => found.iter().flatten().any(|known| known.id() == paper.id()),
                Err(id) => found.iter().any(|known| known.as_ref().err() == Some(id)),
            };
            if !known {
                found.push(paper);
            }
        }
        found
    }
}

fn index<'a>(map: &mut HashMap<&'a str, Object<'a>>, object: Object<'a>) {
    if let Some(id) = object.id() {
        map.entry(id).or_insert(object);
    }
}

fn find<'a>(map: &HashMap<&'a str, Object<'a>>, reference: Ref<'a>) -> Option<Object<'a>> {
    match reference {
        Ref::Id(id) => map.get(id).copied(),
        Ref::Embedded(object) => Some(object),
    }
}

/// SD.NET leaves `type` out; these fields are each one kind's own.
fn guess(object: Object<'_>) -> Option<&'static str> {
    let signs = [
        ("agendaItem", "paper", "Consultation"),
        ("agendaItem", "agendaItem", "Meeting"),
        ("meetingState", "meetingState", "Meeting"),
        ("familyName", "familyName", "Person"),
        ("paperType", "paperType", "Paper"),
        ("reference", "reference", "Paper"),
        ("votingRight", "votingRight", "Membership"),
        ("organizationType", "organizationType", "Organization"),
        ("organization", "start", "Meeting"),
    ];
    signs.into_iter().find(|(a, b, _)| object.has(a) && object.has(b)).map(|(_, _, kind)| kind)
}
