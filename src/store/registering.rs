//! A meeting as its source has it, put in the place of what was there: items known again, what the
//! source withdraws noted as restrictions, what it may not show kept out. Owns when a source's word
//! ends; who an item is, `identity` says.

use std::sync::LazyLock;

use rusqlite::Transaction;

use super::held::{self, HoldReason};
use super::identity::{Identities, known_items, with_known_ids};
use super::outside_claims::{remember_papers, remember_title};
use super::restrictions::{self, NewRestriction};
use super::{
    Change, Store, councils, meeting_records, overrules, recordings, redacting, same_meeting,
};
use crate::domain::{
    AgendaItem, AgendaItemId, Alignment, Council, Covers, ItemIdentity, LONGEST_RECORDING,
    MeetingId, Origin, PublicSpans, Recording, Restriction, Result, Scope, Signature, SourceTitles,
    Span,
};

/// A meeting as a source has it.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    /// The meeting with everything around it.
    pub council: &'a Council,
    /// Titles by which its items are known again; they come no further than to their hashes.
    pub titles: &'a SourceTitles,
    /// Its recordings; `public` is what the source says of them.
    pub recordings: &'a [Recording],
    /// Whether the source says nothing of what is public of them.
    pub unsaid: bool,
    /// Whether a recording of another time came to those that are there.
    pub added: bool,
    /// What kind of source it is.
    pub origin: Origin,
}

impl<'a> Registration<'a> {
    /// Of a source that says of each recording what is public of it, and has no titles to hide.
    pub fn of(council: &'a Council, recordings: &'a [Recording]) -> Self {
        static NONE: LazyLock<SourceTitles> = LazyLock::new(SourceTitles::default);
        let origin = Origin::Council;
        Self { council, titles: &NONE, recordings, unsaid: false, added: false, origin }
    }
}

/// What registering a meeting did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// What it changed.
    pub change: Change,
    /// What its operator must know.
    pub notices: Vec<Notice>,
}

/// Something that registering did not do of itself, or did beyond what the source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The source withdrew an item that had been published.
    ItemWithdrawn(Restriction),
    /// An item that had been published is not on the agenda any more; its place is hidden.
    ItemVanished(Restriction),
    /// The source withdrew stretches of time that had been published.
    SpanWithdrawn(Restriction),
    /// The source shows again what was withdrawn; it stays hidden until a person releases it.
    StillHidden(Restriction),
    /// The source hides an item of which no text told where it is treated: nothing is shown until a
    /// person says where.
    ItemUnplaced(Restriction),
    /// An item that is restricted is not on the agenda any more; what is restricted stays so.
    ItemUnknown(Restriction),
    /// The source shows an item that the meeting's record from elsewhere calls not public; it is hidden until a person
    /// releases it.
    CalledNotPublic(Restriction),
    /// Nothing is shown until a person says that no restricted item is treated in the added recording.
    RecordingAdded,
    /// Nothing is shown until the source says what is public.
    PublicUnsaid,
    /// Other meetings have the same recording, or the same id at their source: they are not shown.
    SameMeeting(Vec<MeetingId>),
    /// The same recording lies elsewhere on the clock: restrictions moved with it.
    Moved,
}

impl Store {
    /// Writes a meeting with everything around it and its recordings in place of what was there.
    /// What its source no longer shows is gone from every text when this returns.
    ///
    /// # Errors
    /// `Archive` where it cannot be written; nothing has changed then.
    pub fn register(&self, new: &Registration<'_>) -> Result<Registered> {
        let registered =
            self.write_reserved(|t| register(t, new, &|path| self.stored_path(path)))?;
        self.tell_ledger()?;
        Ok(registered)
    }
}

