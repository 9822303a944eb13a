//! The public pages as they will be once everything is released, at the desk's own address and for those who
//! work on meetings. Owns who may see them.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::errors::Denial;
use super::guard::who;
use super::pages::with_return;
use super::state::DeskApp;
use crate::domain::Right;
use crate::web::shared::headers;

/// Lets a request through to the public pages, or answers it.
pub async fn guard(State(app): State<DeskApp>, request: Request, next: Next) -> Response {
    let response = match who(&app, request.headers()).await {
        Ok(Some(signed_in)) if signed_in.present.account.role.may(Right::EditMeetings) => {
            next.run(request).await
        }
        Ok(Some(_)) => Denial::NotAllowed.into_response(),
        Ok(None) => Redirect::to(&with_return("/anmelden", request.uri())).into_response(),
        Err(failure) => failure.into_response(),
    };
    headers::keep_to_yourself(response).await
}
