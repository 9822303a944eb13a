//! The transcript itself (`mitschnitt.transcript/1`). Owns nothing but the spelling.

use super::ExportSource;
use crate::domain::{Error, Result};

/// The transcript as one line of JSON.
pub fn write(source: &ExportSource<'_>) -> Result<String> {
    let json = serde_json::to_string(source.transcript);
    json.map(|json| json + "\n")
        .map_err(|e| Error::failed("Die Abschrift lässt sich nicht als JSON schreiben").because(e))
}