fn register(
    t: &Transaction,
    new: &Registration<'_>,
    stored_path: &dyn Fn(&std::path::Path) -> std::path::PathBuf,
) -> rusqlite::Result<Registered> {
    let id = &new.council.meeting.id;
    let before = councils::read(t, id)?;
    overrules::anchor_all(t, id)?;
    let recordings_before = recordings::of_meeting(t, id)?;
    let grandfathered = new.unsaid && was_unsaid(t, id, new.recordings)?;
    let known: Vec<u32> = restrictions::in_force(t, id)?.iter().map(|r| r.number).collect();
    let mut notices = Vec::new();
    let same = same_meeting::find(t, new)?;
    for other in &same {
        same_meeting::take_restrictions_of(t, &other.meeting, new)?;
    }
    let same: Vec<MeetingId> =
        same.into_iter().filter(|other| !other.removed).map(|other| other.meeting).collect();
    if move_restrictions(t, id, &recordings_before, new.recordings)? {
        notices.push(Notice::Moved);
    }
    let (mut council, identities) = with_known_ids(t, new)?;
    for known in before.iter().flat_map(|b| &b.meeting.agenda).filter(|item| item.public) {
        if identities.get(&known.id).is_some_and(|(_, public)| !public) {
            let papers = before.iter().flat_map(|b| b.papers_of(known));
            remember_papers(t, id, &known.id, papers.filter_map(|p| p.reference.as_deref()))?;
        }
    }
    notices.extend(items_withdrawn(t, new.origin, before.as_ref(), &council, &identities)?);
    notices.extend(spans_withdrawn(t, new, &recordings_before)?);
    let called = meeting_records::hidden_of(t, &council)?;
    notices.extend(source_shows_again(t, new, &council, &called)?);
    let called = called_not_public(t, id, &called, &identities)?;
    let is_placed = called.iter().all(|restriction| !restriction.spans.is_empty());
    let new_ones = called.into_iter().filter(|r| !known.contains(&r.number));
    notices.extend(new_ones.map(Notice::CalledNotPublic));
    hide_restricted(t, &mut council)?;
    councils::write(t, &council)?;
    councils::put_identities(t, id, &identities)?;
    let lost = recordings::put(t, id, new.recordings, new.unsaid, stored_path)?;
    // By words that lie where the recordings lie now.
    for restriction in restrictions::in_force(t, id)?.iter().filter(|r| !known.contains(&r.number))
    {
        restrictions::widen(t, id, restriction.number)?;
    }
    let hides = !is_placed || identities.values().any(|(_, public)| !public);
    let unsaid = new.unsaid && hides && !new.recordings.is_empty() && !grandfathered;
    held::put(t, id, HoldReason::PublicUnsaid, unsaid.then_some(""))?;
    if unsaid {
        notices.push(Notice::PublicUnsaid);
    }
    let in_force = restrictions::in_force(t, id)?;
    let on_agenda = |r: &Restriction| identities.keys().any(|item| r.is_of(item));
    let unknown = in_force.iter().filter(|r| r.is_of_an_item() && !on_agenda(r));
    // Those that left it just now are told already.
    let told = notices.iter().any(|n| matches!(n, Notice::ItemVanished(_)));
    notices.extend(unknown.filter(|_| !told).cloned().map(Notice::ItemUnknown));
    if new.added && in_force.iter().any(|r| r.is_of_an_item()) {
        held::put(t, id, HoldReason::RecordingAdded, Some(""))?;
        restrictions::note_purges(t, id)?;
        notices.push(Notice::RecordingAdded);
    }
    for other in &same {
        held::put(t, other, HoldReason::SameMeeting, Some(id.as_str()))?;
        restrictions::note_purges(t, other)?;
    }
    if !same.is_empty() {
        notices.push(Notice::SameMeeting(same.clone()));
    }
    super::meetings::note_return(t, id)?;
    let narrowed = redacting::apply(t, id)?;
    if lost || unsaid {
        restrictions::note_purges(t, id)?;
    }
    let after = (councils::read(t, id)?, recordings::of_meeting(t, id)?);
    let change = match before {
        None => Change::Added,
        Some(_) if narrowed || lost => Change::Withdrawn,
        before if before == after.0 && recordings_before == after.1 => Change::Unchanged,
        Some(_) => Change::Updated,
    };
    Ok(Registered { change, notices })
}

/// Where the same recording lies elsewhere on the clock now, what is restricted of it moves with it.
fn move_restrictions(
    t: &Transaction,
    id: &MeetingId,
    before: &[Recording],
    now: &[Recording],
) -> rusqlite::Result<bool> {
    let mut moved = false;
    let shifts: Vec<(Span, i64)> = before
        .iter()
        .filter_map(|old| {
            let new = now.iter().find(|r| r.sha256 == old.sha256)?;
            let by = new.offset.millis() as i64 - old.offset.millis() as i64;
            let next = before.iter().map(|r| r.offset).filter(|o| *o > old.offset).min();
            let end = next.unwrap_or(LONGEST_RECORDING.plus_millis(old.offset.millis()));
            Some((Span::new(old.offset, end)?, by))
        })
        .collect();
    if shifts.iter().all(|(_, by)| *by == 0) {
        return Ok(false);
    }
    super::alignments::rewrite(t, id, |alignment| alignment.moved(&shifts))?;
    super::places::shift(t, id, &shifts)?;
    for new in now {
        // What lies by words of a recording lies where the recording lies now.
        t.execute(
            "UPDATE recording SET offset_ms = ?3 WHERE meeting = ?1 AND sha256 = ?2",
            rusqlite::params![id.as_str(), new.sha256.as_str(), new.offset.millis()],
        )?;
    }
    for restriction in restrictions::in_force(t, id)? {
        let mut spans: Vec<Span> = Vec::new();
        let mut left = PublicSpans::only(restriction.spans.clone());
        for (range, by) in &shifts {
            for part in restriction.spans.iter().filter_map(|s| s.intersect(*range)) {
                spans.extend(shifted(part, *by));
            }
            left = left.without(&[*range]);
        }
        spans.extend(left.within(LONGEST_RECORDING));
        if spans != restriction.spans {
            restrictions::place(t, id, restriction.number, &spans)?;
            moved = true;
        }
    }
    Ok(moved)
}

