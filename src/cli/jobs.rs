//! `mitschnitt jobs`: what is queued, running, done and failed; queued, called off, halted, tried again.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::Context;
use super::restrictions::signature;
use crate::domain::{
    Error, FirstStage, Job, JobId, JobLine, JobPriority, JobState, JobWork, MeetingId, Result,
    TranscriptionOrder,
};
use crate::jobs::JobQueue;
use crate::store::{Cancelled, Enqueued, QueueSwitch, Store};
use crate::web::{job_event, job_kind};

/// Arguments of `jobs`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ausgabe als JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<JobsCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum JobsCommand {
    /// Zeigt, was läuft, ansteht und zuletzt war (auch ohne Angabe)
    List {
        /// Höchstens so viele
        #[arg(long, default_value_t = 50, value_name = "ANZAHL")]
        last: u32,
    },
    /// Zeigt einen Auftrag mit seinem Verlauf
    Show {
        /// Seine Nummer
        #[arg(value_name = "NUMMER")]
        job: JobId,
    },
    /// Bricht Aufträge ab; was sie geschafft haben, bleibt
    Cancel {
        /// Ihre Nummern
        #[arg(required = true, value_name = "NUMMER")]
        jobs: Vec<JobId>,
    },
    /// Stellt gescheiterte oder abgebrochene Aufträge wieder ein; wartende beginnen ohne weitere Pause
    Retry {
        /// Ihre Nummern; ohne Angabe alle gescheiterten
        #[arg(value_name = "NUMMER")]
        jobs: Vec<JobId>,
    },
    /// Hält einen Auftrag an; ohne Nummer beginnt keiner mehr
    Pause {
        /// Seine Nummer
        #[arg(value_name = "NUMMER")]
        job: Option<JobId>,
    },
    /// Lässt ihn, oder alle, weitergehen
    Resume {
        /// Seine Nummer
        #[arg(value_name = "NUMMER")]
        job: Option<JobId>,
    },
    /// Stellt einen Auftrag ein
    #[command(subcommand)]
    Add(New),
}

#[derive(Debug, clap::Subcommand)]
enum New {
    /// Sitzungen auf den Stand bringen, auch mit anderem Modell oder weiteren Begriffen
    Transcribe {
        /// Kennungen der Sitzungen; ein Auftrag für jede
        #[arg(required_unless_present = "all", value_name = "KENNUNG")]
        meetings: Vec<MeetingId>,
        /// Alle Sitzungen mit Aufnahme, die neuesten zuerst
        #[arg(long, conflicts_with = "meetings")]
        all: bool,
        /// Sprachmodell (Name oder Datei); ohne Angabe bleibt, was verschriftet ist
        #[arg(long, value_name = "MODELL")]
        model: Option<String>,
        /// Alles neu machen
        #[arg(long, conflicts_with = "from")]
        force: bool,
        /// Ab dieser Stufe alles neu machen
        #[arg(long, value_enum, value_name = "STUFE")]
        from: Option<FirstStage>,
        /// Datei mit Namen und Begriffen, die zu erwarten sind, einer je Zeile, die wichtigsten zuletzt
        #[arg(long, value_name = "DATEI")]
        vocabulary: Option<PathBuf>,
        #[command(flatten)]
        urgency: Urgency,
    },
    /// Tagesordnung und Redende neu zuordnen, wo sich etwas geändert hat
    Align {
        /// Kennungen der Sitzungen
        #[arg(required = true, value_name = "KENNUNG")]
        meetings: Vec<MeetingId>,
        #[command(flatten)]
        urgency: Urgency,
    },
    /// Fehlende öffentliche Fassungen machen
    Publish {
        /// Kennungen der Sitzungen
        #[arg(required = true, value_name = "KENNUNG")]
        meetings: Vec<MeetingId>,
        #[command(flatten)]
        urgency: Urgency,
    },
    /// Den Suchindex auf den Stand bringen
    Index {
        /// Nur diese Sitzung
        #[arg(value_name = "KENNUNG")]
        meeting: Option<MeetingId>,
        #[command(flatten)]
        urgency: Urgency,
    },
    /// Zurückgezogenes tilgen, was noch aussteht
    Purge,
    /// Übernehmen, was andere festgehalten haben
    Import {
        /// Dateien
        #[arg(required = true, value_name = "DATEI")]
        files: Vec<PathBuf>,
        /// Sitzung, zu der Zeilen gehören, die keine nennen
        #[arg(long, value_name = "KENNUNG")]
        meeting: Option<MeetingId>,
        #[command(flatten)]
        urgency: Urgency,
    },
    /// Das ganze Archiv sichern
    Backup {
        /// In diesen Ordner
        #[arg(value_name = "ORDNER")]
        folder: PathBuf,
        #[command(flatten)]
        urgency: Urgency,
    },
}

#[derive(Clone, Copy, Debug, clap::Args)]
struct Urgency {
    /// Dringlichkeit: höhere zuerst, bei gleicher die älteren
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_name = "ZAHL")]
    priority: i32,
}

