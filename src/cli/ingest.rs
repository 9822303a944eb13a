//! `mitschnitt ingest`: registers meetings and their recordings; again means update.

use std::path::PathBuf;

use super::Context;
use super::archive::{Archive, WriterLock};
use crate::domain::{Error, Recording, Result};
use crate::ingest::{self, Ingested, RecordingSource};
use crate::pipeline::{Progress, hash, sweep};
use crate::store::Change;

/// Arguments of `ingest`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// meeting.toml, OParl-JSON einer Sitzung oder Ordner
    #[arg(required = true, value_name = "PFAD")]
    paths: Vec<PathBuf>,
}

/// Reads every path; one that is wrong does not keep the others from being registered.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let _lock = WriterLock::take(context)?;
    let archive = context.archive()?;
    let progress = context.progress();
    let mut failures = super::Failures::default();
    for path in &args.paths {
        for found in ingest::read(path) {
            failures.note(found.and_then(|meeting| register(&meeting, &archive, &progress)));
        }
    }
    sweep(&archive.store, &context.global.data_dir)?;
    failures.into_result()
}

/// Registers one meeting and says what that changed.
pub fn register(meeting: &Ingested, archive: &Archive, progress: &dyn Progress) -> Result<()> {
    let recordings = meeting.recordings.iter().map(|r| recording(r, progress));
    let recordings = recordings.collect::<Result<Vec<_>>>()?;
    let id = &meeting.council.meeting.id;
    let change = archive.store.put_council(&meeting.council, &recordings)?;
    if change == Change::Withdrawn {
        // What may no longer be shown leaves the index at once, not with the next run.
        archive.searcher.remove(id.as_str())?;
    }
    let said = match change {
        Change::Added => "neu",
        Change::Updated => "geändert",
        Change::Withdrawn => "geändert; nicht mehr Öffentliches ist aus Archiv und Suche entfernt",
        Change::Unchanged => "unverändert",
    };
    println!(
        "{id}: {said} ({} Tagesordnungspunkte, {} Personen, {} Aufnahmen)",
        meeting.council.meeting.agenda.len(),
        meeting.council.persons.len(),
        recordings.len(),
    );
    for quirk in &meeting.quirks {
        eprintln!("  Hinweis: {quirk}");
    }
    Ok(())
}

fn recording(source: &RecordingSource, progress: &dyn Progress) -> Result<Recording> {
    let unreadable = |e: std::io::Error| {
        Error::bad_input(format!("Die Aufnahme {} ist nicht lesbar", source.path.display()))
            .because(e)
            .remedy("Prüfen Sie `file` im Manifest und die Rechte der Datei")
    };
    let path = source.path.canonicalize().map_err(unreadable)?;
    let (sha256, bytes) = hash(&path, progress)?;
    Ok(Recording {
        sha256,
        path,
        bytes,
        offset: source.offset,
        video_url: source.video_url.clone(),
        video_offset_ms: source.video_offset_ms,
        public: source.public.clone(),
    })
}
