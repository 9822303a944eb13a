//! Who an agenda item is: known again by the id at its source, by number and title, and kept under one id
//! in the archive for as long as that succeeds. Owns these ids; refuses to keep titles of hidden items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, Transaction, params};

use super::registering::{Registration, hide_restricted};
use super::restrictions::{self, title_key};
use super::{Parsed, outside_claims, overrules};
use crate::domain::{
    AgendaItem, AgendaItemId, Council, IncomingItem, ItemIdentity, MeetingId, Scope, SourceTitles,
    Speech, TitleHash, same_items,
};

/// An item of the archive, as it is known again.
pub(super) struct KnownItem {
    pub(super) identity: ItemIdentity,
    /// Whether it is on the agenda, and shown.
    pub(super) public: bool,
    /// Whether its source has it still.
    pub(super) on_agenda: bool,
}

/// The items that the archive knows of a meeting: those on its agenda, and restricted ones that are
/// there no more.
pub(super) fn known_items(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<KnownItem>> {
    let key = title_key(c)?;
    let mut known: Vec<KnownItem> = c
        .prepare_cached(
            "SELECT id, source_id, number, title, title_hash, public FROM agenda_item
             WHERE meeting = ?1 ORDER BY position",
        )?
        .query_map([id.as_str()], |r| {
            let (title, hash): (String, Option<Parsed<TitleHash>>) = (r.get(3)?, r.get(4)?);
            Ok(KnownItem {
                identity: ItemIdentity {
                    id: r.get::<_, Parsed<_>>(0)?.0,
                    source: r.get(1)?,
                    number: r.get(2)?,
                    title: hash.map(|h| h.0).or_else(|| TitleHash::of(&key, &title)),
                },
                public: r.get(5)?,
                on_agenda: true,
            })
        })?
        .collect::<Result<_, _>>()?;
    let restricted = restrictions::in_force(c, id)?.into_iter().filter_map(|r| match r.scope {
        Scope::Item(identity) => Some(identity),
        _ => None,
    });
    // What people said of an item is never said of another that came into its place.
    for identity in restricted.chain(overrules::identities(c, id)?) {
        match known.iter_mut().find(|k| k.identity.id == identity.id) {
            // The agenda may have lost what the item was known by.
            Some(known) => {
                known.identity.title = known.identity.title.take().or(identity.title);
                known.identity.source = known.identity.source.take().or(identity.source);
            }
            None => known.push(KnownItem { identity, public: false, on_agenda: false }),
        }
    }
    Ok(known)
}

/// What each item is known again by, and whether its source shows it.
pub(super) type Identities = BTreeMap<AgendaItemId, (ItemIdentity, bool)>;

/// The council with the ids that its items have in the archive.
pub(super) fn with_known_ids(
    t: &Transaction,
    new: &Registration<'_>,
) -> rusqlite::Result<(Council, Identities)> {
    let mut council = new.council.clone();
    let id = council.meeting.id.clone();
    let key = title_key(t)?;
    let known: Vec<ItemIdentity> = known_items(t, &id)?.into_iter().map(|k| k.identity).collect();
    let place = format!("{id}/");
    let identity = |item: &AgendaItem| ItemIdentity {
        id: item.id.clone(),
        source: Some(item.id.to_string()).filter(|id| !id.starts_with(&place)),
        number: item.number.clone(),
        title: new
            .titles
            .hash_of_hidden(&item.id, &key)
            .or_else(|| TitleHash::of(&key, &item.title)),
    };
    let incoming: Vec<IncomingItem> = (council.meeting.agenda.iter())
        .map(|item| IncomingItem {
            identity: identity(item),
            former_title: new.titles.former_hash(&item.id, &key),
        })
        .collect();
    let mut taken: BTreeSet<AgendaItemId> = known.iter().map(|k| k.id.clone()).collect();
    let mut identities = Identities::new();
    let same = same_items(&known, &incoming);
    for ((item, incoming), same) in council.meeting.agenda.iter_mut().zip(incoming).zip(same) {
        let identity = incoming.identity;
        let id = match same {
            Some(known_as) => known[known_as].id.clone(),
            None => free_id(&identity.id, &id, &taken),
        };
        taken.insert(id.clone());
        if let Some(title) = new.titles.of_hidden(&item.id) {
            outside_claims::remember_title(t, &council.meeting.id, &id, title)?;
        }
        identities.insert(id.clone(), (ItemIdentity { id: id.clone(), ..identity }, item.public));
        item.id = id;
    }
    Ok((council, identities))
}

/// The wanted id, or where another item has it, one from the first free place.
fn free_id(wanted: &AgendaItemId, id: &MeetingId, taken: &BTreeSet<AgendaItemId>) -> AgendaItemId {
    let places = (0u32..).filter_map(|n| AgendaItemId::new(format!("{id}/{n}")).ok());
    let mut free = std::iter::once(wanted.clone()).chain(places).filter(|id| !taken.contains(id));
    free.next().unwrap_or_else(|| wanted.clone())
}

/// A record of speeches with the ids that its items have in the archive.
pub(super) fn known_again(
    t: &Transaction,
    council: &Council,
    speeches: &[Speech],
    titles: &SourceTitles,
) -> rusqlite::Result<(Council, Vec<Speech>, Identities)> {
    let new = Registration { titles, ..Registration::of(council, &[]) };
    let (mut known, identities) = with_known_ids(t, &new)?;
    let ids: HashMap<&AgendaItemId, &AgendaItemId> = (council.meeting.agenda.iter())
        .zip(&known.meeting.agenda)
        .map(|(before, now)| (&before.id, &now.id))
        .collect();
    let with_id = |speech: &Speech| Speech {
        item: speech.item.as_ref().map(|item| ids.get(item).map_or(item, |id| *id).clone()),
        ..speech.clone()
    };
    let speeches = speeches.iter().map(with_id).collect();
    hide_restricted(t, &mut known)?;
    Ok((known, speeches, identities))
}

/// Keeps what an item is known again by before its title goes.
pub(super) fn remember_title(
    t: &Transaction,
    id: &MeetingId,
    position: i64,
) -> rusqlite::Result<()> {
    let key = title_key(t)?;
    let (item, title): (Parsed<AgendaItemId>, String) = t.query_row(
        "SELECT id, title FROM agenda_item WHERE meeting = ?1 AND position = ?2",
        params![id.as_str(), position],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    outside_claims::remember_title(t, id, &item.0, &title)?;
    if let Some(hash) = TitleHash::of(&key, &title) {
        t.execute(
            "UPDATE agenda_item SET title_hash = ?3 WHERE meeting = ?1 AND position = ?2",
            params![id.as_str(), position, hash.as_str()],
        )?;
    }
    Ok(())
}
