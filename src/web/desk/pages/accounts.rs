//! `/arbeitsplatz/konten`: all accounts, and a new one.

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::second_factor::ShownSecret;
use super::{page, page_with};
use crate::credentials::{Password, TotpSecret};
use crate::domain::{Account, AccountName, DeskRole, ErrorKind};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_accounts.html")]
struct AccountsPage {
    frame: DeskFrame,
    signed_in: SignedIn,
    accounts: Vec<Account>,
    wrong: Option<String>,
}

impl AccountsPage {
    fn role(&self, role: &DeskRole) -> &'static str {
        texts::role(*role)
    }

    fn roles(&self) -> [DeskRole; 4] {
        DeskRole::ALL
    }

    fn when(&self, at: &Timestamp) -> String {
        texts::when(*at)
    }
}

/// What somebody needs to sign in, shown once to whoever made it.
#[derive(Template)]
#[template(path = "desk_credentials.html")]
pub struct CredentialsPage {
    /// The frame.
    pub frame: DeskFrame,
    /// Whose they are.
    pub account: AccountName,
    /// The password, where it is new.
    pub password: Option<String>,
    /// The second factor, where it is new.
    pub secret: Option<ShownSecret>,
}

#[derive(Deserialize)]
pub struct NewAccountForm {
    name: String,
    rolle: String,
}

/// Lists them.
pub async fn list(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    list_with(app, signed_in, frame, None).await
}

/// Makes one, and shows once what its owner needs.
pub async fn add(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
    Form(form): Form<NewAccountForm>,
) -> Result<Response, Failure> {
    let name = match AccountName::new(&form.name) {
        Ok(name) => name,
        Err(invalid) => return list_with(app, signed_in, frame, Some(format!("{invalid}."))).await,
    };
    let unknown = |e| crate::domain::Error::bad_input("Diese Rolle gibt es nicht").because(e);
    let role: DeskRole = form.rolle.parse().map_err(unknown)?;
    let (password, shown) = Password::made_up();
    let (hash, totp) = (app.passwords.hash(password).await?, TotpSecret::made_up());
    let secret = ShownSecret::of(&totp, &app.settings.title, name.as_str());
    let (desk, account, made) = (app.clone(), name.clone(), signed_in.signature());
    let added =
        blocking(move || match desk.store.add_account(&account, role, &hash, Some(&totp), &made) {
            Err(error) if error.kind() == ErrorKind::BadInput => Ok(Err(error)),
            added => added.map(Ok),
        })
        .await?;
    match added {
        Ok(()) => page(CredentialsPage {
            frame,
            account: name,
            password: Some(shown),
            secret: Some(secret),
        }),
        Err(taken) => list_with(app, signed_in, frame, Some(format!("{taken}."))).await,
    }
}

async fn list_with(
    app: DeskApp,
    signed_in: SignedIn,
    frame: DeskFrame,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let accounts = blocking(move || app.store.accounts()).await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, AccountsPage { frame, signed_in, accounts, wrong })
}
