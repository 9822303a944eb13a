//! What withdrawals have begun, ended. What is in the way is a failure, so that it is tried again.

use super::Workplace;
use crate::domain::Result;

pub(super) fn run(place: &Workplace<'_>) -> Result<String> {
    let unpurged = place.pipeline()?.purge()?;
    unpurged.into_iter().next().map_or(Ok(String::new()), |first| Err(first.why))
}
