//! `/einbetten/{id}`: a meeting's player alone, for other sites' pages (`?t=a,b`: a stretch). Loads nothing but
//! film, captions and its own small script; where no file of ours can be played, it links to the meeting.

use askama::Template;
use axum::Router;
use axum::extract::{self, Path, Query};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::meeting::player::{self, Player};
use crate::domain::MediaTime;
use crate::edition::Edition;
use crate::web::public::load;
use crate::web::public::query::seconds;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::headers::FramedBy;
use crate::web::shared::{App, blocking};

#[derive(Template)]
#[template(path = "embed.html")]
struct EmbedPage {
    frame: Frame,
    id: String,
    name: String,
    body: String,
    date: Option<jiff::civil::Date>,
    synthetic: bool,
    player: Player,
    /// Whether there are captions.
    has_text: bool,
    /// The item and the speaker at the place, where they are known.
    item: Option<String>,
    /// The meeting's page at the same place.
    meeting: String,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/einbetten/{id}", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let asked = pairs.into_iter().find(|(name, _)| name == "t").map(|(_, value)| value);
    let (start, until) = asked.as_deref().map_or((None, None), stretch);
    blocking(move || {
        let edition = load(&app, &id)?;
        let framed_by = FramedBy(frame.site.embed_on.clone());
        let mut response =
            Html(EmbedPage::new(frame, &edition, start, until).render()?).into_response();
        response.extensions_mut().insert(framed_by);
        Ok::<_, Failure>(response)
    })
    .await
}

/// "72.8,90" as two times; what makes no sense is left out.
pub(super) fn stretch(value: &str) -> (Option<MediaTime>, Option<MediaTime>) {
    let (start, end) = value.split_once(',').unwrap_or((value, ""));
    let (start, end): (Option<MediaTime>, Option<MediaTime>) =
        (start.parse().ok(), end.parse().ok());
    (start, end.filter(|end| start.is_some_and(|start| start < *end)))
}

impl EmbedPage {
    fn new(
        frame: Frame,
        edition: &Edition,
        start: Option<MediaTime>,
        until: Option<MediaTime>,
    ) -> Self {
        let meeting = &edition.council.meeting;
        let part = edition.part_at(start.unwrap_or_default());
        let at = start.map(|start| format!("?t={}", seconds(start))).unwrap_or_default();
        let item = start.and_then(|start| {
            let (_, alignment) = edition.text.as_ref()?;
            let runs = |item: &&crate::domain::ItemAlignment| {
                item.spans.iter().any(|span| span.contains(start))
            };
            let id = &alignment.items.iter().find(runs)?.id;
            let item = meeting.agenda.iter().find(|item| item.id == *id && item.public)?;
            Some(item.title.clone())
        });
        Self {
            id: meeting.id.to_string(),
            name: meeting.name.clone(),
            body: edition.council.body.name.clone(),
            date: meeting.date,
            synthetic: meeting.synthetic,
            player: player::player(edition, part, start, until),
            has_text: edition.text.is_some(),
            item,
            meeting: format!("{}/sitzung/{}{at}", frame.origin, meeting.id),
            frame,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn others_may_frame_it_and_nothing_else() {
        let archive = Archive::new();
        let page = archive.get("/einbetten/kt-1?t=9.5,12").await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors *;"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "");
        let html = page.text();
        assert!(html.contains(&format!("/medien/{}#t=4.5,7\"", archive.media)), "{html}");
        assert!(html.contains("/sitzung/kt-1?t=9.5\"") && html.contains("Erfunden"), "{html}");
        let other = archive.get("/sitzung/kt-1").await;
        assert!(other.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(other.header("x-frame-options"), "DENY");
        assert_eq!(archive.get("/einbetten/nichts").await.status, 404);
    }

    #[tokio::test]
    async fn a_council_says_who_may() {
        let mut archive = Archive::new();
        archive.site.embed_on = vec!["https://zeitung.example".into()];
        let policy = archive.get("/einbetten/kt-1").await.header("content-security-policy");
        assert!(policy.contains("frame-ancestors https://zeitung.example"), "{policy}");
        archive.site.embed_on = Vec::new();
        let policy = archive.get("/einbetten/kt-1").await.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}
