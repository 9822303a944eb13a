//! Sign-ins: begun, found again by their token's hash, confirmed, listed and ended. Owns how long one
//! lasts and that no code of a second factor is used twice; refuses to keep a token, or a name that
//! nobody has.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Store, accounts, audit};
use crate::credentials::{SignInToken, TotpStep};
use crate::domain::{Account, AccountName, Act, Error, Result, SignIn, Signature};

/// Most characters kept of what a browser says of itself.
const BROWSER: usize = 120;
/// How often it is noted that a sign-in is used.
const NOTED: Duration = Duration::from_secs(60);

/// How long a sign-in lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInLimits {
    /// Without a request.
    pub idle: Duration,
    /// From its beginning.
    pub longest: Duration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { idle: Duration::from_secs(2 * 3600), longest: Duration::from_secs(12 * 3600) }
    }
}

impl SignInLimits {
    /// A sign-in that was last used before this has ended.
    fn used_since(&self, now: Timestamp) -> i64 {
        before(now, self.idle)
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub account: Account,
    /// Where.
    pub sign_in: SignIn,
}

impl Store {
    /// Signs somebody in who has shown a password, and the code of a step where that was asked for. Gives
    /// whether that is so: the account may have been closed since, or the code used.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn begin_sign_in(
        &self,
        name: &AccountName,
        token: &SignInToken,
        browser: &str,
        step: Option<TotpStep>,
        limits: &SignInLimits,
        now: Timestamp,
    ) -> Result<bool> {
        let expires = now.as_second().saturating_add_unsigned(limits.longest.as_secs());
        let browser: String = browser.chars().filter(|c| !c.is_control()).take(BROWSER).collect();
        self.write(|t| {
            t.execute(
                "DELETE FROM sign_in WHERE expires <= ?1 OR last_used < ?2",
                params![now.as_second(), limits.used_since(now)],
            )?;
            let open = t.execute(
                "UPDATE account SET failures = 0, totp_step = coalesce(?2, totp_step)
                 WHERE name = ?1 AND NOT disabled AND (?2 IS NULL OR totp_step < ?2)
                   AND (?2 IS NOT NULL OR totp IS NULL)",
                params![name.as_str(), step.map(|step| step.0)],
            )? == 1;
            if open {
                t.execute(
                    "INSERT INTO sign_in (token, account, created, last_used, expires, confirmed, browser)
                     VALUES (?1, ?2, ?3, ?3, ?4, ?3, ?5)",
                    params![token.hash().as_str(), name.as_str(), now.as_second(), expires, browser],
                )?;
                let number = t.last_insert_rowid().to_string();
                let made = Signature { by: name.to_string(), at: now };
                let details = [("sign_in", number.as_str())];
                audit::append(t, &made, Act::SignedIn, name.as_str(), &details)?;
            }
            Ok(open)
        })
    }