impl clap::ValueEnum for FirstStage {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Recognition, Self::PublicCopy, Self::Alignment, Self::Index]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        use clap::builder::PossibleValue;
        Some(match self {
            Self::Recognition => PossibleValue::new("recognition").help("Spracherkennung"),
            Self::PublicCopy => PossibleValue::new("public_copy").help("Öffentliche Fassung"),
            Self::Alignment => PossibleValue::new("alignment").help("Tagesordnung und Redende"),
            Self::Index => PossibleValue::new("index").help("Suchindex"),
        })
    }
}

/// Lists or changes the queue.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let list = JobsCommand::List { last: 50 };
    let command = args.command.as_ref().unwrap_or(&list);
    let reads = matches!(command, JobsCommand::List { .. } | JobsCommand::Show { .. });
    let store = match reads {
        true => Store::open_to_read(context.location())?,
        false => Store::open(context.location())?,
    };
    let queue = JobQueue::of(&store, signature(None).by);
    let say = Say { json: args.json };
    match command {
        JobsCommand::List { last } => say.list(&queue, *last),
        JobsCommand::Show { job } => say.one(&queue, *job),
        JobsCommand::Cancel { jobs } => each(jobs, |id| {
            let done = queue.cancel(id)?;
            say.cancelled(id, done)
        }),
        JobsCommand::Retry { jobs } => {
            let failed = || {
                let all = queue.list(u32::MAX)?.into_iter();
                Ok(all.filter(|job| job.state == JobState::Failed).map(|job| job.id).collect())
            };
            let jobs = if jobs.is_empty() { failed()? } else { jobs.clone() };
            each(&jobs, |id| say.enqueued(queue.retry(id)?))
        }
        JobsCommand::Pause { job } => {
            queue.switch(*job, QueueSwitch::Pause)?;
            say.switched(*job, QueueSwitch::Pause)
        }
        JobsCommand::Resume { job } => {
            queue.switch(*job, QueueSwitch::Resume)?;
            say.switched(*job, QueueSwitch::Resume)
        }
        JobsCommand::Add(new) => {
            let (works, urgency) = works(new, &store)?;
            let priority = JobPriority::new(urgency);
            each(&works, |work| say.enqueued(queue.enqueue(work, priority)?))
        }
    }
}

/// Does something to each; one that fails keeps no other from it.
fn each<T: Clone>(all: &[T], act: impl Fn(T) -> Result<()>) -> Result<()> {
    let mut failures = super::Failures::default();
    all.iter().cloned().for_each(|one| failures.note(act(one)));
    failures.into_result()
}

/// The work that is asked for, and how urgent it is.
fn works(new: &New, store: &Store) -> Result<(Vec<JobWork>, i32)> {
    let of_each = |meetings: &[MeetingId], work: &dyn Fn(MeetingId) -> JobWork| {
        meetings.iter().cloned().map(work).collect::<Vec<_>>()
    };
    Ok(match new {
        New::Transcribe { meetings, all, model, force, from, vocabulary, urgency } => {
            let mut meetings = meetings.clone();
            if *all {
                let rows = store.meetings()?.into_iter();
                meetings = rows.filter(|row| row.recordings > 0).map(|row| row.id).collect();
            }
            let terms = vocabulary.as_deref().map(terms).transpose()?.unwrap_or_default();
            let order = |meeting| {
                JobWork::Transcribe(TranscriptionOrder {
                    meeting,
                    model: model.as_deref().map(whole_path),
                    from: from.or(force.then_some(FirstStage::Recognition)),
                    terms: terms.clone(),
                })
            };
            (of_each(&meetings, &order), urgency.priority)
        }
        New::Align { meetings, urgency } => {
            (of_each(meetings, &|meeting| JobWork::Align { meeting }), urgency.priority)
        }
        New::Publish { meetings, urgency } => {
            (of_each(meetings, &|meeting| JobWork::Publish { meeting }), urgency.priority)
        }
        New::Index { meeting, urgency } => {
            (vec![JobWork::Index { meeting: meeting.clone() }], urgency.priority)
        }
        New::Purge => (vec![JobWork::Purge], JobPriority::HIGH.number()),
        New::Import { files, meeting, urgency } => {
            let files = files.iter().map(|file| absolute(file)).collect::<Result<_>>()?;
            (vec![JobWork::Import { files, meeting: meeting.clone() }], urgency.priority)
        }
        New::Backup { folder, urgency } => {
            (vec![JobWork::Backup { folder: absolute(folder)? }], urgency.priority)
        }
    })
}

/// A model's file is named as a whole: the worker works in another folder.
fn whole_path(model: &str) -> String {
    let path = Path::new(model);
    let absolute = path.is_file().then(|| path.canonicalize().ok()).flatten();
    absolute.map_or_else(|| model.to_owned(), |path| path.display().to_string())
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .map_err(|e| Error::bad_input(format!("{} ist kein Pfad", path.display())).because(e))
}

