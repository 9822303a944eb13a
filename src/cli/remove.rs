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
    let progress = context.progress();
    let pipeline = archive.pipeline(context, &progress)?;
    // A try before may have been killed between archive and index.
    let was_indexed = archive.searcher.fingerprints()?.contains_key(args.meeting.as_str());
    let made_up = pipeline.make_up();
    let name = match archive.store.council(&args.meeting) {
        Ok(council) => council.meeting.name,
        Err(_) if was_indexed => "der Rest davon".to_owned(),
        Err(error) => return Err(error),
    };
    archive.store.remove_meeting(&args.meeting)?;
    sweep(&archive.store, &context.global.data_dir)?;
    archive.searcher.remove(args.meeting.as_str())?;
    match made_up {
        Ok(()) => {
            archive.searcher.purge()?;
            archive.store.purge_done()?;
        }
        // Perhaps it was this meeting that could not be read.
        Err(_) => pipeline.make_up()?,
    }
    println!("{}: {name} ist aus Archiv, Suche und Website entfernt", args.meeting);
    Ok(())
}
