//! What words mean beside themselves: compounds and their parts, names by sound, what is merely
//! similar; and that none of it ever stands above what was asked for as it is spelt.

use proptest::prelude::*;

use super::*;

/// An archive that has learned its own words.
fn learned(texts: &[&str]) -> Archive {
    let meetings = texts.iter().enumerate().map(|(n, text)| said(&format!("m{n}"), text));
    let archive = Archive::with(meetings);
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    archive
}

fn how(archive: &Archive, q: &str) -> Vec<(String, How)> {
    let best = |hit: Hit| (hit.passage, hit.why.iter().map(|why| why.how).max().unwrap());
    archive.ask(q).hits.into_iter().map(best).collect()
}

#[test]
fn a_title_in_other_words_is_found() {
    let archive = learned(&[
        "Ab Herbst wird die Kreistagssitzung gestreamt, das wünschen sich viele.",
        "Der Haushalt ist beschlossen.",
    ]);
    assert_eq!(archive.found("Livestream der Kreistagssitzungen"), ["m0/0"]);
    assert_eq!(archive.found("Sitzung Kreistag"), ["m0/0"]);
    assert_eq!(how(&archive, "Sitzungen"), [("m0/0".to_owned(), How::Part)]);
}

#[test]
fn compounds_are_found_joined_apart_and_with_hyphens() {
    let archive = learned(&[
        "Das Havelland liegt an der Havel und ist ein schönes Land.",
        "Wir sind auf Social-Media vertreten, auch Socialmedia genannt.",
        "Wir brauchen Bevölkerungs- und Zivilschutz, der Schutz der Bevölkerung ist wichtig.",
        "Die Sitzung des Kreistags dauert lange.",
    ]);
    assert_eq!(archive.found("Havel Land")[0], "m0/0");
    assert_eq!(archive.found("havelland"), ["m0/0"]);
    for q in ["Social Media", "Social-Media", "Socialmedia"] {
        assert_eq!(archive.found(q), ["m1/0"], "{q}");
    }
    assert_eq!(archive.found("Bevölkerungsschutz"), ["m2/0"]);
    assert_eq!(archive.found("Kreistagssitzung"), ["m3/0"]);
    assert_eq!(marked(&archive.ask("Kreistagssitzung").hits[0]), [1, 3].into());
}

#[test]
fn names_are_found_by_sound_in_speech_and_of_speakers() {
    let mut spoken = said("a", "Der Radweg wird gebaut.");
    spoken.passages[0].speaker = Some(SpeakerRef {
        id: "p1".to_owned(),
        name: "Anna Philippi-Maier".to_owned(),
        party: None,
    });
    let archive = Archive::with([spoken, said("b", "Danke, Frau Filipi, für den Radweg.")]);
    let found = how(&archive, "Philippi Radweg");
    assert_eq!(found, [("a/0".to_owned(), How::Speaker), ("b/0".to_owned(), How::Sound)]);
    assert_eq!(marked(&archive.ask("Philippi").hits[1]), [2].into());
    assert_eq!(how(&archive, "Filippi-Meier Radweg")[0], ("a/0".to_owned(), How::Sound));
}

#[test]
fn misspelt_words_are_offered_rightly_spelt() {
    let archive = learned(&["Die Umgehungsstraße wird teuer.", "Die Straße ist gesperrt."]);
    let response = archive.ask("Umgehungsstrase");
    assert_eq!(response.suggestion.as_deref(), Some("Umgehungsstraße"));
    assert!(response.hits[0].is_similar());
    assert_eq!(archive.ask("Umgehungsstraße").suggestion, None);
}

#[test]
fn papers_days_and_items_are_recognised() {
    let mut debated = said("a", "Wir kommen zum Radweg.");
    debated.passages[0].item = Some(ItemRef {
        number: Some("Ö 5".to_owned()),
        title: "Neubau eines Radwegs".to_owned(),
        paper: Some("MV-0029/21".to_owned()),
    });
    let mut other = said("b", "Etwas anderes.");
    other.date = Some(jiff::civil::date(2022, 1, 10));
    let archive = Archive::with([debated, other]);
    assert_eq!(how(&archive, "MV-0029/21"), [("a/0".to_owned(), How::Paper)]);
    assert_eq!(archive.found("10.01.2022"), ["b/0"]);
    assert_eq!(archive.found("TOP 5"), ["a/0"]);
    assert_eq!(how(&archive, "Neubau kommen"), [("a/0".to_owned(), How::Title)]);
}

