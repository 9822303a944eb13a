//! What an answer holds: marked words with their times, filters, facets, order and pages.

use proptest::prelude::*;

use std::collections::BTreeMap;

use super::*;

#[test]
fn a_phrase_is_found_once_across_a_cut_with_the_times_of_its_words() {
    let words = ["Wir", "führen", "den", "Livestream", "–", "jetzt", "ein."];
    let archive = Archive::with([meeting("a", &words, &[4, 3])]);
    let response = archive.ask("\"den Livestream jetzt\"");
    assert_eq!(response.total, 1);
    let hit = &response.hits[0];
    assert_eq!(hit.passage, "a/0");
    assert_eq!(text(hit), "Wir führen den Livestream – jetzt");
    assert_eq!(marked(hit), BTreeSet::from([2, 3, 5]));
    let first = HitWord { word: 2, start_ms: Some(800), end_ms: Some(1100) };
    assert_eq!(hit.first_hit(), Some(first));
    assert_eq!(archive.found("jetzt"), ["a/4"]);
}

#[test]
fn hyphens_paper_numbers_and_spellings() {
    let archive = Archive::with([
        said("a", "Die Social-Media-Strategie, Vorlage MV-0029/21."),
        said("b", "Wir nutzen Social Media in der Hauptstraße."),
    ]);
    assert_eq!(archive.found("media").len(), 2);
    assert_eq!(archive.found("Social-Media").len(), 2);
    assert_eq!(archive.found("Hauptstrasse"), ["b/0"]);
    for query in ["MV-0029/21", "0029/21", "„mv-0029/21“"] {
        assert_eq!(archive.found(query), ["a/0"], "{query}");
    }
    assert_eq!(archive.found("29/22"), [""; 0]);
}

#[test]
fn long_passages_are_cut_around_the_first_match() {
    let filler: Vec<String> = (0..60).map(|n| format!("wort{n}")).collect();
    let mut words: Vec<&str> = filler.iter().map(String::as_str).collect();
    words[30] = "(Kita),";
    let archive = Archive::with([meeting("a", &words, &[60])]);
    let response = archive.ask("kitas");
    let shown = text(&response.hits[0]);
    assert!(shown.starts_with("… wort22 ") && shown.ends_with(" wort45 …"), "{shown}");
    let part = response.hits[0].snippet.iter().find(|part| part.hit.is_some()).unwrap();
    assert_eq!(part.text, "Kita");
    assert_eq!(part.hit, response.hits[0].first_hit());
}

/// Three meetings with items, speakers and parties.
fn council() -> Archive {
    let mut one = said("eins", "Der Haushalt ist beschlossen.");
    one.passages[0].speaker = Some(SpeakerRef {
        id: "p1".to_owned(),
        name: "Frau Dr. Anna Müller".to_owned(),
        party: Some("Bündnis 90/Die Grünen".to_owned()),
    });
    one.passages[0].item = Some(ItemRef {
        number: Some("Ö 5".to_owned()),
        title: "Einführung eines Livestreams".to_owned(),
        paper: Some("MV-0029/21".to_owned()),
    });
    let mut two = said("zwei", "Zum Haushalt gibt es Fragen.");
    two.date = Some(jiff::civil::date(2022, 1, 10));
    two.organization = "Ausschuss für Finanzen".to_owned();
    let mut three = said("drei", "Der Haushalt ohne Tag.");
    three.date = None;
    Archive::with([one, two, three])
}

#[test]
fn fields_find_what_they_name() {
    let archive = council();
    for query in [
        "sprecher:mueller",
        "speaker:(anna müller)",
        "fraktion:grüne haushalt",
        "top:5",
        "top:\"5\"",
        "item:livestream",
        "vorlage:MV-0029/21",
        "vorlage:0029/21",
        "haushalt datum:2021",
        "date:2021-01..2021-06",
        "gremium:kreistag datum:..2021",
    ] {
        assert_eq!(archive.found(query), ["eins/0"], "{query}");
    }
    assert_eq!(archive.found("müller"), ["eins/0"], "a name finds what its bearer said");
    assert_eq!(archive.ask("müller").hits[0].why[0].how, How::Speaker);
    assert_eq!(archive.found("haushalt -sprecher:müller -datum:2022"), ["drei/0"]);
}

