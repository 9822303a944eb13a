//! `/personen`: everybody with a page, by name. Short on large archives: one letter at a time, or what the
//! filter asks for.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};
use mitschnitt_german::folding::fold;

use crate::edition::{Directory, PersonEntry};
use crate::web::public::filter_form::{FilterForm, Paging};
use crate::web::public::head::PageHead;
use crate::web::public::query::person_page;
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

const PATH: &str = "/personen";
/// Up to so many stand on one page without letters.
const FEW: usize = 150;
const ROWS: usize = 150;

#[derive(Template)]
#[template(path = "persons.html")]
struct PersonsPage {
    frame: Frame,
    head: PageHead,
    form: FilterForm,
    /// The initials with their addresses; none where the list is short.
    letters: Vec<Letter>,
    bodies: Vec<String>,
    parties: Vec<String>,
    rows: Vec<PersonRow>,
    total: usize,
    paging: Paging,
    is_empty: bool,
}

struct Letter {
    letter: String,
    address: String,
    is_chosen: bool,
}

struct PersonRow {
    name: String,
    address: String,
    party: Option<String>,
    role: Option<&'static str>,
    body: Option<String>,
    speeches: usize,
    speaking_ms: u64,
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
        PersonsPage::new(frame, form, &directory).render().map(Html).map_err(Failure::from)
    })
    .await
}

impl PersonsPage {
    fn new(frame: Frame, form: FilterForm, directory: &Directory) -> Self {
        let t = frame.t;
        let all = &directory.persons;
        let bodies = distinct(all.iter().map(|person| person.body.as_str()));
        let parties = distinct(all.iter().filter_map(|person| person.party.as_deref()));
        let (name, body, party) = (fold(form.value("q")), form.value("body"), form.value("party"));
        let is_asked = |person: &&PersonEntry| {
            (name.is_empty() || fold(&person.name).contains(&name))
                && (body.is_empty() || person.body == body)
                && (party.is_empty() || person.party.as_deref() == Some(party))
        };
        let mut found: Vec<&PersonEntry> = all.iter().filter(is_asked).collect();
        let letters = letters(&form, &found);
        if let Some(chosen) = letters.iter().find(|letter| letter.is_chosen) {
            found.retain(|person| initial(person) == chosen.letter);
        }
        let page = form.page("page", ROWS, found.len());
        let frame = frame.of_bodies(page.of(&found).iter().map(|person| person.body.as_str()));
        let several = bodies.len() > 1;
        let row = |person: &&PersonEntry| PersonRow {
            name: person.name.clone(),
            address: person_page(&person.address),
            party: person.party.clone(),
            role: t.standing(&person.role).filter(|_| person.party.is_none()),
            body: several.then(|| person.body.clone()),
            speeches: person.speeches.len(),
            speaking_ms: super::person::speaking_ms(directory, person),
        };
        let rows = page.of(&found).iter().map(row).collect();
        let texts = t.directory();
        Self {
            head: PageHead::new(&frame, PATH, texts.nav_persons, texts.persons_lead),
            paging: form.paging(PATH, "page", page),
            total: found.len(),
            is_empty: all.is_empty(),
            form,
            letters,
            bodies,
            parties,
            rows,
            frame,
        }
    }
}

/// The initials of a long list, of which one is chosen.
fn letters(form: &FilterForm, found: &[&PersonEntry]) -> Vec<Letter> {
    if found.len() <= FEW {
        return Vec::new();
    }
    let all = distinct(found.iter().map(|person| initial(person)));
    let asked = form.value("letter").to_uppercase();
    let chosen = all.iter().find(|letter| **letter == asked).or(all.first()).cloned();
    let letter = |letter: String| Letter {
        address: form.address(PATH, "letter", &letter),
        is_chosen: Some(&letter) == chosen.as_ref(),
        letter,
    };
    all.into_iter().map(letter).collect()
}

fn initial(person: &PersonEntry) -> String {
    person.sort.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default()
}

/// Each once, in order.
pub(super) fn distinct<T: AsRef<str>>(all: impl Iterator<Item = T>) -> Vec<String> {
    let mut all: Vec<String> = all.map(|text| text.as_ref().to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_long_list_is_parted_by_letters_and_a_filter_goes_over_all() {
        let archive = Archive::new();
        let names: Vec<String> = (b'a'..=b'z')
            .flat_map(|c| {
                (0..6).map(move |n| {
                    format!("Vera {}name{}", (c as char).to_uppercase(), (b'a' + n) as char)
                })
            })
            .collect();
        let lines: Vec<(&str, Role)> =
            names.iter().map(|name| (name.as_str(), Role::Member)).collect();
        archive.record("kt-9", "2025-06-12", &lines);
        let html = archive.get("/personen").await.text();
        assert!(
            html.contains("/person/vera-anamea") && !html.contains("/person/vera-bnamea"),
            "{html}"
        );
        assert!(html.contains("/personen?letter=B"), "{html}");
        let html = archive.get("/personen?letter=b").await.text();
        assert!(html.contains("/person/vera-bnamee") && !html.contains("/person/vera-anamea"));
        let html = archive.get("/personen?q=znameb").await.text();
        assert!(html.contains("/person/vera-znameb") && html.contains("1 Person<"), "{html}");
        let html = archive.get("/personen?party=SPD").await.text();
        assert!(html.contains("Erika Muster") && !html.contains("Vera"), "{html}");
    }

    #[tokio::test]
    async fn hostile_names_stay_names() {
        let archive = Archive::new();
        let name = "<script>alert(1)</script>\"' onload=x";
        archive.record("kt-9", "2025-06-12", &[(name, Role::Member)]);
        let address =
            archive.directory().persons.iter().find(|p| p.name == name).unwrap().address.clone();
        for path in
            ["/personen".to_owned(), format!("/person/{address}"), "/gremium/kreistag".into()]
        {
            let answer = archive.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            let html = answer.text();
            assert!(html.contains("alert(1)") && !html.contains("<script>alert"), "{path}: {html}");
            assert!(!html.contains("\"' onload"), "{path}: {html}");
        }
    }

    #[tokio::test]
    async fn the_navigation_leads_there_only_where_somebody_is() {
        let archive = Archive::new();
        let html = archive.get("/personen").await.text();
        assert!(html.contains(r#"<a href="/personen" aria-current="page">"#), "{html}");
        assert!(html.contains(r#"<a href="/vorlagen">"#), "{html}");
        // Nothing was read yet, so nothing is offered.
        assert!(!archive.get("/impressum").await.text().contains("/personen"));
    }
}
