//! `/api/v1`: the same as the pages, for programs (CONTRACT: "API"). Its description is
//! `web/static/openapi.json`; a test compares the two.

use axum::extract::{self, Path};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::civil::Date;
use serde::Serialize;

use crate::domain::{Error, MediaTime, MeetingId};
use crate::edition::Listed;
use crate::export::{Format, export_meeting};
use crate::search::{Breadth, Completion, Results};
use crate::web::public::load;
use crate::web::public::outline::{self, Item, Speaker};
use crate::web::public::pages::within::{FoundWords, Within};
use crate::web::public::query::{self, Asked};
use crate::web::public::words::MeetingWords;
use crate::web::shared::error::{Failure, Missing};
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, assets, blocking};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/search", get(search))
        .route("/api/v1/suggest", get(suggest))
        .route("/api/v1/meetings", get(meetings))
        .route("/api/v1/meetings/{id}", get(meeting))
        .route("/api/v1/meetings/{id}/search", get(within))
        .route("/api/v1/meetings/{id}/transcript", get(transcript))
        .route("/openapi.json", get(description))
}

async fn search(
    extract::State(app): extract::State<App>,
    Asked(request): Asked,
) -> Result<Json<Results>, Failure> {
    Ok(Json(blocking(move || app.searcher.search(&request)).await?))
}

#[derive(Serialize)]
struct Suggestions {
    query: String,
    completions: Vec<Completion>,
}

async fn suggest(
    extract::State(app): extract::State<App>,
    Asked(request): Asked,
) -> Result<Json<Suggestions>, Failure> {
    let query = request.q.clone();
    let completions = blocking(move || app.searcher.complete(&request.q)).await?;
    Ok(Json(Suggestions { query, completions }))
}

/// A meeting in the list.
#[derive(Serialize)]
struct MeetingEntry {
    id: MeetingId,
    name: String,
    body: String,
    organization: String,
    date: Option<Date>,
    synthetic: bool,
    cancelled: bool,
    recordings: u32,
    transcribed: bool,
    url: String,
}

#[derive(Serialize)]
struct MeetingsAnswer {
    meetings: Vec<MeetingEntry>,
}

async fn meetings(
    extract::State(app): extract::State<App>,
) -> Result<Json<MeetingsAnswer>, Failure> {
    let rows = blocking(move || app.editions.meetings()).await?;
    Ok(Json(MeetingsAnswer { meetings: rows.into_iter().map(entry).collect() }))
}

fn entry(row: Listed) -> MeetingEntry {
    MeetingEntry {
        url: query::meeting_page(&row.id),
        id: row.id,
        name: row.name,
        body: row.body,
        organization: row.organization,
        date: row.date,
        synthetic: row.synthetic,
        cancelled: row.cancelled,
        recordings: row.recordings,
        transcribed: row.transcribed,
    }
}

/// A meeting with its agenda, recordings and speakers. Times are on the meeting's clock.
#[derive(Serialize)]
struct MeetingAnswer {
    id: MeetingId,
    name: String,
    body: String,
    date: Option<Date>,
    synthetic: bool,
    cancelled: bool,
    url: String,
    /// How the text came about.
    review: &'static str,
    agenda: Vec<Item>,
    recordings: Vec<RecordingEntry>,
    speakers: Vec<Speaker>,
}

#[derive(Serialize)]
struct RecordingEntry {
    offset_ms: MediaTime,
    /// Address of the served file; null while none is published.
    media: Option<String>,
    video_url: Option<String>,
}

async fn meeting(
    extract::State(app): extract::State<App>,
    Path(id): Path<String>,
) -> Result<Json<MeetingAnswer>, Failure> {
    let edition = blocking(move || load(&app, &id)).await?;
    let recordings = edition.parts.iter().map(|part| RecordingEntry {
        offset_ms: part.recording.offset,
        media: part.published.as_ref().map(|file| format!("/medien/{}", file.sha256)),
        video_url: part.recording.video_url.clone(),
    });
    let of = &edition.council.meeting;
    Ok(Json(MeetingAnswer {
        id: of.id.clone(),
        name: of.name.clone(),
        body: edition.council.body.name.clone(),
        date: of.date,
        synthetic: of.synthetic,
        cancelled: of.cancelled,
        url: query::meeting_page(&of.id),
        review: edition.text_review(&[]).code(),
        agenda: outline::agenda(&edition),
        recordings: recordings.collect(),
        speakers: outline::speakers(&edition),
    }))
}

/// The words of a meeting that match.
#[derive(Serialize)]
struct WithinAnswer {
    query: String,
    /// How the query was read, and what was searched in its place, in the visitor's language.
    remarks: Vec<String>,
    /// The first and the last word of each place, by their numbers in the meeting.
    places: Vec<FoundWords>,
    /// When the first word of each place is spoken, where that is known.
    starts_ms: Vec<Option<MediaTime>>,
}

async fn within(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
    Asked(request): Asked,
) -> Result<Json<WithinAnswer>, Failure> {
    let answer = blocking(move || {
        let edition = load(&app, &id)?;
        let words = MeetingWords::of(&edition);
        let found = Within::search(&app, &edition, &words, &request.q, None)?;
        let wider = frame.t.found_wider(&found.results, &Breadth::Passage);
        let remarks = frame.t.understood(&found.results).into_iter().chain(wider);
        Ok::<_, Failure>(WithinAnswer {
            remarks: remarks.collect(),
            starts_ms: found.places.iter().map(|place| words.start(place.0)).collect(),
            places: found.places,
            query: found.query,
        })
    });
    Ok(Json(answer.await?))
}

async fn transcript(
    extract::State(app): extract::State<App>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let text = blocking(move || {
        let edition = load(&app, &id)?;
        export_meeting(&edition, None, Format::Json, None).map_err(Failure::of(Missing::Text))
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

async fn description() -> Result<Response, Failure> {
    let missing = || Error::failed("openapi.json fehlt im Programm");
    let text = assets::text("openapi.json").ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::web::testing::Archive;

    #[tokio::test]
    async fn every_described_path_answers_as_described() {
        let archive = Archive::new();
        let description: Value =
            serde_json::from_str(&archive.get("/openapi.json").await.text()).unwrap();
        let paths = description["paths"].as_object().unwrap();
        assert!(paths.len() >= 5);
        for (path, methods) in paths {
            let path = path.replace("{id}", "kt-1").replace("{hash}", archive.media.as_str());
            let answer = archive.get(&format!("{path}?q=Livestream")).await;
            assert_eq!(answer.status, 200, "{path}");
            let kinds = methods["get"]["responses"]["200"]["content"].as_object().unwrap();
            let kind = answer.header("content-type");
            assert!(
                kinds.keys().any(|k| kind.starts_with(k.as_str()) || k == "*/*"),
                "{path}: {kind}"
            );
        }
    }

    #[tokio::test]
    async fn hidden_items_have_no_title_and_no_place() {
        let archive = Archive::new();
        let meeting: Value =
            serde_json::from_str(&archive.get("/api/v1/meetings/kt-1").await.text()).unwrap();
        let hidden = &meeting["agenda"][2];
        assert_eq!(hidden["public"], false);
        assert!(hidden["title"].is_null() && hidden["paper"].is_null());
        assert_eq!(hidden["spans"].as_array().unwrap().len(), 0);
    }
}
