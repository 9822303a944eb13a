//! Work beside answering: the queue of jobs, the processes that work it off, and what the running server does
//! by itself. Owns when something is done and by whom; how it is done is the pipeline's.
//!
//! Somebody asks for a job ([`JobQueue`]); a [`Runner`] in a process of its own leases it, does it by its kind
//! (`kinds`) while a thread prolongs the lease (`holding`), and says how it ended. A command does a job of
//! its own at once ([`run_here`]), under the same rules. Processes that die are known by their lock
//! (`presence`), those that hang by their lease.

mod following;
mod foreground;
mod holding;
mod kinds;
mod maintenance;
mod presence;
mod progress;
mod queue;
mod runner;
mod termination;
mod workers;

pub use following::Following;
pub use foreground::{Came, Foreground, run_here};
pub use kinds::Workplace;
pub use maintenance::{
    Chore, IndexRepair, LostJobs, Maintenance, Purging, ReportKeeping, Reserve, Watching,
};
pub use presence::Presence;
pub use queue::JobQueue;
pub use runner::{Runner, Until, WorkedOff};
pub use termination::{at_end_of_input, at_termination};
pub use workers::{Hanging, Workers};