/// A span moved by so many milliseconds; none where nothing of it is left.
pub(super) fn shifted(span: Span, by: i64) -> Option<Span> {
    Span::new(span.start().moved(by), span.end().moved(by)).filter(|s| s.millis() > 0)
}

/// Notes restrictions for the items that their source hides now, and for those that it shows no more.
fn items_withdrawn(
    t: &Transaction,
    origin: Origin,
    before: Option<&Council>,
    now: &Council,
    identities: &Identities,
) -> rusqlite::Result<Vec<Notice>> {
    let id = &now.meeting.id;
    let all = restrictions::of_meeting(t, id)?;
    let in_force: Vec<Restriction> = all.iter().filter(|r| r.holds()).cloned().collect();
    let treated = restrictions::treated(t, id)?;
    let places = |item: &AgendaItemId| places(item, &in_force, &treated);
    let by_source = |r: &&Restriction| r.origin != Origin::Clerk;
    let noted = |item: &AgendaItemId| in_force.iter().filter(by_source).any(|r| r.is_of(item));
    let was_public = |item: &AgendaItemId| {
        let agenda = before.map(|b| b.meeting.agenda.as_slice()).unwrap_or_default();
        agenda.iter().any(|i| i.id == *item && i.public)
    };
    let speeches = super::speeches::of_meeting(t, id)?;
    let note = |identity: &ItemIdentity, why: &str, spans: &[Span]| {
        // What a person released while its source went on hiding it, that source alone hides.
        let released = all.iter().any(|r| r.withdrew && !r.holds() && r.is_of(&identity.id));
        let shown =
            was_public(&identity.id) || !released && super::places::was_shown(t, id, &identity.id)?;
        let spoken = speeches.iter().any(|speech| speech.item.as_ref() == Some(&identity.id));
        let published = !spans.is_empty() && shown || spoken;
        let scope = Scope::Item(identity.clone());
        set_by_source(t, id, origin, scope, why, spans, published)
    };
    let mut notices = Vec::new();
    for (item, (identity, public)) in identities {
        let spans = places(item);
        // One that was never shown and has no place yet is hidden by its source alone.
        if *public || noted(item) || spans.is_empty() && !was_public(item) {
            continue;
        }
        let set = note(identity, "nicht mehr öffentlich", &spans)?;
        if set.withdrew {
            notices.push(Notice::ItemWithdrawn(set));
        } else if set.unplaced && was_published(t, id)? {
            notices.push(Notice::ItemUnplaced(set));
        }
    }
    for known in known_items(t, id)?.iter().filter(|k| k.on_agenda && k.public) {
        let spans = places(&known.identity.id);
        if identities.contains_key(&known.identity.id) || spans.is_empty() {
            continue;
        }
        let why = "nicht mehr auf der Tagesordnung";
        notices.push(Notice::ItemVanished(note(&known.identity, why, &spans)?));
    }
    Ok(notices)
}

/// Where an item is treated, as far as restrictions of it in force and the alignment tell.
fn places(
    item: &AgendaItemId,
    in_force: &[Restriction],
    treated: &[(AgendaItemId, Span)],
) -> Vec<Span> {
    let by_restriction = in_force.iter().filter(|r| r.is_of(item)).flat_map(|r| &r.spans);
    let aligned = treated.iter().filter(|(treated, _)| treated == item).map(|(_, s)| s);
    PublicSpans::only(aligned.chain(by_restriction).copied().collect()).within(LONGEST_RECORDING)
}

