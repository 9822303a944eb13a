//! Meetings that others have on record, one a line, with their agendas (CONTRACT.md, `import`). Refuses two
//! lines of one meeting, and addresses and days that are none.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use super::facts::{FactLine, MeetingFacts, bad, line_of, possible, read};
use super::input_file::InputFile;
use super::{is_web_address, readable, when};
use crate::domain::{
    BodyId, MediaTime, MeetingId, MeetingRecord, OrganizationId, OutsideFacts, RecordedItem, Result,
};

/// Reads meetings. Lines without a meeting are `of` this one.
///
/// # Errors
/// `BadInput` with file, line and reason of the first wrong lines.
pub fn read_meetings(files: &[InputFile], of: Option<&MeetingId>) -> Result<MeetingFacts> {
    let mut known = BTreeSet::new();
    let records = read(files, of, |line| {
        let FactLine { meeting, fact } = line_of::<RecordLine>(line)?;
        let fact = fact.checked()?;
        if let Some(id) = meeting.as_ref().or(of)
            && !known.insert(id.clone())
        {
            return Err(bad(format!("Die Sitzung {id} hat schon eine Zeile")));
        }
        Ok(Some(FactLine { meeting, fact }))
    })?;
    let facts = |(id, records): (MeetingId, Vec<MeetingRecord>)| {
        (id, OutsideFacts::Meeting(records.into_iter().next().map(Box::new)))
    };
    Ok(records.into_iter().map(facts).collect())
}

/// A line as it stands there.
#[derive(Deserialize)]
struct RecordLine {
    name: Option<String>,
    date: Option<String>,
    body: Option<String>,
    organization: Option<String>,
    video_url: Option<String>,
    video_offset: Option<i64>,
    minutes_url: Option<String>,
    reviewed: Option<bool>,
    agenda: Option<Vec<ItemLine>>,
}

/// A misspelt `public` would publish: no unknown key is passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemLine {
    number: Option<String>,
    parent: Option<String>,
    title: Option<String>,
    paper: Option<String>,
    kind: Option<String>,
    movers: Option<Vec<String>>,
    public: Option<bool>,
}

impl RecordLine {
    fn checked(self) -> Result<MeetingRecord> {
        let (body, organization) = (clean(self.body), clean(self.organization));
        body.as_deref().map(BodyId::new).transpose().map_err(|e| bad(e.to_string()))?;
        let id = organization.as_deref().map(OrganizationId::new).transpose();
        id.map_err(|e| bad(e.to_string()))?;
        let offset = self.video_offset.unwrap_or_default();
        possible(MediaTime::from_millis(offset.unsigned_abs()))?;
        let items = self.agenda.unwrap_or_default().into_iter().map(ItemLine::cleaned);
        Ok(MeetingRecord {
            name: clean(self.name),
            date: self.date.as_deref().map(day).transpose()?,
            body,
            organization,
            video_url: address(self.video_url)?,
            video_offset_ms: offset,
            minutes_url: address(self.minutes_url)?,
            reviewed: self.reviewed.unwrap_or_default(),
            agenda: items.filter(says_anything).collect(),
        })
    }
}

impl ItemLine {
    fn cleaned(self) -> RecordedItem {
        let movers = self.movers.unwrap_or_default();
        RecordedItem {
            number: clean(self.number),
            parent: clean(self.parent),
            title: clean(self.title),
            paper: clean(self.paper),
            kind: clean(self.kind),
            movers: movers.iter().filter_map(|mover| readable::line(mover)).collect(),
            public: self.public,
        }
    }
}

fn says_anything(item: &RecordedItem) -> bool {
    item.number.is_some() || item.title.is_some() || item.paper.is_some()
}

/// Text as people read it; blank text is no text.
fn clean(text: Option<String>) -> Option<String> {
    text.as_deref().and_then(readable::line)
}

fn day(text: &str) -> Result<Date> {
    when::day(text).ok_or_else(|| bad(format!("„{text}“ ist kein Tag (JJJJ-MM-TT)")))
}