/// The terms of a vocabulary file.
fn terms(path: &Path) -> Result<Vec<String>> {
    let vocabulary = crate::pipeline::read_vocabulary(path)?;
    Ok(vocabulary.terms().iter().map(|term| term.text().to_owned()).collect())
}

/// How results are said.
struct Say {
    json: bool,
}

impl Say {
    fn list(&self, queue: &JobQueue, last: u32) -> Result<()> {
        let (state, jobs) = (queue.state()?, queue.list(last)?);
        if self.json {
            return print(&json!({ "queue": state, "jobs": jobs }));
        }
        if state.paused {
            say!("Die Warteschlange ist angehalten (mitschnitt jobs resume)");
        }
        if jobs.is_empty() {
            say!("Keine Aufträge");
        }
        for job in &jobs {
            say!("{}", line(job));
            if let Some(failure) = job.failure.as_ref().filter(|_| job.state != JobState::Done) {
                let sentence = format!("{}. {}", failure.what, failure.remedy);
                say!("        {}", sentence.trim_end_matches(". "));
            }
        }
        Ok(())
    }

    fn one(&self, queue: &JobQueue, id: JobId) -> Result<()> {
        let (job, log) = queue.one(id)?;
        if self.json {
            return print(&json!({ "job": job, "log": log }));
        }
        say!("{}", line(&job));
        let (by, at) = (&job.queued.by, moment(job.queued.at));
        say!("  eingestellt von {by} am {at}, Versuch {} von {}", job.attempts, job.most_attempts);
        if job.state == JobState::Queued && job.due > Timestamp::now() {
            say!("  nicht vor {}", moment(job.due));
        }
        if let Some(failure) = &job.failure {
            say!("  {}", failure.what);
            if !failure.remedy.is_empty() {
                say!("  {}", failure.remedy);
            }
        }
        for JobLine { at, event, detail } in &log {
            say!("{}", format!("  {}  {}  {detail}", moment(*at), job_event(*event)).trim_end());
        }
        Ok(())
    }

    fn enqueued(&self, what: Enqueued) -> Result<()> {
        let (id, is_new) = (what.id(), matches!(what, Enqueued::New(_)));
        if self.json {
            return print(&json!({ "job": id, "new": is_new }));
        }
        match is_new {
            true => say!("Auftrag {id} eingestellt"),
            false => say!("Auftrag {id} ist schon eingestellt"),
        }
        Ok(())
    }

    fn cancelled(&self, id: JobId, done: Cancelled) -> Result<()> {
        let (code, text) = match done {
            Cancelled::AtOnce => ("cancelled", "abgebrochen"),
            Cancelled::Asked => ("asked", "wird abgebrochen"),
            Cancelled::TooLate => ("over", "war schon zu Ende"),
        };
        if self.json {
            return print(&json!({ "job": id, "cancel": code }));
        }
        say!("Auftrag {id} {text}");
        Ok(())
    }

    fn switched(&self, id: Option<JobId>, to: QueueSwitch) -> Result<()> {
        if self.json {
            return print(&json!({ "job": id, "state": to.code() }));
        }
        let text = match to {
            QueueSwitch::Pause => "angehalten",
            QueueSwitch::Resume => "geht weiter",
        };
        match id {
            Some(id) => say!("Auftrag {id}: {text}"),
            None => say!("Die Warteschlange: {text}"),
        }
        Ok(())
    }
}

fn print(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string(value)
        .map_err(|e| Error::failed("Ein Auftrag lässt sich nicht schreiben").because(e))?;
    say!("{text}");
    Ok(())
}

/// A job on one line.
fn line(job: &Job) -> String {
    let (state, kind) = (state(job), job_kind(&job.work));
    let subject = job.work.meeting().map(ToString::to_string).unwrap_or_default();
    let progress = job.progress.as_ref().filter(|_| job.state == JobState::Running);
    let progress = progress.map_or(String::new(), |p| {
        let percent = p.total_ms.filter(|total| *total > 0).map(|t| p.reached_ms * 100 / t);
        let percent = percent.map_or(String::new(), |n| format!(" {n} %"));
        let left =
            p.left_s.map_or(String::new(), |s| format!(", noch {}:{:02} min", s / 60, s % 60));
        format!("  {}{percent}{left}", p.stage)
    });
    let when = moment(job.ended.or(job.began).unwrap_or(job.queued.at));
    format!("{:>6}  {state:<12}  {when}  {kind} {subject}{progress}", job.id.number())
        .trim_end()
        .to_owned()
}

fn state(job: &Job) -> &'static str {
    match job.state {
        JobState::Queued if job.paused => "angehalten",
        JobState::Queued if job.failure.is_some() => "wiederholt",
        JobState::Queued => "wartet",
        JobState::Running if job.cancel_asked => "bricht ab",
        JobState::Running => "läuft",
        JobState::Done => "erledigt",
        JobState::Failed => "gescheitert",
        JobState::Cancelled => "abgebrochen",
    }
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%d.%m.%Y %H:%M:%S").to_string()
}
