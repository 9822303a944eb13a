//! `/sitzung/{id}/fehler?w=183-197`: somebody reports what is wrong with these words, or without `w` with the meeting.
//! It goes into the inbox, never into the archive. Owns when a report is taken: from a form of ours that a person had
//! time to fill in, about what may be seen, and not too many.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;
use std::time::{Duration, Instant};

use askama::Template;
use axum::Router;
use axum::extract::{self, DefaultBodyLimit, Form, Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::quote::word_range;
use super::transcript::place;
use crate::domain::{
    Contact, Error, ErrorKind, FaultKind, FormKey, FormStamp, InvalidReport, LONGEST_CONTACT,
    LONGEST_REPORT, MediaTime, NewReport, QuotableWord, ReportText, SealedQuotation,
};
use crate::edition::{Edition, Editions};
use crate::inbox::Taken;
use crate::web::public::place::PlaceLink;
use crate::web::public::quoting::{LONGEST_QUOTE, Quote, QuotedItem, who};
use crate::web::public::{load, query};
use crate::web::shared::error::{Failure, Missing, OwnPage};
use crate::web::shared::frame::Frame;
use crate::web::shared::own_site::is_own_form;
use crate::web::shared::quota::Exhausted;
use crate::web::shared::visitor::Visitor;
use crate::web::shared::{App, Reporting, blocking};

/// Largest form in bytes: texts, a contact and a quotation, percent-encoded.
const FORM_SIZE: usize = 48 * 1024;
/// Nobody has read, written and sent a form sooner.
const SOONEST: SignedDuration = SignedDuration::from_secs(3);
/// A form that lay open for longer is shown once more.
const LATEST: SignedDuration = SignedDuration::from_hours(24);

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    id: String,
    meeting: String,
    date: Option<Date>,
    /// The words that are wrong; without them the meeting as a whole is meant.
    words: Option<ReportedWords>,
    /// Where one came from.
    back: String,
    typed: TypedReport,
    stamp: FormStamp,
    /// Why it was not taken.
    refusal: Option<ReportRefusal>,
    keep_days: u32,
}

#[derive(Template)]
#[template(path = "report_thanks.html")]
struct ReportThanksPage {
    frame: Frame,
    meeting: String,
    back: String,
    keep_days: u32,
}

/// The words of a report, as they are shown and as their form carries them back.
struct ReportedWords {
    text: String,
    who: Option<String>,
    start: Option<MediaTime>,
    item: Option<QuotedItem>,
    sealed: SealedQuotation,
}

/// What stands in the form.
#[derive(Clone, Default)]
struct TypedReport {
    kind: String,
    text: String,
    contact: String,
}

/// Why a report is not taken, so that the form is shown once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportRefusal {
    /// Something is missing or too long.
    Invalid(InvalidReport),
    /// Sooner than anybody writes.
    Hasty,
    /// The form lay open for a day, or is none of this archive's.
    Stale,
    /// A field was filled in that people do not see.
    Trapped,
    /// Too many from one network.
    Often(Duration),
    /// Too many from all.
    Crowded,
    /// Too many are open.
    Full,
    /// The disk is.
    NoRoom,
    /// The inbox cannot be written just now.
    Unreachable,
}

impl ReportRefusal {
    fn status(self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::Hasty | Self::Stale | Self::Trapped => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Often(_) | Self::Crowded => StatusCode::TOO_MANY_REQUESTS,
            Self::Full | Self::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
        }
    }

    /// Whether writing to the office is the way that is left.
    fn is_lasting(self) -> bool {
        matches!(self, Self::Crowded | Self::Full | Self::NoRoom | Self::Unreachable)
    }
}

impl ReportPage {
    fn kinds(&self) -> [FaultKind; 4] {
        FaultKind::ALL
    }

    fn is_chosen(&self, kind: &FaultKind) -> bool {
        match self.typed.kind.as_str() {
            "" => *kind == if self.words.is_some() { FaultKind::Words } else { FaultKind::Other },
            typed => kind.code() == typed,
        }
    }

    /// "9.5,12.9", as the form carries it.
    fn time(&self, words: &ReportedWords) -> Option<String> {
        let span = words.sealed.quotation.span()?;
        Some(format!("{},{}", query::seconds(span.start()), query::seconds(span.end())))
    }

    fn longest(&self) -> [usize; 2] {
        [LONGEST_REPORT, LONGEST_CONTACT]
    }

    /// "TOP 5 Einführung eines Livestreams".
    fn item(&self, item: &QuotedItem) -> String {
        match &item.number {
            Some(number) => format!("{} {}", self.frame.t.item_number(number), item.title),
            None => item.title.clone(),
        }
    }

