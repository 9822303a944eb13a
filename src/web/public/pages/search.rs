//! `/suche`: hits with excerpts, filters and pages. Works without JavaScript; every state of it
//! has its address.

use std::sync::Arc;

use askama::Template;
use axum::response::Html;
use axum::routing::get;
use axum::{Router, extract};
use jiff::civil::Date;

use crate::domain::PersonId;
use crate::edition::{Directory, Listed};
use crate::search::{
    Breadth, Bucket, Facet, Filters, GROUPS, GroupBy, HitGroup, How, Kind, LinkedHit, PAGE_SIZE,
    Results, SearchRequest, Sort, first_day, last_day,
};
use crate::web::public::citations;
use crate::web::public::links;
use crate::web::public::query::{self, Asked};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::texts::{SearchedExtent, Texts};
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
    by_oldest: String,
    previous: Option<String>,
    next: Option<String>,
    /// Number of the first hit on this page.
    first: usize,
    feed: String,
    suggestion: Option<(String, String)>,
    /// What is asked wider, and its address.
    wider: Option<(&'static str, String)>,
    /// What was searched, where little was found.
    extent: Option<String>,
    chart: Option<Chart>,
    /// Hides, or shows, what the chair says only to call somebody or something.
    formulas: Option<(&'static str, String)>,
    /// What the form of dates carries on.
    kept_without_dates: Vec<(&'static str, String)>,
    without_filters: String,
    /// Who has a page.
    directory: Arc<Directory>,
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
    /// Whether the search is narrowed down to it.
    chosen: bool,
    /// Address of the search with it, or without it where it is chosen.
    address: String,
}

/// Hits over time.
struct Chart {
    /// What a bar is: a year or a month.
    unit: &'static str,
    bars: Vec<ChartBar>,
    /// In the units of the drawing.
    width: usize,
}

/// The hits of a year or a month.
struct ChartBar {
    label: String,
    count: u64,
    /// Address of the search narrowed down to it.
    address: String,
    x: usize,
    /// Of 40.
    height: u64,
}

/// So few hits are little.
const FEW: u64 = 5;

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
    blocking(move || {
        let mut results = app.searcher.search(&request)?;
        // Within a facet one value suffices, so the others are counted as if none were chosen.
        for facet in SHOWN_FACETS.into_iter().filter(|f| !request.filters.values(*f).is_empty()) {
            let mut wider = first_page(&request);
            wider.filters.clear(facet);
            let counted = app.searcher.search(&wider)?.facets.values.remove(&facet);
            results.facets.values.insert(facet, counted.unwrap_or_default());
        }
        let extent = match results.total <= FEW && !request.q.is_empty() {
            true => Some(extent(&app.editions.meetings()?, &request.filters, frame.t)),
            false => None,
        };
        let directory = app.editions.directory()?;
        let page = SearchPage::new(frame, request, results, extent, directory);
        page.render().map(Html).map_err(Failure::from)
    })
    .await
}

impl SearchPage {
    fn new(
        frame: Frame,
        request: SearchRequest,
        results: Results,
        extent: Option<String>,
        directory: Arc<Directory>,
    ) -> Self {
        let on_page = |page| address(&request, |r| r.page = page);
        let page = results.page.max(1);
        let with_suggestion = |s: &String| (s.clone(), address(&request, |r| r.q.clone_from(s)));
        Self {
            kept: query::kept(&request),
            active: active(&request, &results, frame.t),
            facets: facets(&request, &results, frame.t),
            by_relevance: address(&request, |r| r.sort = Sort::Relevance),
            by_date: address(&request, |r| r.sort = Sort::Date),
            by_oldest: address(&request, |r| r.sort = Sort::Oldest),
            previous: (page > 1).then(|| on_page((page - 1).min(results.pages.max(1)))),
            next: (page < results.pages).then(|| on_page(page + 1)),
            first: (page - 1) * if request.group == GroupBy::Nothing { PAGE_SIZE } else { GROUPS }
                + 1,
            feed: format!("/suche.atom?{}", query::write(&first_page(&request))),
            suggestion: results.suggestion.as_ref().map(with_suggestion),
            wider: wider(&request, &results, frame.t),
            extent,
            chart: chart(&request, &results, frame.t),
            formulas: formulas(&request, &results, frame.t),
            kept_without_dates: query::kept(&request)
                .into_iter()
                .filter(|(name, _)| !["from", "to"].contains(name))
                .collect(),
            directory,
            without_filters: address(&request, |r| r.filters = Filters::default()),
            frame,
            results,
            request,
        }
    }

    /// An address of a meeting within this search, so that its words are marked there too.
    fn in_search(&self, url: &str) -> String {
        if self.request.q.is_empty() {
            return url.to_owned();
        }
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}q={}", query::encode(&self.request.q))
    }

    /// Whether some of the hits were recognised by a machine.
    fn has_automatic(&self) -> bool {
        let states = self.results.facets.of(Facet::Review);
        self.results.total > 0 && (states.is_empty() || states.iter().any(|s| s.id == "automatic"))
    }

    fn is_grouped(&self) -> bool {
        self.request.group != GroupBy::Nothing
    }

    /// Where the best hit of a group is seen and heard.
    fn best_of(&self, group: &HitGroup) -> String {
        let best = group.hits.first().map(|hit| self.in_search(&hit.url));
        best.unwrap_or_else(|| self.meeting_address(group))
    }

    fn meeting_address(&self, group: &HitGroup) -> String {
        self.in_search(&query::meeting_page(&group.meeting.id))
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

    /// What names a hit that is chosen to be quoted.
    fn choice(&self, hit: &LinkedHit) -> Option<String> {
        citations::choice(hit)
    }

    /// The page of who speaks, where they have one.
    fn person_address(&self, hit: &LinkedHit) -> Option<String> {
        let id = PersonId::new(hit.speaker.as_ref()?.id.as_str()).ok()?;
        links::person(&self.directory, &id, &hit.meeting.body)
    }

    /// The page of a paper that a hit names, where it has one.
    fn paper_address(&self, hit: &LinkedHit, reference: &str) -> Option<String> {
        links::paper(&self.directory, reference, &hit.meeting.body)
    }

    fn is_sorted(&self, by: &Sort) -> bool {
        self.request.sort == *by
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

/// Whether the chair's formulas are hidden, and how to change that.
fn formulas(r: &SearchRequest, results: &Results, t: &Texts) -> Option<(&'static str, String)> {
    let hidden = r.filters.without_formulas;
    let text = if hidden { t.formulas_show } else { t.formulas_hide };
    let has_chair = results.facets.of(Facet::Role).iter().any(|role| role.id == "chair");
    (hidden || has_chair).then(|| (text, address(r, |r| r.filters.without_formulas = !hidden)))
}

/// Hits by year, or by month where all are of one year; nothing where there is one bar.
fn chart(r: &SearchRequest, results: &Results, t: &Texts) -> Option<Chart> {
    let years = &results.facets.year;
    let by_month = years.len() < 2;
    let mut bars: Vec<(String, u64)> = match by_month {
        true => results.facets.month.iter().map(|b| (b.id.clone(), b.count)).collect(),
        false => years.iter().map(|b| (b.id.clone(), b.count)).collect(),
    };
    bars.sort();
    let (first, last) = (bars.first()?.0.clone(), bars.last()?.0.clone());
    if first == last {
        return None;
    }
    // What lies between has bars too, if empty ones.
    let most = bars.iter().map(|(_, count)| *count).max()?.max(1);
    let names = between(&first, &last);
    let count = |name: &String| bars.iter().find(|(n, _)| n == name).map_or(0, |(_, count)| *count);
    let bars: Vec<ChartBar> = (names.iter().enumerate())
        .map(|(n, name)| ChartBar {
            count: count(name),
            height: (count(name) * 38).div_ceil(most),
            x: n * 10,
            label: match first_day(name).filter(|_| by_month) {
                Some(first) => t.month(&first),
                None => name.clone(),
            },
            address: address(r, |r| {
                r.filters.years.clear();
                r.filters.from = first_day(name);
                r.filters.to = last_day(name);
            }),
        })
        .collect();
    let unit = if by_month { t.month_unit } else { t.year };
    Some(Chart { unit, width: bars.len() * 10, bars })
}

/// Years, or months, from the first to the last.
fn between(first: &str, last: &str) -> Vec<String> {
    let number = |name: &str| -> Option<(i32, i32)> {
        let (year, month) = name.split_once('-').unwrap_or((name, "1"));
        Some((year.parse().ok()?, month.parse().ok()?))
    };
    let Some((from, to)) = number(first).zip(number(last)) else { return Vec::new() };
    match first.contains('-') {
        false => (from.0..=to.0).map(|year| format!("{year:04}")).collect(),
        true => (from.0 * 12 + from.1 - 1..to.0 * 12 + to.1)
            .map(|n| format!("{:04}-{:02}", n / 12, n % 12 + 1))
            .collect(),
    }
}

/// What was searched: of the meetings that the filters leave, how many have words, how much was said in them and how
/// well it was heard.
fn extent(meetings: &[Listed], filters: &Filters, t: &Texts) -> String {
    let mut searched = SearchedExtent::default();
    for meeting in meetings.iter().filter(|meeting| is_left(meeting, filters)) {
        match meeting.transcribed || meeting.recorded {
            true => searched.with_text += 1,
            false => searched.without_text += 1,
        }
        searched.text += meeting.extent.unwrap_or_default();
    }
    t.extent(&searched)
}

/// Whether the filters that choose meetings leave this one.
fn is_left(meeting: &Listed, filters: &Filters) -> bool {
    let is_one_of = |facet: Facet, value: &str| {
        let values = filters.values(facet);
        values.is_empty() || values.iter().any(|chosen| facet.is_same(chosen, value))
    };
    let on_day = |is: &dyn Fn(Date) -> bool| meeting.date.is_some_and(is);
    is_one_of(Facet::Body, &meeting.body)
        && is_one_of(Facet::Organization, &meeting.organization)
        && is_one_of(Facet::Meeting, meeting.id.as_str())
        && (filters.years.is_empty() || on_day(&|date| filters.years.contains(&date.year())))
        && filters.from.is_none_or(|from| on_day(&|date| date >= from))
        && filters.to.is_none_or(|to| on_day(&|date| date <= to))
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
        Facet::Kind => match value.parse() {
            Ok(Kind::Vote) => t.directory().votes.to_owned(),
            Ok(kind) => t.kind(&kind).to_owned(),
            Err(()) => value.to_owned(),
        },
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

/// Facets that narrow down, and those by which the search is narrowed down.
fn facets(r: &SearchRequest, results: &Results, t: &Texts) -> Vec<FacetBox> {
    let boxed = |facet: Facet| {
        let chosen = r.filters.values(facet);
        let buckets = results.facets.of(facet);
        // A value that nothing has any more must still be there to be taken away.
        let is_lost = |value: &&String| buckets.iter().all(|b| !facet.is_same(&b.id, value));
        let lost = chosen.iter().filter(is_lost);
        let lost = lost.map(|value| Bucket { id: value.clone(), label: value.clone(), count: 0 });
        let lost: Vec<Bucket> = lost.collect();
        let value = |bucket: &Bucket| {
            let is_chosen = chosen.iter().any(|value| facet.is_same(value, &bucket.id));
            FacetValue {
                label: match facet.has_ids() {
                    true => bucket.label.clone(),
                    false => value_label(facet, &bucket.id, results, t),
                },
                count: bucket.count,
                chosen: is_chosen,
                address: address(r, |r| match is_chosen {
                    true => r.filters.remove(facet, &bucket.id),
                    false => r.filters.add(facet, bucket.id.as_str()),
                }),
            }
        };
        let mut values: Vec<FacetValue> = lost.iter().chain(buckets).map(value).collect();
        values.sort_by_key(|value| !value.chosen);
        FacetBox { title: facet_title(facet, t), values }
    };
    let shown = SHOWN_FACETS.into_iter().map(boxed);
    // One value narrows nothing down.
    shown.filter(|b| b.values.len() > 1 || b.values.iter().any(|value| value.chosen)).collect()
}

#[cfg(test)]
mod tests {
    use super::{SearchedExtent, between};
    use crate::domain::TextExtent;
    use crate::web::shared::texts::Lang;
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
        let facet = r#"href="/suche?q=Livestream&#38;kind=item&#38;party=SPD""#;
        let facet = html.contains(facet) || html.contains(r#"party=SPD&#38;kind=item""#);
        assert!(facet, "the facet drops the other filter or keeps the page");
        let second = html.contains("party=SPD&#38;party=Gr%C3%BCne");
        assert!(second, "a second value of a facet is not offered");
        assert!(html.contains(r#"href="/suche?q=Livestream" rel="nofollow" aria-current="true""#));
        assert!(!html.contains("<h3>Gremium</h3>"), "a facet of one value narrows nothing down");
        assert!(
            html.contains(r#"<a href="/suche?q=Livestream" rel="nofollow"><span class="hidden">"#)
        );
        assert!(html.contains(r#"<input type="hidden" name="party" value="SPD">"#));
    }

    #[tokio::test]
    async fn hits_over_time_are_bars_that_narrow_down_and_a_table() {
        let archive = Archive::new();
        let html = archive.get("/suche?q=Livestream").await.text();
        let bar = r#"<a href="/suche?q=Livestream&#38;from=2019-01-01&#38;to=2019-12-31""#;
        assert_eq!(html.matches(bar).count(), 2, "a bar and a row");
        // Between them lies a year without hits.
        assert!(html.contains("<title>2020: 0</title>"), "{html}");
        assert_eq!(between("2019-11", "2020-02"), ["2019-11", "2019-12", "2020-01", "2020-02"]);
    }

    #[tokio::test]
    async fn what_is_searched_for_travels_into_the_meeting() {
        let archive = Archive::new();
        let html = archive.get("/suche?q=Livestream").await.text();
        assert!(
            html.contains("/sitzung/kt-1?t=9.5&#38;w=12-Livestream&#38;q=Livestream"),
            "{html}"
        );
    }

    #[tokio::test]
    async fn nothing_found_says_what_to_try() {
        let archive = Archive::new();
        let answer = archive.get("/suche?q=Xylophon&year=abc&from=gestern&page=-3").await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("Keine Treffer") && answer.text().contains("Klima*"));
        let told = answer.text();
        let told = told.split("Durchsucht ist der Wortlaut von 1 Sitzung (").nth(1).unwrap();
        assert!(told.split_once(')').unwrap().0.ends_with(" Wörter"), "{told:.80}");
        let none = archive.get("/suche?q=Xylophon&from=2030-01-01").await.text();
        assert!(none.contains("Durchsucht ist der Wortlaut von 0 Sitzungen."), "{none}");
    }

    #[test]
    fn what_was_searched_is_told_in_hours_gaps_and_doubtful_words() {
        let text = TextExtent {
            speech_ms: 45_000_000,
            unheard_ms: 192_000,
            words: 98_000,
            doubtful_words: 4_100,
        };
        let searched = SearchedExtent { with_text: 4, without_text: 1, text };
        assert_eq!(
            Lang::De.texts().extent(&searched),
            "Durchsucht ist der Wortlaut von 4 Sitzungen (12 h 30 min, 98.000 Wörter). Nicht zu finden ist, was in \
             3 min 12 s gesagt wurde, die nicht verschriftet sind. 4 % der Wörter sind unsicher erkannt. Von 1 \
             weiteren Sitzung nur Tagesordnung und Titel."
        );
    }
}
