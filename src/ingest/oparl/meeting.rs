//! One OParl meeting with its agenda, roster and papers. Refuses to let anything of a hidden item
//! through but its place in the agenda.

use std::collections::HashSet;

use super::json::{Object, Ref};
use super::organization::Organizations;
use super::pool::Pool;
use super::{Scope, Setting, paper, person};
use crate::domain::{
    AgendaItem, AgendaItemId, Body, BodyId, Council, Digest, Error, Meeting, MeetingId,
    Organization, OrganizationId, Paper, PaperId, PersonId, Result,
};
use crate::ingest::quirk::Quirks;
use crate::ingest::{slug, when};

/// Everything around one meeting.
///
/// # Errors
/// `BadInput` where the meeting is a tombstone or cannot be named.
pub fn council<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    setting: &Setting<'_>,
    quirks: &mut Quirks,
) -> Result<Council> {
    let place = object.id().unwrap_or("Sitzung ohne Kennung").to_owned();
    if object.deleted() {
        return Err(Error::bad_input(format!(
            "{place}: Die Sitzung ist als gelöscht gekennzeichnet"
        ))
        .remedy("Löschen Sie sie auch im Archiv, falls sie dort steht"));
    }
    let mut organizations = Organizations::default();
    let hosts = hosts(object, pool, setting, &mut organizations, quirks);
    let body = body(object, pool, setting, quirks)?;
    let everyone = concerned(object, pool, &hosts, setting.scope);
    let persons = person::roster(&everyone, pool, &mut organizations, quirks);
    let start = object.text("start");
    let moment = start.as_deref().and_then(when::moment);
    match (&start, moment) {
        (Some(text), None) => {
            quirks.note(&place, format!("Der Beginn „{text}“ ist kein Zeitpunkt"))
        }
        (Some(text), Some(m)) if m.instant.is_none() => {
            quirks.note(
                &place,
                format!("Der Beginn „{text}“ nennt keine Zeitzone; es gilt nur der Tag"),
            );
        }
        _ => {}
    }
    let name = object.text("name").unwrap_or_else(|| {
        quirks.note(&place, "Die Sitzung hat keinen Namen");
        "Sitzung".to_owned()
    });
    let id = match &setting.id {
        Some(id) => id.clone(),
        None => meeting_id(object, &name, moment.map(|m| m.date))?,
    };
    let (agenda, papers) = agenda(object, &id, pool, setting, &mut organizations, quirks);
    let roster: HashSet<&PersonId> = persons.iter().map(|person| &person.id).collect();
    let (participants, strangers): (Vec<_>, Vec<_>) = object
        .refs("participant")
        .into_iter()
        .filter_map(|participant| PersonId::new(participant.id()?).ok())
        .partition(|id| roster.contains(id));
    let first = strangers.first().map(PersonId::as_str);
    quirks.count(&place, strangers.len(), "Teilnehmende ohne Eintrag in der Personenliste", first);
    let cancelled = object.is_true("cancelled")
        || object.text("meetingState").is_some_and(|s| s.to_lowercase().contains("abgesagt"));
    let meeting = Meeting {
        id,
        oparl_id: object.id().map(str::to_owned),
        body: body.id.clone(),
        organizations: hosts,
        name,
        start: moment.and_then(|m| m.instant),
        date: moment.map(|m| m.date),
        cancelled,
        synthetic: false,
        participants,
        agenda,
    };
    Ok(Council { body, organizations: organizations.0, persons, papers, meeting })
}

/// The organizations that meet; each of them has an entry, so that nothing points nowhere.
fn hosts<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    setting: &Setting<'_>,
    organizations: &mut Organizations,
    quirks: &mut Quirks,
) -> Vec<OrganizationId> {
    let references = object.refs("organization");
    let mut hosts = Vec::new();
    for reference in &references {
        let Some(named) = organizations.named(*reference, pool) else { continue };
        if named.name.is_none() {
            let only = setting.organization.filter(|_| references.len() == 1);
            if only.is_none() {
                let text = "Der Name des Gremiums ist nicht angegeben";
                quirks.note(named.id.as_str(), text);
            }
            organizations.keep(Organization {
                id: named.id.clone(),
                name: only.unwrap_or("Unbekanntes Gremium").to_owned(),
                short_name: None,
                classification: None,
            });
        }
        if !hosts.contains(&named.id) {
            hosts.push(named.id);
        }
    }
    if let Some(named) = setting.organization.filter(|_| hosts.is_empty()) {
        hosts.extend(organizations.named(Ref::Id(named), pool).map(|named| named.id));
    }
    hosts
}

