//! Keeps room for withdrawals again, after a full disk has used it up.

use std::time::{Duration, Instant};

use super::Chore;
use crate::domain::Result;
use crate::store::Store;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(10);

/// The reserve of an archive.
pub struct Reserve {
    store: Store,
    looked: Option<Instant>,
}

impl Reserve {
    /// Of this archive.
    pub fn new(store: Store) -> Self {
        Self { store, looked: None }
    }
}

impl Chore for Reserve {
    fn name(&self) -> &'static str {
        "room for withdrawals"
    }

    fn run(&mut self) -> Result<()> {
        if self.looked.is_none_or(|looked| looked.elapsed() >= EVERY) {
            self.looked = Some(Instant::now());
            self.store.keep_reserve();
        }
        Ok(())
    }
}
