//! Asking for jobs, for the desk and the command line: what is asked for is checked, signed and queued. Owns
//! nothing but that; the rows are the store's.

use crate::domain::{
    Error, Job, JobId, JobLine, JobPriority, JobWork, QueueState, Result, Signature,
};
use crate::store::{Cancelled, Enqueued, NewJob, QueueSwitch, Store};

/// Longest list of terms of an order, and longest term in characters.
const MOST_TERMS: (usize, usize) = (1_000, 200);

/// The queue of an archive, as somebody of this name uses it.
#[derive(Clone)]
pub struct JobQueue {
    store: Store,
    by: String,
}

impl JobQueue {
    /// That of this archive, for who is called `by`.
    pub fn of(store: &Store, by: impl Into<String>) -> Self {
        Self { store: store.clone(), by: by.into() }
    }

    /// Asks for a job; one that is open already is not queued twice.
    ///
    /// # Errors
    /// `NotFound` where there is no such meeting, `BadInput` where the order cannot be carried out.
    pub fn enqueue(&self, work: JobWork, priority: JobPriority) -> Result<Enqueued> {
        check(&work)?;
        self.store.enqueue(&NewJob { work, priority, queued: self.signature() })
    }

    /// Calls a job off.
    ///
    /// # Errors
    /// `NotFound` where there is none of this number.
    pub fn cancel(&self, id: JobId) -> Result<Cancelled> {
        self.store.cancel_job(id, &self.signature())
    }

    /// Has a job that failed or was called off tried again.
    ///
    /// # Errors
    /// `NotFound` where there is none of this number, `BadInput` where it is done.
    pub fn retry(&self, id: JobId) -> Result<Enqueued> {
        self.store.retry_job(id, &self.signature())
    }

    /// Halts a job or the whole queue, or sets it going again.
    ///
    /// # Errors
    /// `NotFound` where there is no job of this number, `BadInput` where it is over.
    pub fn switch(&self, which: Option<JobId>, to: QueueSwitch) -> Result<()> {
        match which {
            Some(id) => self.store.switch_job(id, to, &self.signature()),
            None => self.store.switch_queue(to, &self.signature()),
        }
    }

    /// Jobs, those that run first, then those that wait, then those that are over; up to `limit`.
    pub fn list(&self, limit: u32) -> Result<Vec<Job>> {
        self.store.jobs(limit)
    }

    /// A job with its log.
    ///
    /// # Errors
    /// `NotFound` where there is none of this number.
    pub fn one(&self, id: JobId) -> Result<(Job, Vec<JobLine>)> {
        Ok((self.store.job(id)?, self.store.job_log(id)?))
    }

    /// The queue as a whole. Whoever watches asks again and again, and where the version is another, for
    /// [`Self::since`] the one before.
    pub fn state(&self) -> Result<QueueState> {
        self.store.queue_state()
    }

    /// The jobs that have changed since that version.
    pub fn since(&self, version: u64) -> Result<Vec<Job>> {
        self.store.jobs_since(version)
    }

    fn signature(&self) -> Signature {
        Signature { by: self.by.clone(), at: jiff::Timestamp::now() }
    }
}

fn check(work: &JobWork) -> Result<()> {
    let complaint = match work {
        JobWork::Transcribe(order) => {
            let (most, longest) = MOST_TERMS;
            let wrong = |term: &&String| {
                term.trim().is_empty()
                    || term.chars().count() > longest
                    || term.chars().any(char::is_control)
            };
            match order.terms.iter().find(wrong) {
                Some(_) => Some(format!(
                    "Ein Begriff ist leer, hat Steuerzeichen oder über {longest} Zeichen"
                )),
                None if order.terms.len() > most => Some(format!("Mehr als {most} Begriffe")),
                None => None,
            }
        }
        JobWork::Import { files, .. } if files.is_empty() => Some("Keine Datei".to_owned()),
        JobWork::Import { files, .. } => {
            let relative = files.iter().find(|path| !path.is_absolute());
            relative.map(|path| format!("{} ist kein ganzer Pfad", path.display()))
        }
        JobWork::Backup { folder } if !folder.is_absolute() => {
            Some(format!("{} ist kein ganzer Pfad", folder.display()))
        }
        _ => None,
    };
    complaint.map_or(Ok(()), |what| Err(Error::bad_input(what)))
}
