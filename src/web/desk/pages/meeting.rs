//! `/arbeitsplatz/sitzungen/{id}`: what was heard of a meeting and how surely, and the steps to its release.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{JustDone, go_on, page};
use crate::domain::{
    AgendaItemId, Covers, Digest, Error, JobPriority, JobWork, MediaTime, MeetingId, MeetingReview,
    Origin, ResolutionForm, Restriction, Result, Review, ReviewStep, Right, Scope, Signature, Span,
    TextReview, TranscriptionOrder,
};
use crate::edition::meeting_id;
use crate::export::{MeetingReport, ReportedItem, report};
use crate::store::{NewJob, NewRestriction};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_meeting.html")]
struct DeskMeetingPage {
    frame: DeskFrame,
    id: MeetingId,
    name: String,
    day: String,
    review: MeetingReview,
    report: MeetingReport,
    items: Vec<ItemRow>,
    restrictions: Vec<Restriction>,
    /// The text that stands there now, as reviews mean it.
    text: Digest,
    /// Whether whoever looks may release.
    may_publish: bool,
    /// Whether the public pages can be looked at here.
    has_preview: bool,
    /// Names of the speech models on this machine.
    models: Vec<String>,
    done: &'static str,
}

/// An item with what is decided of it.
struct ItemRow {
    item: ReportedItem,
    review: Review,
    /// Whether it is treated apart from its meeting.
    own: bool,
    form: ResolutionForm,
}

