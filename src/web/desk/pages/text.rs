//! `/arbeitsplatz/sitzungen/{id}/text`: the editor of a meeting's text, speakers and items, with its sound, and who
//! works on which part of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::page;
use crate::domain::{AgendaItemId, Error, MeetingId, PersonId, Result};
use crate::edition::{Media, meeting_id};
use crate::web::desk::editing::{EditedMeeting, EditedPart, EditedSection, script};
use crate::web::desk::file;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;
use crate::web::shared::ranges::kind;

/// Speakers that have a key of their own.
const KEYS: usize = 9;

#[derive(Template)]
#[template(path = "desk_text.html")]
struct TextPage {
    frame: DeskFrame,
    id: MeetingId,
    name: String,
    sections: Vec<EditedSection>,
    /// Ids and names of those who may speak.
    speakers: Vec<(PersonId, String)>,
    /// Ids and titles of the items.
    items: Vec<(AgendaItemId, String)>,
    /// For each recording, whether it can be heard.
    sounds: Vec<bool>,
    /// Who works on which part.
    claims: BTreeMap<String, String>,
    /// How many corrections have no sure place.
    unplaced: usize,
    /// Minutes of work, where they are counted.
    minutes: Option<u32>,
}

impl TextPage {
    fn claim(&self, section: &EditedSection) -> Option<&str> {
        self.claims.get(&section.key).map(String::as_str)
    }

    fn is_own(&self, name: &str) -> bool {
        self.frame.signed_in.as_ref().is_some_and(|own| own.name().as_str() == name)
    }
}

/// Shows it.
pub async fn show(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Path(id): Path<String>,
) -> std::result::Result<Response, Failure> {
    let shown = blocking(move || -> Result<TextPage> {
        let id = meeting_id(&id)?;
        let meeting = EditedMeeting::load(&app, &id)?;
        let speakers = meeting.speakers().into_iter().map(|p| (p.id.clone(), p.name.clone()));
        let agenda = meeting.council.meeting.agenda.iter().filter(|item| item.public);
        let items = agenda.map(|item| {
            let number = item.number.as_deref().map(|n| format!("{n} ")).unwrap_or_default();
            (item.id.clone(), format!("{number}{}", item.title))
        });
        let sounds = meeting.texts.parts.iter();
        let sounds = sounds.map(|text| app.store.published(&id, &text.recording.sha256));
        let sounds: Result<Vec<bool>> = sounds.map(|file| Ok(file?.is_some())).collect();
        let claims = app.store.text_claims(&id)?.into_iter().map(|(item, by)| (item, by.by));
        let minutes = app.settings.counts_work.then(|| app.store.work_minutes(&id)).transpose()?;
        Ok(TextPage {
            name: meeting.council.meeting.name.clone(),
            sections: meeting.sections(),
            speakers: speakers.collect(),
            items: items.collect(),
            unplaced: meeting.texts.parts.iter().map(|text| text.corrected.unplaced.len()).sum(),
            claims: claims.collect(),
            sounds: sounds?,
            minutes,
            frame,
            id,
        })
    })
    .await?;
    page(shown)
}

/// A recording's sound and picture as the public will have them: what is not public, nobody hears here either.
pub async fn sound(
    State(app): State<DeskApp>,
    Path((id, part)): Path<(String, usize)>,
    headers: HeaderMap,
) -> std::result::Result<Response, Failure> {
    let found = blocking(move || -> Result<_> {
        let id = meeting_id(&id)?;
        let missing = || Error::not_found("Diese Aufnahme ist noch nicht zu hören");
        let mut recordings = app.store.recordings(&id)?;
        recordings.sort_by_key(|recording| recording.offset);
        let mut heard = Vec::new();
        for recording in recordings {
            if app.store.shown_transcript(&id, &recording.sha256)?.is_some() {
                heard.push(recording);
            }
        }
        let recording = heard.get(part).ok_or_else(missing)?;
        let published = app.store.published(&id, &recording.sha256)?.ok_or_else(missing)?;
        let Media::Served(file) = app.editions.media(&published.sha256)? else {
            return Err(missing());
        };
        let kind = kind(&file.path).map_err(|e| file::unreadable(&file.path, e))?;
        Ok((file, kind))
    });
    let (file, kind) = found.await?;
    file::give(&file.path, file.bytes, kind, &headers).await
}

#[derive(Deserialize)]
pub struct ClaimForm {
    #[serde(default)]
    punkt: String,
    /// Whether it is given free.
    #[serde(default)]
    frei: String,
}

/// Says that somebody works on a part, or does so no more.
pub async fn claim(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<ClaimForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        app.store.council(&id)?;
        let is_taken = form.frei.is_empty();
        app.store.claim_text(&id, &form.punkt, &signed_in.signature(), is_taken)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// Counts a minute of work on the meeting, where the settings ask for it.
pub async fn minute(State(app): State<DeskApp>, Path(id): Path<String>) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        app.store.council(&id)?;
        if app.settings.counts_work {
            app.store.add_work_minute(&id)?;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}
