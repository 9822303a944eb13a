//! A hit with its place in the order of all.

use tantivy::DocAddress;

use crate::ranking::bag::SortKey;

/// A matching passage, ranked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    /// The step of the query's plan that found it; none where hits were not ranked.
    pub tier: Option<usize>,
    /// Its place among those of one step.
    pub key: SortKey,
    pub address: DocAddress,
}

impl Ranked {
    /// One of hits that have another order than that of their keys.
    pub(crate) fn unranked(address: DocAddress) -> Self {
        Self { tier: None, key: SortKey::NONE, address }
    }
}
