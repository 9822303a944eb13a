//! `mitschnitt doctor`: what is installed, what the archive holds, what is wrong and how to mend it.

use std::process::Command;

use super::Context;
use crate::archive::models;
use crate::domain::{Error, JobState, Result};
use crate::inbox::Inbox;
use crate::pipeline::{Efforts, OpenArchive};
use crate::store::{Held, HoldReason, PendingPurge};
use crate::web::job_kind;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints one line per check; fails where something is wrong.
pub fn run(_args: &Args, context: &Context) -> Result<()> {
    let mut wrong = 0;
    let mut say = |ok: bool, what: String| {
        wrong += usize::from(!ok);
        say!("{} {what}", if ok { "[ok]    " } else { "[Fehler]" });
    };
    say!(
        "Mitschnitt {}, whisper.cpp {}",
        env!("CARGO_PKG_VERSION"),
        crate::transcribe::engine_version()
    );
    match Command::new("ffmpeg").arg("-version").output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            say(true, text.split(" Copyright").next().unwrap_or("ffmpeg").to_owned());
        }
        _ => say(
            false,
            "ffmpeg fehlt: manche Formate lassen sich nicht lesen, öffentliche Fassungen nicht \
             schneiden. Abhilfe: apt install ffmpeg"
                .into(),
        ),
    }
    let dirs = &context.environment.model_dirs;
    if let Err(error) = models::find(&context.config.model, dirs) {
        say(false, error.to_string());
    }
    for model in models::present(dirs) {
        match models::verify(&model) {
            Ok(_) => say(true, format!("Modell {} ({})", model.name, model.path.display())),
            Err(error) => say(false, error.to_string()),
        }
    }
    efforts(context, &mut say);
    archive(context, &mut say);
    if wrong == 0 {
        return Ok(());
    }
    let faults = if wrong == 1 { "Mangel" } else { "Mängel" };
    Err(Error::failed(format!("{wrong} {faults} gefunden"))
        .remedy("Oben steht zu jedem die Abhilfe"))
}

/// What was tried out on this machine, and where to forget it.
fn efforts(context: &Context, say: &mut dyn FnMut(bool, String)) {
    let efforts = Efforts::new(context.environment.calibration.clone());
    let file = efforts.file().map(|f| f.display().to_string()).unwrap_or_default();
    for (model, effort, speed) in efforts.known() {
        say(
            true,
            format!(
                "Abstimmung für Modell {model}: {} Fenster zugleich, je {} Rechenfäden, \
                 {speed:.1}× Echtzeit ({file}; löschen = neu abstimmen)",
                effort.jobs, effort.threads
            ),
        );
    }
}

fn archive(context: &Context, say: &mut dyn FnMut(bool, String)) {
    if !context.location().has_archive() {
        let dir = context.environment.data_dir.path().display();
        return say(true, format!("Noch kein Archiv in {dir}; `mitschnitt ingest` legt es an"));
    }
    let archive = match context.open_archive() {
        Ok(archive) => archive,
        Err(error) => return say(false, error.to_string()),
    };
    match archive.store.integrity_complaints() {
        Ok(complaints) if complaints.is_empty() => {
            say(true, format!("Archiv {}", archive.store.file().display()));
        }
        Ok(complaints) => say(false, format!("Archiv beschädigt: {}", complaints.join("; "))),
        Err(error) => say(false, error.to_string()),
    }
    match archive.searcher.check() {
        Ok(()) => say(true, "Suchindex lesbar".into()),
        Err(error) => say(false, error.to_string()),
    }
    let told = [
        broken(&archive),
        pending(&archive),
        restricted(&archive),
        held(&archive),
        failed_jobs(&archive),
    ];
    for told in told {
        match told {
            Ok(lines) => lines.into_iter().for_each(|(ok, line)| say(ok, line)),
            Err(error) => say(false, error.to_string()),
        }
    }
    if !archive.store.has_reserve() {
        say(
            true,
            "Kein Platz für Zurückziehungen vorgehalten (auf vollem Datenträger scheitern sie)"
                .into(),
        );
    }
    match Inbox::beside(archive.store.data_dir()).open_count() {
        Ok(0) => {}
        Ok(open) => say(true, format!("Hinweise von Leserinnen und Lesern: {open} offen")),
        Err(error) => say(false, error.to_string()),
    }
    meetings(&archive, say);
}

