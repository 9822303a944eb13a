//! The guard before every handler of the desk: who asks, whether they may, whether the form is theirs. Owns
//! these checks and [`SignedIn`], which only it makes.

use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::{SignedDuration, Timestamp};

use super::cookies;
use super::errors::Denial;
use super::pages::{address_of, with_return};
use super::routes::{Access, Confirmation, DeskRoute, Verb};
use super::state::DeskApp;
use crate::credentials::{FormToken, SignInToken};
use crate::domain::{AccountName, Signature};
use crate::store::Present;
use crate::web::shared::blocking;

/// Largest form in bytes, where its row does not say otherwise.
pub const FORM_SIZE: usize = 64 * 1024;
/// The field of a form that says whose it is.
const FORM_FIELD: &str = "formular=";
/// The same for scripts, which send no form.
const FORM_HEADER: &str = "x-formular";
/// How long a password that was shown again counts.
const RECENT: SignedDuration = SignedDuration::from_mins(5);

/// Somebody who is signed in and may ask for what was asked for. Every handler that needs to know who it is
/// takes this; there is none where the table lets anyone in.
#[derive(Clone)]
pub struct SignedIn {
    /// Who, and in which sign-in.
    pub present: Present,
    token: SignInToken,
}

impl SignedIn {
    /// The account's name.
    pub fn name(&self) -> &AccountName {
        &self.present.account.name
    }

    /// What the forms on this sign-in's pages carry.
    pub fn form_token(&self) -> FormToken {
        self.token.form_token()
    }

    /// The signature under what is done now.
    pub fn signature(&self) -> Signature {
        Signature { by: self.name().to_string(), at: Timestamp::now() }
    }

    /// Whether the password was shown in the last minutes.
    pub fn is_confirmed(&self) -> bool {
        Timestamp::now().duration_since(self.present.sign_in.confirmed) < RECENT
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, std::convert::Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

/// Lets a request through to the handler of a row, or answers it.
pub async fn guard(
    State((app, row)): State<(DeskApp, DeskRoute)>,
    mut request: Request,
    next: Next,
) -> Response {
    let signed_in = match who(&app, request.headers()).await {
        Ok(signed_in) => signed_in,
        Err(failure) => return failure.into_response(),
    };
    let Some(signed_in) = signed_in else {
        return match (row.access, row.verb) {
            (Access::Anyone, _) => next.run(request).await,
            (_, Verb::Get) => {
                Redirect::to(&with_return("/anmelden", request.uri())).into_response()
            }
            _ => Denial::NotSignedIn.into_response(),
        };
    };
    let mut response = match admitted(&signed_in, &row, request).await {
        Ok(admitted) => {
            request = admitted;
            request.extensions_mut().insert(signed_in.clone());
            next.run(request).await
        }
        Err(response) => response,
    };
    // The page of a failure has the same frame.
    response.extensions_mut().insert(signed_in);
    response
}

/// Who shows a token of a sign-in that has not ended.
pub(super) async fn who(
    app: &DeskApp,
    headers: &HeaderMap,
) -> Result<Option<SignedIn>, crate::web::shared::error::Failure> {
    let Some(token) = cookies::token(headers, app.settings.is_secure()) else { return Ok(None) };
    let app = app.clone();
    blocking(move || {
        let present = app.store.present(&token, &app.settings.limits, Timestamp::now())?;
        Ok::<_, crate::domain::Error>(present.map(|present| SignedIn { present, token }))
    })
    .await
}

/// The request, if whoever is signed in may make it.
async fn admitted(
    signed_in: &SignedIn,
    row: &DeskRoute,
    request: Request,
) -> Result<Request, Response> {
    if let Access::Right(right) = row.access
        && !signed_in.present.account.role.may(right)
    {
        return Err(Denial::NotAllowed.into_response());
    }
    let request = match row.verb.reads() || row.access == Access::Anyone {
        true => request,
        false => own_form(&signed_in.token, request, row.form_size).await?,
    };
    if row.confirmation == Confirmation::Recent && !signed_in.is_confirmed() {
        let back = match row.verb.reads() {
            true => request.uri().clone(),
            // What was typed is lost; the page that it was typed on is the best place to go on.
            false => address_of(request.headers()).unwrap_or_else(|| request.uri().clone()),
        };
        return Err(Redirect::to(&with_return("/bestaetigen", &back)).into_response());
    }
    Ok(request)
}

/// The request, if its form carries the token of this sign-in.
async fn own_form(
    token: &SignInToken,
    request: Request,
    longest: usize,
) -> Result<Request, Response> {
    let foreign = || Denial::ForeignForm.into_response();
    if let Some(sent) = request.headers().get(FORM_HEADER) {
        let own = sent.to_str().is_ok_and(|sent| token.is_own_form(sent));
        return if own { Ok(request) } else { Err(foreign()) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(foreign());
    }
    let (parts, body) = request.into_parts();
    let too_large = |_| StatusCode::PAYLOAD_TOO_LARGE.into_response();
    let body = axum::body::to_bytes(body, longest).await.map_err(too_large)?;
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let sent = text.split('&').find_map(|pair| pair.strip_prefix(FORM_FIELD));
    match sent.is_some_and(|sent| token.is_own_form(sent)) {
        true => Ok(Request::from_parts(parts, Body::from(body))),
        false => Err(foreign()),
    }
}
