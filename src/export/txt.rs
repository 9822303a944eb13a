//! Readable text: items as headings, speakers with their times, paragraphs. Refuses to pose as
//! minutes: it says that it was made by a machine.

use std::fmt::Write as _;

use super::{ExportSource, cues, one_line};
use crate::domain::{AgendaItem, GapReason, MediaTime, Role};

/// A paragraph goes on until somebody else speaks or this long a silence.
const PARAGRAPH_PAUSE_MS: u64 = 3_000;

/// The whole recording as text.
pub fn write(source: &ExportSource<'_>) -> String {
    let mut out = head(source);
    let mut items: Option<Vec<&AgendaItem>> = None;
    let mut voice: Option<Option<String>> = None;
    let mut silent_since = MediaTime::ZERO;
    let mut hidden = hidden(source).into_iter().peekable();
    for word in &source.transcript.words {
        let text = one_line(&word.text);
        if text.is_empty() {
            continue;
        }
        while let Some(note) = hidden.next_if(|(start, _)| *start <= word.start_ms) {
            let _ = write!(out, "\n\n{}", note.1);
            voice = None;
        }
        let t = cues::middle(word);
        let now = source.items_at(t);
        if items.as_ref() != Some(&now) {
            out.push_str(&heading(source, items.is_some(), &now));
            out.push_str(&results(source, &now, t));
            (items, voice) = (Some(now), None);
        }
        let speaker = speaker(source, t);
        let paused = word.start_ms.since(silent_since) >= PARAGRAPH_PAUSE_MS;
        if voice.as_ref() != Some(&speaker) || paused {
            let known = voice.as_ref() == Some(&speaker);
            let name = speaker.as_deref().filter(|_| !known);
            let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
            let _ = write!(out, "\n\n[{}] {name}{text}", word.start_ms.clock());
            voice = Some(speaker);
        } else {
            let _ = write!(out, " {text}");
        }
        silent_since = word.end_ms;
    }
    hidden.for_each(|(_, note)| out.push_str(&format!("\n\n{note}")));
    out.push('\n');
    out
}

/// What was said where and when, how the text came about, and where it comes from.
fn head(source: &ExportSource<'_>) -> String {
    let mut out = String::new();
    if let Some(council) = source.council {
        let meeting = &council.meeting;
        let date = meeting.date.map(|d| d.strftime(", %d.%m.%Y").to_string()).unwrap_or_default();
        let _ = writeln!(out, "{}", one_line(&meeting.name));
        let _ = writeln!(out, "{}{date}", one_line(&council.body.name));
        if meeting.synthetic {
            let _ = writeln!(out, "Erfundene Sitzung zu Vorführzwecken.");
        }
    }
    out += &super::reservation(source);
    if let Some(address) = source.address {
        let _ = write!(out, "\n{}", one_line(address));
    }
    out
}

fn heading(source: &ExportSource<'_>, inside: bool, items: &[&AgendaItem]) -> String {
    let lines: Vec<String> = items
        .iter()
        .map(|item| {
            let paper = source.council.and_then(|council| council.reference(item));
            let paper = paper.map(|p| format!(" ({})", one_line(p))).unwrap_or_default();
            format!("== {}{paper} ==", source.heading(item))
        })
        .collect();
    match (lines.is_empty(), inside) {
        (false, _) => format!("\n\n{}", lines.join("\n")),
        (true, true) => "\n\n== Außerhalb der Tagesordnung ==".to_owned(),
        (true, false) => String::new(),
    }
}

/// "Ergebnis, wie verkündet [0:12:03]: einstimmig angenommen", for what is decided before the items
/// treated at `t` are left; once for items called together.
fn results(source: &ExportSource<'_>, items: &[&AgendaItem], t: MediaTime) -> String {
    let mut lines = Vec::new();
    for vote in items.iter().flat_map(|item| source.votes_around(item, t)) {
        let at = vote.start_ms.minus_millis(source.offset.millis()).clock();
        let line = format!("\nErgebnis, wie verkündet [{at}]: {vote}");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// "Frau Muster (Vorsitz)"; nothing where nobody is known to speak.
fn speaker(source: &ExportSource<'_>, t: MediaTime) -> Option<String> {
    let turn = source.turn_at(t)?;
    let role = match turn.role {
        Role::Chair => Some("Vorsitz"),
        Role::Administration => Some("Verwaltung"),
        Role::Guest => Some("Gast"),
        Role::Resident => Some("Einwohnerfrage"),
        Role::Member | Role::Unknown => None,
    };
    match (source.name_of(turn), role) {
        (Some(name), Some(role)) => Some(format!("{name} ({role})")),
        (Some(name), None) => Some(name),
        (None, role) => Some(role.unwrap_or("Unbekannt").to_owned()),
    }
}

/// Where the recording is not public, as a note in its place.
fn hidden(source: &ExportSource<'_>) -> Vec<(MediaTime, String)> {
    let gaps = source.transcript.gaps.iter().filter(|gap| gap.reason == GapReason::NotPublic);
    gaps.map(|gap| {
        let (start, end) = (gap.start_ms.clock(), gap.end_ms.clock());
        (gap.start_ms, format!("[{start}–{end} nicht öffentlich]"))
    })
    .collect()
}
