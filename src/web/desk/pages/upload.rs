//! `/arbeitsplatz/aufnahmen/hochladen`: uploads that go on after any interruption, by the tus protocol 1.0
//! (core, creation, expiration, termination, checksum). Owns its headers and statuses; what is kept, the intake
//! says.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::domain::{Digest, Error, Intake, IntakeId, Result, UploadPart, UploadRefusal};
use crate::web::desk::BASE;
use crate::web::desk::errors::AsItIs;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// The one version there is.
const VERSION: &str = "1.0.0";
/// Longest part in bytes: it is held in memory, and a part that is lost is sent again.
pub const LONGEST_PART: usize = 8 << 20;
/// Longest name of a file that is read.
const LONGEST_METADATA: usize = 4096;

/// What of the protocol is spoken.
pub async fn capabilities() -> Response {
    let headers = [
        ("tus-version", VERSION),
        ("tus-extension", "creation,expiration,termination,checksum"),
        ("tus-checksum-algorithm", "sha256"),
    ];
    tus(StatusCode::NO_CONTENT, headers, "")
}

/// Begins an upload.
pub async fn create(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Malformed> {
    refuse_other_version(&headers)?;
    let bytes = number(&headers, "upload-length")
        .ok_or(Malformed::bad("Es fehlt die Länge der Datei (Upload-Length)."))?;
    let name = file_name(&headers);
    let begun = blocking(move || -> Result<Intake> {
        app.intake.begin(&name, bytes, &signed_in.signature())
    });
    Ok(match begun.await {
        Ok(intake) => {
            let place = format!("{BASE}/aufnahmen/hochladen/{}", intake.id);
            let expires = expires(&intake);
            let headers = [("location", place.as_str()), ("upload-expires", &expires)];
            tus(StatusCode::CREATED, headers, "")
        }
        Err(failure) => failed(failure),
    })
}

/// How much of it has arrived.
pub async fn progress(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Malformed> {
    refuse_other_version(&headers)?;
    Ok(match blocking(move || app.intake.get(&intake_id(&id)?)).await {
        Ok((intake, _)) => {
            let (offset, length) = (intake.received.to_string(), intake.bytes.to_string());
            let expires = expires(&intake);
            let headers = [
                ("upload-offset", offset.as_str()),
                ("upload-length", &length),
                ("upload-expires", &expires),
            ];
            tus(StatusCode::OK, headers, "")
        }
        Err(failure) => failed(failure),
    })
}

/// Takes a part.
pub async fn append(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Malformed> {
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    refuse_other_version(headers)?;
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind != Some(b"application/offset+octet-stream") {
        let what = "Erwartet wird application/offset+octet-stream.";
        return Err(Malformed { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, what });
    }
    let offset = number(headers, "upload-offset")
        .ok_or(Malformed::bad("Es fehlt die Stelle des Teils (Upload-Offset)."))?;
    let checksum = checksum(headers)?;
    let bytes = part(headers, body).await?;
    let appended = blocking(move || {
        let id = intake_id(&id)?;
        let part = UploadPart { offset, bytes: &bytes, checksum: checksum.as_ref() };
        let appended = app.intake.append(&id, part)?;
        Ok::<_, Error>((appended, app.intake.get(&id)?.0))
    });
    Ok(match appended.await {
        Ok((Ok(reached), intake)) => {
            let (offset, expires) = (reached.to_string(), expires(&intake));
            let headers = [("upload-offset", offset.as_str()), ("upload-expires", &expires)];
            tus(StatusCode::NO_CONTENT, headers, "")
        }
        Ok((Err(refusal), _)) => not_taken(refusal),
        Err(failure) => failed(failure),
    })
}

/// Ends an upload, and deletes what has arrived.
pub async fn end(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Malformed> {
    refuse_other_version(&headers)?;
    Ok(match blocking(move || app.intake.discard(&intake_id(&id)?)).await {
        Ok(()) => tus(StatusCode::NO_CONTENT, [], ""),
        Err(failure) => failed(failure),
    })
}

/// The recording that an address names.
///
/// # Errors
/// `NotFound` where it cannot name one.
pub fn intake_id(text: &str) -> Result<IntakeId> {
    IntakeId::new(text).map_err(|_| Error::not_found("Eine solche Aufnahme gibt es nicht"))
}

/// Why a request is not one of the protocol.
pub struct Malformed {
    status: StatusCode,
    what: &'static str,
}

impl Malformed {
    fn bad(what: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, what }
    }
}

impl IntoResponse for Malformed {
    fn into_response(self) -> Response {
        tus(self.status, [("tus-version", VERSION)], self.what)
    }
}

/// The bytes of a part, if they all arrive and are not too many.
async fn part(headers: &HeaderMap, body: Body) -> Result<axum::body::Bytes, Malformed> {
    let what = "Der Teil ist zu groß; höchstens 8 MiB auf einmal.";
    let too_large = Malformed { status: StatusCode::PAYLOAD_TOO_LARGE, what };
    let announced = number(headers, "content-length");
    if announced.is_some_and(|length| length > LONGEST_PART as u64) {
        return Err(too_large);
    }
    axum::body::to_bytes(body, LONGEST_PART).await.map_err(|_| match announced {
        None => too_large,
        Some(_) => Malformed::bad("Der Teil ist nicht ganz angekommen."),
    })
}

/// What the hash of a part must be.
fn checksum(headers: &HeaderMap) -> Result<Option<Digest>, Malformed> {
    let Some(sent) = headers.get("upload-checksum") else { return Ok(None) };
    let read = || {
        let hash = sent.to_str().ok()?.strip_prefix("sha256 ")?;
        let hash: [u8; 32] = BASE64.decode(hash.trim()).ok()?.try_into().ok()?;
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Digest::new(hex).ok()
    };
    read().map(Some).ok_or(Malformed::bad("Geprüft wird mit sha256, in Base64."))
}

/// The name that the file has where it comes from: `filename` of `Upload-Metadata`.
fn file_name(headers: &HeaderMap) -> String {
    let sent = headers.get("upload-metadata").and_then(|value| value.to_str().ok());
    let sent = sent.filter(|sent| sent.len() <= LONGEST_METADATA).unwrap_or_default();
    let name = sent.split(',').find_map(|pair| pair.trim().strip_prefix("filename "));
    let name = name.and_then(|name| BASE64.decode(name.trim()).ok());
    name.map(|name| String::from_utf8_lossy(&name).into_owned()).unwrap_or_default()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?;
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// When an unfinished upload is deleted, as HTTP writes it.
fn expires(intake: &Intake) -> String {
    intake.expires().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn refuse_other_version(headers: &HeaderMap) -> Result<(), Malformed> {
    match headers.get("tus-resumable").map(HeaderValue::as_bytes) {
        Some(b"1.0.0") => Ok(()),
        _ => {
            let what = "Hier wird tus 1.0.0 gesprochen.";
            Err(Malformed { status: StatusCode::PRECONDITION_FAILED, what })
        }
    }
}

fn not_taken(refusal: UploadRefusal) -> Response {
    match refusal {
        UploadRefusal::WrongOffset(at) => {
            let at = at.to_string();
            let headers = [("upload-offset", at.as_str())];
            tus(StatusCode::CONFLICT, headers, "Dort geht die Datei nicht weiter.")
        }
        UploadRefusal::TooMuch => {
            tus(StatusCode::PAYLOAD_TOO_LARGE, [], "Das ist mehr, als angekündigt war.")
        }
        UploadRefusal::ChecksumMismatch => {
            // Of the protocol alone, between 400 and 500.
            let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
            tus(status, [], "Der Teil ist verfälscht angekommen.")
        }
        UploadRefusal::Busy => {
            tus(StatusCode::LOCKED, [], "Ein anderer Teil wird noch geschrieben.")
        }
    }
}

/// A failure in words, for a script that shows them.
fn failed(failure: Failure) -> Response {
    let what = failure.error().to_string();
    let status = failure.clone().into_response().status();
    let mut answer = tus(status, [], &what);
    answer.extensions_mut().insert(failure);
    answer
}

fn tus<const N: usize>(
    status: StatusCode,
    headers: [(&'static str, &str); N],
    text: &str,
) -> Response {
    let mut answer = match text.is_empty() {
        true => status.into_response(),
        false => {
            let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (status, kind, text.to_owned()).into_response()
        }
    };
    answer.headers_mut().insert("tus-resumable", HeaderValue::from_static(VERSION));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer.extensions_mut().insert(AsItIs);
    answer
}

#[cfg(test)]
mod tests;
