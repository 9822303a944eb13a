//! `mitschnitt report`: what of a meeting was heard, how surely, and what is missing.

use super::Context;
use crate::domain::{GapReason, MeetingId, Result, TextReview};
use crate::edition::{Editions, Viewer};
use crate::export::{MeetingReport, report};
use crate::store::Store;

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Kennung der Sitzung
    #[arg(value_name = "SITZUNG")]
    meeting: MeetingId,
    /// Als JSON
    #[arg(long)]
    json: bool,
}

/// Prints the report; drafts have one too.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let store = Store::open_to_read(context.location())?;
    let corrections = store.correction_count(&args.meeting)?;
    let edition = Editions::new(store, Viewer::Preview).load(&args.meeting)?;
    let report = report(&edition, corrections);
    match args.json {
        true => {
            let text = serde_json::to_string_pretty(&report).map_err(|e| {
                crate::domain::Error::failed("Der Bericht lässt sich nicht schreiben").because(e)
            })?;
            say!("{text}");
        }
        false => tell(&report),
    }
    Ok(())
}

fn tell(report: &MeetingReport) {
    let percent = |part: u64, whole: u64| match whole {
        0 => "–".to_owned(),
        whole => format!("{:.0} %", part as f64 * 100.0 / whole as f64),
    };
    let minutes = |ms: u64| format!("{} min", ms.div_ceil(60_000));
    say!("Öffentlich               {}", minutes(report.public_ms));
    match report.recognised {
        Some(share) => say!("Sprache erkannt          {:.1} %", share * 100.0),
        None => say!("Sprache erkannt          noch nicht"),
    }
    let doubtful = percent(report.doubtful_words, report.words);
    say!("Wörter                   {}, davon zweifelhaft {doubtful}", report.words);
    let lost = report.gaps.iter().filter(|gap| gap.kind == GapReason::Failed).count();
    say!("Lücken                   {}, davon gescheitert {lost}", report.gaps.len());
    say!("Warnungen                {}", report.warnings.len());
    let missing: Vec<&str> = (report.items.iter().filter(|item| item.start_ms.is_none()))
        .map(|item| item.number.as_deref().unwrap_or(&item.title))
        .collect();
    match missing.as_slice() {
        [] => say!("Tagesordnung             alle {} Punkte gefunden", report.items.len()),
        missing => say!("Tagesordnung             nicht gefunden: {}", missing.join(", ")),
    }
    let s = &report.speakers;
    let all = s.sure_ms + s.guessed_ms + s.unknown_ms;
    say!(
        "Redende                  sicher {}, vermutet {}, unbekannt {} ({} Beiträge)",
        percent(s.sure_ms, all),
        percent(s.guessed_ms, all),
        percent(s.unknown_ms, all),
        s.unknown_turns
    );
    say!("Festlegungen             {}", report.corrections);
    let c = &report.captions;
    say!(
        "Untertitel               {}, zu breit {}, zu kurz {}, schneller als 17 Zeichen/s {}",
        c.count,
        c.too_wide,
        c.too_short,
        c.fast
    );
    let review = match report.review {
        TextReview::Automatic => "ungeprüft",
        TextReview::Checked => "geprüft",
        TextReview::Recorded => "aus einem anderen Protokoll",
    };
    say!("Prüfstand                {review}");
}