/// Whose meeting it is: as set, else as the source says, else the server it came from.
fn body<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    setting: &Setting<'_>,
    quirks: &mut Quirks,
) -> Result<Body> {
    let of_host = || {
        let mut hosts = object.refs("organization").into_iter();
        hosts.find_map(|host| pool.organization(host)?.reference("body"))
    };
    let reference = object.reference("body").or_else(of_host);
    let known = reference.and_then(|reference| pool.body(reference));
    let server = object.id().and_then(|id| Some(id.split_once("://")?.1.split('/').next()?));
    let name =
        setting.body.map(str::to_owned).or_else(|| known?.text("name")).unwrap_or_else(|| {
            let name = server.unwrap_or("Unbekannte Körperschaft").to_owned();
            quirks.note(
                object.id().unwrap_or(&name),
                format!(
                    "Der Name der Körperschaft ist nicht angegeben; eingetragen wurde „{name}“"
                ),
            );
            name
        });
    let id = reference.and_then(Ref::id).unwrap_or(&name);
    let id = BodyId::new(id).map_err(|e| {
        Error::bad_input("Die Körperschaft der Sitzung ist nicht lesbar")
            .because(e)
            .remedy("Prüfen Sie das Feld „body“")
    })?;
    Ok(Body { id, name })
}

/// Everybody given, or of a whole server only the hosts' members and those who took part.
fn concerned<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    hosts: &[OrganizationId],
    scope: Scope,
) -> Vec<Object<'a>> {
    let participants = object.refs("participant");
    let embedded = participants.iter().filter_map(|reference| match reference {
        Ref::Embedded(person) if person.has("name") => Some(*person),
        _ => None,
    });
    let took_part: HashSet<&str> = participants.iter().filter_map(|r| r.id()).collect();
    let belongs = |person: &&Object<'a>| {
        let member = |membership: &Object<'a>| {
            let of = membership.reference("organization").and_then(Ref::id);
            of.is_some_and(|id| hosts.iter().any(|host| host.as_str() == id))
        };
        scope == Scope::Own
            || person.id().is_some_and(|id| took_part.contains(id))
            || pool.memberships(**person).iter().any(member)
    };
    let mut all: Vec<Object<'a>> = pool.persons.iter().filter(belongs).copied().collect();
    let known: HashSet<Option<&str>> = all.iter().map(|person| person.id()).collect();
    all.extend(embedded.filter(|person| !known.contains(&person.id())).collect::<Vec<_>>());
    all
}

/// The agenda in the order of its array, and the papers that may be known.
fn agenda<'a>(
    object: Object<'a>,
    meeting: &MeetingId,
    pool: &Pool<'a>,
    setting: &Setting<'_>,
    organizations: &mut Organizations,
    quirks: &mut Quirks,
) -> (Vec<AgendaItem>, Vec<Paper>) {
    let mut reader = Agenda {
        meeting,
        ids: HashSet::new(),
        papers: Vec::new(),
        hidden: HashSet::new(),
        counts: Counts::default(),
    };
    let mut items = Vec::new();
    for reference in object.refs("agendaItem") {
        let Some(item) = pool.item(reference) else {
            reader.counts.missing.push(reference.id().unwrap_or_default().to_owned());
            continue;
        };
        if item.deleted() {
            reader.counts.deleted += 1;
            continue;
        }
        items.push(reader.item(item, items.len() as u32, pool, organizations));
    }
    if setting.scope == Scope::Own {
        for object in pool.papers.iter().filter(|paper| !paper.deleted()) {
            reader.keep(*object, pool, organizations);
        }
    }
    let shown: HashSet<&PaperId> =
        items.iter().flat_map(|item: &AgendaItem| &item.papers).collect();
    let Agenda { mut papers, hidden, counts, .. } = reader;
    // A paper of a hidden item is as hidden as the item, unless a public one has it too.
    papers.retain(|paper| shown.contains(&paper.id) || !hidden.contains(&paper.id));
    counts.tell(meeting.as_str(), object, quirks);
    (items, papers)
}

/// What is gathered while the agenda is read.
struct Agenda<'m> {
    meeting: &'m MeetingId,
    ids: HashSet<AgendaItemId>,
    papers: Vec<Paper>,
    hidden: HashSet<PaperId>,
    counts: Counts,
}

