//! What is missing between the frames that ffmpeg decodes, from the notes of its filter `ashowinfo`.
//! Owns when timestamps stop being credible; refuses to touch sound, which `aresample` fills.

use std::sync::mpsc::SyncSender;

use crate::domain::{MediaTime, Span};

use super::mask::Mask;
use super::outlet::Report;
use super::samples::SAMPLE_RATE;
use super::timeline::{LONGEST_GAP, SUSPICIOUS_RUN};

/// Seconds of a gap that is worth a report.
const LEAST_HOLE: f64 = 0.02;

/// Seconds of silence between frames that are all further apart than they are long: a wrong clock
/// and not a bad connection.
const SPARSE: f64 = 60.0;

/// Finds gaps between the frames that ffmpeg's filter `ashowinfo` notes, which `aresample` fills.
pub(super) struct Holes {
    mask: Mask,
    /// Samples that were delivered, and whose gaps were reported, before.
    from: u64,
    lead: f64,
    /// Where the last frame ended, in samples of the source, and how many are a second.
    reached: Option<(i64, i64)>,
    /// How many frames in a row lay further apart than they are long, and the seconds between.
    sparse: (u32, f64),
    sender: SyncSender<Report>,
}

impl Holes {
    /// For frames whose times count from `lead` seconds; holes before sample `from` are known.
    pub(super) fn new(mask: Mask, from: u64, lead: f64, sender: SyncSender<Report>) -> Self {
        Self { mask, from, lead, reached: None, sparse: (0, 0.0), sender }
    }

    /// Ends decoding where timestamps cannot be true: `gap` seconds before a frame of `length`.
    fn judge(&mut self, gap: f64, length: f64) {
        if gap > length {
            self.sparse = (self.sparse.0 + 1, self.sparse.1 + gap);
        } else {
            self.sparse = (0, 0.0);
        }
        let why = if gap > LONGEST_GAP {
            "ein Zeitstempel springt um Stunden"
        } else if self.sparse.0 >= SUSPICIOUS_RUN && self.sparse.1 > SPARSE {
            "Dauer und Abtastrate widersprechen sich"
        } else {
            return;
        };
        // A reader that has gone needs no more.
        let _ = self.sender.send(Report::Truncated(why.to_owned()));
    }

    /// `n:3 pts:3072 pts_time:… rate:48000 nb_samples:1024 …`: a frame begins at sample `pts`.
    pub(super) fn frame(&mut self, note: &str) {
        let field = |name: &str| -> Option<i64> {
            note.split(' ').find_map(|f| f.strip_prefix(name)).and_then(|v| v.parse().ok())
        };
        let (Some(start), Some(rate @ 1..), Some(samples)) =
            (field("pts:"), field("rate:"), field("nb_samples:"))
        else {
            return;
        };
        let before = self.reached.map_or(0.0, |(end, rate)| end as f64 / rate as f64);
        self.judge(start as f64 / rate as f64 - before, samples as f64 / rate as f64);
        let reached = self.reached.replace((start.saturating_add(samples), rate));
        let Some((reached, _)) = reached.filter(|(_, before)| *before == rate) else { return };
        let seconds = |n: i64| n as f64 / rate as f64 + self.lead;
        let told = self.from as f64 / f64::from(SAMPLE_RATE);
        let (from, to) = (seconds(reached).max(told), seconds(start));
        if to - from < LEAST_HOLE {
            return;
        }
        let at = MediaTime::from_secs_f64;
        for hole in Span::new(at(from), at(to)).iter().flat_map(|h| self.mask.public_parts(*h)) {
            // A reader that has gone needs no more.
            let _ = self.sender.send(Report::Missing(hole));
        }
    }
}
