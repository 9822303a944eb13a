//! What the public writes to whoever runs the site: reports of faults, requests. Owns the place for it,
//! a database beside the archive, so that nothing from outside is ever written into the archive itself.
//! Nothing is written yet; a backup takes the file where there is one.

/// Name of the inbox's database in the data directory.
pub const INBOX_FILE: &str = "inbox.sqlite";
