//! Stamps of forms that anybody may fill in: when a form was given out, for what, and that this archive did so.
//! Owns what a stamp covers; who fills the form in stands in none.

use std::fmt;

use hmac::{Hmac, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::Digest;
use super::seal::{LENGTH, keyed, read_hex};

/// What stamps are made with; never shown or stored.
pub struct FormKey(Hmac<Sha256>);

/// That an archive gave out a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormStamp {
    /// When, in seconds.
    second: i64,
    /// What tells it from another of the same second.
    nonce: u64,
    code: [u8; LENGTH],
}

impl FormKey {
    /// Of an archive with this secret key, from which none of the others can be told.
    pub fn of(archive: &Digest) -> Self {
        let mut derived = keyed(archive.as_str().as_bytes());
        derived.update(b"mitschnitt form stamp/1");
        Self(keyed(&derived.finalize().into_bytes()))
    }

    /// The stamp of a form for a subject, given out now.
    pub fn stamp(&self, subject: &str, at: Timestamp, nonce: u64) -> FormStamp {
        let second = at.as_second();
        let mut code = [0; LENGTH];
        code.copy_from_slice(&self.code(subject, second, nonce).finalize().into_bytes()[..LENGTH]);
        FormStamp { second, nonce, code }
    }

    /// Reads a stamp; nothing where it is none of this archive's for this subject.
    pub fn read(&self, subject: &str, text: &str) -> Option<FormStamp> {
        let mut parts = text.splitn(3, '.');
        let second = parts.next()?.parse().ok()?;
        let nonce = parts.next().filter(|nonce| nonce.len() == 16)?;
        let nonce = u64::from_str_radix(nonce, 16).ok()?;
        let code = read_hex(parts.next()?)?;
        let own = self.code(subject, second, nonce).verify_truncated_left(&code).is_ok();
        own.then_some(FormStamp { second, nonce, code })
    }

    fn code(&self, subject: &str, second: i64, nonce: u64) -> Hmac<Sha256> {
        let mut code = self.0.clone();
        code.update(&second.to_be_bytes());
        code.update(&nonce.to_be_bytes());
        code.update(subject.as_bytes());
        code
    }
}

impl FormStamp {
    /// How long ago the form was given out.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        SignedDuration::from_secs(now.as_second().saturating_sub(self.second))
    }

    /// What tells its form from every other.
    pub fn form(&self) -> String {
        format!("{}.{:016x}", self.second, self.nonce)
    }
}

impl fmt::Display for FormStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.form())?;
        self.code.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A stamp is read back for its subject by its archive, and nothing else is read.
        #[test]
        fn a_stamp_is_of_one_form(
            subject in "[ab]{0,2}", other in "[ab]{0,2}", second in 0i64..9_999_999_999, nonce: u64, change in 0usize..60,
        ) {
            let key = FormKey::of(&Digest::of(b"key"));
            let at = Timestamp::from_second(second).unwrap();
            let stamp = key.stamp(&subject, at, nonce);
            let text = stamp.to_string();
            prop_assert_eq!(key.read(&subject, &text), Some(stamp.clone()));
            prop_assert_eq!(key.read(&other, &text).is_some(), subject == other);
            prop_assert_eq!(FormKey::of(&Digest::of(b"other")).read(&subject, &text), None);
            prop_assert_eq!(stamp.age(at + SignedDuration::from_secs(7)), SignedDuration::from_secs(7));
            let mut bytes = text.into_bytes();
            let place = change % bytes.len();
            bytes[place] = if bytes[place] == b'7' { b'8' } else { b'7' };
            prop_assert_eq!(key.read(&subject, std::str::from_utf8(&bytes).unwrap()), None);
        }

        #[test]
        fn whatever_is_sent_nothing_breaks(text in "\\PC{0,80}|[0-9a-f.+-]{0,80}") {
            prop_assert_eq!(FormKey::of(&Digest::of(b"key")).read("", &text), None);
        }
    }
}
