//! What others recorded of a meeting: taken over by kind, its agenda and papers found, votes and voices evidence
//! for the alignment, and never more than may be seen.

use mitschnitt::domain::{MeetingId, OutsideEvidence};
use mitschnitt::store::Store;
use serde_json::{Value, json};

use crate::harness::{Archive, Output, Site, files};
use crate::overrule::{MEETING, alignment, transcribed};

fn import(archive: &Archive, name: &str, lines: &[Value]) -> Output {
    let path = archive.dir().join(name);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, text).unwrap();
    let done = archive.run(&["import", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    done
}

fn known(store: &Store) -> OutsideEvidence {
    store.outside_evidence(&MeetingId::new(MEETING).unwrap()).unwrap()
}

fn segment(start_ms: u64, end_ms: u64, label: &str) -> Value {
    json!({"meeting": MEETING, "start_ms": start_ms, "end_ms": end_ms, "label": label})
}

fn vote(number: &str, at_ms: u64) -> Value {
    json!({"meeting": MEETING, "agenda_number": number, "motion": "Zitterwort", "at_ms": at_ms,
           "votes": [{"person": "Anna Muster", "vote": "yes"}]})
}

#[test]
fn what_others_recorded_is_replaced_by_kind_and_followed_by_the_alignment() {
    let (archive, store) = transcribed();
    archive.run(&["run"]).expect(0);
    let before = alignment(&store);
    // Nobody of this name is on the roster: what is known is that another voice speaks.
    import(&archive, "stimmen.jsonl", &[segment(60_000, 75_000, "Egon Unbekannt")]).expect(0);
    let taken = import(&archive, "wahl.jsonl", &[vote("3", 200_000), vote("5", 300_000)]).expect(0);
    assert_eq!(taken.stdout, "2 Abstimmungen der Sitzung kreistag-demo übernommen\n");
    let outside = known(&store);
    assert_eq!((outside.votes.len(), outside.segments.len()), (2, 1));
    import(&archive, "wahl.jsonl", &[vote("3", 200_000)]).expect(0);
    assert_eq!((known(&store).votes.len(), known(&store).segments.len()), (1, 1));
    // The import has aligned what it changed; the next run finds nothing to do.
    assert_eq!(archive.run(&["run"]).expect(0).stdout, "kreistag-demo: auf dem Stand\n");
    assert_eq!(alignment(&store).items.len(), before.items.len());

    let unknown = json!({"meeting": "gibt-es-nicht", "agenda_number": "1", "at_ms": 1});
    import(&archive, "wahl.jsonl", &[unknown]).expect(4).says(&["nicht im Archiv"]);
    let wrong = [vote("3", 1), segment(9, 8, "A")];
    import(&archive, "wahl.jsonl", &wrong).expect(3);
    assert_eq!(known(&store).votes.len(), 1, "nothing of a file with a wrong line is taken");

    // What comes through a pipe is read once, and an empty file must say of what it is empty.
    archive.fed(&["import", "-"], &vote("5", 300_000).to_string()).expect(0);
    assert_eq!(known(&store).votes[0].agenda_number.as_deref(), Some("5"));
    import(&archive, "leer.jsonl", &[]).expect(3).says(&["ist leer", "--kind"]);
    archive.fed(&["import", "--kind", "votes", "--meeting", MEETING, "-"], "").expect(0);
    assert_eq!((known(&store).votes.len(), known(&store).segments.len()), (0, 1));
}

#[test]
fn what_may_not_be_seen_of_it_goes_and_does_not_come_back() {
    let (archive, store) = transcribed();
    archive.run(&["run"]).expect(0);
    let segments = [segment(10_000, 90_000, "SPEAKER_01"), segment(90_000, 99_000, "Zitterwort")];
    let votes = [vote("3", 95_000), vote("3", 200_000)];
    import(&archive, "stimmen.jsonl", &segments).expect(0);
    import(&archive, "wahl.jsonl", &votes).expect(0);
    let hide =
        ["withhold", MEETING, "--from", "0:01:20", "--to", "0:01:50", "--why", "Persönliches"];
    archive.run(&hide).expect(0);
    let left = |outside: OutsideEvidence| -> (Vec<u64>, Vec<(u64, u64)>) {
        (
            outside.votes.iter().filter_map(|v| v.at_ms).map(|t| t.millis()).collect(),
            outside.segments.iter().map(|s| (s.start_ms.millis(), s.end_ms.millis())).collect(),
        )
    };
    assert_eq!(left(known(&store)), (vec![200_000], vec![(10_000, 80_000)]));
    import(&archive, "stimmen.jsonl", &segments).expect(0);
    import(&archive, "wahl.jsonl", &votes[..1]).expect(0).says(&["1 gesperrte"]);
    assert_eq!(left(known(&store)), (vec![], vec![(10_000, 80_000)]));
    // However a vote names a hidden item, and if it names none at all, it does not come in.
    archive.run(&["withhold", MEETING, "--item", "3", "--why", "Persönliches"]).expect(0);
    let named = |number: &str| vote(number, 560_000);
    for number in ["3", "Ö 3", "TOP Ö 3", "03", "3a", "3.1", "3 und 4", "Punkt 3", "ö 3", "N 1"]
    {
        import(&archive, "wahl.jsonl", &[named(number)]).expect(0);
        assert_eq!(known(&store).votes.len(), 0, "{number}");
    }
    let by_paper = json!({"meeting": MEETING, "motion": "Zitterwort", "at_ms": 560_000});
    import(&archive, "wahl.jsonl", &[by_paper]).expect(0);
    assert_eq!(known(&store).votes.len(), 0);
    drop(store);
    no_file_has(&archive, "Zitterwort");
}

fn no_file_has(archive: &Archive, word: &str) {
    archive.run(&["index", "check"]).expect(0);
    for file in files(archive.dir()) {
        let bytes = std::fs::read(&file).unwrap();
        let has = bytes.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()));
        assert!(!has, "{} has {word}", file.display());
    }
}