impl Agenda<'_> {
    fn item<'a>(
        &mut self,
        object: Object<'a>,
        order: u32,
        pool: &Pool<'a>,
        organizations: &mut Organizations,
    ) -> AgendaItem {
        let public = object.is_true("public");
        let mut papers = Vec::new();
        for found in pool.papers_of(object) {
            match found.map(|paper| self.keep(paper, pool, organizations)) {
                Ok(Some(id)) if !papers.contains(&id) => papers.push(id),
                Ok(_) => {}
                Err(_) if !public => {}
                Err(id) => self.counts.paperless.push(id),
            }
        }
        self.counts.silent += usize::from(!object.has("public"));
        self.counts.timed += usize::from(object.text("start").or(object.text("end")).is_some());
        let id = self.id(object, order);
        let number = object.text("number");
        if !public {
            self.hidden.extend(papers);
            let (title, papers, result) = (String::new(), Vec::new(), None);
            return AgendaItem { id, number, order, title, public, papers, result };
        }
        let title = object.text("name").unwrap_or_else(|| {
            self.counts.untitled += 1;
            String::new()
        });
        AgendaItem { id, number, order, title, public, papers, result: object.text("result") }
    }

    /// The item's own id, or one from its place where that is missing or taken.
    fn id(&mut self, object: Object<'_>, order: u32) -> AgendaItemId {
        let own = object.id().and_then(|id| AgendaItemId::new(id).ok());
        let own = own.filter(|id| !self.ids.contains(id));
        let id = own.unwrap_or_else(|| {
            self.counts.renamed += 1;
            place_id(self.meeting, order)
        });
        self.ids.insert(id.clone());
        id
    }

    fn keep<'a>(
        &mut self,
        object: Object<'a>,
        pool: &Pool<'a>,
        organizations: &mut Organizations,
    ) -> Option<PaperId> {
        let paper = paper::paper(object, pool, organizations)?;
        let id = paper.id.clone();
        if !self.papers.iter().any(|known| known.id == id) {
            self.papers.push(paper);
        }
        Some(id)
    }
}

/// The id of an item that has none of its own.
pub fn place_id(meeting: &MeetingId, order: u32) -> AgendaItemId {
    AgendaItemId::new(format!("{meeting}/{order}"))
        .expect("a slug, a slash and a number are visible text of bounded length")
}

/// Oddities of an agenda, counted rather than listed one by one.
#[derive(Default)]
struct Counts {
    silent: usize,
    untitled: usize,
    renamed: usize,
    deleted: usize,
    timed: usize,
    missing: Vec<String>,
    paperless: Vec<String>,
}

impl Counts {
    fn tell(&self, place: &str, meeting: Object<'_>, quirks: &mut Quirks) {
        let mut count = |times, what, first: Option<&String>| {
            quirks.count(place, times, what, first.map(String::as_str));
        };
        count(
            self.silent,
            "Tagesordnungspunkte ohne Angabe „public“ gelten als nichtöffentlich",
            None,
        );
        count(self.untitled, "öffentliche Tagesordnungspunkte ohne Titel", None);
        count(self.renamed, "Tagesordnungspunkte mit fehlender oder doppelter Kennung", None);
        count(self.deleted, "gelöschte Tagesordnungspunkte wurden übergangen", None);
        count(
            self.timed,
            "Tagesordnungspunkte nennen Uhrzeiten; sie werden nicht übernommen",
            None,
        );
        let what = "Tagesordnungspunkte sind nur als Adresse angegeben und fehlen";
        count(self.missing.len(), what, self.missing.first());
        let what = "Beratungen ohne beigelegte Vorlage";
        count(self.paperless.len(), what, self.paperless.first());
        if meeting.list("agendaItem").is_empty() {
            quirks.note(place, "Die Sitzung hat keine Tagesordnung");
        }
    }
}

/// A readable id that stays the same whatever else is given: of the meeting's own fields only.
fn meeting_id(
    object: Object<'_>,
    name: &str,
    date: Option<jiff::civil::Date>,
) -> Result<MeetingId> {
    let date = date.map(|date| date.to_string()).unwrap_or_default();
    let key = object.id().map_or_else(|| format!("{name}\n{date}"), str::to_owned);
    let digest = Digest::of(key.as_bytes());
    let readable = slug::slug(name.split('(').next().unwrap_or(name), 48);
    let parts = [readable.as_str(), date.as_str(), &digest.as_str()[..8]];
    let id: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    MeetingId::new(id.join("-")).map_err(|e| {
        Error::bad_input(format!("{name}: Die Sitzung lässt sich nicht benennen"))
            .because(e)
            .remedy("Geben Sie ihr in einer meeting.toml eine Kennung („id“)")
    })
}
