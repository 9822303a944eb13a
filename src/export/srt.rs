//! SubRip captions. Owns what this format cannot escape; refuses speakers, it has no place for them.

use std::fmt::Write as _;

use super::{ExportSource, cues};

/// Captions, numbered from 1.
pub fn write(source: &ExportSource<'_>) -> String {
    let mut out = String::new();
    for (i, cue) in cues::cues(source).iter().enumerate() {
        let (start, end) = (comma(cue.start), comma(cue.end));
        let lines = harmless(&cue.lines.join("\n"));
        // Writing to a String cannot fail.
        let _ = write!(out, "{}\n{start} --> {end}\n{lines}\n\n", i + 1);
    }
    out
}

/// SRT writes milliseconds behind a comma.
fn comma(t: crate::domain::MediaTime) -> String {
    t.to_string().replace('.', ",")
}

/// SRT knows no escapes, and players read `<…>` as markup and `-->` as a time: look-alikes.
fn harmless(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}
