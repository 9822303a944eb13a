//! Seals of quotations: who sees one knows that this archive gave these words out. Owns what a seal
//! covers; who may see the words is decided elsewhere.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Digest, MediaTime, MeetingId, Quotation, Recording};

/// How many bytes of the authentication code stand in an address.
pub(super) const LENGTH: usize = 16;

/// What seals are made with; never shown or stored.
pub struct QuoteSealKey(Hmac<Sha256>);

/// That an archive gave out a quotation: 128 bits, in an address 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteSeal([u8; LENGTH]);

impl QuoteSealKey {
    /// Of an archive with this secret key, from which none of the others can be told.
    pub fn of(archive: &Digest) -> Self {
        let mut derived = keyed(archive.as_str().as_bytes());
        derived.update(b"mitschnitt quotation seal/1");
        Self(keyed(&derived.finalize().into_bytes()))
    }

    /// The seal of a quotation from a meeting of which this recording ran at the time, if one did: on
    /// another clock nobody knows what may be seen of it.
    pub fn seal(
        &self,
        meeting: &MeetingId,
        recording: Option<&Recording>,
        quotation: &Quotation,
    ) -> QuoteSeal {
        let code = self.code(meeting, recording, quotation).finalize().into_bytes();
        let mut seal = [0; LENGTH];
        seal.copy_from_slice(&code[..LENGTH]);
        QuoteSeal(seal)
    }

    /// Whether a seal is that of a quotation; takes as long for every wrong one.
    pub fn fits(
        &self,
        seal: &QuoteSeal,
        meeting: &MeetingId,
        recording: Option<&Recording>,
        quotation: &Quotation,
    ) -> bool {
        self.code(meeting, recording, quotation).verify_truncated_left(&seal.0).is_ok()
    }

    fn code(
        &self,
        meeting: &MeetingId,
        recording: Option<&Recording>,
        quotation: &Quotation,
    ) -> Hmac<Sha256> {
        let time = |t: MediaTime| t.millis().to_string();
        let span = quotation.span();
        let parts = [
            meeting.as_str().to_owned(),
            recording.map(|r| r.sha256.to_string()).unwrap_or_default(),
            recording.map(|r| time(r.offset)).unwrap_or_default(),
            span.map(|s| time(s.start())).unwrap_or_default(),
            span.map(|s| time(s.end())).unwrap_or_default(),
            quotation.words().to_owned(),
            quotation.before().to_owned(),
            quotation.after().to_owned(),
        ];
        let mut code = self.0.clone();
        for part in parts {
            // No part can be continued by the next.
            code.update(&(part.len() as u64).to_be_bytes());
            code.update(part.as_bytes());
        }
        code
    }
}

pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

impl fmt::Display for QuoteSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for QuoteSeal {
    type Err = InvalidSeal;

    fn from_str(text: &str) -> Result<Self, InvalidSeal> {
        read_hex(text).map(Self).ok_or(InvalidSeal)
    }
}

/// A code as it stands in an address.
pub(super) fn read_hex(text: &str) -> Option<[u8; LENGTH]> {
    let is_hex = text.len() == 2 * LENGTH && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex {
        return None;
    }
    let mut code = [0; LENGTH];
    for (i, byte) in code.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(code)
}

/// A text that is no seal.
#[derive(Debug)]
pub struct InvalidSeal;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Span;

    fn quotation(parts: [&str; 3], start: u64) -> Option<Quotation> {
        let at = MediaTime::from_millis;
        Quotation::read(parts[0], parts[1], parts[2], Span::new(at(start), at(start + 500)))
    }

    proptest! {
        /// Nothing that a seal covers can be changed under it, nor moved from one part to the next.
        #[test]
        fn a_seal_is_of_one_quotation(
            parts in prop::array::uniform3("[ab]{1,2}"),
            others in prop::array::uniform3("[ab]{1,2}"),
            start in 0u64..3, other_start in 0u64..3,
            meeting in "[ab]", other_meeting in "[ab]",
        ) {
            let key = QuoteSealKey::of(&Digest::of(b"key"));
            let texts = |parts: &[String; 3], start| quotation([&parts[0], &parts[1], &parts[2]], start).unwrap();
            let (a, b) = (texts(&parts, start), texts(&others, other_start));
            let (here, there) = (MeetingId::new(&meeting).unwrap(), MeetingId::new(&other_meeting).unwrap());
            let seal: QuoteSeal = key.seal(&here, None, &a).to_string().parse().unwrap();
            prop_assert!(key.fits(&seal, &here, None, &a));
            prop_assert_eq!(key.fits(&seal, &there, None, &b), a == b && here == there);
            prop_assert!(!QuoteSealKey::of(&Digest::of(b"other")).fits(&seal, &here, None, &a));
        }

        #[test]
        fn only_seals_are_read(text in "\\PC{0,40}") {
            prop_assert_eq!(text.parse::<QuoteSeal>().is_ok(), text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
}
