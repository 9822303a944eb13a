//! `/`: the search box, what this is, the latest meetings.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};

use crate::edition::Listed;
use crate::web::public::head::PageHead;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

const LATEST: usize = 6;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    head: PageHead,
    latest: Vec<Listed>,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
) -> Result<Html<String>, Failure> {
    let mut latest = blocking(move || app.editions.meetings()).await?;
    // What can be read comes first; the rest fills up.
    latest.sort_by_key(|meeting| !(meeting.transcribed || meeting.recorded));
    latest.truncate(LATEST);
    let head = PageHead::new(&frame, "/", &frame.site.title, frame.t.slogan);
    Ok(Html(HomePage { frame, head, latest }.render()?))
}
