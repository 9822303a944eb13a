//! `mitschnitt align`: transcript + agenda + roster to items and turns, without an archive.

use std::path::{Path, PathBuf};

use super::overrule::{public_item, within};
use crate::domain::{
    Council, Error, Fact, FixedPoint, MediaTime, MeetingId, OutsideEvidence, OutsideFacts, Result,
    TimeBase, Transcript,
};
use crate::ingest::{InputFile, MeetingFacts};
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

/// Reads what others recorded of this meeting.
fn read_outside(args: &Args, id: &MeetingId) -> Result<OutsideEvidence> {
    let open = |path: &Option<PathBuf>| -> Result<Vec<InputFile>> {
        path.iter().map(|path| InputFile::open(path)).collect()
    };
    let votes = ingest::read_votes(&open(&args.votes)?, Some(id))?;
    let segments = ingest::read_segments(&open(&args.segments)?, Some(id))?;
    let mut outside = OutsideEvidence::default();
    for facts in [of_meeting(votes, id)?, of_meeting(segments, id)?].into_iter().flatten() {
        match facts {
            OutsideFacts::Votes(votes) => outside.votes = votes,
            OutsideFacts::Segments(segments) => outside.segments = segments,
            OutsideFacts::Meeting(_) => {}
        }
    }
    let by_video = outside.votes.iter().any(|vote| vote.clock == TimeBase::Video)
        || outside.segments.iter().any(|segment| segment.clock == TimeBase::Video);
    if by_video {
        note!(
            "Zeiten des Videos gelten als die der Aufzeichnung: Ohne Archiv ist kein Versatz bekannt"
        );
    }
    outside.segments.sort_by_key(|segment| (segment.start_ms, segment.end_ms));
    Ok(outside)
}

/// The facts of this meeting; where all are of one meeting, it is this one under another name.
fn of_meeting(mut facts: MeetingFacts, id: &MeetingId) -> Result<Option<OutsideFacts>> {
    if let Some(own) = facts.remove(id) {
        return Ok(Some(own));
    }
    let named: Vec<&str> = facts.keys().map(MeetingId::as_str).collect();
    match named.len() {
        0 | 1 => Ok(facts.into_values().next()),
        _ => Err(Error::bad_input(format!(
            "Die Datei ist von anderen Sitzungen als {id}: {}",
            named.join(", ")
        ))
        .remedy("Nennen Sie eine Datei mit den Angaben dieser Sitzung")),
    }
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
