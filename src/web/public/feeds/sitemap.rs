//! `/sitemap.xml` (sitemaps.org): meetings, months, persons, organizations and papers with their last change and, of
//! public recordings, Google's extension for films. It names the page that plays a film and a picture of it, never
//! the file: that is gigabytes, and `robots.txt` keeps crawlers from it. Owns how many addresses a file may have.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{self, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use jiff::Timestamp;
use jiff::civil::Date;

use super::{moment, xml};
use crate::domain::{Error, MediaTime, Result};
use crate::edition::{Directory, Listed};
use crate::web::public::pages::calendar::month_page;
use crate::web::public::{preview, query};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, State, Unindexed, blocking};

/// Addresses in a file, by the standard.
const MOST: usize = 50_000;
/// Characters of a film's title and description.
const TITLE: usize = 100;
const DESCRIPTION: usize = 2048;

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Sitemap {
    origin: String,
    places: Vec<SitemapUrl>,
}

#[derive(Template)]
#[template(path = "sitemap_index.xml")]
struct SitemapIndex {
    origin: String,
    parts: Vec<usize>,
}

/// An address of the site.
struct SitemapUrl {
    path: String,
    changed: Option<String>,
    films: Vec<SitemapFilm>,
}

/// A film that is served.
struct SitemapFilm {
    title: String,
    description: String,
    /// Paths of the page that plays it, and of a picture.
    player: String,
    picture: String,
    shown: Option<String>,
}

/// Which addresses are given.
#[derive(Debug, PartialEq, Eq)]
enum Extent {
    /// Those at these places of all.
    Some(std::ops::Range<usize>),
    /// None, but so many files with them.
    Files(usize),
    /// There is no such file.
    Nothing,
}

/// What of `all` addresses stands in a file, where one holds `most`: in the one without a number all, or how
/// many files there are.
fn extent(part: Option<usize>, all: usize, most: usize) -> Extent {
    let files = all.div_ceil(most).max(1);
    match part {
        None if files == 1 => Extent::Some(0..all),
        None => Extent::Files(files),
        Some(n @ 1..) if n <= files => Extent::Some((n - 1) * most..all.min(n * most)),
        Some(_) => Extent::Nothing,
    }
}

/// `/sitemap.xml`, and with `?teil=N` one of several files.
pub async fn give(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let part = query.get("teil").map(|part| part.parse().unwrap_or_default());
    let (origin, t, noindex) = (frame.origin, frame.t, frame.site.noindex);
    let xml = blocking(move || {
        let directory = app.editions.directory()?;
        let all = places(&directory, &noindex);
        match extent(part, all.len(), MOST) {
            Extent::Files(files) => {
                Ok(SitemapIndex { origin, parts: (1..=files).collect() }.render()?)
            }
            Extent::Nothing => {
                Err(Failure::from(Error::not_found("Einen solchen Teil gibt es nicht")))
            }
            Extent::Some(range) => {
                let places = all[range].iter().map(|place| url(&app, place, t));
                Ok(Sitemap { origin, places: places.collect::<Result<_>>()? }.render()?)
            }
        }
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
}

/// What stands in the sitemap.
struct SitemapPlace<'d> {
    path: String,
    changed: Option<Timestamp>,
    meeting: Option<&'d Listed>,
}

/// Every page that search engines may have. A list on which something stands that they may not is not among them.
fn places<'d>(directory: &'d Directory, noindex: &Unindexed) -> Vec<SitemapPlace<'d>> {
    let listed = &directory.listed;
    let may = |body: &str| !noindex.covers(body);
    let changed = |n: usize| Some(listed.get(n)?.publication?.changed);
    let page = |path: &str| place(path.to_owned(), None);
    let mut all = vec![page("/")];
    if listed.iter().all(|meeting| may(&meeting.body)) {
        all.push(page("/sitzungen"));
        all.extend((!directory.persons.is_empty()).then(|| page("/personen")));
        all.extend((!directory.papers.is_empty()).then(|| page("/vorlagen")));
    }
    all.extend(listed.iter().filter(|meeting| may(&meeting.body)).map(|meeting| SitemapPlace {
        path: query::meeting_page(&meeting.id),
        changed: meeting.publication.map(|p| p.changed),
        meeting: Some(meeting),
    }));
    let mut months: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
    for (n, meeting) in listed.iter().enumerate() {
        if let Some(date) = meeting.date {
            months.entry(date.first_of_month()).or_default().push(n);
        }
    }
    months.retain(|_, meetings| meetings.iter().all(|n| may(&listed[*n].body)));
    all.extend(months.into_iter().rev().map(|(first, meetings)| {
        place(month_page(first), meetings.into_iter().filter_map(changed).max())
    }));
    all.extend(directory.persons.iter().filter(|p| may(&p.body)).map(|person| {
        let meetings = person.speeches.iter().map(|(n, _)| *n);
        let meetings = meetings.chain(person.votes.iter().map(|(n, ..)| *n));
        place(query::person_page(&person.address), meetings.filter_map(changed).max())
    }));
    all.extend(directory.organizations.iter().filter(|o| may(&o.body)).map(|organization| {
        let meetings = organization.meetings.iter().copied();
        place(query::organization_page(&organization.address), meetings.filter_map(changed).max())
    }));
    all.extend(directory.papers.iter().filter(|p| may(&p.body)).map(|paper| {
        let meetings = paper.debates.iter().map(|debated| debated.meeting);
        place(query::paper_page(&paper.address), meetings.filter_map(changed).max())
    }));
    all
}

