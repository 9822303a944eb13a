//! Between addresses and search requests. Reads leniently: what makes no sense is left out, never
//! an error; writes only what differs from nothing.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::domain::{MediaTime, MeetingId};
pub use crate::search::link::encode;
use crate::search::{Breadth, Facet, GroupBy, Kind, SearchRequest, Sort, first_day, last_day};
use crate::web::shared::App;

/// Longer texts are cut: nobody types them. The search reads less of a query, and says so.
const LONGEST_TEXT: usize = 1000;

/// A search request as it stands in an address.
pub struct Asked(pub SearchRequest);

impl FromRequestParts<App> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(pairs.map_or_else(|_| SearchRequest::default(), |Query(pairs)| read(pairs))))
    }
}

fn read(pairs: Vec<(String, String)>) -> SearchRequest {
    let mut r = SearchRequest::default();
    for (key, value) in pairs {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        let text = || Some(value.chars().take(LONGEST_TEXT).collect::<String>());
        match key.as_str() {
            "q" => r.q = text().unwrap_or_default(),
            "year" => r.filters.years.extend(value.parse::<i16>()),
            "from" => r.filters.from = first_day(value),
            "to" => r.filters.to = last_day(value),
            "kind" if value.parse::<Kind>().is_err() => {}
            "formulas" => r.filters.without_formulas = value == "no",
            "breadth" => r.breadth = breadth(value).unwrap_or_default(),
            "group" if value == "meeting" => r.group = GroupBy::Meeting,
            "group" if value == "debate" => r.group = GroupBy::Debate,
            "sort" if value == "date" => r.sort = Sort::Date,
            "sort" if value == "oldest" => r.sort = Sort::Oldest,
            "page" => r.page = value.parse().unwrap_or_default(),
            name => {
                if let Some((facet, value)) = Facet::named(name).zip(text()) {
                    r.filters.add(facet, value);
                }
            }
        }
    }
    r
}

/// What narrows and orders a search, beside its words and its page.
pub fn kept(r: &SearchRequest) -> Vec<(&'static str, String)> {
    let facets = r
        .filters
        .all()
        .flat_map(|(facet, values)| values.iter().map(move |value| (facet.name(), value.clone())));
    let others = [
        r.filters.from.map(|d| ("from", d.to_string())),
        r.filters.to.map(|d| ("to", d.to_string())),
        r.filters.without_formulas.then(|| ("formulas", "no".to_owned())),
        BREADTHS
            .iter()
            .find(|(_, of)| *of == r.breadth)
            .map(|(name, _)| ("breadth", (*name).to_owned())),
        match r.sort {
            Sort::Relevance => None,
            Sort::Date => Some(("sort", "date".to_owned())),
            Sort::Oldest => Some(("sort", "oldest".to_owned())),
        },
    ];
    let years = r.filters.years.iter().map(|year| ("year", year.to_string()));
    facets.chain(years).chain(others.into_iter().flatten()).collect()
}

/// The scopes that one can ask for, by the names of the API.
const BREADTHS: [(&str, Breadth); 2] = [("speech", Breadth::Speech), ("item", Breadth::Item)];

/// The breadth of this name.
pub fn breadth(name: &str) -> Option<Breadth> {
    BREADTHS.iter().find(|(known, _)| *known == name).map(|(_, breadth)| *breadth)
}

/// The request as the query part of an address, without the question mark.
pub fn write(r: &SearchRequest) -> String {
    let words = (!r.q.is_empty()).then(|| ("q", r.q.clone()));
    let page = (r.page > 1).then(|| ("page", r.page.to_string()));
    let pairs = words.into_iter().chain(kept(r)).chain(page);
    pairs.map(|(key, value)| format!("{key}={}", encode(&value))).collect::<Vec<_>>().join("&")
}

/// Seconds as links write them: `72.8`.
pub fn seconds(t: MediaTime) -> String {
    format!("{}", t.as_secs_f64())
}

/// A meeting's page.
pub fn meeting_page(id: &MeetingId) -> String {
    format!("/sitzung/{id}")
}

/// A person's page; `address` as the directory has it.
pub fn person_page(address: &str) -> String {
    format!("/person/{}", encode(address))
}

/// An organization's page.
pub fn organization_page(address: &str) -> String {
    format!("/gremium/{}", encode(address))
}

/// A paper's page.
pub fn paper_page(address: &str) -> String {
    format!("/vorlage/{}", encode(address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reread(r: &SearchRequest) -> SearchRequest {
        let uri = format!("/suche?{}", write(r)).parse().unwrap();
        read(Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap().0)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(q in "\\PC{0,60}", party in "\\PC{1,20}", year in 1900i16..2100, page in 2usize..50) {
            let mut request = SearchRequest {
                q: q.trim().to_owned(),
                sort: Sort::Date,
                page,
                ..SearchRequest::default()
            };
            request.filters.years = vec![year];
            for facet in [Facet::Party, Facet::Person] {
                for value in [party.trim(), "b"].into_iter().filter(|value| !value.is_empty()) {
                    request.filters.add(facet, value);
                }
            }
            prop_assert_eq!(reread(&request), request);
        }

        /// No character of a text can end its part of an address, or begin another.
        #[test]
        fn nothing_but_unreserved_characters_stays_as_it_is(text in "\\PC{0,40}") {
            let encoded = encode(&text).to_string();
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            let decoded = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap();
            prop_assert_eq!(decoded, text);
        }

        #[test]
        fn nonsense_is_left_out(value in "\\PC{0,30}") {
            let pairs = ["year", "from", "to", "sort", "page"].map(|k| (k.to_owned(), format!("x{value}")));
            prop_assert_eq!(read(pairs.into()), SearchRequest::default());
        }
    }
}
