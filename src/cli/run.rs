//! `mitschnitt run`: brings every meeting up to date.

use super::Context;
use super::effort::EffortArgs;
use super::purge::purge;
use super::restrictions::signature;
use crate::domain::{Engine, Error, FirstStage, JobWork, MeetingId, Result, TranscriptionOrder};
use crate::jobs::{Came, Foreground, Presence, run_here};
use crate::pipeline::{ModelChoice, OpenArchive, Pipeline, Redo, RunOutcome};
use crate::store::{HoldReason, Store};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Nur diese Sitzung
    #[arg(long, value_name = "KENNUNG")]
    meeting: Option<MeetingId>,
    /// Sprachmodell (Name oder Datei); ohne Angabe bleibt, was verschriftet ist
    #[arg(long, value_name = "MODELL")]
    model: Option<String>,
    /// Alles neu machen
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    effort: EffortArgs,
}

/// A meeting that fails does not keep the others from being done.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let progress = context.progress();
    let archive = OpenArchive::open(&context.environment, &progress)?;
    let pipeline = archive.pipeline(&context.environment, &progress)?;
    let meetings = match &args.meeting {
        Some(id) => vec![archive.store.council(id)?.meeting.id],
        None => archive.store.meetings()?.into_iter().map(|m| m.id).collect(),
    };
    let mut failures = super::Failures::default();
    let mut hint = None;
    purge(&pipeline)?;
    let presence = Presence::show(&pipeline.locks)?;
    let place = Foreground {
        archive: &archive,
        locks: &pipeline.locks,
        progress: &progress,
        presence: &presence,
        lease: context.config.desk.lease(),
    };
    for id in &meetings {
        let done = bring_up_to_date(id, args, context, &place).map_err(|e| named(id, e));
        if hint.is_none() && done.as_ref().is_ok_and(|outcome| outcome.transcribed > 0) {
            hint = for_searching(&archive.store, id);
        }
        let held = archive.store.held(id)?;
        let unsure = [HoldReason::ItemUnplaced, HoldReason::RecordingAdded];
        let unplaced = held.iter().any(|h| unsure.contains(&h.reason));
        let held = held.iter().any(|h| h.reason == HoldReason::PublicUnsaid);
        if unplaced {
            note!(
                "  {id}: wo ein gesperrter Punkt behandelt wird, ist nicht sicher; Wortlaut und Video werden \
                 nicht gezeigt (mitschnitt doctor)"
            );
        }
        failures.note(done.map(|outcome| match held {
            true => say!("{id}: zurückgehalten, weil nicht gesagt ist, was öffentlich ist (mitschnitt doctor)"),
            false => say!("{id}: {}", describe(outcome)),
        }));
        // What was withdrawn meanwhile, or replaced by what was made.
        purge(&pipeline)?;
    }
    if let Some(model) = hint.filter(|_| !context.global.quiet) {
        note!(
            "  Hinweis: Das Modell „{model}“ taugt zum Suchen. Zum Zitieren: mitschnitt model fetch \
             small, dann mitschnitt run --model small"
        );
    }
    // Mends an index that lags behind, as after a rebuild that was killed.
    failures.note(pipeline.index_all().map(|_| ()));
    failures.into_result()
}

/// Does a job of its own for a meeting, so that no worker is at it meanwhile.
fn bring_up_to_date(
    id: &MeetingId,
    args: &Args,
    context: &Context,
    place: &Foreground<'_>,
) -> Result<RunOutcome> {
    let order = TranscriptionOrder {
        model: args.model.clone(),
        from: args.force.then_some(FirstStage::Recognition),
        ..TranscriptionOrder::missing(id.clone())
    };
    let choice = match &args.model {
        Some(model) => ModelChoice::Exactly(model.clone()),
        None => ModelChoice::Otherwise(context.config.model.clone()),
    };
    let redo = Redo::of(order.from);
    run_here(place, JobWork::Transcribe(order), signature(None), |archive, progress| {
        let pipeline = archive.pipeline(&context.environment, progress)?;
        let pipeline = Pipeline { wanted: args.effort.wanted(), ..pipeline };
        let outcome = pipeline.run(id, &choice, redo)?;
        let came = match outcome == RunOutcome::default() {
            true => Came::ToNothing,
            false => Came::To(outcome.codes()),
        };
        Ok((outcome, came))
    })
}

/// The model of a meeting, where its text is not to be quoted. A text that cannot be read keeps no
/// other meeting from being done.
fn for_searching(store: &Store, id: &MeetingId) -> Option<String> {
    let transcript = store.meeting_transcript(id).ok().flatten()?;
    Some(transcript.engine).filter(Engine::is_for_searching).map(|engine| engine.model)
}

fn named(id: &MeetingId, error: Error) -> Error {
    error.about(&format!("Sitzung {id}"))
}

/// What was done, in words.
pub fn describe(outcome: RunOutcome) -> String {
    let mut done = Vec::new();
    match outcome.transcribed {
        0 => {}
        1 => done.push("1 Aufnahme verschriftet".to_owned()),
        n => done.push(format!("{n} Aufnahmen verschriftet")),
    }
    match (outcome.published, outcome.transcribed) {
        // A new text has a new copy beside it.
        (0, _) | (_, 1..) => {}
        (1, 0) => done.push("1 öffentliche Fassung gemacht".to_owned()),
        (n, 0) => done.push(format!("{n} öffentliche Fassungen gemacht")),
    }
    if outcome.aligned {
        done.push("Tagesordnung und Redende zugeordnet".to_owned());
    }
    if outcome.indexed {
        done.push("indexiert".to_owned());
    }
    if done.is_empty() { "auf dem Stand".to_owned() } else { done.join(", ") }
}
