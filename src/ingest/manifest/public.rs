//! `public` of a `[[recording]]`: which parts may be processed at all. Refuses times that could mean two
//! things, parts that end before they begin, and every word but "all".

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use toml::Spanned;

use super::text::Text;
use crate::domain::{PublicSpans, Result, Span};

/// The key as TOML writes it.
pub enum PublicKey {
    /// A word: "all".
    Word(String),
    /// Beginnings and ends.
    Spans(Vec<(Spanned<String>, Spanned<String>)>),
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Key;
        impl<'de> Visitor<'de> for Key {
            type Value = PublicKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"all\" oder eine Liste von [\"Anfang\", \"Ende\"]")
            }

            fn visit_str<E>(self, word: &str) -> Result<PublicKey, E> {
                Ok(PublicKey::Word(word.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PublicKey, A::Error> {
                let mut spans = Vec::new();
                while let Some(span) = list.next_element()? {
                    spans.push(span);
                }
                Ok(PublicKey::Spans(spans))
            }
        }
        d.deserialize_any(Key)
    }
}

/// What may be processed, and where each part stands.
pub struct Public {
    /// The parts; none where nothing is said.
    pub spans: Option<PublicSpans>,
    /// Each part as written, with its place.
    pub places: Vec<(Span, String)>,
}

/// Reads the key.
///
/// # Errors
/// `BadInput` with line and column.
pub fn public(key: Option<&Spanned<PublicKey>>, text: &Text) -> Result<Public> {
    let Some(key) = key else { return Ok(Public { spans: None, places: Vec::new() }) };
    let written = match key.get_ref() {
        PublicKey::Word(word) if word == "all" => {
            return Ok(Public { spans: Some(PublicSpans::WHOLE), places: Vec::new() });
        }
        PublicKey::Word(word) => {
            let what = format!("„{word}“ sagt nicht, was öffentlich ist");
            let remedy = "Schreiben Sie \"all\" oder [[\"00:00:00\", \"01:58:00\"]]";
            return Err(text.wrong(key, &what, remedy));
        }
        PublicKey::Spans(written) => written,
    };
    let mut places = Vec::new();
    for (start, end) in written {
        let (from, to) = (text.full_time(start)?, text.full_time(end)?);
        let span = Span::new(from, to).filter(|span| span.millis() > 0).ok_or_else(|| {
            let what = format!("Der öffentliche Teil endet ({to}), bevor er beginnt ({from})");
            text.wrong(end, &what, "Schreiben Sie [\"Anfang\", \"Ende\"] als HH:MM:SS")
        })?;
        places.push((span, text.place(start)));
    }
    let spans = places.iter().map(|(span, _)| *span).collect();
    Ok(Public { spans: Some(PublicSpans::only(spans)), places })
}
