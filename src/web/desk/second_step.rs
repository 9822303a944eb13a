//! Who has shown a password and not yet the code: in memory, for minutes. Owns that a password opens
//! nothing by itself where a code is asked for, and that codes are not tried out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::credentials::SignInToken;
use crate::domain::{AccountName, Digest};

/// How long somebody may take to read the code off a phone.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// Codes that may be tried; then the password is asked for again.
const TRIES: u32 = 3;
/// Most that wait; beyond it, the oldest begins again.
const MOST: usize = 1000;

/// Those who have shown a password.
#[derive(Default)]
pub struct SecondSteps(Mutex<HashMap<Digest, SecondStep>>);

#[derive(Clone)]
struct SecondStep {
    account: AccountName,
    since: Instant,
    tries: u32,
}

impl SecondSteps {
    /// Somebody has shown the password of an account; gives what the browser is known by meanwhile.
    pub fn begin(&self, account: AccountName) -> SignInToken {
        let token = SignInToken::made_up();
        let mut waiting = self.waiting();
        if waiting.len() >= MOST {
            let oldest = waiting.iter().min_by_key(|(_, step)| step.since);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                waiting.remove(&oldest);
            }
        }
        waiting.insert(token.hash(), SecondStep { account, since: Instant::now(), tries: 0 });
        token
    }

    /// Whether this browser may still show a code.
    pub fn is_waiting(&self, token: &SignInToken) -> bool {
        self.waiting().contains_key(&token.hash())
    }

    /// The account for which this browser now tries a code.
    pub fn try_code(&self, token: &SignInToken) -> Option<AccountName> {
        let mut waiting = self.waiting();
        let step = waiting.get_mut(&token.hash())?;
        step.tries += 1;
        let (account, tries) = (step.account.clone(), step.tries);
        if tries >= TRIES {
            waiting.remove(&token.hash());
        }
        Some(account)
    }

    /// The browser has shown the code.
    pub fn end(&self, token: &SignInToken) {
        self.waiting().remove(&token.hash());
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Digest, SecondStep>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, step| step.since.elapsed() < PATIENCE);
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_codes_are_tried_and_no_more() {
        let steps = SecondSteps::default();
        let token = steps.begin(AccountName::new("klein").unwrap());
        let tried: Vec<bool> = (0..4).map(|_| steps.try_code(&token).is_some()).collect();
        assert_eq!(tried, [true, true, true, false]);
        assert!(!steps.is_waiting(&token));
        assert!(steps.try_code(&SignInToken::made_up()).is_none());
    }
}
