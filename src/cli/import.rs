//! `mitschnitt import`: meetings that were put on record elsewhere, one speech a line, and what others
//! recorded of meetings: the meetings themselves, votes, and who spoke when.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use clap::builder::PossibleValue;

use super::Context;
use super::purge::purge;
use crate::domain::{MeetingId, OutsideFacts, Result};
use crate::ingest::{FactKind, InputFile, Records, read_meetings, read_segments, read_votes};
use crate::pipeline::{OpenArchive, Progress, Stage, align_anew};
use crate::store::HoldReason;

/// Meetings that are read ahead; the longest have some thousand speeches.
const AHEAD: usize = 2;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dateien mit einer Angabe je Zeile (JSON Lines): Redebeiträge, Abstimmungen, Segmente (auch RTTM) oder
    /// Sitzungen mit ihrer Tagesordnung; `-` ist die Standardeingabe
    #[arg(required = true, value_name = "DATEI")]
    files: Vec<PathBuf>,
    /// Was die Zeilen sind; ohne Angabe nach der ersten Zeile jeder Datei
    #[arg(long, value_enum, value_name = "ART")]
    kind: Option<FactKind>,
    /// Sitzung, zu der Zeilen gehören, die keine nennen (alles außer Redebeiträgen)
    #[arg(long, value_name = "KENNUNG")]
    meeting: Option<MeetingId>,
}

impl clap::ValueEnum for FactKind {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Speeches, Self::Votes, Self::Segments, Self::Meetings]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Speeches => PossibleValue::new("speeches").help("Redebeiträge"),
            Self::Votes => PossibleValue::new("votes").help("Abstimmungen"),
            Self::Segments => PossibleValue::new("segments")
                .help("Wer wann spricht, nach Stimmen oder Mikrofonen"),
            Self::Meetings => PossibleValue::new("meetings")
                .help("Sitzungen mit Tagesordnung, Film und Niederschrift"),
        })
    }
}

/// Takes everything in the files over, each in place of what was there of its kind, and indexes it. All
/// files are read before anything is taken.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let mut files: [Vec<InputFile>; 4] = Default::default();
    for path in &args.files {
        let file = InputFile::open(path)?;
        let kind = args.kind.map_or_else(|| FactKind::of_file(&file), Ok)?;
        files[kind as usize].push(file);
    }
    let of = args.meeting.as_ref();
    let [speeches, votes, segments, meetings] = files;
    let records = (!speeches.is_empty()).then(|| Records::open(speeches)).transpose()?;
    let meetings = read_meetings(&meetings, of)?;
    let makes = records.is_some() || !meetings.is_empty();
    // A meeting is made before anything is said of it.
    let facts = [meetings, read_votes(&votes, of)?, read_segments(&segments, of)?];
    let progress = context.progress();
    // Other facts are about meetings that are there.
    let archive = match makes {
        true => OpenArchive::create(&context.environment, &progress)?,
        false => OpenArchive::open(&context.environment, &progress)?,
    };
    let pipeline = archive.pipeline(&context.environment, &progress)?;
    let mut failures = super::Failures::default();
    if let Some(records) = records {
        take_speeches(&records, &archive, &mut failures);
    }
    for (id, facts) in facts.into_iter().flatten() {
        let taken = archive.store.put_outside(&id, &facts).and_then(|left_out| {
            told(&id, &facts, left_out);
            match facts {
                // What an agenda says elsewhere is no evidence.
                OutsideFacts::Meeting(_) => Ok(()),
                _ => align_anew(&archive.store, &progress, &id),
            }
        });
        failures.note(taken);
    }
    purge(&pipeline)?;
    progress.begin(Stage::Index, "", None);
    let indexed = pipeline.index_all();
    progress.end();
    indexed?;
    failures.into_result()
}

/// What was taken of a meeting.
fn told(id: &MeetingId, facts: &OutsideFacts, left_out: usize) {
    let kept = facts.len() - left_out.min(facts.len());
    match facts {
        OutsideFacts::Votes(_) => say!("{kept} Abstimmungen der Sitzung {id} übernommen"),
        OutsideFacts::Segments(_) => say!("{kept} Segmente der Sitzung {id} übernommen"),
        OutsideFacts::Meeting(None) => say!("Angaben zur Sitzung {id} entfernt"),
        OutsideFacts::Meeting(Some(_)) => match kept {
            0 => say!("Sitzung {id} übernommen"),
            1 => say!("Sitzung {id} mit einem Tagesordnungspunkt übernommen"),
            _ => say!("Sitzung {id} mit {kept} Tagesordnungspunkten übernommen"),
        },
    }
    if left_out > 0 {
        note!(
            "  {id}: {left_out} gesperrte oder nichtöffentliche Angaben nicht übernommen (mitschnitt \
             restrictions {id})"
        );
    }
}

fn take_speeches(records: &Records, archive: &OpenArchive, failures: &mut super::Failures) {
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
    say!("{speeches} Beiträge aus {meetings} Sitzungen übernommen");
}
