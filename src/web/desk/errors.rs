//! Refusals and failures as pages of the desk. Owns their words; who reads them works here, so that errors
//! speak as they do to operators, but for those that are ours.

use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use tower_http::csrf::ProtectionError;

use super::frame::DeskFrame;
use super::guard::SignedIn;
use super::state::DeskApp;
use super::texts::T;
use crate::web::shared::error::{Failure, log_failure};

/// Why somebody is not let through.
#[derive(Clone, Copy, Debug)]
pub enum Denial {
    /// Nobody is signed in any more, and something was to be changed.
    NotSignedIn,
    /// The role has not this right.
    NotAllowed,
    /// The form is of another sign-in, or of another site.
    ForeignForm,
    /// Too many tries.
    TooSoon(Duration),
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::TooSoon(_) => StatusCode::TOO_MANY_REQUESTS,
        };
        let mut response = status.into_response();
        if let Self::TooSoon(wait) = self {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks an answer to a script that stands as it is, also where it is of a failure.
#[derive(Clone, Copy)]
pub struct AsItIs;

#[derive(Template)]
#[template(path = "desk_error.html")]
struct DeskErrorPage {
    frame: DeskFrame,
    title: &'static str,
    detail: String,
}

/// Gives every answer that failed its page, and logs what is our fault. A page that a handler gave stands.
pub async fn explain(State(app): State<DeskApp>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let extensions = response.extensions_mut();
    let failure = extensions.remove::<Failure>();
    log_failure(status, failure.as_ref());
    if extensions.get::<AsItIs>().is_some() {
        return response;
    }
    let refusal = match extensions.remove::<ProtectionError>() {
        Some(_) => Some(Denial::ForeignForm),
        None => extensions.remove::<Denial>(),
    };
    let frame = DeskFrame::new(&app, path, extensions.remove::<SignedIn>());
    let (title, detail) = words(status, refusal, failure.as_ref());
    let page = match (DeskErrorPage { frame, title, detail }).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, title).into_response(),
    };
    let (mut parts, body) = page.into_parts();
    for name in [header::ALLOW, header::RETRY_AFTER, header::SET_COOKIE] {
        if let Some(value) = response.headers().get(&name) {
            parts.headers.insert(name, value.clone());
        }
    }
    Response::from_parts(parts, body)
}

fn words(
    status: StatusCode,
    refusal: Option<Denial>,
    failure: Option<&Failure>,
) -> (&'static str, String) {
    let told = |text: &str| failure.map_or_else(|| text.to_owned(), |f| f.error().to_string());
    match (refusal, status) {
        (Some(Denial::NotSignedIn), _) => (T.signed_out_title, T.signed_out.to_owned()),
        (Some(Denial::NotAllowed), _) => (T.not_allowed_title, T.not_allowed.to_owned()),
        (Some(Denial::ForeignForm), _) => (T.foreign_form_title, T.foreign_form.to_owned()),
        (Some(Denial::TooSoon(wait)), _) => {
            (T.too_soon_title, format!("{} {}", T.too_soon, super::texts::duration(wait)))
        }
        (None, StatusCode::NOT_FOUND) => (T.not_found_title, told(T.not_found)),
        (None, status) if status.is_client_error() => (T.bad_request_title, told(T.bad_request)),
        (None, StatusCode::INSUFFICIENT_STORAGE) => (T.no_room_title, told(T.no_room)),
        (None, StatusCode::SERVICE_UNAVAILABLE) => (T.busy_title, told(T.busy)),
        // The log says what it was.
        (None, _) => (T.failed_title, T.failed.to_owned()),
    }
}
