//! `/suche/zitate.csv`, `/suche/zitate.ris`: the hits that somebody has chosen in the list, as a table or for
//! reference managers. Owns which words of a hit are quoted: the whole sentences in which it matches. What they say
//! comes from the edition, not from the index and not from the address: what is withdrawn meanwhile is not there.

use std::collections::HashMap;
use std::ops::Range;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;

use super::load;
use super::place::PlaceLink;
use super::quoting::{LONGEST_QUOTE, Quote};
use super::references::{self, ReferenceForm};
use crate::domain::{Error, ErrorKind, MeetingId, Result};
use crate::edition::Edition;
use crate::search::LinkedHit;
use crate::web::shared::error::{Failure, Missing};
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, State, blocking};

/// The name of a chosen hit in an address.
pub const FIELD: &str = "treffer";
/// The chosen hits as a table.
pub const TABLE: &str = "/suche/zitate.csv";
/// The same for reference managers.
pub const REFERENCES: &str = "/suche/zitate.ris";
/// So many at once; more than a page has.
const MOST: usize = 50;
/// So many words on both sides are quoted where a sentence does not end.
const AROUND: usize = 12;

type ChosenHits = Result<Query<Vec<(String, String)>>, QueryRejection>;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(TABLE, get(|app, frame, pairs| give(app, frame, pairs, ReferenceForm::Csv)))
        .route(REFERENCES, get(|app, frame, pairs| give(app, frame, pairs, ReferenceForm::Ris)))
}

/// What names a hit in a form: its address, and how many words it is from the first to the last that matches.
/// Nothing of a title: only what was said is quoted.
pub fn choice(hit: &LinkedHit) -> Option<String> {
    let separator = if hit.url.contains('?') { '&' } else { '?' };
    let ends = hit.words.iter().min().zip(hit.words.iter().max());
    let count = ends.map_or(1, |(first, last)| last - first + 1);
    hit.is_spoken().then(|| format!("{}{separator}n={count}", hit.url))
}

async fn give(
    extract::State(app): extract::State<App>,
    frame: Frame,
    pairs: ChosenHits,
    form: ReferenceForm,
) -> Result<Response, Failure> {
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    let chosen = pairs.into_iter().filter(|(name, _)| name == FIELD);
    let chosen: Vec<String> = chosen.map(|(_, hit)| hit).collect();
    let refused = |missing, why: &str| Failure::of(missing)(Error::bad_input(why));
    match chosen.len() {
        0 => return Err(refused(Missing::ChosenHits, "Es ist kein Treffer ausgewählt")),
        n if n > MOST => return Err(refused(Missing::SoManyHits, "Es sind zu viele Treffer")),
        _ => {}
    }
    blocking(move || {
        let quotes = quotes(&app, &frame, &chosen)?;
        Ok::<_, Failure>(references::file(form, &quotes, "zitate", frame.t))
    })
    .await
}

/// The quotations of what was chosen, in its order; what is not there any more is left out.
fn quotes(app: &State, frame: &Frame, chosen: &[String]) -> Result<Vec<Quote>, Failure> {
    let mut editions: HashMap<MeetingId, Option<Edition>> = HashMap::new();
    let (mut seen, mut quotes) = (Vec::new(), Vec::new());
    for hit in chosen.iter().filter_map(|text| ChosenHit::read(text)) {
        if !editions.contains_key(&hit.meeting) {
            let loaded = match load(app, hit.meeting.as_str()) {
                Ok(edition) => Some(edition),
                Err(failure) if is_gone(&failure) => None,
                Err(failure) => return Err(failure),
            };
            editions.insert(hit.meeting.clone(), loaded);
        }
        let Some(Some(edition)) = editions.get(&hit.meeting) else { continue };
        let place = hit.place.resolve(&app.editions, edition)?;
        let Some(first) = place.words else { continue };
        let Some(range) = quotable(edition, first.start, hit.words) else { continue };
        let at = (hit.meeting.clone(), range.clone());
        // Two hits of one sentence are one quotation.
        if !seen.contains(&at) {
            quotes.push(Quote::of(&app.editions, edition, range, &frame.origin, frame.t)?);
            seen.push(at);
        }
    }
    match quotes.is_empty() {
        true => {
            Err(Failure::of(Missing::HitsOfBefore)(Error::not_found("Nichts davon ist noch da")))
        }
        false => Ok(quotes),
    }
}

