//! Jobs as rows: queued, called off, halted, tried again, listed. Owns that no two open jobs are of the same
//! work and that the audit says who asked for what; who does them, and until when, is `job_leases`.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Json, Store, audit};
use crate::domain::{
    Act, Error, Job, JobEvent, JobId, JobLine, JobPriority, JobState, JobWork, MOST_ATTEMPTS,
    MeetingId, QueueState, Result, Signature,
};

/// So many jobs that are over are remembered; what was done stays in the audit.
const REMEMBERED: u32 = 1_000;
/// So many lines of a job's log are kept, the last ones.
const MOST_LINES: i64 = 200;
/// Longest detail of a line, in characters.
const LONGEST_DETAIL: usize = 300;

/// A job to be queued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What it is to do.
    pub work: JobWork,
    /// How urgent it is.
    pub priority: JobPriority,
    /// Who asks for it, and when.
    pub queued: Signature,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It has this number.
    New(JobId),
    /// An open job does the same already, and is as urgent now as the more urgent of the two; one that runs is
    /// done once more when it has ended.
    AlreadyOpen(JobId),
}

impl Enqueued {
    /// The job that does it.
    pub fn id(self) -> JobId {
        match self {
            Self::New(id) | Self::AlreadyOpen(id) => id,
        }
    }
}

/// What became of calling a job off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It is called off.
    AtOnce,
    /// Its process ends at its next write, at the latest with its next heartbeat.
    Asked,
    /// It was over.
    TooLate,
}

/// Whether something is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueSwitch {
    /// Nothing is begun any more.
    Pause,
    /// It goes on.
    Resume,
}

impl Store {
    /// Queues a job, unless an open one is of the same work.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting.
    pub fn enqueue(&self, new: &NewJob) -> Result<Enqueued> {
        self.refuse_unknown(new.work.meeting())?;
        self.write(|t| enqueue(t, new))
    }

    /// Calls a job off; what it has done stays.
    ///
    /// # Errors
    /// `NotFound` where there is no such job.
    pub fn cancel_job(&self, id: JobId, made: &Signature) -> Result<Cancelled> {
        let job = self.job(id)?;
        self.write(|t| {
            let done = match state(t, id)? {
                Some(JobState::Queued) => {
                    end(t, id, JobState::Cancelled, made.at)?;
                    note(t, id, made.at, JobEvent::Cancelled, "")?;
                    Cancelled::AtOnce
                }
                Some(JobState::Running) => {
                    t.execute(
                        "UPDATE job SET cancel_asked = 1, again = 0 WHERE id = ?1",
                        [id.number()],
                    )?;
                    note(t, id, made.at, JobEvent::CancelAsked, "")?;
                    Cancelled::Asked
                }
                _ => return Ok(Cancelled::TooLate),
            };
            audited(t, made, Act::JobCancelled, id, &job.work)?;
            Ok(done)
        })
    }

    /// Has a job that failed or was called off tried again, from the beginning of its attempts, and one that
    /// waits without further pause; where an open one does the same by now, that one does it.
    ///
    /// # Errors
    /// `NotFound` where there is no such job; `BadInput` where it is done.
    pub fn retry_job(&self, id: JobId, made: &Signature) -> Result<Enqueued> {
        let job = self.job(id)?;
        let queued = self.write(|t| {
            // It may have been done a moment ago.
            if state(t, id)? == Some(JobState::Done) {
                return Ok(None);
            }
            if let Some(open) = open_of(t, &job.work)? {
                let sql = "UPDATE job SET due_ms = ?2 WHERE id = ?1 AND state = 'queued'";
                t.execute(sql, params![open.number(), made.at.as_millisecond()])?;
                touch(t, open)?;
                return Ok(Some(Enqueued::AlreadyOpen(open)));
            }
            t.execute(
                "UPDATE job SET state = 'queued', attempts = 0, most_attempts = ?2, due_ms = ?3, paused = 0,
                   cancel_asked = 0, ended_ms = NULL WHERE id = ?1",
                params![id.number(), MOST_ATTEMPTS, made.at.as_millisecond()],
            )?;
            note(t, id, made.at, JobEvent::Queued, "retry")?;
            audited(t, made, Act::JobQueued, id, &job.work)?;
            Ok(Some(Enqueued::New(id)))
        })?;
        queued.ok_or_else(|| {
            Error::bad_input(format!("Auftrag {id} ist erledigt"))
                .remedy("Stellen Sie ihn neu ein, wenn er noch einmal getan werden soll")
        })
    }