    fn answer(self) -> Result<Response, Failure> {
        let refusal = self.refusal;
        let mut response = Html(self.render()?).into_response();
        // The stamp is of now and of this visitor.
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
        if let Some(refusal) = refusal {
            if let ReportRefusal::Often(wait) = refusal {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            }
            *response.status_mut() = refusal.status();
            response.extensions_mut().insert(OwnPage);
        }
        Ok(response)
    }
}

pub(super) fn routes() -> Router<App> {
    let form = get(show).post(take).layer(DefaultBodyLimit::max(FORM_SIZE));
    Router::new().route("/sitzung/{id}/fehler", form)
}

/// What takes reports, where readers may report at all.
fn reporting(app: &App) -> Result<Reporting, Failure> {
    let none = || Error::not_found("Diese Website nimmt keine Meldungen an");
    app.reports.clone().ok_or_else(|| Failure::of(Missing::Page)(none()))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
    pairs: Result<Query<Vec<(String, String)>>, extract::rejection::QueryRejection>,
) -> Result<Response, Failure> {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let (asked, thanks) = (value("w"), value("danke"));
    blocking(move || {
        let reporting = reporting(&app)?;
        let edition = load(&app, &id)?;
        if let Some(at) = thanks {
            let (meeting, keep_days) = (edition.council.meeting.name.clone(), reporting.keep_days);
            let back = back(&edition, at.parse().ok());
            let page = ReportThanksPage { frame, meeting, back, keep_days };
            return Ok(Html(page.render().map_err(Failure::from)?).into_response());
        }
        let words = match asked {
            None => None,
            Some(w) => {
                let wrong = || Error::bad_input("Das ist keine Strecke von Wörtern");
                let range =
                    word_range(&w).ok_or_else(|| Failure::of(Missing::WordRange)(wrong()))?;
                let range = quotable(&edition.quotable_words(), range);
                let quote = Quote::of(&app.editions, &edition, range, &frame.origin, frame.t)?;
                Some(ReportedWords::of(quote, &frame))
            }
        };
        let stamp = stamp(&app.editions.form_key()?, &edition);
        page(&edition, frame, &reporting, words, TypedReport::default(), stamp, None).answer()
    })
    .await
}

async fn take(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Visitor(network): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    if !is_own_form(&headers, app.site.base_url.as_deref()) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    blocking(move || {
        let reporting = reporting(&app)?;
        let edition = load(&app, &id)?;
        let sent = SentForm::read(&pairs)?;
        let (key, now) = (app.editions.form_key()?, Timestamp::now());
        let words = match sent.words.clone() {
            Some(sealed) => Some(ReportedWords::still(sealed, &app.editions, &edition, &frame)?),
            None => None,
        };
        let start = words.as_ref().and_then(|words| words.start);
        let own = key.read(edition.council.meeting.id.as_str(), &sent.stamp);
        let taken = sent.checked(own.as_ref(), now).and_then(|(kind, text, contact, form)| {
            reporting.quota.take(network, Instant::now()).map_err(|exhausted| match exhausted {
                Exhausted::ForNetwork(wait) => ReportRefusal::Often(wait),
                Exhausted::ForAll(_) => ReportRefusal::Crowded,
            })?;
            let meeting = edition.council.meeting.id.clone();
            let words = sent.words.clone();
            let report = NewReport { meeting, words, kind, text, contact, form };
            match reporting.inbox.take(&report, now) {
                Ok(Taken::In(_)) => Ok(()),
                Ok(Taken::Full) => Err(ReportRefusal::Full),
                Err(error) => {
                    tracing::error!(%error, "a report cannot be taken in");
                    let is_full = error.kind() == ErrorKind::NoRoom;
                    Err(if is_full { ReportRefusal::NoRoom } else { ReportRefusal::Unreachable })
                }
            }
        });
        match taken {
            Ok(()) => {
                let at = start.map(query::seconds).unwrap_or_default();
                let meeting = query::meeting_page(&edition.council.meeting.id);
                Ok(Redirect::to(&format!("{meeting}/fehler?danke={at}")).into_response())
            }
            Err(refusal) => {
                // Whoever was too fast keeps the form that they have; of a stale one there is a fresh one.
                let stamp = own.filter(|_| refusal != ReportRefusal::Stale);
                let stamp = stamp.unwrap_or_else(|| self::stamp(&key, &edition));
                page(&edition, frame, &reporting, words, sent.typed, stamp, Some(refusal)).answer()
            }
        }
    })
    .await
}