#[test]
fn filters_facets_and_order_by_date() {
    let archive = council();
    let response = archive.ask("");
    assert!(response.understood.is_as_typed());
    let order: Vec<&str> = response.hits.iter().map(|hit| hit.passage.as_str()).collect();
    assert_eq!(order, ["zwei/0", "eins/0", "drei/0"]);
    let counts = |buckets: &[Bucket]| -> Vec<(String, u64)> {
        buckets.iter().map(|bucket| (bucket.id.clone(), bucket.count)).collect()
    };
    let facets = &response.facets;
    assert_eq!(
        counts(facets.of(Facet::Organization)),
        [("Kreistag".to_owned(), 2), ("Ausschuss für Finanzen".to_owned(), 1)]
    );
    assert_eq!(counts(&facets.year), [("2022".to_owned(), 1), ("2021".to_owned(), 1)]);
    assert_eq!(counts(facets.of(Facet::Person)), [("p1".to_owned(), 1)]);
    assert_eq!(facets.of(Facet::Person)[0].label, "Frau Dr. Anna Müller");
    assert_eq!(facets.of(Facet::Meeting).len(), 3);
    let filtered = |filters: Filters| {
        let request = Request { filters, ..request("haushalt") };
        archive.index.search(&request).unwrap().total
    };
    assert_eq!(filtered(Filters::only(Facet::Person, "p1")), 1);
    assert_eq!(filtered(Filters::only(Facet::Item, "Ö 5")), 1);
    assert_eq!(filtered(Filters::only(Facet::Item, "eines livestreams")), 1);
    assert_eq!(filtered(Filters { years: vec![2022], ..Filters::default() }), 1);
    assert_eq!(
        filtered(Filters { from: Some(jiff::civil::date(2021, 6, 22)), ..Filters::default() }),
        1
    );
    assert_eq!(
        filtered(Filters { to: Some(jiff::civil::date(2021, 12, 31)), ..Filters::default() }),
        1
    );
    assert_eq!(filtered(Filters::only(Facet::Body, "Landkreis Musterland")), 3);
}

#[test]
fn pages_together_are_the_whole_list() {
    let forms = ["Haus", "Hauses Haus", "Häuser", "Hauses", "Haus Haus Haus"];
    let meetings = (0..40).map(|n| said(&format!("m{n}"), forms[n % forms.len()]));
    let archive = Archive::with(meetings);
    for sort in [Sort::Relevance, Sort::Date, Sort::Oldest] {
        let page = |offset, limit| {
            let request = Request { sort, offset, limit, ..request("haus") };
            let response = archive.index.search(&request).unwrap();
            assert_eq!(response.total, 40);
            response.hits.into_iter().map(|hit| hit.passage).collect::<Vec<_>>()
        };
        let pages: Vec<String> = (0..7).flat_map(|n| page(n * 7, 7)).collect();
        assert_eq!(pages, page(0, 1000), "{sort:?}");
        assert_eq!(pages.len(), 40);
    }
}

#[test]
fn guests_are_found_by_what_they_say_and_are_no_value_of_a_facet() {
    let meetings = [("a", false), ("b", true)].map(|(id, unlisted)| {
        let mut meeting = said(id, "Haus");
        let passage = &mut meeting.passages[0];
        let name = format!("Erna {id}");
        passage.speaker = Some(SpeakerRef { id: format!("p/{id}"), name, party: None });
        passage.unlisted = unlisted;
        meeting
    });
    let archive = Archive::with(meetings);
    let response = archive.index.search(&request("haus")).unwrap();
    assert_eq!(response.total, 2);
    let persons: Vec<&str> =
        response.facets.of(Facet::Person).iter().map(|b| b.label.as_str()).collect();
    assert_eq!(persons, ["Erna a"]);
    let completed = archive.index.complete("erna", 5).unwrap();
    let persons = completed.iter().filter(|c| c.what == Completed::Person).count();
    assert_eq!(persons, 1, "{completed:?}");
}

