//! `/vorschau.png`, `/sitzung/{id}/vorschau.png`: the picture that stands beside a shared link, drawn here when it
//! is asked for: a meeting's, of an address of a quotation its words, and the site's. Owns what of the archive
//! stands on it; keeps no picture, so that none outlives what it shows.

mod card;
mod typesetting;

use axum::extract::{self, Path, Query};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};

use self::card::{MainText, PreviewCard};
use super::load;
use super::media::names;
use super::place::{PlaceLink, QuoteState};
use super::quoting::{Quote, who};
use crate::domain::Error;
use crate::edition::{Directory, Listed};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::{Lang, Texts};
use crate::web::shared::{App, Site, State, blocking};

/// Pixels across, as networks ask for it.
pub const WIDTH: u32 = 1200;
/// Pixels down.
pub const HEIGHT: u32 = 630;
/// The picture of all pages that have none of their own.
pub const OF_SITE: &str = "/vorschau.png";
/// So many characters of a quotation can be read on a picture.
const QUOTED: usize = 280;

pub(super) fn routes() -> Router<App> {
    Router::new().route(OF_SITE, get(of_site)).route("/sitzung/{id}/vorschau.png", get(of_meeting))
}

/// The path of a meeting's picture.
pub fn of(meeting: &str) -> String {
    format!("/sitzung/{meeting}{OF_SITE}")
}

/// The address of a quotation's picture, by that of the quotation.
pub fn of_quotation(address: &str) -> String {
    address.replacen('?', &format!("{OF_SITE}?"), 1)
}

async fn of_site(frame: Frame, headers: HeaderMap) -> Result<Response, Failure> {
    blocking(move || give(&frame, &headers, &site_card(&frame.site))).await
}

async fn of_meeting(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
    headers: HeaderMap,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let asked = PlaceLink::read(&pairs.map(|Query(pairs)| pairs).unwrap_or_default());
    blocking(move || {
        let directory = app.editions.directory()?;
        let listed = match listed(&directory, &id) {
            Some(listed) => listed,
            // It says whether there was one.
            None => {
                load(&app, &id)?;
                return Err(Error::failed("Eine Sitzung fehlt im Verzeichnis").into());
            }
        };
        let quoted = match asked.is_quotation() {
            true => quote_card(&app, &frame.site, listed, &asked)?,
            false => None,
        };
        let card = quoted.unwrap_or_else(|| meeting_card(&frame.site, listed));
        give(&frame.of_bodies([listed.body.as_str()]), &headers, &card)
    })
    .await
}

fn listed<'d>(directory: &'d Directory, id: &str) -> Option<&'d Listed> {
    directory.listed.iter().find(|meeting| meeting.id.as_str() == id)
}

/// The picture, unless the visitor has it already.
fn give(frame: &Frame, headers: &HeaderMap, card: &PreviewCard) -> Result<Response, Failure> {
    let etag = format!("\"{}\"", card.key());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let tag = [(header::ETAG, etag.clone())];
    if known.is_some_and(|tags| names(tags, &etag)) {
        return Ok(frame.answer((StatusCode::NOT_MODIFIED, tag)));
    }
    let picture = card.draw()?;
    let kind = [(http::header::CONTENT_TYPE, "image/png")];
    Ok(frame.answer((tag, kind, picture).into_response()))
}

/// Links are shared among people who read what was said: pictures are in its language.
fn texts() -> &'static Texts {
    Lang::De.texts()
}

fn site_card(site: &Site) -> PreviewCard {
    PreviewCard {
        site: site.operator.clone().unwrap_or_default(),
        note: None,
        above: String::new(),
        main: MainText::Headline(site.title.clone()),
        below: texts().slogan.to_owned(),
    }
}

fn meeting_card(site: &Site, meeting: &Listed) -> PreviewCard {
    PreviewCard {
        site: site.title.clone(),
        note: note(meeting),
        above: joined([&meeting.organization, &meeting.body]),
        main: MainText::Headline(meeting.name.clone()),
        below: meeting.date.map(|date| texts().date(&date)).unwrap_or_default(),
    }
}

