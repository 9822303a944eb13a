//! The keys of quotations' seals and of forms' stamps, derived from the archive's own. Owns that no other secret
//! leaves.

use super::{Store, restrictions};
use crate::domain::{FormKey, QuoteSealKey, Result};

impl Store {
    /// What quotations that are given out are sealed with.
    pub fn quote_seal_key(&self) -> Result<QuoteSealKey> {
        self.read(|c| Ok(QuoteSealKey::of(&restrictions::title_key(c)?)))
    }

    /// What forms are stamped with that anybody may fill in.
    pub fn form_key(&self) -> Result<FormKey> {
        self.read(|c| Ok(FormKey::of(&restrictions::title_key(c)?)))
    }
}
