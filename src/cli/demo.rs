//! `mitschnitt demo`: the bundled, invented meeting through the real pipeline, measured and shown.

use std::net::SocketAddr;
use std::path::Path;

use super::Context;
use super::purge::purge;
use crate::archive::{models, write_whole};
use crate::domain::{Council, Error, MediaTime, MeetingId, Result};
use crate::eval::{self, Truth};
use crate::ingest;
use crate::pipeline::{ModelChoice, OpenArchive, Redo};

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Adresse und Port der Website
    #[arg(long, value_name = "ADRESSE")]
    listen: Option<SocketAddr>,
    /// Nach der Ausgabe enden, ohne die Website zu starten
    #[arg(long)]
    no_serve: bool,
}

const MEETING_ID: &str = "kreistag-demo";

macro_rules! bundled {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../fixtures/meetings/kreistag-demo/", $name)))
    };
}

/// The recording of the demo meeting.
const RECORDING: (&str, &[u8]) = bundled!("sitzung.mp4");
/// Manifest and council data of the demo meeting.
const SOURCES: &[(&str, &[u8])] = &[
    bundled!("meeting.toml"),
    bundled!("meeting.json"),
    bundled!("persons.json"),
    bundled!("papers.json"),
];
/// What was really said in it.
const TRUTH: &str = include_str!("../../fixtures/meetings/kreistag-demo/truth.json");

/// Builds, measures, prints, serves.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let archive = build(context)?;
    if args.no_serve {
        return Ok(());
    }
    super::serve::serve(archive, args.listen, context)
}

fn build(context: &Context) -> Result<OpenArchive> {
    let folder = context.environment.data_dir.demo();
    // Before anything is registered that could then not be heard.
    models::find(models::BUNDLED, &context.environment.model_dirs)?;
    let progress = context.progress();
    let archive = OpenArchive::create(&context.environment, &progress)?;
    put_file(&folder.join(RECORDING.0), RECORDING.1)?;
    for (name, bytes) in SOURCES {
        put_file(&folder.join(name), bytes)?;
    }
    let found = ingest::read(&folder.join("meeting.toml"));
    // The sources name what is not public; once read, nothing of that stays in the archive.
    for (name, _) in SOURCES {
        let _ = std::fs::remove_file(folder.join(name));
    }
    let pipeline = archive.pipeline(&context.environment, &progress)?;
    purge(&pipeline)?;
    for meeting in found {
        super::ingest::register(&meeting?, &archive.store, &pipeline.decoder, &progress)?;
    }
    let id = MeetingId::new(MEETING_ID).map_err(|e| Error::failed("demo").because(e))?;
    let choice = ModelChoice::Exactly(models::BUNDLED.into());
    pipeline.run(&id, &choice, Redo::Missing)?;
    purge(&pipeline)?;
    print(&archive, &id)?;
    Ok(archive)
}

/// Writes a file as a whole, unless it is there already with this content.
fn put_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    write_whole(path, bytes).map_err(|e| {
        Error::archive(format!("{} lässt sich nicht schreiben", path.display()))
            .because(e)
            .remedy("Prüfen Sie Rechte und freien Platz des Datenordners")
    })
}

/// Says what was found, and how good that is against what was really said.
fn print(archive: &OpenArchive, id: &MeetingId) -> Result<()> {
    let council = archive.store.council(id)?;
    let Some((transcript, alignment)) = archive.store.text(id)? else {
        return Err(Error::failed("Die Vorführung ist nicht verschriftet"));
    };
    let truth: Truth = serde_json::from_str(TRUTH)
        .map_err(|e| Error::failed("Die Wahrheit der Vorführung ist unlesbar").because(e))?;
    say!("\n{}\n{}", council.meeting.name, council.body.name);
    say!(
        "Erfundene Sitzung mit synthetischen Stimmen; erkannt mit Whisper {}.\n",
        transcript.engine.model
    );
    agenda(&council, &alignment.items);
    let known = alignment.turns.iter().filter(|t| t.person.is_some()).count();
    say!(
        "\n{} Redebeiträge, {known} davon mit Namen; {} Wörter\n",
        alignment.turns.len(),
        transcript.words.len()
    );
    say!("{}", eval::wer_of_words(&truth.plain_words(), &transcript.words));
    say!("{}", eval::WordTimes::compare(&truth.words, &transcript.words));
    say!("{}", eval::agenda(&truth, &alignment, &transcript));
    say!("{}", eval::speakers(&truth, &alignment, &transcript));
    Ok(())
}

fn agenda(council: &Council, items: &[crate::domain::ItemAlignment]) {
    for (item, found) in council.meeting.agenda.iter().zip(items) {
        let number = item.number.as_deref().unwrap_or("");
        let title = if item.public { item.title.as_str() } else { "(nicht öffentlich)" };
        let clock = |t: MediaTime| t.clock();
        let spans: Vec<String> = found
            .spans
            .iter()
            .map(|s| format!("{}–{}", clock(s.start()), clock(s.end())))
            .collect();
        let spans = if spans.is_empty() { "nicht aufgerufen".into() } else { spans.join(", ") };
        say!("{number:>6}  {title}\n        {spans}");
    }
}
