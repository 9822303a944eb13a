//! `/person/{id}`: what somebody said, for how long, and how they voted. Of those who hold a mandate or an
//! office; the directory decides who that is.

use askama::Template;
use axum::Router;
use axum::extract::{self, Path};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::civil::Date;
use serde_json::json;

use crate::domain::{Error, VoteCast};
use crate::edition::{Address, Directory, PersonEntry};
use crate::web::public::feeds::Subscriptions;
use crate::web::public::filter_form::{FilterForm, Paging};
use crate::web::public::head::PageHead;
use crate::web::public::links;
use crate::web::public::query::{encode, meeting_page, person_page, seconds};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

const SPEECHES: usize = 40;
const VOTES: usize = 20;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    head: PageHead,
    subscriptions: Subscriptions,
    name: String,
    body: String,
    party: Option<(String, Option<String>)>,
    role: Option<&'static str>,
    offices: Vec<Office>,
    speeches: usize,
    meetings: usize,
    speaking_ms: u64,
    first: Option<Date>,
    last: Option<Date>,
    search: String,
    rows: Vec<SpeechRow>,
    paging: Paging,
    chart: YearChart,
    votes: usize,
    vote_rows: Vec<VoteRow>,
    vote_paging: Paging,
}

/// What somebody belongs to.
struct Office {
    organization: String,
    address: Option<String>,
    role: Option<String>,
    start: Option<Date>,
    end: Option<Date>,
}

struct SpeechRow {
    date: Option<Date>,
    meeting: String,
    organization: String,
    item: Option<(Option<String>, String)>,
    presided: bool,
    address: String,
    length_ms: Option<u64>,
    words: usize,
    synthetic: bool,
}

struct VoteRow {
    date: Option<Date>,
    title: String,
    reference: Option<String>,
    address: String,
    cast: VoteCast,
    result: Option<String>,
}

/// Bars of a chart, and the figures of its table.
struct YearChart {
    years: Vec<YearBar>,
    /// Whether the bars are of times; of records without times they are of numbers.
    is_time: bool,
    width: usize,
}

struct YearBar {
    year: i16,
    speeches: usize,
    speaking_ms: u64,
    x: usize,
    y: usize,
    height: usize,
}

impl YearBar {
    fn minutes(&self) -> u64 {
        self.speaking_ms.div_ceil(60_000)
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/person/{id}", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    form: FilterForm,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    blocking(move || {
        let directory = app.editions.directory()?;
        let unknown = || Error::not_found("Eine solche Person ist nicht verzeichnet");
        match directory.person(&id).ok_or_else(unknown)? {
            Address::Here(place) => {
                let person = &directory.persons[place];
                let frame = frame.of_bodies([person.body.as_str()]);
                let page = PersonPage::new(frame, &form, &directory, person);
                Ok::<_, Failure>(page.frame.answer(Html(page.render()?)))
            }
            // It may become several one day, so no browser keeps it for ever.
            Address::Moved(address) => {
                Ok(Redirect::temporary(&person_page(&address)).into_response())
            }
            Address::Several => {
                let name = id.replace('-', " ");
                let list = format!("/personen?q={}", encode(&name));
                Ok(Redirect::temporary(&list).into_response())
            }
        }
    })
    .await
}

/// For how long somebody spoke, as far as times are known.
pub(super) fn speaking_ms(directory: &Directory, person: &PersonEntry) -> u64 {
    let lengths = person.speeches.iter();
    lengths.filter_map(|(m, c)| directory.meetings[*m].contributions[*c].length_ms).sum()
}

impl PersonPage {
    fn new(frame: Frame, form: &FilterForm, directory: &Directory, person: &PersonEntry) -> Self {
        let path = person_page(&person.address);
        let dates = || person.speeches.iter().filter_map(|(m, _)| directory.listed[*m].date);
        let mut meetings: Vec<usize> = person.speeches.iter().map(|(m, _)| *m).collect();
        meetings.dedup();
        let page = form.page("page", SPEECHES, person.speeches.len());
        let vote_page = form.page("votes", VOTES, person.votes.len());
        let rows = page.of(&person.speeches).iter();
        let vote_rows = vote_page.of(&person.votes).iter();
        let party = person.party.clone().map(|party| {
            let address = links::organization(directory, &party, &person.body);
            (party, address)
        });
        Self {
            head: head(&frame, &path, person),
            subscriptions: Subscriptions::of_person(person),
            name: person.name.clone(),
            body: person.body.clone(),
            role: frame.t.standing(&person.role),
            offices: offices(directory, person),
            speeches: person.speeches.len(),
            meetings: meetings.len(),
            speaking_ms: speaking_ms(directory, person),
            first: dates().min(),
            last: dates().max(),
            search: links::search("sprecher", &person.name),
            rows: rows.map(|place| speech_row(directory, *place)).collect(),
            paging: Paging { of: frame.t.directory().speeches, ..form.paging(&path, "page", page) },
            chart: YearChart::new(directory, person),
            votes: person.votes.len(),
            vote_rows: vote_rows.map(|vote| vote_row(directory, *vote)).collect(),
            vote_paging: Paging {
                of: frame.t.directory().votes,
                ..form.paging(&path, "votes", vote_page)
            },
            party,
            frame,
        }
    }
}