#[test]
fn beginnings_become_names_titles_and_words() {
    let mut debated = said("a", "Der Kreishaushalt ist beschlossen, der Kreishaushalt trägt.");
    debated.passages[0].speaker =
        Some(SpeakerRef { id: "p1".to_owned(), name: "Dr. Anna Kreisler".to_owned(), party: None });
    let archive = Archive::with([debated]);
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    let all = archive.index.complete("krei", 8).unwrap();
    let texts: Vec<&str> = all.iter().map(|completion| completion.text.as_str()).collect();
    assert_eq!(texts, ["Dr. Anna Kreisler", "Kreistag", "Kreishaushalt"]);
    assert!(archive.index.complete("k", 8).unwrap().is_empty());
    assert!(archive.index.complete("\u{202e}🙂", 8).unwrap().is_empty());
}

#[test]
fn the_last_word_is_completed_beside_those_before_it() {
    let item = |id: &str, title: &str| {
        let mut debated = said(id, "Der Kreishaushalt trägt, der Kreishaushalt ist beschlossen.");
        let title = title.to_owned();
        debated.passages[0].item = Some(ItemRef { number: None, title, paper: None });
        debated
    };
    let archive = Archive::with([
        item("a", "Satzung über den Kreistag und den Neubau"),
        item("b", "Neubau der Turnhalle im Kreis"),
        item("c", "Kreisstraßen"),
    ]);
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    let queries = |typed: &str| -> Vec<String> {
        let all = archive.index.complete(typed, 8).unwrap();
        all.into_iter().map(|completion| completion.query).collect()
    };
    let with = ["Neubau der Turnhalle im Kreis", "Satzung über den Kreistag und den Neubau"];
    let behind = [&with[..], &["Neubau Kreishaushalt"]].concat();
    assert_eq!(queries("Neubau krei"), behind, "titles with both, then words behind the first");
    assert_eq!(queries("neubau der tu")[0], with[0], "what begins with all of it comes first");
    assert_eq!(queries("Trägt  krei"), ["Trägt Kreishaushalt"]);
    for typed in ["Kreishaushalt krei", "Neubau k", "Neubau krei ", "Neubau -krei"] {
        assert_eq!(queries(typed), [""; 0], "{typed}");
    }
}

#[test]
fn learning_again_changes_nothing_but_compounds() {
    let archive = Archive::with([
        meeting("a", &["Der", "Haushalt", "–", "ist", "da."], &[2, 3]),
        said("b", "Zum Haushaltsplan gibt es Fragen, ein Plan ist ein Plan."),
    ]);
    let before: Vec<_> =
        archive.ask("haushalt").hits.into_iter().map(|hit| hit.first_hit()).collect();
    let known = archive.index.fingerprints().unwrap();
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    assert_eq!(archive.index.fingerprints().unwrap(), known);
    let after: Vec<_> =
        archive.ask("haushalt").hits.into_iter().map(|hit| hit.first_hit()).collect();
    assert_eq!(after[..1], before[..1]);
    assert_eq!(archive.found("\"Haushalt ist da\""), ["a/0"]);
    assert_eq!(archive.found("plan"), ["b/0"]);
    assert!(!archive.index.outgrown(0) && archive.index.outgrown(100));
    let meetings = archive.index.check().unwrap().meetings;
    assert_eq!(meetings, 2);
}

