//! `/arbeitsplatz/konto`: one's own password, second factor and sign-ins.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::confirm::is_own_password;
use super::{JustDone, go_on, page_with};
use crate::credentials::Password;
use crate::domain::SignIn;
use crate::web::desk::address::VisitorNetwork;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::desk::texts::{self, T};
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_own_account.html")]
struct OwnAccountPage {
    frame: DeskFrame,
    signed_in: SignedIn,
    role: &'static str,
    done: Option<&'static str>,
    wrong: Option<String>,
    sign_ins: Vec<SignIn>,
}

impl OwnAccountPage {
    fn when(&self, at: &Timestamp) -> String {
        texts::when(*at)
    }
}

#[derive(Deserialize)]
pub struct NewPasswordForm {
    bisher: String,
    neu: String,
    nochmal: String,
}

#[derive(Deserialize)]
pub struct SignInForm {
    nummer: u64,
}

/// Shows all of it.
pub async fn show(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Query(done): Query<JustDone>,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    let done = match done.fertig.as_str() {
        "passwort" => Some(T.password_changed),
        "faktor" => Some(T.second_factor_set),
        "ohne-faktor" => Some(T.second_factor_removed),
        "anmeldung" => Some(T.sign_in_ended),
        _ => None,
    };
    own_page(&app, signed_in, frame, done, None).await
}

/// Changes the password; all other sign-ins end.
pub async fn set_password(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    network: VisitorNetwork,
    frame: DeskFrame,
    Form(form): Form<NewPasswordForm>,
) -> Result<Response, Failure> {
    let new = Password::typed(&form.neu);
    let wrong = if form.neu != form.nochmal {
        Some(T.password_differs.to_owned())
    } else if let Err(unusable) = new.check(signed_in.name().as_str()) {
        Some(format!("{unusable}."))
    } else {
        match is_own_password(&app, &signed_in, network, &form.bisher).await? {
            Err(refusal) => return Ok(refusal.into_response()),
            Ok(fits) => (!fits).then(|| T.confirm_wrong.to_owned()),
        }
    };
    if wrong.is_some() {
        return own_page(&app, signed_in, frame, None, wrong).await;
    }
    let hash = app.passwords.hash(new).await?;
    blocking(move || {
        let stays = Some(signed_in.present.sign_in.number);
        app.store.set_password(signed_in.name(), &hash, stays, &signed_in.signature())
    })
    .await?;
    Ok(go_on("/konto?fertig=passwort"))
}

/// Ends one of one's sign-ins.
pub async fn end_sign_in(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Form(form): Form<SignInForm>,
) -> Result<Response, Failure> {
    blocking(move || {
        app.store.revoke_sign_in(signed_in.name(), form.nummer, &signed_in.signature())
    })
    .await?;
    Ok(go_on("/konto?fertig=anmeldung"))
}

async fn own_page(
    app: &DeskApp,
    signed_in: SignedIn,
    frame: DeskFrame,
    done: Option<&'static str>,
    wrong: Option<String>,
) -> Result<Response, Failure> {
    let (app, name) = (app.clone(), signed_in.name().clone());
    let sign_ins =
        blocking(move || app.store.sign_ins(&name, &app.settings.limits, Timestamp::now())).await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let role = texts::role(signed_in.present.account.role);
    page_with(status, OwnAccountPage { frame, signed_in, role, done, wrong, sign_ins })
}
