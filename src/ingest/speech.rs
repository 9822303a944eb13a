//! Speeches that exist already, one JSON object a line (CONTRACT.md, `import`).
//! Refuses lines without meeting, date or text.

use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{readable, when};
use crate::domain::{Error, MediaTime, MeetingId, Result, Role};

/// One speech as its line has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SpeechLine {
    /// The meeting it was held in.
    pub meeting: MeetingId,
    /// The day; where the line has a moment, that in Germany.
    #[serde(deserialize_with = "day")]
    pub date: Date,
    /// What was said, as it stands there: with markup, and words cut at the ends of lines.
    pub text: String,
    /// The body's name.
    #[serde(default, deserialize_with = "text")]
    pub body: Option<String>,
    /// The organization's name.
    #[serde(default, deserialize_with = "text")]
    pub organization: Option<String>,
    /// Its number in the meeting.
    #[serde(default)]
    pub order: Option<u32>,
    /// The agenda item's number, free text.
    #[serde(default, deserialize_with = "text")]
    pub agenda_number: Option<String>,
    /// The agenda item's title, as it stands there.
    #[serde(default, deserialize_with = "as_written")]
    pub agenda_title: Option<String>,
    /// The paper's reference.
    #[serde(default, deserialize_with = "text")]
    pub paper: Option<String>,
    /// The speaker's name.
    #[serde(default, deserialize_with = "text")]
    pub speaker: Option<String>,
    /// The speaker's party or parliamentary group.
    #[serde(default, deserialize_with = "text")]
    pub party: Option<String>,
    /// As what somebody speaks; a role we do not know is unknown.
    #[serde(default, deserialize_with = "role")]
    pub role: Role,
    /// Where it starts in the recording.
    #[serde(default)]
    pub start_ms: Option<MediaTime>,
    /// Where it ends.
    #[serde(default)]
    pub end_ms: Option<MediaTime>,
    /// A public recording of it (http or https).
    #[serde(default, deserialize_with = "address")]
    pub video_url: Option<String>,
}

/// Reads one line.
///
/// # Errors
/// `BadInput` with column and reason; the caller knows file and line.
pub fn speech_line(line: &str) -> Result<SpeechLine> {
    let bad =
        |what: String| Error::bad_input(what).remedy("Das Format steht im Handbuch unter `import`");
    let speech: SpeechLine = serde_json::from_str(line).map_err(|e| {
        bad(format!("Spalte {}: Das ist kein lesbarer Redebeitrag", e.column())).because(e)
    })?;
    if readable::line(&speech.text).is_none() {
        return Err(bad("Der Redebeitrag hat keinen Text".to_owned()));
    }
    if let (Some(start), Some(end)) = (speech.start_ms, speech.end_ms)
        && end < start
    {
        return Err(bad(format!("Der Redebeitrag endet ({end}), bevor er beginnt ({start})")));
    }
    if let Some(url) = speech.video_url.as_deref().filter(|url| !super::is_web_address(url)) {
        return Err(bad(format!("„{url}“ ist keine Adresse mit http:// oder https://")));
    }
    Ok(speech)
}

/// Text on one line, without markup; blank text is no text.
fn text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(d)?.as_deref().and_then(readable::line))
}

/// Text with its markup; blank text is no text.
fn as_written<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(d)?.filter(|text| readable::line(text).is_some()))
}

fn address<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let address = Option::<String>::deserialize(d)?;
    Ok(address.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn day<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
    let text = String::deserialize(d)?;
    when::day(&text).ok_or_else(|| D::Error::custom(format!("„{text}“ ist kein Tag")))
}

fn role<'de, D: Deserializer<'de>>(d: D) -> Result<Role, D::Error> {
    let name = Option::<String>::deserialize(d)?.unwrap_or_default();
    let known = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(&name);
    Ok(Role::deserialize(known).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_contract_is_read() {
        let line = r#"{"meeting":"kt-1","date":"2021-06-21","body":"L","organization":"Kreistag",
            "order":17,"agenda_number":"5","agenda_title":" ","paper":null,"speaker":"Frau Muster",
            "party":"XYZ","role":"chair","start_ms":null,"end_ms":null,"text":"Guten Tag.",
            "video_url":null}"#;
        let speech = speech_line(line).unwrap();
        assert_eq!((speech.order, speech.role), (Some(17), Role::Chair));
        assert_eq!((speech.agenda_number.as_deref(), speech.agenda_title), (Some("5"), None));
        assert_eq!(speech.date, jiff::civil::date(2021, 6, 21));
    }

    #[test]
    fn little_is_needed_and_wrong_lines_are_refused() {
        let least = r#"{"meeting":"kt-1","date":"2021-06-21","text":"Ja.","role":"minister"}"#;
        assert_eq!(speech_line(least).unwrap().role, Role::Unknown);
        for wrong in [
            r#"{"meeting":"kt-1","date":"2021-06-21"}"#,
            r#"{"meeting":"kt-1","date":"2021-06-21","text":" "}"#,
            r#"{"meeting":"KT 1","date":"2021-06-21","text":"Ja."}"#,
            r#"{"meeting":"kt-1","date":"21.06.2021","text":"Ja."}"#,
            r#"{"meeting":"kt-1","date":"2021-06-21","text":"Ja.","start_ms":2,"end_ms":1}"#,
            r#"{"meeting":"kt-1","date":"2021-06-21","text":"Ja.","video_url":"javascript:x"}"#,
            "[]",
        ] {
            assert!(speech_line(wrong).is_err(), "{wrong}");
        }
    }
}
