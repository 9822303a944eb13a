//! `mitschnitt import`: meetings that were put on record elsewhere, one speech a line.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use super::Context;
use super::purge::purge;
use crate::domain::Result;
use crate::ingest::Records;
use crate::pipeline::{OpenArchive, Progress, Stage};
use crate::store::HoldReason;

/// Meetings that are read ahead; the longest have some thousand speeches.
const AHEAD: usize = 2;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dateien mit einem Redebeitrag je Zeile (JSON Lines)
    #[arg(required = true, value_name = "DATEI")]
    files: Vec<PathBuf>,
}

/// Takes all meetings of the files over, each in place of what was there of it, and indexes them.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let records = Records::open(&args.files)?;
    let progress = context.progress();
    let archive = OpenArchive::create(&context.environment, &progress)?;
    let pipeline = archive.pipeline(&context.environment, &progress)?;
    let mut failures = super::Failures::default();
    let (mut meetings, mut speeches) = (0, 0);
    // The next meetings are read while one is stored. Not by rayon: who reads waits for room in the
    // queue, and what waits would hold up its threads.
    let (send, read) = mpsc::sync_channel(AHEAD);
    thread::scope(|scope| {
        scope.spawn(|| {
            let send = send;
            // Nobody takes them any more only where storing them has panicked.
            records.meetings().all(|id| send.send(records.read(id)).is_ok())
        });
        for record in read {
            let taken = record.and_then(|record| {
                archive.store.put_speeches(&record.council, &record.speeches, &record.formerly)?;
                let kept = archive.store.speeches(&record.council.meeting.id)?.len();
                Ok((record.council.meeting.id, kept, record.speeches.len() - kept))
            });
            match taken {
                Ok((id, kept, left_out)) => {
                    let held = archive.store.held(&id).unwrap_or_default();
                    if held.iter().any(|h| h.reason == HoldReason::RecordChanged) {
                        note!(
                            "  {id}: gesperrte Beiträge sind nicht wiederzufinden; die Sitzung wird nicht gezeigt \
                             (mitschnitt doctor)"
                        );
                    }
                    (meetings, speeches) = (meetings + 1, speeches + kept);
                    if left_out > 0 {
                        note!(
                            "  {id}: {left_out} gesperrte Beiträge nicht übernommen (mitschnitt \
                             restrictions {id})"
                        );
                    }
                }
                Err(error) => failures.note(Err(error)),
            }
        }
    });
    purge(&pipeline)?;
    progress.begin(Stage::Index, "", None);
    let indexed = pipeline.index_all();
    progress.end();
    indexed?;
    say!("{speeches} Beiträge aus {meetings} Sitzungen übernommen");
    failures.into_result()
}
