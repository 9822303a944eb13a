//! The site: router and state. Owns how the archive is shown; refuses to change it.
//!
//! Every page is one file under `pages/`; every text of the interface is in `texts`.

mod api;
mod assets;
mod captions;
mod connections;
mod error;
mod feeds;
mod frame;
mod headers;
mod log;
mod media;
mod outline;
mod pages;
mod query;
mod server;
mod texts;

#[cfg(test)]
mod testing;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_request, map_response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::{TimeoutBody, TimeoutLayer};

use self::error::{Failure, Missing};
use crate::domain::{Error, Result};
use crate::edition::{Edition, Editions, meeting_id};
use crate::search::SearchBackend;

pub use server::serve;

/// How long an answer may take to begin.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// How long the next piece of a request's body may take.
const BODY_LIMIT: Duration = Duration::from_secs(5);
/// Largest body of a request in bytes: nobody sends more than a form.
const BODY_SIZE: usize = 64 * 1024;
/// Works for each core that [`blocking`] runs at once; most of them wait for a disk at times.
const WORKS_PER_CORE: usize = 4;

/// What the site shows and who answers for it.
#[derive(Clone)]
pub struct State {
    /// What of the archive may be seen.
    pub editions: Editions,
    /// The search.
    pub searcher: Arc<dyn SearchBackend>,
    /// Names and addresses.
    pub site: Site,
}

/// Who runs the site, as its pages must say by law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Name of the site.
    pub title: String,
    /// Who runs it: "Landkreis Musterland, Der Landrat".
    pub operator: Option<String>,
    /// Postal address, one line per line.
    pub address: Vec<String>,
    /// Where barriers, mistakes and withdrawals are reported.
    pub contact_email: Option<String>,
    /// Public address without a slash at the end, for feeds and the sitemap
    /// ("https://mitschnitt.example.de"); the request's `Host` where it is absent.
    pub base_url: Option<String>,
    /// Whether search engines are asked to stay away.
    pub noindex: bool,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            title: "Mitschnitt".into(),
            operator: None,
            address: Vec::new(),
            contact_email: None,
            base_url: None,
            noindex: false,
        }
    }
}

/// The state as handlers share it.
type App = Arc<State>;

/// The whole site.
pub fn router(state: State) -> Router {
    let app: App = Arc::new(state);
    let texts = Router::new()
        .merge(pages::routes())
        .merge(captions::routes())
        .merge(feeds::routes())
        .merge(api::routes())
        .merge(assets::routes())
        .fallback(error::no_such_page)
        .layer(CompressionLayer::new());
    let site = texts
        // Media stay outside of compression: their length and ranges must be exact.
        .merge(media::routes())
        .layer(DefaultBodyLimit::max(BODY_SIZE))
        .layer(map_request(in_time))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_LIMIT))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), error::explain))
        .layer(axum::middleware::from_fn(texts::remember_choice))
        .layer(map_response(headers::secure));
    log::requests(site).with_state(app)
}

/// Ends a request whose body does not arrive.
async fn in_time(request: Request) -> Request {
    request.map(|body| Body::new(TimeoutBody::new(BODY_LIMIT, body)))
}

/// Runs database, search and rendering work off the event loop, of a burst only so much at once: the
/// rest waits its turn, or is told to come again.
async fn blocking<T: Send + 'static, E: Into<Failure> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Failure> {
    static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Semaphore::new(cores * WORKS_PER_CORE)
    });
    let busy = || Error::archive("Es wird gerade zu viel auf einmal gefragt");
    let turn = tokio::time::timeout(REQUEST_LIMIT, TURNS.acquire()).await;
    let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
    let request = tracing::Span::current();
    let work = move || {
        // Until it really ends, which it does also where nobody waits for it any more.
        let _turn = turn;
        request.in_scope(work)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(E::into),
        // What it says of a panic may contain words of the visitor, or of the meeting.
        Err(_) => Err(Error::failed("Eine Anfrage ist abgestürzt").into()),
    }
}

/// Loads the meeting of an address, and notes it in the log's span. To be called within [`blocking`].
fn load(app: &State, id: &str) -> Result<Edition, Failure> {
    let edition = meeting_id(id).and_then(|id| app.editions.load(&id));
    let edition = edition.map_err(Failure::of(Missing::Meeting))?;
    log::note_meeting(&edition.council.meeting.id);
    Ok(edition)
}

#[cfg(test)]
mod tests {
    use super::testing;
    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_named_with_a_remedy() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let archive = testing::Archive::new();
        let error = serve(address, archive.state(), |_| {}).await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("--listen"), "{error}");
    }
}
