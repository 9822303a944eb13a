//! The public site: router of pages, feeds, captions, the API and media. Owns how the archive is shown;
//! refuses to change it.
//!
//! Every page is one file under `pages/`; every text of the interface is in `shared/texts.rs`.

pub(super) mod api;
mod captions;
mod citations;
mod clip;
pub(super) mod feeds;
mod filter_form;
mod head;
pub(super) mod links;
mod media;
mod outline;
mod pages;
pub(super) mod place;
pub(super) mod preview;
pub(super) mod query;
mod quoting;
mod references;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_request, map_response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use super::shared::error::{self, Failure, Missing};
use super::shared::{App, REQUEST_LIMIT, State, assets, body, headers, log, texts};
use crate::domain::Result;
use crate::edition::{Edition, meeting_id};

/// Largest body of a request in bytes: nobody sends more than a form.
const BODY_SIZE: usize = 64 * 1024;

/// The whole site.
pub fn router(state: State) -> Router {
    let app: App = Arc::new(state);
    let pages = Router::new()
        .merge(pages::routes())
        .merge(captions::routes())
        .merge(citations::routes())
        .merge(feeds::routes())
        .merge(api::routes())
        .merge(assets::routes())
        .fallback(error::no_such_page)
        .layer(CompressionLayer::new());
    let site = pages
        // Media stay outside of compression: their length and ranges must be exact.
        .merge(media::routes())
        .merge(clip::routes())
        // A picture is packed already.
        .merge(preview::routes())
        .layer(DefaultBodyLimit::max(BODY_SIZE))
        .layer(map_request(body::in_time))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_LIMIT))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), error::explain))
        .layer(axum::middleware::from_fn(texts::remember_choice))
        .layer(map_response(headers::secure));
    log::requests(site).with_state(app)
}

/// Loads the meeting of an address, and notes it in the log's span. To be called within [`blocking`].
fn load(app: &State, id: &str) -> Result<Edition, Failure> {
    let edition = meeting_id(id).and_then(|id| app.editions.load(&id));
    let edition = edition.map_err(Failure::of(Missing::Meeting))?;
    log::note_meeting(&edition.council.meeting.id);
    Ok(edition)
}
