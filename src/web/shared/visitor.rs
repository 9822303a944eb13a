//! From where somebody asks, only to count how often; never logged, never stored. Owns whom it believes.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use super::App;

/// The network that somebody asks from: an IPv4 address, the first half of an IPv6 one. These servers in front of
/// this one are believed who asked them.
pub fn network(parts: &Parts, proxies: &[IpAddr]) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
    // What the last server says of whom it was asked by; what stands before it anybody may have written.
    let said = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let said = said.and_then(|said| said.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let visitor = said.filter(|_: &IpAddr| proxies.contains(&peer));
    match visitor.unwrap_or(peer).to_canonical() {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The network that a visitor of the public site asks from.
#[derive(Clone, Copy)]
pub struct Visitor(pub IpAddr);

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let proxies = app.reports.as_ref().map_or(&[] as &[IpAddr], |reports| &reports.proxies);
        Ok(Self(network(parts, proxies)))
    }
}
