//! What the editor's script is answered: what it asked for, or why not.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::Mismatch;
use crate::domain::Result;
use crate::web::desk::errors::AsItIs;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// What a script is told that could not be done.
#[derive(Serialize)]
struct Refused {
    /// What, and what helps.
    fehler: String,
    /// The words that stand there now, where somebody else has changed them.
    jetzt: Option<String>,
}

fn refused(mismatch: Mismatch) -> Response {
    let (status, refused) = match mismatch {
        Mismatch::Changed(now) => {
            let fehler = "Diesen Absatz hat inzwischen jemand anders geändert".to_owned();
            (StatusCode::CONFLICT, Refused { fehler, jetzt: Some(now) })
        }
        Mismatch::Refused(error) => {
            let fehler = match error.advice() {
                Some(advice) => format!("{}. {advice}", error.what()),
                None => error.what().to_owned(),
            };
            let status = Failure::from(error).into_response().status();
            (status, Refused { fehler, jetzt: None })
        }
    };
    let mut response = (status, Json(refused)).into_response();
    response.extensions_mut().insert(AsItIs);
    response
}

/// Does work for a script; what fails is told in its words.
pub async fn script<F>(work: F) -> Response
where
    F: FnOnce() -> std::result::Result<Response, Mismatch> + Send + 'static,
{
    let done = blocking(move || -> Result<Response> { Ok(work().unwrap_or_else(refused)) }).await;
    done.unwrap_or_else(|failure| failure.into_response())
}