fn set_by_source(
    t: &Transaction,
    id: &MeetingId,
    origin: Origin,
    scope: Scope,
    why: &str,
    spans: &[Span],
    withdrew: bool,
) -> rusqlite::Result<Restriction> {
    let by = match origin {
        Origin::Manifest => "meeting.toml",
        _ => "Ratsinformation",
    };
    let made = Signature { by: by.to_owned(), at: jiff::Timestamp::now() };
    let (covers, why) = (Covers::Everything, why.to_owned());
    let new = NewRestriction { scope, covers, origin, why, withdrew, made, unplaced: false };
    let number = restrictions::set(t, id, &new, spans)?;
    let set = restrictions::of_meeting(t, id)?.into_iter().find(|r| r.number == number);
    set.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Notes a restriction for the stretches that were published and that their source withdraws now,
/// where it still has a recording of that time.
fn spans_withdrawn(
    t: &Transaction,
    new: &Registration<'_>,
    before: &[Recording],
) -> rusqlite::Result<Option<Notice>> {
    let id = &new.council.meeting.id;
    if new.unsaid || !was_published(t, id)? {
        return Ok(None);
    }
    let on_clock = |all: &[Recording]| -> Vec<Span> {
        all.iter().flat_map(|r| r.public.on_meeting_clock(r.offset)).collect()
    };
    // On the clock as it is now: what was public of a recording that has moved is meant there.
    let was: Vec<Recording> = before
        .iter()
        .map(|b| {
            let now = new.recordings.iter().find(|r| r.sha256 == b.sha256);
            Recording { offset: now.map_or(b.offset, |r| r.offset), ..b.clone() }
        })
        .collect();
    let still_there: Vec<Recording> = new
        .recordings
        .iter()
        .map(|r| Recording { public: PublicSpans::WHOLE, ..r.clone() })
        .collect();
    let lost = PublicSpans::only(on_clock(&was)).without(&on_clock(new.recordings));
    let mut lost = lost.intersection(&PublicSpans::only(on_clock(&still_there)));
    if let Some(end) = published_end(t, id)? {
        lost = PublicSpans::only(lost.within(end));
    }
    let spans: Vec<Span> =
        lost.within(LONGEST_RECORDING).into_iter().filter(|s| s.millis() > 0).collect();
    if spans.is_empty() {
        return Ok(None);
    }
    let why = "nicht mehr in den öffentlichen Teilen";
    let set = set_by_source(t, id, new.origin, Scope::Span, why, &spans, true)?;
    Ok(Some(Notice::SpanWithdrawn(set)))
}

/// Whether anything of a meeting's recordings was published.
fn was_published(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    t.query_row(
        "SELECT EXISTS (SELECT 1 FROM transcript WHERE meeting = ?1)
             OR EXISTS (SELECT 1 FROM published WHERE meeting = ?1)",
        [id.as_str()],
        |r| r.get(0),
    )
}

/// Where on the clock the last of the recordings that were heard ends.
fn published_end(
    t: &Transaction,
    id: &MeetingId,
) -> rusqlite::Result<Option<crate::domain::MediaTime>> {
    let end: Option<u64> = t.query_row(
        "SELECT max(r.offset_ms + json_extract(t.content, '$.media.duration_ms'))
         FROM transcript t JOIN recording r ON r.meeting = t.meeting AND r.sha256 = t.recording
         WHERE t.meeting = ?1",
        [id.as_str()],
        |r| r.get(0),
    )?;
    // The sound may go on a little behind what the headers promise.
    Ok(end.map(|ms| crate::domain::MediaTime::from_millis(ms + 60_000)))
}

/// The restrictions of the items that the meeting's record calls not public though its source shows them; set where
/// there are none, since a record may go and what it said must not. What a person has released stays released.
fn called_not_public(
    t: &Transaction,
    id: &MeetingId,
    called: &[AgendaItem],
    identities: &Identities,
) -> rusqlite::Result<Vec<Restriction>> {
    let (all, treated) = (restrictions::of_meeting(t, id)?, restrictions::treated(t, id)?);
    let in_force: Vec<Restriction> = all.iter().filter(|r| r.holds()).cloned().collect();
    let mut restricted = Vec::new();
    for AgendaItem { id: item, .. } in called {
        // What sources alone hid comes back by their word.
        let lasts = |r: &Restriction| r.withdrew || r.origin == Origin::Clerk;
        if all.iter().any(|r| r.is_of(item) && lasts(r)) {
            restricted.extend(in_force.iter().filter(|r| r.is_of(item)).cloned());
            continue;
        }
        let Some((identity, _)) = identities.get(item) else { continue };
        let (scope, spans) = (Scope::Item(identity.clone()), places(item, &in_force, &treated));
        let why = "nach übernommener Tagesordnung nichtöffentlich";
        restricted.push(set_by_source(t, id, Origin::Council, scope, why, &spans, true)?);
    }
    Ok(restricted)
}

/// Releases what a source had hidden and shows again, but for what had been published: that only a
/// person releases, and for what another record still calls not public.
fn source_shows_again(
    t: &Transaction,
    new: &Registration<'_>,
    now: &Council,
    called: &[AgendaItem],
) -> rusqlite::Result<Vec<Notice>> {
    let id = &now.meeting.id;
    let mut notices = Vec::new();
    let open: Vec<Span> =
        new.recordings.iter().flat_map(|r| r.public.on_meeting_clock(r.offset)).collect();
    let open = PublicSpans::only(open);
    for restriction in restrictions::in_force(t, id)? {
        if restriction.origin == Origin::Clerk {
            continue;
        }
        let shown = match &restriction.scope {
            Scope::Item(item) => {
                now.meeting.agenda.iter().any(|i| i.id == item.id && i.public)
                    && !called.iter().any(|called| called.id == item.id)
            }
            Scope::Span => !new.unsaid && restriction.spans.iter().any(|s| open.covers(*s)),
            Scope::Meeting | Scope::Speech(_) => false,
        };
        match (shown, restriction.withdrew) {
            (false, _) => {}
            (true, true) => notices.push(Notice::StillHidden(restriction)),
            (true, false) => {
                let by = Signature { by: restriction.made.by, at: jiff::Timestamp::now() };
                restrictions::release(t, id, restriction.number, &by)?;
            }
        }
    }
    Ok(notices)
}

/// Takes titles, papers and results from restricted items.
pub(super) fn hide_restricted(t: &Transaction, council: &mut Council) -> rusqlite::Result<()> {
    let in_force = restrictions::in_force(t, &council.meeting.id)?;
    let all = in_force.iter().any(|r| r.scope == Scope::Meeting);
    let mut hidden = false;
    for item in &mut council.meeting.agenda {
        if item.public && (all || in_force.iter().any(|r| r.is_of(&item.id))) {
            let papers = council.papers.iter().filter(|paper| item.papers.contains(&paper.id));
            let references = papers.filter_map(|paper| paper.reference.as_deref());
            remember_papers(t, &council.meeting.id, &item.id, references)?;
            remember_title(t, &council.meeting.id, &item.id, &item.title)?;
            (item.public, item.result) = (false, None);
            item.title.clear();
            item.papers.clear();
            hidden = true;
        }
    }
    if hidden {
        let agenda = &council.meeting.agenda;
        council.papers.retain(|paper| agenda.iter().any(|item| item.papers.contains(&paper.id)));
    }
    Ok(())
}

/// Restricts the places in which an alignment finds items that are not public and that have none yet.
pub(super) fn place_hidden(
    t: &Transaction,
    id: &MeetingId,
    alignment: &Alignment,
) -> rusqlite::Result<Vec<Restriction>> {
    let in_force = restrictions::in_force(t, id)?;
    let mut placed = Vec::new();
    for known in known_items(t, id)?.into_iter().filter(|k| k.on_agenda && !k.public) {
        let item = &known.identity.id;
        let found = alignment.items.iter().filter(|i| i.id == *item).flat_map(|i| &i.spans);
        let spans: Vec<Span> = found.copied().collect();
        let of_item: Vec<&Restriction> = in_force.iter().filter(|r| r.is_of(item)).collect();
        if spans.is_empty() || of_item.iter().any(|r| !r.spans.is_empty()) {
            continue;
        }
        match of_item.first() {
            Some(restriction) => {
                restrictions::place(t, id, restriction.number, &spans)?;
                placed.push(Restriction { spans, ..(*restriction).clone() });
            }
            None => {
                let scope = Scope::Item(known.identity.clone());
                let why = "nichtöffentlicher Tagesordnungspunkt";
                placed.push(set_by_source(t, id, Origin::Council, scope, why, &spans, false)?);
            }
        }
    }
    Ok(placed)
}

/// Whether the archive has these recordings from a time when nobody had to say what is public.
fn was_unsaid(t: &Transaction, id: &MeetingId, recordings: &[Recording]) -> rusqlite::Result<bool> {
    let mut known = t.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM recording WHERE meeting = ?1 AND sha256 = ?2 AND unsaid
           AND NOT EXISTS (SELECT 1 FROM held WHERE meeting = ?1 AND reason = 'public_unsaid'))
         AND EXISTS (SELECT 1 FROM agenda_item WHERE meeting = ?1 AND NOT source_public)",
    )?;
    let mut all = !recordings.is_empty();
    for recording in recordings {
        let unsaid: bool =
            known.query_row([id.as_str(), recording.sha256.as_str()], |r| r.get(0))?;
        all &= unsaid;
    }
    Ok(all)
}