fn is_gone(failure: &Failure) -> bool {
    matches!(failure.kind(), ErrorKind::NotFound | ErrorKind::Withdrawn)
}

/// A hit as a form names it.
struct ChosenHit {
    meeting: MeetingId,
    place: PlaceLink,
    words: usize,
}

impl ChosenHit {
    /// Reads what [`choice`] wrote.
    fn read(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let meeting = MeetingId::new(uri.path().strip_prefix("/sitzung/")?).ok()?;
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri).ok()?;
        let words = pairs.iter().find(|(name, _)| name == "n").and_then(|(_, n)| n.parse().ok());
        Some(Self { meeting, place: PlaceLink::read(&pairs), words: words.unwrap_or(1) })
    }
}

/// The sentences around so many words from this one on; of what is too long for a quotation the one around the
/// first word, and of an endless one the words beside it.
fn quotable(edition: &Edition, first: usize, count: usize) -> Option<Range<usize>> {
    let words = edition.quotable_words();
    let fits = |range: &Range<usize>| {
        let length = |text: &str| text.chars().count() + 1;
        let text = words.get(range.clone()).filter(|words| !words.is_empty());
        text.is_some_and(|w| w.iter().map(|w| length(w.text)).sum::<usize>() <= LONGEST_QUOTE)
    };
    let last = first.checked_add(count.max(1) - 1)?.min(words.len().checked_sub(1)?);
    let around = |word: usize| {
        let near = word.saturating_sub(AROUND)..(word + AROUND + 1).min(words.len());
        let speech = speech_of(edition, word);
        near.start.max(speech.start)..near.end.min(speech.end)
    };
    let (one, other) = (sentence(edition, first), sentence(edition, last));
    let ranges = [one.start..other.end.max(one.end), one, around(first)];
    ranges.into_iter().find(fits)
}

/// The sentence of a word: as it was recognised, or of a record up to its full stop.
fn sentence(edition: &Edition, word: usize) -> Range<usize> {
    if let Some((transcript, _)) = &edition.text {
        let all = transcript.utterances.iter();
        let mut ranges = all.map(|u| u.first_word..u.first_word + u.n_words);
        return ranges.find(|range| range.contains(&word)).unwrap_or(word..word + 1);
    }
    let words = edition.quotable_words();
    let speech = speech_of(edition, word);
    let ends = |n: &usize| words.get(*n).is_some_and(|word| is_end(word.text));
    let start = (speech.start..word).rev().find(ends).map_or(speech.start, |end| end + 1);
    let end = (word..speech.end).find(ends).map_or(speech.end, |end| end + 1);
    start..end
}

/// The words of the recorded speech in which a word stands; of a recognised text all.
fn speech_of(edition: &Edition, word: usize) -> Range<usize> {
    if edition.text.is_some() {
        return 0..usize::MAX;
    }
    let mut first = 0;
    for speech in &edition.speeches {
        let words = first..first + speech.text.split_whitespace().count();
        if words.contains(&word) {
            return words;
        }
        first = words.end;
    }
    word..word + 1
}

