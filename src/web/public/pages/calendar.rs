//! `/kalender/{month}`: a month with its meetings, as a table of days and as a list. `/kalender` leads to the
//! month of the newest meeting.

use askama::Template;
use axum::Router;
use axum::extract::{self, Path};
use axum::response::{Html, Redirect};
use axum::routing::get;
use jiff::civil::Date;
use serde_json::json;

use crate::domain::Error;
use crate::edition::{Directory, Listed};
use crate::web::public::head::PageHead;
use crate::web::public::query::meeting_page;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    frame: Frame,
    head: PageHead,
    first: Date,
    weeks: Vec<[Option<Day>; 7]>,
    meetings: Vec<Listed>,
    previous: Option<Date>,
    next: Option<Date>,
}

/// A day of the month.
struct Day {
    number: i8,
    meetings: usize,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/kalender", get(newest)).route("/kalender/{month}", get(show))
}

/// The page of the month of this day.
pub(in crate::web::public) fn month_page(day: Date) -> String {
    format!("/kalender/{}", day.strftime("%Y-%m"))
}

async fn newest(extract::State(app): extract::State<App>) -> Result<Redirect, Failure> {
    let directory = blocking(move || app.editions.directory()).await?;
    let newest = directory.listed.iter().find_map(|meeting| meeting.date);
    Ok(Redirect::temporary(&newest.map_or_else(|| "/sitzungen".to_owned(), month_page)))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(month): Path<String>,
) -> Result<Html<String>, Failure> {
    let first =
        first_day(&month).ok_or_else(|| Error::not_found("Einen solchen Monat gibt es nicht"))?;
    blocking(move || {
        let directory = app.editions.directory()?;
        CalendarPage::new(frame, first, &directory).render().map(Html).map_err(Failure::from)
    })
    .await
}

/// "2024-05".
fn first_day(month: &str) -> Option<Date> {
    let (year, number) = month.split_once('-')?;
    let is_plain = year.len() == 4 && number.len() == 2;
    let figures = year.bytes().chain(number.bytes()).all(|b| b.is_ascii_digit());
    let parsed = (is_plain && figures).then_some((year.parse().ok()?, number.parse().ok()?));
    Date::new(parsed?.0, parsed?.1, 1).ok()
}

impl CalendarPage {
    fn new(frame: Frame, first: Date, directory: &Directory) -> Self {
        let last = first.last_of_month();
        let of_month = |meeting: &&Listed| meeting.date.is_some_and(|d| first <= d && d <= last);
        let mut meetings: Vec<Listed> = directory.listed.iter().filter(of_month).cloned().collect();
        meetings.reverse();
        let frame = frame.of_bodies(meetings.iter().map(|meeting| meeting.body.as_str()));
        let dates = || directory.listed.iter().filter_map(|meeting| meeting.date);
        let title = frame.t.month(&first);
        let description = format!("{}, {title}", frame.t.directory().calendar);
        let events: Vec<_> = meetings.iter().map(|meeting| event(&frame, meeting)).collect();
        let head = PageHead::new(&frame, &month_page(first), &title, &description);
        Self {
            head: match events.is_empty() {
                true => head,
                false => head.about("website", "CollectionPage", json!({ "hasPart": events })),
            },
            weeks: weeks(first, &meetings),
            previous: dates().filter(|date| *date < first).max(),
            next: dates().filter(|date| *date > last).min(),
            meetings,
            first,
            frame,
        }
    }

    fn page_of(&self, day: &Date) -> String {
        month_page(*day)
    }

    /// The id of the first meeting of a day in the list.
    fn anchor(&self, place: &usize) -> Option<i8> {
        let day = |n: usize| self.meetings.get(n).and_then(|meeting| meeting.date);
        let is_first = *place == 0 || day(*place - 1) != day(*place);
        day(*place).filter(|_| is_first).map(|date| date.day())
    }
}

fn event(frame: &Frame, meeting: &Listed) -> serde_json::Value {
    json!({
        "@type": "Event",
        "name": meeting.name,
        "startDate": meeting.date.map(|date| date.to_string()),
        "eventStatus": format!(
            "https://schema.org/{}",
            if meeting.cancelled { "EventCancelled" } else { "EventScheduled" }
        ),
        "organizer": { "@type": "GovernmentOrganization", "name": match meeting.organization.is_empty() {
            true => &meeting.body,
            false => &meeting.organization,
        } },
        "url": format!("{}{}", frame.origin, meeting_page(&meeting.id)),
    })
}

/// The weeks of a month, from Monday; days of other months are empty.
fn weeks(first: Date, meetings: &[Listed]) -> Vec<[Option<Day>; 7]> {
    let mut weeks: Vec<[Option<Day>; 7]> = Vec::new();
    let mut column = first.weekday().to_monday_zero_offset().unsigned_abs() as usize;
    for number in 1..=first.days_in_month() {
        if weeks.is_empty() || column == 7 {
            weeks.push(Default::default());
            column %= 7;
        }
        let of_day = |m: &&Listed| m.date.is_some_and(|date| date.day() == number);
        let day = Day { number, meetings: meetings.iter().filter(of_day).count() };
        if let Some(week) = weeks.last_mut() {
            week[column] = Some(day);
        }
        column += 1;
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_month_is_a_table_and_a_list() {
        let archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let html = archive.get("/kalender/2025-06").await.text();
        for there in [
            "<caption>Juni 2025</caption>",
            "<a href=\"#tag-12\">12",
            "<li id=\"tag-12\">",
            "/sitzung/kt-9",
            "/kalender/2021-06",
            r#""@type":"Event""#,
        ] {
            assert!(html.contains(there), "{there} in {html}");
        }
        assert!(!html.contains("/sitzung/kt-1\""));
        assert!(archive.get("/kalender/1999-02").await.text().contains("keine Sitzung"));
        assert_eq!(archive.get("/kalender/2024-13").await.status, 404);
        assert_eq!(archive.get("/kalender").await.header("location"), "/kalender/2025-06");
    }

    #[test]
    fn only_months_are_months() {
        assert_eq!(first_day("2024-05"), Some(jiff::civil::date(2024, 5, 1)));
        for wrong in
            ["2024-13", "2024-5", "2024", "24-05", "2024-05-01", "+024-05", "x", "２０２４-05"]
        {
            assert_eq!(first_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_day_stands_under_its_weekday() {
        for (year, month, column, count) in [(2024, 5, 2, 5), (2021, 2, 0, 4), (2025, 6, 6, 6)] {
            let weeks = weeks(jiff::civil::date(year, month, 1), &[]);
            assert_eq!(weeks.len(), count);
            let first = weeks[0].iter().position(Option::is_some);
            assert_eq!(first, Some(column), "{year}-{month}");
            let days: Vec<i8> = weeks.iter().flatten().flatten().map(|day| day.number).collect();
            assert!(days.iter().enumerate().all(|(n, day)| *day == n as i8 + 1));
        }
    }
}
