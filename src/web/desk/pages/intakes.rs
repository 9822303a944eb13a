//! `/arbeitsplatz/aufnahmen`: what is coming in, and the ways for more to come.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::upload::intake_id;
use super::{JustDone, go_on, page};
use crate::domain::{Error, Intake, IntakeStage, Result};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_intakes.html")]
struct IntakesPage {
    frame: DeskFrame,
    intakes: Vec<(Intake, IntakeStage)>,
    folders: Vec<String>,
    watched: Option<String>,
    done: &'static str,
}

impl IntakesPage {
    fn when(&self, intake: &Intake) -> String {
        texts::when(intake.made.at)
    }

    fn size(&self, intake: &Intake) -> String {
        texts::size(intake.bytes)
    }

    fn stage(&self, intake: &Intake, stage: &IntakeStage) -> String {
        texts::stage(intake, stage)
    }
}

/// Lists them.
pub async fn list(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Query(JustDone { fertig }): Query<JustDone>,
) -> std::result::Result<Response, Failure> {
    let done = match fertig.as_str() {
        "verworfen" => frame.t.intake_discarded,
        _ => "",
    };
    let shown = blocking(move || -> Result<IntakesPage> {
        let intakes = app.intake.list()?;
        let (folders, watched) = (app.intake.folders(), app.intake.watched());
        Ok(IntakesPage { frame, intakes, folders, watched, done })
    });
    page(shown.await?)
}

#[derive(Deserialize)]
pub struct PathForm {
    pfad: String,
}

/// Takes a file of the server into the list.
pub async fn take_path(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Form(form): Form<PathForm>,
) -> std::result::Result<Response, Failure> {
    let taken = blocking(move || -> Result<Intake> {
        let path = form.pfad.trim();
        if path.is_empty() {
            return Err(Error::bad_input("Es fehlt der Pfad").remedy("Nennen Sie die ganze Datei"));
        }
        app.intake.take_path(path, &signed_in.signature())
    });
    Ok(go_on(&format!("/aufnahmen/{}", taken.await?.id)))
}

/// Discards one.
pub async fn discard(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
) -> std::result::Result<Response, Failure> {
    blocking(move || app.intake.discard(&intake_id(&id)?)).await?;
    Ok(go_on("/aufnahmen?fertig=verworfen"))
}
