//! A meeting with everything around it: written whole in one transaction, read back equal.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::identity::Identities;
use super::{Json, Parsed, Store};
use crate::domain::{
    AgendaItem, Body, Council, Error, Meeting, MeetingId, Membership, Organization, Paper, Person,
    Result,
};

/// What writing a meeting changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    Added,
    /// It was there and is different now.
    Updated,
    /// It was there and something that was shown may no longer be shown. It is gone from all texts of
    /// the archive; the caller sees to index and copies at once.
    Withdrawn,
    /// It was there, exactly so.
    Unchanged,
}

impl Store {
    /// A meeting with everything around it.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting.
    pub fn council(&self, id: &MeetingId) -> Result<Council> {
        self.read(|c| read(c, id))?.ok_or_else(|| {
            Error::not_found(format!("Es gibt keine Sitzung „{id}“"))
                .remedy("`mitschnitt doctor` nennt die vorhandenen")
        })
    }
}

pub(super) fn write(t: &Transaction, council: &Council) -> rusqlite::Result<()> {
    let Council { body, organizations, persons, papers, meeting } = council;
    let id = meeting.id.as_str();
    t.execute(
        "INSERT INTO body VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = ?2",
        [body.id.as_str(), &body.name],
    )?;
    write_meeting(t, meeting)?;
    for table in ["meeting_organization", "meeting_person", "meeting_paper", "agenda_item"] {
        t.execute(&format!("DELETE FROM {table} WHERE meeting = ?1"), [id])?;
    }
    for (position, organization) in organizations.iter().enumerate() {
        write_organization(t, organization)?;
        t.execute(
            "INSERT INTO meeting_organization VALUES (?1, ?2, ?3)",
            params![id, position, organization.id.as_str()],
        )?;
    }
    for (position, person) in persons.iter().enumerate() {
        write_person(t, person)?;
        t.execute(
            "INSERT INTO meeting_person VALUES (?1, ?2, ?3)",
            params![id, position, person.id.as_str()],
        )?;
    }
    for (position, paper) in papers.iter().enumerate() {
        write_paper(t, paper)?;
        t.execute(
            "INSERT INTO meeting_paper VALUES (?1, ?2, ?3)",
            params![id, position, paper.id.as_str()],
        )?;
    }
    meeting.agenda.iter().enumerate().try_for_each(|(p, item)| write_item(t, id, p, item))?;
    forget_unused(t)
}

/// Deletes what no meeting names any more: the title of a withdrawn paper must not stay behind.
pub(super) fn forget_unused(t: &Transaction) -> rusqlite::Result<()> {
    t.execute_batch(
        "DELETE FROM paper WHERE id NOT IN (SELECT paper FROM meeting_paper);
         DELETE FROM person WHERE id NOT IN (SELECT person FROM meeting_person);
         DELETE FROM organization WHERE id NOT IN (SELECT organization FROM meeting_organization);",
    )
}

fn write_meeting(t: &Transaction, meeting: &Meeting) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO meeting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET oparl_id = ?2, body = ?3, organizations = ?4,
           participants = ?5, name = ?6, starts = ?7, date = ?8, cancelled = ?9, synthetic = ?10",
        params![
            meeting.id.as_str(),
            meeting.oparl_id,
            meeting.body.as_str(),
            Json(&meeting.organizations),
            Json(&meeting.participants),
            meeting.name,
            meeting.start.map(|s| s.to_string()),
            meeting.date.map(|d| d.to_string()),
            meeting.cancelled,
            meeting.synthetic,
        ],
    )?;
    Ok(())
}

fn write_organization(t: &Transaction, o: &Organization) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO organization VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET name = ?2, short_name = ?3, classification = ?4",
        params![o.id.as_str(), o.name, o.short_name, o.classification],
    )?;
    Ok(())
}

