//! The line under the player: items, speakers and hits of a meeting along its time, as paths of a drawing that
//! is as wide as the page makes it. What it shows stands beside it as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::MediaTime;
use crate::edition::Edition;
use crate::web::public::pages::transcript::{Block, Section};

/// Units from the left edge to the right one.
pub const WIDTH: u64 = 4000;

/// What is drawn.
pub struct MeetingTimeline {
    /// Where it begins on the meeting's clock.
    pub start: MediaTime,
    /// Where it ends.
    pub end: MediaTime,
    /// Every second item: those with an even place, and those with an odd one.
    pub items: [String; 2],
    /// Stretches by the colour of who speaks; those without a colour have none.
    pub voices: Vec<(Option<usize>, String)>,
    /// Places of a search.
    pub hits: String,
}

impl MeetingTimeline {
    /// The line of a meeting with times; none of one that nothing is known of.
    pub fn of(
        edition: &Edition,
        sections: &[Section],
        hits: impl Iterator<Item = MediaTime>,
    ) -> Option<Self> {
        let start = edition.parts.first().map_or(MediaTime::ZERO, |part| part.recording.offset);
        let end = end(edition)?;
        let length = end.since(start);
        if length == 0 {
            return None;
        }
        let x = |t: MediaTime| (t.since(start).min(length) * WIDTH).div_ceil(length);
        let bar = |path: &mut String, from: MediaTime, to: MediaTime| {
            let (from, to) = (x(from), x(to));
            // Writing to a text cannot fail.
            let _ = write!(path, "M{from} 0h{}v1h-{0}z", to.saturating_sub(from).max(2));
        };
        let mut items = [String::new(), String::new()];
        let mut voices: BTreeMap<Option<usize>, String> = BTreeMap::new();
        let mut turns: Vec<(MediaTime, Option<usize>)> = Vec::new();
        for (n, section) in sections.iter().enumerate() {
            let next = sections.get(n + 1).map_or(end, |next| next.start);
            if let Some(order) = section.items.first() {
                bar(&mut items[order % 2], section.start, next);
            }
            turns.extend(section.blocks.iter().filter_map(|block| match block {
                Block::Turn(turn) => Some((turn.start?, turn.colour)),
                Block::Gap(_) => None,
            }));
        }
        for (n, (from, colour)) in turns.iter().enumerate() {
            let to = turns.get(n + 1).map_or(end, |next| next.0);
            bar(voices.entry(*colour).or_default(), *from, to);
        }
        let mut places = String::new();
        for hit in hits {
            let _ = write!(places, "M{} 0v1", x(hit));
        }
        Some(Self { start, end, items, voices: voices.into_iter().collect(), hits: places })
    }
}

/// Where the meeting ends, as far as it was recorded.
fn end(edition: &Edition) -> Option<MediaTime> {
    let text = edition.text.as_ref().map(|(transcript, _)| transcript.media.duration_ms);
    let speeches = edition.speeches.iter().filter_map(|s| s.end_ms.or(s.start_ms)).max();
    text.into_iter().chain(speeches).max()
}
