//! `mitschnitt ingest`: registers meetings and their recordings; again means update.

use std::path::PathBuf;

use super::Context;
use super::purge::purge;
use super::restrictions::{describe, films_elsewhere, unplaced};
use crate::domain::{MeetingId, Restriction, Result};
use crate::ingest::{self, Ingested};
use crate::media::Decoder;
use crate::pipeline::{OpenArchive, Progress, registering};
use crate::store::{Change, Notice, Store};

/// Arguments of `ingest`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// meeting.toml, OParl-JSON einer Sitzung oder Ordner
    #[arg(required = true, value_name = "PFAD")]
    paths: Vec<PathBuf>,
}

/// Reads every path; one that is wrong does not keep the others from being registered. What that
/// withdraws is withdrawn whatever state the index is in.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let store = Store::create(context.location())?;
    let progress = context.progress();
    let decoder = Decoder::this_program()?;
    let mut failures = super::Failures::default();
    let mut registered = Vec::new();
    for path in &args.paths {
        for found in ingest::read(path) {
            failures.note(found.and_then(|meeting| {
                let meeting = registering::known_again(meeting, &store)?;
                register(&meeting, &store, &decoder, &progress)?;
                registered.push(meeting.council.meeting.id);
                Ok(())
            }));
        }
    }
    failures.note(OpenArchive::with_index(store, &context.environment, &progress).and_then(
        |archive| {
            let pipeline = archive.pipeline(&context.environment, &progress)?;
            purge(&pipeline)?;
            registered.iter().try_for_each(|id| pipeline.index(id).map(|_| ()))
        },
    ));
    failures.into_result()
}

/// Registers one meeting and says what that changed.
pub fn register(
    meeting: &Ingested,
    store: &Store,
    decoder: &Decoder,
    progress: &dyn Progress,
) -> Result<Change> {
    let taken_in = registering::register(meeting, store, decoder, progress)?;
    let (id, change) = (&taken_in.id, taken_in.change);
    let said = match change {
        Change::Added => "neu",
        Change::Updated => "geändert",
        Change::Withdrawn => "geändert; nicht mehr Öffentliches ist aus Archiv und Suche entfernt",
        Change::Unchanged => "unverändert",
    };
    let count = |n: usize, one: &str, many: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    };
    say!(
        "{id}: {said} ({}, {}, {})",
        count(meeting.council.meeting.agenda.len(), "Tagesordnungspunkt", "Tagesordnungspunkte"),
        count(meeting.council.persons.len(), "Person", "Personen"),
        count(taken_in.recordings.len(), "Aufnahme", "Aufnahmen"),
    );
    for quirk in &meeting.quirks {
        note!("  Hinweis: {quirk}");
    }
    if taken_in.holds_back {
        note!(
            "  Die neue Aufnahme klingt nicht wie die bisherige: die Sitzung behält, was sie hat, weil \
             gesperrte Zeiten sonst verrutschen könnten. Läuft sie auf derselben Uhr: mitschnitt \
             confirm {id}"
        );
    }
    for notice in &taken_in.notices {
        tell(id, notice, store)?;
    }
    Ok(change)
}

/// Says what the operator must know.
fn tell(id: &MeetingId, notice: &Notice, store: &Store) -> Result<()> {
    let release = |r: &Restriction| format!("mitschnitt release {id} --restriction {}", r.number);
    match notice {
        Notice::ItemWithdrawn(r) | Notice::SpanWithdrawn(r) => {
            note!("  Zurückgezogen: {}. Wieder zeigen: {}", describe(r), release(r));
            films_elsewhere(store, id, &r.spans)?;
        }
        Notice::ItemVanished(r) => {
            note!(
                "  Nicht mehr auf der Tagesordnung und deshalb gesperrt: {}. Wieder zeigen: {}",
                describe(r),
                release(r)
            );
            films_elsewhere(store, id, &r.spans)?;
        }
        Notice::StillHidden(r) => note!(
            "  Bleibt gesperrt, bis jemand es freigibt, auch wenn die Quelle es zeigt: {}. Wieder zeigen: {}",
            describe(r),
            release(r)
        ),
        Notice::CalledNotPublic(r) => note!(
            "  Nach der übernommenen Tagesordnung (import --kind meetings) nichtöffentlich und deshalb gesperrt: {}. \
             Ist der Punkt öffentlich: {}, dann noch einmal einlesen",
            describe(r),
            release(r)
        ),
        Notice::ItemUnplaced(r) => {
            note!("  Nicht mehr öffentlich: {}", describe(r));
            unplaced(id, r.number);
        }
        Notice::ItemUnknown(r) => note!(
            "  Steht nicht mehr auf der Tagesordnung und bleibt gesperrt: {}. Wieder zeigen: {}",
            describe(r),
            release(r)
        ),
        Notice::RecordingAdded => note!(
            "  Eine Aufnahme ist dazugekommen, und ob ein gesperrter Punkt auch darin behandelt wird, ist nicht \
             bekannt: Wortlaut und Video werden nicht gezeigt. Sperren Sie solche Zeiten (mitschnitt withhold \
             {id} --from … --to … --why …), und bestätigen Sie dann: mitschnitt confirm {id}"
        ),
        Notice::PublicUnsaid => note!(
            "  Zurückgehalten: die Tagesordnung hat einen nichtöffentlichen Punkt, und meeting.toml sagt \
             nicht, was an der Aufnahme öffentlich ist. Schreiben Sie unter [[recording]] die \
             öffentlichen Teile ab Beginn der Aufnahme, public = [[\"00:00:00\", \"01:58:00\"]], oder \
             public = \"all\", wenn nichts Nichtöffentliches darin ist"
        ),
        Notice::SameMeeting(others) => {
            for other in others {
                note!(
                    "  Die Sitzung {other} hat dieselbe Aufnahme oder Kennung und wird nicht mehr gezeigt. \
                     Ist sie umbenannt: mitschnitt remove {other}. Sind es zwei: mitschnitt confirm {other}"
                );
            }
        }
        Notice::Moved => {
            note!(
                "  Die Aufnahme liegt anders auf der Uhr der Sitzung; Gesperrtes ist mitgewandert"
            );
        }
    }
    Ok(())
}
