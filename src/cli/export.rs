//! `mitschnitt export`: a meeting as captions, text, JSON or chapters.

use std::path::PathBuf;

use super::Context;
use crate::domain::{Error, MediaTime, MeetingId, Result};
use crate::export::{Format, Source, export};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// vtt, srt, json, txt oder chapters
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// Zieldatei; ohne Angabe Standardausgabe
    #[arg(long, value_name = "DATEI")]
    output: Option<PathBuf>,
}

/// Reads the archive, writes the format.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let store = context.existing_archive()?.store;
    let council = store.council(&args.meeting)?;
    let Some((transcript, alignment)) = store.edition(&args.meeting)? else {
        return Err(Error::not_found(format!(
            "Die Sitzung {} ist noch nicht verschriftet",
            args.meeting
        ))
        .remedy("`mitschnitt run` holt das nach"));
    };
    // Captions belong to a file: with one recording they run on its clock, with several on the
    // meeting's.
    let recordings = store.recordings(&args.meeting)?;
    let (transcript, offset) = match recordings.as_slice() {
        [only] => match store.transcript(&args.meeting, &only.sha256)? {
            Some(stored) => (stored.transcript, only.offset),
            None => (transcript, MediaTime::ZERO),
        },
        _ => (transcript, MediaTime::ZERO),
    };
    let source = Source {
        council: Some(&council),
        transcript: &transcript,
        alignment: Some(&alignment),
        offset,
    };
    super::write_out(&export(&source, args.format)?, args.output.as_deref())
}
