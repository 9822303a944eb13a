//! SubRip captions. Owns what this format cannot escape; names no speakers, it has no place for them:
//! a dash says that somebody else speaks now.

use std::fmt::Write as _;

use super::{ExportSource, cues};

/// Captions, numbered from 1.
pub fn write(source: &ExportSource<'_>) -> String {
    let mut out = String::new();
    for (i, cue) in cues::cues(source).iter().enumerate() {
        let (start, end) = (comma(cue.start), comma(cue.end));
        let dash = if cue.is_new_voice { cues::DASH } else { "" };
        let lines = harmless(&cue.lines.join("\n"));
        // Writing to a String cannot fail.
        let _ = write!(out, "{}\n{start} --> {end}\n{dash}{lines}\n\n", i + 1);
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
