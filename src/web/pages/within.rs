//! A search within one meeting: its hits beside the text, and the way from hit to hit.

use crate::domain::Result;
use crate::search::{Hit, Request, Results};
use crate::web::State;
use crate::web::edition::Edition;
use crate::web::query;

/// The hits of a search in one meeting.
pub struct Within {
    /// What was searched for.
    pub query: String,
    /// The first page of hits.
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
        let request = Request {
            q: q.to_owned(),
            meeting: Some(edition.council.meeting.id.to_string()),
            ..Request::default()
        };
        let results = app.searcher.search(&request)?;
        let everywhere = format!("/suche?{}", query::write(&request));
        let shown = word.map(|word| format!("&w={word}"));
        let shown = shown.and_then(|w| results.hits.iter().position(|hit| hit.url.ends_with(&w)));
        let address = |hit: &Hit| address(hit, q);
        let neighbour = |i: Option<usize>| i.and_then(|i| results.hits.get(i)).map(address);
        Ok(Self {
            query: q.to_owned(),
            position: shown.map(|i| i + 1),
            previous: neighbour(shown.and_then(|i| i.checked_sub(1))),
            next: neighbour(shown.map(|i| i + 1)),
            results,
            everywhere,
        })
    }

    /// Address of a hit within this search.
    pub fn address(&self, hit: &Hit) -> String {
        address(hit, &self.query)
    }
}

fn address(hit: &Hit, q: &str) -> String {
    format!("{}&q={}", hit.url, query::encode(q))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn the_way_from_hit_to_hit_stays_in_the_search() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1?q=Livestream").await.text();
        assert!(
            html.contains("/sitzung/kt-1?t=9.5&#38;w=12&#38;q=Livestream"),
            "no link to the hit"
        );
        assert!(html.contains(r#"<mark class="found">Livestream</mark>"#), "word is not marked");
        let at_hit = archive.get("/sitzung/kt-1?t=9.5&w=12&q=Livestream").await.text();
        assert!(at_hit.contains("<span>Treffer 1 von 41</span>"));
    }
}
