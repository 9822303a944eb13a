//! A file as an answer, by ranges, for those who are signed in. Refuses to say who may see it: whoever gives it
//! knows.

use std::io::SeekFrom;
use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use crate::domain::Error;
use crate::web::shared::error::Failure;
use crate::web::shared::ranges::{RangeAsked, range_of};

/// A file of this length and media type, or the part of it that the headers ask for.
pub async fn give(
    path: &Path,
    length: u64,
    kind: &'static str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let common = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ];
    match range.map_or(RangeAsked::Whole, |range| range_of(range, length)) {
        RangeAsked::Whole => {
            let headers = [(header::CONTENT_LENGTH, length.to_string())];
            Ok((common, headers, stretch(path, 0, length).await?).into_response())
        }
        RangeAsked::Part { first, last } => {
            let headers = [
                (header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}")),
                (header::CONTENT_LENGTH, (last - first + 1).to_string()),
            ];
            let body = stretch(path, first, last - first + 1).await?;
            Ok((StatusCode::PARTIAL_CONTENT, common, headers, body).into_response())
        }
        RangeAsked::Beyond => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response())
        }
    }
}

async fn stretch(path: &Path, first: u64, length: u64) -> Result<Body, Failure> {
    let open = async {
        let mut file = tokio::fs::File::open(path).await?;
        file.seek(SeekFrom::Start(first)).await?;
        Ok::<_, std::io::Error>(file.take(length))
    };
    let file = open.await.map_err(|e| unreadable(path, e))?;
    Ok(Body::from_stream(ReaderStream::new(file)))
}

/// That a file cannot be read.
pub fn unreadable(path: &Path, e: std::io::Error) -> Error {
    Error::archive(format!("Die Aufnahme {} lässt sich nicht lesen", path.display()))
        .because(e)
        .remedy("Prüfen Sie, ob die Datei noch da und lesbar ist")
}
