//! `mitschnitt transcribe`: one recording to text, without an archive.

use std::path::PathBuf;

use super::Context;
use super::effort::EffortArgs;
use super::explain::explain;
use crate::domain::{
    Channels, Error, Language, MediaTime, PublicSpans, Result, SoundChoice, Track,
};
use crate::export::{ExportSource, Format, export};
use crate::pipeline::PreparedModel;
use crate::transcribe::{FolderJournal, Hints, Journal};
use crate::{ingest, media, pipeline};

/// Arguments of `transcribe`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Die Aufnahme
    #[arg(value_name = "DATEI")]
    file: PathBuf,
    /// Sprachmodell (Name oder Datei)
    #[arg(long, value_name = "MODELL")]
    model: Option<String>,
    /// Sprache, die gesprochen wird, als Kürzel: de, en, fr …; was anders gesprochen wird, als hier steht,
    /// schreibt Whisper übersetzt auf (mit `en` auf Englisch)
    #[arg(long, default_value = "de", value_name = "KÜRZEL")]
    language: Language,
    /// json, vtt, srt oder txt
    #[arg(long, default_value = "json", value_name = "FORMAT")]
    format: Format,
    /// Zieldatei; ohne Angabe Standardausgabe
    #[arg(long, value_name = "DATEI")]
    output: Option<PathBuf>,
    /// In diesem Ordner festhalten, was erkannt ist; ein abgebrochener Lauf macht dort weiter
    #[arg(long, value_name = "ORDNER")]
    resume: Option<PathBuf>,
    /// Namen und Begriffe, die vorkommen: eine Zeile je Begriff, oder eine Sitzung als JSON
    #[arg(long, value_name = "DATEI")]
    vocabulary: Option<PathBuf>,
    /// Nur zeigen, wo die Aufnahme in Fenster geschnitten würde und warum
    #[arg(long)]
    explain: bool,
    /// Tonspur: ihre Nummer, oder die erste in dieser Sprache; ohne Angabe die erste
    #[arg(long, value_name = "NUMMER|SPRACHE")]
    track: Option<Track>,
    /// mix: alle Kanäle zusammen; split: ein Mikrofon je Kanal, gehört wird das jeweils besprochene
    #[arg(long, default_value = "mix", value_name = "WIE")]
    channels: Channels,
    #[command(flatten)]
    effort: EffortArgs,
}

/// Decodes, recognises, writes.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    if args.format == Format::Chapters {
        return Err(Error::bad_input("Kapitel gibt es nur zu einer Tagesordnung")
            .remedy("`mitschnitt export SITZUNG --format chapters` gibt sie aus"));
    }
    let file = ingest::named(&args.file)?;
    let progress = context.progress();
    let model = args.model.as_deref().unwrap_or(&context.config.model);
    let prepared = PreparedModel::new(model, &context.environment, &progress)?;
    let choice =
        SoundChoice { track: args.track.clone().unwrap_or_default(), channels: args.channels };
    if args.explain {
        let mut sound = media::open(&file, &PublicSpans::WHOLE, &choice, prepared.decoder())?;
        let mut blocks = std::iter::from_fn(|| sound.next_block().transpose());
        let text = explain(&mut blocks, &context.config.windows, prepared.window_ms()?)?;
        return super::write_out(&text, args.output.as_deref());
    }
    let journal = args.resume.as_ref().map(|folder| FolderJournal::open(folder)).transpose()?;
    let hints = match &args.vocabulary {
        Some(file) => prepared.hints(pipeline::read_vocabulary(file)?)?,
        None => Hints::default(),
    };
    let recognition = prepared.recognition(
        args.language,
        args.effort.wanted(),
        (journal.as_ref().map(|j| j as &dyn Journal), &hints),
        &progress,
    )?;
    if args.language != Language::GERMAN && !context.global.quiet {
        let (name, code) = (args.language.name(), args.language.code());
        note!(
            "  Hinweis: --language {code}: der Text wird auf {name} geschrieben. Was anders gesprochen wird, \
             steht dann übersetzt darin, nicht im Wortlaut"
        );
    }
    let (sha256, _) = pipeline::hash(&file, &progress)?;
    let source = pipeline::Source {
        path: &file,
        sha256: &sha256,
        public: &PublicSpans::WHOLE,
        sound: &choice,
        seats: &[],
    };
    let transcript = recognition.transcribe(&source)?;
    let source = ExportSource {
        council: None,
        transcript: &transcript,
        alignment: None,
        offset: MediaTime::ZERO,
        address: None,
        review: crate::domain::TextReview::Automatic,
    };
    super::write_out(&export(&source, args.format)?, args.output.as_deref())
}
