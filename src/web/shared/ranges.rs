//! What of a file is asked for (RFC 9110, section 14), and what kind of file it is. Refuses to open any for
//! sending: whoever sends knows who may see it.

use std::io::Read as _;
use std::path::Path;

use http_range_header::parse_range_header;

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum RangeAsked {
    /// All of it.
    Whole,
    /// From byte to byte, both included.
    Part {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// What it has not.
    Beyond,
}

/// Reads a `Range` header. What cannot be read, and several ranges at once, give the whole file,
/// as the standard allows.
pub fn range_of(range: &str, length: u64) -> RangeAsked {
    let one = parse_range_header(range.trim_end()).ok().filter(|ranges| ranges.len() == 1);
    match one.map(|ranges| ranges.validate(length)) {
        None => RangeAsked::Whole,
        Some(Err(_)) => RangeAsked::Beyond,
        // There is no part of an empty file.
        Some(Ok(parts)) => parts.first().map_or(RangeAsked::Whole, |part| RangeAsked::Part {
            first: *part.start(),
            last: *part.end(),
        }),
    }
}

/// The media type by the file's first bytes; names of files say nothing reliable.
pub fn kind(file: &Path) -> std::io::Result<&'static str> {
    let mut head = Vec::new();
    std::fs::File::open(file)?.take(64).read_to_end(&mut head)?;
    Ok(kind_of(&head))
}

fn kind_of(head: &[u8]) -> &'static str {
    let at = |place: usize, magic: &[u8]| head.get(place..).is_some_and(|h| h.starts_with(magic));
    if at(4, b"ftypM4A") {
        "audio/mp4"
    } else if at(4, b"ftyp") {
        "video/mp4"
    } else if at(0, b"\x1aE\xdf\xa3") {
        let webm = head.windows(4).any(|w| w == b"webm");
        if webm { "video/webm" } else { "video/x-matroska" }
    } else if at(0, b"OggS") {
        "audio/ogg"
    } else if at(0, b"ID3") || at(0, b"\xff\xfb") || at(0, b"\xff\xf3") {
        "audio/mpeg"
    } else if at(0, b"fLaC") {
        "audio/flac"
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        "audio/wav"
    } else {
        "application/octet-stream"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The parts that are given are those of the file, whatever is asked for.
        #[test]
        fn a_part_lies_within_the_file(first in prop::option::of(0u64..300), last in prop::option::of(0u64..300), length in 0u64..200) {
            let text = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
            match range_of(&format!("bytes={}-{}", text(first), text(last)), length) {
                RangeAsked::Part { first: a, last: b } => {
                    prop_assert!(a <= b && b < length);
                    match (first, last) {
                        (Some(first), last) => {
                            prop_assert_eq!(a, first);
                            prop_assert_eq!(b, last.unwrap_or(u64::MAX).min(length - 1));
                        }
                        (None, last) => prop_assert_eq!(b - a + 1, last.unwrap().min(length)),
                    }
                }
                RangeAsked::Beyond => prop_assert!(first.is_some_and(|f| f >= length) || last == Some(0)),
                RangeAsked::Whole => prop_assert!(first.is_none() && last.is_none() || first > last || length == 0),
            }
        }

        #[test]
        fn any_header_is_read(range in "\\PC{0,40}", length in 0u64..100) {
            let _ = range_of(&range, length);
            let _ = range_of(&format!("bytes={range}"), length);
        }
    }

    /// What RFC 9110 says of edges; where it leaves a choice, the whole file is given.
    #[test]
    fn edges_of_ranges_are_read_as_the_standard_has_them() {
        const FAR: &str = "99999999999999999999";
        let part = |first, last| RangeAsked::Part { first, last };
        for (range, asked) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=7-", part(7, 7)),
            ("bytes=0-7", part(0, 7)),
            ("bytes=0-8", part(0, 7)),
            ("bytes=-8", part(0, 7)),
            ("bytes=-9", part(0, 7)),
            ("bytes=-1", part(7, 7)),
            ("BYTES=0-3", part(0, 3)),
            ("bytes= 0-3 ", part(0, 3)),
            ("bytes=0-3,", part(0, 3)),
            (&format!("bytes=0-{FAR}"), part(0, 7)),
            (&format!("bytes=-{FAR}"), part(0, 7)),
            ("bytes=-0", RangeAsked::Beyond),
            ("bytes=8-", RangeAsked::Beyond),
            (&format!("bytes={FAR}-"), RangeAsked::Beyond),
            ("bytes=5-3", RangeAsked::Whole),
            ("bytes=0-1,4-5", RangeAsked::Whole),
            ("bytes=0-1,99-", RangeAsked::Whole),
            ("bytes=+0-3", RangeAsked::Whole),
            ("bytes=-", RangeAsked::Whole),
            ("bytes=", RangeAsked::Whole),
            ("items=0-3", RangeAsked::Whole),
        ] {
            assert_eq!(range_of(range, 8), asked, "{range}");
        }
        let many = format!("bytes={}", "0-0,".repeat(10_000));
        assert_eq!(range_of(&many, 8), RangeAsked::Whole);
    }
}
