//! Failures as answers: a page for people, `application/problem+json` (RFC 9457) for programs.
//! Owns status codes and the log line of a failure; refuses to show inner workings to the public:
//! the sentences of errors are for operators, those for visitors stand in `texts`.

use std::any::Any;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{self, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use crate::domain::{Error, ErrorKind};
use crate::web::shared::App;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;

/// An error on its way to the visitor; [`explain`] gives it words.
#[derive(Clone, Debug)]
pub struct Failure {
    error: Arc<Error>,
    missing: Missing,
}

/// What is not there, or cannot be given, where that is what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Any page.
    Page,
    /// The meeting.
    Meeting,
    /// The served file of a recording.
    Media,
    /// What a meeting's page offers to take away, under this name.
    Download,
    /// The text of the meeting, or of the part of it that is asked for.
    Text,
    /// The words that are to be quoted.
    Words,
    /// A quotation so long.
    LongQuote,
    /// A stretch of words: what is asked for is none.
    WordRange,
    /// Hits to quote: none is chosen.
    ChosenHits,
    /// A choice of so many hits.
    SoManyHits,
    /// The hits that were chosen.
    HitsOfBefore,
}

impl Failure {
    /// Says what is not there, of a failure that may be just that.
    pub fn of(missing: Missing) -> impl FnOnce(Error) -> Self {
        move |error| Self { error: Arc::new(error), missing }
    }

    /// What went wrong, for those who run the archive.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.error.kind()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(Missing::Page)(error)
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Error::failed("Eine Seite lässt sich nicht aufbauen").because(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self.error.kind() {
            ErrorKind::BadInput => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Withdrawn => StatusCode::GONE,
            ErrorKind::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
            ErrorKind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::Archive | ErrorKind::Rebuilding => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks an answer that failed and has a page of its own, with what the visitor wrote.
#[derive(Clone, Copy)]
pub struct OwnPage;

/// There is no page at this address. Whoever put a slash behind it is sent to the one without, with the query.
pub async fn no_such_page(uri: Uri) -> Response {
    match without_slash(&uri) {
        Some(address) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, address)]).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// An address of this site without the slashes at its end, where there are any. Several at the beginning
/// would name another host.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_suffix('/')?.trim_matches(['/', '\\']);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("/{path}{query}")).filter(|_| !path.is_empty())
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
    let of_program = request.uri().path().starts_with("/api/") || asks_for_json(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return response;
    }
    let failure = response.extensions().get::<Failure>();
    log_failure(status, failure);
    if response.extensions().get::<OwnPage>().is_some() {
        return response;
    }
    let detail = detail(status, failure, frame.t);
    let mut answer =
        if of_program { problem(status, frame.t, detail) } else { page(status, frame, detail) };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("10"));
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    answer
}

/// Logs what is our fault; what is the visitor's is nobody's business.
pub fn log_failure(status: StatusCode, failure: Option<&Failure>) {
    if status.is_server_error() {
        let error = failure.map_or_else(|| status.to_string(), |f| f.error.to_string());
        tracing::error!(status = status.as_u16(), error, "request failed");
    }
}

/// Whether a page's script or a program asks, and not a person.
pub fn asks_for_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|kinds| kinds.contains("application/json") && !kinds.contains("text/html"))
}

/// What the visitor reads.
fn detail(status: StatusCode, failure: Option<&Failure>, t: &Texts) -> &'static str {
    match status {
        StatusCode::GONE => t.error_gone,
        StatusCode::NOT_FOUND => t.missing(failure.map_or(Missing::Page, |f| f.missing)),
        StatusCode::BAD_REQUEST => failure.map_or(t.error_request, |f| t.unusable(f.missing)),
        _ if failure.is_some_and(|f| f.error.kind() == ErrorKind::Rebuilding) => t.error_rebuilding,
        StatusCode::SERVICE_UNAVAILABLE => t.error_busy,
        _ if status.is_server_error() => t.error_ours,
        _ => t.error_request,
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
    detail: &'static str,
}