/// Recordings of which there is a text and no public copy.
fn copies(archive: &OpenArchive, say: &mut dyn FnMut(bool, String)) {
    for meeting in archive.store.meetings().unwrap_or_default() {
        for recording in archive.store.recordings(&meeting.id).unwrap_or_default() {
            let id = &meeting.id;
            let published =
                archive.store.published(id, &recording.sha256).is_ok_and(|p| p.is_some());
            let heard = archive.store.shown_transcript(id, &recording.sha256);
            if heard.is_ok_and(|h| h.is_some()) && !published && !recording.public.is_empty() {
                let path = recording.path.display();
                let what =
                    format!("{id}: zu {path} gibt es keine öffentliche Fassung, also kein Video");
                say(
                    false,
                    format!(
                        "{what}. Abhilfe: mitschnitt run --meeting {id} (es sagt, woran es liegt)"
                    ),
                );
            }
        }
    }
}

type CheckedLines = Result<Vec<(bool, String)>>;

/// Jobs that failed for good, each with what its log says; and that nothing is begun while the queue is halted.
fn failed_jobs(archive: &OpenArchive) -> CheckedLines {
    let failed = archive.store.jobs(u32::MAX)?.into_iter();
    let failed = failed.filter(|job| job.state == JobState::Failed).map(|job| {
        let (id, kind) = (job.id, job_kind(&job.work));
        let of = job.work.meeting().map(|meeting| format!(" {meeting}")).unwrap_or_default();
        let why = job.failure.map(|failure| failure.what).unwrap_or_default();
        let remedy = format!("mitschnitt jobs show {id}, dann mitschnitt jobs retry {id}");
        (false, format!("Auftrag {id} ({kind}{of}) ist gescheitert: {why}. Abhilfe: {remedy}"))
    });
    let mut lines: Vec<_> = failed.collect();
    if archive.store.queue_state()?.paused {
        let what =
            "Die Warteschlange ist angehalten: kein Auftrag beginnt (mitschnitt jobs resume)";
        lines.push((true, what.to_owned()));
    }
    Ok(lines)
}

/// Rows of the archive that cannot be read.
fn broken(archive: &OpenArchive) -> CheckedLines {
    let line = |(table, column, rows): (String, String, u64)| {
        let what = format!("{rows} unlesbare Einträge in {table}.{column} des Archivs");
        (false, format!("{what}. Abhilfe: die letzte Sicherung zurückspielen (mitschnitt restore)"))
    };
    Ok(archive.store.broken_json()?.into_iter().map(line).collect())
}

/// What is still to be overwritten of what was withdrawn.
fn pending(archive: &OpenArchive) -> CheckedLines {
    let line = |p: PendingPurge| {
        let what = super::purge::describe(p.what, &p.subject);
        let since = p.since;
        (
            false,
            format!("Noch nicht getilgt (seit {since}): {what}. Abhilfe: mitschnitt index check"),
        )
    };
    Ok(archive.store.pending_purges()?.into_iter().map(line).collect())
}

/// What may not be seen, and how to lift it.
fn restricted(archive: &OpenArchive) -> CheckedLines {
    let mut lines = Vec::new();
    for id in archive.store.restricted_meetings()? {
        for r in archive.store.restrictions_of(&id)?.iter().filter(|r| r.holds()) {
            let what = super::restrictions::describe(r);
            let release = format!("mitschnitt release {id} --restriction {}", r.number);
            lines.push((true, format!("Gesperrt: {id}: {what} – {}. Aufheben: {release}", r.why)));
        }
    }
    Ok(lines)
}

