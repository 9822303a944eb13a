//! What every page needs for its frame: language, names, where it is. Owns no content.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::edition::Editions;
use crate::web::shared::texts::{Lang, Texts};
use crate::web::shared::{App, Site, Unindexed, assets};

/// The frame of a page, taken from the request.
#[derive(Clone)]
pub struct Frame {
    /// The interface's language.
    pub lang: Lang,
    /// The interface's texts.
    pub t: &'static Texts,
    /// Who runs the site.
    pub site: Site,
    /// This page in the other language.
    pub other_language: String,
    /// Scheme and host of absolute addresses, without a slash at the end.
    pub origin: String,
    /// The path asked for.
    pub path: String,
    /// Whether search engines are asked to leave this page out.
    pub unindexed: bool,
    editions: Editions,
}

impl Frame {
    /// Address of a static file.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The frame of a page on which something of these bodies stands.
    #[must_use]
    pub fn of_bodies<'b>(mut self, bodies: impl IntoIterator<Item = &'b str>) -> Self {
        self.unindexed |= bodies.into_iter().any(|body| self.site.noindex.covers(body));
        self
    }

    /// An answer with what search engines are asked, for those who read no page.
    pub fn answer(&self, content: impl IntoResponse) -> Response {
        let mut response = content.into_response();
        if self.unindexed {
            let headers = response.headers_mut();
            headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
        }
        response
    }

    /// Whether there are pages of persons. Asked when the page is written, it costs nothing.
    pub fn has_persons(&self) -> bool {
        self.editions.has_persons_and_papers().0
    }

    /// Whether there are pages of papers.
    pub fn has_papers(&self) -> bool {
        self.editions.has_persons_and_papers().1
    }

    /// Whether the page is one of those that a section of the site owns.
    pub fn is_in(&self, section: &str) -> bool {
        let rest = self.path.strip_prefix(section);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromRequestParts<App> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let lang = Lang::of(parts);
        Ok(Self {
            lang,
            t: lang.texts(),
            site: app.site.clone(),
            other_language: in_language(parts, lang.other()),
            origin: app.site.base_url.clone().unwrap_or_else(|| origin(parts)),
            path: parts.uri.path().to_owned(),
            unindexed: app.site.noindex == Unindexed::Everything,
            editions: app.editions.clone(),
        })
    }
}

fn in_language(parts: &Parts, lang: Lang) -> String {
    let kept = parts.uri.query().unwrap_or_default().split('&');
    let kept = kept.filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let pairs: Vec<String> =
        kept.map(str::to_owned).chain([format!("lang={}", lang.code())]).collect();
    format!("{}?{}", parts.uri.path(), pairs.join("&"))
}

/// The host the visitor asked for. It goes into feeds, so it is taken only if it looks like one.
fn origin(parts: &Parts) -> String {
    let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let sound = |b: u8| b.is_ascii_alphanumeric() || b".:-[]".contains(&b);
    let host = if !host.is_empty() && host.bytes().all(sound) { host } else { "localhost" };
    format!("http://{host}")
}
