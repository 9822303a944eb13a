//! Tokens: what a browser shows to be known again, and what a form shows to be ours. Owns how they are
//! made; what is stored of a sign-in's token is its hash.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::random;
use crate::domain::Digest;

/// What a browser's cookie holds: 256 random bits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SignInToken(String);

impl SignInToken {
    /// A new one.
    pub fn made_up() -> Self {
        Self(hex(&random::<32>()))
    }

    /// As a browser sent it, if it looks like one.
    pub fn sent(text: &str) -> Option<Self> {
        let sound = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 64 && text.bytes().all(sound)).then(|| Self(text.to_owned()))
    }

    /// As it is sent to the browser, and to nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// What the forms of this sign-in carry.
    pub fn form_token(&self) -> FormToken {
        FormToken(hex(&self.form_code().finalize().into_bytes()[..16]))
    }

    /// Whether a form is one of this sign-in's; takes as long for every wrong one.
    pub fn is_own_form(&self, sent: &str) -> bool {
        let bytes: Option<Vec<u8>> = (sent.len() == 32)
            .then(|| {
                let pairs = sent.as_bytes().chunks_exact(2).map(|p| std::str::from_utf8(p).ok());
                pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
            })
            .flatten();
        bytes.is_some_and(|bytes| self.form_code().verify_truncated_left(&bytes).is_ok())
    }

    fn form_code(&self) -> Hmac<Sha256> {
        let key = Hmac::new_from_slice(self.0.as_bytes());
        let mut code: Hmac<Sha256> = key.expect("a key of any length will do");
        code.update(b"mitschnitt desk form/1");
        code
    }
}

impl fmt::Debug for SignInToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInToken(…)")
    }
}

/// What a form carries to show that a page of the same sign-in made it.
#[derive(Clone, PartialEq, Eq)]
pub struct FormToken(String);

impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_one_sign_in() {
        let (one, other) = (SignInToken::made_up(), SignInToken::made_up());
        let form = one.form_token().to_string();
        assert!(one.is_own_form(&form) && !other.is_own_form(&form));
        let wrong = ["", "00", "€€€€€€€€€€zz", "+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"];
        assert!(wrong.iter().all(|w| !one.is_own_form(w)));
        assert_eq!(SignInToken::sent(one.reveal()).unwrap().hash(), one.hash());
        assert!(SignInToken::sent("nichts").is_none());
    }
}
