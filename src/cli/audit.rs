//! `mitschnitt audit`: who did what, listed, exported, and checked for breaks.

use super::Context;
use super::restrictions::signature;
use crate::domain::{AuditEntry, AuditFault, Error, Result};
use crate::store::Store;

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    /// Zeigt die letzten Einträge, die neuesten zuerst
    List {
        /// So viele
        #[arg(long, default_value_t = 50, value_name = "ANZAHL")]
        last: u32,
    },
    /// Gibt alle Einträge als JSON-Zeilen aus
    Export {
        /// Datei; ohne Angabe die Standardausgabe
        #[arg(short, long, value_name = "DATEI")]
        output: Option<std::path::PathBuf>,
    },
    /// Prüft, dass kein Eintrag geändert, entfernt oder umgestellt ist
    Verify {
        /// Eine frühere Ausgabe von `audit export`: damit fällt auch auf, wenn alles neu geschrieben wurde
        #[arg(long, value_name = "DATEI")]
        against: Option<std::path::PathBuf>,
    },
}

/// Lists, exports or verifies the audit.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    match &args.command {
        AuditCommand::List { last } => {
            let store = Store::open_to_read(context.location())?;
            for entry in store.audit_page(None, *last)? {
                say!("{}", describe(&entry));
            }
            Ok(())
        }
        AuditCommand::Export { output } => {
            let store = Store::open(context.location())?;
            let text = store.export_audit(&signature(None))?;
            super::write_out(&text, output.as_deref())
        }
        AuditCommand::Verify { against } => {
            let known = against.as_deref().map(read).transpose()?.unwrap_or_default();
            let store = Store::open_to_read(context.location())?;
            let faults = store.audit_faults(&known)?;
            for fault in &faults {
                say!("{}", complaint(fault));
            }
            match faults.len() {
                0 => {
                    say!("Das Protokoll ist unversehrt: {} Einträge", store.audit()?.len());
                    Ok(())
                }
                n => Err(Error::archive(format!("Das Protokoll hat {n} Fehler"))
                    .remedy("Vergleichen Sie mit einer Sicherung oder einer früheren Ausgabe")),
            }
        }
    }
}

fn read(path: &std::path::Path) -> Result<Vec<AuditEntry>> {
    let text = super::read_file(path)?;
    let entry = |(n, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|e| {
            Error::bad_input(format!("{}, Zeile {}: kein Eintrag", path.display(), n + 1))
                .because(e)
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(entry).collect()
}

/// One line for people.
fn describe(entry: &AuditEntry) -> String {
    let details: Vec<String> =
        entry.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let (at, by, act) = (entry.made.at, &entry.made.by, entry.act.code());
    format!("{:>6}  {at}  {by}  {act}  {}  {}", entry.number, entry.subject, details.join(" "))
        .trim_end()
        .to_owned()
}

fn complaint(fault: &AuditFault) -> String {
    match fault {
        AuditFault::Changed(n) => format!("Eintrag {n} ist nicht, was geschrieben wurde"),
        AuditFault::Missing(n, 1) => format!("Eintrag {n} fehlt"),
        AuditFault::Missing(n, count) => format!("Ab Eintrag {n} fehlen {count} Einträge"),
        AuditFault::Displaced(n) => format!("Eintrag {n} steht, wo ein anderer stand"),
        AuditFault::Rewritten(n) => format!("Ab Eintrag {n} wurde das Protokoll neu geschrieben"),
    }
}
