//! That addresses lead to words of the text, and show nothing but what the site gave out.

use proptest::prelude::*;

use super::*;
use crate::web::testing::Archive;

fn read(address: &str) -> PlaceLink {
    let query = address.split_once('?').map_or(address, |(_, query)| query);
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    PlaceLink::read(&pairs.map(|(k, v)| (k.to_owned(), decoded(v))).collect::<Vec<_>>())
}

fn meeting() -> MeetingId {
    MeetingId::new("kt-1").unwrap()
}

/// The invented meeting's word 12 of 25 is "Livestream", said at 11 s.
fn marked(archive: &Archive, address: &str) -> Option<Range<usize>> {
    let editions = archive.state().editions;
    let edition = editions.load(&meeting()).unwrap();
    read(address).resolve(&editions, &edition).unwrap().words
}

#[test]
fn a_word_is_known_by_its_spelling_near_its_time_and_a_bare_number_only_there() {
    let archive = Archive::new();
    for (address, word) in [
        ("t=9.5&w=12-Livestream", Some(12)),
        // Two words were added before it since, and the clock runs three seconds late.
        ("t=12.5&w=14-livestream", Some(12)),
        ("w=3-Livestream", Some(12)),
        ("t=60&w=12-Livestream", None),
        ("t=9.5&w=12-Haushalt", None),
        ("t=9.5&w=12", Some(12)),
        ("t=1&w=12", Some(12)),
        ("t=30&w=12", None),
        ("w=12", Some(12)),
        ("w=100000", None),
        ("w=+12", None),
        ("w=-12", None),
        ("t=quatsch&w=x-Livestream", None),
    ] {
        assert_eq!(marked(&archive, address), word.map(|w| w..w + 1), "{address}");
    }
}

/// The address of a quotation of these words, as the site gives it out.
fn given_out(archive: &Archive, range: Range<usize>) -> String {
    let editions = archive.state().editions;
    let edition = editions.load(&meeting()).unwrap();
    let quotation = Quotation::of(&edition.quotable_words(), range).unwrap();
    let seal = editions.seal_of(&edition, &quotation).unwrap();
    quotation_address(&meeting(), &quotation, &seal)
}

fn shown(archive: &Archive, address: &str) -> ShownPlace {
    let editions = archive.state().editions;
    let edition = editions.load(&meeting()).unwrap();
    read(address).resolve(&editions, &edition).unwrap()
}

#[test]
fn a_quotation_shows_then_and_now_only_where_the_site_gave_it_out() {
    let archive = Archive::new();
    let address = given_out(&archive, 9..15);
    let place = shown(&archive, &address);
    assert_eq!((place.words, place.time), (Some(9..15), Some(MediaTime::from_millis(8000))));
    assert_eq!(place.quote, Some(ShownQuote { state: QuoteState::Same, then: None }));
    archive.hear_again("Livestream", "Leitstrahl");
    let then = Some("die Einführung eines Livestream aus dem".to_owned());
    let place = shown(&archive, &address);
    assert_eq!(place.words, Some(9..15));
    assert_eq!(place.quote, Some(ShownQuote { state: QuoteState::Changed, then }));
    // The same words with another seal, and other words with this one.
    let nothing = Some(ShownQuote { state: QuoteState::Lost, then: None });
    let (unsealed, seal) = address.rsplit_once('=').unwrap();
    for forged in [
        format!("{unsealed}={}", "0".repeat(32)),
        unsealed.replace("&siegel", ""),
        address.replace("Einf", "Abschaff"),
        address.replace("t=9.5", "t=9.6"),
        format!("t=9.5,12.4&zitat=Alle%20sind%20bestochen&vor=&nach=&siegel={seal}"),
    ] {
        let place = shown(&archive, &forged);
        assert_eq!((place.quote, place.words), (nothing.clone(), None), "{forged}");
    }
}

#[test]
fn what_is_withdrawn_is_not_shown_as_it_was() {
    let archive = Archive::new();
    let (whole, beside) = (given_out(&archive, 9..15), given_out(&archive, 17..21));
    let at = MediaTime::from_millis;
    archive.withhold(Span::new(at(10_900), at(11_500)).unwrap());
    let place = shown(&archive, &whole);
    assert_eq!(place.quote.unwrap().then, None);
    let place = shown(&archive, &beside);
    assert_eq!(place.quote, Some(ShownQuote { state: QuoteState::Same, then: None }));
}

proptest! {
    /// Whatever stands in an address: it is left out or finds words of the text; none of it is shown.
    #[test]
    fn nothing_of_an_address_is_shown(
        values in prop::collection::vec(("(t|w|zitat|vor|nach|siegel)", "\\PC{0,50}|[0-9]{1,25}(-[a-z]*)?|[0-9a-f]{32}"), 0..7),
    ) {
        thread_local!(static ARCHIVE: Archive = Archive::new());
        let link = PlaceLink::read(&values);
        ARCHIVE.with(|archive| {
            let editions = archive.state().editions;
            let edition = editions.load(&meeting()).unwrap();
            let place = link.resolve(&editions, &edition).unwrap();
            prop_assert!(place.words.is_none_or(|words| words.end <= 25));
            prop_assert!(place.quote.is_none_or(|quote| quote.then.is_none()));
            Ok(())
        })?;
    }
}
