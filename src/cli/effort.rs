//! The flags of the commands that recognise speech: how hard to work.

use crate::pipeline::Wanted;

/// How hard to work.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct EffortArgs {
    /// So viele Fenster zugleich erkennen; ohne Angabe wird es an langen Aufnahmen einmal ausprobiert
    #[arg(long, value_name = "ANZAHL", value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: Option<u32>,
    /// So viele Rechenfäden für jedes Fenster
    #[arg(long, value_name = "ANZAHL", value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: Option<u32>,
}

impl EffortArgs {
    /// What of it was said.
    pub fn wanted(self) -> Wanted {
        Wanted { jobs: self.jobs, threads: self.threads }
    }
}
