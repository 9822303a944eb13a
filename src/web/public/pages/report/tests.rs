//! A reader without a browser: what is taken, what is not and why, and that nothing of it comes into the archive.

use super::*;
use crate::domain::{MeetingId, ReaderReport, Span};
use crate::markup;
use crate::web::shared::State;
use crate::web::testing::{Answer, Archive};

/// What a reader's browser would send of the form on a page, and what of it the reader changes.
fn form(html: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let hidden = html.split("<input type=\"hidden\" ").skip(1).map(|input| {
        let value = |name: &str| {
            let begins = format!("{name}=\"");
            input.split(&begins).nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        (value("name"), value("value").replace("&#38;", "&"))
    });
    let typed =
        [("art", "words"), ("text", "Richtig ist: Lifestream"), ("kontakt", ""), ("website", "")];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut fields: Vec<(String, String)> = hidden.chain(typed).collect();
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

/// A stamp that was given out some seconds ago.
fn stamped(state: &State, ago: i64) -> String {
    let at = Timestamp::from_second(Timestamp::now().as_second() - ago).unwrap();
    let nonce = RandomState::new().hash_one(ago);
    state.editions.form_key().unwrap().stamp("kt-1", at, nonce).to_string()
}

async fn sent(archive: &Archive, state: &State, changes: &[(&str, &str)]) -> Answer {
    let page = archive.get_of(state, "/sitzung/kt-1/fehler?w=9-15").await.text();
    let stamp = stamped(state, 20);
    let changes: Vec<_> =
        [("stempel", stamp.as_str())].into_iter().chain(changes.iter().copied()).collect();
    archive.post_to(state, "/sitzung/kt-1/fehler", &form(&page, &changes), &[]).await
}

fn reports(archive: &Archive) -> Vec<ReaderReport> {
    archive.inbox().open_reports(&MeetingId::new("kt-1").unwrap()).unwrap()
}

/// Every byte of the archive itself.
fn archive_files(archive: &Archive) -> Vec<Vec<u8>> {
    let names = ["archive.sqlite", "archive.sqlite-wal"];
    let folder = archive.store().data_dir();
    names.map(|name| std::fs::read(folder.join(name)).unwrap_or_default()).to_vec()
}

#[tokio::test]
async fn a_reader_reports_words_and_the_archive_learns_nothing() {
    let archive = Archive::new();
    let state = archive.state();
    let page = archive.get_of(&state, "/sitzung/kt-1/fehler?w=9-15").await;
    assert_eq!(page.header("cache-control"), "no-store");
    let html = page.text();
    for said in [
        "„die Einführung eines Livestream aus dem Kreistag.“",
        "Erika Muster, Vorsitz, SPD · 0:00:09 · TOP 5 Einführung eines Livestreams",
        "Ihre IP-Adresse wird nicht gespeichert",
        "90 Tage",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    let before = archive_files(&archive);
    let answer = sent(&archive, &state, &[("kontakt", "anna@example.org")]).await;
    assert_eq!(
        (answer.status, &*answer.header("location")),
        (303, "/sitzung/kt-1/fehler?danke=9.5")
    );
    let thanks = archive.get_of(&state, &answer.header("location")).await.text();
    assert!(thanks.contains("Danke") && thanks.contains("/sitzung/kt-1?t=9.5#stelle"), "{thanks}");
    assert_eq!(archive_files(&archive), before);
    let found = reports(&archive);
    let [report] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((report.kind, report.text.as_str()), (FaultKind::Words, "Richtig ist: Lifestream"));
    assert_eq!(report.contact.as_deref(), Some("anna@example.org"));
    let words = report.place.as_ref().unwrap().words.as_ref().unwrap();
    assert_eq!(words.quotation.words(), "die Einführung eines Livestream aus dem Kreistag.");
    assert_eq!(words.quotation.span().unwrap().start(), MediaTime::from_millis(9_500));
    // Of the meeting as a whole, too.
    let html = archive.get_of(&state, "/sitzung/kt-1/fehler").await.text();
    let stamp = stamped(&state, 60);
    let whole = form(&html, &[("stempel", &stamp), ("art", "other")]);
    assert_eq!(archive.post_to(&state, "/sitzung/kt-1/fehler", &whole, &[]).await.status, 303);
    assert_eq!(
        archive.post_to(&state, "/sitzung/kt-1/fehler", &whole, &[]).await.status,
        303,
        "sent twice"
    );
    assert_eq!(reports(&archive).len(), 2);
    assert_eq!(reports(&archive)[0].place, None);
}

#[tokio::test]
async fn what_is_not_taken_says_why_and_loses_no_word() {
    let mut archive = Archive::new();
    archive.site.contact_email = Some("rat@example.de".into());
    let state = archive.state();
    let long = "x".repeat(1001);
    let (fresh, old, yet) = (stamped(&state, 0), stamped(&state, 25 * 3600), stamped(&state, -60));
    let elsewhere = state.editions.form_key().unwrap();
    let elsewhere = elsewhere.stamp("kt-2", Timestamp::now(), 1).to_string();
    for (changes, words) in [
        (&[("text", " \r\n ")][..], "was falsch ist und wie es richtig heißt"),
        (&[("text", &*long)], "mehr als 1000 Zeichen"),
        (&[("kontakt", &*long)], "mehr als 200 Zeichen"),
        (&[("art", "quatsch")], "Wählen Sie aus"),
        (&[("stempel", &*fresh)], "sehr schnell"),
        (&[("stempel", &*old)], "zu lange offen"),
        (&[("stempel", &*yet)], "zu lange offen"),
        (&[("stempel", &*elsewhere)], "zu lange offen"),
        (&[("stempel", "")], "zu lange offen"),
        (&[("website", "https://werbung.example")], "leer bleiben"),
    ] {
        let answer = sent(&archive, &state, changes).await;
        let html = answer.text();
        assert_eq!(answer.status, 422, "{words}");
        assert!(html.contains("role=\"alert\"") && html.contains(words), "{words}: {html}");
        assert!(html.contains("eines Livestream aus dem Kreistag.“"), "{words}: the place is lost");
        let typed = changes.iter().find(|(name, _)| *name == "text");
        let typed = typed.map_or("Richtig ist: Lifestream", |(_, text)| text.trim());
        assert!(html.contains(typed), "{words}: the text is lost");
        // What is sent again from that page is taken where a person would have mended it.
        let again = form(&html, &[("stempel", &stamped(&state, 9)), ("kontakt", "")]);
        assert!(again.iter().any(|(name, value)| name == "siegel" && value.len() == 32), "{words}");
    }
    let forged = [("siegel", "0".repeat(32)), ("zitat", "was nie gesagt wurde".to_owned())];
    let forged = forged.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(sent(&archive, &state, &forged).await.status, 410, "words that nobody gave out");
    assert_eq!(sent(&archive, &state, &[("siegel", "x")]).await.status, 400);
    assert_eq!(sent(&archive, &state, &[("text", &"ä".repeat(60_000))]).await.status, 413);
    assert!(reports(&archive).is_empty());
    for path in ["?w=12-9", "?w=%3Cscript%3E", "?w=9999"] {
        let status = archive.get_of(&state, &format!("/sitzung/kt-1/fehler{path}")).await.status;
        assert!([400, 404].contains(&status), "{path}: {status}");
    }
    // More than can be quoted is cut, not refused.
    assert_eq!(archive.get_of(&state, "/sitzung/kt-1/fehler?w=0-99999").await.status, 404);
}

#[tokio::test]
async fn only_what_is_shown_can_be_reported() {
    let archive = Archive::new();
    let state = archive.state();
    let page = archive.get_of(&state, "/sitzung/kt-1/fehler?w=9-15").await.text();
    let fields = form(&page, &[("stempel", &stamped(&state, 20))]);
    let at = MediaTime::from_millis;
    archive.withhold(Span::new(at(9_000), at(13_000)).unwrap());
    // The form was open when the place was withdrawn.
    let answer = archive.post_to(&state, "/sitzung/kt-1/fehler", &fields, &[]).await;
    assert_eq!(answer.status, 410);
    assert!(!answer.text().contains("Livestream aus dem"));
    let whole = archive.get_of(&state, "/sitzung/kt-1/fehler").await;
    assert_eq!(whole.status, 200);
    for (removed, path) in [(false, "/sitzung/kt-1"), (true, "/sitzung/kt-1")] {
        archive.withdraw(removed);
        let as_page = archive.get_of(&state, path).await.status;
        assert_eq!(as_page, 410);
        for form in
            ["/sitzung/kt-1/fehler", "/sitzung/kt-1/fehler?w=1-2", "/sitzung/kt-1/fehler?danke=1"]
        {
            assert_eq!(archive.get_of(&state, form).await.status, as_page, "{form}");
        }
        assert_eq!(
            archive.post_to(&state, "/sitzung/kt-1/fehler", &fields, &[]).await.status,
            as_page
        );
    }
    assert_eq!(archive.get_of(&state, "/sitzung/keine/fehler").await.status, 404);
    assert_eq!(archive.inbox().open_count().unwrap(), 0);
}

#[tokio::test]
async fn so_much_is_taken_from_one_network_and_no_form_of_another_site() {
    let mut archive = Archive::new();
    archive.site.contact_email = Some("rat@example.de".into());
    let state = archive.state();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://boese.example"),
    ] {
        let page = archive.get_of(&state, "/sitzung/kt-1/fehler?w=9-15").await.text();
        let fields = form(&page, &[("stempel", &stamped(&state, 20))]);
        let answer =
            archive.post_to(&state, "/sitzung/kt-1/fehler", &fields, &[(name, value)]).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    assert!(reports(&archive).is_empty());
    for n in 0..5 {
        assert_eq!(sent(&archive, &state, &[]).await.status, 303, "{n}");
    }
    let answer = sent(&archive, &state, &[]).await;
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((590..=601).contains(&wait), "{wait}");
    assert!(
        answer.text().contains("In 10 Min.") && answer.text().contains("Richtig ist: Lifestream")
    );
    assert_eq!(reports(&archive).len(), 5);
}

#[tokio::test]
async fn where_nothing_can_be_stored_another_way_is_named() {
    let mut archive = Archive::new();
    archive.site.contact_email = Some("rat@example.de".into());
    assert_eq!(sent(&archive, &archive.state(), &[]).await.status, 303);
    let state = archive.state();
    state.reports.as_ref().unwrap().inbox.pretend_full(true);
    let mut status = 303;
    for _ in 0..40 {
        // Others each time: a few reports still have room in the page that is there.
        let fresh = State {
            reports: state.reports.clone().map(|r| Reporting { quota: Default::default(), ..r }),
            ..state.clone()
        };
        let answer = sent(&archive, &fresh, &[("text", &"breit ".repeat(160))]).await;
        status = answer.status;
        if status != 303 {
            let html = answer.text();
            assert!(
                html.contains("mailto:rat@example.de?subject=") && html.contains("breit breit"),
                "{html}"
            );
            break;
        }
    }
    assert_eq!(status, 507);
    assert_eq!(archive.get_of(&state, "/sitzung/kt-1").await.status, 200, "reading goes on");
}

#[tokio::test]
async fn where_readers_may_not_report_nothing_offers_it() {
    let archive = Archive::new();
    let offers = |html: &str| html.contains("/fehler") || html.contains("id=\"melden\"");
    assert!(offers(&archive.get("/sitzung/kt-1").await.text()));
    let state = State { reports: None, ..archive.state() };
    assert!(!offers(&archive.get_of(&state, "/sitzung/kt-1").await.text()));
    assert!(!archive.get_of(&state, "/datenschutz").await.text().contains("Fehler melden"));
    assert_eq!(archive.get_of(&state, "/sitzung/kt-1/fehler?w=1-2").await.status, 404);
    let fields = [("text".to_owned(), "x".to_owned())];
    assert_eq!(archive.post_to(&state, "/sitzung/kt-1/fehler", &fields, &[]).await.status, 404);
    assert_eq!(archive.inbox().open_count().unwrap(), 0);
}

#[tokio::test]
async fn what_is_typed_stays_a_text() {
    let archive = Archive::new();
    for attack in markup::payloads() {
        let state = archive.state();
        let changes = [("text", &*attack), ("kontakt", &*attack), ("art", &*attack)];
        let answer = sent(&archive, &state, &changes).await;
        assert_eq!(answer.status, 422, "{attack}");
        markup::assert_harmless_html(&attack, &answer.text());
    }
}

/// Every link of the meeting's page leads to a form about the paragraph that it stands in.
#[tokio::test]
async fn each_paragraph_leads_to_its_own_form() {
    let archive = Archive::new();
    let html = archive.get("/sitzung/kt-1").await.text();
    let links: Vec<&str> =
        html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let links: Vec<&&str> = links.iter().filter(|link| link.contains("/fehler?w=")).collect();
    let paragraphs = html.matches("class=\"u").count();
    assert!(!links.is_empty() && links.len() <= paragraphs);
    for link in links {
        assert!(archive.get(link).await.text().contains("<blockquote"), "{link}");
    }
}
