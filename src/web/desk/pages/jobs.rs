//! `/arbeitsplatz/auftraege`: what the program has to do, how far it is, what failed and what to do about it,
//! live by server-sent events; halted, called off and tried again here.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};

use super::{go_on, page};
use crate::domain::{
    Error, FirstStage, Job, JobId, JobLine, JobPriority, JobState, JobWork, MeetingId, QueueState,
    Result, TranscriptionOrder,
};
use crate::edition::meeting_id;
use crate::jobs::JobQueue;
use crate::store::QueueSwitch;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// So many are listed.
const LISTED: u32 = 100;
/// How often the queue is asked for what is new.
const EVERY: Duration = Duration::from_millis(500);
/// A stream ends after this, so that whoever is signed out loses it; browsers ask again by themselves.
const LONGEST: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 5 * 60 });

/// A job as the page and its stream show it.
#[derive(Serialize)]
struct JobRow {
    id: JobId,
    kind: &'static str,
    subject: String,
    state: &'static str,
    /// Code of the state, for the look.
    code: &'static str,
    progress: String,
    /// 0..=100, where it is known.
    percent: Option<u64>,
    /// What went wrong and what to do.
    failure: String,
    when: String,
    by: String,
    is_open: bool,
    is_paused: bool,
    may_retry: bool,
}

impl JobRow {
    fn of(job: &Job) -> Self {
        let running = job.progress.as_ref().filter(|_| job.state == JobState::Running);
        let percent = running.and_then(|p| {
            let total = p.total_ms.filter(|total| *total > 0)?;
            Some((p.reached_ms * 100 / total).min(100))
        });
        let progress = running.map(|p| {
            let left = p.left_s.map(|s| format!(", noch {}:{:02} min", s / 60, s % 60));
            let speed = (p.speed > 0.0).then(|| format!(", {:.1} × Echtzeit", p.speed));
            let stage = texts::job_stage(&p.stage);
            format!("{stage}{}{}", speed.unwrap_or_default(), left.unwrap_or_default())
        });
        let failure = job.failure.as_ref().map(|f| format!("{}. {}", f.what, f.remedy));
        Self {
            id: job.id,
            kind: texts::job_kind(&job.work),
            subject: job.work.meeting().map(ToString::to_string).unwrap_or_default(),
            state: texts::job_state(job),
            code: job.state.code(),
            progress: progress.unwrap_or_default(),
            percent,
            failure: failure.unwrap_or_default().trim_end_matches(". ").to_owned(),
            when: texts::when(job.ended.or(job.began).unwrap_or(job.queued.at)),
            by: job.queued.by.clone(),
            is_open: job.state.is_open(),
            is_paused: job.paused,
            may_retry: matches!(job.state, JobState::Failed | JobState::Cancelled),
        }
    }
}

#[derive(Template)]
#[template(path = "desk_jobs.html")]
struct JobsPage {
    frame: DeskFrame,
    jobs: Vec<JobRow>,
    queue: QueueState,
}

#[derive(Template)]
#[template(path = "desk_job.html")]
struct JobPage {
    frame: DeskFrame,
    job: JobRow,
    attempts: u32,
    most_attempts: u32,
    log: Vec<JobLine>,
}

impl JobPage {
    fn when(&self, line: &JobLine) -> String {
        texts::when(line.at)
    }

    fn happened(&self, line: &JobLine) -> &'static str {
        texts::job_event(line.event)
    }
}

fn queue(app: &DeskApp, signed_in: &SignedIn) -> JobQueue {
    JobQueue::of(&app.store, signed_in.name().to_string())
}

/// Lists them.
pub async fn list(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
) -> std::result::Result<Response, Failure> {
    let queue = queue(&app, &signed_in);
    let (state, jobs) =
        blocking(move || -> Result<_> { Ok((queue.state()?, queue.list(LISTED)?)) }).await?;
    page(JobsPage { frame, jobs: jobs.iter().map(JobRow::of).collect(), queue: state })
}

/// One with its log.
pub async fn show(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
    Path(id): Path<JobId>,
) -> std::result::Result<Response, Failure> {
    let queue = queue(&app, &signed_in);
    let (job, log) = blocking(move || queue.one(id)).await?;
    let (attempts, most_attempts) = (job.attempts, job.most_attempts);
    page(JobPage { frame, job: JobRow::of(&job), attempts, most_attempts, log })
}

#[derive(Deserialize)]
pub struct JobAction {
    tun: JobStep,
}

/// What can be done with a job or the queue.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum JobStep {
    Cancel,
    Retry,
    Pause,
    Resume,
}

/// Does something with a job.
pub async fn act(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<JobId>,
    Form(JobAction { tun }): Form<JobAction>,
) -> std::result::Result<Response, Failure> {
    let queue = queue(&app, &signed_in);
    blocking(move || match tun {
        JobStep::Cancel => queue.cancel(id).map(|_| ()),
        JobStep::Retry => queue.retry(id).map(|_| ()),
        JobStep::Pause => queue.switch(Some(id), QueueSwitch::Pause),
        JobStep::Resume => queue.switch(Some(id), QueueSwitch::Resume),
    })
    .await?;
    Ok(go_on("/auftraege"))
}

/// Halts the queue, or sets it going again.
pub async fn switch(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Form(JobAction { tun }): Form<JobAction>,
) -> std::result::Result<Response, Failure> {
    let queue = queue(&app, &signed_in);
    blocking(move || match tun {
        JobStep::Resume => queue.switch(None, QueueSwitch::Resume),
        _ => queue.switch(None, QueueSwitch::Pause),
    })
    .await?;
    Ok(go_on("/auftraege"))
}

