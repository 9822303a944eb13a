//! `/arbeitsplatz/aufnahmen/{aufnahme}`: a recording is listened to and described, before anything of it is
//! recognised. Owns what of it can be heard here, and that no browser keeps any of it.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::collections::BTreeSet;

use super::upload::intake_id;
use super::{go_on, page, page_with};
use crate::domain::{
    Error, ErrorKind, Intake, IntakeSource, IntakeStage, InvalidTime, MediaTime, MeetingId,
    PEAKS_A_SECOND, Peaks, RecordingSound, Result, SampleWish, SoundTrack,
};
use crate::edition::Listed;
use crate::web::desk::description::DescriptionForm;
use crate::web::desk::file;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::intake::RecognisedBy;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;
use crate::web::shared::ranges::kind;

#[derive(Template)]
#[template(path = "desk_intake.html")]
struct IntakePage {
    frame: DeskFrame,
    intake: Intake,
    stage: IntakeStage,
    /// What can be heard, or why nothing can.
    sound: Option<Result<RecordingSound, String>>,
    form: DescriptionForm,
    wrong: Option<String>,
    by_queue: bool,
    /// Meetings that may get a further recording: begun here, and not released.
    open_meetings: Vec<Listed>,
}

impl IntakePage {
    fn size(&self) -> String {
        texts::size(self.intake.bytes)
    }

    fn stage(&self) -> String {
        texts::stage(&self.intake, &self.stage)
    }

    /// Whether it changes by itself.
    fn is_moving(&self) -> bool {
        matches!(self.stage, IntakeStage::Checking | IntakeStage::Registering)
    }

    fn may_be_cut(&self) -> bool {
        self.intake.source == IntakeSource::Upload
    }

    fn rate(&self) -> u32 {
        PEAKS_A_SECOND
    }

    fn millis(&self, sound: &RecordingSound) -> u64 {
        sound.duration.map(MediaTime::millis).unwrap_or_default()
    }

    fn track(&self, track: &SoundTrack) -> String {
        texts::track(track)
    }

    fn is_chosen(&self, track: &SoundTrack) -> bool {
        self.form.spur == track.number.to_string() || self.form.spur.is_empty() && track.number == 1
    }

    /// Channels that can be heard one by one.
    fn channels(&self, track: &SoundTrack) -> std::ops::RangeInclusive<u32> {
        1..=if track.channels > 1 { track.channels.min(64) } else { 0 }
    }
}

/// Shows it.
pub async fn show(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Path(id): Path<String>,
) -> std::result::Result<Response, Failure> {
    page(blocking(move || load(&app, frame, &id, None, None)).await?)
}

fn load(
    app: &DeskApp,
    frame: DeskFrame,
    id: &str,
    typed: Option<DescriptionForm>,
    wrong: Option<String>,
) -> Result<IntakePage> {
    let (intake, stage) = app.intake.get(&intake_id(id)?)?;
    // Named as whoever sent it knows it, and not by its place on this machine.
    let shown = |e: Error| {
        e.to_string().replace(&intake.path.display().to_string(), intake.file_name.as_str())
    };
    let sound = is_open(&stage).then(|| app.intake.sound(&intake.id).map_err(shown));
    let kept = || serde_json::from_str(&app.intake.kept_form(&intake.id)?).ok();
    let form = typed.or_else(kept).unwrap_or_default();
    let by_queue = app.intake.recognised_by() == RecognisedBy::Queue;
    let open_meetings = open_meetings(app)?;
    Ok(IntakePage { frame, intake, stage, sound, form, wrong, by_queue, open_meetings })
}

fn open_meetings(app: &DeskApp) -> Result<Vec<Listed>> {
    let begun: BTreeSet<MeetingId> =
        app.intake.list()?.into_iter().filter_map(|(intake, _)| intake.meeting).collect();
    let unpublished = app.store.unpublished_meetings()?;
    let rows = app.editions.meetings()?.into_iter();
    Ok(rows.filter(|row| begun.contains(&row.id) && unpublished.contains(&row.id)).collect())
}

/// Whether it can be described.
fn is_open(stage: &IntakeStage) -> bool {
    matches!(stage, IntakeStage::Ready | IntakeStage::Failed(_))
}

