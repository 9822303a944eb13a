//! `/arbeitsplatz/konten/{name}`: one account, and what an administrator changes of it.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::accounts::CredentialsPage;
use super::second_factor::ShownSecret;
use super::{JustDone, go_on, page};
use crate::credentials::{Password, TotpSecret};
use crate::domain::{Account, AccountName, DeskRole, Error, ErrorKind, SignIn};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts::{self, T};
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_account.html")]
struct AccountPage {
    frame: DeskFrame,
    signed_in: SignedIn,
    account: Account,
    /// Where it is signed in.
    sign_ins: Vec<SignIn>,
    done: Option<&'static str>,
}

impl AccountPage {
    fn when(&self, at: &Timestamp) -> String {
        texts::when(*at)
    }

    fn role(&self, role: &DeskRole) -> &'static str {
        texts::role(*role)
    }

    fn roles(&self) -> [DeskRole; 4] {
        DeskRole::ALL
    }
}

/// What is to be changed.
#[derive(Deserialize)]
#[serde(tag = "was", rename_all = "lowercase")]
pub enum AccountChange {
    /// The role.
    Rolle { rolle: String },
    /// Nobody signs in any more.
    Schliessen,
    /// Somebody may again.
    Oeffnen,
    /// Whoever is signed in with it has to sign in again.
    Abmelden,
    /// A new password.
    Passwort,
    /// A new second factor.
    Faktor,
}

/// Shows an account.
pub async fn show(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(done): Query<JustDone>,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    let name = named(&name)?;
    let (account, sign_ins) = blocking(move || {
        let found = app.store.account(&name)?;
        let missing = || Error::not_found(format!("Es gibt kein Konto „{name}“"));
        let sign_ins = app.store.sign_ins(&name, &app.settings.limits, Timestamp::now())?;
        Ok::<_, Error>((found.ok_or_else(missing)?, sign_ins))
    })
    .await?;
    let done = match done.fertig.as_str() {
        "rolle" => Some(T.role_changed),
        "geschlossen" => Some(T.account_closed),
        "offen" => Some(T.account_opened),
        "abgemeldet" => Some(T.account_signed_out),
        _ => None,
    };
    page(AccountPage { frame, signed_in, account, sign_ins, done })
}

/// Changes it.
pub async fn change(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(name): Path<String>,
    frame: DeskFrame,
    Form(change): Form<AccountChange>,
) -> Result<Response, Failure> {
    let (name, made, desk) = (named(&name)?, signed_in.signature(), app.clone());
    let (account, at) = (name.clone(), format!("/konten/{name}"));
    match change {
        AccountChange::Rolle { rolle } => {
            let unknown = |e| Error::bad_input("Diese Rolle gibt es nicht").because(e);
            let role = rolle.parse().map_err(unknown)?;
            blocking(move || desk.store.set_role(&account, role, &made)).await?;
            Ok(go_on(&format!("{at}?fertig=rolle")))
        }
        AccountChange::Schliessen => {
            blocking(move || desk.store.close_account(&account, &made)).await?;
            Ok(go_on(&format!("{at}?fertig=geschlossen")))
        }
        AccountChange::Oeffnen => {
            blocking(move || desk.store.open_account(&account, &made)).await?;
            Ok(go_on(&format!("{at}?fertig=offen")))
        }
        AccountChange::Abmelden => {
            blocking(move || {
                for sign_in in desk.store.sign_ins(&account, &desk.settings.limits, made.at)? {
                    match desk.store.revoke_sign_in(&account, sign_in.number, &made) {
                        // It ended meanwhile.
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        revoked => revoked?,
                    }
                }
                Ok::<_, Error>(())
            })
            .await?;
            Ok(go_on(&format!("{at}?fertig=abgemeldet")))
        }
        AccountChange::Passwort => {
            let (password, shown) = Password::made_up();
            let hash = app.passwords.hash(password).await?;
            blocking(move || desk.store.set_password(&account, &hash, None, &made)).await?;
            page(CredentialsPage { frame, account: name, password: Some(shown), secret: None })
        }
        AccountChange::Faktor => {
            let totp = TotpSecret::made_up();
            let secret = ShownSecret::of(&totp, &app.settings.title, name.as_str());
            blocking(move || desk.store.set_totp(&account, Some(&totp), &made)).await?;
            page(CredentialsPage { frame, account: name, password: None, secret: Some(secret) })
        }
    }
}

fn named(name: &str) -> Result<AccountName, Error> {
    AccountName::new(name).map_err(|e| Error::not_found("Dieses Konto gibt es nicht").because(e))
}
