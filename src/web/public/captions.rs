//! What a meeting's page offers to take away: captions, chapters, text.

use axum::Router;
use axum::extract::{self, Path, Query};
use axum::http::header;
use axum::response::Response;
use axum::routing::get;

use crate::domain::Error;
use crate::export::{Format, export_meeting};
use crate::web::public::load;
use crate::web::shared::error::{Failure, Missing};
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

/// File names under a meeting's address and the formats of these files.
const FILES: [(&str, Format); 5] = [
    ("untertitel.vtt", Format::Vtt),
    ("untertitel.srt", Format::Srt),
    ("kapitel.vtt", Format::Chapters),
    ("wortlaut.txt", Format::Txt),
    ("wortlaut.json", Format::Json),
];

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sitzung/{id}/{file}", get(give))
}

async fn give(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path((id, file)): Path<(String, String)>,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let format = FILES.iter().find(|(name, _)| *name == file).map(|(_, format)| *format);
    let unknown = || Failure::of(Missing::Download)(Error::not_found("Keine Datei dieses Namens"));
    let format = format.ok_or_else(unknown)?;
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let part = pairs.iter().find(|(key, _)| key == "teil").and_then(|(_, n)| n.parse().ok());
    blocking(move || {
        let edition = load(&app, &id)?;
        let text = export_meeting(&edition, part, format, Some(&frame.origin))
            .map_err(Failure::of(Missing::Text))?;
        let frame = frame.of_bodies([edition.council.body.name.as_str()]);
        Ok::<_, Failure>(frame.answer(([(header::CONTENT_TYPE, format.media_type())], text)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn captions_are_on_the_clock_of_the_part_that_plays() {
        let archive = Archive::new();
        let whole = archive.get("/sitzung/kt-1/untertitel.vtt").await;
        assert_eq!(whole.header("content-type"), "text/vtt; charset=utf-8");
        // The recording starts five seconds into the meeting; its captions start with it.
        assert!(whole.text().contains("00:00:00.000 -->"), "{}", whole.text());
        let first = archive.get("/sitzung/kt-1/untertitel.vtt?teil=1").await.text();
        assert_eq!(first, whole.text(), "the only part is the whole");
        assert_eq!(archive.get("/sitzung/kt-1/untertitel.vtt?teil=9").await.status, 404);
        assert_eq!(archive.get("/sitzung/kt-1/geheim.doc").await.status, 404);
    }
}
