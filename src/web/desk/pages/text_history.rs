//! `/arbeitsplatz/sitzungen/{id}/text/verlauf`: who changed what in a meeting's text and when, with a way back;
//! first what has no sure place in the text that was heard last.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::text_words::{UndoForm, take_back};
use super::{JustDone, go_on, page};
use crate::domain::{
    Anchor, AnchorWord, Error, Fact, MeetingId, ParagraphEdit, PlacedOverrule, Result, Revision,
    Role, TextChange, TextEdit,
};
use crate::edition::meeting_id;
use crate::store::Revised;
use crate::web::desk::editing::{EditedMeeting, of};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// Corrections on one page.
const PAGE: usize = 200;

#[derive(Template)]
#[template(path = "desk_text_history.html")]
struct HistoryPage {
    frame: DeskFrame,
    id: MeetingId,
    name: String,
    unplaced: Vec<UnplacedRow>,
    rows: Vec<RevisionRow>,
    overrules: Vec<OverruleRow>,
    /// How many corrections are older than those shown.
    older: usize,
    /// The number that the next page begins below.
    before: u32,
    done: &'static str,
}

/// A correction.
struct RevisionRow {
    number: u32,
    at: String,
    by: String,
    clock: String,
    /// Seconds on the meeting's clock, for the address.
    seconds: f64,
    was: String,
    now: String,
    state: &'static str,
    /// Whether it can be taken back.
    holds: bool,
}

/// A correction without a sure place.
struct UnplacedRow {
    row: RevisionRow,
    /// What stands where it perhaps belongs.
    there: Option<String>,
}

/// A speaker or an item that somebody fixed.
struct OverruleRow {
    number: u32,
    at: String,
    by: String,
    clock: String,
    what: String,
    is_sure: bool,
}

fn row(revision: &Revision, state: &'static str, holds: bool) -> RevisionRow {
    let anchor = &revision.edit.anchor;
    let start = anchor.span.start().plus_millis(anchor.offset_ms.millis());
    let before = anchor.before.last().map(|word| word.text.as_str()).unwrap_or_default();
    let (was, now) = match &revision.edit.change {
        TextChange::Words(words) if anchor.words.is_empty() => {
            (format!("{before} …"), format!("{before} {}", words.join(" ")))
        }
        TextChange::Words(words) if words.is_empty() => {
            (AnchorWord::joined(&anchor.words), "(gestrichen)".to_owned())
        }
        TextChange::Words(words) => (AnchorWord::joined(&anchor.words), words.join(" ")),
        TextChange::Break => (AnchorWord::joined(&anchor.after), "(neuer Absatz davor)".to_owned()),
        TextChange::NoBreak => {
            (AnchorWord::joined(&anchor.after), "(an den Absatz davor)".to_owned())
        }
    };
    RevisionRow {
        number: revision.number,
        at: texts::when(revision.made.at),
        by: revision.made.by.clone(),
        clock: start.clock(),
        seconds: start.as_secs_f64(),
        was,
        now,
        state,
        holds,
    }
}

fn overrule_row(placed: &PlacedOverrule, meeting: &EditedMeeting) -> OverruleRow {
    let PlacedOverrule { overrule, span, is_sure } = placed;
    let what = match &overrule.point.fact {
        Fact::Items(items) if items.is_empty() => "kein Tagesordnungspunkt".to_owned(),
        Fact::Items(items) => {
            let agenda = &meeting.council.meeting.agenda;
            let titles = items.iter().map(|id| {
                let item = agenda.iter().find(|item| item.id == *id);
                item.map_or("(nicht mehr auf der Tagesordnung)", |item| item.title.as_str())
            });
            titles.collect::<Vec<_>>().join(" und ")
        }
        Fact::Speaker { person, role } => {
            let person = person.as_ref().and_then(|id| meeting.council.person(id));
            match (person, role) {
                (Some(person), _) => person.name.clone(),
                (None, Role::Chair) => "Sitzungsleitung".to_owned(),
                (None, _) => "unbekannt".to_owned(),
            }
        }
    };
    OverruleRow {
        number: overrule.number,
        at: texts::when(overrule.made.at),
        by: overrule.made.by.clone(),
        clock: format!("{}–{}", span.start().clock(), span.end().clock()),
        what,
        is_sure: *is_sure,
    }
}

#[derive(Deserialize)]
pub struct HistoryQuery {
    #[serde(default)]
    vor: Option<u32>,
}

