//! `mitschnitt worker`: works the queue off, beside the site or as its child.

use std::process::Command;

use super::Context;
use super::progress::Display;
use crate::child::ChildProgram;
use crate::domain::{Error, Result};
use crate::jobs::{Runner, Until, at_end_of_input, at_termination};
use crate::store::Store;

/// Arguments of `worker`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Args {
    /// Nur tun, was ansteht, und dann enden
    #[arg(long)]
    once: bool,
    /// Enden, sobald die Standardeingabe endet
    #[arg(long, hide = true)]
    until_input_ends: bool,
}

const COMMAND: &str = "worker";

/// One job after the other.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let store = Store::open(context.location())?;
    let (model, lease) = (&context.config.model, context.config.desk.lease());
    let runner = Runner::new(store, &context.environment, model, lease)?;
    let release = runner.release();
    // Whatever a job is at, it may be killed there; the next process goes on.
    let end = move || {
        release();
        std::process::exit(0);
    };
    at_termination(end.clone())?;
    if args.until_input_ends {
        at_end_of_input(end)?;
    }
    let until = if args.once { Until::Idle } else { Until::Told };
    // A child of the site has nobody in front of it.
    let progress = match args.until_input_ends {
        true => Display::silent(),
        false => context.progress(),
    };
    let tally = runner.work(until, &progress)?;
    match (tally.done, tally.failed) {
        (0, 0) => note!("Nichts zu tun"),
        (1, _) => note!("1 Auftrag erledigt"),
        (n, _) => note!("{n} Aufträge erledigt"),
    }
    match tally.failed {
        0 => Ok(()),
        n => Err(Error::failed(format!("{n} Aufträge sind gescheitert"))
            .remedy("`mitschnitt jobs` zeigt, woran")),
    }
}

/// How the site starts a worker of its own, with the settings that it has itself.
pub fn of_site(context: &Context) -> Result<impl Fn() -> Command + Send + 'static> {
    let ChildProgram { program, mut arguments } = ChildProgram::itself(COMMAND)?;
    arguments.push("--until-input-ends".to_owned());
    let global = context.global.clone();
    Ok(move || {
        let mut command = Command::new(&program);
        command.args(&arguments).arg("--data-dir").arg(&global.data_dir);
        if let Some(config) = &global.config {
            command.arg("--config").arg(config);
        }
        if let Some(models) = &global.model_dir {
            command.arg("--model-dir").arg(models);
        }
        command.args((0..global.verbose).map(|_| "-v"));
        command
    })
}
