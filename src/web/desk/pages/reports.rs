//! `/arbeitsplatz/hinweise`: what readers have reported as wrong, the newest first, and what becomes of it. Owns that
//! words of a report are shown only as long as they may be seen.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;

use super::{go_on, page};
use crate::domain::{
    Act, ErrorKind, FaultPlace, Located, MediaTime, MeetingId, ReaderReport, ReportEnd, Result,
};
use crate::edition::{Edition, meeting_id};
use crate::search::link;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::{Desk, DeskApp};
use crate::web::desk::texts::{self, REPORTS, ReportTexts};
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// So many on a page.
const PAGE: u32 = 20;

/// A report as the page shows it.
struct ReportRow {
    report: ReaderReport,
    when: String,
    kind: &'static str,
    /// The meeting's name and day, as far as it may be seen.
    meeting: Option<(String, Option<Date>)>,
    place: PlaceRow,
    /// The address to answer to, where the contact is one.
    mail: Option<String>,
}

/// What is left of the place that a report points to.
enum PlaceRow {
    /// The meeting as a whole.
    Whole,
    /// These words, as they were shown, where they are now, and what stands there if that is something else.
    Words { then: String, now: Option<String>, address: String, at: Option<MediaTime> },
    /// It may not be seen any more.
    Gone { at: Option<MediaTime> },
}

#[derive(Template)]
#[template(path = "desk_reports.html")]
struct DeskReportsPage {
    frame: DeskFrame,
    own: ReportTexts,
    rows: Vec<ReportRow>,
    /// How many are open, over all meetings.
    open: u64,
    /// The only meeting that is listed.
    only: Option<MeetingId>,
    /// From where older ones are listed.
    older: Option<u64>,
    done: bool,
}

impl DeskReportsPage {
    fn day(&self, date: &Date) -> String {
        texts::day(*date)
    }

    /// Where a form goes on: this page again.
    fn only(&self) -> &str {
        self.only.as_ref().map_or("", MeetingId::as_str)
    }
}

/// Which reports are asked for.
#[derive(Debug, Default, Deserialize)]
pub struct ReportsAsked {
    vor: Option<u64>,
    #[serde(default)]
    sitzung: String,
    #[serde(default)]
    fertig: String,
}

/// Lists them.
pub async fn list(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Query(asked): Query<ReportsAsked>,
) -> std::result::Result<Response, Failure> {
    let done = !asked.fertig.is_empty();
    let (rows, open, only) = blocking(move || -> Result<_> {
        let only = Some(asked.sitzung).filter(|id| !id.is_empty());
        let only = only.as_deref().map(meeting_id).transpose()?;
        let reports = app.inbox.open_page(only.as_ref(), asked.vor, PAGE)?;
        Ok((rows(&app, reports)?, app.inbox.open_count()?, only))
    })
    .await?;
    let is_full = rows.len() == PAGE as usize;
    let older = rows.last().filter(|_| is_full).map(|row| row.report.number);
    page(DeskReportsPage { frame, own: REPORTS, rows, open, only, older, done })
}

#[derive(Deserialize)]
pub struct CloseForm {
    ende: String,
    #[serde(default)]
    sitzung: String,
}

/// Closes one.
pub async fn close(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(number): Path<u64>,
    Form(form): Form<CloseForm>,
) -> std::result::Result<Response, Failure> {
    let only = Some(form.sitzung).filter(|id| !id.is_empty());
    let address = blocking(move || -> Result<_> {
        let unknown =
            |e| crate::domain::Error::bad_input("So lässt sich nichts schließen").because(e);
        let end: ReportEnd = form.ende.parse().map_err(unknown)?;
        let only = only.as_deref().map(meeting_id).transpose()?;
        let made = signed_in.signature();
        app.inbox.close(number, end, &made, |report| {
            let number = number.to_string();
            let details = [("number", &*number), ("kind", report.kind.code()), ("end", end.code())];
            app.store.note(&made, Act::ReportClosed, report.meeting.as_str(), &details)
        })?;
        let only = only.map(|id| format!("&sitzung={id}")).unwrap_or_default();
        Ok(format!("/hinweise?fertig=ja{only}"))
    })
    .await?;
    Ok(go_on(&address))
}