fn problem(status: StatusCode, t: &Texts, detail: &'static str) -> Response {
    let problem =
        Problem { r#type: "about:blank", title: title(status, t), status: status.as_u16(), detail };
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: &'static str,
    detail: &'static str,
}

fn page(status: StatusCode, frame: Frame, detail: &'static str) -> Response {
    let title = title(status, frame.t);
    match (ErrorPage { frame, title, detail }).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, title).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::shared::texts::Lang;
    use crate::web::testing::Archive;

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

    #[tokio::test]
    async fn what_is_missing_is_said_in_the_visitors_language() {
        let archive = Archive::new();
        let media = format!("/medien/{}", crate::domain::Digest::of(b"none"));
        for (path, german, english) in [
            ("/gibt/es/nicht", "Unter dieser Adresse", "There is nothing at this address"),
            ("/sitzung/keine", "Eine solche Sitzung", "There is no such meeting"),
            ("/sitzung/..%2f..%2fetc", "Eine solche Sitzung", "There is no such meeting"),
            ("/api/v1/meetings/keine", "Eine solche Sitzung", "There is no such meeting"),
            ("/sitzung/keine/wortlaut.txt", "Eine solche Sitzung", "There is no such meeting"),
            ("/sitzung/kt-1/x.doc", "Eine solche Datei", "There is no such file"),
            ("/sitzung/kt-1/wortlaut.txt?teil=9", "Ein solcher Wortlaut", "There is no such text"),
            (&media, "Diese Aufzeichnung", "There is no such recording"),
        ] {
            let separator = if path.contains('?') { '&' } else { '?' };
            for (lang, text) in [("de", german), ("en", english)] {
                let answer = archive.get(&format!("{path}{separator}lang={lang}")).await;
                assert_eq!(answer.status, 404, "{path}");
                assert!(answer.text().contains(text), "{path}: {}", answer.text());
            }
        }
    }

    #[tokio::test]
    async fn a_slash_at_the_end_leads_to_the_page_without_it() {
        let archive = Archive::new();
        for path in archive.all_pages() {
            let (path, query) = path.split_once('?').unwrap_or((&path, ""));
            if path == "/" {
                continue;
            }
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            let answer = archive.get(&format!("{path}/{query}")).await;
            assert_eq!(answer.status, 308, "{path}");
            assert_eq!(answer.header("location"), format!("{path}{query}"));
        }
        for path in ["//evil.example/", "///evil.example//", "/\\evil.example/", "//"] {
            let answer = archive.get(path).await;
            let location = answer.header("location");
            assert!(!location.starts_with("//") && !location.contains('\\'), "{path}: {location}");
        }
    }

    /// Whatever was shown and is not any more says so, wherever it is asked for.
    #[tokio::test]
    async fn what_was_withdrawn_is_gone_and_not_unknown() {
        for removed in [true, false] {
            let archive = Archive::new();
            let media = format!("/medien/{}", archive.media);
            let etag = archive.get(&media).await.header("etag");
            assert_eq!(archive.get(&media).await.header("cache-control"), "private, no-cache");
            archive.withdraw(removed);
            let mut paths = vec![media.clone(), format!("{media}?x=1")];
            let below =
                ["", "?t=9.5&w=12", "?q=Livestream", "/untertitel.vtt", "/untertitel.srt?teil=1"];
            let files = [
                "/kapitel.vtt",
                "/wortlaut.txt",
                "/wortlaut.json?teil=1",
                "/untertitel.vtt?teil=9",
            ];
            paths.extend(below.iter().chain(&files).map(|end| format!("/sitzung/kt-1{end}")));
            paths.extend(["", "/transcript"].map(|end| format!("/api/v1/meetings/kt-1{end}")));
            for path in &paths {
                let known = [("if-none-match", etag.as_str()), ("range", "bytes=0-3")];
                let answer = archive.get_with(path, &known).await;
                assert_eq!(answer.status, 410, "{path}");
                match path.starts_with("/api/") {
                    true => assert_eq!(answer.header("content-type"), "application/problem+json"),
                    false => {
                        assert!(answer.text().contains(r#"name="q""#), "no search box on {path}")
                    }
                }
            }
            for path in [
                "/sitzungen.atom",
                "/sitzungen.ics",
                "/sitemap.xml",
                "/sitzungen",
                "/api/v1/meetings",
            ] {
                let text = archive.get(path).await.text();
                assert!(!text.contains("kt-1") && !text.contains(archive.media.as_str()), "{path}");
            }
        }
    }

    #[test]
    fn inner_workings_are_not_shown() {
        let secret = Error::archive("Das Archiv /srv/geheim/archive.sqlite ist beschädigt");
        let secret = Failure::from(secret);
        let told = detail(StatusCode::SERVICE_UNAVAILABLE, Some(&secret), Lang::De.texts());
        assert!(!told.contains("geheim"), "{told}");
    }
}
