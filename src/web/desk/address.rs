//! From where somebody comes to the desk, only to count tries; never logged, never stored.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::state::DeskApp;
use crate::web::shared::visitor::network;

/// The network that somebody asks from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VisitorNetwork(pub IpAddr);

impl FromRequestParts<DeskApp> for VisitorNetwork {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &DeskApp) -> Result<Self, Infallible> {
        Ok(Self(network(parts, &app.settings.proxies)))
    }
}
