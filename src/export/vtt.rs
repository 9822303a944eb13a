//! WebVTT captions (W3C WebVTT). Owns escaping for this format; refuses markup from words.

use std::fmt::Write as _;

use super::{ExportSource, cues};

/// What every automatic file says of itself.
pub fn note(source: &ExportSource<'_>) -> String {
    let synthetic = source.council.is_some_and(|c| c.meeting.synthetic);
    let invented = if synthetic { "Erfundene Sitzung zu Vorführzwecken.\n" } else { "" };
    format!("NOTE\n{}\n{invented}", super::reservation(source))
}

/// Captions with a voice tag where the speaker is known.
pub fn write(source: &ExportSource<'_>) -> String {
    let mut out = format!("WEBVTT\n\n{}", note(source));
    for cue in cues::cues(source) {
        let voice = cue.speaker.map(|name| format!("<v {}>", escape(&name))).unwrap_or_default();
        let text = escape(&cue.lines.join("\n"));
        // Writing to a String cannot fail.
        let _ = write!(out, "\n{} --> {}\n{voice}{text}\n", cue.start, cue.end);
    }
    out
}

/// Text that means itself in a cue: no tags, no entities, no `-->`.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
