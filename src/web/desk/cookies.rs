//! The one cookie of the desk. Owns its name and what a browser may do with it.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::credentials::SignInToken;

/// Over TLS: the prefix makes browsers refuse one that another host or plain HTTP set.
const SECURE: &str = "__Host-mitschnitt-arbeitsplatz";
/// On this machine, without TLS.
const PLAIN: &str = "mitschnitt-arbeitsplatz";

/// The token that a browser shows.
pub fn token(headers: &HeaderMap, secure: bool) -> Option<SignInToken> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';'));
    let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name(secure))?;
    SignInToken::sent(value)
}

/// Has the browser show this token from now on, until it is closed.
pub fn set(token: &SignInToken, secure: bool) -> HeaderValue {
    cookie(token.reveal(), "", secure)
}

/// Has the browser forget it.
pub fn forget(secure: bool) -> HeaderValue {
    cookie("", "; Max-Age=0", secure)
}

fn name(secure: bool) -> &'static str {
    if secure { SECURE } else { PLAIN }
}

fn cookie(value: &str, age: &str, secure: bool) -> HeaderValue {
    let name = name(secure);
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    let mut cookie = HeaderValue::try_from(cookie).expect("names and hexadecimal digits");
    cookie.set_sensitive(true);
    cookie
}
