//! Who does a job, and until when: leases with tokens that only grow, so that whoever died, hung or was
//! called off can write nothing more. Owns that a job has one holder at most, and the rules of trying again.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::jobs::{NewJob, audited, end, insert, next_version, note, open_of, select, touch};
use super::{Json, Store};
use crate::domain::{
    Act, Error, Job, JobEvent, JobFailure, JobId, JobLease, JobProgress, JobState, MOST_ATTEMPTS,
    Result, Signature, pause_after,
};

/// A job that fails for want of room is tried again after this.
const ROOM_PAUSE: Duration = Duration::from_secs(60);

/// Who asks for a lease, when, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct LeaseTerms<'a> {
    /// The name of the process, of which there is one.
    pub worker: &'a str,
    /// The time.
    pub now: Timestamp,
    /// How long the lease lasts without a heartbeat.
    pub length: Duration,
}

impl LeaseTerms<'_> {
    fn until(&self) -> i64 {
        after(self.now, self.length)
    }
}

/// What a heartbeat is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// The lease is prolonged.
    GoOn,
    /// Somebody called the job off or halted it.
    LetGo,
    /// The lease is another's, or nobody's.
    Lost,
}

/// How a holder leaves a job.
#[derive(Clone, Debug)]
pub enum JobEnd<'a> {
    /// It is done; what was done, as a code.
    Done(&'a str),
    /// There was nothing to do, and nobody asked for it but its holder: it leaves no trace.
    Nothing,
    /// It failed.
    Failed(&'a JobFailure),
    /// The process ends before the job does.
    Released,
}

/// What became of a job that is to be begun at once.
#[derive(Clone, Debug)]
pub enum Begun {
    /// It is the caller's.
    Lease(JobLease),
    /// Another job is at the same work or the same meeting.
    Busy(Box<Job>),
}

/// What a write without the lease comes to.
#[derive(Debug)]
pub(super) struct LostLease;

impl fmt::Display for LostLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lease of the job is not held any more")
    }
}

impl std::error::Error for LostLease {}

impl Store {
    /// The same archive, through which everything is refused as soon as the lease is lost, or the job called
    /// off or halted: in the very transaction that would have written.
    #[must_use]
    pub fn under(&self, lease: JobLease) -> Self {
        Self { shared: self.shared.clone(), fence: Some(lease) }
    }

    /// Whether what is written depends on a lease.
    pub fn is_under_lease(&self) -> bool {
        self.fence.is_some()
    }

    /// Refuses to go on where nothing could be written any more.
    ///
    /// # Errors
    /// `Failed` where the lease is lost.
    pub fn refuse_lost_lease(&self) -> Result<()> {
        self.read(|c| admit(c, self.fence))
    }

    /// The most urgent job that is due, of the oldest first, whose meeting no other job is at; from now on it
    /// is the caller's. Leases that have run out are taken back before.
    pub fn lease_job(&self, terms: &LeaseTerms<'_>) -> Result<Option<(Job, JobLease)>> {
        const DUE: &str =
            "SELECT id FROM job AS waiting WHERE state = 'queued' AND paused = 0 AND due_ms <= ?1
             AND NOT EXISTS (SELECT 1 FROM job AS busy
                             WHERE busy.state = 'running' AND busy.meeting = waiting.meeting)
             AND NOT EXISTS (SELECT 1 FROM job_queue WHERE paused = 1)
             ORDER BY priority DESC, queued_ms, id LIMIT 1";
        let now = terms.now.as_millisecond();
        // Whoever asks in vain, every second, writes nothing.
        let idle = self.read(|c| {
            let due: Option<i64> =
                c.prepare_cached(DUE)?.query_row([now], |r| r.get(0)).optional()?;
            Ok(due.is_none() && run_out(c, now)?.is_empty())
        })?;
        if idle {
            return Ok(None);
        }
        self.write(|t| {
            for job in run_out(t, now)? {
                lose(t, &job, terms.now)?;
            }
            let due: Option<i64> =
                t.prepare_cached(DUE)?.query_row([now], |r| r.get(0)).optional()?;
            let Some(id) = due.map(JobId::new) else { return Ok(None) };
            let lease = take(t, id, terms)?;
            Ok(select(t, "WHERE id = ?1", [id.number()])?.pop().map(|job| (job, lease)))
        })
    }