#[test]
fn a_rebuild_that_fails_leaves_the_old_index_and_one_that_does_not_leaves_nothing_of_it() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    let half = [Ok(said("b", "ein Radweg")), Err(Error::Damaged { what: "Probe".to_owned() })];
    let failed = archive.index.rebuild(&Vocabulary::default(), half.into_iter());
    assert!(failed.unwrap_err().to_string().contains("Probe"));
    assert_eq!(archive.found("haushalt"), ["a/0"]);
    assert_eq!(archive.ask("radweg").total, 0);
    let whole = [Ok::<_, Error>(said("b", "ein Radweg"))];
    archive.index.rebuild(&Vocabulary::default(), whole.into_iter()).unwrap();
    assert_eq!(archive.found("radweg"), ["b/0"]);
    assert_eq!(archive.ask("haushalt").total, 0);
}

#[test]
fn nearness_decides_also_beside_other_conditions() {
    let far = "wort ".repeat(20);
    let archive = Archive::with([
        said("a", &format!("Haus {far} Plan, roter Faden, roter Faden, roter Faden.")),
        said("b", &format!("Haus und Plan {far} {far} roter Faden.")),
    ]);
    for q in ["Haus Plan", "Haus Plan \"roter Faden\"", "Haus Plan datum:2021"] {
        assert_eq!(archive.found(q), ["b/0", "a/0"], "{q}");
    }
}

#[test]
fn hits_of_a_meeting_stand_together() {
    let words: Vec<&str> = "Haus ".repeat(6).split_whitespace().map(|_| "Haus").collect();
    let archive = Archive::with([meeting("a", &words, &[1; 6]), said("b", "das Haus und mehr")]);
    let request =
        Request { grouping: Grouping::Meetings { most: 2 }, limit: 10, ..request("haus") };
    let response = archive.index.search(&request).unwrap();
    let totals: Vec<(u64, usize)> = response.groups.iter().map(|g| (g.total, g.shown)).collect();
    assert_eq!((response.total, response.meetings), (7, 2));
    assert_eq!(totals, [(6, 2), (1, 1)]);
    let meetings: Vec<&str> = response.hits.iter().map(|hit| hit.meeting.id.as_str()).collect();
    assert_eq!(meetings, ["a", "a", "b"]);
    let second = Request { offset: 1, ..request };
    assert_eq!(archive.index.search(&second).unwrap().hits[0].meeting.id, "b");
}

/// One word in all the ways in which it can be meant, and others.
const SAID: [&str; 9] = [
    "Haushalt",
    "Haushalte",
    "Haushaltssatzung",
    "Haushaltsatzung",
    "Haushald",
    "haushalten",
    "Satzung",
    "Satzungen",
    "Satsung",
];
/// Words beside them that nobody asks for.
const FILLERS: usize = 50;
/// Most words between two that are asked for; more than are near.
const APART: usize = 16;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Exact above word forms above parts of compounds above what is similar, always: however many
    /// words are asked for, and however far apart they are said.
    #[test]
    fn similar_never_stands_above_exact(
        texts in prop::collection::vec(
            prop::collection::vec((0..SAID.len(), 0..APART), 1..6),
            1..14,
        ),
        asked in prop::collection::vec(0..SAID.len(), 1..4),
    ) {
        let spread = |(word, apart): &(usize, usize)| SAID[*word].to_owned() + &" füllt".repeat(*apart);
        let texts: Vec<String> = texts
            .iter()
            .map(|words| words.iter().map(spread).collect::<Vec<_>>().join(" "))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let archive = learned(&texts);
        let query: Vec<&str> = asked.iter().map(|word| SAID[*word]).collect();
        let hits = archive.ask(&query.join(" ")).hits;
        // In what they are similar makes no rank.
        let rank = |hit: &Hit| hit.why.iter().map(|why| why.how).max().filter(|_| !hit.is_similar());
        let ranks: Vec<Option<How>> = hits.iter().map(rank).collect();
        let said = ranks.iter().flatten();
        prop_assert!(said.is_sorted(), "{query:?} in {texts:?}: {ranks:?}");
        let similar: Vec<bool> = hits.iter().map(Hit::is_similar).collect();
        prop_assert!(similar.is_sorted(), "{query:?} in {texts:?}: {ranks:?}");
    }

    /// Whoever wants ten hits gets the first ten of all, although most passages are not looked at:
    /// words are more or less frequent, next to each other or far apart, and some behind a cut.
    #[test]
    fn the_first_hits_are_those_of_all(
        spoken in prop::collection::vec(any::<prop::sample::Index>(), 8000),
        lengths in prop::collection::vec(1..40_usize, 400),
        known in 2..SAID.len(),
        fillers in 0..FILLERS,
        asked in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        joined in prop::sample::select(vec![" ", " NAHE/2 ", "\" \""]),
    ) {
        let word = |n: &prop::sample::Index| match n.index(known + fillers) {
            n if n < known => SAID[n].to_owned(),
            n => format!("füll{n}"),
        };
        let spoken: Vec<String> = spoken.iter().map(word).collect();
        let spoken: Vec<&str> = spoken.iter().map(String::as_str).collect();
        let archive = Archive::with([meeting("m", &spoken, &lengths)]);
        archive.index.relearn(Vocabulary::default(), 0).unwrap();
        let words: Vec<&str> = asked.iter().map(|n| SAID[n.index(known)]).collect();
        let query = match joined {
            "\" \"" => format!("\"{}\"", words.join(" ")),
            joined => words.join(joined),
        };
        let first = |limit| {
            let found = archive.index.search(&Request { limit, ..request(&query) }).unwrap();
            found.hits.into_iter().map(|hit| hit.passage).take(10).collect::<Vec<_>>()
        };
        prop_assert_eq!(first(10), first(1000), "{} in {:?} by {:?}", query, spoken, lengths);
    }
}

