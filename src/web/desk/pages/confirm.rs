//! `/arbeitsplatz/bestaetigen`: asks for the password again, before what is grave. Owns the check that other
//! pages make of a password, too.

use std::time::Instant;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::{GoOn, page, page_with};
use crate::credentials::Password;
use crate::web::desk::address::VisitorNetwork;
use crate::web::desk::errors::Denial;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_confirm.html")]
struct ConfirmPage {
    frame: DeskFrame,
    wrong: bool,
    go_on: String,
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    passwort: String,
    #[serde(flatten)]
    go_on: GoOn,
}

/// Asks for the password.
pub async fn show(Query(to): Query<GoOn>, frame: DeskFrame) -> Result<Response, Failure> {
    page(ConfirmPage { frame, wrong: false, go_on: to.address().to_owned() })
}

/// Checks it, and goes on to where it was asked for.
pub async fn confirm(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    network: VisitorNetwork,
    frame: DeskFrame,
    Form(form): Form<ConfirmForm>,
) -> Result<Response, Failure> {
    match is_own_password(&app, &signed_in, network, &form.passwort).await? {
        Err(refusal) => Ok(refusal.into_response()),
        Ok(false) => {
            let go_on = form.go_on.address().to_owned();
            page_with(StatusCode::UNPROCESSABLE_ENTITY, ConfirmPage { frame, wrong: true, go_on })
        }
        Ok(true) => {
            let number = signed_in.present.sign_in.number;
            blocking(move || app.store.confirm_sign_in(number, Timestamp::now())).await?;
            Ok(Redirect::to(form.go_on.address()).into_response())
        }
    }
}

/// Whether this is the password of whoever is signed in. Tries are counted as at the door.
pub async fn is_own_password(
    app: &DeskApp,
    signed_in: &SignedIn,
    network: VisitorNetwork,
    typed: &str,
) -> Result<Result<bool, Denial>, Failure> {
    let name = signed_in.name().clone();
    if let Err(wait) = app.throttle.attempt(name.as_str(), network.0, Instant::now()) {
        return Ok(Err(Denial::TooSoon(wait)));
    }
    let (desk, account) = (app.clone(), name.clone());
    let secrets = blocking(move || desk.store.account_secrets(&account)).await?;
    let hash = secrets.map(|secrets| secrets.password);
    let fits = app.passwords.fits(hash, Password::typed(typed)).await?;
    if fits {
        app.throttle.succeeded(name.as_str(), network.0);
    } else {
        let desk = app.clone();
        blocking(move || desk.store.refuse_sign_in(Some(&name), Timestamp::now())).await?;
    }
    Ok(Ok(fits))
}
