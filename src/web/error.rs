//! Failures as answers: a page for people, `application/problem+json` (RFC 9457) for programs.
//! Owns status codes and the log line of a failure; refuses to show inner workings to the public.

use std::any::Any;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{self, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::App;
use super::frame::Frame;
use super::texts::Texts;
use crate::domain::{Error, ErrorKind};

/// A domain error on its way to the reader; [`explain`] gives it words.
#[derive(Debug)]
pub struct Failure(Arc<Error>);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Error::failed("Eine Seite lässt sich nicht aufbauen").because(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            ErrorKind::BadInput => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Withdrawn => StatusCode::GONE,
            ErrorKind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::Archive | ErrorKind::Rebuilding => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// There is no page at this address.
pub async fn no_such_page() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// A handler panicked: the visitor gets a page, the others notice nothing.
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Gives every failed answer its words, in the form and language asked for, and logs it once.
pub async fn explain(
    extract::State(_): extract::State<App>,
    frame: Frame,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return response;
    }
    let error = response.extensions().get::<Arc<Error>>().cloned();
    if status.is_server_error() {
        let error = error.as_deref().map_or_else(|| status.to_string(), Error::to_string);
        tracing::error!(path, status = status.as_u16(), error, "request failed");
    }
    let detail = detail(status, error.as_deref(), frame.t);
    let mut answer = if path.starts_with("/api/") {
        problem(status, frame.t, detail)
    } else {
        page(status, frame, detail)
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("10"));
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    answer
}

/// What the reader is told. Failures of ours name files and machines, so those stay in the log.
fn detail(status: StatusCode, error: Option<&Error>, t: &Texts) -> String {
    match error {
        _ if status == StatusCode::GONE => t.error_gone.to_owned(),
        Some(error) if status.is_client_error() => error.what().to_owned(),
        _ if status == StatusCode::NOT_FOUND => t.error_not_found.to_owned(),
        Some(error) if error.kind() == ErrorKind::Rebuilding => t.error_rebuilding.to_owned(),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => t.error_busy.to_owned(),
        _ if status.is_server_error() => t.error_ours.to_owned(),
        _ => t.error_request.to_owned(),
    }
}

fn title(status: StatusCode, t: &Texts) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => t.error_not_found_title,
        StatusCode::GONE => t.error_gone_title,
        _ if status.is_client_error() => t.error_request_title,
        _ => t.error_ours_title,
    }
}

/// RFC 9457.
#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
}

fn problem(status: StatusCode, t: &Texts, detail: String) -> Response {
    let problem =
        Problem { r#type: "about:blank", title: title(status, t), status: status.as_u16(), detail };
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    detail: String,
}

fn page(status: StatusCode, frame: Frame, detail: String) -> Response {
    let title = title(status, frame.t);
    match (ErrorPage { frame, title, detail }).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, title).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Archive;
    use super::super::texts::Lang;
    use super::*;

    #[tokio::test]
    async fn people_get_a_page_with_a_search_box_and_programs_a_problem() {
        let archive = Archive::new();
        for path in ["/gibt/es/nicht", "/sitzung/keine", "/sitzung/..%2f..%2fetc", "/medien/kurz"] {
            let answer = archive.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.text().contains(r#"name="q""#), "no search box on {path}");
        }
        for path in ["/api/v1/meetings/keine", "/api/v1/quatsch"] {
            let answer = archive.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
            assert_eq!(problem["status"], 404);
        }
    }

    #[test]
    fn inner_workings_are_not_shown() {
        let secret = Error::archive("Das Archiv /srv/geheim/archive.sqlite ist beschädigt");
        let told = detail(StatusCode::SERVICE_UNAVAILABLE, Some(&secret), Lang::De.texts());
        assert!(!told.contains("geheim"), "{told}");
    }
}
