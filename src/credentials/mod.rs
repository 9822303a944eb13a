//! What proves who somebody is: passwords, codes of a second factor, tokens of sign-ins. Owns how each is
//! made, checked and shown once; refuses to know where they are kept, and to print a secret by accident.

mod password;
mod qr;
mod token;
mod totp;

pub use password::{Password, PasswordHash, SHORTEST_PASSWORD, UnusablePassword};
pub use qr::QrSymbol;
pub use token::{FormToken, SignInToken};
pub use totp::{InvalidTotpSecret, TotpSecret, TotpStep};

/// Something to be called by that nobody guesses: 96 random bits, in lower-case hexadecimal.
pub fn random_name() -> String {
    random::<12>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Random bytes from the system.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A system without randomness must not give out secrets that can be guessed.
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
