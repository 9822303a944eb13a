//! Councils as OParl names them: bodies, organizations, persons, meetings, agenda items, papers.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{AgendaItemId, BodyId, InvalidId, MeetingId, OrganizationId, PaperId, PersonId};

/// A municipality or county.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its id.
    pub id: BodyId,
    /// "Landkreis Musterland".
    pub name: String,
}

/// A council, committee, parliamentary group or party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// "Kreistag", "Fraktion SPD".
    pub name: String,
    /// A shorter name, where there is one.
    pub short_name: Option<String>,
    /// OParl's `classification` or `organizationType` ("Fraktion", "Gremium"), as given.
    pub classification: Option<String>,
}

/// A named human.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// The whole name as printed: "Dr. Anna Muster-Beispiel".
    pub name: String,
    /// "Muster-Beispiel".
    pub family_name: Option<String>,
    /// "Anna".
    pub given_name: Option<String>,
    /// "Frau", "Herr".
    pub form_of_address: Option<String>,
    /// "Dr.", "Prof.".
    pub titles: Vec<String>,
    /// What they belong to, and as what.
    pub memberships: Vec<Membership>,
}

/// A person's place in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organization's id as given, where it was given.
    pub organization: Option<OrganizationId>,
    /// The organization's name, where it is known.
    pub organization_name: Option<String>,
    /// "Vorsitzende", "Mitglied", "Landrat", "Einwohner" …, as given.
    pub role: Option<String>,
    /// Whether the organization is a party or parliamentary group.
    pub is_party: bool,
    /// First day of the membership.
    pub start: Option<Date>,
    /// Last day of the membership.
    pub end: Option<Date>,
}

impl Membership {
    /// Whether the membership holds on `day`; open ends hold.
    pub fn holds_on(&self, day: Date) -> bool {
        self.start.is_none_or(|s| s <= day) && self.end.is_none_or(|e| day <= e)
    }
}

impl Person {
    /// The parliamentary group or party on `day`, by name.
    pub fn party_on(&self, day: Option<Date>) -> Option<&str> {
        self.memberships
            .iter()
            .filter(|m| m.is_party && day.is_none_or(|d| m.holds_on(d)))
            .find_map(|m| m.organization_name.as_deref())
    }

    /// How the person is called in German: "Frau Muster", "Herr Dr. Beispiel", or the whole name.
    pub fn spoken_name(&self) -> String {
        match (&self.form_of_address, &self.family_name) {
            (Some(form), Some(family)) => {
                let titles: String = self.titles.iter().map(|t| format!("{t} ")).collect();
                format!("{form} {titles}{family}")
            }
            _ => self.name.clone(),
        }
    }
}

/// A *Sitzung*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Our stable id.
    pub id: MeetingId,
    /// The OParl id, where it came from OParl.
    pub oparl_id: Option<String>,
    /// Whose meeting it is.
    pub body: BodyId,
    /// The organization that meets; joint meetings have several.
    pub organizations: Vec<OrganizationId>,
    /// "12. Sitzung des Kreistages".
    pub name: String,
    /// When it starts, where that is known.
    pub start: Option<Timestamp>,
    /// The day it starts on, in the body's own time zone.
    pub date: Option<Date>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// Whether the meeting is invented (demonstration data) and must be marked so wherever shown.
    pub synthetic: bool,
    /// Who was there, where the source says so.
    pub participants: Vec<PersonId>,
    /// The agenda in its order.
    pub agenda: Vec<AgendaItem>,
}

/// A TOP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaItem {
    /// Its id.
    pub id: AgendaItemId,
    /// Free text: "5", "Ö 5.1", "N 3", or nothing.
    pub number: Option<String>,
    /// Position in the agenda, from 0, by array position.
    pub order: u32,
    /// The title.
    pub title: String,
    /// Whether it is public. A source that does not say so means hidden.
    pub public: bool,
    /// The papers treated under it.
    pub papers: Vec<PaperId>,
    /// The result as the source states it.
    pub result: Option<String>,
}