    /// Notes that somebody failed to sign in: with an account that is there, or with a name that is none,
    /// which is not noted. Both take the same time.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn refuse_sign_in(&self, account: Option<&AccountName>, now: Timestamp) -> Result<()> {
        let name = account.map(AccountName::as_str).unwrap_or_default();
        let by = if name.is_empty() { "unbekannt" } else { name };
        let made = Signature { by: by.to_owned(), at: now };
        self.write(|t| {
            t.execute(
                "UPDATE account SET failures = failures + 1, failed_at = ?2 WHERE name = ?1",
                params![name, now.as_second()],
            )?;
            audit::append(t, &made, Act::SignInRefused, name, &[])
        })
    }

    /// Who shows this token, if that sign-in has not ended.
    ///
    /// # Errors
    /// `Archive` where it cannot be read or written.
    pub fn present(
        &self,
        token: &SignInToken,
        limits: &SignInLimits,
        now: Timestamp,
    ) -> Result<Option<Present>> {
        let found = self.read(|c| {
            c.prepare_cached(
                "SELECT a.name, a.role, a.totp IS NOT NULL, a.disabled, a.created,
                        s.number, s.created, s.last_used, s.expires, s.confirmed, s.browser
                 FROM sign_in s JOIN account a ON a.name = s.account
                 WHERE s.token = ?1 AND NOT a.disabled AND s.expires > ?2 AND s.last_used >= ?3",
            )?
            .query_row(
                params![token.hash().as_str(), now.as_second(), limits.used_since(now)],
                |r| Ok(Present { account: accounts::account(r)?, sign_in: sign_in(r, 5)? }),
            )
            .optional()
        })?;
        if let Some(found) = &found
            && found.sign_in.last_used.as_second() < before(now, NOTED)
        {
            let (number, now) = (found.sign_in.number, now.as_second());
            let noted = self.write(|t| {
                t.execute(
                    "UPDATE sign_in SET last_used = ?2 WHERE number = ?1",
                    [number as i64, now],
                )
            });
            // A full disk keeps nobody from withdrawing something.
            if let Err(error) = noted
                && !error.lacked_room()
            {
                return Err(error);
            }
        }
        Ok(found)
    }

    /// Notes that whoever is signed in has shown the password again.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn confirm_sign_in(&self, number: u64, now: Timestamp) -> Result<()> {
        self.write(|t| {
            t.execute(
                "UPDATE sign_in SET confirmed = ?2 WHERE number = ?1",
                params![number, now.as_second()],
            )
        })?;
        Ok(())
    }

    /// Ends a sign-in on behalf of its owner, who is there in it.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn sign_out(&self, present: &Present, now: Timestamp) -> Result<()> {
        let name = &present.account.name;
        let made = Signature { by: name.to_string(), at: now };
        self.write(|t| end(t, name, present.sign_in.number, &made, Act::SignedOut))?;
        Ok(())
    }

    /// Ends one of an account's sign-ins from elsewhere.
    ///
    /// # Errors
    /// `NotFound` where the account has no such sign-in.
    pub fn revoke_sign_in(&self, name: &AccountName, number: u64, made: &Signature) -> Result<()> {
        if self.write(|t| end(t, name, number, made, Act::SignInRevoked))? {
            return Ok(());
        }
        Err(Error::not_found("Diese Anmeldung ist schon beendet"))
    }

    /// The sign-ins of an account that have not ended, the newest first.
    pub fn sign_ins(
        &self,
        name: &AccountName,
        limits: &SignInLimits,
        now: Timestamp,
    ) -> Result<Vec<SignIn>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT number, created, last_used, expires, confirmed, browser FROM sign_in
                 WHERE account = ?1 AND expires > ?2 AND last_used >= ?3 ORDER BY number DESC",
            )?
            .query_map(params![name.as_str(), now.as_second(), limits.used_since(now)], |r| {
                sign_in(r, 0)
            })?
            .collect()
        })
    }
}

/// Ends all sign-ins of an account but one.
pub(super) fn end_all(
    t: &Transaction,
    name: &AccountName,
    stays: Option<u64>,
) -> rusqlite::Result<()> {
    t.execute(
        "DELETE FROM sign_in WHERE account = ?1 AND number IS NOT ?2",
        params![name.as_str(), stays],
    )?;
    Ok(())
}

/// A column of seconds.
pub(super) fn time(r: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_second(r.get(column)?)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, 0))
}

fn before(now: Timestamp, span: Duration) -> i64 {
    let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
    now.as_second().saturating_sub(span.as_secs())
}

fn end(
    t: &Transaction,
    name: &AccountName,
    number: u64,
    made: &Signature,
    act: Act,
) -> rusqlite::Result<bool> {
    let ended = t.execute(
        "DELETE FROM sign_in WHERE account = ?1 AND number = ?2",
        params![name.as_str(), number],
    )? == 1;
    if ended {
        let number = number.to_string();
        audit::append(t, made, act, name.as_str(), &[("sign_in", &number)])?;
    }
    Ok(ended)
}

