//! The index in its directory: written by one process at a time, read by many. Everything in it is
//! derived; whoever lost it puts the meetings in again.

mod changes;
mod commit;
mod damage;
mod dictionary;
mod directory;
mod files;
mod health;
mod merging;
mod open;
mod place;
mod reading;
mod state;

pub use health::Checked;
pub use open::{Opened, Reason};
pub use state::Index;
