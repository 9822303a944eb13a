//! `mitschnitt remove`: takes a meeting out of archive, search and site. Recordings stay where they
//! are.

use super::Context;
use super::archive::WriterLock;
use crate::domain::{MeetingId, Result};
use crate::pipeline::sweep;

/// Arguments of `remove`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
}

/// Removes texts, index entries and public copies.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let _lock = WriterLock::take(context)?;
    let archive = context.existing_archive()?;
    let name = archive.store.council(&args.meeting)?.meeting.name;
    archive.store.remove_meeting(&args.meeting)?;
    archive.searcher.remove(args.meeting.as_str())?;
    archive.searcher.purge()?;
    sweep(&archive.store, &context.global.data_dir)?;
    println!("{}: {name} ist aus Archiv, Suche und Website entfernt", args.meeting);
    Ok(())
}
