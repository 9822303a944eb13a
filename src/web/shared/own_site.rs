//! Whether a form comes from a page of this site, as browsers say. (The layer that the desk has says the same, and
//! writes the addresses of all requests to the log at its finest level: for the public that is too much.)

use axum::http::{HeaderMap, header};

/// Whether what a browser says of where a form comes from is this site. Who says nothing is no browser whose user
/// somebody could have tricked.
pub fn is_own_form(headers: &HeaderMap, base_url: Option<&str>) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (said("sec-fetch-site"), said(header::ORIGIN.as_str())) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, None) => true,
        (None, Some(origin)) => {
            let host = said(header::HOST.as_str());
            let named = base_url.is_some_and(|own| origin == self::origin(own));
            named || host.is_some() && host == origin.split_once("://").map(|(_, host)| host)
        }
    }
}

/// Scheme and host of an address.
fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[host..].find('/').map_or(address.len(), |slash| host + slash);
    &address[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_site_send_forms() {
        for (site, origin, own) in [
            (Some("same-origin"), Some("https://rat.example"), true),
            (Some("none"), None, true),
            (Some("same-site"), Some("https://rat.example"), false),
            (Some("cross-site"), None, false),
            (Some("quatsch"), None, false),
            (None, Some("https://rat.example"), true),
            (None, Some("http://127.0.0.1:8080"), true),
            (None, Some("https://boese.example"), false),
            (None, Some("https://rat.example.boese.example"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            let base = Some("https://rat.example/sitzungen");
            assert_eq!(is_own_form(&headers, base), own, "{site:?} {origin:?}");
        }
    }
}
