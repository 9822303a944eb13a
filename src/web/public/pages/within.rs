//! A search within one meeting: every word that matches, marked in the text, and the way from one to the next.

use crate::domain::Result;
use crate::edition::Edition;
use crate::search::{Facet, Filters, LinkedHit, Results, SearchRequest, Sort};
use crate::web::public::query;
use crate::web::public::words::MeetingWords;
use crate::web::shared::State;

/// The hits of a search in one meeting.
pub struct Within {
    /// What was searched for.
    pub query: String,
    /// The hits in the order of time.
    pub results: Results,
    /// The numbers of matching words in their order; words that follow each other are one place.
    pub places: Vec<FoundWords>,
    /// The same search on the search page.
    pub everywhere: String,
    /// Which place is shown, from 1; none before one is chosen.
    pub position: Option<usize>,
    /// Address of the place before it.
    pub previous: Option<String>,
    /// Address of the place after it.
    pub next: Option<String>,
}

/// Matching words beside each other: the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FoundWords(pub usize, pub usize);

impl Within {
    /// Searches the meeting. `word` is the word that is shown, by which its place is known.
    pub fn search(
        app: &State,
        edition: &Edition,
        words: &MeetingWords<'_>,
        q: &str,
        word: Option<usize>,
    ) -> Result<Self> {
        let meeting = &edition.council.meeting.id;
        let results = app.searcher.search_meeting(meeting, q)?;
        let request = SearchRequest {
            q: q.to_owned(),
            filters: Filters::only(Facet::Meeting, meeting.as_str()),
            sort: Sort::Date,
            ..SearchRequest::default()
        };
        let places = places(&results.hits, words.len());
        let shown = word.and_then(|word| places.iter().position(|p| (p.0..=p.1).contains(&word)));
        let address = |place: &FoundWords| words.address(place.0, q);
        let next = shown.map_or(0, |shown| shown + 1);
        Ok(Self {
            query: q.to_owned(),
            position: shown.map(|i| i + 1),
            previous: shown.and_then(|i| places.get(i.checked_sub(1)?)).map(address),
            next: places.get(next).map(address),
            places,
            results,
            everywhere: format!("/suche?{}", query::write(&request)),
        })
    }

    /// Hits that were said, with something to go to.
    pub fn spoken(&self) -> impl Iterator<Item = &LinkedHit> {
        self.results.hits.iter().filter(|hit| hit.is_spoken())
    }

    /// Hits in titles and papers.
    pub fn written(&self) -> impl Iterator<Item = &LinkedHit> {
        self.results.hits.iter().filter(|hit| !hit.is_spoken())
    }

    /// Address of a hit within this search.
    pub fn address(&self, hit: &LinkedHit) -> String {
        let separator = if hit.url.contains('?') { '&' } else { '?' };
        format!("{}{separator}q={}", hit.url, query::encode(&self.query))
    }
}

/// The places of all matching words of a meeting with so many words.
fn places(hits: &[LinkedHit], words: usize) -> Vec<FoundWords> {
    let mut numbers: Vec<usize> = hits.iter().flat_map(|hit| &hit.words).copied().collect();
    numbers.retain(|number| *number < words);
    numbers.sort_unstable();
    numbers.dedup();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    runs.filter_map(|run| Some(FoundWords(*run.first()?, *run.last()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn the_way_from_word_to_word_stays_in_the_search() {
        let archive = Archive::new();
        let html = archive.get("/sitzung/kt-1?q=Livestream").await.text();
        assert!(html.contains("?t=9.5&#38;w=12-Livestream&#38;q=Livestream"), "no way to the word");
        assert!(html.contains(r#"<mark class="found">Livestream</mark>"#), "word is not marked");
        let at_hit = archive.get("/sitzung/kt-1?t=9.5&w=12&q=Livestream").await.text();
        assert!(at_hit.contains("Treffer 1 von 1"), "{at_hit}");
    }

    #[test]
    fn words_beside_each_other_are_one_place() {
        let archive = Archive::new();
        let mut hits = vec![archive.a_hit(), archive.a_hit()];
        hits[0].words = vec![4, 5, 9];
        // The lookahead of one passage may be the words of the next.
        hits[1].words = vec![9, 10, 30];
        assert_eq!(places(&hits, 20), [FoundWords(4, 5), FoundWords(9, 10)]);
    }
}
