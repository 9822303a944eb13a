//! `/suche`: hits with excerpts, filters and pages. Works without JavaScript; every state of it
//! has its address.

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};

use crate::domain::MediaTime;
use crate::search::{
    Breadth, Facet, GROUPS, GroupBy, HitGroup, How, Kind, LinkedHit, PAGE_SIZE, Results,
    SearchRequest, Sort,
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
    facets: Vec<FacetBox>,
    by_relevance: String,
    by_date: String,
    previous: Option<String>,
    next: Option<String>,
    /// Number of the first hit on this page.
    first: usize,
    feed: String,
    suggestion: Option<(String, String)>,
    /// What is asked wider, and its address.
    wider: Option<(&'static str, String)>,
    results: Results,
    request: SearchRequest,
}

struct ActiveFilter {
    kind: &'static str,
    label: String,
    /// Address of the search without it.
    without: String,
}

struct FacetBox {
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
    request.group = match request.filters.values(Facet::Meeting).is_empty() {
        true => GroupBy::Debate,
        false => GroupBy::Nothing,
    };
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
            previous: (page > 1).then(|| on_page((page - 1).min(results.pages.max(1)))),
            next: (page < results.pages).then(|| on_page(page + 1)),
            first: (page - 1) * if request.group == GroupBy::Nothing { PAGE_SIZE } else { GROUPS }
                + 1,
            feed: format!("/suche.atom?{}", query::write(&first_page(&request))),
            suggestion: results.suggestion.as_ref().map(with_suggestion),
            wider: wider(&request, &results, frame.t),
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
        self.request.group != GroupBy::Nothing
    }

    /// Where the best hit of a group is seen and heard.
    fn best_of(&self, group: &HitGroup) -> String {
        group.hits.first().map_or_else(|| self.meeting_address(group), |hit| hit.url.clone())
    }

    fn meeting_address(&self, group: &HitGroup) -> String {
        query::meeting_page(&group.meeting.id)
    }

    /// All hits of a debate, in the order in which they were said.
    fn all_of(&self, group: &HitGroup) -> String {
        address(&self.request, |r| {
            r.filters.set(Facet::Meeting, group.meeting.id.as_str());
            if let Some(item) = group.agenda_item.as_ref().filter(|item| !item.title.is_empty()) {
                r.filters.set(Facet::Item, item.title.as_str());
            }
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

/// The next wider search, where this one has found something, but little.
fn wider(r: &SearchRequest, results: &Results, t: &Texts) -> Option<(&'static str, String)> {
    let breadth = results.wider.filter(|_| results.total > 0)?;
    let text = match breadth {
        Breadth::Speech => t.look_in_speech,
        _ => t.look_in_item,
    };
    Some((text, address(r, |r| r.breadth = breadth)))
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

/// What a facet is called, and one of its values.
fn facet_title(facet: Facet, t: &Texts) -> &'static str {
    match facet {
        Facet::Organization => t.organization,
        Facet::Person => t.person,
        Facet::Party => t.party,
        Facet::Role => t.role,
        Facet::Meeting => t.meeting_one,
        Facet::Item => t.agenda_item,
        Facet::Kind => t.kind_title,
        Facet::Review => t.review_title,
        Facet::Body => t.body,
    }
}

fn value_label(facet: Facet, value: &str, results: &Results, t: &Texts) -> String {
    match facet {
        Facet::Person => person_name(value, results),
        Facet::Meeting => meeting_name(value, results),
        Facet::Kind => {
            value.parse().map_or_else(|()| value.to_owned(), |k: Kind| t.kind(&k).to_owned())
        }
        Facet::Review => t.review(value).to_owned(),
        Facet::Role => t.role_named(value).to_owned(),
        Facet::Organization | Facet::Party | Facet::Item | Facet::Body => value.to_owned(),
    }
}

fn active(r: &SearchRequest, results: &Results, t: &Texts) -> Vec<ActiveFilter> {
    let mut active = Vec::new();
    for (facet, values) in r.filters.all() {
        active.extend(values.iter().map(|value| ActiveFilter {
            kind: facet_title(facet, t),
            label: value_label(facet, value, results, t),
            without: address(r, |r| r.filters.remove(facet, value)),
        }));
    }
    active.extend(r.filters.years.iter().map(|year| ActiveFilter {
        kind: t.year,
        label: year.to_string(),
        without: address(r, |r| r.filters.years.retain(|known| known != year)),
    }));
    let mut add = |kind, label: Option<String>, remove: fn(&mut SearchRequest)| {
        if let Some(label) = label {
            active.push(ActiveFilter { kind, label, without: address(r, remove) });
        }
    };
    let filters = &r.filters;
    add(t.from, filters.from.map(|d| t.date(&d)), |r| r.filters.from = None);
    add(t.to, filters.to.map(|d| t.date(&d)), |r| r.filters.to = None);
    let hidden = filters.without_formulas.then(|| t.formulas_hidden.to_owned());
    add(t.role, hidden, |r| r.filters.without_formulas = false);
    let breadth = (r.breadth != Breadth::Passage).then(|| t.breadth(r.breadth).to_owned());
    add(t.breadth_title, breadth, |r| r.breadth = Breadth::Passage);
    active
}

/// The name behind a person's id, as far as this page of hits knows it.
fn person_name(id: &str, results: &Results) -> String {
    let facet = results.facets.of(Facet::Person).iter().find(|bucket| bucket.id == id);
    let hit = results.all_hits().filter_map(|hit| hit.speaker.as_ref()).find(|s| s.id == id);
    let name = facet.map(|bucket| &bucket.label).or_else(|| hit.map(|speaker| &speaker.name));
    name.map_or_else(|| id.to_owned(), Clone::clone)
}

fn meeting_name(id: &str, results: &Results) -> String {
    let hit = results.all_hits().find(|hit| hit.meeting.id.as_str() == id);
    hit.map_or_else(|| id.to_owned(), |hit| hit.meeting.name.clone())
}

/// The facets of the page, in its order.
const SHOWN_FACETS: [Facet; 7] = [
    Facet::Organization,
    Facet::Person,
    Facet::Party,
    Facet::Role,
    Facet::Item,
    Facet::Kind,
    Facet::Review,
];

/// Facets that still narrow down: a filter that is set is not offered again.
fn facets(r: &SearchRequest, results: &Results, t: &Texts) -> Vec<FacetBox> {
    let boxed = |facet: Facet| FacetBox {
        title: facet_title(facet, t),
        values: (results.facets.of(facet).iter())
            .map(|bucket| FacetValue {
                label: match facet.has_ids() {
                    true => bucket.label.clone(),
                    false => value_label(facet, &bucket.id, results, t),
                },
                count: bucket.count,
                address: address(r, |r| r.filters.set(facet, bucket.id.as_str())),
            })
            .collect(),
    };
    let shown = SHOWN_FACETS.into_iter().filter(|facet| r.filters.values(*facet).is_empty());
    let mut facets: Vec<FacetBox> = shown
        .map(boxed)
        // One kind, or one state, narrows nothing down.
        .filter(|shown| {
            shown.values.len() > 1 || ![t.kind_title, t.review_title, t.role].contains(&shown.title)
        })
        .collect();
    if r.filters.years.is_empty() {
        let values = results.facets.year.iter().map(|bucket| FacetValue {
            label: bucket.label.clone(),
            count: bucket.count,
            address: address(r, |r| r.filters.years.extend(bucket.id.parse::<i16>())),
        });
        facets.insert(1.min(facets.len()), FacetBox { title: t.year, values: values.collect() });
    }
    facets.retain(|facet| !facet.values.is_empty());
    facets
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
