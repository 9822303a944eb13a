//! `/arbeitsplatz/sitzungen`: every meeting with how far people have come with it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::page;
use crate::domain::{MeetingReview, Review};
use crate::edition::Listed;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_meetings.html")]
struct DeskMeetingsPage {
    frame: DeskFrame,
    meetings: Vec<(Listed, MeetingReview)>,
    /// Names of the speech models on this machine.
    models: Vec<String>,
}

impl DeskMeetingsPage {
    fn state(&self, review: &Review) -> &'static str {
        texts::state(review)
    }

    fn has_recordings(&self) -> bool {
        self.meetings.iter().any(|(meeting, _)| meeting.recordings > 0)
    }

    fn when(&self, meeting: &Listed) -> String {
        meeting.date.map(texts::day).unwrap_or_default()
    }
}

/// Lists them, the newest first.
pub async fn list(State(app): State<DeskApp>, frame: DeskFrame) -> Result<Response, Failure> {
    let models = app.settings.models.clone();
    let meetings = blocking(move || {
        let rows = app.editions.meetings()?;
        rows.into_iter()
            .map(|row| app.store.review(&row.id).map(|review| (row, review)))
            .collect::<crate::domain::Result<Vec<_>>>()
    })
    .await?;
    page(DeskMeetingsPage { frame, meetings, models })
}
