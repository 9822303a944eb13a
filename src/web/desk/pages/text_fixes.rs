//! Who speaks and what is treated, fixed from a word of a meeting's text on.

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::text_words::ParagraphNameForm;
use crate::domain::{AgendaItemId, Error, Fact, FixedPoint, MediaTime, Result, Role, Span, Turn};
use crate::edition::meeting_id;
use crate::web::desk::editing::{EditedMeeting, Mismatch, ParagraphName, UNKNOWN, script};
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;

#[derive(Deserialize)]
pub struct FixForm {
    /// The paragraph.
    #[serde(flatten)]
    name: ParagraphNameForm,
    /// Start of the first word in milliseconds, on the recording's line; the paragraph's where it is not named.
    #[serde(default)]
    wort: String,
    /// Who speaks in the paragraph, as the page shows it.
    #[serde(default)]
    spricht: Option<String>,
    /// What is fixed: `absatz` and `folgende` a speaker, `vor` and `nach` a border of turns, `punkt` an item.
    art: String,
    /// Id of a person, `chair` or `unknown`; of an item, or nothing.
    #[serde(default)]
    wer: String,
}

#[derive(Serialize)]
struct FixAnswer {
    festlegung: u32,
}

/// Fixes who speaks, or what is treated, from a word on.
pub async fn fix(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<FixForm>,
) -> Response {
    script(move || {
        let (id, name) = (meeting_id(&id)?, form.name.read()?);
        let meeting = EditedMeeting::load(&app, &id)?;
        // What is fixed from here on is fixed by what the page shows.
        meeting.texts.find(&name)?;
        let point = point(&meeting, &name, &form)?;
        let number = app.store.add_overrule(&id, &point, &signed_in.signature())?;
        app.follower.fixed(&id)?;
        Ok(Json(FixAnswer { festlegung: number }).into_response())
    })
    .await
}

fn point(
    meeting: &EditedMeeting,
    name: &ParagraphName,
    form: &FixForm,
) -> std::result::Result<FixedPoint, Mismatch> {
    let text = meeting.texts.part(name.teil)?;
    let on_clock = |ms: u64| MediaTime::from_millis(ms).plus_millis(text.recording.offset.millis());
    let turns = &meeting.alignment.turns;
    let end = on_clock(text.transcript.media.duration_ms.millis());
    let at = on_clock(form.wort.parse().unwrap_or(name.ab)).min(end);
    // The paragraph's, also where its end is meant.
    let turn = meeting.alignment.turn_at(on_clock(name.ab));
    let speaks = |turn: Option<usize>| match turn {
        Some(turn) => meeting.speaker(&turns[turn]),
        None => UNKNOWN.to_owned(),
    };
    if form.spricht.as_ref().is_some_and(|told| *told != speaks(turn)) {
        return Err(Mismatch::Changed(name.war.clone()));
    }
    // Up to where the next one begins, so that no word is left between.
    let turn_end = |turn: Option<usize>| {
        let next =
            turn.map_or_else(|| turns.partition_point(|t| t.start_ms <= at), |turn| turn + 1);
        turns.get(next).map_or(end, |next| next.start_ms)
    };
    let of_turn = |turn: usize| -> Result<Fact> {
        let Turn { person, role, name, .. } = &turns[turn];
        match (person, role, name) {
            // Only the text knows them, and what is fixed by name must be somebody of the roster.
            (None, Role::Resident | Role::Unknown, Some(name)) => {
                let what = format!("Daneben spricht {name}, und das steht nur im Text selbst");
                Err(Error::bad_input(what).remedy(
                    "Die Grenze folgt seinen Worten: wo jemand sich vorstellt oder aufgerufen wird, beginnt die Rede",
                ))
            }
            _ => Ok(Fact::Speaker { person: person.clone(), role: *role }),
        }
    };
    let nobody =
        || Error::bad_input("Hier grenzt keine andere Rede an").remedy("Wählen Sie, wer spricht");
    let (from, to, fact) = match form.art.as_str() {
        "absatz" => {
            let to = name.bis.parse().map_or(end, on_clock);
            (at, to, speaker(meeting, &form.wer)?)
        }
        "folgende" => (at, turn_end(turn), speaker(meeting, &form.wer)?),
        "vor" => {
            let turn = turn.filter(|turn| *turn > 0).ok_or_else(nobody)?;
            (turns[turn].start_ms, at, of_turn(turn - 1)?)
        }
        "nach" => {
            let next =
                turn.map(|turn| turn + 1).filter(|next| *next < turns.len()).ok_or_else(nobody)?;
            (at, turns[next].start_ms, of_turn(next)?)
        }
        "punkt" => {
            let items = match form.wer.is_empty() {
                true => Vec::new(),
                false => vec![item(meeting, &form.wer)?],
            };
            (at, meeting.items_until(at).unwrap_or(end), Fact::Items(items))
        }
        _ => return Err(Error::bad_input("Das lässt sich nicht festlegen").into()),
    };
    let span = Span::new(from, to).filter(|span| span.millis() > 0);
    let span = span.ok_or_else(|| Error::bad_input("Dort steht kein Wort"))?;
    Ok(FixedPoint { span, fact })
}

fn speaker(meeting: &EditedMeeting, who: &str) -> Result<Fact> {
    let (person, role) = match who {
        "chair" => (None, Role::Chair),
        "unknown" => (None, Role::Unknown),
        id => {
            let known = meeting.council.persons.iter().find(|person| person.id.as_str() == id);
            let known =
                known.ok_or_else(|| Error::bad_input("Diese Person kennt die Sitzung nicht"))?;
            (Some(known.id.clone()), Role::Unknown)
        }
    };
    Ok(Fact::Speaker { person, role })
}

fn item(meeting: &EditedMeeting, id: &str) -> Result<AgendaItemId> {
    let agenda = &meeting.council.meeting.agenda;
    let known = agenda.iter().find(|item| item.public && item.id.as_str() == id);
    let unknown = || Error::bad_input("Diesen Tagesordnungspunkt hat die Sitzung nicht");
    known.map(|item| item.id.clone()).ok_or_else(unknown)
}