/// What is to be recognised anew, and how: the fields of `desk_order.html`.
#[derive(Default, Deserialize)]
pub struct OrderForm {
    #[serde(default)]
    modell: String,
    #[serde(default)]
    ab: String,
    #[serde(default)]
    begriffe: String,
}

impl OrderForm {
    fn work(&self, meeting: MeetingId) -> Result<JobWork> {
        let model = self.modell.trim();
        let terms = self.begriffe.lines().map(str::trim).filter(|term| !term.is_empty());
        Ok(JobWork::Transcribe(TranscriptionOrder {
            meeting,
            model: Some(model.to_owned()).filter(|model| !model.is_empty()),
            from: stage(&self.ab)?,
            terms: terms.map(str::to_owned).collect(),
        }))
    }
}

/// Has a meeting recognised anew, with another model or from a stage on; what is shown stays until that is whole.
pub async fn order(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<OrderForm>,
) -> std::result::Result<Response, Failure> {
    let queue = queue(&app, &signed_in);
    blocking(move || -> Result<()> {
        let work = form.work(meeting_id(&id)?)?;
        queue.enqueue(work, JobPriority::HIGH).map(|_| ())
    })
    .await?;
    Ok(go_on("/auftraege"))
}

/// The same for many meetings: those that are ticked, or all that have a recording. What somebody asks for of a
/// single one goes first.
pub async fn order_many(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Form(fields): Form<Vec<(String, String)>>,
) -> std::result::Result<Response, Failure> {
    let queue = queue(&app, &signed_in);
    blocking(move || -> Result<()> {
        let (mut form, mut chosen, mut all) = (OrderForm::default(), Vec::new(), false);
        for (name, value) in fields {
            match name.as_str() {
                "sitzung" => chosen.push(meeting_id(&value)?),
                "welche" => all = value == "alle",
                "modell" => form.modell = value,
                "ab" => form.ab = value,
                "begriffe" => form.begriffe = value,
                _ => {}
            }
        }
        if all {
            let rows = app.editions.meetings()?.into_iter();
            chosen = rows.filter(|row| row.recordings > 0).map(|row| row.id).collect();
        }
        if chosen.is_empty() {
            return Err(Error::bad_input(
                "Keine Sitzung ist angekreuzt; kreuzen Sie an, welche neu erkannt werden sollen, oder wählen Sie alle",
            ));
        }
        let works = chosen.into_iter().map(|id| form.work(id)).collect::<Result<Vec<_>>>()?;
        works.into_iter().try_for_each(|work| queue.enqueue(work, JobPriority::NORMAL).map(|_| ()))
    })
    .await?;
    Ok(go_on("/auftraege"))
}

fn stage(code: &str) -> Result<Option<FirstStage>> {
    if code.is_empty() {
        return Ok(None);
    }
    let value = serde_json::Value::String(code.to_owned());
    let unknown = |e| Error::bad_input("Diese Stufe gibt es nicht").because(e);
    serde_json::from_value(value).map(Some).map_err(unknown)
}

#[derive(Deserialize)]
pub struct KnownVersion {
    #[serde(default)]
    seit: u64,
}

/// Every change of a job from a version of the queue on, as it happens.
pub async fn watch(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Query(KnownVersion { seit }): Query<KnownVersion>,
) -> Response {
    let queue = queue(&app, &signed_in);
    let events = Sse::new(changes(queue, seit)).keep_alive(KeepAlive::default());
    ([(header::CACHE_CONTROL, "no-store")], events).into_response()
}

fn changes(
    queue: JobQueue,
    since: u64,
) -> impl Stream<Item = std::result::Result<Event, Infallible>> {
    let end = Instant::now() + LONGEST;
    stream::unfold(since, move |known| {
        let queue = queue.clone();
        async move {
            while Instant::now() < end {
                let asked = queue.clone();
                let news = blocking(move || -> Result<_> {
                    let state = asked.state()?;
                    match state.version == known {
                        true => Ok(None),
                        false => Ok(Some((state, asked.since(known)?))),
                    }
                })
                .await;
                match news {
                    Ok(Some((state, jobs))) => {
                        let rows: Vec<JobRow> = jobs.iter().map(JobRow::of).collect();
                        // Rows of texts and numbers are always JSON.
                        let event = Event::default().json_data((state, rows)).unwrap_or_default();
                        return Some((Ok(event), state.version));
                    }
                    Ok(None) => tokio::time::sleep(EVERY).await,
                    Err(_) => return None,
                }
            }
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::{DeskRole, JobPriority, JobWork};
    use crate::web::desk::testing::TestDesk;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn several_meetings_are_recognised_anew_at_once_and_no_empty_choice_is_taken() {
        let archive = Archive::new();
        let desk = TestDesk::of(archive.store());
        let clerk = desk.signed_in(DeskRole::Clerk);
        let list = desk.get(&clerk, "/sitzungen").await.text;
        assert!(list.contains(r#"name="sitzung" value="kt-1""#), "{list}");
        assert_eq!(
            desk.post(&clerk, "/sitzungen/auftrag", "welche=&ab=recognition").await.status,
            400
        );
        assert!(desk.store.jobs(10).unwrap().is_empty());
        for choice in ["sitzung=kt-1", "welche=alle"] {
            let form = format!("{choice}&modell=small&ab=recognition&begriffe=Lindenau%0AAnger");
            assert_eq!(desk.post(&clerk, "/sitzungen/auftrag", &form).await.status, 303);
        }
        // The same is asked for once.
        let jobs = desk.store.jobs(10).unwrap();
        let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
        let JobWork::Transcribe(order) = &job.work else { panic!("{job:?}") };
        assert_eq!((order.meeting.as_str(), order.model.as_deref()), ("kt-1", Some("small")));
        assert_eq!((order.terms.len(), job.priority), (2, JobPriority::NORMAL));
    }
}
