//! Keeps what readers have reported no longer than is said: closed reports go after some days, words that may not be
//! seen any more at once. Whoever withdraws something takes them out too (`pipeline/purge.rs`); here it is made up
//! for where an inbox came back from an older backup, or words had changed before they were withdrawn.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Chore;
use crate::domain::Result;
use crate::inbox::Inbox;
use crate::pipeline::forget_withdrawn_words;
use crate::store::Store;

/// Between two looks for what is old.
const EVERY: Duration = Duration::from_secs(60);
/// Between two looks for words that may not be seen any more.
const WORDS_EVERY: Duration = Duration::from_secs(60 * 60);

/// The keeping of an inbox.
pub struct ReportKeeping {
    store: Store,
    inbox: Inbox,
    /// How long closed reports are kept.
    kept: Duration,
    next: Instant,
    next_words: Instant,
}

impl ReportKeeping {
    /// Of the inbox beside this archive.
    pub fn new(store: Store, inbox: Inbox, kept: Duration) -> Self {
        let now = Instant::now();
        Self { store, inbox, kept, next: now, next_words: now }
    }
}

impl Chore for ReportKeeping {
    fn name(&self) -> &'static str {
        "keeping of reports"
    }

    fn run(&mut self) -> Result<()> {
        let now = Instant::now();
        if now >= self.next_words {
            forget_withdrawn_words(&self.store, &self.inbox, None)?;
            self.next_words = now + WORDS_EVERY;
        }
        if now >= self.next {
            let before = Timestamp::now().checked_sub(self.kept).unwrap_or(Timestamp::MIN);
            self.inbox.forget_closed(before)?;
            self.next = now + EVERY;
        }
        Ok(())
    }
}