fn write_person(t: &Transaction, p: &Person) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO person VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE
         SET name = ?2, family_name = ?3, given_name = ?4, form_of_address = ?5, titles = ?6",
        params![
            p.id.as_str(),
            p.name,
            p.family_name,
            p.given_name,
            p.form_of_address,
            Json(&p.titles)
        ],
    )?;
    t.execute("DELETE FROM membership WHERE person = ?1", [p.id.as_str()])?;
    for (position, m) in p.memberships.iter().enumerate() {
        t.execute(
            "INSERT INTO membership VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                p.id.as_str(),
                position,
                m.organization.as_ref().map(|o| o.as_str()),
                m.organization_name,
                m.role,
                m.is_party,
                m.start.map(|d| d.to_string()),
                m.end.map(|d| d.to_string()),
            ],
        )?;
    }
    Ok(())
}

fn write_paper(t: &Transaction, p: &Paper) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO paper VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE
         SET reference = ?2, name = ?3, paper_type = ?4,
             originator_persons = ?5, originator_organizations = ?6",
        params![
            p.id.as_str(),
            p.reference,
            p.name,
            p.paper_type,
            Json(&p.originator_persons),
            Json(&p.originator_organizations),
        ],
    )?;
    Ok(())
}

/// Keeps what the items are known again by, and what their source says of them.
pub(super) fn put_identities(
    t: &Transaction,
    id: &MeetingId,
    identities: &Identities,
) -> rusqlite::Result<()> {
    let mut put = t.prepare_cached(
        "UPDATE agenda_item SET source_id = ?3, title_hash = ?4, source_public = ?5
         WHERE meeting = ?1 AND id = ?2",
    )?;
    for (item, (identity, public)) in identities {
        put.execute(params![
            id.as_str(),
            item.as_str(),
            identity.source,
            identity.title.as_ref().map(|t| t.as_str()),
            public,
        ])?;
    }
    Ok(())
}

fn write_item(
    t: &Transaction,
    meeting: &str,
    position: usize,
    item: &AgendaItem,
) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO agenda_item (meeting, position, id, number, title, public, result)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            meeting,
            position,
            item.id.as_str(),
            item.number,
            item.title,
            item.public,
            item.result
        ],
    )?;
    for (rank, paper) in item.papers.iter().enumerate() {
        t.execute(
            "INSERT INTO agenda_item_paper VALUES (?1, ?2, ?3, ?4)",
            params![meeting, position, rank, paper.as_str()],
        )?;
    }
    Ok(())
}

pub(super) fn read(c: &Connection, id: &MeetingId) -> rusqlite::Result<Option<Council>> {
    let Some(mut meeting) = read_meeting(c, id)? else { return Ok(None) };
    meeting.agenda = read_agenda(c, id)?;
    let body =
        c.query_row("SELECT id, name FROM body WHERE id = ?1", [meeting.body.as_str()], |r| {
            Ok(Body { id: r.get::<_, Parsed<_>>(0)?.0, name: r.get(1)? })
        })?;
    Ok(Some(Council {
        body,
        organizations: read_organizations(c, id)?,
        persons: read_persons(c, id)?,
        papers: read_papers(c, id)?,
        meeting,
    }))
}

fn read_meeting(c: &Connection, id: &MeetingId) -> rusqlite::Result<Option<Meeting>> {
    c.query_row(
        "SELECT oparl_id, body, organizations, participants, name, starts, date, cancelled,
                synthetic FROM meeting WHERE id = ?1",
        [id.as_str()],
        |r| {
            Ok(Meeting {
                id: id.clone(),
                oparl_id: r.get(0)?,
                body: r.get::<_, Parsed<_>>(1)?.0,
                organizations: r.get::<_, Json<_>>(2)?.0,
                participants: r.get::<_, Json<_>>(3)?.0,
                name: r.get(4)?,
                start: r.get::<_, Option<Parsed<_>>>(5)?.map(|t| t.0),
                date: r.get::<_, Option<Parsed<_>>>(6)?.map(|t| t.0),
                cancelled: r.get(7)?,
                synthetic: r.get(8)?,
                agenda: Vec::new(),
            })
        },
    )
    .optional()
}

