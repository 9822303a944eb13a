//! `mitschnitt remove`: takes a meeting out of archive, search and site. Recordings stay where they
//! are, and what was restricted of it stays known.

use super::Context;
use super::restrictions::{settle, signature};
use crate::domain::{MeetingId, Result};
use crate::store::Store;

/// Arguments of `remove`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Wer das veranlasst; ohne Angabe der angemeldete Benutzer
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Removes texts, index entries and public copies.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let store = Store::open(context.location())?;
    let id = args.meeting.as_str();
    // A try before may have been killed between archive and index.
    let pending = store.pending_purges()?.iter().any(|p| p.subject == id);
    let name = match store.council(&args.meeting) {
        Ok(council) => council.meeting.name,
        Err(_) if pending => "der Rest davon".to_owned(),
        Err(error) => return Err(error),
    };
    store.remove_meeting(&args.meeting, &signature(args.by.as_deref()))?;
    settle(store.clone(), &args.meeting, context)?;
    if store.pending_purges()?.is_empty() {
        say!("{id}: {name} ist aus Archiv, Suche und Website entfernt");
    } else {
        say!("{id}: {name} wird nicht mehr gezeigt; die letzten Spuren werden noch getilgt");
    }
    Ok(())
}
