//! What every command that writes the archive does and says at its end: what is still to be purged.

use crate::domain::Result;
use crate::pipeline::{Pipeline, Unpurged};
use crate::store::Purge;

/// Ends what withdrawals have begun, and says what is still to be done and why.
///
/// # Errors
/// `Archive` where the archive cannot be read or written.
pub fn purge(pipeline: &Pipeline<'_>) -> Result<bool> {
    let unpurged = pipeline.purge()?;
    for Unpurged { pending, why } in &unpurged {
        note!("  Noch nicht getilgt: {} – {why}", describe(pending.what, &pending.subject));
    }
    if !unpurged.is_empty() {
        note!(
            "  Gezeigt wird davon nichts. Der nächste Befehl oder die laufende Website holt es nach."
        );
    }
    Ok(unpurged.is_empty())
}

/// What is to be purged, in words.
pub fn describe(what: Purge, subject: &str) -> String {
    match what {
        Purge::Index if subject.is_empty() => "Wörter in Dateien des Suchindex".to_owned(),
        Purge::Index => format!("Wörter der Sitzung {subject} in Dateien des Suchindex"),
        Purge::Copies => format!("nicht mehr gezeigte Fassungen der Sitzung {subject}"),
        Purge::File => format!("die Datei {subject}"),
        Purge::Log => "Zurückgezogenes im Protokoll des Archivs".to_owned(),
        Purge::Inbox => format!("zurückgezogene Worte in Hinweisen zur Sitzung {subject}"),
        Purge::Ledger => "die Einträge im Sperrverzeichnis fehlen".to_owned(),
    }
}