fn sign_in(r: &Row<'_>, first: usize) -> rusqlite::Result<SignIn> {
    Ok(SignIn {
        number: r.get(first)?,
        created: time(r, first + 1)?,
        last_used: time(r, first + 2)?,
        expires: time(r, first + 3)?,
        confirmed: time(r, first + 4)?,
        browser: r.get(first + 5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{PasswordHash, TotpSecret};
    use crate::domain::DeskRole;

    fn archive(totp: Option<&TotpSecret>) -> (tempfile::TempDir, Store, AccountName) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let name = AccountName::new("klein").unwrap();
        let made = Signature { by: "test".to_owned(), at: Timestamp::now() };
        let hash = PasswordHash::stored("x".to_owned());
        store.add_account(&name, DeskRole::Clerk, &hash, totp, &made).unwrap();
        (dir, store, name)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_sign_in_ends_when_it_is_idle_and_when_its_day_is_over() {
        let (_dir, store, name) = archive(None);
        let (limits, token) = (SignInLimits::default(), SignInToken::made_up());
        assert!(store.begin_sign_in(&name, &token, "Fire\nfox", None, &limits, at(0)).unwrap());
        let there = |seconds| store.present(&token, &limits, at(seconds)).unwrap().is_some();
        // Every request carries it on for two hours, but not beyond twelve.
        assert!((1..12).all(|hour| there(hour * 3600)));
        assert!(!there(12 * 3600));
        assert!(!there(11 * 3600 + 7201));
        assert_eq!(store.sign_ins(&name, &limits, at(11 * 3600)).unwrap()[0].browser, "Firefox");
        assert!(store.present(&SignInToken::made_up(), &limits, at(0)).unwrap().is_none());
        // The next one clears it away, and no file has a token.
        let other = SignInToken::made_up();
        assert!(store.begin_sign_in(&name, &other, "", None, &limits, at(86_400)).unwrap());
        let count = "SELECT count(*) FROM sign_in";
        let rows: u64 = store.read(|c| c.query_row(count, [], |r| r.get(0))).unwrap();
        assert_eq!(rows, 1);
        let files = std::fs::read_dir(store.data_dir()).unwrap().map(|f| f.unwrap().path());
        for file in files.filter(|f| f.is_file()) {
            let bytes = std::fs::read(&file).unwrap();
            let reveals = bytes.windows(64).any(|w| w == other.reveal().as_bytes());
            assert!(!reveals, "{}", file.display());
        }
    }

    #[test]
    fn a_code_is_used_once_and_none_is_passed_over() {
        let (_dir, store, name) = archive(Some(&TotpSecret::made_up()));
        let begin = |step: Option<i64>| {
            let (token, step) = (SignInToken::made_up(), step.map(TotpStep));
            store.begin_sign_in(&name, &token, "", step, &SignInLimits::default(), at(0)).unwrap()
        };
        let begun = [Some(7), Some(7), Some(6), None, Some(8)].map(begin);
        assert_eq!(begun, [true, false, false, false, true]);
    }

    #[test]
    fn who_failed_is_counted_and_a_name_of_nobody_is_nowhere() {
        let (_dir, store, name) = archive(None);
        store.refuse_sign_in(Some(&name), at(1)).unwrap();
        store.refuse_sign_in(Some(&name), at(2)).unwrap();
        store.refuse_sign_in(None, at(3)).unwrap();
        let failed = store.failed_sign_ins().unwrap();
        assert_eq!((failed[0].failures, failed[0].last), (2, at(2)));
        let refused: Vec<(String, String)> = (store.audit().unwrap().into_iter())
            .filter(|entry| entry.act == Act::SignInRefused)
            .map(|entry| (entry.made.by, entry.subject))
            .collect();
        let pair = |by: &str, subject: &str| (by.to_owned(), subject.to_owned());
        let expected = [pair("klein", "klein"), pair("klein", "klein"), pair("unbekannt", "")];
        assert_eq!(refused, expected);
        let token = SignInToken::made_up();
        store.begin_sign_in(&name, &token, "", None, &SignInLimits::default(), at(4)).unwrap();
        assert_eq!(store.failed_sign_ins().unwrap(), []);
    }

    #[test]
    fn whoever_ends_a_sign_in_is_in_the_audit() {
        let (_dir, store, name) = archive(None);
        let limits = SignInLimits::default();
        let tokens = [SignInToken::made_up(), SignInToken::made_up()];
        for token in &tokens {
            assert!(store.begin_sign_in(&name, token, "", None, &limits, at(0)).unwrap());
        }
        let present = |n: usize| store.present(&tokens[n], &limits, at(1)).unwrap();
        let (one, other) = (present(0).unwrap(), present(1).unwrap());
        store.sign_out(&one, at(2)).unwrap();
        let by = Signature { by: "chef".to_owned(), at: at(3) };
        store.revoke_sign_in(&name, other.sign_in.number, &by).unwrap();
        assert!(store.revoke_sign_in(&name, other.sign_in.number, &by).is_err());
        assert!(present(0).is_none() && present(1).is_none());
        let ends: Vec<(Act, String)> =
            store.audit().unwrap().into_iter().map(|e| (e.act, e.made.by)).skip(3).collect();
        let expected =
            [(Act::SignedOut, "klein".to_owned()), (Act::SignInRevoked, "chef".to_owned())];
        assert_eq!(ends, expected);
    }
}
