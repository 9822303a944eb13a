//! `/arbeitsplatz`: where everything begins, the parts of the desk that one may use.

use askama::Template;
use axum::response::Response;

use super::page;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_start.html")]
struct StartPage {
    frame: DeskFrame,
    second_factor: bool,
}

/// Shows the parts.
pub async fn show(signed_in: SignedIn, frame: DeskFrame) -> Result<Response, Failure> {
    page(StartPage { frame, second_factor: signed_in.present.account.second_factor })
}