/// The words of a quotation, as long as they stand there; else nothing.
fn quote_card(
    app: &State,
    site: &Site,
    meeting: &Listed,
    asked: &PlaceLink,
) -> Result<Option<PreviewCard>, Failure> {
    let edition = load(app, meeting.id.as_str())?;
    let place = asked.resolve(&app.editions, &edition)?;
    let same = place.quote.is_some_and(|quote| quote.state == QuoteState::Same);
    let Some(range) = place.words.filter(|_| same) else { return Ok(None) };
    let Ok(quote) = Quote::of(&app.editions, &edition, range, "", texts()) else { return Ok(None) };
    let date = meeting.date.map(|date| texts().date(&date)).unwrap_or_default();
    let speakers: Vec<String> = quote.speeches.iter().map(|speech| who(speech, texts())).collect();
    Ok(Some(PreviewCard {
        site: site.title.clone(),
        note: note(meeting),
        above: joined([&meeting.organization, &meeting.body, &date]),
        main: MainText::Quote(format!("„{}“", shortened(&quote.text))),
        below: speakers.join(" · "),
    }))
}

fn note(meeting: &Listed) -> Option<String> {
    meeting.synthetic.then(|| texts().invented_meeting().to_owned())
}

fn joined<const N: usize>(parts: [&String; N]) -> String {
    let parts: Vec<&str> =
        parts.into_iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

/// As many whole words as can be read.
fn shortened(text: &str) -> String {
    if text.chars().nth(QUOTED).is_none() {
        return text.to_owned();
    }
    let mut kept = String::new();
    for word in text.split(' ') {
        if kept.chars().count() + word.chars().count() > QUOTED {
            break;
        }
        kept += word;
        kept.push(' ');
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MediaTime, Span};
    use crate::web::testing::Archive;

    const QUOTE: &str = "/sitzung/kt-1/zitat?w=9-15";

    /// The address of a quotation of the invented meeting.
    async fn quotation(archive: &Archive) -> String {
        let json = archive.get_with(QUOTE, &[("accept", "application/json")]).await.text();
        let quote: serde_json::Value = serde_json::from_str(&json).unwrap();
        quote["url"].as_str().unwrap().replace("http://localhost", "")
    }

    /// The picture that a page names.
    fn picture(html: &str) -> String {
        let named = html.split("property=\"og:image\" content=\"http://localhost").nth(1).unwrap();
        named.split('"').next().unwrap().replace("&#38;", "&")
    }

    #[tokio::test]
    async fn every_page_names_a_picture_that_is_there() {
        let archive = Archive::new();
        let quotation = quotation(&archive).await;
        let mut tags = std::collections::BTreeSet::new();
        for page in ["/", "/personen", "/sitzung/kt-1", &quotation] {
            let html = archive.found(page).await;
            assert!(html.contains("\"og:image:width\" content=\"1200\""), "{page}: {html}");
            let path = picture(&html);
            let answer = archive.get(&path).await;
            assert_eq!(answer.header("content-type"), "image/png", "{path}");
            assert!(answer.bytes().starts_with(b"\x89PNG"), "{path}");
            let tag = answer.header("etag");
            let again = archive.get_with(&path, &[("if-none-match", &tag)]).await;
            assert_eq!((again.status, again.bytes().len()), (304, 0), "{path}");
            tags.insert(tag);
        }
        assert_eq!(tags.len(), 3, "of the site, of the meeting, of the quotation");
        let html = archive.found(&quotation).await;
        assert!(html.contains("„die Einführung eines Livestream aus dem Kreistag.“ (Erika Muster"));
        assert!(
            html.contains("og:url\" content=\"http://localhost/sitzung/kt-1?t=9.5,12.9&#38;zitat=")
        );
    }

    #[tokio::test]
    async fn what_is_withdrawn_is_on_no_picture() {
        let archive = Archive::new();
        let picture_of_quote = of_quotation(&quotation(&archive).await);
        let tag = |answer: crate::web::testing::Answer| (answer.status, answer.header("etag"));
        let plain = tag(archive.get("/sitzung/kt-1/vorschau.png").await);
        assert_ne!(tag(archive.get(&picture_of_quote).await), plain);
        let at = MediaTime::from_millis;
        archive.withhold(Span::new(at(10_900), at(11_500)).unwrap());
        assert_eq!(tag(archive.get(&picture_of_quote).await), plain);
        archive.withdraw(false);
        for path in ["/sitzung/kt-1/vorschau.png", &picture_of_quote] {
            assert_eq!(archive.get(path).await.status, 410, "{path}");
        }
        assert_eq!(archive.get("/sitzung/keine/vorschau.png").await.status, 404);
    }

    #[test]
    fn long_quotations_end_at_a_word() {
        let short = shortened(&"Wort ".repeat(90));
        assert!(short.ends_with("Wort …") && short.chars().count() <= QUOTED + 2, "{short}");
        assert_eq!(shortened("Kurz."), "Kurz.");
    }
}
