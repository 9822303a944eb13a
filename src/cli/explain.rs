//! `mitschnitt transcribe --explain`: where a recording would be cut, and why, without recognising
//! anything.

use std::fmt::Write;

use crate::domain::{Cutting, MediaTime, Result};
use crate::transcribe::{self, Cut, Ends, Sound};

/// A line for every window, every named pause and everything that only resembles speech, and a
/// summary.
///
/// # Errors
/// Those of the sound.
pub fn explain(sound: &mut Sound<'_>, cutting: &Cutting, window_ms: u32) -> Result<String> {
    let (mut windows, mut in_windows, mut unpaused) = (0u64, 0, 0);
    // Voiceless stretches are told before the windows around them.
    let mut lines: Vec<(MediaTime, String)> = Vec::new();
    let heard = transcribe::cuts(sound, cutting, window_ms, &mut |cut| {
        let (span, number, what) = match cut {
            Cut::Pause { span, heard: true } => (*span, None, "niemand spricht".into()),
            Cut::Pause { span, heard: false } => (*span, None, "Stille".into()),
            Cut::Voiceless(span) => (*span, None, "Musik oder Beifall, keine Stimme".into()),
            Cut::Window(window) => {
                let span = window.span();
                windows += 1;
                in_windows += span.millis();
                unpaused += u64::from(window.ends == Ends::Unpaused);
                let share = window.voiced_ms() * 100 / span.millis().max(1);
                let what = format!(
                    "{:>6}  {share:>3} % Sprache, {}",
                    seconds(span.millis()),
                    why(window.ends)
                );
                (span, Some(windows), what)
            }
        };
        let number = number.map(|n| n.to_string()).unwrap_or_default();
        lines.push((
            span.start(),
            format!("{number:>5}  {}–{}  {what}\n", span.start(), span.end()),
        ));
    })?;
    lines.sort_by_key(|(start, _)| *start);
    let mut text = heading(cutting, window_ms);
    text.extend(lines.into_iter().map(|(_, line)| line));
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "{windows} Fenster mit {} von {}; {unpaused} davon enden ohne Pause",
        MediaTime::from_millis(in_windows).clock(),
        heard.clock()
    );
    Ok(text)
}

fn heading(cutting: &Cutting, window_ms: u32) -> String {
    let longest = match cutting.longest_ms {
        0 => window_ms,
        ms => ms.min(window_ms),
    };
    format!(
        "Fenster bis {}; Sprache ab {}, Pause unter {}, {} ms Rand, Pausen ab {} ms \
         (einstellbar in mitschnitt.toml, [windows])\n",
        seconds(longest.into()),
        cutting.speech,
        cutting.pause,
        cutting.padding_ms,
        cutting.shortest_pause_ms
    )
}

fn why(ends: Ends) -> String {
    let ms = |frames: usize| frames as u64 * crate::transcribe::FRAME_MS;
    match ends {
        Ends::LongPause(frames) => format!("endet in langer Pause ({} ms)", ms(frames)),
        Ends::Pause(frames) => format!("endet in einer Pause von {} ms", ms(frames)),
        Ends::Unpaused => "endet ohne Pause, wo am wenigsten gesprochen wird".into(),
        Ends::Sound => "endet mit der Aufnahme".into(),
    }
}

fn seconds(ms: u64) -> String {
    format!("{},{:02} s", ms / 1000, ms % 1000 / 10)
}