    /// Halts the queue or sets it going again; what runs goes on.
    pub fn switch_queue(&self, to: QueueSwitch, made: &Signature) -> Result<()> {
        self.write(|t| {
            let paused = to == QueueSwitch::Pause;
            let changed =
                t.execute("UPDATE job_queue SET paused = ?1 WHERE paused <> ?1", [paused])?;
            if changed == 1 {
                next_version(t)?;
                audit::append(t, made, Act::QueuePaused, "", &[("state", to.code())])?;
            }
            Ok(())
        })
    }

    /// Halts a job or sets it going again. One that runs is let go of by its process, and keeps what it has.
    ///
    /// # Errors
    /// `NotFound` where there is no such job; `BadInput` where it is over.
    pub fn switch_job(&self, id: JobId, to: QueueSwitch, made: &Signature) -> Result<()> {
        if !self.job(id)?.state.is_open() {
            return Err(Error::bad_input(format!("Auftrag {id} ist nicht mehr offen")));
        }
        self.write(|t| {
            let paused = to == QueueSwitch::Pause;
            let sql = "UPDATE job SET paused = ?2 WHERE id = ?1 AND paused <> ?2
                       AND state IN ('queued', 'running')";
            if t.execute(sql, params![id.number(), paused])? == 1 {
                note(t, id, made.at, JobEvent::Paused, to.code())?;
                let subject = id.to_string();
                audit::append(t, made, Act::QueuePaused, &subject, &[("state", to.code())])?;
            }
            Ok(())
        })
    }

    /// One job.
    ///
    /// # Errors
    /// `NotFound` where there is none of this number.
    pub fn job(&self, id: JobId) -> Result<Job> {
        let found = self.read(|c| Ok(select(c, "WHERE id = ?1", [id.number()])?.pop()))?;
        found.ok_or_else(|| {
            Error::not_found(format!("Es gibt keinen Auftrag {id}"))
                .remedy("`mitschnitt jobs` zeigt, welche es gibt")
        })
    }

    /// Jobs as people want to see them: those that run, those that wait in the order of their turn, then those
    /// that are over, the last first; up to `limit`.
    pub fn jobs(&self, limit: u32) -> Result<Vec<Job>> {
        self.read(|c| {
            select(
                c,
                "ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'queued' THEN 1 ELSE 2 END,
                   ended_ms DESC, priority DESC, queued_ms, id LIMIT ?1",
                [limit],
            )
        })
    }

    /// The open jobs of a meeting.
    pub fn open_jobs_of(&self, meeting: &MeetingId) -> Result<Vec<Job>> {
        let which = "WHERE meeting = ?1 AND state IN ('queued', 'running') ORDER BY id";
        self.read(|c| select(c, which, [meeting.as_str()]))
    }

    /// The jobs that have changed since the queue had that version.
    pub fn jobs_since(&self, version: u64) -> Result<Vec<Job>> {
        self.read(|c| select(c, "WHERE version > ?1 ORDER BY version", [version]))
    }

