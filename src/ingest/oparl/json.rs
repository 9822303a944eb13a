//! Reads JSON as council servers really send it: byte order marks, Latin-1, raw control
//! characters in strings, blanks for "nothing", one object where a list belongs.
//! Refuses what is no JSON even after that.

use serde_json::{Map, Value};

use crate::domain::{Error, Result};
use crate::ingest::{markup, readable};

/// Parses bytes; the second value says in German what had to be overlooked.
///
/// # Errors
/// `BadInput` with line and column; `name` is the file as the user knows it.
pub fn parse(bytes: &[u8], name: &str) -> Result<(Value, Vec<&'static str>)> {
    let mut overlooked = Vec::new();
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let content = match std::str::from_utf8(bytes) {
        Ok(content) => content.to_owned(),
        Err(_) => {
            overlooked.push("ist nicht in UTF-8 geschrieben und wurde als Windows-1252 gelesen");
            bytes.iter().map(|byte| markup::windows_1252(*byte)).collect()
        }
    };
    let strict = match serde_json::from_str(&content) {
        Ok(value) => return Ok((value, overlooked)),
        Err(error) => error,
    };
    let value = serde_json::from_str(&mended(&content)).map_err(|_| unreadable(name, strict))?;
    overlooked.push("enthält unerlaubte Steuerzeichen; sie wurden überlesen");
    Ok((value, overlooked))
}

fn unreadable(name: &str, cause: serde_json::Error) -> Error {
    let place = format!("{name}, Zeile {}, Spalte {}", cause.line(), cause.column());
    Error::bad_input(format!("{place}: Das ist kein lesbares JSON"))
        .because(cause)
        .remedy("Rufen Sie die Datei noch einmal ab; vielleicht ist sie abgeschnitten")
}

/// Escapes control characters and stray backslashes inside strings, drops the rest.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut chars = text.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '\\' if in_string => match chars.next_if(|next| "\"\\/bfnrtu".contains(*next)) {
                Some(escaped) => out.extend([c, escaped]),
                None => out.push_str("\\\\"),
            },
            c if c.is_control() && in_string => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if c.is_control() && !c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// An OParl object, read leniently.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(&'a Map<String, Value>);

/// Another object named by its id, or written out in place.
#[derive(Clone, Copy, Debug)]
pub enum Ref<'a> {
    /// Its id; careless sources give a name here.
    Id(&'a str),
    /// The object itself.
    Embedded(Object<'a>),
}

impl<'a> Ref<'a> {
    fn from(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(id) => present(id).map(Self::Id),
            value => Object::from(value).map(Self::Embedded),
        }
    }

    /// The id, given or in the object.
    pub fn id(self) -> Option<&'a str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Embedded(object) => object.id(),
        }
    }
}

impl<'a> Object<'a> {
    /// The value as an object.
    pub fn from(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// The object's own id.
    pub fn id(self) -> Option<&'a str> {
        self.0.get("id")?.as_str().and_then(present)
    }

    /// The last part of `type`: "Meeting". OParl 1.0 and 1.1, http and https, with or without `/`.
    pub fn kind(self) -> Option<&'a str> {
        self.0.get("type")?.as_str()?.trim().trim_end_matches('/').rsplit('/').next()
    }

    /// Whether the field is there at all.
    pub fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// A text on one line, without markup; blanks and "N/A" are no text, numbers are.
    pub fn text(self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) => readable::line(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A text as it stands there.
    pub fn raw(self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str()
    }

    /// All texts of a list or of a single value.
    pub fn texts(self, key: &str) -> Vec<String> {
        self.list(key).into_iter().filter_map(|v| v.as_str().and_then(readable::line)).collect()
    }

    /// Whether the field says yes. Anything but `true` does not.
    pub fn is_true(self, key: &str) -> bool {
        self.0.get(key) == Some(&Value::Bool(true))
    }

    /// Whether the field is a plain yes or no.
    pub fn says(self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_boolean)
    }

    /// A list, also where a single value stands for it.
    pub fn list(self, key: &str) -> Vec<&'a Value> {
        match self.0.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
        }
    }

    /// References to other objects.
    pub fn refs(self, key: &str) -> Vec<Ref<'a>> {
        self.list(key).into_iter().filter_map(Ref::from).collect()
    }

    /// The only reference of a field, or its first.
    pub fn reference(self, key: &str) -> Option<Ref<'a>> {
        self.refs(key).into_iter().next()
    }

    /// Whether it is a tombstone.
    pub fn deleted(self) -> bool {
        self.is_true("deleted")
    }
}

/// An id, unless it is blank.
fn present(id: &str) -> Option<&str> {
    readable::is_something(id).then(|| id.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn raw_control_characters_in_strings_are_read(text in "[\\x00-\\x7fäß€\u{1f600}]{0,40}") {
            let sloppy = text.replace('\\', "\\\\").replace('"', "\\\"");
            let (value, _) = parse(format!("{{\"name\":\"{sloppy}\"}}").as_bytes(), "x").unwrap();
            prop_assert_eq!(value["name"].as_str(), Some(text.as_str()));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, "x");
        }
    }

    #[test]
    fn latin_1_and_byte_order_marks_are_read() {
        let (value, overlooked) = parse(b"{\"name\":\"M\xfcller \x96 20 \x80\"}", "x").unwrap();
        assert_eq!((value["name"].as_str(), overlooked.len()), (Some("Müller – 20 €"), 1));
        let (value, overlooked) = parse("\u{feff}{\"name\":\"Müller\"}".as_bytes(), "x").unwrap();
        assert_eq!((value["name"].as_str(), overlooked.len()), (Some("Müller"), 0));
    }

    #[test]
    fn a_cut_off_file_is_refused_with_its_place() {
        let error = parse(b"{\"name\":\n\"Kreistag\", \"agen", "sitzung.json").unwrap_err();
        assert!(error.to_string().starts_with("sitzung.json, Zeile 2, Spalte "), "{error}");
    }

    #[test]
    fn blanks_are_nothing_and_single_values_are_lists() {
        let value = serde_json::json!({"a": " ", "b": "N/A", "c": 7, "d": {"id": "x"}, "e": null,
            "type": "http://schema.oparl.org/1.0/Meeting/"});
        let object = Object::from(&value).unwrap();
        assert_eq!((object.text("a"), object.text("b")), (None, None));
        assert_eq!(object.text("c").as_deref(), Some("7"));
        assert_eq!((object.refs("d").len(), object.refs("e").len()), (1, 0));
        assert_eq!(object.kind(), Some("Meeting"));
    }
}
