//! WebVTT chapters from the public agenda items. Refuses hidden items, and to guess where no
//! alignment says when an item was treated.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{ExportSource, vtt};
use crate::domain::{Error, MediaTime, Result};

/// One chapter per stretch of the recording; items called together share theirs.
pub fn write(source: &ExportSource<'_>) -> Result<String> {
    if source.council.is_none() {
        return Err(Error::bad_input("Kapitel brauchen die Tagesordnung der Sitzung")
            .remedy("Exportieren Sie eine Sitzung aus dem Archiv (`mitschnitt export SITZUNG`)"));
    }
    let Some(alignment) = source.alignment else {
        return Err(Error::bad_input("Die Tagesordnung ist der Aufnahme noch nicht zugeordnet")
            .remedy("Rufen Sie erst `mitschnitt run` auf"));
    };
    let end = source.transcript.media.duration_ms;
    let on_recording = |t: MediaTime| t.minus_millis(source.offset.millis()).min(end);
    let spans = alignment.items.iter().flat_map(|item| &item.spans);
    let times: BTreeSet<MediaTime> =
        spans.flat_map(|span| [on_recording(span.start()), on_recording(span.end())]).collect();
    let times: Vec<MediaTime> = times.into_iter().collect();

    let mut chapters: Vec<(MediaTime, MediaTime, String)> = Vec::new();
    for pair in times.windows(2) {
        let items = source.items_at(pair[0]);
        let title = items.iter().map(|i| source.heading(i)).collect::<Vec<_>>().join(" · ");
        match chapters.last_mut() {
            _ if title.is_empty() => {}
            Some(last) if last.1 == pair[0] && last.2 == title => last.1 = pair[1],
            _ => chapters.push((pair[0], pair[1], title)),
        }
    }
    let mut out = format!("WEBVTT\n\n{}", vtt::note(source));
    for (start, end, title) in chapters {
        // Writing to a String cannot fail.
        let _ = write!(out, "\n{start} --> {end}\n{}\n", vtt::escape(&title));
    }
    Ok(out)
}
