//! `/sitzungen`: the meetings by month, newest first, with filters. On large archives one year is open.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};
use jiff::civil::Date;

use super::persons::distinct;
use crate::edition::{Directory, Listed};
use crate::web::public::filter_form::{FilterForm, Paging};
use crate::web::public::head::PageHead;
use crate::web::public::query::encode;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

const PATH: &str = "/sitzungen";
/// Up to so many meetings all years are open.
const FEW: usize = 40;
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "meetings.html")]
struct MeetingsPage {
    frame: Frame,
    head: PageHead,
    form: FilterForm,
    bodies: Vec<String>,
    organizations: Vec<String>,
    /// The years that there are, with their meetings; the one that is open has no address.
    years: Vec<YearLink>,
    months: Vec<Month>,
    total: usize,
    paging: Paging,
    calendar: Option<String>,
    /// The same meetings as a feed and as dates.
    feed: String,
    dates: String,
}

struct YearLink {
    year: i16,
    count: usize,
    address: String,
    is_open: bool,
}

struct Month {
    /// Its first day; none for meetings without a date.
    first: Option<Date>,
    meetings: Vec<Listed>,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route(PATH, get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    form: FilterForm,
) -> Result<Html<String>, Failure> {
    blocking(move || {
        let directory = app.editions.directory()?;
        MeetingsPage::new(frame, form, &directory).render().map(Html).map_err(Failure::from)
    })
    .await
}

impl MeetingsPage {
    fn new(frame: Frame, form: FilterForm, directory: &Directory) -> Self {
        let all = &directory.listed;
        let mut found: Vec<&Listed> = all.iter().filter(|m| is_asked(&form, m)).collect();
        let years = years(&form, &found);
        if let Some(open) = years.iter().find(|year| year.is_open) {
            found.retain(|meeting| meeting.date.is_some_and(|date| date.year() == open.year));
        }
        let page = form.page("page", ROWS, found.len());
        let newest = found.iter().find_map(|meeting| meeting.date);
        let organizations = all.iter().map(|meeting| meeting.organization.as_str());
        let frame = frame.of_bodies(page.of(&found).iter().map(|meeting| meeting.body.as_str()));
        Self {
            feed: narrowed(&form, "/sitzungen.atom"),
            dates: narrowed(&form, "/sitzungen.ics"),
            head: PageHead::new(&frame, PATH, frame.t.meetings_title, frame.t.meetings_lead),
            bodies: distinct(all.iter().map(|meeting| meeting.body.as_str())),
            organizations: distinct(organizations.filter(|name| !name.is_empty())),
            months: by_month(page.of(&found)),
            total: found.len(),
            paging: form.paging(PATH, "page", page),
            calendar: newest.map(super::calendar::month_page),
            years,
            form,
            frame,
        }
    }
}

/// Whether a meeting is of the body and the organization that a form asks for.
pub fn is_asked(form: &FilterForm, meeting: &Listed) -> bool {
    let (body, organization) = (form.value("body"), form.value("organization"));
    (body.is_empty() || meeting.body == body)
        && (organization.is_empty() || meeting.organization == organization)
}

/// A path with what [`is_asked`] reads of a form.
pub fn narrowed(form: &FilterForm, path: &str) -> String {
    let names = ["body", "organization"].map(|name| (name, form.value(name)));
    let pairs = names.into_iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// A title with the same.
pub fn narrowed_title(form: &FilterForm, title: &str) -> String {
    let parts = [title, form.value("organization"), form.value("body")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The years of the meetings, newest first. Of a long list one is open: the one that is asked for, else the
/// newest; of a short one all are, unless one is asked for.
fn years(form: &FilterForm, found: &[&Listed]) -> Vec<YearLink> {
    let mut years: Vec<YearLink> = Vec::new();
    for date in found.iter().filter_map(|meeting| meeting.date) {
        match years.last_mut() {
            Some(last) if last.year == date.year() => last.count += 1,
            _ => years.push(YearLink {
                year: date.year(),
                count: 1,
                address: form.address(PATH, "year", &date.year().to_string()),
                is_open: false,
            }),
        }
    }
    let asked: Option<i16> = form.value("year").parse().ok();
    let open = years.iter().position(|year| Some(year.year) == asked);
    let newest = (found.len() > FEW).then_some(0);
    if let Some(year) = open.or(newest).and_then(|n| years.get_mut(n)) {
        year.is_open = true;
    }
    years
}

fn by_month(meetings: &[&Listed]) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for meeting in meetings {
        let first = meeting.date.map(|date| date.first_of_month());
        match months.last_mut() {
            Some(month) if month.first == first => month.meetings.push((*meeting).clone()),
            _ => months.push(Month { first, meetings: vec![(*meeting).clone()] }),
        }
    }
    months
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn meetings_stand_by_month_and_filters_narrow_them() {
        let archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let html = archive.get("/sitzungen").await.text();
        let places = ["Juni 2025", "/sitzung/kt-9", "Juni 2021", "/sitzung/kt-1"]
            .map(|text| html.find(text));
        assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
        assert!(html.contains("Erfunden") && html.contains("/kalender/2025-06"), "{html}");
        let html = archive.get("/sitzungen?year=2021").await.text();
        assert!(html.contains("/sitzung/kt-1") && !html.contains("/sitzung/kt-9"), "{html}");
        let html = archive.get("/sitzungen?organization=Ortsrat").await.text();
        assert!(html.contains("Keine Sitzung gefunden"), "{html}");
        let html = archive.get("/sitzungen?year=nonsense&page=99").await.text();
        assert!(html.contains("/sitzung/kt-1") && html.contains("/sitzung/kt-9"));
    }

    #[tokio::test]
    async fn of_a_large_archive_one_year_is_open() {
        let archive = Archive::new();
        for n in 1..=28 {
            for year in [2023, 2024] {
                archive.record(&format!("r-{year}-{n}"), &format!("{year}-03-{n:02}"), &[]);
            }
        }
        let html = archive.get("/sitzungen").await.text();
        assert!(
            html.contains("/sitzung/r-2024-1\"") && !html.contains("/sitzung/r-2023-1\""),
            "{html}"
        );
        assert!(html.contains("/sitzungen?year=2023") && html.contains("2023 (28)"), "{html}");
    }
}
