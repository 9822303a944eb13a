//! `mitschnitt index`: the search index from the store, anew or checked.

use std::collections::HashSet;

use super::Context;
use super::purge::purge;
use crate::domain::{Error, Result};
use crate::pipeline::{OpenArchive, Progress, Stage};
use crate::search::KnownAbbreviation;

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
    /// Zeigt die Abkürzungen, die das Archiv erklärt oder die Einstellungen festlegen
    Abbreviations,
}

/// Rebuilds or checks.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let progress = context.progress();
    let archive = OpenArchive::open(&context.environment, &progress)?;
    let pipeline = archive.pipeline(&context.environment, &progress)?;
    match args.action {
        Action::Rebuild => {
            progress.begin(Stage::Index, "", None);
            let indexed = pipeline.rebuild_index();
            progress.end();
            say!("{} Sitzungen indexiert", indexed?);
            Ok(())
        }
        Action::Abbreviations => {
            let known = archive.searcher.abbreviations()?;
            let bodies: HashSet<&String> = known.iter().filter_map(|a| a.body.as_ref()).collect();
            for KnownAbbreviation { short, long, body } in &known {
                match body.as_ref().filter(|_| bodies.len() > 1) {
                    Some(body) => say!("{short} = {long} ({body})"),
                    None => say!("{short} = {long}"),
                }
            }
            Ok(())
        }
        Action::Check => {
            archive.searcher.check()?;
            let touched = pipeline.index_all()?;
            let purged = archive.store.pending_purges()?.len();
            purge(&pipeline)?;
            match touched.max(usize::from(purged > 0)) {
                0 => {
                    say!("Index und Archiv stimmen überein");
                    Ok(())
                }
                n => Err(Error::archive(format!("{n} Sitzungen waren im Index veraltet"))
                    .remedy("Sie sind jetzt nachgetragen")),
            }
        }
    }
}