impl DeskMeetingPage {
    fn state(&self, review: &Review) -> &'static str {
        texts::state(review)
    }

    fn text_review(&self) -> &'static str {
        match self.report.review {
            TextReview::Automatic => "ungeprüft",
            TextReview::Checked => "geprüft",
            TextReview::Recorded => "aus einem anderen Protokoll",
        }
    }

    fn length(&self, ms: &u64) -> String {
        MediaTime::from_millis(*ms).clock()
    }

    fn recognised(&self) -> Option<String> {
        self.report.recognised.map(percent)
    }

    fn confidence(&self, row: &ItemRow) -> Option<String> {
        row.item.confidence.map(|confidence| percent(f64::from(confidence)))
    }

    fn share(&self, part: &u64) -> String {
        let s = &self.report.speakers;
        let all = (s.sure_ms + s.guessed_ms + s.unknown_ms).max(1);
        percent(*part as f64 / all as f64)
    }

    fn doubtful(&self) -> String {
        percent(self.report.doubtful_words as f64 / self.report.words.max(1) as f64)
    }

    fn lost(&self) -> usize {
        let failed = |gap: &&crate::export::ReportedPlace<crate::domain::GapReason>| {
            gap.kind == crate::domain::GapReason::Failed
        };
        self.report.gaps.iter().filter(failed).count()
    }

    fn missing(&self) -> usize {
        self.report.items.iter().filter(|item| item.start_ms.is_none()).count()
    }

    /// The steps that can be taken from here, with what their buttons say.
    fn steps(&self, review: &Review) -> Vec<(&'static str, &'static str)> {
        let is_checked = review.is_checked(&self.text);
        let mut steps = Vec::new();
        if !is_checked {
            steps.push((ReviewStep::Check.code(), self.frame.t.step_check));
        }
        if is_checked && !review.is_public() && self.may_publish {
            steps.push((ReviewStep::Release.code(), self.frame.t.step_release));
        }
        if *review != Review::BEGUN {
            steps.push((ReviewStep::Reopen.code(), self.frame.t.step_reopen));
        }
        steps
    }

    fn place(&self, restriction: &Restriction) -> String {
        let spans = restriction.spans.iter();
        let spans = spans.map(|s| format!("{}–{}", s.start().clock(), s.end().clock()));
        spans.collect::<Vec<_>>().join(", ")
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Shows it; drafts too.
pub async fn show(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
    Path(id): Path<String>,
    Query(JustDone { fertig }): Query<JustDone>,
) -> std::result::Result<Response, Failure> {
    let may_publish = signed_in.present.account.role.may(Right::Publish);
    let done = match fertig.as_str() {
        "pruefstand" => frame.t.review_changed,
        "beschluss" => frame.t.resolution_changed,
        "sperre" => frame.t.restriction_set,
        "entsperrt" => "Die Sperre ist aufgehoben. Was sie verdeckte, wird neu erkannt.",
        _ => "",
    };
    let shown = blocking(move || -> Result<DeskMeetingPage> {
        let id = meeting_id(&id)?;
        let edition = app.editions.load(&id)?;
        let report = report(&edition, app.store.correction_count(&id)?);
        let review = app.store.review(&id)?;
        let mut forms = app.store.resolution_forms(&id)?;
        let items = report.items.iter().map(|item| ItemRow {
            review: review.of(&item.id).clone(),
            own: review.items.contains_key(&item.id),
            form: forms.remove(&item.id).unwrap_or_default(),
            item: item.clone(),
        });
        let restrictions = app.store.restrictions_of(&id)?;
        Ok(DeskMeetingPage {
            name: edition.council.meeting.name.clone(),
            day: edition.council.meeting.date.map(texts::day).unwrap_or_default(),
            text: edition.reviewed_text,
            items: items.collect(),
            restrictions: restrictions.into_iter().filter(Restriction::holds).collect(),
            has_preview: app.settings.has_preview,
            models: app.settings.models.clone(),
            frame,
            id,
            review,
            report,
            may_publish,
            done,
        })
    })
    .await?;
    page(shown)
}

#[derive(Deserialize)]
pub struct StepForm {
    schritt: ReviewStep,
    /// The id of an item; the meeting where it is empty.
    #[serde(default)]
    punkt: String,
}

/// Takes a step with the meeting or one of its items.
pub async fn take_step(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<StepForm>,
) -> std::result::Result<Response, Failure> {
    let needs_right = form.schritt == ReviewStep::Release;
    if needs_right && !signed_in.present.account.role.may(Right::Publish) {
        return Ok(axum::response::IntoResponse::into_response(
            crate::web::desk::errors::Denial::NotAllowed,
        ));
    }
    let back = format!("/sitzungen/{id}?fertig=pruefstand");
    blocking(move || -> Result<()> {
        let id = meeting_id(&id)?;
        let item = item(&form.punkt)?;
        // That there is such a meeting and item.
        let council = app.store.council(&id)?;
        let known = |item: &AgendaItemId| council.meeting.agenda.iter().any(|i| i.id == *item);
        if item.as_ref().is_some_and(|item| !known(item)) {
            return Err(Error::not_found("Die Sitzung hat einen solchen Tagesordnungspunkt nicht"));
        }
        let (made, eyes) = (signed_in.signature(), app.settings.eyes);
        // The copy that is served shows the items that are released, and no others.
        let copy = new_copy(&id, &made);
        let (item, step) = (item.as_ref(), form.schritt);
        app.store.take_review_step(&id, item, step, &made, eyes, Some(&copy)).map(|_| ())
    })
    .await?;
    Ok(go_on(&back))
}

#[derive(Deserialize)]
pub struct ResolutionFields {
    punkt: String,
    form: String,
    #[serde(default)]
    text: String,
}

/// Says how a decision is shown.
pub async fn set_resolution(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form<ResolutionFields>,
) -> std::result::Result<Response, Failure> {
    let back = format!("/sitzungen/{id}?fertig=beschluss");
    blocking(move || -> Result<()> {
        let id = meeting_id(&id)?;
        let text = fields.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let form = match fields.form.as_str() {
            "whole" => ResolutionForm::Whole,
            "withheld" => ResolutionForm::Withheld,
            "essence" if !text.is_empty() => ResolutionForm::Essence(text),
            _ => {
                return Err(Error::bad_input("Zum wesentlichen Inhalt fehlt der Text")
                    .remedy("Schreiben Sie ihn, oder wählen Sie eine andere Form"));
            }
        };
        let item = item(&fields.punkt)?
            .ok_or_else(|| Error::bad_input("Es fehlt der Tagesordnungspunkt"))?;
        app.store.put_resolution_form(&id, &item, &form, &signed_in.signature())
    })
    .await?;
    Ok(go_on(&back))
}

#[derive(Deserialize)]
pub struct RestrictionFields {
    von: String,
    bis: String,
    grund: String,
}

/// Withholds a stretch of the meeting: nothing of it is shown when this answers.
pub async fn withhold(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form<RestrictionFields>,
) -> std::result::Result<Response, Failure> {
    let back = format!("/sitzungen/{id}?fertig=sperre");
    blocking(move || -> Result<()> {
        let id = meeting_id(&id)?;
        app.store.council(&id)?;
        let time = |text: &str| {
            let wrong = |e| Error::bad_input("Die Zeit ist nicht zu lesen").because(e);
            text.parse::<MediaTime>().map_err(|e| wrong(e).remedy("Schreiben Sie HH:MM:SS"))
        };
        let (from, to) = (time(&fields.von)?, time(&fields.bis)?);
        let span = Span::new(from, to).filter(|span| span.millis() > 0).ok_or_else(|| {
            Error::bad_input("Das Ende liegt nicht hinter dem Anfang")
                .remedy("Gezählt wird ab Beginn der Sitzung, als HH:MM:SS")
        })?;
        let why = fields.grund.split_whitespace().collect::<Vec<_>>().join(" ");
        if why.is_empty() {
            return Err(Error::bad_input("Es fehlt der Grund").remedy("Ein Stichwort genügt"));
        }
        let new = NewRestriction {
            scope: Scope::Span,
            covers: Covers::Everything,
            origin: Origin::Clerk,
            why,
            withdrew: true,
            made: signed_in.signature(),
            unplaced: false,
        };
        // The film comes back without the stretch.
        let copy = new_copy(&id, &new.made);
        app.store.restrict(&id, &new, &[span], Some(&copy)).map(|_| ())
    })
    .await?;
    Ok(go_on(&back))
}

/// The job of making the public copy anew.
fn new_copy(meeting: &MeetingId, made: &Signature) -> NewJob {
    let work = JobWork::Publish { meeting: meeting.clone() };
    NewJob { work, priority: JobPriority::HIGH, queued: made.clone() }
}

#[derive(Deserialize)]
pub struct ReleaseFields {
    nummer: u32,
}

/// Releases a restriction: what it hid is heard again, since nothing of it was left.
pub async fn release(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form<ReleaseFields>,
) -> std::result::Result<Response, Failure> {
    let back = format!("/sitzungen/{id}?fertig=entsperrt");
    blocking(move || -> Result<()> {
        let id = meeting_id(&id)?;
        let made = signed_in.signature();
        let work = JobWork::Transcribe(TranscriptionOrder::missing(id.clone()));
        let job = NewJob { work, priority: JobPriority::HIGH, queued: made.clone() };
        app.store.release(&id, fields.nummer, &made, Some(&job)).map(|_| ())
    })
    .await?;
    Ok(go_on(&back))
}

/// The item that a form names.
fn item(text: &str) -> Result<Option<AgendaItemId>> {
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = |e| Error::bad_input("Das ist kein Tagesordnungspunkt").because(e);
    AgendaItemId::new(text).map(Some).map_err(unknown)
}
