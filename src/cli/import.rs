//! `mitschnitt import`: meetings that were put on record elsewhere, one speech a line, and what others
//! recorded of meetings: the meetings themselves, votes, and who spoke when.

use std::path::PathBuf;

use clap::builder::PossibleValue;

use super::Context;
use super::purge::purge;
use crate::domain::{MeetingId, OutsideFacts, Result};
use crate::ingest::FactKind;
use crate::pipeline::{Import, Imported, OpenArchive, Progress, Stage};

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
    let import = Import::read(&args.files, args.kind, args.meeting.as_ref())?;
    let progress = context.progress();
    let archive = match import.makes_meetings() {
        true => OpenArchive::create(&context.environment, &progress)?,
        false => OpenArchive::open(&context.environment, &progress)?,
    };
    let pipeline = archive.pipeline(&context.environment, &progress)?;
    let mut failures = super::Failures::default();
    pipeline.import(import, &mut |imported| tell(imported, &mut failures));
    purge(&pipeline)?;
    progress.begin(Stage::Index, "", None);
    let indexed = pipeline.index_all();
    progress.end();
    indexed?;
    failures.into_result()
}

fn tell(imported: Imported, failures: &mut super::Failures) {
    match imported {
        Imported::Facts { meeting, facts, left_out } => told(&meeting, &facts, left_out),
        Imported::Held(id) => note!(
            "  {id}: gesperrte Beiträge sind nicht wiederzufinden; die Sitzung wird nicht gezeigt \
             (mitschnitt doctor)"
        ),
        Imported::LeftOut { meeting: id, speeches } => note!(
            "  {id}: {speeches} gesperrte Beiträge nicht übernommen (mitschnitt restrictions {id})"
        ),
        Imported::Speeches { speeches, meetings } => {
            say!("{speeches} Beiträge aus {meetings} Sitzungen übernommen");
        }
        Imported::Failed(error) => failures.note(Err(error)),
    }
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
