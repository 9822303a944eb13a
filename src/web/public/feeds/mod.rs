//! What other programs read of the site: Atom, calendar, sitemap, OpenSearch, robots, health. Owns what
//! their formats have in common: addresses, names and characters.

mod atom;
mod ical;
mod of_directory;
mod sitemap;

pub use of_directory::Subscriptions;

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, extract};

use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/suche.atom", get(atom::of_search))
        .route("/sitzungen.atom", get(atom::of_meetings))
        .route("/sitzungen.ics", get(ical::of_meetings))
        .merge(of_directory::routes())
        .route("/sitemap.xml", get(sitemap::give))
        .route("/opensearch.xml", get(opensearch))
        .route("/robots.txt", get(robots))
        .route("/healthz", get(health))
}

/// Without the characters that XML 1.0 cannot hold, not even escaped.
fn xml(text: &str) -> String {
    let holds = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(|c| holds(*c)).collect()
}

/// Host of the site, the authority of `tag:` ids (RFC 4151).
fn authority(origin: &str) -> String {
    let host = origin.split("://").last().unwrap_or(origin);
    host.split([':', '/']).next().filter(|h| !h.is_empty()).unwrap_or("localhost").to_owned()
}

/// A moment as feeds and sitemaps write it (RFC 3339).
fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[derive(Template)]
#[template(path = "opensearch.xml")]
struct OpenSearch {
    frame: Frame,
    /// At most 16 characters, as the format demands.
    short_name: String,
}

async fn opensearch(frame: Frame) -> Result<Response, Failure> {
    let short_name = frame.site.title.chars().take(16).collect();
    let kind = "application/opensearchdescription+xml; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], OpenSearch { frame, short_name }.render()?).into_response())
}

async fn robots(frame: Frame) -> String {
    if frame.unindexed {
        return "User-agent: *\nDisallow: /\n".to_owned();
    }
    // Hits have endless addresses; the meetings behind them stand in the sitemap. Films are gigabytes: the sitemap
    // names the page that plays them and no file.
    format!(
        "User-agent: *\nDisallow: /suche\nDisallow: /api/\nDisallow: /medien/\n\
         Sitemap: {}/sitemap.xml\n",
        frame.origin
    )
}

/// Whether the archive answers.
async fn health(extract::State(app): extract::State<App>) -> Result<&'static str, Failure> {
    blocking(move || app.editions.meetings()).await?;
    Ok("ok\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn feeds_are_absolute() {
        let archive = Archive::new();
        let paths =
            ["/suche.atom?q=Livestream", "/sitzungen.atom", "/opensearch.xml", "/sitemap.xml"];
        for path in paths.into_iter().chain(["/sitzungen.ics"]) {
            let answer = archive.get_with(path, &[("host", "rat.example.de")]).await;
            assert_eq!(answer.status, 200, "{path}");
            let text = answer.text();
            assert!(text.contains("http://rat.example.de/"), "{path}: {text}");
            assert!(!text.contains("localhost"), "{path}: {text}");
        }
    }

    #[tokio::test]
    async fn a_made_up_host_does_not_get_into_feeds() {
        let archive = Archive::new();
        let host = [("host", "evil.example/\"><x")];
        for path in ["/sitemap.xml", "/sitzungen.atom", "/sitzungen.ics"] {
            let text = archive.get_with(path, &host).await.text();
            assert!(!text.contains("evil"), "{text}");
        }
    }

    #[test]
    fn entries_keep_their_names() {
        assert_eq!(authority("https://rat.example.de:8443"), "rat.example.de");
        assert_eq!(xml("a\u{0}\u{b}\u{ffff}b\t"), "ab\t");
    }
}
