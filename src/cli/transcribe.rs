//! `mitschnitt transcribe`: one recording to text, without an archive.

use std::path::PathBuf;

use super::Context;
use crate::domain::{Digest, Error, MediaTime, PublicSpans, Result};
use crate::export::{Format, Source, export};
use crate::models;
use crate::pipeline;
use crate::transcribe::EngineCommand;

/// Arguments of `transcribe`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Die Aufnahme
    #[arg(value_name = "DATEI")]
    file: PathBuf,
    /// Sprachmodell (Name oder Datei)
    #[arg(long, value_name = "MODELL")]
    model: Option<String>,
    /// Sprache der Aufnahme
    #[arg(long, default_value = "de", value_name = "KÜRZEL")]
    language: String,
    /// json, vtt, srt oder txt
    #[arg(long, default_value = "json", value_name = "FORMAT")]
    format: Format,
    /// Zieldatei; ohne Angabe Standardausgabe
    #[arg(long, value_name = "DATEI")]
    output: Option<PathBuf>,
}

/// Decodes, recognises, writes.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    if args.format == Format::Chapters {
        return Err(Error::bad_input("Kapitel gibt es nur zu einer Tagesordnung")
            .remedy("`mitschnitt export SITZUNG --format chapters` gibt sie aus"));
    }
    let name = args.model.as_deref().unwrap_or(&context.config.model);
    super::demo::provide_model(name, context)?;
    let model = models::find(name, &context.model_dirs())?;
    let mut settings = pipeline::settings(&model);
    settings.language.clone_from(&args.language);
    let progress = context.progress();
    let digest = pipeline::verify(&model, &progress)?;
    let engine = EngineCommand::this_program()?;
    let mut transcript = pipeline::transcribe_file(
        &args.file,
        &PublicSpans::WHOLE,
        &model,
        &digest,
        settings,
        &engine,
        &progress,
    )?;
    let file = std::fs::File::open(&args.file).and_then(Digest::of_reader);
    transcript.media.sha256 = file.ok().map(|(digest, _)| digest);
    let source =
        Source { council: None, transcript: &transcript, alignment: None, offset: MediaTime::ZERO };
    super::write_out(&export(&source, args.format)?, args.output.as_deref())
}
