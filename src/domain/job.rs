//! Jobs: work on the archive that somebody asked for and some process does, now or later. Owns what can be
//! asked for, the states of it and the rules of trying again; refuses to know how anything is done.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Digest, Error, ErrorKind, MeetingId, Signature, Span};

/// How often a job is tried before it counts as failed.
pub const MOST_ATTEMPTS: u32 = 5;

/// The first pause before a job is tried again; each further one is four times as long …
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// … and never longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// How long to wait after so many attempts before the next one.
pub fn pause_after(attempts: u32) -> Duration {
    let times = 4_u32.saturating_pow(attempts.saturating_sub(1));
    FIRST_PAUSE.saturating_mul(times).min(LONGEST_PAUSE)
}

/// Number of a job within the archive; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(i64);

impl JobId {
    /// The job of this number.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a job is to do, with everything that decides it. Two open jobs are never of the same work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobWork {
    /// Brings a meeting up to date: sound to text, copies, alignment, index.
    Transcribe(TranscriptionOrder),
    /// Finds items and speakers anew where something has changed, and indexes.
    Align {
        /// Of this meeting.
        meeting: MeetingId,
    },
    /// Puts into the index what the archive shows.
    Index {
        /// Of this meeting; of all where none is named.
        meeting: Option<MeetingId>,
    },
    /// Makes the copies that the site serves.
    Publish {
        /// Of this meeting.
        meeting: MeetingId,
    },
    /// Ends what withdrawals have begun.
    Purge,
    /// Cuts a stretch out of a public copy, as a file of its own.
    Clip {
        /// Of this meeting.
        meeting: MeetingId,
        /// Of the public copy with this hash.
        file: Digest,
        /// On the copy's own time line.
        #[serde(flatten)]
        span: Span,
    },
    /// Takes over what others put on record.
    Import {
        /// Files of JSON lines, or RTTM.
        files: Vec<PathBuf>,
        /// The meeting of lines that name none.
        meeting: Option<MeetingId>,
    },
    /// Copies the whole archive.
    Backup {
        /// To this folder.
        folder: PathBuf,
    },
}

/// How a meeting is to be transcribed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptionOrder {
    /// Which meeting.
    pub meeting: MeetingId,
    /// With this model; without, what is transcribed stays as it is.
    #[serde(default)]
    pub model: Option<String>,
    /// From this stage on everything is done again, whatever is there.
    #[serde(default)]
    pub from: Option<FirstStage>,
    /// Names and terms that are likely to be said, beside those of the council; the most important last.
    #[serde(default)]
    pub terms: Vec<String>,
}

impl TranscriptionOrder {
    /// What is missing of a meeting.
    pub fn missing(meeting: MeetingId) -> Self {
        Self { meeting, model: None, from: None, terms: Vec::new() }
    }
}

/// The stage from which on work is done again, in the order of the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStage {
    /// Speech to text.
    Recognition,
    /// The copy that the site serves.
    PublicCopy,
    /// Items and speakers.
    Alignment,
    /// The index.
    Index,
}

impl JobWork {
    /// Its kind.
    pub fn kind(&self) -> JobKind {
        match self {
            Self::Transcribe(_) => JobKind::Transcribe,
            Self::Align { .. } => JobKind::Align,
            Self::Index { .. } => JobKind::Index,
            Self::Publish { .. } => JobKind::Publish,
            Self::Purge => JobKind::Purge,
            Self::Clip { .. } => JobKind::Clip,
            Self::Import { .. } => JobKind::Import,
            Self::Backup { .. } => JobKind::Backup,
        }
    }

    /// The meeting that it works on; no two jobs work on one meeting at the same time.
    pub fn meeting(&self) -> Option<&MeetingId> {
        match self {
            Self::Transcribe(order) => Some(&order.meeting),
            Self::Align { meeting } | Self::Publish { meeting } | Self::Clip { meeting, .. } => {
                Some(meeting)
            }
            Self::Index { meeting } => meeting.as_ref(),
            Self::Purge | Self::Import { .. } | Self::Backup { .. } => None,
        }
    }
}

/// What sort of work it is, as a code that is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Sound to text, and all that follows.
    Transcribe,
    /// Items and speakers.
    Align,
    /// The search index.
    Index,
    /// Public copies.
    Publish,
    /// Overwriting what was withdrawn.
    Purge,
    /// A stretch of a recording.
    Clip,
    /// What others put on record.
    Import,
    /// A copy of the archive.
    Backup,
}

impl JobKind {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Transcribe => "transcribe",
            Self::Align => "align",
            Self::Index => "index",
            Self::Publish => "publish",
            Self::Purge => "purge",
            Self::Clip => "clip",
            Self::Import => "import",
            Self::Backup => "backup",
        }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its turn, for the end of a pause, or for another try.
    Queued,
    /// A process is at it.
    Running,
    /// It is done.
    Done,
    /// It failed for good; somebody may have it tried again.
    Failed,
    /// Somebody called it off.
    Cancelled,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// Its code, which is never changed.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// How urgent a job is: of those that are due, the higher goes first, of equal ones the older.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobPriority(i32);

