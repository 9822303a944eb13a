//! The second factor: codes of six digits that an app shows for thirty seconds (RFC 6238 with SHA-1, the
//! only kind that every app knows). Owns secrets and codes; that none is used twice is the store's.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

use super::random;

/// How long a code is shown, in seconds.
const PERIOD: i64 = 30;
/// Bytes of a secret: as many as SHA-1 gives.
const LENGTH: usize = 20;
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an app and the archive share.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; LENGTH]);

/// The stretch of time that a code belongs to, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(pub i64);

impl TotpSecret {
    /// A new one.
    pub fn made_up() -> Self {
        Self(random())
    }

    /// In base 32, as people type it into an app and as it is stored.
    pub fn reveal(&self) -> String {
        let mut text = String::new();
        for five in self.0.chunks(5) {
            let bits = five.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
            text.extend((0..8).rev().map(|n| char::from(BASE32[(bits >> (n * 5)) as usize & 31])));
        }
        text
    }

    /// Reads what [`Self::reveal`] gave, with spaces or without.
    pub fn read(text: &str) -> Result<Self, InvalidTotpSecret> {
        let digit = |c: char| BASE32.iter().position(|b| char::from(*b) == c.to_ascii_uppercase());
        let digits = text.chars().filter(|c| !c.is_whitespace()).map(digit);
        let digits: Vec<usize> = digits.collect::<Option<_>>().ok_or(InvalidTotpSecret)?;
        let eights = digits.chunks(8).flat_map(|eight| {
            let bits = eight.iter().fold(0u64, |bits, digit| bits << 5 | *digit as u64);
            bits.to_be_bytes()[3..].to_vec()
        });
        let bytes: Vec<u8> = eights.collect();
        bytes.try_into().map(Self).map_err(|_| InvalidTotpSecret)
    }

    /// The address that apps read from a QR code.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let text = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, account) = (text(issuer), text(account));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", self.reveal())
    }

    /// The step whose code this is: the present one, that before it or that behind it, since clocks
    /// differ.
    pub fn step(&self, code: &str, now: Timestamp) -> Option<TotpStep> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let present = now.as_second() / PERIOD;
        let fits = |step: &i64| code.len() == 6 && self.code(TotpStep(*step)) == code;
        [present, present - 1, present + 1].into_iter().find(fits).map(TotpStep)
    }

    /// The code of a step.
    pub fn code(&self, step: TotpStep) -> String {
        let key = Hmac::new_from_slice(&self.0);
        let mut hmac: Hmac<Sha1> = key.expect("a key of any length will do");
        hmac.update(&step.0.to_be_bytes());
        let hash = hmac.finalize().into_bytes();
        let at = usize::from(hash[hash.len() - 1] & 15);
        let four = [hash[at] & 127, hash[at + 1], hash[at + 2], hash[at + 3]];
        format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl std::str::FromStr for TotpSecret {
    type Err = InvalidTotpSecret;
    fn from_str(text: &str) -> Result<Self, InvalidTotpSecret> {
        Self::read(text)
    }
}

/// A text that is no secret of a second factor.
#[derive(Debug)]
pub struct InvalidTotpSecret;

impl fmt::Display for InvalidTotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Das ist kein Geheimnis eines zweiten Faktors")
    }
}

impl std::error::Error for InvalidTotpSecret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = TotpSecret(*b"12345678901234567890");
        assert_eq!(secret.reveal(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        // RFC 6238, appendix B, the last six of eight digits.
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
        {
            let now = Timestamp::from_second(second).unwrap();
            assert_eq!(secret.step(code, now), Some(TotpStep(second / 30)), "{second}");
        }
    }

    #[test]
    fn one_step_of_drift_is_allowed_and_no_more() {
        let secret = TotpSecret::made_up();
        let at = |step| Timestamp::from_second(step * PERIOD + 7).unwrap();
        let code = secret.code(TotpStep(1000));
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert!([999, 1000, 1001].iter().all(|s| secret.step(&spaced, at(*s)).is_some()));
        assert_eq!(secret.step(&code, at(1003)), None);
        assert_eq!(secret.step("", at(1000)), None);
    }

    #[test]
    fn a_secret_is_read_as_it_is_shown() {
        let secret = TotpSecret::made_up();
        let shown = secret.reveal().to_lowercase();
        assert_eq!(TotpSecret::read(&format!("{} {}", &shown[..4], &shown[4..])).unwrap(), secret);
        assert!(["", "ABC", "1111"].iter().all(|wrong| TotpSecret::read(wrong).is_err()));
        let uri = secret.uri("Rat & Tat", "klein");
        assert!(uri.starts_with("otpauth://totp/Rat%20%26%20Tat:klein?secret="), "{uri}");
    }
}
