//! The `[[agenda]]` of a manifest. Refuses papers that the manifest's own file does not know.

use std::collections::HashMap;

use serde_json::{Value, json};
use toml::Spanned;

use super::{Manifest, Text};
use crate::domain::{MeetingId, Result};
use crate::ingest::oparl::{self, Pool};
use crate::ingest::quirk::Quirks;
use crate::ingest::readable;

/// The `[[agenda]]` as an OParl meeting, so that there is one way from agendas to the domain.
pub fn meeting(
    manifest: &Manifest,
    text: &Text,
    id: &MeetingId,
    companions: &[(&Spanned<String>, Value)],
    quirks: &mut Quirks,
) -> Result<Value> {
    let references = manifest.meeting.papers.as_ref().map(|_| references(companions));
    let mut items = Vec::new();
    for (order, table) in manifest.agenda.iter().enumerate() {
        if readable::line(table.title.get_ref()).is_none() {
            let what = "Der Tagesordnungspunkt hat keinen Titel";
            return Err(text.wrong(&table.title, what, "Geben Sie ihm einen"));
        }
        let paper = table.paper.as_ref().map(|key| paper(key, references.as_ref(), text));
        items.push(json!({
            "id": oparl::place_id(id, order as u32).as_str(),
            "number": table.number,
            "name": table.title.get_ref(),
            "public": table.public.unwrap_or(false),
            "consultation": paper.transpose()?.map(|paper| json!({ "paper": paper })),
        }));
    }
    let silent = manifest.agenda.iter().filter(|table| table.public.is_none()).count();
    let what = "Tagesordnungspunkte ohne Angabe „public“ gelten als nichtöffentlich";
    quirks.count("[[agenda]]", silent, what, None);
    let name = manifest.meeting.name.as_deref().or(manifest.meeting.organization.as_deref());
    let start = manifest.meeting.start.as_ref().map(|start| start.get_ref());
    Ok(json!({
        "id": id.as_str(),
        "type": "https://schema.oparl.org/1.1/Meeting",
        "name": name.unwrap_or("Sitzung"),
        "start": start,
        "agendaItem": items,
    }))
}

/// A paper by its reference: of the file of papers, or where there is none, just that reference.
fn paper(
    key: &Spanned<String>,
    references: Option<&HashMap<String, String>>,
    text: &Text,
) -> Result<Value> {
    let reference = readable::line(key.get_ref()).unwrap_or_default();
    let Some(known) = references else {
        return Ok(json!({"id": reference, "reference": reference}));
    };
    known.get(&normal(&reference)).map(|id| json!(id)).ok_or_else(|| {
        let what = format!("Eine Vorlage „{reference}“ steht nicht in der Datei der Vorlagen");
        let remedy = "Prüfen Sie das Aktenzeichen, oder ergänzen Sie die Datei („papers“)";
        text.wrong(key, &what, remedy)
    })
}

/// Paper ids by their references. References are not unique: the first one counts.
fn references(companions: &[(&Spanned<String>, Value)]) -> HashMap<String, String> {
    let mut pool = Pool::default();
    for (_, value) in companions {
        pool.add(value);
    }
    let mut known = HashMap::new();
    for paper in &pool.papers {
        if let (Some(reference), Some(id)) = (paper.text("reference"), paper.id()) {
            known.entry(normal(&reference)).or_insert_with(|| id.to_owned());
        }
    }
    known
}

/// References are told apart without regard to case and blanks.
fn normal(reference: &str) -> String {
    reference.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}
