//! What public pages and the desk have in common: state, errors, headers, frame, texts, the log of
//! requests. Knows no page.

pub(super) mod assets;
pub(super) mod body;
pub(super) mod error;
pub(super) mod frame;
pub(super) mod headers;
pub(super) mod log;
pub(super) mod own_site;
pub(super) mod quota;
pub(super) mod ranges;
mod starts;
mod state;
pub(super) mod texts;
pub(super) mod visitor;

pub(super) use starts::word_starts;
pub(super) use state::{App, REQUEST_LIMIT, blocking};
pub use state::{Clips, Reporting, Site, State, Unindexed};
