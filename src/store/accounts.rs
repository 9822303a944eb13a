//! Accounts of the desk: added, changed and closed, each with its entry in the audit. Owns that somebody
//! is left who manages them, and that whoever loses a password or an account loses its sign-ins.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Parsed, Store, audit, sign_ins};
use crate::credentials::{PasswordHash, TotpSecret};
use crate::domain::{Account, AccountName, Act, DeskRole, Error, Result, Right, Signature};

/// An account with what its owner must know or have.
#[derive(Clone, Debug)]
pub struct AccountSecrets {
    /// The account.
    pub account: Account,
    /// The hash of its password.
    pub password: PasswordHash,
    /// The secret of its second factor.
    pub totp: Option<TotpSecret>,
}

/// How often somebody failed to sign in with an account since somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedSignIns {
    /// The account.
    pub name: AccountName,
    /// How often.
    pub failures: u32,
    /// When it happened last.
    pub last: Timestamp,
}

/// What a change found.
enum ChangeOutcome {
    Changed,
    /// There is no such account.
    Nobody,
    /// Nobody else manages accounts.
    LastAdmin,
}

impl Store {
    /// All accounts, by name.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.read(|c| {
            let sql = format!("SELECT {COLUMNS} FROM account ORDER BY name");
            c.prepare_cached(&sql)?.query_map([], account)?.collect()
        })
    }

    /// An account.
    pub fn account(&self, name: &AccountName) -> Result<Option<Account>> {
        self.read(|c| {
            let sql = format!("SELECT {COLUMNS} FROM account WHERE name = ?1");
            c.prepare_cached(&sql)?.query_row([name.as_str()], account).optional()
        })
    }

    /// An account with its secrets, for whoever checks them.
    pub fn account_secrets(&self, name: &AccountName) -> Result<Option<AccountSecrets>> {
        self.read(|c| {
            let sql = format!("SELECT {COLUMNS}, password, totp FROM account WHERE name = ?1");
            c.prepare_cached(&sql)?
                .query_row([name.as_str()], |r| {
                    Ok(AccountSecrets {
                        account: account(r)?,
                        password: PasswordHash::stored(r.get(5)?),
                        totp: r.get::<_, Option<Parsed<_>>>(6)?.map(|totp| totp.0),
                    })
                })
                .optional()
        })
    }

    /// The accounts that somebody failed to sign in with.
    pub fn failed_sign_ins(&self) -> Result<Vec<FailedSignIns>> {
        self.read(|c| {
            c.prepare_cached("SELECT name, failures, failed_at FROM account WHERE failures > 0")?
                .query_map([], |r| {
                    Ok(FailedSignIns {
                        name: r.get::<_, Parsed<_>>(0)?.0,
                        failures: r.get(1)?,
                        last: sign_ins::time(r, 2)?,
                    })
                })?
                .collect()
        })
    }

    /// Makes an account.
    ///
    /// # Errors
    /// `BadInput` where there is one of that name.
    pub fn add_account(
        &self,
        name: &AccountName,
        role: DeskRole,
        password: &PasswordHash,
        totp: Option<&TotpSecret>,
        made: &Signature,
    ) -> Result<()> {
        let added = self.write(|t| {
            let added = t.execute(
                "INSERT OR IGNORE INTO account (name, role, password, totp, created)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    name.as_str(),
                    role.code(),
                    password.as_phc(),
                    totp.map(TotpSecret::reveal),
                    made.at.to_string()
                ],
            )? == 1;
            if added {
                let details = [("role", role.code())];
                audit::append(t, made, Act::AccountAdded, name.as_str(), &details)?;
            }
            Ok(added)
        })?;
        if added {
            return Ok(());
        }
        Err(Error::bad_input(format!("Es gibt schon ein Konto „{name}“"))
            .remedy("Wählen Sie einen anderen Namen"))
    }

    /// Gives an account another role.
    ///
    /// # Errors
    /// `NotFound` where there is no such account, `BadInput` where nobody would manage accounts.
    pub fn set_role(&self, name: &AccountName, role: DeskRole, made: &Signature) -> Result<()> {
        self.change_account(name, |t, former| {
            if former.role == role {
                return Ok(());
            }
            t.execute(
                "UPDATE account SET role = ?2 WHERE name = ?1",
                params![name.as_str(), role.code()],
            )?;
            let details = [("role", role.code()), ("former_role", former.role.code())];
            audit::append(t, made, Act::AccountChanged, name.as_str(), &details)
        })
    }

    /// Closes an account and ends its sign-ins.
    ///
    /// # Errors
    /// As of [`Self::set_role`].
    pub fn close_account(&self, name: &AccountName, made: &Signature) -> Result<()> {
        self.change_account(name, |t, former| match former.disabled {
            true => Ok(()),
            false => {
                set_disabled(t, name, true, made)?;
                sign_ins::end_all(t, name, None)
            }
        })
    }

    /// Opens a closed account again.
    ///
    /// # Errors
    /// `NotFound` where there is no such account.
    pub fn open_account(&self, name: &AccountName, made: &Signature) -> Result<()> {
        self.change_account(name, |t, former| match former.disabled {
            true => set_disabled(t, name, false, made),
            false => Ok(()),
        })
    }

    /// Sets the password, and ends all sign-ins of the account but the one of this number.
    ///
    /// # Errors
    /// `NotFound` where there is no such account.
    pub fn set_password(
        &self,
        name: &AccountName,
        password: &PasswordHash,
        stays: Option<u64>,
        made: &Signature,
    ) -> Result<()> {
        self.change_account(name, |t, _| {
            t.execute(
                "UPDATE account SET password = ?2, failures = 0 WHERE name = ?1",
                params![name.as_str(), password.as_phc()],
            )?;
            sign_ins::end_all(t, name, stays)?;
            let details = [("what", "password")];
            audit::append(t, made, Act::PasswordChanged, name.as_str(), &details)
        })
    }

    /// Sets the second factor, or takes it away.
    ///
    /// # Errors
    /// `NotFound` where there is no such account.
    pub fn set_totp(
        &self,
        name: &AccountName,
        totp: Option<&TotpSecret>,
        made: &Signature,
    ) -> Result<()> {
        self.change_account(name, |t, _| {
            t.execute(
                "UPDATE account SET totp = ?2, totp_step = 0 WHERE name = ?1",
                params![name.as_str(), totp.map(TotpSecret::reveal)],
            )?;
            let what = if totp.is_some() { "second_factor" } else { "no_second_factor" };
            audit::append(t, made, Act::PasswordChanged, name.as_str(), &[("what", what)])
        })
    }

    /// Changes an account that is there; undone where nobody would be left who manages accounts.
    fn change_account(
        &self,
        name: &AccountName,
        change: impl FnOnce(&Transaction, &Account) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let found = self.write(|t| {
            let sql = format!("SELECT {COLUMNS} FROM account WHERE name = ?1");
            let former = t.query_row(&sql, [name.as_str()], account).optional()?;
            let Some(former) = former else { return Ok(ChangeOutcome::Nobody) };
            let managed = is_managed(t)?;
            t.execute_batch("SAVEPOINT change")?;
            change(t, &former)?;
            if managed && !is_managed(t)? {
                t.execute_batch("ROLLBACK TO change")?;
                return Ok(ChangeOutcome::LastAdmin);
            }
            Ok(ChangeOutcome::Changed)
        })?;
        match found {
            ChangeOutcome::Changed => Ok(()),
            ChangeOutcome::Nobody => Err(Error::not_found(format!("Es gibt kein Konto „{name}“"))
                .remedy("`mitschnitt user list` nennt alle")),
            ChangeOutcome::LastAdmin => {
                Err(Error::bad_input("Dann verwaltete niemand mehr die Konten".to_owned())
                    .remedy("Geben Sie zuerst einem anderen Konto die Rolle admin"))
            }
        }
    }
}