    /// Begins a job at once, in its process' own name: the open one of the same work where that waits, else a
    /// new one, which is not tried again. The audit hears of it when something came of it.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting.
    pub fn begin_job(&self, new: &NewJob, terms: &LeaseTerms<'_>) -> Result<Begun> {
        self.refuse_unknown(new.work.meeting())?;
        self.write(|t| {
            for job in run_out(t, terms.now.as_millisecond())? {
                lose(t, &job, terms.now)?;
            }
            let open = open_of(t, &new.work)?;
            let meeting = new.work.meeting().map(|m| m.as_str());
            let in_the_way = select(
                t,
                "WHERE state = 'running' AND (meeting = ?1 OR id = ?2) LIMIT 1",
                params![meeting, open.map(JobId::number)],
            )?;
            if let Some(busy) = in_the_way.into_iter().next() {
                return Ok(Begun::Busy(Box::new(busy)));
            }
            let id = match open {
                Some(id) => id,
                None => insert(t, new, 1)?,
            };
            Ok(Begun::Lease(take(t, id, terms)?))
        })
    }

    /// Prolongs a lease; also one that has run out, while nobody else has taken it.
    pub fn heartbeat(&self, lease: JobLease, terms: &LeaseTerms<'_>) -> Result<Heartbeat> {
        self.write(|t| {
            let Some(job) = held(t, lease)? else { return Ok(Heartbeat::Lost) };
            t.prepare_cached("UPDATE job SET lease_ms = ?2 WHERE id = ?1")?
                .execute(params![lease.job.number(), terms.until()])?;
            Ok(match job.cancel_asked || job.paused {
                true => Heartbeat::LetGo,
                false => Heartbeat::GoOn,
            })
        })
    }

    /// Writes down how far a job has come; gives whether the lease still holds.
    pub fn job_progress(&self, lease: JobLease, progress: &JobProgress) -> Result<bool> {
        self.write(|t| {
            if held(t, lease)?.is_none() {
                return Ok(false);
            }
            t.prepare_cached("UPDATE job SET progress = ?2 WHERE id = ?1")?
                .execute(params![lease.job.number(), Json(progress)])?;
            touch(t, lease.job)?;
            Ok(true)
        })
    }

    /// Adds a line to the log of a job; gives whether the lease still holds.
    pub fn job_note(&self, lease: JobLease, event: JobEvent, detail: &str) -> Result<bool> {
        self.write(|t| {
            let is_held = held(t, lease)?.is_some();
            if is_held {
                note(t, lease.job, Timestamp::now(), event, detail)?;
            }
            Ok(is_held)
        })
    }

    /// Leaves a job. Gives where it stands now; `None`, and changes nothing, where the lease is lost.
    pub fn leave_job(
        &self,
        lease: JobLease,
        how: &JobEnd<'_>,
        now: Timestamp,
    ) -> Result<Option<JobState>> {
        self.write(|t| {
            let Some(job) = held(t, lease)? else { return Ok(None) };
            leave(t, &job, how, now).map(Some)
        })
    }

    /// The processes that hold leases.
    pub fn job_holders(&self) -> Result<Vec<String>> {
        self.read(|c| {
            let sql = "SELECT DISTINCT worker FROM job WHERE state = 'running' AND worker NOT NULL";
            c.prepare_cached(sql)?.query_map([], |r| r.get(0))?.collect()
        })
    }

    /// Takes back the leases of a process that is gone.
    pub fn lose_jobs_of(&self, worker: &str, now: Timestamp) -> Result<usize> {
        self.write(|t| {
            let lost = select(t, "WHERE state = 'running' AND worker = ?1", [worker])?;
            lost.iter().try_for_each(|job| lose(t, job, now))?;
            Ok(lost.len())
        })
    }

