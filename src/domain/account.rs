//! Accounts of the clerk's desk: names, roles, and what each role may do. Owns that this is said in one
//! place; refuses secrets, which are the business of `credentials`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// Longest name of an account, in characters.
const LONGEST_NAME: usize = 64;

/// The name that somebody signs in with: lower-case letters, digits, `.`, `-`, `_` and `@`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName(String);

impl AccountName {
    /// Checks a name; spaces around it and capitals do not count.
    pub fn new(text: &str) -> Result<Self, InvalidAccountName> {
        let name = text.trim().to_lowercase();
        let sound = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
        let begins = name.chars().next().is_some_and(char::is_alphanumeric);
        let fits = begins && name.chars().count() <= LONGEST_NAME && name.chars().all(sound);
        if fits { Ok(Self(name)) } else { Err(InvalidAccountName) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = InvalidAccountName;
    fn from_str(text: &str) -> Result<Self, InvalidAccountName> {
        Self::new(text)
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot be the name of an account. It is not repeated: people type passwords there.
#[derive(Debug)]
pub struct InvalidAccountName;

impl fmt::Display for InvalidAccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ein Kontoname hat 1 bis 64 Zeichen: Buchstaben, Ziffern und . - _ @")
    }
}

impl std::error::Error for InvalidAccountName {}

/// What somebody does at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskRole {
    /// Works on meetings, up to "checked".
    Clerk,
    /// Also releases them.
    Reviewer,
    /// Also manages accounts.
    Admin,
    /// Reads who did what, and nothing else.
    Auditor,
}

/// What a role may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Upload, run jobs, correct, mark as checked, withhold.
    EditMeetings,
    /// Release to the public.
    Publish,
    /// Add, change and close accounts.
    ManageAccounts,
    /// Read and export the audit.
    ReadAudit,
}

impl DeskRole {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Clerk, Self::Reviewer, Self::Admin, Self::Auditor];

    /// Whether the role has this right.
    pub fn may(self, right: Right) -> bool {
        use Right::{EditMeetings, ManageAccounts, Publish, ReadAudit};
        match self {
            Self::Clerk => matches!(right, EditMeetings),
            Self::Reviewer => matches!(right, EditMeetings | Publish),
            Self::Admin => matches!(right, EditMeetings | Publish | ManageAccounts | ReadAudit),
            Self::Auditor => matches!(right, ReadAudit),
        }
    }

    /// A code that is never changed.
    pub fn code(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl FromStr for DeskRole {
    type Err = UnknownDeskRole;
    fn from_str(code: &str) -> Result<Self, UnknownDeskRole> {
        Self::ALL.into_iter().find(|role| role.code() == code).ok_or(UnknownDeskRole)
    }
}

/// A text that names no role.
#[derive(Debug)]
pub struct UnknownDeskRole;

impl fmt::Display for UnknownDeskRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rollen sind clerk, reviewer, admin und auditor")
    }
}

impl std::error::Error for UnknownDeskRole {}

/// An account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: AccountName,
    /// What its owner does.
    pub role: DeskRole,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
    /// Whether it is closed: nobody signs in with it.
    pub disabled: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// A browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// What it is called where it is listed and ended.
    pub number: u64,
    /// When it began.
    pub created: Timestamp,
    /// When it was used last, to the minute.
    pub last_used: Timestamp,
    /// When it ends, whatever happens.
    pub expires: Timestamp,
    /// When its owner last proved to be there, by the password.
    pub confirmed: Timestamp,
    /// The browser, as it says of itself, shortened.
    pub browser: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_type_them() {
        assert_eq!(AccountName::new(" Klein ").unwrap().as_str(), "klein");
        assert_eq!(AccountName::new("j.müller@rat").unwrap().as_str(), "j.müller@rat");
        for wrong in ["", "  ", "-k", "a b", "a/b", "a\nb", "<b>", &"x".repeat(65)] {
            assert!(AccountName::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_who_releases_may_publish_and_only_admins_manage_accounts() {
        let who = |right| DeskRole::ALL.map(|role| role.may(right));
        assert_eq!(who(Right::EditMeetings), [true, true, true, false]);
        assert_eq!(who(Right::Publish), [false, true, true, false]);
        assert_eq!(who(Right::ManageAccounts), [false, false, true, false]);
        assert_eq!(who(Right::ReadAudit), [false, false, true, true]);
        assert!(DeskRole::ALL.iter().all(|role| role.code().parse::<DeskRole>().unwrap() == *role));
    }
}
