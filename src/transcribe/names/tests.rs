//! What is corrected, and above all what is not. All names are invented.

use proptest::prelude::*;

use super::*;
use crate::domain::MediaTime;
use crate::transcribe::{Term, TermKind};

fn vocabulary() -> RecordingVocabulary {
    RecordingVocabulary::new(vec![
        Term::new(TermKind::Person, "Landrätin Dr. Anna Böttcher"),
        Term::new(TermKind::Person, "Jörg Müller-Schmidthof"),
        Term::new(TermKind::Person, "Peter Maier"),
        Term::new(TermKind::Person, "Paula Meyer"),
        Term::new(TermKind::Person, "Kurt Kramer"),
        Term::new(TermKind::Name, "Kreistag Musterland"),
        Term::new(TermKind::Title, "Sanierung der Turnhalle in Pfannkuchen, MV-0029/21"),
    ])
}

/// Words with a confidence each ("Bötcha:0.4"); without, the recogniser is sure.
fn words(text: &str) -> Vec<Word> {
    let word = |(i, t): (u64, &str)| {
        let (text, confidence) = t.split_once("~").unwrap_or((t, "0.99"));
        Word {
            text: text.into(),
            start_ms: MediaTime::from_millis(i * 100),
            end_ms: MediaTime::from_millis(i * 100 + 80),
            confidence: confidence.parse().unwrap(),
            raw: None,
        }
    };
    (0..).zip(text.split_whitespace()).map(word).collect()
}

fn corrected(text: &str) -> String {
    let mut words = words(text);
    correct(&mut words, &vocabulary());
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn doubtful_words_become_the_one_name_they_sound_like() {
    for (heard, said) in [
        ("Frau Dr. Bötcha,~0.4 bitte.", "Frau Dr. Böttcher, bitte."),
        ("Das hat Böttcha~0.5 gesagt.", "Das hat Böttcher gesagt."),
        ("der Antrag Böttchas~0.5", "der Antrag Böttchers"),
        ("Herr „Gramer“~0.3", "Herr „Kramer“"),
        ("die Satzung des Kreistakes~0.6", "die Satzung des Kreistages"),
        ("in Fannkuchen~0.6 und", "in Pfannkuchen und"),
        ("Jörg Müller~0.7 Schmidthof.~0.5", "Jörg Müller-Schmidthof."),
        ("die Turn~0.6 Halle,~0.5 ja", "die Turnhalle, ja"),
        ("Herr Müller-Schmiedorf~0.5 sagt", "Herr Müller-Schmidthof sagt"),
        ("das sagt Peder~0.6 Maier", "das sagt Peter Maier"),
        ("das sagt Bäder-Mayer,~0.6 wohl", "das sagt Peter Maier, wohl"),
        ("Herr Cramer sagt", "Herr Kramer sagt"),
    ] {
        assert_eq!(corrected(heard), said, "{heard}");
    }
}

#[test]
fn everything_else_stays() {
    for said in [
        "Frau Dr. Bötcha, bitte.",               // the recogniser is sure
        "Herr Meier~0.3 hat das Wort.",          // Maier or Meyer
        "Herr Kollege~0.3 bitte~0.2 nicht.",     // no name at all
        "Anna~0.2 Böttcher~0.2 Müller~0.2",      // right as they are
        "Das war kramer~0.3 Quatsch.",           // written small
        "Gramer~0.4 sagte er, ein gramer Laden", // a word of its own
        "1000~0.1 MV-0029/22~0.1 §~0.1",         // no words
        "Jörg Gramer~0.4 und Anna Gramer~0.4",   // a Jörg and an Anna, but other ones
        "Herr Präsident,~0.3 Maja~0.3 kommt.",   // a full stop between
    ] {
        let plain: Vec<&str> =
            said.split(' ').map(|w| w.split_once('~').map_or(w, |(w, _)| w)).collect();
        assert_eq!(corrected(said), plain.join(" "), "{said}");
    }
}

#[test]
fn what_was_heard_and_its_time_are_kept() {
    let mut heard = words("die Turn~0.6 Halle,~0.5 Herr Gramer:~0.4 ja");
    assert_eq!(correct(&mut heard, &vocabulary()), 2);
    let raw: Vec<Option<&str>> = heard.iter().map(|w| w.raw.as_deref()).collect();
    assert_eq!(raw, [None, Some("Turn Halle,"), None, Some("Gramer:"), None]);
    let hall = &heard[1];
    assert_eq!((hall.start_ms.millis(), hall.end_ms.millis(), hall.confidence), (100, 280, 0.5));
    let once = heard.clone();
    assert_eq!(correct(&mut heard, &vocabulary()), 0);
    assert_eq!(heard, once, "a second time changes nothing");
}

proptest! {
    /// Whatever was heard: corrected words become names of the vocabulary; all others, the order, the times
    /// and the sound of what is sure stay.
    #[test]
    fn only_doubtful_words_change_and_only_to_names(
        heard in prop::collection::vec(
            (prop::sample::select(vec![
                "Herr", "Frau", "Dr.", "Böttcher", "Bötcha", "Kramer", "Gramer,", "Meier", "Maier",
                "Kreis", "tag", "Kreistack", "Turn", "Halle", "und", "„Gramers“", "Jörg", "-", "5.",
            ]), 0u8..100),
            0..40,
        ),
    ) {
        let text: Vec<String> =
            heard.iter().map(|(w, c)| format!("{w}~{}", f32::from(*c) / 100.0)).collect();
        let before = words(&text.join(" "));
        let mut after = before.clone();
        let count = correct(&mut after, &vocabulary());
        prop_assert_eq!(count, after.iter().filter(|w| w.raw.is_some()).count());
        let mut left = before.iter();
        let targets = Targets::new(&vocabulary());
        for word in &after {
            let first = left.next().unwrap();
            let Some(raw) = &word.raw else {
                prop_assert_eq!(word, first);
                continue;
            };
            prop_assert!(targets.has(parts(&word.text).1));
            prop_assert_eq!(word.start_ms, first.start_ms);
            let mut last = first;
            if raw.contains(' ') {
                last = left.next().unwrap();
            }
            prop_assert_eq!(word.end_ms, last.end_ms);
            let sound = |text: &str| mitschnitt_german::sound::heard(&fold_by_ear(parts(text).1));
            let same = sound(raw) == sound(&word.text);
            prop_assert!(same || first.confidence.min(last.confidence) < SURE);
        }
        prop_assert!(left.next().is_none());
    }
}