fn rows(app: &Desk, reports: Vec<ReaderReport>) -> Result<Vec<ReportRow>> {
    let mut editions: BTreeMap<MeetingId, Option<Edition>> = BTreeMap::new();
    for report in &reports {
        if !editions.contains_key(&report.meeting) {
            let edition = match app.editions.load(&report.meeting) {
                Ok(edition) => Some(edition),
                Err(e) if matches!(e.kind(), ErrorKind::Withdrawn | ErrorKind::NotFound) => None,
                Err(error) => return Err(error),
            };
            editions.insert(report.meeting.clone(), edition);
        }
    }
    let row = |report: ReaderReport| {
        let edition = editions.get(&report.meeting).and_then(Option::as_ref);
        let meeting = edition.map(|edition| &edition.council.meeting);
        Ok(ReportRow {
            when: texts::when(report.received),
            kind: texts::fault_kind(report.kind),
            meeting: meeting.map(|meeting| (meeting.name.clone(), meeting.date)),
            place: place(app, edition, report.place.as_ref())?,
            mail: report.contact.as_deref().filter(|c| is_mail(c)).map(str::to_owned),
            report,
        })
    };
    reports.into_iter().map(row).collect()
}

fn place(app: &Desk, edition: Option<&Edition>, place: Option<&FaultPlace>) -> Result<PlaceRow> {
    let Some(place) = place else { return Ok(PlaceRow::Whole) };
    let gone = PlaceRow::Gone { at: place.start };
    let (Some(edition), Some(sealed)) = (edition, &place.words) else { return Ok(gone) };
    let Some(located) = app.editions.still_shown(edition, sealed)? else { return Ok(gone) };
    let words = edition.quotable_words();
    let range = located.range().cloned();
    let first = range.as_ref().and_then(|range| Some((range.start, words.get(range.start)?)));
    let at = first.and_then(|(_, word)| word.span).map(|span| span.start()).or(place.start);
    let marked = first.and_then(|(number, word)| {
        u32::try_from(number).ok().map(|number| link::word(number, Some(word.text)))
    });
    let now = match &located {
        Located::Changed(range) => words.get(range.clone()),
        Located::Same(_) | Located::Lost => None,
    };
    let joined = |words: &[crate::domain::QuotableWord<'_>]| {
        words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    };
    Ok(PlaceRow::Words {
        then: sealed.quotation.words().to_owned(),
        now: now.map(joined),
        address: link::to_word(&edition.council.meeting.id, marked, at),
        at,
    })
}

