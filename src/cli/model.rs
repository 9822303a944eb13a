//! `mitschnitt model`: which speech models there are, fetching one, checking those that are here.

use std::io::IsTerminal;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::Context;
use crate::archive::models::{self, MODELS, Supply};
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
    /// Zeigt alle bekannten Modelle
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
    /// Prüft die vorhandenen Modelle auf Unversehrtheit
    Verify,
}

/// Lists, fetches or verifies.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    match &args.action {
        ModelAction::List => list(context),
        ModelAction::Fetch { name, url } => fetch(name, url, context),
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
    let present: Vec<_> = MODELS.iter().filter_map(|s| models::find(s.name, dirs).ok()).collect();
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