    /// Takes back the leases that have run out; gives the processes that had them.
    pub fn lose_overdue_jobs(&self, now: Timestamp) -> Result<Vec<String>> {
        let ms = now.as_millisecond();
        if self.read(|c| Ok(run_out(c, ms)?.is_empty()))? {
            return Ok(Vec::new());
        }
        self.write(|t| {
            let lost = run_out(t, ms)?;
            lost.iter().try_for_each(|job| lose(t, job, now))?;
            Ok(lost.into_iter().filter_map(|job| job.worker).collect())
        })
    }
}

/// Lets a write through where it needs no lease, or has one that holds.
pub(super) fn admit(c: &Connection, fence: Option<JobLease>) -> rusqlite::Result<()> {
    let Some(lease) = fence else { return Ok(()) };
    let holds: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM job WHERE id = ?1 AND token = ?2 AND state = 'running'
                            AND cancel_asked = 0 AND paused = 0)",
        )?
        .query_row(params![lease.job.number(), lease.token], |r| r.get(0))?;
    if holds { Ok(()) } else { Err(rusqlite::Error::ToSqlConversionFailure(LostLease.into())) }
}

/// What a refused write is called where people read it.
pub(super) fn explain_lost(error: &rusqlite::Error) -> Option<Error> {
    let rusqlite::Error::ToSqlConversionFailure(cause) = error else { return None };
    cause.is::<LostLease>().then(|| {
        Error::failed("Der Auftrag ist abgebrochen, angehalten oder einem anderen Vorgang gegeben")
            .remedy("`mitschnitt jobs` zeigt, wie es um ihn steht")
    })
}

/// The job of a lease that still holds.
fn held(c: &Connection, lease: JobLease) -> rusqlite::Result<Option<Job>> {
    let which = "WHERE id = ?1 AND token = ?2 AND state = 'running'";
    Ok(select(c, which, params![lease.job.number(), lease.token])?.pop())
}

fn run_out(c: &Connection, now: i64) -> rusqlite::Result<Vec<Job>> {
    select(c, "WHERE state = 'running' AND lease_ms <= ?1", [now])
}

fn take(t: &Transaction, id: JobId, terms: &LeaseTerms<'_>) -> rusqlite::Result<JobLease> {
    let token: u64 = t
        .prepare_cached("UPDATE job_queue SET token = token + 1 RETURNING token")?
        .query_row([], |r| r.get(0))?;
    t.prepare_cached(
        "UPDATE job SET state = 'running', attempts = attempts + 1, token = ?2, worker = ?3, lease_ms = ?4,
           began_ms = ?5, progress = NULL, paused = 0, again = 0 WHERE id = ?1",
    )?
    .execute(params![
        id.number(),
        token,
        terms.worker,
        terms.until(),
        terms.now.as_millisecond()
    ])?;
    note(t, id, terms.now, JobEvent::Began, terms.worker)?;
    Ok(JobLease { job: id, token })
}

/// The holder is gone: another attempt, unless there were enough.
fn lose(t: &Transaction, job: &Job, now: Timestamp) -> rusqlite::Result<()> {
    note(t, job.id, now, JobEvent::Lost, job.worker.as_deref().unwrap_or_default())?;
    let gone =
        Error::failed("Der Vorgang, der daran arbeitete, ist abgestürzt, beendet oder hängt")
            .remedy("Was er geschafft hat, bleibt; ein neuer Versuch macht dort weiter");
    leave(t, job, &JobEnd::Failed(&JobFailure::from(&gone)), now).map(|_| ())
}

