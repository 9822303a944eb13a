//! Feeds and calendars of one person, paper or organization: what they said, where it was debated, when it met.
//! Told is what the directory knows: who spoke how often to what, no word of it.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::atom::{Feed, FeedEntry};
use super::ical;
use crate::domain::{Error, Role};
use crate::edition::{
    Address, Contribution, Debated, Directory, DirectoryMeeting, Listed, OrganizationEntry,
    OrganizationKind, PaperEntry, PersonEntry,
};
use crate::web::public::links;
use crate::web::public::query::{meeting_page, organization_page, paper_page, person_page};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, blocking};

/// What somebody said, or the members of a group.
const SPEECHES: &str = "/beitraege.atom";
/// Where a paper was debated.
const DEBATES: &str = "/beratungen.atom";
/// The meetings of an organization.
const MEETINGS: &str = "/sitzungen.atom";
/// Meetings, as a calendar.
const CALENDAR: &str = "/sitzungen.ics";

/// Where others subscribe to what a page shows.
pub struct Subscriptions {
    /// What is new.
    pub feed: Option<String>,
    /// The meetings.
    pub calendar: Option<String>,
}

impl Subscriptions {
    /// To what somebody says.
    pub fn of_person(person: &PersonEntry) -> Self {
        let page = person_page(&person.address);
        Self { feed: Some(page.clone() + SPEECHES), calendar: Some(page + CALENDAR) }
    }

    /// To where a paper is debated.
    pub fn of_paper(paper: &PaperEntry) -> Self {
        let page = paper_page(&paper.address);
        Self { feed: Some(page.clone() + DEBATES), calendar: Some(page + CALENDAR) }
    }

