//! `/suche`: hits with excerpts, filters and pages. Works without JavaScript; every state of it
//! has its address.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};

use crate::domain::MediaTime;
use crate::search::{
    GROUPS, How, Kind, LinkedHit, MeetingHits, PAGE_SIZE, Results, SearchRequest, Sort,
};
use crate::web::public::query::{self, Asked};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::Texts;
use crate::web::shared::{App, blocking};

/// So many values of a facet are shown; more are unfolded.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    /// Filters and order that the form carries on.
    kept: Vec<(&'static str, String)>,
    active: Vec<ActiveFilter>,
    facets: Vec<Facet>,
    by_relevance: String,
    by_date: String,
    previous: Option<String>,
    next: Option<String>,
    /// Number of the first hit on this page.
    first: usize,
    feed: String,
    suggestion: Option<(String, String)>,
    results: Results,
    request: SearchRequest,
}

struct ActiveFilter {
    kind: &'static str,
    label: String,
    /// Address of the search without it.
    without: String,
}

struct Facet {
    title: &'static str,
    values: Vec<FacetValue>,
}

struct FacetValue {
    label: String,
    count: u64,
    /// Address of the search narrowed down to it.
    address: String,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/suche", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Asked(mut request): Asked,
) -> Result<Html<String>, Failure> {
    // Within one meeting, hits stand one by one.
    request.group = request.meeting.is_none();
    let asked = request.clone();
    let results = blocking(move || app.searcher.search(&asked)).await?;
    Ok(Html(SearchPage::new(frame, request, results).render()?))
}

impl SearchPage {
    fn new(frame: Frame, request: SearchRequest, results: Results) -> Self {
        let on_page = |page| address(&request, |r| r.page = page);
        let page = results.page.max(1);
        let with_suggestion = |s: &String| (s.clone(), address(&request, |r| r.q.clone_from(s)));
        Self {
            kept: query::kept(&request),
            active: active(&request, &results, frame.t),
            facets: facets(&request, &results, frame.t),
            by_relevance: address(&request, |r| r.sort = Sort::Relevance),
            by_date: address(&request, |r| r.sort = Sort::Date),
            previous: (page > 1).then(|| on_page(page - 1)),
            next: (page < results.pages).then(|| on_page(page + 1)),
            first: (page - 1) * if request.group { GROUPS } else { PAGE_SIZE } + 1,
            feed: format!("/suche.atom?{}", query::write(&first_page(&request))),
            suggestion: results.suggestion.as_ref().map(with_suggestion),
            frame,
            results,
            request,
        }
    }

    /// Where the first matching word of a hit is spoken.
    fn time_of(&self, hit: &LinkedHit) -> Option<MediaTime> {
        let matching = hit.snippet.iter().filter(|part| part.hit);
        matching.filter_map(|part| part.start_ms).next().or(hit.start_ms)
    }

    fn is_grouped(&self) -> bool {
        !self.results.groups.is_empty()
    }

    /// The heading of a hit, under that of its meeting where these are grouped.
    fn hit_heading(&self) -> &'static str {
        if self.is_grouped() { "h4" } else { "h3" }
    }

    fn meeting_address(&self, group: &MeetingHits) -> String {
        query::meeting_page(&group.meeting.id)
    }

    /// All hits of a meeting, in the order in which they were said.
    fn all_of(&self, group: &MeetingHits) -> String {
        address(&self.request, |r| {
            r.meeting = Some(group.meeting.id.to_string());
            r.sort = Sort::Date;
        })
    }

    /// Whether nothing is here that was asked for, only what is like it.
    fn only_similar(&self) -> bool {
        self.results.total > 0 && self.results.similar == self.results.total
    }

    /// Words that stand there as typed explain themselves.
    fn needs_reason(&self, hit: &LinkedHit) -> bool {
        hit.why.iter().any(|why| why.how != How::Exact)
    }

    fn by_date_chosen(&self) -> bool {
        self.request.sort == Sort::Date
    }
}

fn first_page(request: &SearchRequest) -> SearchRequest {
    SearchRequest { page: 0, ..request.clone() }
}

/// Address of the search with a change; any change but a page's leads to the first page.
fn address(request: &SearchRequest, change: impl FnOnce(&mut SearchRequest)) -> String {
    let mut changed = first_page(request);
    change(&mut changed);
    format!("/suche?{}", query::write(&changed))
}

fn active(r: &SearchRequest, results: &Results, t: &Texts) -> Vec<ActiveFilter> {
    let mut active = Vec::new();
    let mut add = |kind, label: Option<String>, remove: fn(&mut SearchRequest)| {
        if let Some(label) = label {
            active.push(ActiveFilter { kind, label, without: address(r, remove) });
        }
    };
    let person = r.person.as_ref().map(|id| person_name(id, results));
    let meeting = r.meeting.as_ref().map(|id| meeting_name(id, results));
    add(t.meeting_one, meeting, |r| r.meeting = None);
    add(t.body, r.body.clone(), |r| r.body = None);
    add(t.organization, r.organization.clone(), |r| r.organization = None);
    add(t.year, r.year.map(|y| y.to_string()), |r| r.year = None);
    add(t.person, person, |r| r.person = None);
    add(t.party, r.party.clone(), |r| r.party = None);
    add(t.item_short, r.item.clone(), |r| r.item = None);
    add(t.kind_title, r.kind.map(|kind| t.kind(&kind).to_owned()), |r| r.kind = None);
    add(t.review_title, r.review.as_ref().map(|name| t.review(name).to_owned()), |r| {
        r.review = None;
    });
    add(t.from, r.from.map(|d| t.date(&d)), |r| r.from = None);
    add(t.to, r.to.map(|d| t.date(&d)), |r| r.to = None);
    active
}

