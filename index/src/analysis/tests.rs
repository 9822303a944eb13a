//! The analyzer against the words councils use.

use proptest::prelude::*;

use super::*;

fn forms(word: &str) -> Forms {
    Analyzer::default().forms(word)
}

fn stem_of(word: &str) -> String {
    stem(&exact(word).unwrap())
}

#[test]
fn spellings_and_word_forms_meet() {
    for (a, b) in [
        ("Beschlüsse", "Beschluss"),
        ("Beschluesse", "Beschluß"),
        ("Straße", "Strasse"),
        ("Straßen", "STRASSE"),
        ("Müller", "Mueller"),
        ("Kita", "Kitas"),
        ("Kreistagssitzungen", "Kreistagssitzung"),
        ("Schüler", "Schülerinnen"),
        ("Haushaltes", "Haushalt"),
        ("Bürgerinnen", "Bürger"),
        ("Ministerin", "Ministern"),
        ("Kolleginnen", "Kollegin"),
        ("Südkoreas", "Südkorea"),
        ("Mecklenburg-Vorpommerns", "Mecklenburg-Vorpommern"),
        ("Konzerns", "Konzern"),
        ("Jugendzentren", "Jugendzentrum"),
        ("Rufbusse", "Rufbus"),
        ("Sicherheit", "Sicherheiten"),
        ("§", "Paragraphen"),
        ("%", "Prozent"),
    ] {
        assert_eq!(stem_of(a), stem_of(b), "{a} and {b}");
    }
    for (a, b) in [("Straße", "STRASSE"), ("Müller", "Mu\u{308}ller"), ("Müller", "MUELLER")] {
        assert_eq!(exact(a), exact(b), "{a} and {b}");
    }
}

#[test]
fn different_words_stay_apart() {
    for (a, b) in [
        ("Schule", "Schüler"),
        ("Bauer", "Bau"),
        ("Mauer", "Maus"),
        ("Sicherheit", "sich"),
        ("etwas", "etwa"),
        ("29/21", "29/22"),
    ] {
        assert_ne!(stem_of(a), stem_of(b), "{a} and {b}");
    }
    assert_ne!(exact("schon"), exact("schön"));
}

#[test]
fn nouns_stay_apart_from_verbs_of_their_stem() {
    for (a, b) in [("Behauptungen", "Behauptung"), ("Haus", "Häuser"), ("Lehrer", "Lehrerinnen")] {
        assert_eq!(stem::noun(&exact(a).unwrap()), stem::noun(&exact(b).unwrap()), "{a} and {b}");
    }
    for (a, b) in [("Hersteller", "Herstellung"), ("Sicherheit", "Sicherung")] {
        assert_ne!(stem::noun(&exact(a).unwrap()), stem::noun(&exact(b).unwrap()), "{a} and {b}");
    }
    let analyzer = Analyzer::default();
    assert_eq!(analyzer.noun("herstellen", "herstellen"), None);
    assert!(analyzer.noun("„Herstellern“", "herstellern").is_some());
    assert!(analyzer.noun("haushalt", "haushalt").is_some(), "known as a noun, however typed");
}

#[test]
fn parts_stand_beside_the_whole() {
    let paper = forms(&exact("„MV-0029/21“,").unwrap());
    for form in ["mv-0029/21", "mv", "0029", "21", "0029/21"] {
        assert!(paper.exact.contains(&form.to_owned()), "{form} in {paper:?}");
    }
    assert_eq!(exact("–"), None);
    assert_eq!(forms("§").exact, ["§"]);
}

#[test]
fn function_words_have_their_forms() {
    assert!(is_stopword("zur") && is_function("zur"));
    assert!(is_function("nicht") && !is_stopword("nicht"));
    assert!(!is_function("haushalt"));
    assert_eq!(other_forms("kein"), ["keine", "keinem", "keinen", "keiner", "keines"]);
    assert_eq!(other_forms("haushalt"), [""; 0]);
}

/// Archives whose index was written under this version must not be indexed anew: who changes a list
/// that the index depends on meets this test, raises [`VERSION`] and writes the new value here.
#[test]
fn the_analysis_is_that_of_its_version() {
    assert_eq!(fingerprint(), "9-11f07fbd");
}

proptest! {
    #[test]
    fn normalizing_again_changes_nothing(word in "\\PC{0,20}") {
        if let Some(once) = exact(&word) {
            prop_assert_eq!(exact(&once), Some(once.clone()));
            prop_assert!(forms(&once).exact.contains(&once));
        }
    }
}
