//! `/arbeitsplatz/anmelden`, `…/anmelden/code`, `…/abmelden`: the way in, by password and then by code, and
//! out. Owns that an account that is not there, closed, or another's is answered alike.

use std::time::Instant;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::{GoOn, go_on, page, page_with, with_return};
use crate::credentials::{Password, SignInToken, TotpStep};
use crate::domain::{AccountName, Error};
use crate::web::desk::address::VisitorNetwork;
use crate::web::desk::cookies;
use crate::web::desk::errors::Denial;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::DeskApp;
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

#[derive(Template)]
#[template(path = "desk_sign_in.html")]
struct SignInPage {
    frame: DeskFrame,
    wrong: bool,
    go_on: String,
}

#[derive(Template)]
#[template(path = "desk_code.html")]
struct CodePage {
    frame: DeskFrame,
    wrong: bool,
    go_on: String,
}

#[derive(Deserialize)]
pub struct PasswordForm {
    name: String,
    passwort: String,
    #[serde(flatten)]
    go_on: GoOn,
}

#[derive(Deserialize)]
pub struct CodeForm {
    code: String,
    #[serde(flatten)]
    go_on: GoOn,
}

/// Asks for name and password.
pub async fn show(
    signed_in: Option<SignedIn>,
    Query(to): Query<GoOn>,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    if signed_in.is_some() {
        return Ok(Redirect::to(to.address()).into_response());
    }
    page(SignInPage { frame, wrong: false, go_on: to.address().to_owned() })
}

/// Checks name and password.
pub async fn with_password(
    State(app): State<DeskApp>,
    network: VisitorNetwork,
    headers: HeaderMap,
    frame: DeskFrame,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Failure> {
    let typed = form.name.trim().to_lowercase();
    if let Err(wait) = app.throttle.attempt(&typed, network.0, Instant::now()) {
        return Ok(Denial::TooSoon(wait).into_response());
    }
    let (desk, name) = (app.clone(), AccountName::new(&typed).ok());
    let secrets = blocking(move || match name {
        Some(name) => desk.store.account_secrets(&name),
        None => Ok::<_, Error>(None),
    })
    .await?;
    let known = secrets.as_ref().map(|secrets| secrets.account.name.clone());
    let open = secrets.filter(|secrets| !secrets.account.disabled);
    let hash = open.as_ref().map(|open| open.password.clone());
    let fits = app.passwords.fits(hash, Password::typed(&form.passwort)).await?;
    let Some(open) = open.filter(|_| fits) else {
        refuse(&app, known).await?;
        let go_on = form.go_on.address().to_owned();
        return page_with(StatusCode::UNAUTHORIZED, SignInPage { frame, wrong: true, go_on });
    };
    let name = open.account.name;
    if open.totp.is_none() {
        return begin(&app, name, None, network, &headers, &form.go_on).await.map(|begun| {
            // It got a second factor, or was closed, this very moment.
            begun.unwrap_or_else(|| go_on("/anmelden"))
        });
    }
    let token = app.second_steps.begin(name);
    let back: Uri = form.go_on.address().parse().unwrap_or_default();
    let next = Redirect::to(&with_return("/anmelden/code", &back));
    let cookie = cookies::set(&token, app.settings.is_secure());
    Ok(([(header::SET_COOKIE, cookie)], next).into_response())
}

/// Asks for the code of whoever has shown a password.
pub async fn ask_code(
    State(app): State<DeskApp>,
    Query(to): Query<GoOn>,
    headers: HeaderMap,
    frame: DeskFrame,
) -> Result<Response, Failure> {
    let token = cookies::token(&headers, app.settings.is_secure());
    if !token.is_some_and(|token| app.second_steps.is_waiting(&token)) {
        return Ok(go_on("/anmelden"));
    }
    page(CodePage { frame, wrong: false, go_on: to.address().to_owned() })
}

/// Checks the code.
pub async fn with_code(
    State(app): State<DeskApp>,
    network: VisitorNetwork,
    headers: HeaderMap,
    frame: DeskFrame,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let token = cookies::token(&headers, app.settings.is_secure());
    let Some((token, name)) = token.and_then(|t| app.second_steps.try_code(&t).map(|n| (t, n)))
    else {
        return Ok(go_on("/anmelden"));
    };
    if let Err(wait) = app.throttle.attempt(name.as_str(), network.0, Instant::now()) {
        return Ok(Denial::TooSoon(wait).into_response());
    }
    let (desk, account) = (app.clone(), name.clone());
    let secrets = blocking(move || desk.store.account_secrets(&account)).await?;
    let totp = secrets.and_then(|secrets| secrets.totp);
    let step = totp.and_then(|totp| totp.step(&form.code, Timestamp::now()));
    if let Some(step) = step
        && let Some(begun) =
            begin(&app, name.clone(), Some(step), network, &headers, &form.go_on).await?
    {
        app.second_steps.end(&token);
        return Ok(begun);
    }
    refuse(&app, Some(name)).await?;
    if !app.second_steps.is_waiting(&token) {
        return Ok(go_on("/anmelden"));
    }
    let go_on = form.go_on.address().to_owned();
    page_with(StatusCode::UNAUTHORIZED, CodePage { frame, wrong: true, go_on })
}

/// Ends the sign-in.
pub async fn sign_out(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
) -> Result<Response, Failure> {
    let cookie = cookies::forget(app.settings.is_secure());
    blocking(move || app.store.sign_out(&signed_in.present, Timestamp::now())).await?;
    Ok(([(header::SET_COOKIE, cookie)], go_on("/anmelden")).into_response())
}

/// Signs in under a new token, unless the archive says no: the code was used, the account closed.
async fn begin(
    app: &DeskApp,
    name: AccountName,
    step: Option<TotpStep>,
    network: VisitorNetwork,
    headers: &HeaderMap,
    to: &GoOn,
) -> Result<Option<Response>, Failure> {
    let browser = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let browser = browser.unwrap_or_default().to_owned();
    let token = SignInToken::made_up();
    let (desk, account, new) = (app.clone(), name.clone(), token.clone());
    let begun = blocking(move || {
        let limits = &desk.settings.limits;
        desk.store.begin_sign_in(&account, &new, &browser, step, limits, Timestamp::now())
    })
    .await?;
    if !begun {
        return Ok(None);
    }
    app.throttle.succeeded(name.as_str(), network.0);
    let cookie = cookies::set(&token, app.settings.is_secure());
    let next = Redirect::to(to.address());
    Ok(Some(([(header::SET_COOKIE, cookie)], next).into_response()))
}

async fn refuse(app: &DeskApp, known: Option<AccountName>) -> Result<(), Failure> {
    let app = app.clone();
    blocking(move || app.store.refuse_sign_in(known.as_ref(), Timestamp::now())).await
}