/// The name behind a person's id, as far as this page of hits knows it.
fn person_name(id: &str, results: &Results) -> String {
    let facet = results.facets.person.iter().find(|(known, _, _)| known == id);
    let hit = results.all_hits().filter_map(|hit| hit.speaker.as_ref()).find(|s| s.id == id);
    let name = facet.map(|(_, name, _)| name).or_else(|| hit.map(|speaker| &speaker.name));
    name.map_or_else(|| id.to_owned(), Clone::clone)
}

fn meeting_name(id: &str, results: &Results) -> String {
    let hit = results.all_hits().find(|hit| hit.meeting.id.as_str() == id);
    hit.map_or_else(|| id.to_owned(), |hit| hit.meeting.name.clone())
}

/// FacetCounts that still narrow down: a filter that is set is not offered again.
fn facets(r: &SearchRequest, results: &Results, t: &Texts) -> Vec<Facet> {
    type Setter = fn(&mut SearchRequest, &str);
    let by_label = |title, values: &[(String, u64)], set: Setter| Facet {
        title,
        values: values
            .iter()
            .map(|(label, count)| FacetValue {
                label: label.clone(),
                count: *count,
                address: address(r, |r| set(r, label)),
            })
            .collect(),
    };
    let found = &results.facets;
    let mut facets = Vec::new();
    if r.organization.is_none() {
        let set: Setter = |r, label| r.organization = Some(label.to_owned());
        facets.push(by_label(t.organization, &found.organization, set));
    }
    if r.year.is_none() {
        facets.push(by_label(t.year, &found.year, |r, label| r.year = label.parse().ok()));
    }
    if r.person.is_none() {
        facets.push(by_person(r, results, t));
    }
    if r.party.is_none() {
        let set: Setter = |r, label| r.party = Some(label.to_owned());
        facets.push(by_label(t.party, &found.party, set));
    }
    if r.item.is_none() {
        let set: Setter = |r, label| r.item = Some(label.to_owned());
        facets.push(by_label(t.agenda_item, &found.item, set));
    }
    // One kind, or one state, narrows nothing down.
    if r.kind.is_none() && found.kind.len() > 1 {
        let values = found.kind.iter().filter_map(|(name, count)| {
            let kind: Kind = name.parse().ok()?;
            Some(FacetValue {
                label: t.kind(&kind).to_owned(),
                count: *count,
                address: address(r, |r| r.kind = Some(kind)),
            })
        });
        facets.push(Facet { title: t.kind_title, values: values.collect() });
    }
    if r.review.is_none() && found.review.len() > 1 {
        let values = found.review.iter().map(|(name, count)| FacetValue {
            label: t.review(name).to_owned(),
            count: *count,
            address: address(r, |r| r.review = Some(name.clone())),
        });
        facets.push(Facet { title: t.review_title, values: values.collect() });
    }
    facets.retain(|facet| !facet.values.is_empty());
    facets
}

fn by_person(r: &SearchRequest, results: &Results, t: &Texts) -> Facet {
    let values = results.facets.person.iter().map(|(id, name, count)| FacetValue {
        label: name.clone(),
        count: *count,
        address: address(r, |r| r.person = Some(id.clone())),
    });
    Facet { title: t.person, values: values.collect() }
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_hit_links_to_the_word_and_marks_it() {
        let archive = Archive::new();
        let html = archive.get("/suche?q=Livestream").await.text();
        assert!(html.contains("/sitzung/kt-1?t=9.5&#38;w=12"), "no link to the word");
        assert!(html.contains("<mark>Livestream</mark>"));
        assert!(html.contains("Erfunden, nur zur Vorführung"), "synthetic hit is not marked");
        assert!(html.contains("Automatisch erstellt"), "automatic text is not marked");
    }

    #[tokio::test]
    async fn a_filter_is_set_by_its_facet_and_removed_by_its_chip() {
        let archive = Archive::new();
        let html = archive.get("/suche?q=Livestream&party=SPD&page=2").await.text();
        let facet = r#"href="/suche?q=Livestream&#38;party=SPD&#38;year=2021""#;
        assert!(html.contains(facet), "the facet drops the other filter or keeps the page");
        assert!(
            html.contains(r#"<a href="/suche?q=Livestream" rel="nofollow"><span class="hidden">"#)
        );
        assert!(html.contains(r#"<input type="hidden" name="party" value="SPD">"#));
    }

    #[tokio::test]
    async fn nothing_found_says_what_to_try() {
        let archive = Archive::new();
        let answer = archive.get("/suche?q=Xylophon&year=abc&from=gestern&page=-3").await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("Keine Treffer") && answer.text().contains("Klima*"));
    }
}