/// Whether a contact is plainly an e-mail address, and nothing that an address of ours would carry on.
fn is_mail(contact: &str) -> bool {
    let Some((name, host)) = contact.split_once('@') else { return false };
    let sound = |text: &str, also: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
    };
    sound(name, b"._+-") && sound(host, b".-") && host.contains('.')
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{
        Contact, DeskRole, Digest, FaultKind, NewReport, Quotation, QuoteSealKey, ReportText,
        SealedQuotation, Span,
    };
    use crate::edition::{Editions, Viewer};
    use crate::markup;
    use crate::pipeline::forget_withdrawn_words;
    use crate::web::desk::testing::TestDesk;
    use crate::web::testing::Archive;

    /// A report of words that the desk cannot find: no meeting has them.
    fn report(form: usize, text: &str, words: &str) -> NewReport {
        let (meeting, at) = (MeetingId::new("kt-1").unwrap(), MediaTime::from_millis);
        let quotation = Quotation::read(words, "", "", Span::new(at(9_000), at(12_000)));
        let key = QuoteSealKey::of(&Digest::of(b"key"));
        let words = quotation.map(|quotation| SealedQuotation {
            seal: key.seal(&meeting, None, &quotation),
            quotation,
        });
        NewReport {
            meeting,
            words,
            kind: FaultKind::Words,
            text: ReportText::new(text).unwrap(),
            contact: Contact::given("anna@example.org").unwrap(),
            form: form.to_string(),
        }
    }

    #[tokio::test]
    async fn a_clerk_reads_and_closes_and_the_audit_says_no_word_of_it() {
        let desk = TestDesk::new();
        let clerk = desk.signed_in(DeskRole::Clerk);
        for n in 1..=23 {
            let new = report(n, &format!("Richtig ist: Wort{n}."), "verschwundene Worte");
            desk.inbox().take(&new, Timestamp::now()).unwrap();
        }
        assert!(desk.get(&clerk, "").await.text.contains("23 offen"));
        let first = desk.get(&clerk, "/hinweise").await.text;
        assert!(first.contains("Wort23.") && first.contains("Wort4.") && !first.contains("Wort3."));
        assert!(first.contains("href=\"mailto:anna@example.org\""));
        // What cannot be seen is not shown, whatever the report says of it.
        assert!(first.contains("nicht mehr zu sehen") && !first.contains("verschwundene"));
        let second = desk.get(&clerk, "/hinweise?vor=4").await.text;
        assert!(second.contains("Wort3.") && !second.contains("Wort4."));
        assert!(desk.get(&clerk, "/hinweise?sitzung=kt-2").await.text.contains("keine offenen"));
        for (number, end) in [(23, "done"), (22, "dismissed")] {
            let answer =
                desk.post(&clerk, &format!("/hinweise/{number}"), &format!("ende={end}")).await;
            assert_eq!(
                answer.header("location"),
                "/arbeitsplatz/hinweise?fertig=ja",
                "{}",
                answer.text
            );
        }
        assert_eq!(
            desk.post(&clerk, "/hinweise/23", "ende=done").await.status,
            404,
            "closed already"
        );
        assert_eq!(desk.post(&clerk, "/hinweise/21", "ende=quatsch").await.status, 400);
        assert_eq!(desk.inbox().open_count().unwrap(), 21);
        let audit = desk.store.audit().unwrap();
        let closed: Vec<_> = audit.iter().filter(|entry| entry.act == Act::ReportClosed).collect();
        assert_eq!(closed.len(), 2);
        assert_eq!((&*closed[0].subject, &*closed[0].details["end"]), ("kt-1", "done"));
        let audit = serde_json::to_string(&audit).unwrap();
        assert!(!audit.contains("Wort") && !audit.contains("anna@"), "{audit}");
    }

    #[tokio::test]
    async fn words_are_shown_as_long_as_they_may_be_and_then_go() {
        let archive = Archive::new();
        let desk = TestDesk::of(archive.store());
        let clerk = desk.signed_in(DeskRole::Clerk);
        let id = MeetingId::new("kt-1").unwrap();
        let editions = Editions::new(archive.store().clone(), Viewer::Public);
        let edition = editions.load(&id).unwrap();
        let quotation = Quotation::of(&edition.quotable_words(), 9..16).unwrap();
        let seal = editions.seal_of(&edition, &quotation).unwrap();
        let words = Some(SealedQuotation { quotation, seal });
        let new = NewReport { words, ..report(1, "Es heißt Lifestream.", "x") };
        desk.inbox().take(&new, Timestamp::now()).unwrap();
        let quoted = "„die Einführung eines Livestream aus dem Kreistag.“";
        let page = desk.get(&clerk, "/hinweise").await.text;
        assert!(page.contains(quoted) && page.contains("?t=8.00&#38;w=9-die"), "{page}");
        assert!(page.contains("1. Sitzung des Kreistages"));
        archive.hear_again("Livestream", "Lifestream");
        let page = desk.get(&clerk, "/hinweise").await.text;
        assert!(
            page.contains(quoted) && page.contains("„die Einführung eines Lifestream aus"),
            "{page}"
        );
        let forget = || forget_withdrawn_words(archive.store(), &desk.inbox(), Some(&id)).unwrap();
        assert_eq!(forget(), 0, "what may be shown beside what stands there now stays");
        let at = MediaTime::from_millis;
        archive.withhold(Span::new(at(10_900), at(11_500)).unwrap());
        let page = desk.get(&clerk, "/hinweise").await.text;
        assert!(!page.contains("Livestream aus") && page.contains("nicht mehr zu sehen"), "{page}");
        assert!(page.contains("Es heißt Lifestream."), "its reader can still be answered");
        assert_eq!((forget(), forget()), (1, 0));
        assert!(desk.inbox().with_words(None).unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_readers_write_stays_a_text() {
        let desk = TestDesk::new();
        let clerk = desk.signed_in(DeskRole::Clerk);
        for (n, attack) in markup::payloads().iter().enumerate() {
            let Ok(text) = ReportText::new(attack) else { continue };
            let contact = Contact::given(attack).ok().flatten();
            let new = NewReport { text, contact, ..report(n, "x", attack) };
            desk.inbox().take(&new, Timestamp::now()).unwrap();
        }
        let mut before = String::new();
        loop {
            let html = desk.get(&clerk, &format!("/hinweise{before}")).await.text;
            markup::assert_harmless_html("hinweise", &html);
            let Some(rest) = html.split("?vor=").nth(1) else { break };
            before = format!("?vor={}", rest.split(['"', '&']).next().unwrap());
        }
        assert!(!before.is_empty());
    }

    #[test]
    fn only_plain_addresses_become_links() {
        for (contact, is) in [
            ("anna@example.org", true),
            ("a.b+c@rat.example.de", true),
            ("Anna, 0123 456", false),
            ("anna@example.org?bcc=x@y.z", false),
            ("javascript:alert(1)@x.y", false),
            ("@example.org", false),
            ("anna@localhost", false),
        ] {
            assert_eq!(is_mail(contact), is, "{contact}");
        }
    }
}
