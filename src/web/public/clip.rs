//! `/sitzung/{id}/ausschnitt?t=a,b`: a stretch of a recording as a file to take along, where the operator allows
//! it. It begins and ends in pauses, so that no word is cut.

use axum::Router;
use axum::extract::{self, Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{load, media};
use crate::domain::{Error, MediaTime, Result, Span, Word};
use crate::edition::{Edition, File};
use crate::web::shared::error::{Failure, Missing};
use crate::web::shared::{App, blocking};

/// Longer clips are refused: who wants more takes the recording.
const LONGEST_MS: u64 = 10 * 60_000;

/// How far a clip's ends may be moved to a pause, in milliseconds.
const REACH_MS: u64 = 2000;

/// What is heard of a pause at most, in milliseconds.
const PAUSE_MS: u64 = 300;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sitzung/{id}/ausschnitt", get(give))
}

async fn give(
    extract::State(app): extract::State<App>,
    Path(id): Path<String>,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let asked = pairs.iter().find(|(name, _)| name == "t").map(|(_, value)| value.as_str());
    let asked = asked.and_then(stretch);
    let editions = app.editions.clone();
    let (file, name) = blocking(move || {
        let edition = load(&app, &id)?;
        let clips = app.clips.as_ref().ok_or_else(|| {
            let error = Error::not_found("Ausschnitte gibt es auf dieser Website nicht");
            Failure::of(Missing::Download)(error)
        })?;
        let asked = asked.ok_or_else(|| {
            Error::bad_input("Ein Ausschnitt braucht Anfang und Ende")
                .remedy("Etwa ?t=72.5,90 (in Sekunden), höchstens zehn Minuten")
        })?;
        let (file, span) = place(&edition, asked).map_err(Failure::of(Missing::Media))?;
        let path = clips.clip(&edition.council.meeting.id, &file, span)?;
        let bytes = std::fs::metadata(&path).map_err(|e| {
            Error::archive("Der Ausschnitt ist nicht mehr da")
                .because(e)
                .remedy("Bitte noch einmal")
        })?;
        let name = format!("{id}-{}.mp4", asked.start().clock().replace(':', "-"));
        // Its hash is that of the recording, so that sending ends where that is withdrawn.
        Ok::<_, Failure>((File { path, bytes: bytes.len(), ..file }, name))
    })
    .await?;
    let headers = [
        (header::CONTENT_TYPE, "video/mp4".to_owned()),
        (header::CONTENT_LENGTH, file.bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, media::body(editions, &file, 0, file.bytes).await?).into_response())
}

/// "72.5,90" as a stretch that is not empty.
fn stretch(value: &str) -> Option<Span> {
    let (start, end) = value.split_once(',')?;
    let span = Span::new(start.parse().ok()?, end.parse().ok()?)?;
    (span.millis() > 0).then_some(span)
}

/// The served file that a stretch of the meeting's clock lies in, and the stretch on that file's time line.
fn place(edition: &Edition, asked: Span) -> Result<(File, Span)> {
    if asked.millis() > LONGEST_MS {
        return Err(Error::bad_input("Ein Ausschnitt ist höchstens zehn Minuten lang")
            .remedy("Nehmen Sie ein kürzeres Stück, oder mehrere"));
    }
    let index = edition.part_at(asked.start());
    let missing = || Error::not_found("Zu dieser Stelle ist keine Aufzeichnung veröffentlicht");
    let part = edition.parts.get(index).ok_or_else(missing)?;
    let file = part.published.clone().ok_or_else(missing)?;
    let words = edition.text.as_ref().map_or(&[][..], |(transcript, _)| &transcript.words);
    let asked = in_pauses(words, asked);
    let offset = part.recording.offset.millis();
    let on_file = |t: MediaTime| t.minus_millis(offset);
    let span = Span::new(on_file(asked.start()), on_file(asked.end())).ok_or_else(missing)?;
    let open = part.recording.public.within(span.end());
    if !open.iter().any(|open| open.overlap_millis(span) > 0) {
        return Err(missing());
    }
    Ok((file, span))
}

/// A stretch moved outwards to the pauses around it, where these are near.
fn in_pauses(words: &[Word], asked: Span) -> Span {
    let first = words.partition_point(|word| word.end_ms <= asked.start());
    let last = words.partition_point(|word| word.start_ms < asked.end());
    let (Some(from), Some(to)) = (words.get(first), last.checked_sub(1).map(|last| &words[last]))
    else {
        return asked;
    };
    let begins = from.start_ms.min(asked.start());
    let ends = to.end_ms.max(asked.end());
    let before = first.checked_sub(1).map_or(MediaTime::ZERO, |before| words[before].end_ms);
    let behind = words.get(last).map(|word| word.start_ms);
    let start = before.max(begins.minus_millis(PAUSE_MS)).min(begins);
    let end = behind.map_or(ends.plus_millis(PAUSE_MS), |behind| {
        behind.min(ends.plus_millis(PAUSE_MS)).max(ends)
    });
    let start = if asked.start().since(start) > REACH_MS { asked.start() } else { start };
    let end = if end.since(asked.end()) > REACH_MS { asked.end() } else { end };
    Span::new(start, end).unwrap_or(asked)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::MeetingId;
    use crate::web::shared::Clips;
    use crate::web::testing::Archive;

    proptest! {
        /// Whatever is asked for stays in, no word is cut, and no more is given than reaches a pause.
        #[test]
        fn no_word_is_cut(
            lengths in prop::collection::vec((50u64..600, 0u64..900), 1..20),
            from in 0u64..9000, length in 1u64..9000,
        ) {
            let at = MediaTime::from_millis;
            let mut end = 0;
            let words: Vec<Word> = lengths.iter().map(|(length, pause)| {
                let start = end + pause;
                end = start + length;
                Word { text: "w".into(), start_ms: at(start), end_ms: at(end), confidence: 1.0, raw: None }
            }).collect();
            let asked = Span::new(at(from), at(from + length)).unwrap();
            let given = in_pauses(&words, asked);
            prop_assert!(given.start() <= asked.start() && given.end() >= asked.end());
            for word in &words {
                let cut = |t| word.start_ms < t && t < word.end_ms;
                prop_assert!(!cut(given.start()) && !cut(given.end()), "{given:?} cuts {word:?}");
            }
        }
    }

    /// Stands for ffmpeg, which the media's own tests run.
    struct Copies(tempfile::TempDir);

    impl Clips for Copies {
        fn clip(&self, _: &MeetingId, file: &File, span: Span) -> Result<PathBuf> {
            let path = self.0.path().join("clip.mp4");
            std::fs::write(&path, format!("{} {:?}", file.sha256, span)).unwrap();
            Ok(path)
        }
    }

    #[tokio::test]
    async fn a_clip_is_given_where_the_operator_allows_it_and_the_recording_is_shown() {
        let mut archive = Archive::new();
        let path = "/sitzung/kt-1/ausschnitt?t=9.5,12";
        assert_eq!(archive.get(path).await.status, 404, "not allowed");
        archive.clips = Some(Arc::new(Copies(tempfile::tempdir().unwrap())));
        let clip = archive.get(path).await;
        assert_eq!((clip.status, clip.header("content-type").as_str()), (200, "video/mp4"));
        assert!(clip.header("content-disposition").contains("kt-1-0-00-09.mp4"));
        assert!(clip.text().starts_with(archive.media.as_str()));
        for bad in ["", "?t=12", "?t=12,9", "?t=0,6000"] {
            let answer = archive.get(&format!("/sitzung/kt-1/ausschnitt{bad}")).await;
            assert_eq!(answer.status, 400, "{bad}");
        }
    }
}
