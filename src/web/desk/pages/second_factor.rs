//! `/arbeitsplatz/konto/zweiter-faktor`: sets up the second factor of one's own account, or takes it away.
//! Owns that a secret counts only when its owner has shown a code of it.

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::{go_on, page_with};
use crate::credentials::{QrSymbol, TotpSecret};
use crate::domain::Error;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_second_factor.html")]
struct SecondFactorPage {
    frame: DeskFrame,
    is_set: bool,
    secret: ShownSecret,
    wrong: bool,
}

/// A secret as a page shows it, once.
pub struct ShownSecret {
    /// As text.
    pub key: String,
    /// As a QR code.
    pub symbol: Option<QrSymbol>,
}

impl ShownSecret {
    /// Of an account of a site.
    pub fn of(secret: &TotpSecret, title: &str, account: &str) -> Self {
        Self { key: secret.reveal(), symbol: QrSymbol::of(&secret.uri(title, account)) }
    }
}

#[derive(Deserialize)]
pub struct SecondFactorForm {
    /// The secret that the page has shown; without one, the second factor goes.
    #[serde(default)]
    geheimnis: String,
    #[serde(default)]
    code: String,
}

/// Offers a new secret.
pub async fn show(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    offer(&app, &signed_in, frame, &TotpSecret::made_up(), StatusCode::OK)
}

/// Takes it, if the code fits.
pub async fn set(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
    Form(form): Form<SecondFactorForm>,
) -> Result<Response, Failure> {
    let secret = match form.geheimnis.as_str() {
        "" => None,
        text => {
            let unreadable = |e| Error::bad_input("Das Formular ist unvollständig").because(e);
            Some(TotpSecret::read(text).map_err(unreadable)?)
        }
    };
    if let Some(secret) = &secret
        && secret.step(&form.code, Timestamp::now()).is_none()
    {
        return offer(&app, &signed_in, frame, secret, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let next = if secret.is_some() { "/konto?fertig=faktor" } else { "/konto?fertig=ohne-faktor" };
    blocking(move || app.store.set_totp(signed_in.name(), secret.as_ref(), &signed_in.signature()))
        .await?;
    Ok(go_on(next))
}

fn offer(
    app: &DeskApp,
    signed_in: &SignedIn,
    frame: DeskFrame,
    secret: &TotpSecret,
    status: StatusCode,
) -> Result<Response, Failure> {
    let is_set = signed_in.present.account.second_factor;
    let secret = ShownSecret::of(secret, &app.settings.title, signed_in.name().as_str());
    page_with(status, SecondFactorPage { frame, is_set, secret, wrong: status != StatusCode::OK })
}
