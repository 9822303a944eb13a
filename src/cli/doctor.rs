//! `mitschnitt doctor`: what is installed, what the archive holds, what is wrong and how to mend it.

use std::process::Command;

use super::Context;
use crate::domain::{Error, Result};
use crate::models::{self, MODELS};
use crate::store::ARCHIVE_FILE;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints one line per check; fails where something is wrong.
pub fn run(_args: &Args, context: &Context) -> Result<()> {
    let mut wrong = 0;
    let mut say = |ok: bool, what: String| {
        wrong += usize::from(!ok);
        println!("{} {what}", if ok { "[ok]    " } else { "[Fehler]" });
    };
    println!(
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
    let dirs = context.model_dirs();
    let present: Vec<_> = MODELS.iter().filter_map(|s| models::find(s.name, &dirs).ok()).collect();
    if let Err(error) = models::find(&context.config.model, &dirs) {
        say(false, error.to_string());
    }
    for model in present {
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
    Err(Error::failed(format!("{wrong} Mängel gefunden")).remedy("Oben steht zu jedem die Abhilfe"))
}

/// What was tried out on this machine, and where to forget it.
fn efforts(context: &Context, say: &mut dyn FnMut(bool, String)) {
    let efforts = context.efforts();
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
    if !context.global.data_dir.join(ARCHIVE_FILE).is_file() {
        let dir = context.global.data_dir.display();
        return say(true, format!("Noch kein Archiv in {dir}; `mitschnitt ingest` legt es an"));
    }
    let archive = match context.archive() {
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
    match archive.store.is_purge_due() {
        Ok(false) => {}
        Ok(true) => say(
            false,
            "Zurückgezogener Text liegt noch in Dateien des Suchindex: ein Lauf wurde abgebrochen. \
             Abhilfe: mitschnitt index check"
                .into(),
        ),
        Err(error) => say(false, error.to_string()),
    }
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
}