fn head(frame: &Frame, path: &str, person: &PersonEntry) -> PageHead {
    let party = person.party.as_ref().map(|party| format!(" ({party})")).unwrap_or_default();
    let count = frame.t.speech_count(&person.speeches.len());
    let description = format!("{}{party}, {}: {count}", person.name, person.body);
    let member =
        person.party.as_ref().map(|party| json!({ "@type": "Organization", "name": party }));
    let more = json!({
        "memberOf": member,
        "affiliation": { "@type": "GovernmentOrganization", "name": person.body },
    });
    PageHead::new(frame, path, &person.name, &description).about("profile", "Person", more)
}

fn offices(directory: &Directory, person: &PersonEntry) -> Vec<Office> {
    let memberships = person.person.iter().flat_map(|person| &person.memberships);
    let office = |membership: &crate::domain::Membership| {
        let organization = membership.organization_name.clone()?;
        Some(Office {
            address: links::organization(directory, &organization, &person.body),
            role: membership.role.clone(),
            start: membership.start,
            end: membership.end,
            organization,
        })
    };
    memberships.filter_map(office).collect()
}

fn speech_row(directory: &Directory, (meeting, place): (usize, usize)) -> SpeechRow {
    let (listed, entry) = (&directory.listed[meeting], &directory.meetings[meeting]);
    let contribution = &entry.contributions[place];
    let item = contribution.item.and_then(|n| entry.items.get(n));
    SpeechRow {
        date: listed.date,
        meeting: listed.name.clone(),
        organization: listed.organization.clone(),
        item: item
            .filter(|item| !item.title.is_empty() || item.number.is_some())
            .map(|item| (item.number.clone(), item.title.clone())),
        presided: contribution.role == crate::domain::Role::Chair,
        address: links::contribution(&listed.id, contribution),
        length_ms: contribution.length_ms,
        words: contribution.words,
        synthetic: listed.synthetic,
    }
}

fn vote_row(directory: &Directory, (meeting, place, cast): (usize, usize, VoteCast)) -> VoteRow {
    let (listed, entry) = (&directory.listed[meeting], &directory.meetings[meeting]);
    let vote = &entry.votes[place];
    let item = vote.item.and_then(|n| entry.items.get(n));
    let title = vote.title.clone().or_else(|| item.map(|item| item.title.clone()));
    let paper =
        vote.motion.as_deref().and_then(|motion| links::paper(directory, motion, &entry.body));
    let time = vote.at.map(|at| format!("?t={}", seconds(at))).unwrap_or_default();
    VoteRow {
        date: listed.date,
        title: title.filter(|title| !title.is_empty()).unwrap_or_else(|| listed.name.clone()),
        reference: vote.motion.clone(),
        address: paper.unwrap_or_else(|| format!("{}{time}", meeting_page(&listed.id))),
        cast,
        result: vote.result.clone(),
    }
}

impl YearChart {
    /// Width and height of a bar's place.
    const STEP: usize = 60;
    const HEIGHT: usize = 120;