fn hits(archive: &Archive, query: &str) -> Vec<Value> {
    let found = archive.run(&["search", query, "--json"]).expect(0).json();
    found["hits"].as_array().unwrap().clone()
}

/// The numbers of the items under which a query is found.
fn numbers(archive: &Archive, query: &str) -> Vec<String> {
    let number = |hit: &Value| hit["agenda_item"]["number"].as_str().unwrap_or("–").to_owned();
    hits(archive, query).iter().map(number).collect()
}

/// An invented meeting that nobody recorded.
fn council(agenda: Value) -> Value {
    json!({"meeting": "sr-1", "name": "5. Sitzung des Stadtrates", "date": "2025-06-12",
           "body": "Stadt Lindenau", "organization": "Stadtrat", "reviewed": true,
           "video_url": "https://video.example/5", "video_offset": 5000,
           "minutes_url": "https://rat.example/5.pdf", "agenda": agenda})
}

#[test]
fn a_record_makes_the_meeting_and_its_papers_are_found() {
    let archive = Archive::new();
    let agenda = json!([
        {"number": "7", "title": "Verkehr"},
        {"number": "7.14", "title": "Radweg am Anger", "paper": "DS0513/25", "public": true},
        {"number": "7.14.1", "title": "Querungshilfe", "paper": "DS0513/25/1", "kind": "amendment",
         "movers": ["Linde"]},
        {"number": "9", "title": "Zitterwort am Markt", "paper": "GH0007/25", "public": false},
        {"number": "9.1", "title": "Lageplan Zitterwort"},
    ]);
    let taken = import(&archive, "sitzung.jsonl", &[council(agenda.clone())]).expect(0);
    assert_eq!(taken.stdout, "Sitzung sr-1 mit 3 Tagesordnungspunkten übernommen\n");
    let taken = taken.says(&["2 gesperrte oder nichtöffentliche"]);
    assert!(!taken.stderr.contains("Zitterwort") && !taken.stderr.contains("GH0007"));
    for file in ["Zitterwort", "GH0007"] {
        no_file_has(&archive, file);
    }
    let found = hits(&archive, "DS0513/25/1");
    // Once: of its paper nothing else is known.
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("item")), "{found:#?}");
    assert_eq!(found[0]["agenda_item"]["number"], "7.14.1");
    assert_eq!(found[0]["meeting"]["name"], "5. Sitzung des Stadtrates");

    // What was only voted on is found at its time, in the film; a hidden item's vote does not come in.
    let of = |number: &str, motion: &str, title: &str, at_ms: u64| {
        json!({"meeting": "sr-1", "agenda_number": number, "motion": motion, "title": title,
               "at_ms": at_ms, "clock": "video", "votes": []})
    };
    let votes = [
        of("7.14.2", "DS0513/25/2", "Fahrradbügel", 65_000),
        of("7.14.2", "DS0513/25/2", "Fahrradbügel", 90_000),
        of("9", "GH0007/25", "Zitterwort", 95_000),
        of("12", "GH0007/25/1", "Preis", 99_000),
    ];
    import(&archive, "wahl.jsonl", &votes).expect(0).says(&["2 gesperrte"]);
    let found = hits(&archive, "DS0513/25/2");
    let voted = &found[0];
    assert_eq!((&voted["kind"], &voted["start_ms"]), (&json!("paper"), &json!(60_000)));
    assert_eq!(voted["agenda_item"]["title"], "Radweg am Anger");
    assert_eq!(voted["video_url"], "https://video.example/5?t=63s");
    assert_eq!(numbers(&archive, "Fahrradbügel"), ["7.14"]);

    // Speeches come and go beside it; what they say of an item stands.
    let speech = json!({"meeting": "sr-1", "date": "2025-06-12", "body": "Stadt Lindenau",
        "organization": "Stadtrat", "agenda_number": "Ö 7.14", "agenda_title": "Radweg",
        "speaker": "Anna Muster", "text": "Der Anger braucht einen Radweg."});
    import(&archive, "reden.jsonl", std::slice::from_ref(&speech)).expect(0);
    let said = &hits(&archive, "braucht")[0];
    assert_eq!(
        said["agenda_item"],
        json!({"number": "Ö 7.14", "title": "Radweg", "paper": "DS0513/25"})
    );
    assert_eq!(said["meeting"]["name"], "5. Sitzung des Stadtrates");
    assert_eq!(numbers(&archive, "Querungshilfe"), ["7.14.1"]);

    // Replaced whole: what the new one does not say is in no file any more; the votes are.
    import(&archive, "sitzung.jsonl", &[council(json!([{"number": "7", "title": "Verkehr"}]))])
        .expect(0);
    assert_eq!(numbers(&archive, "Querungshilfe"), [] as [String; 0]);
    no_file_has(&archive, "Querungshilfe");
    assert_eq!(numbers(&archive, "Fahrradbügel"), ["Ö 7.14"]);
    assert_eq!(hits(&archive, "braucht").len(), 1);
    archive.fed(&["import", "--kind", "meetings", "--meeting", "sr-1", "-"], "").expect(0);
    assert_eq!(hits(&archive, "braucht")[0]["meeting"]["name"], "Stadtrat am 12.06.2025");

    // An item that only the record has is withheld by its number, and stays away.
    import(&archive, "sitzung.jsonl", &[council(agenda.clone())]).expect(0);
    archive.run(&["withhold", "sr-1", "--item", "7.14.1", "--why", "Persönliches"]).expect(0);
    for again in ["7.14.1", "TOP 7.14.1.1", "8"] {
        let named = json!([{"number": again, "title": "Querungshilfe"}, {"number": "8", "title": "Neu",
                            "paper": "DS 0513/25/1/2"}]);
        import(&archive, "sitzung.jsonl", &[council(named)]).expect(0);
        assert_eq!(numbers(&archive, "Querungshilfe"), [] as [String; 0], "{again}");
        assert_eq!(numbers(&archive, "DS0513/25/1/2"), [] as [String; 0], "{again}");
    }
    no_file_has(&archive, "Querungshilfe");
    archive.run(&["remove", "sr-1"]).expect(0);
    for gone in ["Radweg", "Verkehr", "Fahrradb", "video.example"] {
        no_file_has(&archive, gone);
    }
    // Also where the record alone comes back.
    import(&archive, "sitzung.jsonl", &[council(agenda)]).expect(0);
    assert_eq!(numbers(&archive, "Querungshilfe"), [] as [String; 0]);
    assert_eq!(numbers(&archive, "Verkehr"), ["7"]);

    let unknown = json!({"meeting": "sr-2", "name": "6. Sitzung", "date": "2025-07-12"});
    import(&archive, "sitzung.jsonl", &[unknown]).expect(3).says(&["sr-2", "`body`"]);
    let twice = [council(json!([])), council(json!([]))];
    import(&archive, "sitzung.jsonl", &twice).expect(3).says(&["sitzung.jsonl, Zeile 2"]);
    assert_eq!(numbers(&archive, "Verkehr"), ["7"], "nothing of a file with a wrong line is taken");
}

