//! Test only: reads the evaluation cases (OParl meeting, transcript, truth; gzipped JSON) from the
//! folder of shared data. Refuses nothing: a broken case fails its test.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::domain::*;
use crate::eval::Truth;

/// One case.
pub(super) struct Case {
    pub name: String,
    pub council: Council,
    pub transcript: Transcript,
    pub truth: Truth,
}

/// The cases folder: `$MITSCHNITT_SHARED/data/align`, else `../shared/data/align`.
pub(super) fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("MITSCHNITT_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    Some(shared.join("data/align")).filter(|p| p.is_dir())
}

/// All cases whose name ends in `kind`, sorted by name.
pub(super) fn all(kind: &str) -> Vec<Case> {
    let Some(folder) = folder() else { return Vec::new() };
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.ends_with(kind))
        .collect();
    names.sort();
    names.iter().map(|name| read(name)).collect()
}

fn read(name: &str) -> Case {
    let path = folder().unwrap().join(name);
    let meeting: Value = json(&path.join("meeting.json.gz"));
    Case {
        name: name.to_owned(),
        council: council(&meeting),
        transcript: json(&path.join("transcript.json.gz")),
        truth: json(&path.join("truth.json.gz")),
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let mut text = String::new();
    flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().filter(|t| !t.is_empty()).map(str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn council(value: &Value) -> Council {
    let papers: Vec<Paper> = list(&value["papers"]).map(paper).collect();
    let meeting = &value["meeting"];
    let body = BodyId::new("body").unwrap();
    Council {
        body: Body { id: body.clone(), name: "body".into() },
        organizations: Vec::new(),
        persons: list(&value["persons"]).map(person).collect(),
        meeting: Meeting {
            id: MeetingId::new("meeting").unwrap(),
            oparl_id: text(meeting, "id"),
            body,
            organizations: Vec::new(),
            name: text(meeting, "name").unwrap_or_default(),
            start: None,
            date: None,
            cancelled: false,
            synthetic: false,
            participants: Vec::new(),
            agenda: list(&meeting["agendaItem"])
                .enumerate()
                .map(|(order, item)| agenda_item(item, order as u32, value))
                .collect(),
        },
        papers,
    }
}

fn agenda_item(item: &Value, order: u32, all: &Value) -> AgendaItem {
    let id = text(item, "id").unwrap();
    let treats =
        |paper: &&Value| list(&paper["consultation"]).any(|c| c["agendaItem"] == id.as_str());
    AgendaItem {
        number: text(item, "number"),
        order,
        title: text(item, "name").unwrap_or_default(),
        public: item["public"].as_bool().unwrap_or(false),
        papers: list(&all["papers"]).filter(treats).map(|p| paper(p).id).collect(),
        result: None,
        id: AgendaItemId::new(id).unwrap(),
    }
}

fn paper(value: &Value) -> Paper {
    Paper {
        id: PaperId::new(text(value, "id").unwrap()).unwrap(),
        reference: text(value, "reference"),
        name: text(value, "name").unwrap_or_default(),
        paper_type: text(value, "paperType"),
        originator_persons: Vec::new(),
        originator_organizations: Vec::new(),
    }
}

fn person(value: &Value) -> Person {
    Person {
        id: PersonId::new(text(value, "id").unwrap()).unwrap(),
        name: text(value, "name").unwrap_or_default(),
        family_name: text(value, "familyName"),
        given_name: text(value, "givenName"),
        form_of_address: text(value, "formOfAddress"),
        titles: list(&value["title"]).filter_map(|t| t.as_str().map(str::to_owned)).collect(),
        memberships: list(&value["membership"])
            .map(|m| Membership {
                organization: None,
                organization_name: text(m, "organization").or(text(&m["organization"], "name")),
                role: text(m, "role"),
                is_party: match text(&m["organization"], "organizationType") {
                    Some(kind) => kind == "Fraktion",
                    None => m["role"] == "Mitglied",
                },
                start: None,
                end: None,
            })
            .collect(),
    }
}
