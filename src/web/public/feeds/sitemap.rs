//! `/sitemap.xml` (sitemaps.org): the meetings with the day of their last change and, of public recordings,
//! Google's extension for films. Owns how many addresses a file may have.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{self, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{moment, xml};
use crate::domain::{Error, Result};
use crate::edition::Listed;
use crate::web::public::query;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, State, blocking};

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
    hash: String,
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
    let (origin, t) = (frame.origin, frame.t);
    let xml = blocking(move || {
        let meetings = app.editions.meetings()?;
        let pages = ["/", "/sitzungen"];
        match extent(part, pages.len() + meetings.len(), MOST) {
            Extent::Files(files) => {
                Ok(SitemapIndex { origin, parts: (1..=files).collect() }.render()?)
            }
            Extent::Nothing => {
                Err(Failure::from(Error::not_found("Einen solchen Teil gibt es nicht")))
            }
            Extent::Some(range) => {
                let pages = pages.iter().map(|page| Ok(page_at(page)));
                let meetings = meetings.iter().map(|meeting| place(&app, meeting, t));
                let places = pages.chain(meetings).skip(range.start).take(range.len());
                Ok(Sitemap { origin, places: places.collect::<Result<_>>()? }.render()?)
            }
        }
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
}

fn page_at(path: &str) -> SitemapUrl {
    SitemapUrl { path: path.to_owned(), changed: None, films: Vec::new() }
}

fn place(app: &State, meeting: &Listed, t: &Texts) -> Result<SitemapUrl> {
    let films = match meeting.recordings {
        0 => Vec::new(),
        _ => app.editions.films(&meeting.id)?,
    };
    let several = films.len() > 1;
    let film = |(n, film): (usize, crate::edition::File)| {
        let part = if several { format!(" ({})", n + 1) } else { String::new() };
        let cut = |text: &str, most| xml(text).chars().take(most).collect::<String>();
        let title = cut(&t.meeting_title(meeting), TITLE - part.len()) + &part;
        SitemapFilm {
            title,
            description: cut(&t.meeting_summary(meeting), DESCRIPTION),
            hash: film.sha256.to_string(),
            shown: meeting.publication.map(|p| moment(p.first_shown)),
        }
    };
    Ok(SitemapUrl {
        path: query::meeting_page(&meeting.id),
        changed: meeting.publication.map(|p| moment(p.changed)),
        films: films.into_iter().enumerate().map(film).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
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
    async fn meetings_have_their_last_change_and_their_films() {
        let archive = Archive::in_two_parts();
        let text = archive.get("/sitemap.xml").await.text();
        assert_eq!(text, archive.get("/sitemap.xml?teil=1").await.text());
        assert!(text.contains("<lastmod>20"), "{text}");
        let film = format!("<video:content_loc>http://localhost/medien/{}<", archive.media);
        assert_eq!(text.matches(&film).count(), 2, "{text}");
        for path in ["/sitemap.xml?teil=2", "/sitemap.xml?teil=0", "/sitemap.xml?teil=x"] {
            assert_eq!(archive.get(path).await.status, 404, "{path}");
        }
    }
}