const COLUMNS: &str = "name, role, totp IS NOT NULL, disabled, created";

pub(super) fn account(r: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        name: r.get::<_, Parsed<_>>(0)?.0,
        role: r.get::<_, Parsed<_>>(1)?.0,
        second_factor: r.get(2)?,
        disabled: r.get(3)?,
        created: r.get::<_, Parsed<_>>(4)?.0,
    })
}

fn set_disabled(
    t: &Transaction,
    name: &AccountName,
    disabled: bool,
    made: &Signature,
) -> rusqlite::Result<()> {
    t.execute(
        "UPDATE account SET disabled = ?2 WHERE name = ?1",
        params![name.as_str(), disabled],
    )?;
    let details = [("disabled", if disabled { "true" } else { "false" })];
    audit::append(t, made, Act::AccountDisabled, name.as_str(), &details)
}

/// Whether somebody can sign in who manages accounts.
fn is_managed(c: &Connection) -> rusqlite::Result<bool> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE NOT disabled");
    let open: Vec<Account> = c.prepare(&sql)?.query_map([], account)?.collect::<Result<_, _>>()?;
    Ok(open.iter().any(|account| account.role.may(Right::ManageAccounts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Password, SignInToken};
    use crate::domain::ErrorKind;
    use crate::store::SignInLimits;

    fn name(text: &str) -> AccountName {
        AccountName::new(text).unwrap()
    }

    fn made() -> Signature {
        Signature { by: "test".to_owned(), at: Timestamp::now() }
    }

    fn archive(accounts: &[(&str, DeskRole)]) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        for (account, role) in accounts {
            let hash = PasswordHash::stored("x".to_owned());
            store.add_account(&name(account), *role, &hash, None, &made()).unwrap();
        }
        (dir, store)
    }

    #[test]
    fn every_change_is_in_the_audit_and_none_that_changes_nothing() {
        let (_dir, store) = archive(&[("chef", DeskRole::Admin), ("klein", DeskRole::Clerk)]);
        let (klein, totp) = (name("klein"), TotpSecret::made_up());
        let hash = PasswordHash::of(&Password::typed("vier Tauben"));
        for _ in 0..2 {
            store.set_role(&klein, DeskRole::Reviewer, &made()).unwrap();
            store.close_account(&klein, &made()).unwrap();
        }
        store.open_account(&klein, &made()).unwrap();
        store.set_password(&klein, &hash, None, &made()).unwrap();
        store.set_totp(&klein, Some(&totp), &made()).unwrap();
        let acts: Vec<Act> = store.audit().unwrap().into_iter().map(|entry| entry.act).collect();
        use Act::{AccountAdded, AccountChanged, AccountDisabled, PasswordChanged};
        let changes =
            [AccountChanged, AccountDisabled, AccountDisabled, PasswordChanged, PasswordChanged];
        assert_eq!(acts, [&[AccountAdded, AccountAdded][..], &changes].concat());
        assert_eq!(store.audit_faults(&[]).unwrap(), []);
        let secrets = store.account_secrets(&klein).unwrap().unwrap();
        assert_eq!(secrets.account.role, DeskRole::Reviewer);
        assert_eq!((secrets.password, secrets.totp), (hash, Some(totp)));
        // What is secret is in no entry.
        let audit = serde_json::to_string(&store.audit().unwrap()).unwrap();
        assert!(!audit.contains("argon2") && !audit.contains(&"x".repeat(2)));
    }

    #[test]
    fn somebody_always_manages_accounts() {
        let (_dir, store) = archive(&[("chef", DeskRole::Admin), ("zwei", DeskRole::Admin)]);
        store.close_account(&name("zwei"), &made()).unwrap();
        for refused in [
            store.close_account(&name("chef"), &made()),
            store.set_role(&name("chef"), DeskRole::Auditor, &made()),
        ] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::BadInput);
        }
        assert_eq!(store.account(&name("chef")).unwrap().unwrap().role, DeskRole::Admin);
        assert_eq!(store.audit().unwrap().len(), 3);
        let missing = store.set_role(&name("wer"), DeskRole::Admin, &made());
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_new_password_and_a_closed_account_end_sign_ins() {
        let (_dir, store) = archive(&[("chef", DeskRole::Admin), ("klein", DeskRole::Clerk)]);
        let (klein, limits, now) = (name("klein"), SignInLimits::default(), Timestamp::now());
        let begin = || {
            let token = SignInToken::made_up();
            assert!(store.begin_sign_in(&klein, &token, "Firefox", None, &limits, now).unwrap());
            token
        };
        let (one, other) = (begin(), begin());
        let number = |token: &SignInToken| {
            let present = store.present(token, &limits, now).unwrap();
            present.map(|present| present.sign_in.number)
        };
        let hash = PasswordHash::stored("y".to_owned());
        store.set_password(&klein, &hash, number(&one), &made()).unwrap();
        assert!(number(&one).is_some() && number(&other).is_none());
        store.close_account(&klein, &made()).unwrap();
        assert!(number(&one).is_none());
        // Nobody begins one with a closed account.
        let token = SignInToken::made_up();
        assert!(!store.begin_sign_in(&klein, &token, "", None, &limits, now).unwrap());
    }
}
