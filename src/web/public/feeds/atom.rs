//! Atom feeds (RFC 4287): hits of a search, meetings, and the form of those of others. What is shown since last or changed last comes
//! first, whenever the meeting was: a late addition is news, and a correction too.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;
use axum::extract;
use axum::http::header;
use axum::response::Response;
use jiff::Timestamp;

use super::{authority, moment, xml};
use crate::domain::{MeetingId, Result};
use crate::edition::{Listed, Publication};
use crate::search::{Breadth, Facet, LinkedHit, Results, SearchRequest, Sort};
use crate::web::public::filter_form::FilterForm;
use crate::web::public::pages::meetings::{is_asked, narrowed, narrowed_title};
use crate::web::public::query::{self, Asked};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, State, blocking};

/// How many entries a feed has at most.
const ENTRIES: usize = 100;
/// Of so many pages of hits all are looked at; of a search with more, those in the meetings that were
/// shown or changed last.
const PAGES: usize = 10;
/// In so many meetings at first, then in twice as many.
const MEETINGS: usize = 8;
/// What is published and not dated would count as very old.
const NEVER: Timestamp = Timestamp::UNIX_EPOCH;

/// A feed of anything.
#[derive(Template)]
#[template(path = "feed.atom.xml")]
pub struct Feed {
    frame: Frame,
    authority: String,
    site: String,
    /// Its name among the feeds of this site.
    id: String,
    title: String,
    /// Its own path, and that of the page that shows the same.
    address: String,
    page: String,
    updated: String,
    entries: Vec<FeedEntry>,
}

/// What a feed tells of.
pub struct FeedEntry {
    /// Stays with what it names, on this site.
    pub id: String,
    /// In a line.
    pub title: String,
    /// Who said it.
    pub author: Option<String>,
    /// In a paragraph.
    pub text: String,
    /// Path of the page that shows it.
    pub url: String,
    /// A film of it elsewhere.
    pub video_url: Option<String>,
    /// Since when it is shown.
    pub publication: Publication,
}

impl FeedEntry {
    fn published(&self) -> String {
        moment(self.publication.first_shown)
    }

    fn updated(&self) -> String {
        moment(self.publication.changed)
    }
}

impl Feed {
    /// A feed under the path `address`, of the same as `page`, with the newest of these entries.
    pub fn new(
        frame: Frame,
        title: &str,
        address: &str,
        page: &str,
        mut entries: Vec<FeedEntry>,
    ) -> Self {
        entries.sort_by_key(|entry| Reverse(order(&entry.publication)));
        entries.truncate(ENTRIES);
        for entry in &mut entries {
            let (author, video) = (entry.author.take(), entry.video_url.take());
            entry.author = author.map(|author| xml(&author)).filter(|author| !author.is_empty());
            entry.video_url = video.filter(|url| is_address(url)).map(|url| xml(&url));
            (entry.title, entry.text) = (xml(&entry.title), xml(&entry.text));
        }
        let updated = entries.iter().map(|entry| entry.publication.changed).max();
        Self {
            authority: authority(&frame.origin),
            site: xml(&frame.site.title),
            id: xml(address.trim_start_matches('/')).replacen(".atom", "", 1),
            title: xml(&format!("{}: {title}", frame.site.title)),
            address: xml(address),
            page: xml(page),
            updated: moment(updated.unwrap_or(NEVER)),
            entries,
            frame,
        }
    }

    /// The answer with it.
    pub fn answer(self) -> Result<Response, Failure> {
        let kind = "application/atom+xml; charset=utf-8";
        Ok(self.frame.answer(([(header::CONTENT_TYPE, kind)], self.render()?)))
    }
}

/// By what entries are ordered.
fn order(publication: &Publication) -> (Timestamp, Timestamp) {
    (publication.changed, publication.first_shown)
}

/// Whether a text from elsewhere is an address that a reader may follow.
fn is_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
}

/// `/sitzungen.atom`, with the filters of the page of meetings: those of one body or organization.
pub async fn of_meetings(
    extract::State(app): extract::State<App>,
    frame: Frame,
    form: FilterForm,
) -> Result<Response, Failure> {
    let meetings = blocking(move || app.editions.meetings()).await?;
    let asked: Vec<&Listed> = meetings.iter().filter(|m| is_asked(&form, m)).collect();
    let entries = of_listed(asked.iter().copied(), frame.t);
    let title = narrowed_title(&form, frame.t.new_meetings());
    let frame = frame.of_bodies(asked.iter().map(|meeting| meeting.body.as_str()));
    let (address, page) = (narrowed(&form, "/sitzungen.atom"), narrowed(&form, "/sitzungen"));
    Feed::new(frame, &title, &address, &page, entries).answer()
}

/// An entry for each of these meetings.
pub fn of_listed<'m>(meetings: impl Iterator<Item = &'m Listed>, t: &Texts) -> Vec<FeedEntry> {
    let entry = |meeting: &Listed| {
        Some(FeedEntry {
            id: meeting.id.to_string(),
            title: t.meeting_title(meeting),
            author: None,
            text: t.meeting_summary(meeting),
            url: query::meeting_page(&meeting.id),
            video_url: None,
            publication: meeting.publication?,
        })
    };
    meetings.filter_map(entry).collect()
}