/// Takes it in as it is described. What was typed is kept, whatever comes of it.
pub async fn register(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
    Path(id): Path<String>,
    Form(form): Form<DescriptionForm>,
) -> std::result::Result<Response, Failure> {
    let back = format!("/aufnahmen/{id}");
    let refused = blocking(move || -> Result<Option<IntakePage>> {
        let intake = intake_id(&id)?;
        let typed = serde_json::to_string(&form)
            .map_err(|e| Error::failed("Das Ausgefüllte lässt sich nicht schreiben").because(e))?;
        let (_, stage) = app.intake.get(&intake)?;
        if !is_open(&stage) {
            // What was typed may name what is hidden: it is kept only as long as it is needed.
            return Err(Error::bad_input("Diese Aufnahme lässt sich gerade nicht aufnehmen")
                .remedy("Auf ihrer Seite steht, wie weit sie ist"));
        }
        app.intake.keep_form(&intake, &typed)?;
        let taken = form
            .meaning()
            .and_then(|meant| app.intake.register(&intake, meant, signed_in.signature()));
        match taken {
            Ok(()) => Ok(None),
            Err(error) if error.kind() == ErrorKind::BadInput => {
                load(&app, frame, &id, Some(form), Some(error.to_string())).map(Some)
            }
            Err(error) => Err(error),
        }
    });
    match refused.await? {
        None => Ok(go_on(&back)),
        Some(shown) => page_with(StatusCode::UNPROCESSABLE_ENTITY, shown),
    }
}

#[derive(Deserialize)]
pub struct SampleQuery {
    #[serde(default)]
    spur: Option<u32>,
    #[serde(default)]
    kanal: Option<u32>,
    #[serde(default)]
    ab: String,
}

/// Twenty seconds of a track, or of one of its channels.
pub async fn sample(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
    Query(query): Query<SampleQuery>,
) -> std::result::Result<Response, Failure> {
    let sound = blocking(move || -> Result<Vec<u8>> {
        let from = match query.ab.trim() {
            "" => MediaTime::ZERO,
            text => text.parse().map_err(|e: InvalidTime| {
                Error::bad_input("Die Stelle ist nicht zu lesen")
                    .because(e)
                    .remedy("Schreiben Sie HH:MM:SS")
            })?,
        };
        let wish = SampleWish { track: query.spur.unwrap_or(1), channel: query.kanal, from };
        app.intake.sample(&intake_id(&id)?, wish)
    });
    Ok(([(header::CONTENT_TYPE, "audio/wav")], sound.await?).into_response())
}

#[derive(Deserialize)]
pub struct WaveformQuery {
    #[serde(default)]
    spur: String,
    #[serde(default)]
    kanaele: String,
    #[serde(default)]
    ab: usize,
}

/// Its loudness over time as pairs of signed bytes, from a pair on; `x-vollstaendig` says whether there is more
/// to come.
pub async fn waveform(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
    Query(query): Query<WaveformQuery>,
) -> std::result::Result<Response, Failure> {
    let peaks = blocking(move || -> Result<Peaks> {
        let WaveformQuery { spur, kanaele, ab } = query;
        let choice = DescriptionForm { spur, kanaele, ..Default::default() }.sound()?;
        app.intake.peaks(&intake_id(&id)?, &choice, ab)
    });
    let peaks = peaks.await?;
    let bytes: Vec<u8> = peaks.pairs.iter().map(|peak| peak.cast_unsigned()).collect();
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/octet-stream"),
        ("x-vollstaendig", if peaks.is_complete { "ja" } else { "nein" }),
    ];
    Ok((headers, bytes).into_response())
}

/// The recording itself, by ranges. It may hold what is not public: no browser keeps it.
pub async fn file(
    State(app): State<DeskApp>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> std::result::Result<Response, Failure> {
    let (intake, kind) = blocking(move || -> Result<(Intake, &'static str)> {
        let (intake, stage) = app.intake.get(&intake_id(&id)?)?;
        if matches!(stage, IntakeStage::Receiving | IntakeStage::Checking) {
            return Err(Error::not_found("Die Aufnahme ist noch nicht vollständig da"));
        }
        let kind = kind(&intake.path).map_err(|e| file::unreadable(&intake.path, e))?;
        Ok((intake, kind))
    })
    .await?;
    file::give(&intake.path, intake.bytes, kind, &headers).await
}
