//! `/sitzung/{id}/zitat?w=183-197`: a stretch of words as a quotation, as a page, as JSON for the page's
//! script, as RIS or CSV.

use std::ops::Range;

use askama::Template;
use axum::extract::{self, Path, Query};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::domain::Error;
use crate::web::public::quoting::{Quote, QuotedSpeech};
use crate::web::public::references::{self, ReferenceForm};
use crate::web::public::{load, query};
use crate::web::shared::error::{Failure, Missing, asks_for_json};
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

#[derive(Template)]
#[template(path = "quote.html")]
struct QuotePage {
    frame: Frame,
    quote: Quote,
    /// The meeting's page.
    meeting: String,
    /// This address in another form, up to its name.
    other_form: String,
}

impl QuotePage {
    /// "Erika Muster (vermutlich), Vorsitz, SPD".
    fn who(&self, speech: &QuotedSpeech) -> String {
        crate::web::public::quoting::who(speech, self.frame.t)
    }
}

/// In which form a quotation is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum QuoteForm {
    Page,
    Json,
    File(ReferenceForm),
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sitzung/{id}/zitat", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
    headers: HeaderMap,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let value = |name: &str| {
        let mut found = pairs.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.clone())
    };
    let form = match value("format").as_deref() {
        Some("json") => QuoteForm::Json,
        Some("ris") => QuoteForm::File(ReferenceForm::Ris),
        Some("csv") => QuoteForm::File(ReferenceForm::Csv),
        None if asks_for_json(&headers) => QuoteForm::Json,
        _ => QuoteForm::Page,
    };
    let asked = value("w").unwrap_or_default();
    let range = word_range(&asked).ok_or_else(|| {
        Failure::of(Missing::WordRange)(Error::bad_input("Das ist keine Strecke von Wörtern"))
    });
    let mut response = blocking(move || {
        let edition = load(&app, &id)?;
        let quote = Quote::of(&app.editions, &edition, range?, &frame.origin, frame.t)?;
        Ok::<_, Failure>(match form {
            QuoteForm::Json => Json(quote).into_response(),
            QuoteForm::File(form) => references::file(form, &[quote], "zitat", frame.t),
            QuoteForm::Page => {
                let meeting = query::meeting_page(&edition.council.meeting.id);
                let other_form = format!("{meeting}/zitat?w={}&format=", query::encode(&asked));
                let page = QuotePage { frame, quote, meeting, other_form };
                Html(page.render().map_err(Failure::from)?).into_response()
            }
        })
    })
    .await?;
    let headers = response.headers_mut();
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// "183-197", the last one included, or "183".
pub(super) fn word_range(text: &str) -> Option<Range<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| -> Option<usize> {
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| is_number)
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..last.checked_add(1)?)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::domain::{MediaTime, Span};
    use crate::web::testing::Archive;

    async fn json(archive: &Archive, w: &str) -> Value {
        let path = format!("/sitzung/kt-1/zitat?w={w}");
        let answer = archive.get_with(&path, &[("accept", "application/json")]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_str(&answer.text()).unwrap()
    }

    #[tokio::test]
    async fn a_quotation_says_who_where_when_and_that_nobody_checked_it() {
        let archive = Archive::new();
        let quote = json(&archive, "9-15").await;
        assert_eq!(quote["text"], "die Einführung eines Livestream aus dem Kreistag.");
        assert_eq!(quote["speaker"], "Erika Muster");
        assert_eq!(quote["item"]["number"], "5");
        assert_eq!((&quote["start_ms"], &quote["review"]), (&9500.into(), &"automatic".into()));
        let url = quote["url"].as_str().unwrap();
        assert!(url.starts_with("http://localhost/sitzung/kt-1?t=9.5,12.9&zitat=die%20"), "{url}");
        let citation = quote["citation"].as_str().unwrap();
        let begins = "„die Einführung eines Livestream aus dem Kreistag.“ (Erika Muster, Vorsitz, SPD, \
             Kreistag, ";
        assert!(citation.starts_with(begins), "{citation}");
        assert!(
            citation.contains("TOP 5 „Einführung eines Livestreams“, Minute 0:00:09; erfundene")
        );
        assert!(citation.ends_with(&format!("automatisch erstellt, ungeprüft; {url})")));
        let page = archive.get("/sitzung/kt-1/zitat?w=9-15").await;
        assert_eq!(page.header("x-robots-tag"), "noindex");
        assert!(page.text().contains("<blockquote") && page.text().contains("readonly"));
        let csv = archive.get("/sitzung/kt-1/zitat?w=9-15&format=csv").await.text();
        assert!(csv.starts_with("\u{feff}\"Wortlaut\";") && csv.lines().count() == 2, "{csv}");
        let ris = archive.get("/sitzung/kt-1/zitat?w=9-15&format=ris").await.text();
        assert!(ris.starts_with("TY  - HEAR\r\nAU  - Erika Muster\r\n"), "{ris}");
        assert!(ris.ends_with("\r\nER  - \r\n"), "{ris}");
    }

    #[tokio::test]
    async fn each_speaker_is_named_and_what_is_withdrawn_cannot_be_quoted() {
        let archive = Archive::new();
        let quote = json(&archive, "15-22").await;
        assert_eq!(quote["speeches"].as_array().unwrap().len(), 2, "{quote}");
        assert_eq!(quote["speeches"][1]["guessed"], true);
        assert!(quote["citation"].as_str().unwrap().contains("– Bernd Beispiel (vermutlich)"));
        let at = MediaTime::from_millis;
        archive.withhold(Span::new(at(10_900), at(11_500)).unwrap());
        let quote = json(&archive, "9-14").await;
        assert_eq!(quote["text"], "die Einführung eines […] aus dem Kreistag.");
    }

    #[tokio::test]
    async fn what_cannot_be_quoted_says_why() {
        let archive = Archive::new();
        for (w, status, words) in [
            ("12-9", 400, "w=183-197"),
            ("", 400, "w=183-197"),
            ("12-x", 400, "w=183-197"),
            ("-1", 400, "w=183-197"),
            ("%3Cscript%3E", 400, "w=183-197"),
            ("20-9999", 404, "Wörter mit diesen Nummern"),
            ("0-18446744073709551615", 400, "w=183-197"),
        ] {
            let path = format!("/sitzung/kt-1/zitat?w={w}");
            let answer = archive.get(&path).await;
            assert_eq!(answer.status, status, "{w}");
            assert!(answer.text().contains(words), "{w}: {}", answer.text());
            let answer = archive.get_with(&path, &[("accept", "application/json")]).await;
            assert_eq!(answer.header("content-type"), "application/problem+json", "{w}");
        }
        assert_eq!(archive.get("/sitzung/keine/zitat?w=1").await.status, 404);
    }
}
