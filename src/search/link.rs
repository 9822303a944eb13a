//! Addresses of places in a meeting. Owns how they are written; the site reads them
//! (`web/public/place.rs`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::domain::{MediaTime, MeetingId};

/// A link opens the video this long before the spoken word, in milliseconds, so that its beginning is heard.
pub const LEAD_IN_MS: u64 = 1500;

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a part of an address.
pub fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// A word as links name it: its number, and where that is known the word, which is known again where a new
/// transcript has other numbers.
pub fn word(number: u32, text: Option<&str>) -> String {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => format!("{number}-{}", encode(text)),
        None => number.to_string(),
    }
}

/// The meeting's page with the video just before a word.
pub fn to_word(id: &MeetingId, word: Option<String>, start: Option<MediaTime>) -> String {
    let t = start.map(|t| format!("t={:.2}", t.minus_millis(LEAD_IN_MS).as_secs_f64()));
    let w = word.map(|word| format!("w={word}"));
    let query: Vec<String> = t.into_iter().chain(w).collect();
    match query.is_empty() {
        true => format!("/sitzung/{id}"),
        false => format!("/sitzung/{id}?{}", query.join("&")),
    }
}
