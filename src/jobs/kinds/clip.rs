//! A stretch of a public copy as a file beside it.

use super::Workplace;
use crate::domain::{Digest, MeetingId, Result, Span};

pub(super) fn run(
    meeting: &MeetingId,
    file: &Digest,
    span: Span,
    place: &Workplace<'_>,
) -> Result<String> {
    place.pipeline()?.clip(meeting, file, span)?;
    Ok("clipped=1".to_owned())
}
