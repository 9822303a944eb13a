//! What other programs read of the site: Atom, OpenSearch, sitemap, robots, health.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, extract};

use crate::edition::Listed;
use crate::search::{LinkedHit, SearchRequest, Sort};
use crate::web::public::query::{self, Asked};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, blocking};

/// RFC 4287 wants a date; what was said in meetings without one counts as very old.
const NO_DATE: &str = "1970-01-01";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/suche.atom", get(atom))
        .route("/opensearch.xml", get(opensearch))
        .route("/sitemap.xml", get(sitemap))
        .route("/robots.txt", get(robots))
        .route("/healthz", get(health))
}

#[derive(Template)]
#[template(path = "suche.atom.xml")]
struct AtomFeed {
    frame: Frame,
    /// Host of the site, the authority of `tag:` ids (RFC 4151).
    authority: String,
    query: String,
    /// The feed's and the page's query part.
    address: String,
    updated: String,
    entries: Vec<FeedEntry>,
}

struct FeedEntry {
    id: String,
    title: String,
    date: String,
    speaker: String,
    text: String,
    url: String,
}

async fn atom(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Asked(request): Asked,
) -> Result<Response, Failure> {
    // Whoever follows a search wants what is new, and nothing that is merely similar.
    let request = SearchRequest { page: 0, ..request };
    let asked = SearchRequest { sort: Sort::Date, ..request.clone() };
    let results = blocking(move || app.searcher.search(&asked)).await?;
    let entries: Vec<FeedEntry> = results
        .hits
        .iter()
        .filter(|hit| !hit.is_similar())
        .map(|hit| FeedEntry::of(hit, frame.t))
        .collect();
    let feed = AtomFeed {
        authority: authority(&frame.origin),
        query: xml(&request.q),
        address: query::write(&request),
        updated: entries.iter().map(|e| e.date.clone()).max().unwrap_or_else(|| NO_DATE.into()),
        entries,
        frame,
    };
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed.render()?)
        .into_response())
}

impl FeedEntry {
    fn of(hit: &LinkedHit, t: &Texts) -> Self {
        let item = hit.agenda_item.as_ref().map_or(&hit.meeting.name, |item| &item.title);
        let snippet: String = hit.snippet.iter().map(|part| part.text.as_str()).collect();
        let mark =
            if hit.meeting.synthetic { format!("{} ", t.synthetic_mark) } else { String::new() };
        Self {
            id: xml(&hit.passage),
            title: xml(&format!("{mark}{item} – {}", hit.meeting.name)),
            date: hit.meeting.date.clone().unwrap_or_else(|| NO_DATE.into()),
            speaker: xml(hit.speaker.as_ref().map_or("", |speaker| &speaker.name)),
            text: xml(&snippet),
            url: hit.url.clone(),
        }
    }
}

/// Without the characters that XML 1.0 cannot hold, not even escaped.
fn xml(text: &str) -> String {
    let holds = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(|c| holds(*c)).collect()
}

fn authority(origin: &str) -> String {
    let host = origin.split("://").last().unwrap_or(origin);
    host.split([':', '/']).next().filter(|h| !h.is_empty()).unwrap_or("localhost").to_owned()
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

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Sitemap {
    frame: Frame,
    meetings: Vec<Listed>,
}

async fn sitemap(
    extract::State(app): extract::State<App>,
    frame: Frame,
) -> Result<Response, Failure> {
    let meetings = blocking(move || app.editions.meetings()).await?;
    let xml = Sitemap { frame, meetings }.render()?;
    Ok(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
}

async fn robots(frame: Frame) -> String {
    if frame.site.noindex {
        return "User-agent: *\nDisallow: /\n".to_owned();
    }
    // Hits have endless addresses; the meetings behind them stand in the sitemap.
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
    async fn feeds_are_well_formed_and_absolute() {
        let archive = Archive::hostile();
        for path in ["/suche.atom?q=Livestream", "/opensearch.xml", "/sitemap.xml"] {
            let answer = archive.get_with(path, &[("host", "rat.example.de")]).await;
            assert_eq!(answer.status, 200, "{path}");
            let text = answer.text();
            let open: Vec<&str> = text.split('<').skip(1).collect();
            assert!(open.iter().all(|tag| tag.contains('>')), "{path}: {text}");
            assert!(!text.contains("<script"), "{path}: {text}");
            assert!(text.contains("http://rat.example.de/"), "{path}: {text}");
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{path} holds controls");
        }
    }

    #[tokio::test]
    async fn a_made_up_host_does_not_get_into_feeds() {
        let archive = Archive::new();
        let host = [("host", "evil.example/\"><x")];
        let text = archive.get_with("/sitemap.xml", &host).await.text();
        assert!(!text.contains("evil"), "{text}");
    }

    #[test]
    fn entries_keep_their_names() {
        assert_eq!(authority("https://rat.example.de:8443"), "rat.example.de");
        assert_eq!(xml("a\u{0}\u{b}\u{ffff}b\t"), "ab\t");
    }
}
