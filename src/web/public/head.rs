//! What a page says of itself to machines: its own address, Open Graph, JSON-LD. Names no one else's server
//! but schema.org's vocabulary, which nobody fetches.

use serde_json::{Value, json};

use crate::web::public::preview;
use crate::web::shared::frame::Frame;

/// The head of a page.
pub struct PageHead {
    /// The address under which the page is known.
    pub canonical: String,
    /// What it is called.
    pub title: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Open Graph's type: "website", "profile", "article".
    pub kind: &'static str,
    /// JSON-LD, safe between script tags; empty where there is none.
    pub json_ld: String,
    /// The address that is shared: the page's own, or that of a place in it.
    pub shared: String,
    /// The picture that stands beside a shared link.
    pub picture: String,
    /// What is to be read on it.
    pub picture_text: String,
}

impl PageHead {
    /// Of the page at `path`.
    pub fn new(frame: &Frame, path: &str, title: &str, description: &str) -> Self {
        let canonical = format!("{}{path}", frame.origin);
        Self {
            shared: canonical.clone(),
            canonical,
            picture: format!("{}{}", frame.origin, preview::OF_SITE),
            picture_text: format!("{}. {}", frame.site.title, frame.t.slogan),
            title: title.to_owned(),
            description: description.to_owned(),
            kind: "website",
            json_ld: String::new(),
        }
    }

    /// With a picture of its own under this path.
    #[must_use]
    pub fn pictured(mut self, frame: &Frame, path: &str, text: String) -> Self {
        (self.picture, self.picture_text) = (format!("{}{path}", frame.origin), text);
        self
    }

    /// With a thing of schema.org that the page is about.
    #[must_use]
    pub fn about(mut self, kind: &'static str, schema: &str, more: Value) -> Self {
        self.kind = kind;
        let mut thing = json!({
            "@context": "https://schema.org",
            "@type": schema,
            "name": self.title,
            "url": self.canonical,
        });
        if let (Value::Object(thing), Value::Object(more)) = (&mut thing, more) {
            thing.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        self.json_ld = in_script(&thing);
        self
    }
}

/// JSON that ends no script and no attribute, whatever stands in it.
fn in_script(value: &Value) -> String {
    let json = value.to_string();
    let mut safe = String::with_capacity(json.len());
    let mut chars = json.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('"') => safe.push_str("\\u0022"),
                Some('\\') => safe.push_str("\\u005c"),
                Some(other) => safe.extend(['\\', other]),
                None => safe.push('\\'),
            },
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_stays_within_its_script(text in "\\PC{0,40}|[<>\"'\\\\&/!-]{0,20}") {
            let value = json!({ "name": text });
            let safe = in_script(&value);
            prop_assert!(!safe.contains(['<', '>', '&', '\'']), "{safe}");
            prop_assert!(!safe.contains("\\\""), "{safe}");
            prop_assert_eq!(serde_json::from_str::<Value>(&safe).unwrap(), value);
        }
    }
}
