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
mod tests;
