//! Prompts of any vocabulary, and what is and is not an echo. All names are invented.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::archive::models;
use crate::domain::MediaTime;

static DEMO: LazyLock<Tokenizer> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/models/whisper-base-q8_0.bin");
    let model = models::find(file, &[]).unwrap();
    Tokenizer::new(model.vocabulary().unwrap(), model.shape().unwrap().longest_prompt())
});

fn span(start: u64, end: u64) -> Span {
    Span::new(MediaTime::from_millis(start), MediaTime::from_millis(end)).unwrap()
}

fn text(vocabulary: &RecordingVocabulary, window: Span) -> String {
    String::from_utf8(DEMO.decode(&vocabulary.prompt(window, &DEMO))).unwrap()
}

fn words(text: &str) -> Vec<Word> {
    let word = |t: &str| Word {
        text: t.into(),
        start_ms: MediaTime::ZERO,
        end_ms: MediaTime::ZERO,
        confidence: 0.9,
        raw: None,
    };
    text.split_whitespace().map(word).collect()
}

#[test]
fn the_current_item_comes_last_and_another_not_at_all() {
    let vocabulary = RecordingVocabulary::new(vec![
        Term::new(TermKind::Name, "Musterstadt"),
        Term::new(TermKind::Name, "Kreistag"),
        Term::new(TermKind::Person, "Landrätin  Dr. Müßig"),
        Term::new(TermKind::Title, "Neubau der Brücke").within(&[span(0, 1000)]),
        Term::new(TermKind::Title, "Haushalt").within(&[span(1000, 9000)]),
        Term::new(TermKind::Title, "Nie aufgerufen").within(&[]),
        Term::new(TermKind::Name, "kreistag"),
    ]);
    let early = " Musterstadt, Landrätin Dr. Müßig, Neubau der Brücke, kreistag.";
    assert_eq!(text(&vocabulary, span(200, 900)), early);
    let late = " Musterstadt, Landrätin Dr. Müßig, Haushalt, kreistag.";
    assert_eq!(text(&vocabulary, span(1000, 2000)), late);
    assert!(RecordingVocabulary::default().prompt(span(0, 1), &DEMO).is_empty());
}

proptest! {
    #[test]
    fn a_prompt_fits_and_holds_whole_terms_in_their_order(
        terms in prop::collection::vec("[A-ZÄÖÜa-zäöüß]{1,12}( [A-Zäöüß0-9/.-]{1,9}){0,30}", 0..80),
    ) {
        let vocabulary =
            RecordingVocabulary::new(terms.iter().map(|t| Term::new(TermKind::Name, t)).collect());
        let ids = vocabulary.prompt(span(0, 1), &DEMO);
        prop_assert!(ids.len() <= DEMO.longest_prompt());
        let text = text(&vocabulary, span(0, 1));
        prop_assert_eq!(DEMO.encode(&text), ids, "the ids are those of the text");
        let parts: Vec<&str> = text.split_terminator(", ").map(str::trim_start).collect();
        let Some((last, others)) = parts.split_last() else { return Ok(()) };
        let mut left = terms.iter();
        for part in others {
            prop_assert!(left.any(|t| t == part), "{part:?} is no term, or not in order");
        }
        prop_assert!(left.any(|t| t == last || format!("{t}.") == *last), "{last:?} is no term");
        let mut unique = parts.iter().map(|p| fold_by_ear(p)).collect::<Vec<_>>();
        unique.sort();
        unique.dedup();
        prop_assert_eq!(unique.len(), parts.len());
    }
}

#[test]
fn an_echo_runs_through_several_terms() {
    let prompt =
        " Musterstadt, Kreistag, Neubau der Brücke in Altdorf, Landrätin Müßig, Herr Muster.";
    for echo in [
        "Neubau der Brücke in Altdorf, Landrätin Müßig,",
        "Kreistag, Neubau der Brücke in Altdorf.",
        "Äh Musterstadt, Kreistag, Neubau der Brücke in Altdorf, Landrätin Müßig, Herr Muster. Musterstadt, Kreistag, Neubau",
    ] {
        assert!(is_echo(&words(echo), prompt), "{echo}");
    }
    for said in [
        "Neubau der Brücke in Altdorf",
        "Das Wort hat die Landrätin Müßig, Herr Muster danach.",
        "Landrätin Müßig, Herr",
        "Wir kommen zum Neubau der Brücke.",
        "",
    ] {
        assert!(!is_echo(&words(said), prompt), "{said}");
    }
    assert!(!is_echo(&words("Das ist alles ganz anders"), ""));
}
