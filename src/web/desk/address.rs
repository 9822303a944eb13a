//! From where somebody asks, only to count tries; never logged, never stored. Owns whom it believes.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use super::state::DeskApp;

/// The network that somebody asks from: an IPv4 address, the first half of an IPv6 one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VisitorNetwork(pub IpAddr);

impl FromRequestParts<DeskApp> for VisitorNetwork {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &DeskApp) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
        // What the last server says of whom it was asked by; what stands before it anybody may have written.
        let said = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let said =
            said.and_then(|said| said.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let visitor = said.filter(|_: &IpAddr| app.settings.proxies.contains(&peer));
        Ok(Self(network(visitor.unwrap_or(peer).to_canonical())))
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}
