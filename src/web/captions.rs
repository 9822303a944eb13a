//! What a meeting's page offers to take away: captions, chapters, text.

use axum::Router;
use axum::extract::{self, Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::edition::Edition;
use super::error::Failure;
use super::{App, blocking};
use crate::domain::{Error, MediaTime, Result, Transcript};
use crate::export::{Format, Source, export};
use crate::store::Store;

/// File names under a meeting's address and what they hold.
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
    Path((id, file)): Path<(String, String)>,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let format = FILES.iter().find(|(name, _)| *name == file).map(|(_, format)| *format);
    let format = format.ok_or_else(|| Error::not_found("Eine solche Datei gibt es nicht"))?;
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let part = pairs.iter().find(|(key, _)| key == "teil").and_then(|(_, n)| n.parse().ok());
    let text = blocking(move || text(&app.store, &id, part, format)).await?;
    Ok(([(header::CONTENT_TYPE, format.media_type())], text).into_response())
}

/// A meeting's text in a format: of one recording (from 1) on the recording's clock, as a player
/// needs it; of a meeting with several, where none is named, on the meeting's clock.
pub fn text(store: &Store, id: &str, part: Option<usize>, format: Format) -> Result<String> {
    let edition = Edition::load(store, id)?;
    let missing = || Error::not_found("Der Wortlaut dieser Sitzung liegt noch nicht vor");
    let (whole, alignment) = edition.text.as_ref().ok_or_else(missing)?;
    let only = (edition.parts.len() == 1).then_some(1);
    let of_part = part.or(only).map(|n| recorded(store, &edition, n)).transpose()?;
    let (transcript, offset) = match &of_part {
        Some((transcript, offset)) => (transcript, *offset),
        None => (whole, MediaTime::ZERO),
    };
    let council = Some(&edition.council);
    export(&Source { council, transcript, alignment: Some(alignment), offset }, format)
}

fn recorded(store: &Store, edition: &Edition, n: usize) -> Result<(Transcript, MediaTime)> {
    let none = || Error::not_found("Einen solchen Teil hat die Aufzeichnung nicht");
    let part = n.checked_sub(1).and_then(|i| edition.parts.get(i)).ok_or_else(none)?;
    let stored = store.transcript(&edition.council.meeting.id, &part.recording.sha256)?;
    Ok((stored.ok_or_else(none)?.transcript, part.recording.offset))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Archive;

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
