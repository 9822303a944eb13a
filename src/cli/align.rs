//! `mitschnitt align`: transcript + agenda + roster to items and turns, without an archive.

use std::path::PathBuf;

use crate::domain::{Error, Result, Transcript};
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
    /// Zieldatei; ohne Angabe Standardausgabe
    #[arg(long, value_name = "DATEI")]
    output: Option<PathBuf>,
}

/// Reads both, aligns, writes `mitschnitt.alignment/1`.
pub fn run(args: &Args) -> Result<()> {
    let transcript: Transcript = super::read_json(&args.transcript, "mitschnitt.transcript/1")?;
    let council = ingest::align_input(&super::read_file(&args.meeting)?)
        .map_err(|e| e.about(&args.meeting.display().to_string()))?;
    let alignment = align::align(&transcript, &council);
    let json = serde_json::to_string_pretty(&alignment)
        .map_err(|e| Error::failed("Die Zuordnung lässt sich nicht schreiben").because(e))?;
    super::write_out(&(json + "\n"), args.output.as_deref())
}
