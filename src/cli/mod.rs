//! The command line: one file per command, each with its arguments and what it does.
//! Owns the wording of the manual; results go to standard output, everything else to standard error.

#[macro_use]
mod say;

mod align;
mod audit;
mod backup;
mod decoder;
mod demo;
mod doctor;
mod effort;
mod engine;
mod eval;
mod explain;
mod export;
mod glossary;
mod import;
mod index;
mod ingest;
mod jobs;
mod model;
mod overrule;
mod progress;
mod purge;
mod remove;
mod report;
mod restrictions;
mod review;
mod run;
mod search;
mod serve;
mod transcribe;
mod user;
mod worker;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand};

use crate::archive::{Environment, write_whole};
use crate::config::Config;
use crate::domain::{ErrorKind, Result};
use crate::pipeline::{self, OpenArchive};
use crate::store::Location;

/// `mitschnitt` as typed.
#[derive(Debug, Parser)]
#[command(
    name = "mitschnitt",
    version,
    about = "Archiv und Suchmaschine für aufgezeichnete Sitzungen kommunaler Vertretungen",
    long_about = "Mitschnitt nimmt Aufzeichnungen öffentlicher Sitzungen auf, erkennt die Sprache \
                  auf diesem Rechner, ordnet sie Tagesordnungspunkten und Redenden zu und macht sie \
                  wortgenau durchsuchbar. Nichts verlässt den Rechner.",
    help_template = "{about-with-newline}\nAufruf: {usage}\n\n{all-args}{after-help}",
    after_help = "Zum Ausprobieren: mitschnitt demo",
    subcommand_help_heading = "Befehle",
    disable_help_subcommand = true,
    next_help_heading = "Allgemein"
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Ordner des Archivs
    #[arg(
        long,
        global = true,
        env = "MITSCHNITT_DATA_DIR",
        default_value = "data",
        value_name = "ORDNER"
    )]
    data_dir: PathBuf,
    /// Einstellungen; ohne Angabe mitschnitt.toml, falls vorhanden
    #[arg(long, global = true, env = "MITSCHNITT_CONFIG", value_name = "DATEI")]
    config: Option<PathBuf>,
    /// Ordner mit Sprachmodellen
    #[arg(long, global = true, env = "MITSCHNITT_MODEL_DIR", value_name = "ORDNER")]
    model_dir: Option<PathBuf>,
    /// Mehr melden (-vv: noch mehr)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Nur Fehler melden
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Fortschritt als JSON-Zeilen auf der Fehlerausgabe, für andere Programme
    #[arg(long, global = true, conflicts_with = "quiet")]
    json_progress: bool,
    /// Farben: auto, always, never
    #[arg(
        long,
        global = true,
        default_value = "auto",
        value_name = "WANN",
        hide_possible_values = true
    )]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Baut ein Archiv der mitgelieferten, erfundenen Sitzung und zeigt es
    Demo(demo::Args),
    /// Meldet Sitzungen an: meeting.toml, OParl-JSON oder Ordner
    Ingest(ingest::Args),
    /// Übernimmt anderswo festgehaltene Redebeiträge, einer je Zeile
    Import(import::Args),
    /// Bringt alle Sitzungen auf den Stand: erkennen, zuordnen, indexieren
    Run(run::Args),
    /// Verschriftet eine Aufnahme ohne Archiv
    Transcribe(transcribe::Args),
    /// Ordnet eine Verschriftung Tagesordnung und Redenden zu, ohne Archiv
    Align(align::Args),
    /// Legt Tagesordnungspunkt oder Redende einer Stelle fest, listet Festlegungen, nimmt sie zurück
    Overrule(overrule::Args),
    /// Ergänzt, kürzt und zeigt das Wörterbuch einer Körperschaft
    Glossary(glossary::Args),
    /// Sperrt eine Stelle, einen Tagesordnungspunkt oder einen Redebeitrag
    Withhold(restrictions::WithholdArgs),
    /// Hebt eine Sperre auf
    Release(restrictions::ReleaseArgs),
    /// Listet Sperren, auch aufgehobene
    Restrictions(restrictions::ListArgs),
    /// Bestätigt, dass eine ersetzte Aufnahme auf der Uhr der Sitzung läuft
    Confirm(restrictions::ConfirmArgs),
    /// Sucht im Archiv wie die Website
    Search(search::Args),
    /// Gibt eine Sitzung als Untertitel, Text oder Kapitel aus
    Export(export::Args),
    /// Sagt, wie weit eine Sitzung geprüft ist; prüft, veröffentlicht, nimmt zurück
    Review(review::Args),
    /// Was von einer Sitzung erkannt ist, wie sicher, und was fehlt
    Report(report::Args),
    /// Entfernt eine Sitzung aus Archiv, Suche und Website; die Aufnahme bleibt
    Remove(remove::Args),
    /// Sichert das ganze Archiv im laufenden Betrieb
    Backup(backup::BackupArgs),
    /// Spielt eine Sicherung in einen leeren Datenordner zurück
    Restore(backup::RestoreArgs),
    /// Sprachmodelle: auflisten, laden, prüfen
    Model(model::Args),
    /// Startet Website und Schnittstelle
    Serve(serve::Args),
    /// Aufträge: auflisten, einstellen, abbrechen, anhalten
    Jobs(jobs::Args),
    /// Arbeitet die Aufträge ab
    Worker(worker::Args),
    /// Suchindex: neu aufbauen, prüfen
    Index(index::Args),
    /// Misst Ergebnisse gegen bekannte Wahrheit
    Eval(eval::Args),
    /// Protokoll: wer was wann getan hat; ausgeben, prüfen
    Audit(audit::Args),
    /// Konten des Arbeitsplatzes: anlegen, auflisten, ändern, schließen
    User(user::Args),
    /// Sagt, was vorhanden ist, was fehlt und wie es zu beheben ist
    Doctor(doctor::Args),
    /// Der Prozess der Spracherkennung; wird vom Programm selbst gestartet
    #[command(hide = true)]
    Engine,
    /// Der Prozess, der Aufnahmen liest; wird vom Programm selbst gestartet
    #[command(hide = true)]
    Decoder,
}

