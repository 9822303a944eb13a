//! `/medien/{hash}`: published recordings with ranges (RFC 9110, section 14). Streams from the
//! file, never reads it whole; refuses every file that is not published.

use std::io::SeekFrom;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncSeekExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_util::io::ReaderStream;
use tracing::Instrument as _;

use crate::domain::{Digest, Error, Result};
use crate::edition::{Editions, File, Media};
use crate::web::shared::error::{Failure, Missing};
use crate::web::shared::ranges::{RangeAsked, kind, range_of};
use crate::web::shared::{App, blocking};

/// Read from the file in pieces of this size.
const PIECE: usize = 64 * 1024;
/// While a file is being sent, it is asked so often whether it may still be seen.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// So often in a row it may go without an answer.
const UNANSWERED: u32 = 3;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/medien/{hash}", get(give))
}

async fn give(
    extract::State(app): extract::State<App>,
    Path(hash): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let editions = app.editions.clone();
    let (file, kind) = blocking(move || find(&app.editions, &hash)).await?;
    let etag = format!("\"{}\"", file.sha256);
    let common = [
        (header::ETAG, etag.clone()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_TYPE, kind.to_owned()),
        // No proxy keeps what may be withdrawn; the visitor's own browser does, and asks each time whether
        // it may still be seen.
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    if value(&headers, header::IF_NONE_MATCH).is_some_and(|tags| names(tags, &etag)) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    // Ranges are defined for GET only.
    let wanted = value(&headers, header::RANGE).filter(|_| method == Method::GET);
    // A part is given only for exactly the file that the visitor has the other parts of.
    let same = value(&headers, header::IF_RANGE).is_none_or(|condition| condition == etag);
    match wanted.filter(|_| same).map_or(RangeAsked::Whole, |range| range_of(range, file.bytes)) {
        RangeAsked::Whole => {
            let length = [(header::CONTENT_LENGTH, file.bytes.to_string())];
            Ok((common, length, body(editions, &file, 0, file.bytes).await?).into_response())
        }
        RangeAsked::Part { first, last } => {
            let range = [
                (header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", file.bytes)),
                (header::CONTENT_LENGTH, (last - first + 1).to_string()),
            ];
            let body = body(editions, &file, first, last - first + 1).await?;
            Ok((StatusCode::PARTIAL_CONTENT, common, range, body).into_response())
        }
        RangeAsked::Beyond => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{}", file.bytes))];
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response())
        }
    }
}

fn find(editions: &Editions, hash: &str) -> Result<(File, &'static str), Failure> {
    let gone = || Failure::of(Missing::Media)(Error::not_found("Keine Datei mit dieser Prüfsumme"));
    let hash = Digest::new(hash).map_err(|_| gone())?;
    let file = match editions.media(&hash)? {
        Media::Served(file) => file,
        Media::Withdrawn => {
            return Err(Error::withdrawn("Diese Aufzeichnung wird nicht mehr gezeigt").into());
        }
        Media::Unknown => return Err(gone()),
    };
    let changed = |e: std::io::Error| {
        tracing::warn!(file = %file.path.display(), error = %e, "published file unreadable");
        gone()
    };
    let length = std::fs::metadata(&file.path).map_err(changed)?.len();
    if length != file.bytes {
        let what = format!("Die veröffentlichte Datei {} wurde verändert", file.path.display());
        return Err(Error::archive(what).remedy("`mitschnitt run` veröffentlicht sie neu").into());
    }
    let kind = kind(&file.path).map_err(changed)?;
    Ok((file, kind))
}

