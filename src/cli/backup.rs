//! `mitschnitt backup` and `mitschnitt restore`: the whole archive to another folder while everything goes
//! on, and back into an empty one.

use std::path::PathBuf;

use super::Context;
use super::purge::purge;
use crate::domain::Result;
use crate::pipeline::{LedgerPlace, OpenArchive, Restored, back_up, verify_backup};
use crate::store::Store;

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// Ordner der Sicherung; eine frühere darin wird auf den Stand gebracht
    #[arg(value_name = "ORDNER")]
    folder: PathBuf,
    /// Danach jede Datei der Sicherung lesen und prüfen
    #[arg(long)]
    verify: bool,
}

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Ordner der Sicherung
    #[arg(value_name = "ORDNER")]
    folder: PathBuf,
}

/// Copies the archive, its public copies and its ledger.
pub fn backup(args: &BackupArgs, context: &Context) -> Result<()> {
    let folder = &args.folder;
    let made = back_up(&Store::open(context.location())?, folder)?;
    let megabytes = made.bytes as f64 / 1e6;
    say!("{}: {} Dateien, {megabytes:.1} MB gesichert", folder.display(), made.files);
    note!(
        "  Nicht dabei: die Aufnahmen selbst, auch hochgeladene, Sprachmodelle und mitschnitt.toml; der \
         Suchindex entsteht neu"
    );
    if made.missing > 0 {
        let missing = made.missing;
        note!("  {missing} öffentliche Fassungen fehlen schon im Archiv (mitschnitt doctor)");
    }
    if args.verify {
        verify_backup(folder)?;
        say!("{}: geprüft, alle Dateien sind unversehrt", folder.display());
    }
    Ok(())
}

/// Puts a backup into an empty data directory.
pub fn restore(args: &RestoreArgs, context: &Context) -> Result<()> {
    let ledger = match context.config.restrictions_file {
        Some(_) => LedgerPlace::Elsewhere,
        None => LedgerPlace::Beside,
    };
    let Restored { made_at, knows_more } =
        crate::pipeline::restore(&args.folder, &context.location(), ledger)?;
    let progress = context.progress();
    let opened = OpenArchive::open(&context.environment, &progress)?;
    let pipeline = opened.pipeline(&context.environment, &progress)?;
    purge(&pipeline)?;
    let made = made_at.strftime("%Y-%m-%d %H:%M UTC");
    say!("{}: zurückgespielt, Stand {made}", context.environment.data_dir.path().display());
    if knows_more {
        note!("  Was seither zurückgezogen wurde, bleibt zurückgezogen (Sperrverzeichnis)");
    } else {
        note!(
            "  Was nach diesem Stand zurückgezogen wurde, kennt die Sicherung nicht: sperren Sie es noch einmal, \
             oder legen Sie restrictions.jsonl des alten Datenordners hierher"
        );
    }
    Ok(())
}
