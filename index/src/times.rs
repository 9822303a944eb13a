//! The times of a meeting's words in about two bytes each: varints in ticks of 10 ms with a
//! checkpoint every 64 words, after facts of inverted indexes. Knows nothing of passages.

use crate::document::WordTime;

/// Milliseconds of a tick.
const TICK_MS: u32 = 10;
/// Words between two checkpoints.
const STRIDE: usize = 64;
/// Bytes of a checkpoint: offset of its first word in the body, and that word's base tick.
const CHECKPOINT: usize = 8;

/// Packs the times: word count, checkpoints, then start delta (zigzag) and duration of every word.
pub(crate) fn pack(times: &[WordTime]) -> Vec<u8> {
    let mut body = Vec::with_capacity(times.len() * 3);
    let mut checkpoints = Vec::with_capacity(times.len().div_ceil(STRIDE) * CHECKPOINT);
    let mut before = 0i64;
    for (index, time) in times.iter().enumerate() {
        if index % STRIDE == 0 {
            checkpoints.extend((body.len() as u32).to_le_bytes());
            checkpoints.extend((before as u32).to_le_bytes());
        }
        let start = i64::from(time.start_ms / TICK_MS);
        let end = i64::from(time.end_ms / TICK_MS);
        put_varint(&mut body, zigzag(start - before));
        put_varint(&mut body, (end - start).max(0) as u64);
        before = start;
    }
    let mut packed = (times.len() as u32).to_le_bytes().to_vec();
    packed.extend(checkpoints);
    packed.extend(body);
    packed
}

/// The packed bytes as a text of as many characters: Tantivy reads stored texts at once, but bytes
/// one by one, and those of a meeting are tens of thousands.
pub(crate) fn to_text(packed: &[u8]) -> String {
    packed.iter().copied().map(char::from).collect()
}

/// The bytes of such a text, up to the first character that is none of them.
pub(crate) fn of_text(text: &str) -> Vec<u8> {
    text.chars().map_while(|c| u8::try_from(c).ok()).collect()
}

/// The times of word `index`; `None` beyond the last word, or where the bytes are broken.
pub(crate) fn unpack(packed: &[u8], index: u32) -> Option<WordTime> {
    let count = read_u32(packed, 0)? as usize;
    let index = index as usize;
    if index >= count {
        return None;
    }
    let checkpoint = 4 + index / STRIDE * CHECKPOINT;
    let body = 4 + count.div_ceil(STRIDE) * CHECKPOINT;
    let mut rest = packed.get(body + read_u32(packed, checkpoint)? as usize..)?;
    let mut start = i64::from(read_u32(packed, checkpoint + 4)?);
    let mut duration = 0;
    for _ in 0..=index % STRIDE {
        start += unzigzag(take_varint(&mut rest)?);
        duration = i64::try_from(take_varint(&mut rest)?).ok()?;
    }
    let to_ms = |ticks: i64| u32::try_from(ticks).ok()?.checked_mul(TICK_MS);
    Some(WordTime { start_ms: to_ms(start)?, end_ms: to_ms(start.checked_add(duration)?)? })
}

/// All times; as many as can be read where the bytes are broken.
pub(crate) fn unpack_all(packed: &[u8]) -> Vec<WordTime> {
    (0..).map_while(|index| unpack(packed, index)).collect()
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    // Ticks of u32 milliseconds and their differences need five bytes at most.
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
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
            let packed = of_text(&to_text(&pack(&times)));
            for (index, time) in times.iter().enumerate() {
                let got = unpack(&packed, index as u32).unwrap();
                prop_assert_eq!(got.start_ms, time.start_ms / 10 * 10);
                prop_assert_eq!(got.end_ms, time.end_ms / 10 * 10);
            }
            prop_assert_eq!(unpack(&packed, times.len() as u32), None);
        }

        #[test]
        fn broken_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), index: u32) {
            let _ = unpack(&bytes, index);
            let _ = unpack(&bytes, index % 128);
        }
    }
}
