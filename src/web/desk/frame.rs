//! What every page of the desk needs for its frame: who is signed in, what they may go to. Owns the
//! navigation.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::BASE;
use super::guard::SignedIn;
use super::routes::Access;
use super::state::{Desk, DeskApp};
use super::texts::{DeskTexts, T};
use crate::credentials::FormToken;
use crate::domain::Right;
use crate::web::shared::assets;

/// A part of the desk, as navigation and start page show it to those who may use it.
pub struct DeskSection {
    /// Its first page, below [`BASE`].
    path: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    access: Access,
}

/// The parts of the desk, in the order of the work. A new one is a line here.
const SECTIONS: &[DeskSection] = &[
    DeskSection {
        path: "/aufnahmen",
        name: T.intakes,
        about: T.intakes_about,
        access: Access::Right(Right::EditMeetings),
    },
    DeskSection {
        path: "/sitzungen",
        name: T.meetings,
        about: T.meetings_about,
        access: Access::Right(Right::EditMeetings),
    },
    DeskSection {
        path: "/hinweise",
        name: T.reader_reports,
        about: T.reader_reports_about,
        access: Access::Right(Right::EditMeetings),
    },
    DeskSection {
        path: "/woerterbuch",
        name: T.glossary,
        about: T.glossary_about,
        access: Access::Right(Right::EditMeetings),
    },
    DeskSection {
        path: "/auftraege",
        name: T.jobs,
        about: T.jobs_about,
        access: Access::Right(Right::EditMeetings),
    },
    DeskSection {
        path: "/protokoll",
        name: T.audit,
        about: T.audit_about,
        access: Access::Right(Right::ReadAudit),
    },
    DeskSection {
        path: "/konten",
        name: T.accounts,
        about: T.accounts_about,
        access: Access::Right(Right::ManageAccounts),
    },
    DeskSection {
        path: "/konto",
        name: T.own_account,
        about: T.own_account_about,
        access: Access::Account,
    },
];

impl DeskSection {
    /// Whether it is the one of what readers report.
    pub fn is_of_reports(&self) -> bool {
        self.path == "/hinweise"
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("{BASE}{}", self.path)
    }
}

/// The frame of a page.
pub struct DeskFrame {
    /// The texts.
    pub t: &'static DeskTexts,
    /// Name of the site.
    pub title: String,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    path: String,
}

impl DeskFrame {
    /// Of a page at this path.
    pub fn new(desk: &Desk, path: String, signed_in: Option<SignedIn>) -> Self {
        Self { t: &T, title: desk.settings.title.clone(), signed_in, path }
    }

    /// Address of a static file.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Address of a page of the desk.
    pub fn at(&self, path: &str) -> String {
        format!("{BASE}{path}")
    }

    /// What the page's forms carry.
    pub fn form_token(&self) -> Option<FormToken> {
        self.signed_in.as_ref().map(SignedIn::form_token)
    }

    /// The parts that whoever is signed in may use.
    pub fn sections(&self) -> impl Iterator<Item = &'static DeskSection> {
        let role = self.signed_in.as_ref().map(|signed_in| signed_in.present.account.role);
        SECTIONS.iter().filter(move |section| match section.access {
            Access::Anyone => true,
            Access::Account => role.is_some(),
            Access::Right(right) => role.is_some_and(|role| role.may(right)),
        })
    }

    /// `aria-current` of a link to a part of the desk: of the page itself, or of the part that it is in.
    pub fn current(&self, section: &DeskSection) -> Option<&'static str> {
        let rest = self.path.strip_prefix(BASE)?.strip_prefix(section.path)?;
        match rest {
            "" => Some("page"),
            rest => rest.starts_with('/').then_some("true"),
        }
    }
}

impl FromRequestParts<DeskApp> for DeskFrame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &DeskApp) -> Result<Self, Infallible> {
        Ok(Self::new(app, parts.uri.path().to_owned(), parts.extensions.get().cloned()))
    }
}
