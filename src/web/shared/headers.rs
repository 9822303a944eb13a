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

/// A page that shows another site's player, once its reader wants that: from this origin only.
#[derive(Clone, Debug)]
pub struct FramesFrom(pub String);

/// A page that pages of these origins may show in a frame; `*` stands for all.
#[derive(Clone, Debug)]
pub struct FramedBy(pub Vec<String>);

/// Adds the headers; what a handler said about caching stands.
pub async fn secure(mut response: Response) -> Response {
    let frames = response.extensions_mut().remove::<FramesFrom>();
    let policy =
        frames.map(|FramesFrom(origin)| format!("{CONTENT_SECURITY_POLICY}; frame-src {origin}"));
    let framed_by = response.extensions_mut().remove::<FramedBy>().filter(|by| !by.0.is_empty());
    let framed = framed_by.as_ref().map(|FramedBy(origins)| {
        let own = policy.as_deref().unwrap_or(CONTENT_SECURITY_POLICY);
        let by = format!("frame-ancestors {}", origins.join(" "));
        own.replace("frame-ancestors 'none'", &by)
    });
    let policy = framed.or(policy).and_then(|policy| HeaderValue::try_from(policy).ok());
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if framed_by.is_some() {
        // It cannot name origins; the policy does.
        headers.remove(header::X_FRAME_OPTIONS);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Has nobody store an answer that did not say otherwise: what only some may see, or only now.
pub async fn keep_to_yourself(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
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
                // Words of a text may begin alike; an attribute has a value.
                let handler = |part: &str| part.starts_with("on") && part.contains('=');
                assert!(!tag.split(' ').any(handler), "<{tag}> in {path}");
                assert!(!tag.contains("javascript:"), "<{tag}> in {path}");
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
