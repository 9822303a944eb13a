//! A search within one meeting: its hits beside the text, and the way from hit to hit.

use crate::domain::Result;
use crate::edition::Edition;
use crate::search::{Facet, Filters, LinkedHit, Results, SearchRequest, Sort};
use crate::web::public::query;
use crate::web::shared::State;

/// The hits of a search in one meeting.
pub struct Within {
    /// What was searched for.
    pub query: String,
    /// The hits in the order of time.
    pub results: Results,
    /// The same search on the search page.
    pub everywhere: String,
    /// Which hit is shown, from 1; none before one is chosen.
    pub position: Option<usize>,
    /// Address of the hit before it.
    pub previous: Option<String>,
    /// Address of the hit after it.
    pub next: Option<String>,
}

impl Within {
    /// Searches the meeting. `word` is the word that is shown, by which its hit is known.
    pub fn search(app: &State, edition: &Edition, q: &str, word: Option<usize>) -> Result<Self> {
        let meeting = &edition.council.meeting.id;
        let results = app.searcher.search_meeting(meeting, q)?;
        let request = SearchRequest {
            q: q.to_owned(),
            filters: Filters::only(Facet::Meeting, meeting.as_str()),
            sort: Sort::Date,
            ..SearchRequest::default()
        };
        let shown = word.and_then(|word| results.hits.iter().position(|hit| is_of(hit, word)));
        let address = |hit: &LinkedHit| address(hit, q);
        // Titles have no word to go to and on from.
        let has_word = |hit: &&LinkedHit| hit.is_spoken();
        let before = shown.map_or(&[][..], |i| &results.hits[..i]).iter().rfind(has_word);
        let behind = shown.map_or(&[][..], |i| &results.hits[i + 1..]).iter().find(has_word);
        Ok(Self {
            query: q.to_owned(),
            position: shown.map(|i| i + 1),
            previous: before.map(address),
            next: behind.map(address),
            results,
            everywhere: format!("/suche?{}", query::write(&request)),
        })
    }

    /// Address of a hit within this search.
    pub fn address(&self, hit: &LinkedHit) -> String {
        address(hit, &self.query)
    }
}

/// Whether a hit leads to this word of the text as it is now.
fn is_of(hit: &LinkedHit, word: usize) -> bool {
    let values = hit.url.split(['?', '&']).skip(1).filter_map(|pair| pair.strip_prefix("w="));
    let mut numbers = values.filter_map(|w| w.split('-').next()?.parse::<usize>().ok());
    numbers.any(|number| number == word)
}

fn address(hit: &LinkedHit, q: &str) -> String {
    let separator = if hit.url.contains('?') { '&' } else { '?' };
    format!("{}{separator}q={}", hit.url, query::encode(q))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn the_way_from_hit_to_hit_stays_in_the_search() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1?q=Livestream").await.text();
        assert!(
            html.contains("/sitzung/kt-1?t=9.5&#38;w=12-Livestream&#38;q=Livestream"),
            "no link to the hit"
        );
        assert!(html.contains(r#"<mark class="found">Livestream</mark>"#), "word is not marked");
        let at_hit = archive.get("/sitzung/kt-1?t=9.5&w=12&q=Livestream").await.text();
        assert!(at_hit.contains("<span>Treffer 1 von 41</span>"));
    }

    #[test]
    fn places_without_a_time_are_stepped_through_too() {
        let archive = Archive::new();
        let mut hit = archive.a_hit();
        for (url, address) in [
            ("/sitzung/kt-1?t=9.5&w=12", "/sitzung/kt-1?t=9.5&w=12&q=a%20b"),
            ("/sitzung/kt-1?w=12-Live%2Dstream", "/sitzung/kt-1?w=12-Live%2Dstream&q=a%20b"),
            ("/sitzung/kt-1", "/sitzung/kt-1?q=a%20b"),
        ] {
            hit.url = url.to_owned();
            assert_eq!(super::address(&hit, "a b"), address);
            assert_eq!(super::is_of(&hit, 12), url.contains("w=12"), "{url}");
            assert!(!super::is_of(&hit, 1), "{url}");
        }
    }
}
