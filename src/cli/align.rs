//! `mitschnitt align`: transcript + agenda + roster to items and turns, without an archive.

use std::path::{Path, PathBuf};

use super::overrule::{public_item, within};
use crate::domain::{
    Council, Error, Fact, FixedPoint, MediaTime, MeetingId, OutsideEvidence, OutsideFacts, Result,
    Transcript,
};
use crate::{align, ingest};

/// Arguments of `align`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Verschriftung (mitschnitt.transcript/1)
    #[arg(long, value_name = "DATEI")]
    transcript: PathBuf,
    /// Sitzung mit Tagesordnung, Personen und Vorlagen (OParl)
    #[arg(long, value_name = "DATEI")]
    meeting: PathBuf,
    /// Festgelegtes: JSON-Liste von Spannen mit Punkten oder Redenden
    #[arg(long, value_name = "DATEI")]
    fixed: Option<PathBuf>,
    /// Aufgezeichnete Abstimmungen mit ihrer Zeit (JSON Lines)
    #[arg(long, value_name = "DATEI")]
    votes: Option<PathBuf>,
    /// Wer wann spricht, nach Stimmen oder Mikrofonen (JSON Lines oder RTTM)
    #[arg(long, value_name = "DATEI")]
    segments: Option<PathBuf>,
    /// Zieldatei; ohne Angabe Standardausgabe
    #[arg(long, value_name = "DATEI")]
    output: Option<PathBuf>,
}

/// Reads all, aligns, writes `mitschnitt.alignment/1`.
pub fn run(args: &Args) -> Result<()> {
    let transcript: Transcript = super::read_json(&args.transcript, "mitschnitt.transcript/1")?;
    let council = ingest::align_input(&super::read_file(&args.meeting)?)
        .map_err(|e| e.about(&args.meeting.display().to_string()))?;
    let fixed = match &args.fixed {
        Some(path) => read_fixed(path, &council, transcript.media.duration_ms)?,
        None => Vec::new(),
    };
    let outside = read_outside(args, &council.meeting.id)?;
    let alignment = align::align_knowing(&transcript, &council, &fixed, &outside);
    let json = serde_json::to_string_pretty(&alignment)
        .map_err(|e| Error::failed("Die Zuordnung lässt sich nicht schreiben").because(e))?;
    super::write_out(&(json + "\n"), args.output.as_deref())
}

/// Reads what others recorded; the meeting's name in it does not matter.
fn read_outside(args: &Args, id: &MeetingId) -> Result<OutsideEvidence> {
    let mut outside = OutsideEvidence::default();
    let votes = args.votes.iter().cloned().collect::<Vec<_>>();
    let segments = args.segments.iter().cloned().collect::<Vec<_>>();
    let facts =
        [ingest::read_votes(&votes, Some(id))?, ingest::read_segments(&segments, Some(id))?];
    for facts in facts.into_iter().flat_map(|facts| facts.into_values()) {
        match facts {
            OutsideFacts::Votes(votes) => outside.votes.extend(votes),
            OutsideFacts::Segments(segments) => outside.segments.extend(segments),
        }
    }
    outside.segments.sort_by_key(|segment| (segment.start_ms, segment.end_ms));
    Ok(outside)
}

/// Reads what is fixed: as [`FixedPoint`]s, where items and persons may also go by number and name.
fn read_fixed(path: &Path, council: &Council, end: MediaTime) -> Result<Vec<FixedPoint>> {
    let points: Vec<FixedPoint> = super::read_json(path, "Liste von Festlegungen")?;
    let resolved = points.into_iter().map(|point| {
        within(point.span, end)?;
        let fact = match point.fact {
            Fact::Items(items) => {
                let items: Result<_> =
                    items.iter().map(|typed| public_item(council, typed.as_str())).collect();
                Fact::Items(items?)
            }
            Fact::Speaker { person: Some(typed), role } => {
                let person = align::person_meant(council, typed.as_str())?.id.clone();
                Fact::Speaker { person: Some(person), role }
            }
            unknown => unknown,
        };
        Ok(FixedPoint { fact, ..point })
    });
    resolved.collect::<Result<_>>().map_err(|e: Error| e.about(&path.display().to_string()))
}