fn place<'d>(path: String, changed: Option<Timestamp>) -> SitemapPlace<'d> {
    SitemapPlace { path, changed, meeting: None }
}

fn url(app: &State, place: &SitemapPlace<'_>, t: &Texts) -> Result<SitemapUrl> {
    let films = match place.meeting.filter(|meeting| meeting.recordings > 0) {
        Some(meeting) => films(app, meeting, t)?,
        None => Vec::new(),
    };
    Ok(SitemapUrl { path: place.path.clone(), changed: place.changed.map(moment), films })
}

fn films(app: &State, meeting: &Listed, t: &Texts) -> Result<Vec<SitemapFilm>> {
    let starts = app.editions.films(&meeting.id)?;
    let several = starts.len() > 1;
    let film = |(n, start): (usize, MediaTime)| {
        let part = if several { format!(" ({})", n + 1) } else { String::new() };
        let at = if several { format!("?t={}", query::seconds(start)) } else { String::new() };
        let cut = |text: &str, most| xml(text).chars().take(most).collect::<String>();
        SitemapFilm {
            title: cut(&t.meeting_title(meeting), TITLE - part.len()) + &part,
            description: cut(&t.meeting_summary(meeting), DESCRIPTION),
            player: format!("/einbetten/{}{at}", meeting.id),
            picture: preview::of(meeting.id.as_str()),
            shown: meeting.publication.map(|p| moment(p.first_shown)),
        }
    };
    Ok(starts.into_iter().enumerate().map(film).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[test]
    fn every_address_stands_in_one_file() {
        for all in 0..40usize {
            for most in 1..12 {
                let files = match extent(None, all, most) {
                    Extent::Files(files) => files,
                    whole => {
                        assert_eq!(whole, Extent::Some(0..all));
                        continue;
                    }
                };
                let mut next = 0;
                for n in 1..=files {
                    let Extent::Some(range) = extent(Some(n), all, most) else { panic!("{n}") };
                    assert!(range.start == next && range.len() <= most && !range.is_empty());
                    next = range.end;
                }
                assert_eq!(next, all);
                assert_eq!(extent(Some(files + 1), all, most), Extent::Nothing);
                assert_eq!(extent(Some(0), all, most), Extent::Nothing);
            }
        }
    }

    #[tokio::test]
    async fn every_page_has_its_last_change_and_films_their_player() {
        let archive = Archive::in_two_parts();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let text = archive.found("/sitemap.xml").await;
        assert_eq!(text, archive.found("/sitemap.xml?teil=1").await);
        for path in [
            "/sitzungen",
            "/sitzung/kt-1",
            "/kalender/2025-06",
            "/person/lars-land",
            "/gremium/kreistag",
            "/vorlage/mv-29-21",
        ] {
            let url = format!("<loc>http://localhost{path}</loc>");
            let dated = path == "/sitzungen" || text.contains(&format!("{url}<lastmod>20"));
            assert!(text.contains(&url) && dated, "{path} in {text}");
            assert_eq!(archive.get(path).await.status, 200, "{path}");
        }
        for path in ["/einbetten/kt-1?t=5", "/einbetten/kt-1?t=605", "/sitzung/kt-1/vorschau.png"] {
            assert!(text.contains(&format!("localhost{path}<")), "{path} in {text}");
            assert_eq!(archive.get(path).await.status, 200, "{path}");
        }
        let second = archive.found("/einbetten/kt-1?t=605").await;
        assert!(second.contains("data-offset=\"605000\""), "{second}");
        assert!(!text.contains("/medien/"), "robots.txt keeps crawlers from files: {text}");
        for path in ["/sitemap.xml?teil=2", "/sitemap.xml?teil=0", "/sitemap.xml?teil=x"] {
            assert_eq!(archive.get(path).await.status, 404, "{path}");
        }
    }

    #[tokio::test]
    async fn search_engines_are_kept_from_what_is_of_a_body() {
        let mut archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let pages = [
            "/sitzung/kt-1",
            "/sitzung/kt-9",
            "/person/lars-land",
            "/gremium/kreistag",
            "/vorlage/ds-500-25",
        ];
        let others =
            ["/sitzung/kt-1/untertitel.vtt", "/gremium/kreistag/sitzungen.ics", "/sitzungen.atom"];
        let lists = ["/personen", "/vorlagen", "/sitzungen", "/kalender/2025-06"];
        let meta = "<meta name=\"robots\" content=\"noindex\">";
        for named in ["Landkreis Anderswo", " landkreis BEISPIEL"] {
            archive.site.noindex = Unindexed::Bodies(vec![named.trim().into()]);
            let is_named = named.contains("BEISPIEL");
            let expected = if is_named { "noindex" } else { "" };
            for path in pages.iter().chain(&others) {
                assert_eq!(archive.get(path).await.header("x-robots-tag"), expected, "{path}");
            }
            for path in pages.iter().chain(&lists) {
                assert_eq!(archive.found(path).await.contains(meta), is_named, "{path}");
            }
            assert!(!archive.found("/").await.contains(meta));
            let map = archive.found("/sitemap.xml").await;
            assert_eq!(map.matches("<loc>").count() == 1, is_named, "{map}");
            assert!(archive.found("/robots.txt").await.contains("Sitemap:"));
        }
    }
}