/// Streams a part of a file, for as long as it may be seen.
pub(super) async fn body(
    editions: Editions,
    file: &File,
    first: u64,
    length: u64,
) -> Result<Body, Failure> {
    let open = async {
        let mut open = tokio::fs::File::open(&file.path).await?;
        open.seek(SeekFrom::Start(first)).await?;
        Ok::<_, std::io::Error>(open.take(length))
    };
    let opened = open.await.map_err(|e| {
        Error::archive(format!("{} lässt sich nicht lesen", file.path.display())).because(e)
    })?;
    let (reader, writer) = tokio::io::duplex(PIECE);
    // Ends with the file, with its visitor, or with the right to show it.
    let sending = pass_on(opened, writer, editions, file.sha256.clone());
    tokio::spawn(sending.in_current_span());
    Ok(Body::from_stream(ReaderStream::with_capacity(reader, PIECE)))
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    editions: Editions,
    sha256: Digest,
) {
    let mut buffer = vec![0; PIECE];
    let mut asked = Instant::now();
    let mut unanswered = 0;
    loop {
        let Ok(n @ 1..) = from.read(&mut buffer).await else { return };
        if asked.elapsed() > ASK_AGAIN {
            let (editions, sha256) = (editions.clone(), sha256.clone());
            match blocking(move || editions.media(&sha256)).await {
                Ok(Media::Served(_)) => (asked, unanswered) = (Instant::now(), 0),
                Ok(_) => return tracing::info!("a withdrawn file is not sent to its end"),
                // Too many ask at once: in a moment again, but not for ever.
                Err(_) if unanswered < UNANSWERED => unanswered += 1,
                Err(_) => return,
            }
        }
        if to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(HeaderValue::to_str)?.ok()
}

/// Whether an `If-None-Match` names the tag.
pub(super) fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|t| t == "*" || t == etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{Archive, MEDIA};

    #[tokio::test]
    async fn ranges_are_answered_with_the_right_bytes() {
        let archive = Archive::new();
        let path = format!("/medien/{}", archive.media);
        let whole = archive.get(&path).await;
        assert_eq!((whole.status, whole.bytes()), (200, MEDIA));
        assert_eq!(whole.header("content-type"), "video/mp4");
        assert_eq!(whole.header("content-length"), MEDIA.len().to_string());

        let part = archive.get_with(&path, &[("range", "bytes=4-7")]).await;
        assert_eq!((part.status, part.bytes()), (206, &MEDIA[4..8]));
        assert_eq!(part.header("content-range"), format!("bytes 4-7/{}", MEDIA.len()));
        let end = archive.get_with(&path, &[("range", "bytes=-5")]).await;
        assert_eq!((end.status, end.bytes()), (206, &MEDIA[MEDIA.len() - 5..]));
        let beyond = archive.get_with(&path, &[("range", "bytes=9999-")]).await;
        assert_eq!(beyond.status, 416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{}", MEDIA.len()));
    }

    #[tokio::test]
    async fn conditions_are_kept() {
        let archive = Archive::new();
        let path = format!("/medien/{}", archive.media);
        let etag = archive.get(&path).await.header("etag");
        let other = [("range", "bytes=0-3"), ("if-range", "\"other\"")];
        assert_eq!(archive.get_with(&path, &other).await.status, 200);
        let same = [("range", "bytes=0-3"), ("if-range", etag.as_str())];
        assert_eq!(archive.get_with(&path, &same).await.status, 206);
        assert_eq!(archive.get_with(&path, &[("if-none-match", &etag)]).await.status, 304);
        let head = archive.send(Method::HEAD, &path, &[("range", "bytes=0-3")]).await;
        assert_eq!((head.status, head.bytes()), (200, &b""[..]));
        assert_eq!(head.header("content-length"), MEDIA.len().to_string());
    }

    #[tokio::test]
    async fn a_changed_or_missing_file_is_not_given() {
        let archive = Archive::new();
        let path = format!("/medien/{}", archive.media);
        std::fs::write(archive.media_file(), b"other").unwrap();
        assert_eq!(archive.get(&path).await.status, 503);
        std::fs::remove_file(archive.media_file()).unwrap();
        assert_eq!(archive.get(&path).await.status, 404);
        assert_eq!(archive.get(&format!("/medien/{}", Digest::of(b"none"))).await.status, 404);
    }
}
