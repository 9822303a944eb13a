//! The key of quotations' seals, derived from the archive's own. Owns that no other secret leaves.

use super::{Store, restrictions};
use crate::domain::{QuoteSealKey, Result};

impl Store {
    /// What quotations that are given out are sealed with.
    pub fn quote_seal_key(&self) -> Result<QuoteSealKey> {
        self.read(|c| Ok(QuoteSealKey::of(&restrictions::title_key(c)?)))
    }
}