/// A *Vorlage*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Its id.
    pub id: PaperId,
    /// "MV-0029/21"; not unique.
    pub reference: Option<String>,
    /// The title.
    pub name: String,
    /// "Beschlussvorlage", "Antrag" …
    pub paper_type: Option<String>,
    /// Persons who brought it in.
    pub originator_persons: Vec<PersonId>,
    /// Organizations that brought it in.
    pub originator_organizations: Vec<OrganizationId>,
}

/// A paper's treatment under an agenda item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// OParl id.
    pub id: Option<String>,
    /// The paper.
    pub paper: PaperId,
    /// The item, where it is known.
    pub agenda_item: Option<AgendaItemId>,
}

/// One meeting with everything that is known around it: what `ingest` gives and `align` needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Council {
    /// The body.
    pub body: Body,
    /// The organizations named by meeting, persons and papers.
    pub organizations: Vec<Organization>,
    /// The roster.
    pub persons: Vec<Person>,
    /// The papers.
    pub papers: Vec<Paper>,
    /// The meeting with its agenda.
    pub meeting: Meeting,
}

/// The name of a meeting that no source names.
pub fn made_up_name(organization: Option<&str>, date: Date) -> String {
    format!("{} am {}", organization.unwrap_or("Sitzung"), date.strftime("%d.%m.%Y"))
}

impl Council {
    /// A meeting of which nothing is known but who met when, by names alone.
    ///
    /// # Errors
    /// Where a name cannot be an id.
    pub fn by_names(
        meeting: &MeetingId,
        body: &str,
        organization: Option<&str>,
        date: Date,
    ) -> Result<Self, InvalidId> {
        let organization = match organization {
            Some(name) => Some(Organization {
                id: OrganizationId::new(name)?,
                name: name.to_owned(),
                short_name: None,
                classification: None,
            }),
            None => None,
        };
        let meeting = Meeting {
            id: meeting.clone(),
            oparl_id: None,
            body: BodyId::new(body)?,
            organizations: organization.iter().map(|o| o.id.clone()).collect(),
            name: made_up_name(organization.as_ref().map(|o| o.name.as_str()), date),
            start: None,
            date: Some(date),
            cancelled: false,
            synthetic: false,
            participants: Vec::new(),
            agenda: Vec::new(),
        };
        Ok(Self {
            body: Body { id: meeting.body.clone(), name: body.to_owned() },
            organizations: organization.into_iter().collect(),
            persons: Vec::new(),
            papers: Vec::new(),
            meeting,
        })
    }

    /// The person with this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.persons.iter().find(|p| p.id == *id)
    }

    /// Whether this person is named as presiding over the meeting: "Vorsitz", "Vorsitzende",
    /// "Kreistagsvorsitzender" do, deputies and leaders of parliamentary groups do not.
    pub fn presides(&self, person: &Person) -> bool {
        let here = &self.meeting.organizations;
        person.memberships.iter().any(|m| {
            let here = m.organization.as_ref().is_none_or(|o| here.is_empty() || here.contains(o));
            let role = m.role.as_deref().unwrap_or_default().to_lowercase();
            let other = role.contains("stellv") || role.contains("fraktion");
            here && !m.is_party && role.contains("vorsitz") && !other
        })
    }

    /// The paper with this id.
    pub fn paper(&self, id: &PaperId) -> Option<&Paper> {
        self.papers.iter().find(|p| p.id == *id)
    }

    /// The papers of an item that are known, in its order.
    pub fn papers_of<'a, 'i>(
        &'a self,
        item: &'i AgendaItem,
    ) -> impl Iterator<Item = &'a Paper> + use<'a, 'i> {
        item.papers.iter().filter_map(|id| self.paper(id))
    }

    /// The name of the organization that meets, where it is known; of several, the first.
    pub fn organization_name(&self) -> &str {
        let ids = &self.meeting.organizations;
        let known = ids.iter().find_map(|id| self.organizations.iter().find(|o| o.id == *id));
        known.map_or("", |o| &o.name)
    }

    /// The first paper reference of an item ("MV-0029/21").
    pub fn reference(&self, item: &AgendaItem) -> Option<&str> {
        self.papers_of(item).find_map(|paper| paper.reference.as_deref())
    }
}
