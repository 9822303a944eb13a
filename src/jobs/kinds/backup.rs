//! A copy of the whole archive.

use std::path::Path;

use super::Workplace;
use crate::domain::Result;
use crate::pipeline::back_up;

pub(super) fn run(folder: &Path, place: &Workplace<'_>) -> Result<String> {
    let made = back_up(&place.archive.store, folder)?;
    Ok(format!("files={} bytes={} missing={}", made.files, made.bytes, made.missing))
}
