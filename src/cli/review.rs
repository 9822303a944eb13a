//! `mitschnitt review`: how far people have come with a meeting, and the next step.

use super::Context;
use super::restrictions::{settle, signature};
use crate::align::item_meant;
use crate::domain::{AgendaItemId, MeetingId, Result, Review, ReviewState, ReviewStep};
use crate::edition::{Editions, Viewer};
use crate::store::Store;

/// Arguments of `review`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("step").args(["check", "release", "reopen"]))]
pub struct Args {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Nur dieser Tagesordnungspunkt (Nummer oder Kennung)
    #[arg(long, value_name = "NUMMER")]
    item: Option<String>,
    /// Der Wortlaut ist geprüft
    #[arg(long)]
    check: bool,
    /// Geprüftes veröffentlichen
    #[arg(long)]
    release: bool,
    /// Zurück zum Entwurf: die Öffentlichkeit sieht es nicht mehr
    #[arg(long)]
    reopen: bool,
    /// Wer das veranlasst; ohne Angabe der angemeldete Benutzer
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Takes a step, or says where the meeting is.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let step = match (args.check, args.release, args.reopen) {
        (true, ..) => Some(ReviewStep::Check),
        (_, true, _) => Some(ReviewStep::Release),
        (_, _, true) => Some(ReviewStep::Reopen),
        _ => None,
    };
    let id = &args.meeting;
    let Some(step) = step else { return tell(id, context) };
    let store = Store::open(context.location())?;
    let item = args.item.as_deref().map(|text| meant(&store, id, text)).transpose()?;
    store.council(id)?;
    let by = signature(args.by.as_deref());
    let eyes = context.config.desk.eyes();
    let review = store.take_review_step(id, item.as_ref(), step, &by, eyes, None)?;
    settle(store, id, context)?;
    say!("{id}: {}", named(&review));
    Ok(())
}

fn tell(id: &MeetingId, context: &Context) -> Result<()> {
    let store = Store::open_to_read(context.location())?;
    let council = store.council(id)?;
    let review = store.review(id)?;
    say!("{id}: {}", named(&review.meeting));
    for item in &council.meeting.agenda {
        if let Some(own) = review.items.get(&item.id) {
            let number = item.number.as_deref().unwrap_or(item.id.as_str());
            say!("  TOP {number}: {}", named(own));
        }
    }
    Ok(())
}

fn meant(store: &Store, id: &MeetingId, text: &str) -> Result<AgendaItemId> {
    let edition = Editions::new(store.clone(), Viewer::Preview).load(id)?;
    Ok(item_meant(&edition.council, text)?.id.clone())
}

fn named(review: &Review) -> String {
    let state = match review.state {
        ReviewState::Draft => "Entwurf",
        ReviewState::Checked => "geprüft, noch nicht veröffentlicht",
        ReviewState::Published => "veröffentlicht",
    };
    match &review.checked {
        Some(check) => format!("{state} (geprüft von {})", check.made.by),
        None if review.is_public() => format!("{state}, ungeprüft"),
        None => state.to_owned(),
    }
}
