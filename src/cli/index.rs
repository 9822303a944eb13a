//! `mitschnitt index`: the search index from the store, anew or checked.

use super::Context;
use super::archive::WriterLock;
use crate::domain::{Error, Result};
use crate::pipeline::{Progress, Stage};

/// Arguments of `index`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Baut den Suchindex neu auf
    Rebuild,
    /// Vergleicht den Suchindex mit dem Archiv
    Check,
}

/// Rebuilds or checks.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let _lock = WriterLock::take(context)?;
    let archive = context.existing_archive()?;
    let progress = context.progress();
    let pipeline = archive.pipeline(context, &progress)?;
    match args.action {
        Action::Rebuild => {
            progress.begin(Stage::Index, "Suchindex", None);
            let indexed = pipeline.rebuild_index();
            progress.end();
            println!("{} Sitzungen indexiert", indexed?);
            Ok(())
        }
        Action::Check => {
            archive.searcher.check()?;
            match pipeline.index_all()? {
                0 => {
                    println!("Index und Archiv stimmen überein");
                    Ok(())
                }
                n => Err(Error::archive(format!("{n} Sitzungen waren im Index veraltet"))
                    .remedy("Sie sind jetzt nachgetragen")),
            }
        }
    }
}
