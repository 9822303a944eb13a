//! `/sitzungen`: all meetings by year, newest first.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};

use crate::edition::Listed;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

#[derive(Template)]
#[template(path = "meetings.html")]
struct MeetingsPage {
    frame: Frame,
    years: Vec<Year>,
}

struct Year {
    /// None for meetings without a date.
    number: Option<i16>,
    meetings: Vec<Listed>,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sitzungen", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
) -> Result<Html<String>, Failure> {
    let years = by_year(blocking(move || app.editions.meetings()).await?);
    Ok(Html(MeetingsPage { frame, years }.render()?))
}

fn by_year(meetings: Vec<Listed>) -> Vec<Year> {
    let mut years: Vec<Year> = Vec::new();
    for meeting in meetings {
        let number = meeting.date.map(|date| date.year());
        match years.last_mut() {
            Some(year) if year.number == number => year.meetings.push(meeting),
            _ => years.push(Year { number, meetings: vec![meeting] }),
        }
    }
    years
}
