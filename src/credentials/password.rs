//! Passwords and their hashes: argon2id with the parameters that OWASP names (19 MiB, two passes, one lane),
//! which stand in the hash. Owns what a password must be; refuses to show one, but for one that it made up.

use std::fmt;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use unicode_normalization::UnicodeNormalization as _;

use super::random;

/// Fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
/// Most bytes of one that are looked at: nobody types more, and hashing must not be made dear.
const LONGEST: usize = 1024;
/// Characters that are not taken for one another when a password is read off a screen.
const LEGIBLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// What somebody typed as a password.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// As it was typed; on every keyboard the same letters are the same password.
    pub fn typed(text: &str) -> Self {
        let end = text.floor_char_boundary(LONGEST);
        Self(text[..end].nfkc().collect())
    }

    /// One for whoever signs in for the first time, of 25 characters: over 120 bits.
    pub fn made_up() -> (Self, String) {
        let mut text = String::new();
        while text.len() < 29 {
            // Those beyond the last whole multiple would make some characters likelier.
            let [byte] = random::<1>();
            let usable = usize::from(byte) < 256 / LEGIBLE.len() * LEGIBLE.len();
            if usable {
                if text.len() % 6 == 5 {
                    text.push('-');
                }
                text.push(char::from(LEGIBLE[usize::from(byte) % LEGIBLE.len()]));
            }
        }
        (Self(text.clone()), text)
    }

    /// Says whether it may become the password of an account.
    pub fn check(&self, account: &str) -> Result<(), UnusablePassword> {
        let length = self.0.chars().count();
        let of_one = self.0.chars().all(|c| self.0.starts_with(c));
        let (own, name) = (self.0.to_lowercase(), account.to_lowercase());
        if length < SHORTEST_PASSWORD {
            Err(UnusablePassword::Short)
        } else if of_one || own.replace(&name, "").chars().count() < SHORTEST_PASSWORD / 2 {
            Err(UnusablePassword::Guessable)
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a text cannot become a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusablePassword {
    /// It has too few characters.
    Short,
    /// It is one character again and again, or little but the account's name.
    Guessable,
}

impl fmt::Display for UnusablePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => write!(f, "Ein Passwort hat mindestens {SHORTEST_PASSWORD} Zeichen"),
            Self::Guessable => f.write_str("Dieses Passwort lässt sich erraten"),
        }
    }
}

impl std::error::Error for UnusablePassword {}

/// A password's hash as a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$…`).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a password; takes some 20 ms and 19 MiB.
    pub fn of(password: &Password) -> Self {
        let hash = Argon2::default().hash_password(password.0.as_bytes());
        // Default parameters and the crate's own salt are always sound.
        Self(hash.expect("argon2 takes its own defaults").to_string())
    }

    /// One that no password fits, which is compared where there is no account, so that the time tells
    /// nothing.
    pub fn of_nobody() -> Self {
        Self::of(&Password::made_up().0)
    }

    /// As it is stored.
    pub fn stored(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, to be stored and nowhere shown.
    pub fn as_phc(&self) -> &str {
        &self.0
    }

    /// Whether it is this password's; takes as long as hashing, whatever the answer.
    pub fn fits(&self, password: &Password) -> bool {
        Argon2::default().verify_password(password.0.as_bytes(), self.0.as_str()).is_ok()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_alone_and_says_its_parameters() {
        let hash = PasswordHash::of(&Password::typed("Käsekuchen im Rat"));
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        // The same letters from a keyboard that writes them in two parts.
        assert!(hash.fits(&Password::typed("Ka\u{308}sekuchen im Rat")));
        assert!(!hash.fits(&Password::typed("käsekuchen im Rat")));
        assert!(!PasswordHash::of_nobody().fits(&Password::typed("")));
        assert!(!PasswordHash::stored("zerstört".into()).fits(&Password::typed("x")));
    }

    #[test]
    fn what_anybody_would_guess_is_refused() {
        let check = |text: &str| Password::typed(text).check("klein");
        assert_eq!(check("elf Zeichen"), Err(UnusablePassword::Short));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(UnusablePassword::Guessable));
        assert_eq!(check("KleinKlein12"), Err(UnusablePassword::Guessable));
        assert_eq!(check("vier Tauben im Rathaus"), Ok(()));
        let (made_up, shown) = Password::made_up();
        assert_eq!((made_up.check("klein"), shown.len()), (Ok(()), 29));
        assert_ne!(shown, Password::made_up().1);
    }
}
