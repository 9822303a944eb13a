//! The clerk's desk: who is signed in, and the pages for those. Owns everything below [`BASE`]; the public
//! site knows nothing of it. Nothing here is reached but through a row of [`routes::ROUTES`].

mod address;
mod cookies;
mod description;
mod editing;
mod errors;
mod file;
mod follower;
mod frame;
mod guard;
mod intake;
mod pages;
mod passwords;
mod preview;
mod routes;
mod second_step;
mod state;
mod texts;
mod throttle;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use follower::TextFollower;
pub use intake::{RecognisedBy, RecordingIntake};
pub use routes::{alone, beside};
pub use state::{Desk, DeskSettings};
pub use texts::{job_event, job_kind};

/// Where the desk lies; a page's address is this and the path of its row.
pub const BASE: &str = "/arbeitsplatz";
