//! Where passwords are hashed: off the event loop, a few at once. Owns that nobody brings the machine down
//! by trying, and that the time tells nobody whether an account is there.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::credentials::{Password, PasswordHash};
use crate::domain::Error;
use crate::web::shared::error::Failure;

/// Passwords that are hashed at once; each takes 19 MiB and a core.
const AT_ONCE: usize = 4;
/// How long somebody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The turns at hashing.
pub struct Passwords {
    turns: Arc<Semaphore>,
    nobody: PasswordHash,
}

impl Passwords {
    pub fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: PasswordHash::of_nobody() }
    }

    /// Whether the password is that of the hash; without one, it is compared with nobody's.
    pub async fn fits(
        &self,
        hash: Option<PasswordHash>,
        password: Password,
    ) -> Result<bool, Failure> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        Ok(self.in_turn(move || hash.fits(&password)).await? && is_somebody)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, Failure> {
        self.in_turn(move || PasswordHash::of(&password)).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let busy = || Error::archive("Gerade melden sich zu viele auf einmal an");
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
        let work = move || {
            // Until it really ends, which it does also where nobody waits for it any more.
            let _turn = turn;
            work()
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| Error::failed("Ein Passwort lässt sich nicht prüfen").into())
    }
}