#[test]
fn what_nobody_said_is_offered_rightly_spelt_however_much_is_like_it() {
    let often = (0..30).map(|n| said(&format!("m{n}"), "Der Haushalt ist beschlossen."));
    let archive = Archive::with(often.chain([said("rare", "Die Hauswand ist feucht.")]));
    let response = archive.ask("Haushald");
    assert_eq!(response.suggestion.as_deref(), Some("Haushalt"));
    assert_eq!((response.total, response.similar), (30, 30), "the nearest spelling only");
    assert!(response.hits.iter().all(|hit| hit.why[0].how.is_similar()));
    assert_eq!(archive.ask("\"der Haushald\"").suggestion.as_deref(), Some("\"der Haushalt\""));
    assert_eq!(archive.ask("Haushalt").similar, 0);
    for known in ["Haushalt", "Hausw*", "Haus-Wand", "Haus Wand", "2023/0145", "1.500"] {
        assert_eq!(archive.ask(known).suggestion, None, "{known}");
    }
    assert_eq!(archive.ask("Haus-Wandd").suggestion, None, "no part of it is like anything");
}

#[test]
fn a_likely_word_stands_above_a_rare_one_that_is_as_much_alike() {
    // "Tischen" is one letter from "Fischen" and from "Mischen".
    let often = (0..9).map(|n| said(&format!("m{n}"), "Wir reden von den Fischen."));
    let archive = Archive::with([said("rare", "Sie mischen.")].into_iter().chain(often));
    let found = archive.found("Tischen");
    assert_eq!(found.len(), 10);
    assert_eq!(found[9], "rare/0");
}

#[test]
fn words_joined_answer_their_own_parts_only() {
    let archive = Archive::with([
        said("a", "Die Havel fließt durch das Havelland."),
        said("b", "Der Zoo an der Havel ist auf dem Land."),
    ]);
    assert_eq!(archive.found("Havel Zoo Havel Land"), ["b/0"]);
    assert_eq!(archive.found("Havel Land").len(), 2);
}

#[test]
fn words_that_depend_on_others_are_found_whatever_stands_beside_them() {
    let text =
        "Zivil- und Bevölkerungsschutz kosten fünf Millionen Euro, Schul- und Wohnräume drei.";
    let archive = learned(&[text, "Bevölkerungsschutz Wohnräume Schutz Räume Bevölkerung Wohn"]);
    for query in
        ["Zivilschutz", "5.000.000 Euro", "Zivilschutz 5 Mio.", "Schulräume 3", "Schutz 5 Mio."]
    {
        assert_eq!(archive.ask(query).hits[0].passage, "m0/0", "{query}");
    }
}