/// Whether a sentence ends with this word. Ordinals and short forms end in a stop as well: their words are short.
fn is_end(word: &str) -> bool {
    let bare = word.trim_end_matches(['“', '”', '"', '‘', '’', ')', '«', '»']);
    let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
    bare.ends_with(['!', '?', ':']) || bare.ends_with('.') && letters > 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MediaTime, Role, Span};
    use crate::web::public::query::encode;
    use crate::web::testing::Archive;

    fn address(path: &str, hits: &[&str]) -> String {
        let pairs: Vec<String> =
            hits.iter().map(|hit| format!("{FIELD}={}", encode(hit))).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    const HIT: &str = "/sitzung/kt-1?t=9.5&w=12-Livestream&n=1";

    #[tokio::test]
    async fn what_the_list_offers_is_quoted_in_whole_sentences_with_all_that_belongs_to_it() {
        let archive = Archive::new();
        let html = archive.get("/suche?q=Livestream").await.text();
        let value = html.split("name=\"treffer\" value=\"").nth(1).expect("no hit to choose");
        let value = value.split('"').next().unwrap().replace("&#38;", "&");
        assert_eq!(value, HIT);
        assert_eq!(choice(&archive.a_hit()).as_deref(), Some(HIT));
        let answer = archive.get(&address(TABLE, &[&value, &value])).await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"zitate.csv\"");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        let text = answer.text();
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 2, "one sentence, one line: {text}");
        assert!(lines[0].starts_with("\u{feff}\"Wortlaut\";\"Wer\";"), "{text}");
        // As the invented recogniser has cut it.
        let begins = "\"Wir sprechen über die Einführung eines Livestream aus dem Kreistag. Vielen\";\
             \"Erika Muster\";\"Vorsitz\";\"SPD\";\"Landkreis Beispiel\";\"Kreistag\";";
        assert!(lines[1].starts_with(begins), "{text}");
        let there =
            ["\"2021-06-21\"", "\"Einführung eines Livestreams\"", "/sitzung/kt-1?t=8", "&siegel="];
        there.iter().for_each(|there| assert!(lines[1].contains(there), "{there}: {text}"));
        let ris = archive.get(&address(REFERENCES, &[HIT])).await.text();
        assert!(ris.starts_with("TY  - HEAR\r\nAU  - Erika Muster\r\n"), "{ris}");
    }

    #[tokio::test]
    async fn what_is_withdrawn_meanwhile_is_not_taken_along() {
        let archive = Archive::new();
        let id = archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        let both = address(TABLE, &[HIT, "/sitzung/kt-9?t=0&w=1-Satz&n=1"]);
        assert_eq!(archive.found(&both).await.lines().count(), 3);
        let at = MediaTime::from_millis;
        archive.withhold(Span::new(at(10_900), at(11_500)).unwrap());
        let text = archive.found(&both).await;
        assert!(!text.contains("Livestream aus") && text.contains("Ein Satz."), "{text}");
        archive.withhold_speech(&id, 1);
        let answer = archive.get(&both).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("ist so nicht mehr da"), "{}", answer.text());
        archive.withdraw(false);
        assert_eq!(archive.get(&address(REFERENCES, &[HIT])).await.status, 404);
    }

    #[tokio::test]
    async fn who_chooses_nothing_or_nonsense_learns_what_to_do() {
        let archive = Archive::new();
        let many = vec![HIT; MOST + 1];
        for (path, status, words) in [
            (TABLE.to_owned(), 400, "keinen Treffer ausgewählt"),
            (format!("{REFERENCES}?q=Livestream"), 400, "keinen Treffer ausgewählt"),
            (address(TABLE, &many), 400, "höchstens 50"),
            (
                address(TABLE, &["x", "/sitzung/", "https://x/sitzung/kt-1", "/sitzung/nie?w=1"]),
                404,
                "nicht mehr",
            ),
            (
                address(TABLE, &["/sitzung/kt-1?w=99999999999999999999&n=-1", "\u{7}"]),
                404,
                "nicht mehr",
            ),
        ] {
            let answer = archive.get(&path).await;
            assert_eq!(answer.status, status, "{path}");
            assert!(answer.text().contains(words), "{path}: {}", answer.text());
        }
        let endless = "/sitzung/kt-1?t=9.5&w=12-Livestream&n=18446744073709551615";
        assert_eq!(archive.get(&address(TABLE, &[endless])).await.status, 404);
        let beyond = "/sitzung/kt-1?t=9.5&w=12-Livestream&n=9999";
        assert_eq!(archive.get(&address(TABLE, &[beyond])).await.status, 200);
    }

    #[test]
    fn short_forms_end_no_sentence() {
        for (word, ends) in [
            ("Kreistag.", true),
            ("z.B.", false),
            ("21.", false),
            ("Nr.", false),
            ("so?“", true),
            ("und", false),
        ] {
            assert_eq!(is_end(word), ends, "{word}");
        }
    }
}