    /// The queue as a whole; another version where anything in it has changed.
    pub fn queue_state(&self) -> Result<QueueState> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT paused, version,
                   (SELECT count(*) FROM job WHERE state = 'queued'),
                   (SELECT count(*) FROM job WHERE state = 'running'),
                   (SELECT count(*) FROM job WHERE state = 'failed') FROM job_queue",
            )?
            .query_row([], |r| {
                let (paused, version) = (r.get(0)?, r.get(1)?);
                let (queued, running, failed) = (r.get(2)?, r.get(3)?, r.get(4)?);
                Ok(QueueState { paused, version, queued, running, failed })
            })
        })
    }

    /// What happened to a job, in order.
    pub fn job_log(&self, id: JobId) -> Result<Vec<JobLine>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT at_ms, event, detail FROM job_line WHERE job = ?1 ORDER BY number",
            )?
            .query_map([id.number()], |r| {
                let (at, detail) = (time(r.get(0)?), r.get(2)?);
                Ok(JobLine { at, event: coded(1, r.get::<_, String>(1)?)?, detail })
            })?
            .collect()
        })
    }

    /// A meeting that is named must be there.
    pub(super) fn refuse_unknown(&self, meeting: Option<&MeetingId>) -> Result<()> {
        match meeting {
            Some(meeting) => self.council(meeting).map(|_| ()),
            None => Ok(()),
        }
    }
}

impl QueueSwitch {
    /// Its code, which is never changed.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
        }
    }
}

/// Queues a job, in the transaction of what it follows from, unless an open one is of the same work.
pub(super) fn enqueue(t: &Transaction, new: &NewJob) -> rusqlite::Result<Enqueued> {
    if let Some(id) = open_of(t, &new.work)? {
        // One that runs may have looked already at what has just changed.
        t.execute(
            "UPDATE job SET priority = max(priority, ?2), again = (state = 'running') WHERE id = ?1",
            params![id.number(), new.priority.number()],
        )?;
        touch(t, id)?;
        return Ok(Enqueued::AlreadyOpen(id));
    }
    let id = insert(t, new, MOST_ATTEMPTS)?;
    note(t, id, new.queued.at, JobEvent::Queued, new.work.kind().code())?;
    audited(t, &new.queued, Act::JobQueued, id, &new.work)?;
    Ok(Enqueued::New(id))
}

/// Adds a job that waits.
pub(super) fn insert(t: &Transaction, new: &NewJob, attempts: u32) -> rusqlite::Result<JobId> {
    forget_oldest(t)?;
    let at = new.queued.at.as_millisecond();
    t.prepare_cached(
        "INSERT INTO job (work, meeting, state, priority, queued_by, queued_ms, due_ms, most_attempts)
         VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?5, ?6)",
    )?
    .execute(params![
        Json(&new.work),
        new.work.meeting().map(MeetingId::as_str),
        new.priority.number(),
        new.queued.by,
        at,
        attempts,
    ])?;
    Ok(JobId::new(t.last_insert_rowid()))
}

/// The open job of this work.
pub(super) fn open_of(c: &Connection, work: &JobWork) -> rusqlite::Result<Option<JobId>> {
    let sql = "SELECT id FROM job WHERE work = ?1 AND state IN ('queued', 'running')";
    c.prepare_cached(sql)?
        .query_row(params![Json(work)], |r| r.get(0))
        .optional()
        .map(|id| id.map(JobId::new))
}

fn state(c: &Connection, id: JobId) -> rusqlite::Result<Option<JobState>> {
    c.query_row("SELECT state FROM job WHERE id = ?1", [id.number()], |r| {
        coded(0, r.get::<_, String>(0)?)
    })
    .optional()
}

/// Ends a job in this state.
pub(super) fn end(
    t: &Transaction,
    id: JobId,
    state: JobState,
    at: Timestamp,
) -> rusqlite::Result<()> {
    t.execute(
        "UPDATE job SET state = ?2, ended_ms = ?3, worker = NULL, lease_ms = NULL, progress = NULL,
           cancel_asked = 0, again = 0 WHERE id = ?1",
        params![id.number(), state.code(), at.as_millisecond()],
    )?;
    touch(t, id)
}