fn address(text: Option<String>) -> Result<Option<String>> {
    let address = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match address.as_deref().filter(|url| !is_web_address(url)) {
        Some(url) => Err(bad(format!("„{url}“ ist keine Adresse mit http:// oder https://"))),
        None => Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::FactKind;
    use super::*;

    fn file(text: &str) -> (tempfile::NamedTempFile, [InputFile; 1]) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("a text");
        let input = InputFile::open(file.path()).expect("readable");
        (file, [input])
    }

    fn only(facts: &MeetingFacts, id: &str) -> MeetingRecord {
        match facts.get(&MeetingId::new(id).expect("an id")) {
            Some(OutsideFacts::Meeting(Some(record))) => (**record).clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_line_of_the_contract_is_read() {
        let (_file, path) = file(concat!(
            r#"{"meeting":"kt-1","name":"5. Sitzung","date":"2025-06-12","body":"Stadt &amp; Land","#,
            r#""organization":"Rat","video_url":"https://video.example/1","video_offset":-2000,"#,
            r#""minutes_url":null,"reviewed":true,"agenda":[{"number":"7.14.1","parent":"7.14","#,
            r#""title":"<b>Rad</b>weg","paper":"DS0513/25/1","kind":"amendment","movers":["Linde"],"#,
            r#""public":true},{"number":null,"title":" "}]}"#,
            "\n",
            r#"{"meeting":"kt-2","minutes_url":"http://x.example/n","date":null,"agenda":null}"#,
        ));
        assert_eq!(FactKind::of_file(&path[0]).expect("a kind"), FactKind::Meetings);
        let facts = read_meetings(&path, None).expect("meetings");
        let record = only(&facts, "kt-1");
        assert_eq!(record.body.as_deref(), Some("Stadt & Land"));
        assert_eq!((record.video_offset_ms, record.reviewed), (-2000, true));
        let [item] = record.agenda.as_slice() else { panic!("{record:?}") };
        assert_eq!(item.title.as_deref(), Some("Radweg"));
        assert_eq!((item.parent.as_deref(), item.public), (Some("7.14"), Some(true)));
        let least = only(&facts, "kt-2");
        assert_eq!(least.minutes_url.as_deref(), Some("http://x.example/n"));
        assert!(least.agenda.is_empty() && least.date.is_none());
    }

    #[test]
    fn a_file_is_known_by_its_keys() {
        for (line, kind) in [
            (r#"{"meeting":"a","video_url":null,"name":"x"}"#, FactKind::Meetings),
            (r#"{"meeting":"a","agenda":[]}"#, FactKind::Meetings),
            (r#"{"meeting":"a","minutes_url":"https://x.example"}"#, FactKind::Meetings),
            (r#"{"meeting":"a","video_url":"https://x.example","votes":[]}"#, FactKind::Votes),
            (r#"{"meeting":"a","video_url":null,"text":"Ja."}"#, FactKind::Speeches),
            (r#"{"meeting":"a","name":"x","label":"A","start_ms":1}"#, FactKind::Segments),
        ] {
            let (_file, path) = file(line);
            assert_eq!(FactKind::of_file(&path[0]).expect("a kind"), kind, "{line}");
        }
    }

    #[test]
    fn wrong_lines_are_told_with_their_place() {
        let (_file, path) = file(concat!(
            "{\"meeting\":\"kt-1\",\"name\":\"x\"}\n",
            "{\"meeting\":\"kt-2\",\"video_url\":\"javascript:x\"}\n",
            "{\"meeting\":\"kt-3\",\"minutes_url\":\"ftp://x.example\"}\n",
            "{\"meeting\":\"kt-4\",\"date\":\"12.06.2025\"}\n",
            "{\"meeting\":\"kt-1\",\"name\":\"y\"}\n",
            "{\"meeting\":\"kt-5\",\"agenda\":[{\"public\":\"nein\"}]}\n",
            "{\"meeting\":\"kt-6\",\"agenda\":[{\"number\":\"1\",\"Public\":false}]}\n",
            "{\"meeting\":\"kt-7\",\"agenda\":[{\"number\":\"1\",\"öffentlich\":false}]}\n",
        ));
        let told = read_meetings(&path, None).unwrap_err().to_string();
        for line in [
            "Zeile 2",
            "Zeile 3",
            "Zeile 4",
            "Zeile 5",
            "Zeile 6",
            "schon eine Zeile",
            "Zeile 7",
            "Public",
            "Zeile 8",
            "öffentlich",
        ] {
            assert!(told.contains(line), "{told}");
        }
        assert!(!told.contains("Zeile 1:"), "{told}");
    }

    #[test]
    fn an_empty_file_says_that_nothing_holds_any_more() {
        let (_file, path) = file("");
        let id = MeetingId::new("kt-1").expect("an id");
        let facts = read_meetings(&path, Some(&id)).expect("nothing");
        assert_eq!(facts.get(&id), Some(&OutsideFacts::Meeting(None)));
    }

    #[test]
    fn what_is_not_public_goes_with_what_lies_below_it() {
        let (_file, path) = file(concat!(
            r#"{"meeting":"kt-1","agenda":[{"number":"7","title":"Kauf","public":false,"paper":"D1/25"},"#,
            r#"{"number":"7.1","title":"Lageplan"},{"number":"A","parent":"7.1","title":"Anlage"},"#,
            r#"{"title":"Änderung","paper":"D1/25/1"},{"title":"KAUF"},{"number":"N 2","title":"Miete"},"#,
            r#"{"number":"8","title":"Radweg"},{"number":"7","title":"Eröffnung","public":true}]}"#,
        ));
        let mut record = only(&read_meetings(&path, None).expect("a meeting"), "kt-1");
        assert_eq!(record.take_hidden().len(), 6);
        let left: Vec<_> = record.agenda.iter().filter_map(|i| i.title.as_deref()).collect();
        assert_eq!(left, ["Radweg", "Eröffnung"]);
    }
}