/// What is held back and why, and what is shown although nobody said that it may be.
fn held(archive: &OpenArchive) -> CheckedLines {
    let mut lines = Vec::new();
    for Held { meeting: id, reason, detail } in archive.store.all_held()? {
        let why = match reason {
            HoldReason::PublicUnsaid => {
                "die Tagesordnung hat einen nichtöffentlichen Punkt, und `public` fehlt in meeting.toml. \
                 Abhilfe: public = [[\"00:00:00\", \"…\"]] oder public = \"all\", dann mitschnitt ingest"
                    .to_owned()
            }
            HoldReason::RecordingReplaced => format!(
                "eine ersetzte Aufnahme klingt anders; gezeigt wird weiter die alte Fassung. Abhilfe, wenn \
                 sie auf derselben Uhr läuft: mitschnitt confirm {id}"
            ),
            HoldReason::ItemUnplaced => format!(
                "wo der Punkt der Sperre {detail} behandelt wird, ist nicht erkannt, und seine Wörter könnten \
                 überall stehen. Abhilfe: die Zeit sperren (mitschnitt withhold {id} --from … --to … --why …), \
                 dann, oder wenn er nirgends behandelt wird: mitschnitt confirm {id} --restriction {detail}"
            ),
            HoldReason::RecordingAdded => format!(
                "eine Aufnahme ist dazugekommen, und ob ein gesperrter Punkt auch darin behandelt wird, ist nicht \
                 bekannt. Abhilfe: solche Zeiten sperren (mitschnitt withhold {id} --from … --to … --why …), \
                 dann mitschnitt confirm {id}"
            ),
            HoldReason::RecordChanged => format!(
                "in den neu übernommenen Beiträgen sind gesperrte nicht wiederzufinden (bearbeitet, geteilt oder \
                 zusammengefasst). Abhilfe: sie sperren (mitschnitt withhold {id} --speech … --why …), dann \
                 mitschnitt confirm {id}"
            ),
            HoldReason::SameMeeting => format!(
                "die Sitzung {detail} hat dieselbe Aufnahme. Abhilfe: mitschnitt remove {id} oder, wenn es \
                 zwei Sitzungen sind, mitschnitt confirm {id}"
            ),
        };
        lines.push((false, format!("Zurückgehalten: {id}: {why}")));
    }
    for id in archive.store.shown_unsaid()? {
        lines.push((
            false,
            format!(
                "{id}: wird ganz gezeigt, obwohl die Tagesordnung einen nichtöffentlichen Punkt hat und \
                 `public` in meeting.toml fehlt. Abhilfe: public ergänzen, dann mitschnitt ingest"
            ),
        ));
    }
    Ok(lines)
}

/// The meetings with their recordings and the files that are served for them.
fn meetings(archive: &OpenArchive, say: &mut dyn FnMut(bool, String)) {
    for meeting in archive.store.meetings().unwrap_or_default() {
        let state = match (meeting.recordings, meeting.transcribed) {
            (0, _) => "ohne Aufnahme",
            (_, true) => "verschriftet",
            (_, false) => "noch nicht verschriftet (mitschnitt run)",
        };
        say(true, format!("Sitzung {}: {} — {state}", meeting.id, meeting.name));
        for recording in archive.store.recordings(&meeting.id).unwrap_or_default() {
            if !recording.path.is_file() {
                let path = recording.path.display();
                say(
                    false,
                    format!("Die Aufnahme {path} fehlt. Abhilfe: zurücklegen oder neu einlesen"),
                );
            }
        }
    }
    copies(archive, say);
    for (meeting, _, file) in archive.store.all_published().unwrap_or_default() {
        if !file.path.metadata().is_ok_and(|m| m.len() == file.bytes) {
            let path = file.path.display();
            let what =
                format!("{meeting}: die öffentliche Fassung {path} fehlt oder ist verändert");
            say(false, format!("{what}. Abhilfe: mitschnitt run --meeting {meeting}"));
        }
    }
}
