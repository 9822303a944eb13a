//! The agenda of an OParl meeting with its papers. Refuses to let anything of a hidden item
//! through but its number and its place.

use std::collections::HashSet;

use super::json::Object;
use super::organization::Organizations;
use super::pool::Pool;
use super::{OrganizationScope, paper};
use crate::domain::{AgendaItem, AgendaItemId, MeetingId, Paper, PaperId, SourceTitles};
use crate::ingest::quirk::Quirks;
use crate::ingest::readable;

/// The agenda in the order of its array, the papers that may be known, and the titles by which items are
/// known again.
pub fn agenda<'a>(
    object: Object<'a>,
    meeting: &MeetingId,
    pool: &Pool<'a>,
    scope: OrganizationScope,
    organizations: &mut Organizations,
    quirks: &mut Quirks,
) -> (Vec<AgendaItem>, Vec<Paper>, SourceTitles) {
    let mut reader = Agenda {
        meeting,
        ids: HashSet::new(),
        numbers: HashSet::new(),
        papers: Vec::new(),
        titles: SourceTitles::default(),
        counts: ItemCounts::default(),
    };
    let mut items = Vec::new();
    for reference in object.refs("agendaItem") {
        let Some(item) = pool.item(reference) else {
            reader.counts.missing.push(reference.id().unwrap_or_default().to_owned());
            continue;
        };
        if item.deleted() {
            reader.counts.deleted += 1;
            continue;
        }
        items.push(reader.item(item, items.len() as u32, pool, organizations));
    }
    if scope == OrganizationScope::Own {
        for object in pool.papers.iter().filter(|paper| !paper.deleted()) {
            reader.keep(*object, pool, organizations);
        }
    }
    let shown: HashSet<&PaperId> =
        items.iter().flat_map(|item: &AgendaItem| &item.papers).collect();
    let Agenda { mut papers, counts, titles, .. } = reader;
    // Only what a public item shows is known to be public.
    papers.retain(|paper| shown.contains(&paper.id));
    counts.tell(meeting.as_str(), object, quirks);
    (items, papers, titles)
}

/// What is gathered while the agenda is read.
struct Agenda<'m> {
    meeting: &'m MeetingId,
    ids: HashSet<AgendaItemId>,
    numbers: HashSet<String>,
    papers: Vec<Paper>,
    titles: SourceTitles,
    counts: ItemCounts,
}

impl Agenda<'_> {
    fn item<'a>(
        &mut self,
        object: Object<'a>,
        order: u32,
        pool: &Pool<'a>,
        organizations: &mut Organizations,
    ) -> AgendaItem {
        let public = object.is_true("public");
        let mut papers = Vec::new();
        for found in pool.papers_of(object) {
            match found.map(|paper| self.keep(paper, pool, organizations)) {
                Ok(Some(id)) if !papers.contains(&id) => papers.push(id),
                Ok(_) => {}
                Err(_) if !public => {}
                Err(id) => self.counts.paperless.push(id),
            }
        }
        self.counts.silent += usize::from(!object.says("public"));
        self.counts.timed += usize::from(object.text("start").or(object.text("end")).is_some());
        let id = self.id(object, order);
        let number = object.text("number");
        let new = number.as_ref().is_none_or(|number| self.numbers.insert(number.clone()));
        self.counts.repeated += usize::from(!new);
        if let Some(former) = object.raw("name").and_then(readable::former) {
            self.titles.read_formerly(&id, former);
        }
        if !public {
            if let Some(title) = object.text("name") {
                self.titles.hide(&id, title);
            }
            let (title, papers, result) = (String::new(), Vec::new(), None);
            return AgendaItem { id, number, order, title, public, papers, result };
        }
        let title = object.text("name").unwrap_or_else(|| {
            self.counts.untitled += 1;
            String::new()
        });
        AgendaItem { id, number, order, title, public, papers, result: object.text("result") }
    }

    /// The item's own id, or one from its place where that is missing or taken.
    fn id(&mut self, object: Object<'_>, order: u32) -> AgendaItemId {
        let own = object.id().and_then(|id| AgendaItemId::new(id).ok());
        let own = own.filter(|id| !self.ids.contains(id));
        let id = own.unwrap_or_else(|| {
            self.counts.renamed += 1;
            let mut free = (order..).map(|place| place_id(self.meeting, place));
            free.find(|id| !self.ids.contains(id)).expect("fewer items than numbers")
        });
        self.ids.insert(id.clone());
        id
    }

    fn keep<'a>(
        &mut self,
        object: Object<'a>,
        pool: &Pool<'a>,
        organizations: &mut Organizations,
    ) -> Option<PaperId> {
        let paper = paper::paper(object, pool, organizations)?;
        let id = paper.id.clone();
        if !self.papers.iter().any(|known| known.id == id) {
            self.papers.push(paper);
        }
        Some(id)
    }
}

/// The id of an item that has none of its own.
pub fn place_id(meeting: &MeetingId, order: u32) -> AgendaItemId {
    AgendaItemId::new(format!("{meeting}/{order}"))
        .expect("a slug, a slash and a number are visible text of bounded length")
}

/// Oddities of an agenda, counted rather than listed one by one.
#[derive(Default)]
struct ItemCounts {
    silent: usize,
    untitled: usize,
    renamed: usize,
    repeated: usize,
    deleted: usize,
    timed: usize,
    missing: Vec<String>,
    paperless: Vec<String>,
}

impl ItemCounts {
    fn tell(&self, place: &str, meeting: Object<'_>, quirks: &mut Quirks) {
        let mut count = |times, what, first: Option<&String>| {
            quirks.count(place, times, what, first.map(String::as_str));
        };
        count(
            self.silent,
            "Tagesordnungspunkte ohne klare Angabe „public“ gelten als nichtöffentlich",
            None,
        );
        count(self.untitled, "öffentliche Tagesordnungspunkte ohne Titel", None);
        count(self.renamed, "Tagesordnungspunkte mit fehlender oder doppelter Kennung", None);
        count(self.repeated, "Tagesordnungspunkte haben eine Nummer, die schon vergeben ist", None);
        count(self.deleted, "gelöschte Tagesordnungspunkte wurden übergangen", None);
        count(
            self.timed,
            "Tagesordnungspunkte nennen Uhrzeiten; sie werden nicht übernommen",
            None,
        );
        let what = "Tagesordnungspunkte sind nur als Adresse angegeben und fehlen";
        count(self.missing.len(), what, self.missing.first());
        let what = "Beratungen ohne beigelegte Vorlage";
        count(self.paperless.len(), what, self.paperless.first());
        if meeting.list("agendaItem").is_empty() {
            quirks.note(place, "Die Sitzung hat keine Tagesordnung");
        }
    }
}