/// A form as it was sent.
struct SentForm {
    typed: TypedReport,
    /// What people do not see and leave empty.
    trap: String,
    stamp: String,
    words: Option<SealedQuotation>,
}

impl SentForm {
    fn read(pairs: &[(String, String)]) -> Result<Self, Failure> {
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let words = PlaceLink::read(pairs).sealed();
        if words.is_none() && !value("zitat").is_empty() {
            return Err(Error::bad_input("Das ist kein Zitat dieser Website").into());
        }
        let typed =
            TypedReport { kind: value("art"), text: value("text"), contact: value("kontakt") };
        Ok(Self { typed, trap: value("website"), stamp: value("stempel"), words })
    }

    /// What is to be stored of it, if a person wrote it in time.
    fn checked(
        &self,
        own: Option<&FormStamp>,
        now: Timestamp,
    ) -> Result<(FaultKind, ReportText, Option<Contact>, String), ReportRefusal> {
        let own = own.ok_or(ReportRefusal::Stale)?;
        let age = own.age(now);
        if age.is_negative() || age > LATEST {
            return Err(ReportRefusal::Stale);
        }
        if !self.trap.is_empty() {
            return Err(ReportRefusal::Trapped);
        }
        let kind = self.typed.kind.parse().map_err(ReportRefusal::Invalid)?;
        let text = ReportText::new(&self.typed.text).map_err(ReportRefusal::Invalid)?;
        let contact = Contact::given(&self.typed.contact).map_err(ReportRefusal::Invalid)?;
        match age < SOONEST {
            true => Err(ReportRefusal::Hasty),
            false => Ok((kind, text, contact, own.form())),
        }
    }
}

impl ReportedWords {
    fn of(quote: Quote, frame: &Frame) -> Self {
        let named = quote.speeches.iter().map(|speech| who(speech, frame.t));
        Self {
            who: Some(named.collect::<Vec<_>>().join("; ")),
            text: quote.text,
            start: quote.start_ms,
            item: quote.item,
            sealed: quote.words,
        }
    }

    /// Words that a form carried back, if they may still be seen.
    fn still(
        sealed: SealedQuotation,
        editions: &Editions,
        edition: &Edition,
        frame: &Frame,
    ) -> Result<Self, Failure> {
        let gone = || Error::withdrawn("Diese Stelle wird nicht mehr gezeigt");
        let located = editions.still_shown(edition, &sealed)?.ok_or_else(gone)?;
        let quote = located.range().and_then(|range| {
            Quote::of(editions, edition, range.clone(), &frame.origin, frame.t).ok()
        });
        Ok(match quote {
            Some(quote) => {
                let text = sealed.quotation.words().to_owned();
                Self { text, sealed, ..Self::of(quote, frame) }
            }
            None => Self {
                text: sealed.quotation.words().to_owned(),
                who: None,
                start: sealed.quotation.span().map(|span| span.start()),
                item: None,
                sealed,
            },
        })
    }
}

/// As much of a stretch as can be quoted: a paragraph may be longer.
fn quotable(words: &[QuotableWord<'_>], range: Range<usize>) -> Range<usize> {
    let mut length = 0;
    let fits = |word: &&QuotableWord<'_>| {
        length += word.text.chars().count() + 1;
        length <= LONGEST_QUOTE
    };
    match words.get(range.clone()) {
        Some(asked) => range.start..range.start + asked.iter().take_while(fits).count().max(1),
        None => range,
    }
}

fn stamp(key: &FormKey, edition: &Edition) -> FormStamp {
    // Only to tell forms apart: what nobody can forge is the stamp as a whole.
    let nonce = RandomState::new().hash_one(0);
    key.stamp(edition.council.meeting.id.as_str(), Timestamp::now(), nonce)
}

/// The meeting's page, at the place that one came from.
fn back(edition: &Edition, at: Option<MediaTime>) -> String {
    let page = query::meeting_page(&edition.council.meeting.id);
    match at {
        Some(at) => format!("{page}{}", place(at)),
        None => format!("{page}#wortlaut"),
    }
}

fn page(
    edition: &Edition,
    frame: Frame,
    reporting: &Reporting,
    words: Option<ReportedWords>,
    typed: TypedReport,
    stamp: FormStamp,
    refusal: Option<ReportRefusal>,
) -> ReportPage {
    let meeting = &edition.council.meeting;
    ReportPage {
        id: meeting.id.to_string(),
        meeting: meeting.name.clone(),
        date: meeting.date,
        back: back(edition, words.as_ref().and_then(|words| words.start)),
        keep_days: reporting.keep_days,
        words,
        typed,
        stamp,
        refusal,
        frame,
    }
}

#[cfg(test)]
mod tests;
