//! Rows of reports: taken in, read, closed, forgotten. Owns that a contact ends with its report, that words go
//! without a trace, and how many reports may be open.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Halt, Inbox};
use crate::domain::{
    Error, FaultPlace, MediaTime, MeetingId, NewReport, Quotation, ReaderReport, ReportEnd, Result,
    SealedQuotation, Signature, Span,
};

/// So many reports may be open; whoever writes then is told another way.
pub const MOST_OPEN: u64 = 5_000;

/// What became of a report that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is stored, or was: under this number.
    In(u64),
    /// There are too many open ones.
    Full,
}

const COLUMNS: &str = "number, meeting, start_ms, end_ms, has_place, words, before, after, seal, kind, text, \
                       contact, received_at, state, closed_by, closed_at";

impl Inbox {
    /// Takes a report in. The same form sent again is the same report.
    ///
    /// # Errors
    /// `NoRoom` where the disk is full, `Archive` where the inbox cannot be written.
    pub fn take(&self, new: &NewReport, now: Timestamp) -> Result<Taken> {
        self.write(|t| {
            let known = t
                .query_row("SELECT number FROM report WHERE form = ?1", [&new.form], |r| r.get(0))
                .optional()?;
            if let Some(number) = known {
                return Ok(Taken::In(number));
            }
            if open_count(t)? >= MOST_OPEN {
                return Ok(Taken::Full);
            }
            let quoted = new.words.as_ref().map(|words| &words.quotation);
            let span = quoted.and_then(Quotation::span);
            let number = t.query_row(
                "INSERT INTO report (meeting, start_ms, end_ms, has_place, words, before, after, seal, kind, text,
                                     contact, received_at, form)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) RETURNING number",
                params![
                    new.meeting.as_str(),
                    span.map(|span| span.start().millis()),
                    span.map(|span| span.end().millis()),
                    new.words.is_some(),
                    quoted.map(Quotation::words),
                    quoted.map(Quotation::before),
                    quoted.map(Quotation::after),
                    new.words.as_ref().map(|words| words.seal.to_string()),
                    new.kind.code(),
                    new.text.as_str(),
                    new.contact.as_ref().map(|contact| contact.as_str()),
                    minute(now).to_string(),
                    new.form,
                ],
                |r| r.get(0),
            )?;
            Ok(Taken::In(number))
        })
    }

    /// How many are open.
    pub fn open_count(&self) -> Result<u64> {
        Ok(self.read(open_count)?.unwrap_or_default())
    }

    /// The open reports of a meeting, the newest first.
    pub fn open_reports(&self, meeting: &MeetingId) -> Result<Vec<ReaderReport>> {
        self.select(
            "WHERE state = 'open' AND meeting = ?1 ORDER BY number DESC",
            [meeting.as_str()],
        )
    }

    /// Up to `limit` open reports, of one meeting or of all, with numbers below `before`, the newest first; from the
    /// end where none is given.
    pub fn open_page(
        &self,
        meeting: Option<&MeetingId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<ReaderReport>> {
        self.select(
            "WHERE state = 'open' AND number < ?1 AND (?2 IS NULL OR meeting = ?2)
             ORDER BY number DESC LIMIT ?3",
            params![before.unwrap_or(i64::MAX as u64), meeting.map(MeetingId::as_str), limit],
        )
    }

    /// Closes a report; its contact goes. What is `noted` of it is noted while nobody else can close it: where
    /// that fails, it stays open.
    ///
    /// # Errors
    /// `NotFound` where it is not open, those of `noted`.
    pub fn close(
        &self,
        number: u64,
        end: ReportEnd,
        made: &Signature,
        noted: impl FnOnce(&ReaderReport) -> Result<()>,
    ) -> Result<()> {
        let missing = || {
            Error::not_found(format!("Ein offener Hinweis {number} ist nicht da"))
                .remedy("Laden Sie die Liste neu: vielleicht hat ihn schon jemand geschlossen")
        };
        // Nothing has come in yet: no file is to be made for asking.
        if self.open_count()? == 0 {
            return Err(missing());
        }
        self.write(|t| {
            let report = select(t, "WHERE number = ?1 AND state = 'open'", [number])?.pop();
            let report = report.ok_or_else(|| Halt::Other(missing()))?;
            t.execute(
                "UPDATE report SET state = ?2, closed_by = ?3, closed_at = ?4, contact = NULL
                 WHERE number = ?1",
                params![number, end.code(), made.by, made.at.to_string()],
            )?;
            noted(&report).map_err(Halt::Other)
        })?;
        self.purge_log().map(|_| ())
    }

    /// The reports that still have their words, of one meeting or of all.
    pub fn with_words(&self, meeting: Option<&MeetingId>) -> Result<Vec<ReaderReport>> {
        self.select(
            "WHERE words IS NOT NULL AND (?1 IS NULL OR meeting = ?1) ORDER BY meeting, number",
            [meeting.map(MeetingId::as_str)],
        )
    }

    /// Puts other words in the place of those of reports: the same, with less around them.
    pub fn renew_words(&self, renewed: &[(u64, SealedQuotation)]) -> Result<()> {
        if renewed.is_empty() {
            return Ok(());
        }
        self.write(|t| {
            for (number, SealedQuotation { quotation, seal }) in renewed {
                let span = quotation.span();
                t.execute(
                    "UPDATE report SET words = ?2, before = ?3, after = ?4, seal = ?5, start_ms = ?6, end_ms = ?7
                     WHERE number = ?1 AND words IS NOT NULL",
                    params![
                        number,
                        quotation.words(),
                        quotation.before(),
                        quotation.after(),
                        seal.to_string(),
                        span.map(|span| span.start().millis()),
                        span.map(|span| span.end().millis()),
                    ],
                )?;
            }
            Ok(())
        })?;
        self.purge_log().map(|_| ())
    }

    /// Takes the words out of reports, because they may not be seen any more. Of what is closed nothing is left:
    /// its reader may have written them as well.
    pub fn forget_words(&self, numbers: &[u64]) -> Result<()> {
        if numbers.is_empty() {
            return Ok(());
        }
        self.write(|t| {
            for number in numbers {
                t.execute("DELETE FROM report WHERE number = ?1 AND state <> 'open'", [number])?;
                t.execute(
                    "UPDATE report SET words = NULL, before = NULL, after = NULL, seal = NULL
                     WHERE number = ?1",
                    [number],
                )?;
            }
            Ok(())
        })?;
        self.purge_log().map(|_| ())
    }

    /// Deletes the reports that were closed before this time, and those closed ones whose words had to go; gives
    /// how many.
    pub fn forget_closed(&self, before: Timestamp) -> Result<usize> {
        let old = "state <> 'open' AND (closed_at < ?1 OR has_place = 1 AND words IS NULL)";
        let before = before.to_string();
        let count = format!("SELECT count(*) FROM report WHERE {old}");
        let there: Option<u64> = self.read(|c| c.query_row(&count, [&before], |r| r.get(0)))?;
        if there.unwrap_or_default() == 0 {
            return Ok(0);
        }
        let sql = format!("DELETE FROM report WHERE {old}");
        let gone = self.write(|t| Ok(t.execute(&sql, [&before])?))?;
        self.purge_log()?;
        Ok(gone)
    }

    fn select(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<ReaderReport>> {
        Ok(self.read(|c| select(c, which, params))?.unwrap_or_default())
    }
}

/// The minute that a point in time lies in: when exactly somebody wrote is nobody's business.
fn minute(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(now)
}

fn open_count(c: &Connection) -> rusqlite::Result<u64> {
    c.query_row("SELECT count(*) FROM report WHERE state = 'open'", [], |r| r.get(0))
}

fn select(
    c: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<ReaderReport>> {
    c.prepare_cached(&format!("SELECT {COLUMNS} FROM report {which}"))?
        .query_map(params, report)?
        .collect()
}

fn report(r: &Row) -> rusqlite::Result<ReaderReport> {
    let time = |at| r.get::<_, Option<u64>>(at).map(|ms| ms.map(MediaTime::from_millis));
    let (start, end) = (time(2)?, time(3)?);
    let text = |at| r.get::<_, Option<String>>(at);
    let words = match (text(5)?, text(6)?, text(7)?, text(8)?) {
        (Some(words), Some(before), Some(after), Some(seal)) => {
            let span = start.zip(end).and_then(|(start, end)| Span::new(start, end));
            let quotation = Quotation::read(&words, &before, &after, span);
            quotation
                .zip(seal.parse().ok())
                .map(|(quotation, seal)| SealedQuotation { quotation, seal })
        }
        _ => None,
    };
    let closed = match (r.get::<_, String>(13)?.as_str(), text(14)?, text(15)?) {
        ("open", ..) | (_, None, _) | (_, _, None) => None,
        (end, Some(by), Some(at)) => Some((read(end)?, Signature { by, at: read(&at)? })),
    };
    Ok(ReaderReport {
        number: r.get(0)?,
        meeting: read(&r.get::<_, String>(1)?)?,
        place: r.get::<_, bool>(4)?.then_some(FaultPlace { start, words }),
        kind: read(&r.get::<_, String>(9)?)?,
        text: r.get(10)?,
        contact: r.get(11)?,
        received: read(&r.get::<_, String>(12)?)?,
        closed,
    })
}

/// A text as the value that it stands for.
fn read<T: std::str::FromStr>(text: &str) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(|e: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e))
    })
}

#[cfg(test)]
mod tests;
