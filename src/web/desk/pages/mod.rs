//! The desk's pages, one file each; their rows stand in `routes`. Owns how a page is given, and that nobody
//! is sent anywhere but within the desk.

pub mod accounts;
pub mod audit;
pub mod change_account;
pub mod confirm;
pub mod glossary;
pub mod intake;
pub mod intakes;
pub mod jobs;
pub mod meeting;
pub mod meetings;
pub mod own_account;
pub mod reports;
pub mod second_factor;
pub mod sign_in;
pub mod start;
pub mod text;
pub mod text_fixes;
pub mod text_history;
pub mod text_words;
pub mod upload;

use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::BASE;
use crate::web::shared::error::Failure;

/// Where to go on afterwards, as a page's address or a form says.
#[derive(Debug, Default, Deserialize)]
pub struct GoOn {
    /// An address of the desk.
    #[serde(default)]
    pub weiter: String,
}

impl GoOn {
    /// The address, if it is one of the desk; else its start.
    pub fn address(&self) -> &str {
        let rest = self.weiter.strip_prefix(BASE);
        let sound = |b: u8| b.is_ascii_graphic() && b != b'\\';
        let own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        if own && self.weiter.bytes().all(sound) { &self.weiter } else { BASE }
    }
}

/// What was done, as the address behind a form says.
#[derive(Debug, Default, Deserialize)]
pub struct JustDone {
    /// A code of the page.
    #[serde(default)]
    pub fertig: String,
}

/// A page.
pub fn page(page: impl Template) -> Result<Response, Failure> {
    page_with(StatusCode::OK, page)
}

/// A page that says what was wrong with the form.
pub fn page_with(status: StatusCode, page: impl Template) -> Result<Response, Failure> {
    Ok((status, Html(page.render()?)).into_response())
}

/// Goes on at a page of the desk, once a form was taken.
pub fn go_on(path: &str) -> Response {
    Redirect::to(&format!("{BASE}{path}")).into_response()
}

/// The address of a page from which one comes back.
pub fn with_return(path: &str, back: &Uri) -> String {
    let back = back.path_and_query().map_or(BASE, |back| back.as_str());
    if back == BASE {
        return format!("{BASE}{path}");
    }
    format!("{BASE}{path}?weiter={}", utf8_percent_encode(back, NON_ALPHANUMERIC))
}

/// The page that a form was sent from, as the browser says.
pub fn address_of(headers: &HeaderMap) -> Option<Uri> {
    headers.get(header::REFERER)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        let address = |weiter: &str| GoOn { weiter: weiter.to_owned() }.address().to_owned();
        for own in ["/arbeitsplatz", "/arbeitsplatz/konten/klein", "/arbeitsplatz?fertig=x"] {
            assert_eq!(address(own), own);
        }
        for foreign in [
            "",
            "//boese.example",
            "https://boese.example/arbeitsplatz",
            "/arbeitsplatzes",
            "/arbeitsplatz/\\boese",
            "/arbeitsplatz/\r\nSet-Cookie: x=y",
            "/sitzungen",
        ] {
            assert_eq!(address(foreign), BASE, "{foreign}");
        }
    }
}
