//! `/arbeitsplatz`: where everything begins, the parts of the desk that one may use.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::page;
use crate::domain::Right;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_start.html")]
struct StartPage {
    frame: DeskFrame,
    second_factor: bool,
    /// How many reports of readers are open, for those who see to them.
    open_reports: u64,
}

/// Shows the parts.
pub async fn show(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    let account = &signed_in.present.account;
    let open_reports = match account.role.may(Right::EditMeetings) {
        true => blocking(move || app.inbox.open_count()).await.unwrap_or_else(|failure| {
            // Everything else can be done without; the page of reports says what is wrong.
            tracing::error!(error = %failure.error(), "reports cannot be counted");
            0
        }),
        false => 0,
    };
    page(StartPage { frame, second_factor: account.second_factor, open_reports })
}
