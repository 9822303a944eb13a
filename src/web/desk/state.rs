//! What the desk's pages share: the archive, settings, who has just shown a password, who tries too often.

use std::net::IpAddr;
use std::sync::Arc;

use super::follower::{NoFollower, TextFollower};
use super::intake::{NoIntake, RecordingIntake};
use super::passwords::Passwords;
use super::second_step::SecondSteps;
use super::throttle::Throttle;
use crate::domain::{Eyes, Result};
use crate::edition::{Editions, Viewer};
use crate::inbox::Inbox;
use crate::store::{SignInLimits, Store};

/// How the desk is run.
#[derive(Clone, Debug, Default)]
pub struct DeskSettings {
    /// Name of the site, also what an authenticator app calls the account.
    pub title: String,
    /// The address that people type, where that is known: `https://…` without a slash at the end.
    pub url: Option<String>,
    /// Servers in front of this one that say truly who asks.
    pub proxies: Vec<IpAddr>,
    /// How long a sign-in lasts.
    pub limits: SignInLimits,
    /// How many people must have looked before something is published.
    pub eyes: Eyes,
    /// Whether the public pages can be looked at before they are.
    pub has_preview: bool,
    /// Names of the speech models on this machine.
    pub models: Vec<String>,
    /// Whether minutes of work are counted for each meeting, never for a person.
    pub counts_work: bool,
}

impl DeskSettings {
    /// Whether browsers reach the desk over TLS.
    pub fn is_secure(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What browsers name as the origin of the desk's pages: scheme and host.
    pub fn origin(&self) -> Option<&str> {
        let url = self.url.as_deref()?;
        let host = url.find("://")? + 3;
        let end = url[host..].find('/').map_or(url.len(), |slash| host + slash);
        Some(&url[..end])
    }
}

/// The desk.
pub struct Desk {
    /// The archive, for reading and writing.
    pub(super) store: Store,
    /// The archive as the public will see it.
    pub(super) editions: Editions,
    /// What readers have reported.
    pub(super) inbox: Inbox,
    pub(super) settings: DeskSettings,
    pub(super) throttle: Throttle,
    pub(super) passwords: Passwords,
    pub(super) second_steps: SecondSteps,
    /// What takes recordings in.
    pub(super) intake: Arc<dyn RecordingIntake>,
    /// What brings alignment and index after changes of texts.
    pub(super) follower: Arc<dyn TextFollower>,
}

/// The desk as handlers share it.
pub(super) type DeskApp = Arc<Desk>;

impl Desk {
    /// Over an archive that is opened for writing.
    ///
    /// # Errors
    /// `Archive` where it cannot be read.
    pub fn new(store: Store, settings: DeskSettings) -> Result<Self> {
        let throttle = Throttle::default();
        let now = jiff::Timestamp::now();
        for failed in store.failed_sign_ins()? {
            let ago = now.duration_since(failed.last).unsigned_abs();
            throttle.remember(failed.name.as_str(), failed.failures, ago);
        }
        let (passwords, second_steps) = (Passwords::new(), SecondSteps::default());
        let editions = Editions::new(store.clone(), Viewer::Preview);
        let (intake, follower) = (NoIntake::shared(), Arc::new(NoFollower));
        let inbox = Inbox::beside(store.data_dir());
        Ok(Self {
            store,
            editions,
            inbox,
            settings,
            throttle,
            passwords,
            second_steps,
            intake,
            follower,
        })
    }

    /// The same over this inbox, which the site writes.
    #[must_use]
    pub fn with_inbox(self, inbox: Inbox) -> Self {
        Self { inbox, ..self }
    }

    /// The same, where recordings are taken in.
    #[must_use]
    pub fn with_intake(self, intake: Arc<dyn RecordingIntake>) -> Self {
        Self { intake, ..self }
    }

    /// The same, where alignment and index follow what is changed in texts.
    #[must_use]
    pub fn with_follower(self, follower: Arc<dyn TextFollower>) -> Self {
        Self { follower, ..self }
    }
}
