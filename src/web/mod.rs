//! The site: router, state and server. Owns how the archive is shown; refuses to change it.
//!
//! Every page is one file under `pages/`; every text of the interface is in `texts`.

mod api;
mod assets;
mod captions;
mod error;
mod feeds;
mod frame;
mod headers;
mod media;
mod outline;
mod pages;
mod query;
mod texts;

#[cfg(test)]
mod testing;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::domain::{Error, Result};
use crate::edition::Editions;
use crate::search::Search;

/// How long an answer may take to begin.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// How long running answers may go on once the server is told to stop; systems kill after 15 s.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// What the site shows and who answers for it.
#[derive(Clone)]
pub struct State {
    /// What of the archive may be seen.
    pub editions: Editions,
    /// The search.
    pub searcher: Arc<dyn Search>,
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
    texts
        // Media stay outside of compression: their length and ranges must be exact.
        .merge(media::routes())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_LIMIT))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(app.clone(), error::explain))
        .layer(axum::middleware::from_fn(texts::remember_choice))
        .layer(map_response(headers::secure))
        .with_state(app)
}

/// Serves the site until the process is told to stop (SIGINT, SIGTERM).
///
/// # Errors
/// `Failed` where the address cannot be listened on.
pub async fn serve(
    listen: SocketAddr,
    state: State,
    on_bound: impl FnOnce(SocketAddr),
) -> Result<()> {
    let listener =
        tokio::net::TcpListener::bind(listen).await.map_err(|e| cannot_bind(listen, e))?;
    on_bound(listener.local_addr().unwrap_or(listen));
    let server = axum::serve(listener, router(state)).with_graceful_shutdown(told_to_stop());
    let patience = async {
        told_to_stop().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        ended = server => ended.map_err(|e| Error::failed("Der Server ist abgebrochen").because(e)),
        () = patience => Ok(()),
    }
}

fn cannot_bind(listen: SocketAddr, e: std::io::Error) -> Error {
    let remedy = match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            "Dort läuft schon etwas; beenden Sie es oder wählen Sie mit --listen einen anderen Port"
        }
        std::io::ErrorKind::PermissionDenied => {
            "Ports unter 1024 brauchen besondere Rechte; wählen Sie mit --listen einen höheren"
        }
        _ => "Wählen Sie mit --listen eine Adresse dieses Rechners",
    };
    Error::failed(format!("An {listen} lässt sich nicht lauschen")).because(e).remedy(remedy)
}

async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// Runs database, search and rendering work off the event loop.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> std::result::Result<T, error::Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(error::Failure::from),
        Err(e) => Err(Error::failed("Eine Anfrage ist abgestürzt").because(e).into()),
    }
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
