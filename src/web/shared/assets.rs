//! Static files inside the binary, under an address that changes with their content, so that
//! browsers may keep them for ever. Owns `/static`.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

#[derive(RustEmbed)]
#[folder = "web/static/"]
struct StaticFiles;

/// One hash over all files: modules import each other by relative names, so they move together.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let mut all = Sha256::new();
    for name in StaticFiles::iter() {
        all.update(name.as_bytes());
        if let Some(file) = StaticFiles::get(&name) {
            all.update(file.metadata.sha256_hash());
        }
    }
    all.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// Address of a static file.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", *EDITION)
}

/// The content of a static file, as text.
pub fn text(name: &str) -> Option<String> {
    StaticFiles::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// The addresses of all files, for any router.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/{edition}/{name}", get(file))
        .route("/favicon.ico", get(|| async { give("favicon.svg", "public, max-age=86400") }))
}

async fn file(Path((edition, name)): Path<(String, String)>) -> Response {
    if edition == *EDITION {
        give(&name, "public, max-age=31536000, immutable")
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

fn give(name: &str, caching: &'static str) -> Response {
    let Some(file) = StaticFiles::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        Some((_, "json")) => "application/json",
        _ => "application/octet-stream",
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching)];
    (headers, file.data).into_response()
}