/// Where a job stands after its holder has left it.
fn leave(
    t: &Transaction,
    job: &Job,
    how: &JobEnd<'_>,
    now: Timestamp,
) -> rusqlite::Result<JobState> {
    let made = Signature { by: job.queued.by.clone(), at: now };
    let is_over = matches!(how, JobEnd::Done(_) | JobEnd::Nothing) || job.most_attempts == 1;
    if is_over && !job.cancel_asked && once_more(t, job, now)? {
        return Ok(JobState::Queued);
    }
    // One that was begun by who asked for it was never in the queue.
    let is_own = job.most_attempts == 1;
    let failure = match how {
        JobEnd::Nothing if is_own => {
            t.execute("DELETE FROM job WHERE id = ?1", [job.id.number()])?;
            next_version(t)?;
            return Ok(JobState::Done);
        }
        JobEnd::Done(_) | JobEnd::Nothing => {
            let detail = if let JobEnd::Done(what) = how { what } else { "" };
            t.execute("UPDATE job SET failure = NULL WHERE id = ?1", [job.id.number()])?;
            end(t, job.id, JobState::Done, now)?;
            note(t, job.id, now, JobEvent::Done, detail)?;
            audited(t, &made, Act::JobDone, job.id, &job.work)?;
            return Ok(JobState::Done);
        }
        // Whoever called it off stands in the audit already.
        _ if job.cancel_asked => {
            end(t, job.id, JobState::Cancelled, now)?;
            note(t, job.id, now, JobEvent::Cancelled, "")?;
            return Ok(JobState::Cancelled);
        }
        JobEnd::Released => {
            wait(t, job, now.as_millisecond(), job.attempts.saturating_sub(1))?;
            note(t, job.id, now, JobEvent::Released, "")?;
            return Ok(JobState::Queued);
        }
        JobEnd::Failed(failure) => *failure,
    };
    if job.paused {
        wait(t, job, now.as_millisecond(), job.attempts.saturating_sub(1))?;
        return Ok(JobState::Queued);
    }
    t.execute(
        "UPDATE job SET failure = ?2 WHERE id = ?1",
        params![job.id.number(), Json(failure)],
    )?;
    if failure.no_room && !is_own {
        wait(t, job, after(now, ROOM_PAUSE), job.attempts.saturating_sub(1))?;
        note(t, job.id, now, JobEvent::NoRoom, "")?;
        return Ok(JobState::Queued);
    }
    let event_detail = failure.what.as_str();
    if failure.may_pass() && job.attempts < job.most_attempts {
        wait(t, job, after(now, pause_after(job.attempts)), job.attempts)?;
        note(t, job.id, now, JobEvent::TriedAgain, event_detail)?;
        return Ok(JobState::Queued);
    }
    if once_more(t, job, now)? {
        return Ok(JobState::Queued);
    }
    end(t, job.id, JobState::Failed, now)?;
    note(t, job.id, now, JobEvent::Failed, event_detail)?;
    audited(t, &made, Act::JobFailed, job.id, &job.work)?;
    Ok(JobState::Failed)
}

/// Has a job that is over done once more where somebody has asked for it since it began; gives whether.
fn once_more(t: &Transaction, job: &Job, now: Timestamp) -> rusqlite::Result<bool> {
    let asked: bool = t
        .prepare_cached("SELECT again FROM job WHERE id = ?1")?
        .query_row([job.id.number()], |r| r.get(0))?;
    if asked {
        let sql = "UPDATE job SET failure = NULL, most_attempts = ?2 WHERE id = ?1";
        t.execute(sql, params![job.id.number(), MOST_ATTEMPTS])?;
        wait(t, job, now.as_millisecond(), 0)?;
        note(t, job.id, now, JobEvent::Queued, "again")?;
    }
    Ok(asked)
}

/// Puts a job back into the queue.
fn wait(t: &Transaction, job: &Job, due: i64, attempts: u32) -> rusqlite::Result<()> {
    t.execute(
        "UPDATE job SET state = 'queued', worker = NULL, lease_ms = NULL, progress = NULL, due_ms = ?2,
           attempts = ?3 WHERE id = ?1",
        params![job.id.number(), due, attempts],
    )?;
    touch(t, job.id)
}

fn after(now: Timestamp, pause: Duration) -> i64 {
    now.as_millisecond().saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