#[test]
fn the_oldest_meeting_first_reads_each_from_its_beginning() {
    let meetings = [(2021, "a"), (2019, "b"), (2023, "c")].map(|(year, id)| {
        let mut meeting = said(id, "Haus");
        meeting.date = Some(jiff::civil::date(year, 3, 1));
        let mut second = meeting.passages[0].clone();
        second.id = format!("{id}/later");
        meeting.passages.push(second);
        meeting
    });
    let archive = Archive::with(meetings);
    let by = |sort| {
        let request = Request { sort, limit: 10, ..request("haus") };
        let hits = archive.index.search(&request).unwrap().hits;
        hits.into_iter().map(|hit| (hit.meeting.id.clone(), hit.passage)).collect::<Vec<_>>()
    };
    let (newest, oldest) = (by(Sort::Date), by(Sort::Oldest));
    let meetings = |hits: &[(String, String)]| -> Vec<String> {
        hits.chunk_by(|a, b| a.0 == b.0).map(|meeting| meeting[0].0.clone()).collect()
    };
    assert_eq!(meetings(&newest), ["c", "a", "b"]);
    assert_eq!(meetings(&oldest), ["b", "a", "c"]);
    let reversed = newest.chunk_by(|a, b| a.0 == b.0).rev().flatten().cloned();
    assert_eq!(oldest, reversed.collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_read_is_left_out_and_said() {
    let archive = council();
    assert!(archive.ask("Haushalt").understood.is_as_typed());
    for (query, remark) in [
        ("\"haushalt", Remark::Unclosed),
        ("(haushalt", Remark::Brackets),
        ("haushalt)", Remark::Brackets),
        ("haushalt ODER", Remark::Operator),
        ("der haushalt", Remark::Dropped(vec!["der".to_owned()])),
        ("haushalt datum:gestern", Remark::NoDate("gestern".to_owned())),
        ("haushalt rolle:gestern", Remark::NoRole("gestern".to_owned())),
        ("haushalt NAHE/3", Remark::Operator),
        ("haushalt NAHE/3 \"der haushalt\" ODER haushalt", Remark::Near),
        ("\"haushalt haushalt\"~99 ODER haushalt", Remark::Distance(LOOKAHEAD)),
        ("haushalt~2", Remark::Sign('~')),
        ("*haushalt", Remark::Sign('*')),
    ] {
        let response = archive.ask(query);
        assert_eq!(response.total, 3, "{query}");
        let understood = response.understood;
        assert!(understood.asked.is_some(), "{query}: {understood:?}");
        assert!(understood.remarks.contains(&remark), "{query}: {understood:?}");
    }
    let nothing = archive.ask("?!");
    assert_eq!(nothing.total, 0);
    assert_eq!(nothing.understood.remarks, [Remark::NoWord]);
    assert_eq!(archive.ask("der").total, 2, "alone, a function word is a word");
}

#[test]
fn a_beginning_of_too_many_words_stands_for_the_frequent_ones() {
    let rare = (0..80).map(|n| format!("bau{n:02}"));
    let text: Vec<String> = rare.chain(["baustelle".to_owned()]).collect();
    let archive = Archive::with([
        meeting("a", &text.iter().map(String::as_str).collect::<Vec<_>>(), &[1; 80]),
        said("b", "baustelle"),
    ]);
    let response = archive.ask("bau*");
    assert_eq!(response.total, 51, "49 rare words, and the frequent one twice");
    assert!(response.hits.iter().any(|hit| hit.passage == "b/0"));
    let cut = Remark::MostFrequent(vec!["bau".to_owned()], 50);
    assert_eq!(response.understood.remarks, [cut]);
    assert!(archive.ask("baus*").understood.is_as_typed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_a_query(q in any::<String>()) {
        let known = crate::analysis::Analyzer::default().abbreviations;
        let _ = crate::query::read(&q, crate::query::Minus::Sign, known.within(&[]));
    }
}

#[test]
fn operator_soup_is_answered() {
    let archive = council();
    let token = prop::sample::select(vec![
        "(",
        ")",
        "\"",
        "„",
        "~",
        "~3",
        "*",
        "-",
        "NICHT ",
        " ODER ",
        " UND ",
        " NAHE/2 ",
        " NAHE/",
        "sprecher:",
        "abstimmung:",
        "datum:",
        "2021..",
        "top:",
        "haus",
        "halt*",
        "ha*",
        " ",
        "\u{202e}",
        "🙂",
        ":",
        "der ",
        "a-b/c",
        "\u{0}",
        "ß",
        "ü",
        "e\u{301}",
    ]);
    let soup = prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    runner
        .run(&soup, |q| {
            let response = archive.index.search(&request(&q)).unwrap();
            prop_assert_eq!(response.total as usize, response.hits.len());
            Ok(())
        })
        .unwrap();
}

#[test]
fn titles_stand_behind_what_was_said_and_give_back_what_came_along() {
    let mut only_title = said("a", "Livestream der Sitzungen");
    only_title.passages[0].kind = Kind::Item;
    only_title.passages[0].word_times.clear();
    let spoken = said("b", "Am Ende haben wir lange und breit über Livestreams gesprochen.");
    let archive = Archive::with([only_title, spoken]);
    let hits = archive.ask("Livestream").hits;
    let seen: Vec<_> = hits.iter().map(|h| (h.kind, h.meeting.extra.as_str())).collect();
    assert_eq!(seen, [(Kind::Spoken, "extra of b"), (Kind::Item, "extra of a")]);
    assert_eq!(hits[1].first_hit().unwrap().start_ms, None, "a title has no spoken word");
}

#[test]
fn numbers_and_signs_are_found_in_every_spelling() {
    let archive = Archive::with([
        said("a", "Das kostet fünf Millionen Euro."),
        said("b", "Das kostet 5 Mio. € im Jahr."),
        said("c", "Das kostet 5.000.000 Euro."),
        said("d", "Nach § 36 der Satzung, Absatz 5."),
        said("e", "Nach Paragraf sechsunddreißig der Satzung."),
        said("f", "Nach §36 sind es 20% oder 7€."),
        said("g", "Ein Fünftel, also 20 Prozent oder sieben Euro."),
    ]);
    let sorted = |q: &str| {
        let mut found = archive.found(q);
        found.sort();
        found
    };
    for q in ["fünf Millionen", "5 Mio.", "5.000.000", "5000000 Euro", "kostet 5 Millionen"] {
        assert_eq!(sorted(q), ["a/0", "b/0", "c/0"], "{q}");
    }
    for q in ["§ 36", "§36", "Paragraph 36", "Paragraf sechsunddreißig"] {
        assert_eq!(sorted(q), ["d/0", "e/0", "f/0"], "{q}");
    }
    for q in ["20%", "\"20%\"", "20 %", "20 Prozent", "7€", "sieben Euro"] {
        assert_eq!(sorted(q), ["f/0", "g/0"], "{q}");
    }
    // As spelt comes first, and every word of a number is marked.
    assert_eq!(archive.found("5 Mio.")[0], "b/0");
    assert_eq!(marked(&archive.ask("5.000.000").hits[2]).len(), 2);
    assert_eq!(sorted("\"fünf Millionen\""), ["a/0"]);
}

#[test]
fn settings_overrule_what_the_archive_explains() {
    let archive = Archive::with([
        said("a", "Der Städtische Abfallwirtschaftsbetrieb (SAB) holt ab."),
        said("b", "Die SAB kommt morgen."),
        said("c", "Die Stadtbücherei am Brunnen ist zu."),
    ]);
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    let found = |q: &str| {
        let mut found = archive.found(q);
        found.sort();
        found
    };
    assert_eq!(found("Abfallwirtschaftsbetrieb"), ["a/0", "b/0"]);
    let short = |long: &str| BTreeMap::from([("SAB".to_owned(), long.to_owned())]);
    archive.index.overrule_abbreviations(&short("Stadtbücherei am Brunnen")).unwrap();
    assert_eq!(found("Abfallwirtschaftsbetrieb"), ["a/0"]);
    let long = "Stadtbücherei am Brunnen".to_owned();
    let own = KnownAbbreviation { short: "SAB".to_owned(), long, body: None };
    assert_eq!(archive.index.abbreviations().unwrap(), [own]);
    assert!(found("SAB").contains(&"c/0".to_owned()));
    archive.index.overrule_abbreviations(&short("")).unwrap();
    assert_eq!(found("SAB"), ["a/0", "b/0"]);
}

#[test]
fn every_body_has_its_own_abbreviations() {
    let of = |body: &str, meeting: MeetingDoc| MeetingDoc { body: body.to_owned(), ..meeting };
    let archive = Archive::with([
        of("Musterstadt", said("a", "Der Städtische Abfallwirtschaftsbetrieb (SAB) holt ab.")),
        of("Musterstadt", said("b", "Der Abfallwirtschaftsbetrieb kommt morgen.")),
        of("Landkreis Beispiel", said("c", "Die Sächsische Aufbaubank (SAB) zahlt.")),
        of("Landkreis Beispiel", said("d", "Die Sächsische Aufbaubank zahlt nicht.")),
        of("Beispielheim", said("e", "Die Aufbaubank und der Abfallwirtschaftsbetrieb.")),
    ]);
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    let found = |body: Option<&str>| {
        let mut request = request("SAB");
        body.into_iter().for_each(|body| request.filters.add(Facet::Body, body));
        let response = archive.index.search(&request).unwrap();
        let mut found: Vec<String> = response.hits.into_iter().map(|hit| hit.passage).collect();
        found.sort();
        found
    };
    assert_eq!(found(None), ["a/0", "b/0", "c/0", "d/0", "e/0"]);
    assert_eq!(found(Some("Musterstadt")), ["a/0", "b/0"]);
    assert_eq!(found(Some("Landkreis Beispiel")), ["c/0", "d/0"]);
    assert_eq!(found(Some("Beispielheim")), ["e/0"], "who explains nothing reads what others do");
    let known = archive.index.abbreviations().unwrap();
    let shown: Vec<_> = known.iter().map(|a| (a.short.as_str(), a.body.as_deref())).collect();
    assert_eq!(shown, [("SAB", Some("Musterstadt")), ("SAB", Some("Landkreis Beispiel"))]);
}

#[test]
fn abbreviations_and_long_forms_find_each_other() {
    let archive = Archive::with([
        said("a", "Der ÖPNV wird teurer."),
        said("b", "Wir stärken den öffentlichen Personennahverkehr auf dem Land."),
        said("c", "Der öffentliche Teil ist beendet."),
    ]);
    assert_eq!(archive.found("ÖPNV"), ["a/0", "b/0"]);
    assert_eq!(archive.found("öffentlicher Personennahverkehr Land"), ["b/0"]);
    assert_eq!(archive.found("öffentlichen Personennahverkehr"), ["b/0", "a/0"]);
    assert_eq!(marked(&archive.ask("ÖPNV").hits[1]), [3, 4].into());
}

#[test]
fn a_paper_number_leads_to_its_item_and_what_was_said_about_it_once() {
    let item = ItemRef {
        number: Some("5".to_owned()),
        title: "Breitbandausbau".to_owned(),
        paper: Some("MV-0029/23".to_owned()),
    };
    let mut title = said("a", "Breitbandausbau MV-0029/23");
    title.passages[0].kind = Kind::Item;
    title.passages[0].word_times.clear();
    title.passages[0].item = Some(item.clone());
    let mut spoken = said("b", "Wir brauchen Glasfaser bis ins Dorf.");
    spoken.passages[0].item = Some(item);
    let archive = Archive::with([title, spoken]);
    for q in ["MV-0029/23", "MV 0029/23", "0029/23"] {
        assert_eq!(archive.found(q), ["b/0", "a/0"], "{q}");
    }
    assert_eq!(archive.ask("MV-0029/23").hits[0].why[0].how, How::Paper);
}

#[test]
fn days_and_items_are_taken_as_what_they_are() {
    let mut one = said("eins", "Der Haushalt.");
    one.date = Some(jiff::civil::date(2023, 5, 4));
    one.passages[0].item =
        Some(ItemRef { number: Some("7".to_owned()), title: "Haushalt".to_owned(), paper: None });
    let archive = Archive::with([one, said("zwei", "Der Haushalt.")]);
    for q in ["4. Mai 2023", "Haushalt Mai 2023", "04.05.2023", "TOP 7"] {
        assert_eq!(archive.found(q), ["eins/0"], "{q}");
        let is_both = |remark: &Remark| matches!(remark, Remark::Day(_) | Remark::Item(_));
        assert!(archive.ask(q).understood.remarks.iter().any(is_both), "{q}");
    }
    assert_eq!(archive.found("4. Juni 2023"), [""; 0]);
}

#[test]
fn what_is_only_in_the_title_stands_behind_the_title_itself() {
    let mut title = said("a", "Haushalt 2023, Nachtrag");
    title.passages[0].kind = Kind::Item;
    title.passages[0].word_times.clear();
    let mut spoken = said("b", "Der Haushalt ist schwierig.");
    spoken.passages[0].item =
        Some(ItemRef { number: None, title: "Haushalt 2023, Nachtrag".to_owned(), paper: None });
    let archive = Archive::with([title, spoken]);
    assert_eq!(archive.found("Haushalt Nachtrag"), ["a/0", "b/0"]);
}

#[test]
fn an_item_is_filtered_as_its_facet_counts_it() {
    let with_title = |id: &str, title: &str| {
        let mut meeting = said(id, "Das Wort dazu.");
        let title = title.to_owned();
        meeting.passages[0].item = Some(ItemRef { number: None, title, paper: None });
        meeting
    };
    let archive =
        Archive::with([with_title("a", "Haushalt"), with_title("b", "Haushalt 2023, Nachtrag")]);
    let response = archive.ask("wort");
    assert_eq!(response.facets.of(Facet::Item).len(), 2);
    for bucket in response.facets.of(Facet::Item) {
        let filters = Filters::only(Facet::Item, bucket.id.clone());
        let found = archive.index.search(&Request { filters, ..request("wort") }).unwrap();
        assert_eq!(found.total, bucket.count, "{}", bucket.id);
    }
}

#[test]
fn pages_of_meetings_hold_every_meeting_once() {
    // More hits than are ranked.
    const MEETINGS: usize = 60;
    let words = vec!["Haus"; 200];
    let meetings = (0..MEETINGS).map(|n| meeting(&format!("m{n}"), &words, &[1; 200]));
    let archive = Archive::with(meetings);
    for (q, sort) in [("haus", Sort::Relevance), ("haus", Sort::Date), ("", Sort::Date)] {
        let page = |offset| {
            let request = Request {
                q: q.to_owned(),
                sort,
                offset,
                limit: 7,
                grouping: Grouping::Meetings { most: 3 },
                ..request("")
            };
            let response = archive.index.search(&request).unwrap();
            assert_eq!((response.total, response.meetings), (12_000, MEETINGS as u64));
            assert!(response.groups.iter().all(|g| (g.total, g.shown) == (200, 3)));
            response.hits.into_iter().map(|hit| hit.meeting.id.clone()).collect::<Vec<_>>()
        };
        let pages: Vec<String> = (0..MEETINGS).step_by(7).flat_map(page).collect();
        assert_eq!(pages.len(), 3 * MEETINGS, "{q} {sort:?}");
        assert_eq!(pages.iter().collect::<BTreeSet<_>>().len(), MEETINGS, "{q} {sort:?}");
        assert!(pages.chunks(3).all(|hits| hits.iter().all(|id| *id == hits[0])));
    }
}
