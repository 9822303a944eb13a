//! One OParl meeting with everything around it. Refuses references that point nowhere.

use std::collections::HashSet;

use super::json::{Object, Ref};
use super::organization::{self, Organizations};
use super::pool::Pool;
use super::{OrganizationScope, Setting, agenda, person};
use crate::domain::{
    Body, BodyId, Council, Digest, Error, Meeting, MeetingId, Organization, OrganizationId, Person,
    PersonId, Result, SourceTitles,
};
use crate::ingest::quirk::Quirks;
use crate::ingest::{readable, slug, when};

/// A meeting as OParl has it.
#[derive(Debug)]
pub struct OparlMeeting {
    /// The meeting with everything around it.
    pub council: Council,
    /// The titles by which its items are known again.
    pub titles: SourceTitles,
    /// The id that earlier versions of this program made, where nobody chose one.
    pub made_formerly: Option<MeetingId>,
}

/// Everything around one meeting.
///
/// # Errors
/// `BadInput` where the meeting is a tombstone or cannot be named.
pub fn council<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    setting: &Setting<'_>,
    quirks: &mut Quirks,
) -> Result<OparlMeeting> {
    let place = object.id().unwrap_or("Sitzung ohne Kennung").to_owned();
    if object.deleted() {
        return Err(Error::bad_input(format!(
            "{place}: Die Sitzung ist als gelöscht gekennzeichnet"
        ))
        .remedy("`mitschnitt remove SITZUNG` entfernt sie aus dem Archiv, falls sie dort steht"));
    }
    let mut organizations = Organizations::default();
    let hosts = hosts(object, pool, setting, &mut organizations, quirks);
    let body = body(object, pool, setting, quirks)?;
    let everyone = concerned(object, pool, &hosts, setting.scope);
    let persons = person::roster(&everyone, pool, &mut organizations, quirks);
    let moment = start(object, &place, quirks);
    let name = object.text("name").unwrap_or_else(|| {
        quirks.note(&place, "Die Sitzung hat keinen Namen");
        "Sitzung".to_owned()
    });
    let (id, made_formerly) = match &setting.id {
        Some(id) => (id.clone(), None),
        None => {
            let former_name =
                object.raw("name").map_or_else(|| name.clone(), readable::former_line);
            let formerly = meeting_id(object, &former_name, moment.map(|m| m.written));
            let id = meeting_id(object, &name, moment.map(|m| m.date))?;
            (id.clone(), Some(formerly.unwrap_or(id)))
        }
    };
    let (agenda, papers, titles) =
        agenda::agenda(object, &id, pool, setting.scope, &mut organizations, quirks);
    let participants = participants(object, &persons, &place, quirks);
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
    let organizations = organizations.0;
    let council = Council { body, organizations, persons, papers, meeting };
    Ok(OparlMeeting { council, titles, made_formerly })
}

/// When the meeting starts, as far as that can be read.
fn start(object: Object<'_>, place: &str, quirks: &mut Quirks) -> Option<when::Moment> {
    let text = object.text("start")?;
    let moment = when::moment(&text);
    match moment {
        None => quirks.note(place, format!("Der Beginn „{text}“ ist kein Zeitpunkt")),
        Some(when::Moment { instant: None, .. }) => {
            let text = format!("Der Beginn „{text}“ nennt keine Zeitzone; es gilt nur der Tag");
            quirks.note(place, text);
        }
        Some(_) => {}
    }
    moment
}

/// Those who took part and are on the roster.
fn participants(
    object: Object<'_>,
    roster: &[Person],
    place: &str,
    quirks: &mut Quirks,
) -> Vec<PersonId> {
    let roster: HashSet<&PersonId> = roster.iter().map(|person| &person.id).collect();
    let named = object.refs("participant").into_iter().filter_map(Ref::id);
    let (known, strangers): (Vec<_>, Vec<_>) =
        named.filter_map(|id| PersonId::new(id).ok()).partition(|id| roster.contains(id));
    let first = strangers.first().map(PersonId::as_str);
    quirks.count(place, strangers.len(), "Teilnehmende ohne Eintrag in der Personenliste", first);
    known
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
    let server = object.id().and_then(|id| id.split_once("://")?.1.split('/').next());
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
    scope: OrganizationScope,
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
            let of = of.map(organization::id_of);
            of.is_some_and(|id| hosts.iter().any(|host| host.as_str() == id))
        };
        scope == OrganizationScope::Own
            || person.id().is_some_and(|id| took_part.contains(id))
            || pool.memberships(**person).iter().any(member)
    };
    let mut all: Vec<Object<'a>> = pool.persons.iter().filter(belongs).copied().collect();
    let known: HashSet<Option<&str>> = all.iter().map(|person| person.id()).collect();
    all.extend(embedded.filter(|person| !known.contains(&person.id())).collect::<Vec<_>>());
    all
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