/// `/suche.atom`: whoever follows a search wants what is new, and nothing that is merely similar.
pub async fn of_search(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Asked(request): Asked,
) -> Result<Response, Failure> {
    let asked = SearchRequest { page: 0, ..request };
    let request = asked.clone();
    let hits = blocking(move || newest(&app, &request)).await?;
    let entries = hits.into_iter().map(|(hit, shown)| entry(hit, shown, frame.t)).collect();
    let query = query::write(&asked);
    let (address, page) = (format!("/suche.atom?{query}"), format!("/suche?{query}"));
    Feed::new(frame, &asked.q, &address, &page, entries).answer()
}

fn entry(hit: LinkedHit, publication: Publication, t: &Texts) -> FeedEntry {
    let item = hit.agenda_item.as_ref().map_or(&hit.meeting.name, |item| &item.title);
    let mark = if hit.meeting.synthetic { format!("{} ", t.synthetic_mark) } else { String::new() };
    FeedEntry {
        title: format!("{mark}{item} – {}, {}", hit.meeting.name, t.date_text(&hit.meeting.date)),
        author: hit.speaker.map(|speaker| speaker.name),
        text: hit.snippet.iter().map(|part| part.text.as_str()).collect(),
        id: hit.passage,
        url: hit.url,
        video_url: hit.video_url,
        publication,
    }
}

/// The hits that are shown or changed since last: all, where they are few, else those in the meetings that
/// were shown or changed last.
fn newest(app: &State, request: &SearchRequest) -> Result<Vec<(LinkedHit, Publication)>> {
    let meetings = app.editions.meetings()?;
    let shown = meetings.into_iter().filter_map(|meeting| Some((meeting.id, meeting.publication?)));
    let shown: BTreeMap<MeetingId, Publication> = shown.collect();
    let request = SearchRequest { sort: Sort::Date, ..request.clone() };
    let dated = |hits: Vec<LinkedHit>| {
        let dated = hits.into_iter().filter_map(|hit| {
            let publication = *shown.get(&hit.meeting.id)?;
            Some((hit, publication))
        });
        dated.collect::<Vec<_>>()
    };
    let first = app.searcher.search(&request)?;
    if first.pages <= PAGES {
        return Ok(dated(pages(app, &request, first)?));
    }
    let asked = request.filters.values(Facet::Meeting);
    let mut newest: Vec<&MeetingId> = shown.keys().collect();
    newest.retain(|id| asked.is_empty() || asked.iter().any(|asked| asked == id.as_str()));
    newest.sort_by_key(|id| Reverse(shown.get(id).map(order)));
    let (mut hits, mut rest, mut size) = (Vec::new(), newest.as_slice(), MEETINGS);
    while !rest.is_empty() && hits.len() < ENTRIES {
        let (some, others) = rest.split_at(size.min(rest.len()));
        (rest, size) = (others, size * 2);
        within(app, &request, some, first.breadth, &mut hits)?;
    }
    Ok(dated(hits))
}

/// Adds the hits in these meetings, the newest first; where they have more than is looked at, in the first
/// half of them before the second.
fn within(
    app: &State,
    request: &SearchRequest,
    meetings: &[&MeetingId],
    breadth: Breadth,
    hits: &mut Vec<LinkedHit>,
) -> Result<()> {
    let Some((first, others)) = meetings.split_first() else { return Ok(()) };
    let mut request = request.clone();
    request.filters.set(Facet::Meeting, first.as_str());
    others.iter().for_each(|id| request.filters.add(Facet::Meeting, id.as_str()));
    let found = app.searcher.search(&request)?;
    if found.pages > PAGES && !others.is_empty() {
        for half in meetings.chunks(meetings.len().div_ceil(2)) {
            if hits.len() < ENTRIES {
                within(app, &request, half, breadth, hits)?;
            }
        }
    } else if found.breadth == breadth {
        // Where these have nothing, the search has looked wider; elsewhere there was no need to.
        hits.extend(pages(app, &request, found)?);
    }
    Ok(())
}

/// The hits of the first pages of a search that are what was asked for.
fn pages(app: &State, request: &SearchRequest, first: Results) -> Result<Vec<LinkedHit>> {
    let pages = first.pages.min(PAGES);
    let mut hits = first.hits;
    for page in 2..=pages {
        hits.extend(app.searcher.search(&SearchRequest { page, ..request.clone() })?.hits);
    }
    hits.retain(|hit| !hit.is_similar());
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn entries_say_since_when_they_are_shown_and_link_to_the_place() {
        let archive = Archive::new();
        let feed = archive.get("/suche.atom?q=Livestream").await.text();
        let meetings = archive.get("/sitzungen.atom").await.text();
        for text in [&feed, &meetings] {
            // Not the day of the meeting, in 2021.
            for tag in ["<published>", "<updated>"] {
                let moment = text.split("<entry>").nth(1).and_then(|e| e.split(tag).nth(1));
                let year: i16 = moment.unwrap()[..4].parse().unwrap();
                assert!(year >= 2026, "{tag} {year}");
            }
        }
        assert!(feed.contains("/sitzung/kt-1?t="), "{feed}");
        assert!(!feed.contains("javascript:"), "{feed}");
        assert!(archive.get("/suche.atom?q=Xylophon").await.text().contains("1970"));
    }
}