/// Adds a line to a job's log, whose first lines go where there are too many.
pub(super) fn note(
    t: &Transaction,
    id: JobId,
    at: Timestamp,
    event: JobEvent,
    detail: &str,
) -> rusqlite::Result<()> {
    let detail: String = detail.chars().take(LONGEST_DETAIL).collect();
    let number: i64 = t.query_row(
        "SELECT coalesce(max(number), 0) + 1 FROM job_line WHERE job = ?1",
        [id.number()],
        |r| r.get(0),
    )?;
    t.execute(
        "INSERT INTO job_line VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id.number(), number, at.as_millisecond(), code_of(event), detail],
    )?;
    t.execute(
        "DELETE FROM job_line WHERE job = ?1 AND number <= ?2",
        [id.number(), number - MOST_LINES],
    )?;
    touch(t, id)
}

/// What the audit says of a job.
pub(super) fn audited(
    t: &Transaction,
    made: &Signature,
    act: Act,
    id: JobId,
    work: &JobWork,
) -> rusqlite::Result<()> {
    let mut details = vec![("kind", work.kind().code())];
    details.extend(work.meeting().map(|meeting| ("meeting", meeting.as_str())));
    audit::append(t, made, act, &id.to_string(), &details)
}

/// Gives a job a new version.
pub(super) fn touch(t: &Transaction, id: JobId) -> rusqlite::Result<()> {
    let version = next_version(t)?;
    t.prepare_cached("UPDATE job SET version = ?2 WHERE id = ?1")?
        .execute(params![id.number(), version])?;
    Ok(())
}

pub(super) fn next_version(t: &Transaction) -> rusqlite::Result<u64> {
    t.prepare_cached("UPDATE job_queue SET version = version + 1 RETURNING version")?
        .query_row([], |r| r.get(0))
}

fn forget_oldest(t: &Transaction) -> rusqlite::Result<()> {
    t.execute(
        "DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled') AND ended_ms <
           (SELECT ended_ms FROM job WHERE state IN ('done', 'failed', 'cancelled')
            ORDER BY ended_ms DESC LIMIT 1 OFFSET ?1)",
        [REMEMBERED],
    )?;
    Ok(())
}

/// The jobs that `which` names.
pub(super) fn select(
    c: &Connection,
    which: &str,
    params: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Job>> {
    let sql = format!(
        "SELECT id, work, state, priority, queued_by, queued_ms, due_ms, attempts, most_attempts, began_ms,
           ended_ms, worker, cancel_asked, paused, progress, failure, version FROM job {which}"
    );
    c.prepare_cached(&sql)?.query_map(params, job)?.collect()
}

fn job(r: &Row) -> rusqlite::Result<Job> {
    Ok(Job {
        id: JobId::new(r.get(0)?),
        work: r.get::<_, Json<_>>(1)?.0,
        state: coded(2, r.get::<_, String>(2)?)?,
        priority: JobPriority::new(r.get(3)?),
        queued: Signature { by: r.get(4)?, at: time(r.get(5)?) },
        due: time(r.get(6)?),
        attempts: r.get(7)?,
        most_attempts: r.get(8)?,
        began: r.get::<_, Option<i64>>(9)?.map(time),
        ended: r.get::<_, Option<i64>>(10)?.map(time),
        worker: r.get(11)?,
        cancel_asked: r.get(12)?,
        paused: r.get(13)?,
        progress: r.get::<_, Option<Json<_>>>(14)?.map(|json| json.0),
        failure: r.get::<_, Option<Json<_>>>(15)?.map(|json| json.0),
        version: r.get(16)?,
    })
}

/// A time of ours; what no calendar holds, only a damaged file says.
fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A value that is written as its code.
fn coded<T: serde::de::DeserializeOwned>(column: usize, code: String) -> rusqlite::Result<T> {
    serde_json::from_value(serde_json::Value::String(code)).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, e.into())
    })
}

fn code_of(event: JobEvent) -> String {
    // Unit variants are strings.
    let value = serde_json::to_value(event).ok();
    value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