    fn new(directory: &Directory, person: &PersonEntry) -> Self {
        let mut years: Vec<YearBar> = Vec::new();
        // Newest first in the list, oldest first in the chart.
        for (meeting, place) in person.speeches.iter().rev() {
            let Some(date) = directory.listed[*meeting].date else { continue };
            let length = directory.meetings[*meeting].contributions[*place].length_ms;
            let bar =
                YearBar { year: date.year(), speeches: 0, speaking_ms: 0, x: 0, y: 0, height: 0 };
            if years.last().is_none_or(|last| last.year != date.year()) {
                years.push(bar);
            }
            if let Some(last) = years.last_mut() {
                last.speeches += 1;
                last.speaking_ms += length.unwrap_or_default();
            }
        }
        let is_time = years.iter().any(|bar| bar.speaking_ms > 0);
        let value = |bar: &YearBar| if is_time { bar.speaking_ms } else { bar.speeches as u64 };
        let most = years.iter().map(value).max().unwrap_or_default().max(1);
        for (n, bar) in years.iter_mut().enumerate() {
            let height = (value(bar) * Self::HEIGHT as u64).div_ceil(most) as usize;
            (bar.x, bar.height, bar.y) = (n * Self::STEP, height, Self::HEIGHT - height + 20);
        }
        Self { width: years.len() * Self::STEP, is_time, years }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_person_is_shown_with_all_that_they_said_newest_first() {
        let archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Dr. Erika Muster", Role::Member)]);
        let html = archive.get("/person/erika-muster").await.text();
        let places = ["/sitzung/kt-9?t=0#stelle", "/sitzung/kt-1?t=5"].map(|link| html.find(link));
        assert!(places[0].is_some() && places[0] < places[1], "{places:?} in {html}");
        assert!(html.contains("/suche?q=sprecher%3A%22Erika%20Muster%22"), "{html}");
        assert!(html.contains("<h1 lang=\"de\">Erika Muster</h1>") && html.contains("SPD"));
        assert!(html.contains("Sitzungsleitung") && html.contains("59 s"), "{html}");
        assert!(html.contains(r#""@type":"Person""#) && html.contains("rel=\"canonical\""));
        assert!(html.contains(r#"<th scope="row">2025</th>"#), "{html}");
    }

    #[tokio::test]
    async fn residents_guests_and_guesses_have_no_page() {
        let archive = Archive::new();
        let roles =
            [("Ria Rat", Role::Resident), ("Gero Gast", Role::Guest), ("Udo U", Role::Unknown)];
        archive.record("kt-9", "2025-06-12", &roles);
        // Of the second speaker of the invented meeting it is only guessed who it is.
        for none in
            ["ria-rat", "gero-gast", "udo-u", "bernd-beispiel", "p%2F2", "x", "%3Cscript%3E"]
        {
            assert_eq!(archive.get(&format!("/person/{none}")).await.status, 404, "{none}");
        }
        let list = archive.get("/personen").await.text();
        for none in ["Ria Rat", "Gero Gast", "Udo U", "Bernd Beispiel"] {
            assert!(!list.contains(none), "{none}");
        }
        let council = archive.get("/gremium/kreistag").await.text();
        assert!(!council.contains("Ria Rat") && !council.contains("Gero Gast"));
        // The council's id leads to the readable address.
        let by_id = archive.get("/person/p%2F1").await;
        assert_eq!(
            (by_id.status, by_id.header("location").as_str()),
            (307, "/person/erika-muster")
        );
    }

    #[tokio::test]
    async fn what_is_withdrawn_is_gone_with_the_next_request() {
        let archive = Archive::new();
        let lines = [("Lars Land", Role::Member), ("Lars Land", Role::Member)];
        let id = archive.record("kt-9", "2025-06-12", &lines);
        archive.votes(&id, serde_json::json!([{"motion": "DS0500/25", "votes": [{"person": "Lars Land", "vote": "no"}]}]));
        let state = archive.state();
        let html = archive.get_of(&state, "/person/lars-land").await.text();
        assert!(
            html.contains("?t=0#") && html.contains("?t=60#") && html.contains("Nein"),
            "{html}"
        );
        archive.withhold_speech(&id, 1);
        let html = archive.get_of(&state, "/person/lars-land").await.text();
        assert!(!html.contains("?t=0#") && html.contains("?t=60#"), "{html}");
        archive.withhold_speech(&id, 2);
        assert_eq!(archive.get_of(&state, "/person/lars-land").await.status, 404);
        assert!(!archive.get_of(&state, "/personen").await.text().contains("Lars Land"));
    }

    #[tokio::test]
    async fn long_lists_have_pages() {
        let archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member); 45]);
        let rows = |html: &str| html.matches("/sitzung/kt-9?t=").count();
        let first = archive.get("/person/lars-land").await.text();
        assert_eq!(rows(&first), super::SPEECHES);
        assert!(first.contains("/person/lars-land?page=2"), "{first}");
        assert_eq!(rows(&archive.get("/person/lars-land?page=2").await.text()), 5);
    }
}