impl JobPriority {
    /// What nobody waits for.
    pub const LOW: Self = Self(-10);
    /// The usual.
    pub const NORMAL: Self = Self(0);
    /// Somebody waits for it.
    pub const HIGH: Self = Self(10);

    /// That of a number.
    pub const fn new(number: i32) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> i32 {
        self.0
    }
}

/// How far a running job has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobProgress {
    /// The stage, by its code.
    pub stage: String,
    /// What the stage works on: a model, a path; often empty.
    pub subject: String,
    /// Everything before this is done, on the recording's time line.
    pub reached_ms: u64,
    /// How long that is, where it is known.
    pub total_ms: Option<u64>,
    /// As a multiple of real time; 0 where nothing can be said yet.
    pub speed: f64,
    /// Seconds left, where that can be told.
    pub left_s: Option<u64>,
}

/// Why a job is not done, and what somebody can do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// What sort of failure it is.
    pub kind: ErrorKind,
    /// What went wrong and why.
    pub what: String,
    /// What to do next; empty where nobody knows.
    pub remedy: String,
    /// Whether it was want of room, which ends by itself.
    #[serde(default)]
    pub no_room: bool,
}

impl JobFailure {
    /// Whether the same work may succeed later without anybody doing anything.
    pub fn may_pass(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Failed | ErrorKind::Archive | ErrorKind::NoRoom | ErrorKind::Rebuilding
        )
    }
}

impl From<&Error> for JobFailure {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            what: error.reason(),
            remedy: error.advice().unwrap_or_default().to_owned(),
            no_room: error.lacked_room(),
        }
    }
}

/// A job as the archive holds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What it is to do.
    pub work: JobWork,
    /// Where it stands.
    pub state: JobState,
    /// How urgent it is.
    pub priority: JobPriority,
    /// Who asked for it, and when.
    pub queued: Signature,
    /// Not tried before this.
    pub due: Timestamp,
    /// How often it was begun, this time included.
    pub attempts: u32,
    /// How often it may be begun.
    pub most_attempts: u32,
    /// When it was begun the last time.
    pub began: Option<Timestamp>,
    /// When it was done, failed or called off.
    pub ended: Option<Timestamp>,
    /// Which process is at it.
    pub worker: Option<String>,
    /// Whether somebody called it off and its process does not know yet.
    pub cancel_asked: bool,
    /// Whether somebody halted it.
    pub paused: bool,
    /// How far it has come, while it runs.
    pub progress: Option<JobProgress>,
    /// What went wrong the last time.
    pub failure: Option<JobFailure>,
    /// Higher with every change of this job; the queue's is the highest of all.
    pub version: u64,
}

/// The right to do a job, until somebody else has it: each has a higher token than all before it, and what
/// is written with an older one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobLease {
    /// Of this job.
    pub job: JobId,
    /// Never given twice.
    pub token: u64,
}

/// What happened to a job, as a code that is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobEvent {
    /// It was queued.
    Queued,
    /// A process began it.
    Began,
    /// A stage of it began.
    Stage,
    /// Its process died or hung.
    Lost,
    /// Its process gave it back, because it ends.
    Released,
    /// It did not succeed, and is tried again.
    TriedAgain,
    /// The disk is full; it is tried again when there is room.
    NoRoom,
    /// Somebody halted it, or set it going again.
    Paused,
    /// Somebody called it off.
    CancelAsked,
    /// It is called off.
    Cancelled,
    /// It failed for good.
    Failed,
    /// It is done.
    Done,
}

/// A line of a job's log: codes, names and numbers, never words that were spoken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobLine {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: JobEvent,
    /// What else is to be known of it; often empty.
    pub detail: String,
}

/// The queue as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QueueState {
    /// Whether somebody halted it: nothing is begun, what runs goes on.
    pub paused: bool,
    /// Higher with every change of the queue or of a job in it.
    pub version: u64,
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs that failed and were not tried again.
    pub failed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let pauses: Vec<u64> = (1..8).map(|n| pause_after(n).as_secs()).collect();
        assert_eq!(pauses, [15, 60, 240, 960, 1800, 1800, 1800]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn work_is_read_back_as_it_was_written() {
        let meeting = MeetingId::new("kt-1").unwrap();
        let order = TranscriptionOrder {
            model: Some("small".into()),
            from: Some(FirstStage::Alignment),
            ..TranscriptionOrder::missing(meeting.clone())
        };
        for (work, json) in [
            (JobWork::Purge, r#"{"kind":"purge"}"#),
            (JobWork::Index { meeting: None }, r#"{"kind":"index","meeting":null}"#),
            (
                JobWork::Transcribe(order),
                r#"{"kind":"transcribe","meeting":"kt-1","model":"small","from":"alignment","terms":[]}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&work).unwrap(), json);
            assert_eq!(serde_json::from_str::<JobWork>(json).unwrap(), work);
            assert!(json.contains(work.kind().code()));
        }
        let short = r#"{"kind":"transcribe","meeting":"kt-1"}"#;
        let missing = JobWork::Transcribe(TranscriptionOrder::missing(meeting));
        assert_eq!(serde_json::from_str::<JobWork>(short).unwrap(), missing);
    }
}