/// What every command is given.
#[derive(Clone)]
pub struct Context {
    global: Global,
    config: Config,
    environment: Environment,
}

impl Context {
    fn new(global: Global, config: Config) -> Self {
        let (models, ledger) = (global.model_dir.as_deref(), config.restrictions_file.as_deref());
        let mut environment = Environment::new(&global.data_dir, models, ledger, config.windows);
        environment.decoding = config.decoding;
        environment.abbreviations.clone_from(&config.abbreviations);
        Self { global, config, environment }
    }

    /// Opens an archive that is there already, and its index.
    fn open_archive(&self) -> Result<OpenArchive> {
        OpenArchive::open(&self.environment, &self.progress())
    }

    /// Where the archive lies.
    fn location(&self) -> Location {
        pipeline::location(&self.environment)
    }

    /// Progress for the person in front of it.
    fn progress(&self) -> progress::Display {
        match (self.global.quiet, self.global.json_progress) {
            (true, _) => progress::Display::silent(),
            (_, true) => progress::Display::json(),
            _ => progress::Display::for_people(),
        }
    }
}

/// Reads the command line, does what it says, and gives the exit code of CONTRACT.md.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; wrong usage is 2.
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    crate::telemetry::hide_words_of_panics();
    match cli.command {
        Command::Engine => return engine::run(),
        Command::Decoder => return decoder::run(),
        _ => {}
    }
    crate::telemetry::init(cli.global.verbose, cli.global.quiet, cli.global.color);
    match dispatch(cli) {
        Ok(()) => 0,
        Err(error) => {
            note!("mitschnitt: {error}");
            exit_code(error.kind())
        }
    }
}

/// The exit codes that scripts rely on.
fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Failed => 1,
        ErrorKind::BadInput => 3,
        ErrorKind::NotFound | ErrorKind::Withdrawn => 4,
        ErrorKind::Archive | ErrorKind::NoRoom | ErrorKind::Rebuilding => 5,
    }
}

