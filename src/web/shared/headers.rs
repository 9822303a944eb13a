//! Headers of every answer. Owns what browsers may do with our pages; refuses third parties,
//! inline scripts and styles, framing and sniffing.

use axum::http::header::{self, HeaderName, HeaderValue};
use axum::response::Response;

/// Nothing is allowed but what our own server sends.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const ALWAYS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Adds the headers; what a handler said about caching stands.
pub async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn every_answer_is_secured_and_no_page_carries_inline_code() {
        let archive = Archive::new();
        for path in archive.all_pages().iter().map(String::as_str).chain(["/gibt/es/nicht"]) {
            let answer = archive.get(path).await;
            for (name, value) in ALWAYS {
                assert_eq!(answer.header(name), *value, "{name} of {path}");
            }
            let html = answer.text();
            // Text is escaped, so what stands between < and > is a tag of ours.
            for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
                assert!(!tag.contains(" style=") && !tag.starts_with("style"), "<{tag}> in {path}");
                assert!(!tag.contains(" on") && !tag.contains("javascript:"), "<{tag}> in {path}");
            }
            for script in html.split("<script").skip(1) {
                // Data for machines, which no browser runs.
                let is_data = script.starts_with(r#" type="application/ld+json">"#);
                let is_ours = script.contains(r#" type="module" src="/static/"#);
                assert!(is_data || is_ours, "inline in {path}");
            }
        }
    }
}
