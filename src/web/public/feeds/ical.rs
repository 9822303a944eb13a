//! `/sitzungen.ics`: meetings as a calendar that others subscribe to (RFC 5545). Owns folding and
//! escaping; meetings without a date are in no calendar.

use std::fmt::Write as _;

use axum::extract;
use axum::http::header;
use axum::response::Response;
use jiff::Timestamp;

use super::authority;
use crate::edition::Listed;
use crate::web::public::filter_form::FilterForm;
use crate::web::public::pages::meetings::{is_asked, narrowed_title};
use crate::web::public::query;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

/// Octets of a line, without its end.
const LINE: usize = 75;

/// `/sitzungen.ics`, with the filters of the page of meetings.
pub async fn of_meetings(
    extract::State(app): extract::State<App>,
    frame: Frame,
    form: FilterForm,
) -> Result<Response, Failure> {
    let meetings = blocking(move || app.editions.meetings()).await?;
    let asked: Vec<&Listed> = meetings.iter().filter(|m| is_asked(&form, m)).collect();
    let name = narrowed_title(&form, frame.t.nav_meetings);
    Ok(answer(frame, &name, &asked))
}

/// The answer with a calendar of these meetings.
pub fn answer(frame: Frame, name: &str, meetings: &[&Listed]) -> Response {
    let frame = frame.of_bodies(meetings.iter().map(|meeting| meeting.body.as_str()));
    let calendar = calendar(&frame, name, meetings);
    frame.answer(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], calendar))
}

fn calendar(frame: &Frame, name: &str, meetings: &[&Listed]) -> String {
    let mut out = Calendar::default();
    out.line("BEGIN", "VCALENDAR");
    out.line("VERSION", "2.0");
    out.line("PRODID", "-//Mitschnitt//Mitschnitt//DE");
    out.line("METHOD", "PUBLISH");
    out.line("REFRESH-INTERVAL;VALUE=DURATION", "PT12H");
    out.text("X-WR-CALNAME", &format!("{}: {name}", frame.site.title));
    for meeting in meetings {
        event(&mut out, frame, meeting);
    }
    out.line("END", "VCALENDAR");
    out.0
}

fn event(out: &mut Calendar, frame: &Frame, meeting: &Listed) {
    let start = match (meeting.start, meeting.date) {
        (Some(start), _) => ("DTSTART", moment(start)),
        (None, Some(date)) => ("DTSTART;VALUE=DATE", date.strftime("%Y%m%d").to_string()),
        (None, None) => return,
    };
    let mark =
        if meeting.synthetic { format!("{} ", frame.t.synthetic_mark) } else { String::new() };
    let changed = meeting.publication.map_or(Timestamp::UNIX_EPOCH, |p| p.changed);
    out.line("BEGIN", "VEVENT");
    out.text("UID", &format!("{}@{}", meeting.id, authority(&frame.origin)));
    out.line("DTSTAMP", &moment(changed));
    out.line("LAST-MODIFIED", &moment(changed));
    out.line(start.0, &start.1);
    out.text("SUMMARY", &format!("{mark}{}", meeting.name));
    out.text("DESCRIPTION", &frame.t.meeting_summary(meeting));
    if !meeting.organization.is_empty() {
        out.text("CATEGORIES", &meeting.organization);
    }
    out.line("URL", &format!("{}{}", frame.origin, query::meeting_page(&meeting.id)));
    out.line("STATUS", if meeting.cancelled { "CANCELLED" } else { "CONFIRMED" });
    // Nobody's time is taken by it.
    out.line("TRANSP", "TRANSPARENT");
    out.line("END", "VEVENT");
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Lines as the format has them.
#[derive(Default)]
struct Calendar(String);

impl Calendar {
    /// A text as a value.
    fn text(&mut self, name: &str, text: &str) {
        let mut value = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\\' | ';' | ',' => value.extend(['\\', c]),
                '\n' => value.push_str("\\n"),
                c if c.is_control() => {}
                c => value.push(c),
            }
        }
        self.line(name, &value);
    }

    /// A value that needs no escapes, on as many lines as it takes.
    fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in format!("{name}:{value}").chars() {
            if octets + c.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        // Writing to a String cannot fail.
        let _ = write!(self.0, "\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::web::testing::Archive;

    /// The properties of a calendar as a reader has them.
    fn read(calendar: &str) -> Vec<(String, String)> {
        assert!(calendar.ends_with("\r\n"));
        assert!(
            calendar.split("\r\n").all(|line| line.len() <= LINE && !line.contains(['\r', '\n']))
        );
        let unfolded = calendar.replace("\r\n ", "");
        let lines = unfolded.trim_end_matches("\r\n").split("\r\n");
        let property = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), unescape(value))
        };
        lines.map(property).collect()
    }

    fn unescape(value: &str) -> String {
        let (mut text, mut chars) = (String::new(), value.chars());
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.push(match chars.next() {
                    Some('n') => '\n',
                    escaped => escaped.unwrap(),
                }),
                c => text.push(c),
            }
        }
        text
    }

    proptest! {
        #[test]
        fn any_text_comes_through(texts in prop::collection::vec("(\\PC|[\r\n\t;,:\\\\\"]|END:VEVENT){0,120}", 1..4)) {
            let mut calendar = Calendar::default();
            texts.iter().for_each(|text| calendar.text("SUMMARY", text));
            let clean = |text: &String| text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
            let expected: Vec<String> = texts.iter().map(clean).collect();
            let read = read(&calendar.0);
            prop_assert!(read.iter().all(|(name, _)| name == "SUMMARY"));
            prop_assert_eq!(read.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), expected);
        }
    }

    #[tokio::test]
    async fn every_meeting_with_a_date_is_an_event() {
        for archive in [Archive::new(), Archive::hostile()] {
            let answer = archive.get("/sitzungen.ics").await;
            assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
            let read = read(&answer.text());
            let values = |name: &str| -> Vec<&str> {
                read.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
            };
            assert_eq!(values("BEGIN"), ["VCALENDAR", "VEVENT"]);
            assert_eq!(values("END"), ["VEVENT", "VCALENDAR"]);
            assert_eq!(values("UID"), ["kt-1@localhost"]);
            assert_eq!(values("DTSTART;VALUE=DATE"), ["20210621"]);
            assert_eq!(values("URL"), ["http://localhost/sitzung/kt-1"]);
        }
    }
}
