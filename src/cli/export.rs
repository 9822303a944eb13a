//! `mitschnitt export`: a meeting as captions, text, JSON or chapters.

use std::path::PathBuf;

use super::Context;
use crate::domain::{MeetingId, Result};
use crate::edition::{Editions, Viewer};
use crate::export::{Format, export_meeting};
use crate::store::Store;

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
    let store = Store::open(context.location())?;
    // Captions belong to a file: with one recording they run on its clock, with several on the
    // meeting's.
    let edition = Editions::new(store, Viewer::Public).load(&args.meeting)?;
    let site = context.config.site.url.as_deref();
    let text = export_meeting(&edition, None, args.format, site)?;
    super::write_out(&text, args.output.as_deref())
}
