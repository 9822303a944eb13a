//! `mitschnitt ingest`: registers meetings and their recordings; again means update.

use std::path::PathBuf;

use super::Context;
use super::archive::{Archive, WriterLock};
use crate::domain::{Error, MediaTime, Recording, Result};
use crate::ingest::{self, Ingested, RecordingSource};
use crate::media::{self, Decoder};
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
    let pipeline = archive.pipeline(context, &progress)?;
    let mut failures = super::Failures::default();
    failures.note(pipeline.make_up());
    for path in &args.paths {
        for found in ingest::read(path) {
            failures.note(found.and_then(|meeting| {
                let change = register(&meeting, &archive, &progress)?;
                // At once, and not only where something changed: an earlier try may have been
                // killed between archive and index.
                pipeline.index(&meeting.council.meeting.id)?;
                if change == Change::Withdrawn { archive.searcher.purge() } else { Ok(()) }
            }));
        }
    }
    failures.note(sweep(&archive.store, &context.global.data_dir));
    let result = failures.into_result();
    if result.is_ok() {
        archive.store.purge_done()?;
    }
    result
}

/// Registers one meeting and says what that changed.
pub fn register(meeting: &Ingested, archive: &Archive, progress: &dyn Progress) -> Result<Change> {
    let recordings = meeting.recordings.iter().map(|r| recording(r, progress));
    let recordings = recordings.collect::<Result<Vec<_>>>()?;
    refuse_doubles(&recordings)?;
    refuse_overlaps(&lengths(&recordings)?)?;
    let id = &meeting.council.meeting.id;
    let change = archive.store.put_council(&meeting.council, &recordings)?;
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
    Ok(change)
}

/// One file twice would have two sets of public parts; two files at one time would be spoken over
/// each other.
fn refuse_doubles(recordings: &[Recording]) -> Result<()> {
    for (i, one) in recordings.iter().enumerate() {
        for other in &recordings[i + 1..] {
            let (a, b) = (one.path.display(), other.path.display());
            if one.sha256 == other.sha256 {
                return Err(Error::bad_input(format!("{a} und {b} sind dieselbe Aufnahme"))
                    .remedy("Nennen Sie jede Aufnahme einmal, mit allen öffentlichen Zeiten"));
            }
            if one.offset == other.offset {
                return Err(Error::bad_input(format!("{a} und {b} beginnen zur selben Zeit"))
                    .remedy("Geben Sie jedem Teil mit `offset` seinen Beginn in der Sitzung"));
            }
        }
    }
    Ok(())
}

/// Milliseconds by which parts may overlap: offsets are written by hand, and clocks of two
/// recorders differ.
const OVERLAP_MS: u64 = 5_000;

/// The recordings with their lengths, where there are several and a header tells.
fn lengths(recordings: &[Recording]) -> Result<Vec<(&Recording, MediaTime)>> {
    if recordings.len() < 2 {
        return Ok(Vec::new());
    }
    let decoder = Decoder::this_program()?;
    // One that cannot be read is told when it is transcribed.
    let length = |r: &Recording| media::probe(&r.path, &decoder).ok().and_then(|i| i.duration);
    Ok(recordings.iter().filter_map(|r| Some((r, length(r)?))).collect())
}

/// What is public of two recordings at one time would be spoken over each other.
fn refuse_overlaps(recordings: &[(&Recording, MediaTime)]) -> Result<()> {
    let on_clock = |(r, length): &(&Recording, MediaTime)| -> Vec<(u64, u64)> {
        let at = |t: MediaTime| t.millis().saturating_add(r.offset.millis());
        r.public.within(*length).iter().map(|s| (at(s.start()), at(s.end()))).collect()
    };
    for (i, one) in recordings.iter().enumerate() {
        for other in &recordings[i + 1..] {
            let both = on_clock(one).into_iter().flat_map(|a| {
                on_clock(other).into_iter().map(move |b| (a.0.max(b.0), a.1.min(b.1)))
            });
            let Some((from, _)) = both.into_iter().find(|(a, b)| b.saturating_sub(*a) > OVERLAP_MS)
            else {
                continue;
            };
            let (a, b) = (one.0.path.display(), other.0.path.display());
            let from = MediaTime::from_millis(from).clock();
            return Err(Error::bad_input(format!("{a} und {b} laufen ab {from} gleichzeitig"))
                .remedy("Berichtigen Sie `offset`, oder grenzen Sie die Teile mit `public` ab"));
        }
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
        sound: source.sound.clone(),
        seats: source.seats.clone(),
    })
}
