//! The times of a passage's words in about two bytes each: varints in ticks of 10 ms, after facts
//! of inverted indexes. Written as a text, which Tantivy reads back at once, but bytes one by one.

use crate::model::document::WordTime;

/// Milliseconds of a tick.
const TICK_MS: u32 = 10;
/// Bits of a number that a character holds; one more says that others follow.
const BITS: u32 = 7;
const MORE: u64 = 1 << BITS;

/// Of every word the start, since that of the word before it, and the duration.
pub(crate) fn to_text(times: &[WordTime]) -> String {
    let mut text = String::with_capacity(times.len() * 3);
    let mut before = 0i64;
    for time in times {
        let start = i64::from(time.start_ms / TICK_MS);
        let end = i64::from(time.end_ms / TICK_MS);
        put(&mut text, zigzag(start - before));
        put(&mut text, (end - start).max(0) as u64);
        before = start;
    }
    text
}

/// The times in such a text; as many as can be read where it is broken.
pub(crate) fn of_text(text: &str) -> Vec<WordTime> {
    let mut rest = text.chars();
    let mut before = 0i64;
    let next = || {
        let start = before + unzigzag(take(&mut rest)?);
        let end = start.checked_add(i64::try_from(take(&mut rest)?).ok()?)?;
        before = start;
        let to_ms = |ticks: i64| u32::try_from(ticks).ok()?.checked_mul(TICK_MS);
        Some(WordTime { start_ms: to_ms(start)?, end_ms: to_ms(end)? })
    };
    std::iter::from_fn(next).collect()
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn put(text: &mut String, mut value: u64) {
    while value >= MORE {
        text.push(char::from((value % MORE + MORE) as u8));
        value >>= BITS;
    }
    text.push(char::from(value as u8));
}

fn take(rest: &mut impl Iterator<Item = char>) -> Option<u64> {
    let mut value = 0;
    // Ticks of u32 milliseconds and their differences need five characters at most.
    for at in 0..5 {
        let byte = u64::from(u8::try_from(rest.next()?).ok()?);
        value |= (byte % MORE) << (at * BITS);
        if byte < MORE {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Also for times that run backwards, as recognisers may give them.
        #[test]
        fn times_come_back_to_the_tick(
            times in prop::collection::vec((any::<u32>(), 0u32..60_000), 0..400),
        ) {
            let times: Vec<WordTime> = times
                .into_iter()
                .map(|(start_ms, length)| WordTime { start_ms, end_ms: start_ms.saturating_add(length) })
                .collect();
            let to_tick = |time: &WordTime| WordTime {
                start_ms: time.start_ms / 10 * 10,
                end_ms: time.end_ms / 10 * 10,
            };
            let expected: Vec<WordTime> = times.iter().map(to_tick).collect();
            prop_assert_eq!(of_text(&to_text(&times)), expected);
        }

        #[test]
        fn broken_texts_never_panic(text: String, bytes: Vec<u8>) {
            let _ = of_text(&text);
            let _ = of_text(&bytes.into_iter().map(char::from).collect::<String>());
        }
    }
}
