//! When words start, as pages tell their scripts.

use crate::domain::MediaTime;

/// Start of the first word in milliseconds, then the distance from word start to word start.
pub fn word_starts(starts: impl Iterator<Item = MediaTime>) -> String {
    let mut before = 0;
    let mut times = String::new();
    for start in starts {
        let start = start.millis();
        // Out of order cannot be written as a distance; such a word shares its neighbour's time.
        times.push_str(&format!("{} ", start.saturating_sub(before)));
        before = start.max(before);
    }
    times.truncate(times.trim_end().len());
    times
}