fn dispatch(cli: Cli) -> Result<()> {
    let config = Config::load(cli.global.config.as_deref())?;
    let context = Context::new(cli.global, config);
    match cli.command {
        Command::Demo(args) => demo::run(&args, &context),
        Command::Ingest(args) => ingest::run(&args, &context),
        Command::Import(args) => import::run(&args, &context),
        Command::Run(args) => run::run(&args, &context),
        Command::Transcribe(args) => transcribe::run(&args, &context),
        Command::Align(args) => align::run(&args),
        Command::Glossary(args) => glossary::run(&args, &context),
        Command::Overrule(args) => overrule::run(&args, &context),
        Command::Withhold(args) => restrictions::withhold(&args, &context),
        Command::Release(args) => restrictions::release(&args, &context),
        Command::Restrictions(args) => restrictions::list(&args, &context),
        Command::Confirm(args) => restrictions::confirm(&args, &context),
        Command::Search(args) => search::run(&args, &context),
        Command::Export(args) => export::run(&args, &context),
        Command::Review(args) => review::run(&args, &context),
        Command::Report(args) => report::run(&args, &context),
        Command::Remove(args) => remove::run(&args, &context),
        Command::Backup(args) => backup::backup(&args, &context),
        Command::Restore(args) => backup::restore(&args, &context),
        Command::Model(args) => model::run(&args, &context),
        Command::Serve(args) => serve::run(&args, &context),
        Command::Jobs(args) => jobs::run(&args, &context),
        Command::Worker(args) => worker::run(args, &context),
        Command::Index(args) => index::run(&args, &context),
        Command::Eval(args) => eval::run(&args, &context),
        Command::Audit(args) => audit::run(&args, &context),
        Command::User(args) => user::run(&args, &context),
        Command::Doctor(args) => doctor::run(&args, &context),
        // Served before anything else is set up.
        Command::Engine | Command::Decoder => Ok(()),
    }
}

/// Failures of a command that goes on with the rest after one.
#[derive(Default)]
struct Failures {
    count: usize,
    gravest: Option<ErrorKind>,
}

impl Failures {
    /// Tells a failure at once, and keeps the gravest kind for the exit code.
    fn note(&mut self, result: Result<()>) {
        let Err(error) = result else { return };
        note!("mitschnitt: {error}");
        self.count += 1;
        let graver = self.gravest.is_none_or(|kind| exit_code(kind) < exit_code(error.kind()));
        if graver {
            self.gravest = Some(error.kind());
        }
    }

    fn into_result(self) -> Result<()> {
        use crate::domain::Error;
        let Some(kind) = self.gravest else { return Ok(()) };
        let what = match self.count {
            1 => "Eines ist nicht gelungen; der Grund steht oben".to_owned(),
            n => format!("{n} sind nicht gelungen; die Gründe stehen oben"),
        };
        Err(match kind {
            ErrorKind::Failed => Error::failed(what),
            ErrorKind::BadInput => Error::bad_input(what),
            ErrorKind::NotFound | ErrorKind::Withdrawn => Error::not_found(what),
            ErrorKind::Archive => Error::archive(what),
            ErrorKind::NoRoom => Error::no_room(what),
            ErrorKind::Rebuilding => Error::rebuilding(what),
        })
    }
}

/// Reads a text file, plain or gzipped, for commands that take files.
fn read_file(path: &std::path::Path) -> Result<String> {
    use crate::domain::Error;
    let unreadable = |e: std::io::Error| {
        Error::bad_input(format!("{} ist nicht lesbar", path.display()))
            .because(e)
            .remedy("Prüfen Sie Namen und Rechte")
    };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice());
        std::io::Read::read_to_end(&mut decoder, &mut plain).map_err(unreadable)?;
        plain
    } else {
        bytes
    };
    String::from_utf8(bytes)
        .map_err(|e| Error::bad_input(format!("{} ist kein UTF-8-Text", path.display())).because(e))
}

/// Reads a JSON file of ours.
fn read_json<T: serde::de::DeserializeOwned>(path: &std::path::Path, what: &str) -> Result<T> {
    serde_json::from_str(&read_file(path)?).map_err(|e| {
        crate::domain::Error::bad_input(format!("{} ist kein {what}", path.display())).because(e)
    })
}

/// Writes a result to a file as a whole, or to standard output.
fn write_out(text: &str, output: Option<&std::path::Path>) -> Result<()> {
    use std::io::Write;
    let Some(path) = output else {
        let written = std::io::stdout().lock().write_all(text.as_bytes());
        return match written.and_then(|()| std::io::stdout().lock().flush()) {
            // A closed pipe (`| head`) is no failure of ours.
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(crate::domain::Error::failed("Das Ergebnis lässt sich nicht ausgeben")
                    .because(e)
                    .remedy("Prüfen Sie freien Platz und Rechte des Ziels"))
            }
            _ => Ok(()),
        };
    };
    write_whole(path, text.as_bytes()).map_err(|e| {
        crate::domain::Error::failed(format!("{} lässt sich nicht schreiben", path.display()))
            .because(e)
            .remedy("Prüfen Sie Ordner, Rechte und freien Platz")
    })
}
