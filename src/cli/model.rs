//! `mitschnitt model`: which speech models there are, fetching one, registering one's own, checking those
//! that are here.

use std::io::IsTerminal;
use std::path::PathBuf;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::Context;
use crate::archive::models::{self, AboutModel, AlignmentHeads, MODELS, Model, Supply};
use crate::domain::Result;
use crate::pipeline::verify as verify_reported;

/// Arguments of `model`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: ModelAction,
}

#[derive(Debug, clap::Subcommand)]
enum ModelAction {
    /// Zeigt alle bekannten Modelle und die eigenen
    List,
    /// Lädt ein veröffentlichtes Modell herunter; setzt Abgebrochenes fort
    Fetch {
        /// Name des Modells
        #[arg(value_name = "MODELL")]
        name: String,
        /// Woher; für einen Spiegel im eigenen Netz
        #[arg(long, env = "MITSCHNITT_MODEL_URL", default_value = models::BASE_URL, value_name = "ADRESSE")]
        url: String,
    },
    /// Meldet ein eigenes Modell an: eine Whisper-Datei im ggml-Format, die danach einen Namen hat
    Add {
        /// Die Modelldatei
        #[arg(value_name = "DATEI")]
        file: PathBuf,
        /// Wie es heißen soll, etwa turbo-de
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Woher es kommt
        #[arg(long, value_name = "ADRESSE")]
        source: Option<String>,
        /// Unter welcher Lizenz es steht
        #[arg(long, value_name = "TEXT")]
        licence: Option<String>,
    },
    /// Prüft die vorhandenen Modelle auf Unversehrtheit
    Verify,
}

/// Lists, fetches or verifies.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    match &args.action {
        ModelAction::List => list(context),
        ModelAction::Fetch { name, url } => fetch(name, url, context),
        ModelAction::Add { file, name, source, licence } => {
            let about =
                AboutModel { name: name.clone(), source: source.clone(), licence: licence.clone() };
            add(file, &about, context)
        }
        ModelAction::Verify => verify(context),
    }
}

fn list(context: &Context) -> Result<()> {
    let dirs = &context.environment.model_dirs;
    for spec in MODELS {
        let place = match (models::find(spec.name, dirs), spec.origin) {
            (Ok(model), _) => model.path.display().to_string(),
            (Err(_), Supply::Bundled) => format!("fehlt; {} liegt dem Programm bei", spec.file),
            (Err(_), Supply::Published) => "nicht geladen".to_owned(),
        };
        say!(
            "{:22} {:>10}  {}  {place}",
            spec.name,
            HumanBytes(spec.bytes).to_string(),
            spec.sha256
        );
    }
    for model in models::own(dirs) {
        say!("{}", own_line(&model));
    }
    Ok(())
}

/// A model of one's own as the list shows it. One without a card was put into the folder by hand.
fn own_line(model: &Model) -> String {
    let path = model.path.display();
    let bytes = model.path.metadata().map_or(0, |meta| meta.len());
    let Some(card) = &model.card else {
        let hint = "nicht angemeldet (mitschnitt model add)";
        return format!("{:22} {:>10}  {hint}  {path}", model.name, HumanBytes(bytes).to_string());
    };
    let size = HumanBytes(card.bytes).to_string();
    let mut line = format!("{:22} {size:>10}  {}  {path}  eigenes", card.name, card.sha256);
    let said = [("Quelle", &card.source), ("Lizenz", &card.licence)];
    for (what, text) in said {
        if let Some(text) = text {
            line += &format!(", {what}: {text}");
        }
    }
    line
}

fn add(file: &std::path::Path, about: &AboutModel, context: &Context) -> Result<()> {
    let card = models::add(file, about, &context.environment.fetched_models)?;
    let model = models::find(&card.name, &context.environment.model_dirs)?;
    say!("{}", own_line(&model));
    let known = model.clone().known_by(&card.sha256);
    let shape = model.shape()?;
    if context.global.quiet {
        return Ok(());
    }
    match (known.spec, shape.alignment_heads()) {
        (Some(spec), _) => note!("  Hinweis: Diese Datei ist das Modell „{}“", spec.name),
        (None, AlignmentHeads::LastLayers(_)) => note!(
            "  Hinweis: Welche Teile dieses Modells dem Ton folgen, ist nicht bekannt; Wortzeiten kommen aus \
             allen der letzten Schichten und sind etwas ungenauer"
        ),
        (None, AlignmentHeads::Preset(_)) => {}
    }
    if !shape.is_multilingual() {
        note!("  Hinweis: Es versteht nur Englisch");
    }
    Ok(())
}

fn fetch(name: &str, url: &str, context: &Context) -> Result<()> {
    let spec = models::spec(name)?;
    if spec.origin == Supply::Bundled
        && let Ok(model) = models::find(name, &context.environment.model_dirs)
    {
        models::verify(&model)?;
        say!("{}", model.path.display());
        return Ok(());
    }
    let bar =
        if context.global.quiet { ProgressBar::hidden() } else { ProgressBar::new(spec.bytes) };
    let style = "{prefix} {wide_bar} {bytes} von {total_bytes}, {bytes_per_sec}, noch {eta}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_prefix(spec.name);
    // Where there is no terminal the bar is not drawn: a line for every tenth is.
    let lines = !context.global.quiet && !std::io::stderr().is_terminal();
    let mut told = 0;
    let path = models::fetch(spec, &context.environment.fetched_models, url, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
        let tenth = done * 10 / total.max(1);
        if lines && tenth > told {
            told = tenth;
            note!("{}: {} %", spec.name, tenth * 10);
        }
    });
    bar.finish_and_clear();
    say!("{}", path?.display());
    Ok(())
}

fn verify(context: &Context) -> Result<()> {
    let dirs = &context.environment.model_dirs;
    let present = models::present(dirs);
    if present.is_empty() {
        // Says where the one that should be there was looked for, and how to come by it.
        models::find(models::BUNDLED, dirs)?;
    }
    let progress = context.progress();
    let mut failures = super::Failures::default();
    for model in present {
        failures.note(verify_reported(&model, &progress).map(|digest| {
            say!("{}: unversehrt ({}, {digest})", model.name, model.path.display());
        }));
    }
    failures.into_result()
}