#[test]
fn votes_are_searched_by_the_result_that_somebody_told() {
    let archive = Archive::new();
    let agenda = json!([
        {"number": "7", "title": "Radweg am Anger", "paper": "DS0513/25"},
        {"number": "9", "title": "Zitterwort am Markt", "paper": "GH0007/25", "public": false},
    ]);
    import(&archive, "sitzung.jsonl", &[council(agenda)]).expect(0);
    let of = |number: &str, motion: &str, result: Option<&str>, at_ms: u64| {
        json!({"meeting": "sr-1", "agenda_number": number, "motion": motion, "title": "Querungshilfe",
               "kind": "Änderungsantrag", "at_ms": at_ms, "clock": "video", "result": result,
               "counts": {"yes": 7, "no": 31}})
    };
    let votes = [
        of("7.1", "DS0513/25/1", Some("mehrheitlich abgelehnt"), 65_000),
        of("7.2", "DS0513/25/2", None, 90_000),
        of("9", "GH0007/25", Some("abgelehnt"), 95_000),
    ];
    import(&archive, "wahl.jsonl", &votes).expect(0).says(&["1 gesperrte"]);
    for query in
        ["abstimmung:abgelehnt", "vote:rejected Querungshilfe", "abstimmung:Ablehnung Radweg"]
    {
        let found = hits(&archive, query);
        let [vote] = found.as_slice() else { panic!("{query}: {found:#?}") };
        assert_eq!((&vote["kind"], &vote["start_ms"]), (&json!("vote"), &json!(60_000)));
        assert_eq!(vote["vote"]["result"], "mehrheitlich abgelehnt");
        assert_eq!(vote["vote"]["verdicts"], json!(["rejected", "by_majority"]));
        assert_eq!(vote["vote"]["counts"]["no"], 31);
        assert_eq!(vote["agenda_item"]["paper"], "DS0513/25/1");
        assert_eq!(vote["url"], "/sitzung/sr-1?t=58.50");
        assert_eq!(vote["video_url"], "https://video.example/5?t=63s");
    }
    // 7 : 31 is no result, and no title is found twice.
    assert_eq!(hits(&archive, "abstimmung:*").len(), 2);
    assert_eq!(hits(&archive, "abstimmung:angenommen"), [] as [Value; 0]);
    assert!(hits(&archive, "Querungshilfe").iter().all(|hit| hit["kind"] == "paper"));
    let site = Site::start(&archive);
    let page = site.get("/suche?q=abstimmung:abgelehnt").text();
    assert!(
        page.contains(r#"Ergebnis: <strong lang="de">mehrheitlich abgelehnt</strong>"#),
        "{page}"
    );
    let page = site.get("/suche?q=Querungshilfe").text();
    assert!(
        page.contains("kind=vote") && page.contains("Abstimmungen"),
        "votes are offered: {page}"
    );
    drop(site);
    archive.run(&["withhold", "sr-1", "--item", "7", "--why", "Persönliches"]).expect(0);
    assert_eq!(hits(&archive, "abstimmung:*"), [] as [Value; 0]);
}

#[test]
fn a_record_fills_an_agenda_and_says_nothing_of_hidden_items() {
    let (archive, store) = transcribed();
    archive.run(&["run"]).expect(0);
    let id = MeetingId::new(MEETING).unwrap();
    let aligned = store.alignment_key(&id).unwrap();
    let record = |agenda: Value| json!({"meeting": MEETING, "name": "Anders", "agenda": agenda});
    let livestream = "Einführung eines Livestreams der öffentlichen Kreistagssitzungen";
    let first = record(json!([
        {"number": "TOP 3", "title": livestream, "paper": "DS9001/21"},
        {"number": "3.1", "title": "Zitterwort statt Livestream", "paper": "DS9001/21/1"},
        // Known to be of a hidden item, or not known not to be.
        {"number": "N 1", "title": "Geheimniskrämerei"},
        {"number": "11", "title": "Geheimniskrämerei", "public": true},
        {"number": "4", "title": "Geheimniskrämerei", "public": true},
        {"number": "4.1", "title": "Geheimakte Silbersee", "public": true},
        {"title": "Geheimniskrämerei"},
    ]));
    import(&archive, "sitzung.jsonl", std::slice::from_ref(&first))
        .expect(0)
        .says(&["5 gesperrte"]);
    for word in ["Geheimniskr", "Silbersee"] {
        no_file_has(&archive, word);
    }
    assert_eq!(numbers(&archive, "DS9001/21/1")[0], "3.1");
    let named = hits(&archive, "Zitterwort");
    assert_eq!(named[0]["meeting"]["name"], "12. Sitzung des Kreistages (erfunden)");
    // It is no evidence: nothing is aligned anew.
    assert_eq!(store.alignment_key(&id).unwrap(), aligned);
    assert_eq!(archive.run(&["run"]).expect(0).stdout, "kreistag-demo: auf dem Stand\n");

    archive.run(&["withhold", MEETING, "--item", "3", "--why", "Persönliches"]).expect(0);
    no_file_has(&archive, "Zitterwort");
    import(&archive, "sitzung.jsonl", &[first]).expect(0);
    for (number, title, paper) in [
        ("Ö 3", "Zitterwort", None),
        ("03.", "Zitterwort", None),
        ("Punkt 3.1", "Zitterwort", None),
        ("4.1", livestream, Some("Zitterwort")),
        ("4.1", "Zitterwort", Some("MV-0029/21")),
        ("4.1", "Zitterwort", Some("ds 9001/21/3")),
        ("20", "Zitterwort", None),
    ] {
        let item = json!([{"number": number, "title": title, "paper": paper, "public": true}]);
        import(&archive, "sitzung.jsonl", &[record(item)]).expect(0);
        assert_eq!(hits(&archive, "Zitterwort").len(), 0, "{number} {title} {paper:?}");
    }
    drop(store);
    no_file_has(&archive, "Zitterwort");
}

/// A meeting of which one item is not public, as three sources have it: its speeches, those of them that are
/// public, its record, and votes in many spellings.
fn three_sources() -> [Vec<Value>; 4] {
    let said = |order: u32, number: &str, title: &str, paper: &str, text: &str| {
        json!({"meeting": "sr-1", "date": "2025-06-12", "body": "Stadt Lindenau", "order": order,
               "organization": "Stadtrat", "agenda_number": number, "agenda_title": title,
               "paper": paper, "speaker": "Anna Muster", "text": text})
    };
    let public = vec![
        said(1, "1", "Eröffnung", "", "Guten Tag, der Stadtrat ist eröffnet."),
        said(4, "8", "Radweg", "DS0902/25", "Der Radweg am Anger ist gut."),
    ];
    let hidden = [
        said(
            2,
            "7.5",
            "Verkauf des Zwiebelhofs",
            "DS0901/25",
            "Die Rhabarberholding zahlt Millionen.",
        ),
        said(3, "7.5.1", "Preis", "DS0901/25/1", "Auch das Rhabarbergelände ist zu teuer."),
    ];
    let record = council(json!([
        {"number": "1", "title": "Eröffnung"},
        {"number": "7.5", "title": "Verkauf des Zwiebelhofs", "paper": "DS0901/25", "public": false},
        {"number": "7. 05a", "title": "Zwiebelkeller"},
        {"number": "5 (N)", "title": "Zwiebelwald", "public": true},
        {"number": "8", "title": "Radweg", "paper": "DS0902/25"},
        {"number": "8.1", "title": "Zwiebelacker", "paper": "Änderungsantrag 901-25/2"},
        {"number": "8.2", "title": "TOP 7: Verkauf Zwiebelhofs (neu)"},
    ]));
    let vote = |number: &str, motion: &str, title: &str| {
        json!({"meeting": "sr-1", "agenda_number": number, "motion": motion, "title": title,
               "at_ms": 1000, "votes": []})
    };
    let votes = vec![
        vote("8", "DS0902/25", "Radweg"),
        vote("7.5", "DS0901/25", "Verkauf des Zwiebelhofs"),
        vote("zu 7,5", "A0001/25", "Zwiebeldieb"),
        vote("８", "DS0888/25 und DS 901 aus 2025", "Zwiebeldieb"),
        vote("8", "A0002/25", "Verkauf Zwiebelhofs"),
        vote("NÖ 5", "A0003/25", "Zwiebeldieb"),
        vote("7.5.1", "DS0901/25/1 neu", "Preis"),
    ];
    [public.iter().chain(&hidden).cloned().collect(), public, vec![record], votes]
}

/// What must not be found of them.
const HIDDEN: [&str; 4] = ["Zwiebel", "Rhabarber", "DS0901/25", "Millionen"];

#[test]
fn in_no_order_of_imports_an_item_that_is_not_public_is_shown() {
    let [speeches, public, record, votes] = three_sources();
    for order in ["RSV", "RVS", "SRV", "SVR", "VRS", "VSR"] {
        let archive = Archive::new();
        for source in order.chars() {
            match source {
                'S' if order.find('R') < order.find('S') => {
                    // Refused whole, but for other meetings of the file.
                    let mut other = public[1].clone();
                    other["meeting"] = json!(format!("sr-{order}").to_lowercase());
                    let both: Vec<Value> = speeches.iter().cloned().chain([other]).collect();
                    let done = import(&archive, "reden.jsonl", &both).expect(3);
                    let done = done.says(&["sr-1", "TOP 7.5, TOP 7.5.1", "nichtöffentlich"]);
                    assert!(done.stdout.contains("1 Beiträge aus 1 Sitzungen"), "{}", done.stdout);
                    import(&archive, "reden.jsonl", &public).expect(0);
                }
                'S' => drop(import(&archive, "reden.jsonl", &speeches).expect(0)),
                'R' if order.find('S') < order.find('R') => {
                    let done = import(&archive, "sitzung.jsonl", &record).expect(3);
                    done.says(&["TOP 7.5, TOP 7.5.1", "Redebeiträgen", "withhold sr-1 --item"]);
                    assert_eq!(hits(&archive, "Anger").len(), 1, "nothing of the line is taken");
                    let hide = |item| ["withhold", "sr-1", "--item", item, "--why", "Persönliches"];
                    let hidden = archive.run(&hide("7.5")).expect(0);
                    hidden.says(&["bleibt sichtbar: TOP 7.5.1", "withhold sr-1 --item \"7.5.1\""]);
                    archive.run(&hide("7.5.1")).expect(0);
                    import(&archive, "sitzung.jsonl", &record).expect(0);
                    // What the clerk withheld is no contradiction any more.
                    import(&archive, "reden.jsonl", &speeches).expect(0);
                }
                'R' => drop(import(&archive, "sitzung.jsonl", &record).expect(0)),
                // Nobody knows the meeting before one of the others.
                _ if order.starts_with('V') => {
                    drop(import(&archive, "wahl.jsonl", &votes).expect(4));
                }
                _ => drop(import(&archive, "wahl.jsonl", &votes).expect(0)),
            }
        }
        import(&archive, "wahl.jsonl", &votes).expect(0).says(&["6 gesperrte"]);
        assert!(!hits(&archive, "Radweg").is_empty());
        for word in HIDDEN {
            assert_eq!(hits(&archive, word).len(), 0, "{order}: {word}");
            no_file_has(&archive, word);
        }
        let site = Site::start(&archive);
        for path in [
            "/sitzung/sr-1",
            "/api/v1/meetings/sr-1",
            "/api/v1/suggest?q=Zwieb",
            "/api/v1/suggest?q=Rhab",
            "/api/v1/suggest?q=DS09",
            "/sitzung/sr-1/wortlaut.json",
        ] {
            let answer = site.get(path).text();
            assert!(HIDDEN.iter().all(|word| !answer.contains(word)), "{order}: {path}: {answer}");
        }
        for format in ["json", "txt", "vtt", "chapters"] {
            let export = archive.run(&["export", "sr-1", "--format", format]);
            assert!(HIDDEN.iter().all(|word| !export.stdout.contains(word)), "{order}: {format}");
        }
    }
}

/// An agenda that comes after a record: what that calls not public is hidden, in whatever order things go on, until a
/// person releases it.
#[test]
fn an_agenda_does_not_show_what_the_record_calls_not_public() {
    let archive = Archive::new();
    let [_, _, record, _] = three_sources();
    import(&archive, "sitzung.jsonl", &record).expect(0);
    let source = tempfile::tempdir().unwrap();
    let manifest = source.path().join("meeting.toml");
    std::fs::write(source.path().join("sitzung.wav"), "sound").unwrap();
    let ingest = |recording: &str, number: &str| {
        let item = |number: &str, title: &str, paper: &str| {
            format!(
                "[[agenda]]\nnumber = \"{number}\"\ntitle = \"{title}\"\npaper = \"{paper}\"\npublic = true\n"
            )
        };
        let text = format!(
            "[meeting]\nid = \"sr-1\"\nbody = \"Stadt Lindenau\"\norganization = \"Stadtrat\"\n{recording}{}{}{}",
            item(number, "Verkauf des Zwiebelhofs", "DS0901/25"),
            item("8", "Radweg", "DS0902/25"),
            item("9", "Drucksache zum Zwiebelhof", "DS0901/25"),
        );
        std::fs::write(&manifest, text).unwrap();
        let ingested = archive.run(&["ingest", manifest.to_str().unwrap()]).expect(0);
        archive.run(&["index", "rebuild"]).expect(0);
        ingested
    };
    let hidden = || {
        assert_eq!(numbers(&archive, "Radweg"), ["8"]);
        assert_eq!(numbers(&archive, "Zwiebelhof"), [] as [String; 0]);
        no_file_has(&archive, "Zwiebel");
    };
    ingest("", "Ö 7.5").says(&["TOP Ö 7.5", "TOP 9", "release sr-1 --restriction 1"]);
    hidden();
    // Nobody has said what of a recording is public, so nothing of it is heard.
    let recording = "[[recording]]\nfile = \"sitzung.wav\"\n";
    ingest(recording, "Ö 7.5").says(&["Zurückgehalten"]);
    archive.fed(&["import", "--kind", "meetings", "--meeting", "sr-1", "-"], "").expect(0);
    ingest("", "7.6").says(&["Bleibt gesperrt"]);
    hidden();
    archive.run(&["remove", "sr-1"]).expect(0);
    ingest("", "7.6");
    hidden();

    archive.run(&["release", "sr-1", "--restriction", "1"]).expect(0);
    ingest("", "7.6");
    assert_eq!(numbers(&archive, "Verkauf Zwiebelhof"), ["7.6"]);
    assert_eq!(numbers(&archive, "Drucksache Zwiebelhof"), [] as [String; 0]);
}

#[test]
fn what_was_once_called_not_public_stays_so() {
    let archive = Archive::new();
    let [_, public, record, votes] = three_sources();
    let agenda = |public: Value| {
        council(json!([{"number": "1", "title": "Eröffnung"},
            {"number": "7.5", "title": "Verkauf des Zwiebelhofs", "paper": "DS0901/25", "public": public},
            {"number": "8", "title": "Radweg", "paper": "DS0902/25"}]))
    };
    let import_record = |agenda: Value| import(&archive, "sitzung.jsonl", &[agenda]).expect(0);
    import_record(agenda(Value::Null));
    import(&archive, "wahl.jsonl", &votes).expect(0);
    assert!(!hits(&archive, "Zwiebelhofs").is_empty());
    import_record(record[0].clone());
    no_file_has(&archive, "Zwiebel");
    // A line that goes takes nothing back, and neither does one that calls it public now.
    import_record(council(json!([{"number": "8", "title": "Radweg"}])));
    for said in [Value::Null, json!(true)] {
        import_record(agenda(said)).says(&["1 gesperrte"]);
        import(&archive, "wahl.jsonl", &votes).expect(0).says(&["6 gesperrte"]);
        import(&archive, "reden.jsonl", &public).expect(0);
        no_file_has(&archive, "Zwiebel");
    }
    archive.run(&["withhold", "sr-1", "--all", "--why", "Persönliches"]).expect(0);
    archive.run(&["release", "sr-1", "--restriction", "1"]).expect(0);
    import_record(agenda(json!(true))).says(&["1 gesperrte"]);
    // Only an empty file does.
    archive.fed(&["import", "--kind", "meetings", "--meeting", "sr-1", "-"], "").expect(0);
    import_record(agenda(json!(true)));
    assert!(!hits(&archive, "Zwiebelhofs").is_empty());

    let misspelt = council(json!([{"number": "9", "title": "Miete", "Public": false}]));
    import(&archive, "sitzung.jsonl", &[misspelt]).expect(3).says(&["Zeile 1", "Public"]);
}