fn read_agenda(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<AgendaItem>> {
    let mut papers = c.prepare_cached(
        "SELECT paper FROM agenda_item_paper WHERE meeting = ?1 AND item = ?2 ORDER BY rank",
    )?;
    let mut items = c.prepare_cached(
        "SELECT position, id, number, title, public, result FROM agenda_item
         WHERE meeting = ?1 ORDER BY position",
    )?;
    items
        .query_map([id.as_str()], |r| {
            let order: u32 = r.get(0)?;
            Ok(AgendaItem {
                id: r.get::<_, Parsed<_>>(1)?.0,
                number: r.get(2)?,
                order,
                title: r.get(3)?,
                public: r.get(4)?,
                result: r.get(5)?,
                papers: papers
                    .query_map(params![id.as_str(), order], |p| Ok(p.get::<_, Parsed<_>>(0)?.0))?
                    .collect::<Result<_, _>>()?,
            })
        })?
        .collect()
}

fn read_organizations(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<Organization>> {
    c.prepare_cached(
        "SELECT o.id, o.name, o.short_name, o.classification
         FROM meeting_organization m JOIN organization o ON o.id = m.organization
         WHERE m.meeting = ?1 ORDER BY m.position",
    )?
    .query_map([id.as_str()], |r| {
        Ok(Organization {
            id: r.get::<_, Parsed<_>>(0)?.0,
            name: r.get(1)?,
            short_name: r.get(2)?,
            classification: r.get(3)?,
        })
    })?
    .collect()
}

fn read_persons(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<Person>> {
    let mut memberships = c.prepare_cached(
        "SELECT organization, organization_name, role, is_party, starts, ends
         FROM membership WHERE person = ?1 ORDER BY position",
    )?;
    c.prepare_cached(
        "SELECT p.id, p.name, p.family_name, p.given_name, p.form_of_address, p.titles
         FROM meeting_person m JOIN person p ON p.id = m.person
         WHERE m.meeting = ?1 ORDER BY m.position",
    )?
    .query_map([id.as_str()], |r| {
        let key: String = r.get(0)?;
        Ok(Person {
            id: r.get::<_, Parsed<_>>(0)?.0,
            name: r.get(1)?,
            family_name: r.get(2)?,
            given_name: r.get(3)?,
            form_of_address: r.get(4)?,
            titles: r.get::<_, Json<_>>(5)?.0,
            memberships: memberships
                .query_map([&key], read_membership)?
                .collect::<Result<_, _>>()?,
        })
    })?
    .collect()
}

fn read_membership(r: &rusqlite::Row) -> rusqlite::Result<Membership> {
    Ok(Membership {
        organization: r.get::<_, Option<Parsed<_>>>(0)?.map(|t| t.0),
        organization_name: r.get(1)?,
        role: r.get(2)?,
        is_party: r.get(3)?,
        start: r.get::<_, Option<Parsed<_>>>(4)?.map(|t| t.0),
        end: r.get::<_, Option<Parsed<_>>>(5)?.map(|t| t.0),
    })
}

fn read_papers(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<Paper>> {
    c.prepare_cached(
        "SELECT p.id, p.reference, p.name, p.paper_type, p.originator_persons,
                p.originator_organizations
         FROM meeting_paper m JOIN paper p ON p.id = m.paper
         WHERE m.meeting = ?1 ORDER BY m.position",
    )?
    .query_map([id.as_str()], |r| {
        Ok(Paper {
            id: r.get::<_, Parsed<_>>(0)?.0,
            reference: r.get(1)?,
            name: r.get(2)?,
            paper_type: r.get(3)?,
            originator_persons: r.get::<_, Json<_>>(4)?.0,
            originator_organizations: r.get::<_, Json<_>>(5)?.0,
        })
    })?
    .collect()
}