/// Shows it.
pub async fn show(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Path(id): Path<String>,
    Query(JustDone { fertig }): Query<JustDone>,
    Query(HistoryQuery { vor }): Query<HistoryQuery>,
) -> std::result::Result<Response, Failure> {
    let done = match fertig.as_str() {
        "zurueck" => "Die Korrektur ist zurückgenommen.",
        "eingesetzt" => "Die Korrektur ist an dieser Stelle eingesetzt.",
        _ => "",
    };
    let shown = blocking(move || -> Result<HistoryPage> {
        let id = meeting_id(&id)?;
        let meeting = EditedMeeting::load(&app, &id)?;
        let history = app.store.revisions(&id)?;
        let in_force: BTreeSet<u32> =
            Revision::in_force(&history).iter().map(|r| r.number).collect();
        let mut unplaced = Vec::new();
        for text in &meeting.texts.parts {
            for lost in &text.corrected.unplaced {
                let Some(revision) = history.iter().find(|r| r.number == lost.number) else {
                    continue;
                };
                let words = lost.perhaps.clone().and_then(|range| text.transcript.words.get(range));
                let there = words.map(|words| {
                    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
                });
                unplaced
                    .push(UnplacedRow { row: row(revision, "ohne sicheren Platz", true), there });
            }
        }
        let is_unplaced = |number: u32| unplaced.iter().any(|lost| lost.row.number == number);
        let shown = history.iter().rev().filter(|r| vor.is_none_or(|before| r.number < before));
        let rows: Vec<RevisionRow> = (shown.take(PAGE))
            .map(|revision| {
                let holds = in_force.contains(&revision.number);
                let state = match (holds, revision.taken_back.is_some()) {
                    (true, _) if is_unplaced(revision.number) => "ohne sicheren Platz",
                    (true, _) => "gilt",
                    (false, true) => "zurückgenommen",
                    (false, false) => "später geändert",
                };
                row(revision, state, holds)
            })
            .collect();
        let before = rows.last().map_or(0, |row| row.number);
        let placed = app.store.placed_overrules(&id)?;
        Ok(HistoryPage {
            name: meeting.council.meeting.name.clone(),
            older: history.iter().filter(|r| r.number < before).count(),
            overrules: placed.iter().rev().map(|placed| overrule_row(placed, &meeting)).collect(),
            unplaced,
            rows,
            before,
            done,
            frame,
            id,
        })
    })
    .await?;
    page(shown)
}

#[derive(Deserialize)]
pub struct HistoryForm {
    #[serde(flatten)]
    undo: UndoForm,
    /// Number of a correction that is to stand where it perhaps belongs.
    #[serde(default)]
    einsetzen: String,
}

/// Takes a correction back, or puts one where it perhaps belongs.
pub async fn act(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<HistoryForm>,
) -> std::result::Result<Response, Failure> {
    let done = match form.einsetzen.is_empty() {
        true => "zurueck",
        false => "eingesetzt",
    };
    let back = format!("/sitzungen/{id}/text/verlauf?fertig={done}");
    blocking(move || -> Result<()> {
        let id = meeting_id(&id)?;
        let Ok(number) = form.einsetzen.parse::<u32>() else {
            return take_back(&app, &id, &signed_in, &form.undo);
        };
        let meeting = EditedMeeting::load(&app, &id)?;
        let gone = || Error::not_found("Diese Korrektur hat schon einen Platz");
        let found = meeting.texts.parts.iter().find_map(|text| {
            let lost = text.corrected.unplaced.iter().find(|lost| lost.number == number)?;
            Some((text, lost.perhaps.clone()?))
        });
        let (text, place) = found.ok_or_else(gone)?;
        let history = app.store.revisions(&id)?;
        let revision = history.iter().find(|r| r.number == number).ok_or_else(gone)?;
        let of = of(text);
        let anchor = Anchor::of(of.sha256, of.offset, &text.transcript.words, place.clone())
            .ok_or_else(gone)?;
        let change = revision.edit.change.clone();
        let mut replaces = vec![number];
        if matches!(change, TextChange::Words(_)) {
            // What somebody put right there gives way: it says something of the same words.
            let placed = text.corrected.placed.iter().filter(|placed| placed.overlaps(&place));
            replaces.extend(placed.map(|placed| placed.number));
        }
        let edit = ParagraphEdit { edit: TextEdit { anchor, change }, replaces };
        let made = signed_in.signature();
        match app.store.add_revisions(&id, &[edit], &meeting.texts.seen, &made)? {
            Revised::Kept(_) => app.follower.text_changed(&id),
            Revised::Outdated => {
                return Err(Error::bad_input("Der Text hat sich gerade geändert")
                    .remedy("Laden Sie die Seite neu und versuchen Sie es noch einmal"));
            }
        }
        Ok(())
    })
    .await?;
    Ok(go_on(&back))
}