    /// To the meetings of an organization; a group meets elsewhere, and what its members say counts.
    pub fn of_organization(organization: &OrganizationEntry) -> Self {
        let page = organization_page(&organization.address);
        let meets = !organization.meetings.is_empty();
        let feed = match organization.kind {
            _ if meets => Some(MEETINGS),
            OrganizationKind::Group => Some(SPEECHES),
            OrganizationKind::Committee => None,
        };
        Self {
            feed: feed.map(|feed| page.clone() + feed),
            calendar: meets.then(|| page + CALENDAR),
        }
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/person/{id}/beitraege.atom", get(speeches_of_person))
        .route("/person/{id}/sitzungen.ics", get(calendar_of_person))
        .route("/vorlage/{id}/beratungen.atom", get(debates_of_paper))
        .route("/vorlage/{id}/sitzungen.ics", get(calendar_of_paper))
        .route("/gremium/{id}/sitzungen.atom", get(meetings_of_organization))
        .route("/gremium/{id}/beitraege.atom", get(speeches_of_organization))
        .route("/gremium/{id}/sitzungen.ics", get(calendar_of_organization))
}

/// How something is looked up, and the page of what is found.
type Find = fn(&Directory, &str) -> Option<Address>;
type Page = fn(&str) -> String;

/// Answers with what stands at an address; whoever comes by an older one is sent on.
async fn answer(
    app: App,
    (id, find, page, end): (String, Find, Page, &'static str),
    give: impl FnOnce(&Directory, usize) -> Result<Response, Failure> + Send + 'static,
) -> Result<Response, Failure> {
    blocking(move || {
        let directory = app.editions.directory()?;
        match find(&directory, &id) {
            Some(Address::Here(place)) => give(&directory, place),
            Some(Address::Moved(address)) => {
                Ok(Redirect::temporary(&(page(&address) + end)).into_response())
            }
            // Of several of one name nobody knows who is meant.
            Some(Address::Several) | None => {
                Err(Error::not_found("Davon gibt es weder Feed noch Kalender").into())
            }
        }
    })
    .await
}

async fn speeches_of_person(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    answer(app, (id, Directory::person, person_page, SPEECHES), |directory, place| {
        let person = &directory.persons[place];
        let page = person_page(&person.address);
        let said = person.speeches.iter().map(|(meeting, speech)| (place, *meeting, *speech));
        let entries = of_speeches(directory, frame.t, said);
        let frame = frame.of_bodies([person.body.as_str()]);
        Feed::new(frame, &person.name, &(page.clone() + SPEECHES), &page, entries).answer()
    })
    .await
}

async fn speeches_of_organization(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let of = (id, Directory::organization as Find, organization_page as Page, SPEECHES);
    answer(app, of, |directory, place| {
        let group = &directory.organizations[place];
        let page = organization_page(&group.address);
        let said = directory.persons.iter().enumerate().filter(|(_, p)| p.body == group.body);
        let said = said.flat_map(|(n, person)| {
            let own = person.speeches.iter().filter(|(meeting, speech)| {
                let party = directory.meetings[*meeting].party_of(*speech);
                party.is_some_and(|party| group.is_named(party))
            });
            own.map(move |(meeting, speech)| (n, *meeting, *speech))
        });
        let entries = of_speeches(directory, frame.t, said);
        let frame = frame.of_bodies([group.body.as_str()]);
        Feed::new(frame, &group.name, &(page.clone() + SPEECHES), &page, entries).answer()
    })
    .await
}

async fn debates_of_paper(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    answer(app, (id, Directory::paper, paper_page, DEBATES), |directory, place| {
        let paper = &directory.papers[place];
        let page = paper_page(&paper.address);
        let debates = paper.debates.iter();
        let entries = debates.filter_map(|d| of_debate(directory, frame.t, &page, d)).collect();
        let name = [Some(paper.reference.as_str()), paper.title.as_deref()];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let frame = frame.of_bodies([paper.body.as_str()]);
        Feed::new(frame, &name, &(page.clone() + DEBATES), &page, entries).answer()
    })
    .await
}

async fn meetings_of_organization(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let of = (id, Directory::organization as Find, organization_page as Page, MEETINGS);
    answer(app, of, |directory, place| {
        let organization = &directory.organizations[place];
        let page = organization_page(&organization.address);
        let meetings = organization.meetings.iter().map(|n| &directory.listed[*n]);
        let entries = super::atom::of_listed(meetings, frame.t);
        let frame = frame.of_bodies([organization.body.as_str()]);
        Feed::new(frame, &organization.name, &(page.clone() + MEETINGS), &page, entries).answer()
    })
    .await
}

async fn calendar_of_person(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    answer(app, (id, Directory::person, person_page, CALENDAR), |directory, place| {
        let person = &directory.persons[place];
        // Those at which they spoke: that somebody will come, no membership says.
        let meetings = person.speeches.iter().map(|(meeting, _)| *meeting);
        Ok(calendar(frame, directory, &person.name, meetings))
    })
    .await
}

async fn calendar_of_paper(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    answer(app, (id, Directory::paper, paper_page, CALENDAR), |directory, place| {
        let paper = &directory.papers[place];
        let meetings = paper.debates.iter().map(|debated| debated.meeting);
        Ok(calendar(frame, directory, &paper.reference, meetings))
    })
    .await
}

async fn calendar_of_organization(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let of = (id, Directory::organization as Find, organization_page as Page, CALENDAR);
    answer(app, of, |directory, place| {
        let organization = &directory.organizations[place];
        let meetings = organization.meetings.iter().copied();
        Ok(calendar(frame, directory, &organization.name, meetings))
    })
    .await
}

/// A calendar of these meetings, each once, newest first.
fn calendar(
    frame: Frame,
    directory: &Directory,
    name: &str,
    meetings: impl Iterator<Item = usize>,
) -> Response {
    let places: std::collections::BTreeSet<usize> = meetings.collect();
    let listed: Vec<&Listed> = places.into_iter().map(|n| &directory.listed[n]).collect();
    ical::answer(frame, name, &listed)
}

/// What is one entry: all that somebody says in a meeting to one item, or presiding.
type SpokenTo = (usize, usize, Option<usize>, bool);

/// Entries of speeches: person, meeting and contribution of each.
fn of_speeches(
    directory: &Directory,
    t: &Texts,
    said: impl Iterator<Item = (usize, usize, usize)>,
) -> Vec<FeedEntry> {
    let mut together: BTreeMap<SpokenTo, Vec<&Contribution>> = BTreeMap::new();
    for (person, meeting, speech) in said {
        let contribution = &directory.meetings[meeting].contributions[speech];
        let presided = contribution.role == Role::Chair;
        let item = contribution.item.filter(|_| !presided);
        together.entry((meeting, person, item, presided)).or_default().push(contribution);
    }
    let entry = |((meeting, person, item, presided), mut speeches): (SpokenTo, Vec<_>)| {
        let (listed, entry) = (&directory.listed[meeting], &directory.meetings[meeting]);
        let person = &directory.persons[person];
        speeches.sort_by_key(|speech: &&Contribution| (speech.start, speech.order));
        let lengths: u64 = speeches.iter().filter_map(|speech| speech.length_ms).sum();
        let place = match presided {
            true => t.directory().presided.to_owned(),
            false => treated(entry, item, None, t),
        };
        // Whoever presides speaks all the time: how often, nobody counts.
        let count = (!presided).then(|| t.contribution_count(&speeches.len()));
        let length = (lengths > 0).then(|| t.duration(&lengths));
        let said: Vec<String> = count.into_iter().chain(length).collect();
        let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
        Some(FeedEntry {
            id: format!(
                "person/{}/{}/{}",
                person.address,
                listed.id,
                if presided { "leitung".to_owned() } else { item_name(entry, item) }
            ),
            title: titled(listed, &format!("{place} – {}", t.on_day(listed)), t),
            author: Some(person.name.clone()),
            text: format!("{}{said}. {}.", person.name, whose(listed)),
            url: links::contribution(&listed.id, speeches.first()?),
            video_url: None,
            publication: listed.publication?,
        })
    };
    together.into_iter().filter_map(entry).collect()
}

fn of_debate(directory: &Directory, t: &Texts, page: &str, debated: &Debated) -> Option<FeedEntry> {
    let (listed, entry) =
        (&directory.listed[debated.meeting], &directory.meetings[debated.meeting]);
    let item = debated.item.and_then(|n| entry.items.get(n));
    let place = treated(entry, debated.item, debated.number.as_deref(), t);
    let result = item.and_then(|item| item.result.clone());
    let announced = item.iter().flat_map(|item| &item.announced).map(|vote| t.vote(vote));
    let speeches = match item.map_or(0, |item| item.speeches) {
        0 => t.directory().no_speech.to_owned(),
        n => t.contribution_count(&n),
    };
    let told = [whose(listed), speeches].into_iter().chain(result).chain(announced);
    Some(FeedEntry {
        id: format!(
            "{}/{}/{}",
            page.trim_start_matches('/'),
            listed.id,
            match &debated.number {
                Some(number) => number.clone(),
                None => item_name(entry, debated.item),
            }
        ),
        title: titled(listed, &format!("{place} – {}", t.on_day(listed)), t),
        author: None,
        text: told.map(|part| format!("{part}. ")).collect::<String>().trim_end().to_owned(),
        url: match item {
            Some(item) => links::item(&listed.id, item),
            None => meeting_page(&listed.id),
        },
        video_url: None,
        publication: listed.publication?,
    })
}

/// To what was spoken; of an item that is not known any more, its number.
fn treated(
    entry: &DirectoryMeeting,
    item: Option<usize>,
    number: Option<&str>,
    t: &Texts,
) -> String {
    match item.and_then(|n| entry.items.get(n)) {
        Some(item) => t.treated(item.number.as_deref(), &item.title),
        None => t.treated(number, ""),
    }
}

/// What an item is called in ids: its number where that is its alone, which stays when others are put before it.
fn item_name(entry: &DirectoryMeeting, item: Option<usize>) -> String {
    let Some((n, number)) = item.and_then(|n| Some((n, entry.items.get(n)?.number.as_ref())))
    else {
        return "ohne".to_owned();
    };
    let same = entry.items.iter().filter(|other| other.number.as_ref() == number).count();
    match number {
        Some(number) if same == 1 => number.clone(),
        number => format!("{}-{n}", number.map_or("", String::as_str)),
    }
}

fn whose(listed: &Listed) -> String {
    let parts = [listed.organization.as_str(), listed.body.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn titled(listed: &Listed, title: &str, t: &Texts) -> String {
    match listed.synthetic {
        true => format!("{} {title}", t.synthetic_mark),
        false => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::markup::assert_well_formed_xml;
    use crate::web::testing::Archive;

    /// Every address of this file that a page offers.
    fn offered(html: &str) -> Vec<String> {
        let links = html.split("<link rel=\"alternate\"").skip(1);
        let address = |link: &str| {
            let address = link.split("href=\"").nth(1)?.split('"').next()?;
            Some(address.to_owned())
        };
        links.filter_map(address).collect()
    }

    #[tokio::test]
    async fn what_a_page_offers_is_there_and_says_what_is_new() {
        let archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member); 3]);
        for (page, addresses, there) in [
            (
                "/person/lars-land",
                ["/person/lars-land/beitraege.atom", "/person/lars-land/sitzungen.ics"].as_slice(),
                "TOP 3 Radweg am Ring – ",
            ),
            (
                "/vorlage/ds-500-25",
                &["/vorlage/ds-500-25/beratungen.atom", "/vorlage/ds-500-25/sitzungen.ics"],
                "TOP 3 Radweg am Ring – ",
            ),
            (
                "/gremium/kreistag",
                &["/gremium/kreistag/sitzungen.atom", "/gremium/kreistag/sitzungen.ics"],
                "Kreistag, 12. Juni 2025",
            ),
            (
                "/gremium/gruene-liste",
                &["/gremium/gruene-liste/beitraege.atom"],
                "3 Beiträge, 2 min 57 s",
            ),
        ] {
            let html = archive.found(page).await;
            assert_eq!(offered(&html), addresses, "{page}");
            for address in addresses {
                assert!(html.contains(&format!("<a href=\"{address}\"")), "{address} is not seen");
                let text = archive.found(address).await;
                if address.ends_with(".atom") {
                    assert_well_formed_xml(address, &text);
                    assert!(text.contains(there), "{there} in {text}");
                    assert_eq!(text.matches("/sitzung/kt-9").count(), 1, "{text}");
                } else {
                    assert!(text.contains("DTSTART;VALUE=DATE:20250612"), "{text}");
                }
            }
        }
    }

    #[tokio::test]
    async fn ids_differ_and_older_addresses_lead_on() {
        let archive = Archive::new();
        archive.record(
            "kt-9",
            "2025-06-12",
            &[("Lars Land", Role::Member), ("Lars Land", Role::Chair)],
        );
        let feed = archive.found("/person/lars-land/beitraege.atom").await;
        let ids: std::collections::BTreeSet<&str> =
            feed.split("<id>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        assert_eq!(ids.len(), 3, "the feed and two entries: {feed}");
        let by_id = archive.get("/person/p%2F1/beitraege.atom").await;
        let place = by_id.header("location");
        assert_eq!((by_id.status, place.as_str()), (307, "/person/erika-muster/beitraege.atom"));
        for none in [
            "/person/niemand/beitraege.atom",
            "/vorlage/x/sitzungen.ics",
            "/gremium/x/sitzungen.ics",
        ] {
            assert_eq!(archive.get(none).await.status, 404, "{none}");
        }
    }

    #[tokio::test]
    async fn who_has_no_page_has_no_feed_and_what_is_withdrawn_is_in_none() {
        let archive = Archive::new();
        let lines = [("Lars Land", Role::Member), ("Ria Rat", Role::Resident)];
        let id = archive.record("kt-9", "2025-06-12", &lines);
        assert_eq!(archive.get("/person/ria-rat/beitraege.atom").await.status, 404);
        let state = archive.state();
        let found = archive.get_of(&state, "/person/lars-land/beitraege.atom").await.text();
        assert!(found.contains("/sitzung/kt-9") && !found.contains("Ria"), "{found}");
        archive.withhold_speech(&id, 1);
        let gone = archive.get_of(&state, "/person/lars-land/beitraege.atom").await.status;
        assert_eq!(gone, 404);
        let paper = archive.get_of(&state, "/vorlage/ds-500-25/beratungen.atom").await.text();
        assert!(paper.contains("/sitzung/kt-9") && !paper.contains("Lars"), "{paper}");
        archive.withdraw(true);
        for feed in ["/gremium/kreistag/sitzungen.atom", "/gremium/kreistag/sitzungen.ics"] {
            let text = archive.get_of(&state, feed).await.text();
            assert!(text.contains("kt-9") && !text.contains("kt-1"), "{text}");
        }
    }
}
