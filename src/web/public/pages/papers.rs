//! `/vorlagen`: the papers, those first that were treated last, with a filter.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};
use jiff::civil::Date;
use mitschnitt_german::folding::fold;

use super::persons::distinct;
use crate::edition::{Directory, PaperEntry};
use crate::web::public::filter_form::{FilterForm, Paging};
use crate::web::public::head::PageHead;
use crate::web::public::query::paper_page;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

const PATH: &str = "/vorlagen";
const ROWS: usize = 40;

#[derive(Template)]
#[template(path = "papers.html")]
struct PapersPage {
    frame: Frame,
    head: PageHead,
    form: FilterForm,
    kinds: Vec<String>,
    bodies: Vec<String>,
    years: Vec<String>,
    rows: Vec<PaperRow>,
    total: usize,
    paging: Paging,
}

/// A paper in a list.
pub(super) struct PaperRow {
    pub(super) reference: String,
    pub(super) title: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) address: String,
    /// When it was treated last.
    pub(super) date: Option<Date>,
    pub(super) speeches: usize,
    pub(super) votes: usize,
    pub(super) amendments: usize,
}

impl PaperRow {
    pub(super) fn of(directory: &Directory, paper: &PaperEntry) -> Self {
        let debates = paper.debates.iter();
        let speeches = debates.clone().filter_map(|debated| {
            directory.meetings[debated.meeting].items.get(debated.item?).map(|item| item.speeches)
        });
        Self {
            reference: paper.reference.clone(),
            title: paper.title.clone(),
            kind: paper.kind.clone(),
            address: paper_page(&paper.address),
            date: debates.filter_map(|debated| directory.listed[debated.meeting].date).max(),
            // Those to a common item belong to the paper itself.
            speeches: if paper.above.is_some() { 0 } else { speeches.sum() },
            votes: paper.votes.len(),
            amendments: paper.below.len(),
        }
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new().route(PATH, get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    form: FilterForm,
) -> Result<Html<String>, Failure> {
    blocking(move || {
        let directory = app.editions.directory()?;
        PapersPage::new(frame, form, &directory).render().map(Html).map_err(Failure::from)
    })
    .await
}

impl PapersPage {
    fn new(frame: Frame, form: FilterForm, directory: &Directory) -> Self {
        let all = &directory.papers;
        let dates = |paper: &PaperEntry| {
            let debates = paper.debates.clone().into_iter();
            debates.filter_map(|debated| directory.listed[debated.meeting].date)
        };
        let years = all.iter().flat_map(|paper| dates(paper).map(|date| date.year().to_string()));
        let mut years = distinct(years);
        years.reverse();
        let text = fold(form.value("q"));
        let (kind, body, year) = (form.value("kind"), form.value("body"), form.value("year"));
        let asked_paper = directory.paper(form.value("q"));
        let is_asked = |(place, paper): &(usize, &PaperEntry)| {
            let title = paper.title.as_deref().unwrap_or_default();
            let is_named = match &asked_paper {
                Some(crate::edition::Address::Here(found)) => found == place,
                Some(crate::edition::Address::Moved(address)) => *address == paper.address,
                _ => false,
            };
            (text.is_empty()
                || is_named
                || fold(title).contains(&text)
                || fold(&paper.reference).contains(&text))
                && (kind.is_empty() || paper.kind.as_deref() == Some(kind))
                && (body.is_empty() || paper.body == body)
                && (year.is_empty() || dates(paper).any(|date| date.year().to_string() == year))
        };
        let found: Vec<&PaperEntry> =
            all.iter().enumerate().filter(is_asked).map(|(_, paper)| paper).collect();
        let page = form.page("page", ROWS, found.len());
        let frame = frame.of_bodies(page.of(&found).iter().map(|paper| paper.body.as_str()));
        let texts = frame.t.directory();
        Self {
            head: PageHead::new(&frame, PATH, texts.nav_papers, texts.papers_lead),
            kinds: distinct(all.iter().filter_map(|paper| paper.kind.as_deref())),
            bodies: distinct(all.iter().map(|paper| paper.body.as_str())),
            years,
            rows: page.of(&found).iter().map(|paper| PaperRow::of(directory, paper)).collect(),
            total: found.len(),
            paging: form.paging(PATH, "page", page),
            form,
            frame,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn papers_are_found_in_any_spelling_and_those_of_hidden_items_are_not_there() {
        let archive = Archive::new();
        archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let html = archive.get("/vorlagen").await.text();
        let places = ["/vorlage/ds-500-25", "/vorlage/mv-29-21"].map(|link| html.find(link));
        assert!(places[0].is_some() && places[0] < places[1], "newest first: {html}");
        assert!(!html.contains("0666") && !html.contains("mv-666"));
        for q in ["DS%20500-25", "ds0500%2F25", "radweg", "DS0500"] {
            let html = archive.get(&format!("/vorlagen?q={q}")).await.text();
            assert!(
                html.contains("/vorlage/ds-500-25") && !html.contains("mv-29-21"),
                "{q}: {html}"
            );
        }
        let none = archive.get("/vorlagen?q=xyz&year=2025").await.text();
        assert!(none.contains("Keine solche Vorlage"), "{none}");
    }

    #[tokio::test]
    async fn a_long_list_has_pages() {
        let archive = Archive::new();
        let id = archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let votes: Vec<_> =
            (1..60).map(|n| serde_json::json!({"motion": format!("A{n:04}/25")})).collect();
        archive.votes(&id, votes.into());
        let rows = |html: &str| html.matches("/vorlage/").count();
        let first = archive.get("/vorlagen").await.text();
        assert_eq!(rows(&first), super::ROWS);
        assert!(first.contains("/vorlagen?page=2"));
        // Two more: that of the item and that of the invented meeting.
        assert_eq!(rows(&archive.get("/vorlagen?page=2").await.text()), 61 - super::ROWS);
    }
}
