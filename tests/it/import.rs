//! Speeches that were put on record elsewhere: taken over, found, replaced, taken out.

use mitschnitt::domain::{MeetingId, Signature};
use mitschnitt::ingest::{InputFile, Records};
use mitschnitt::store::Store;
use serde_json::{Value, json};

use crate::harness::{Archive, files};

/// Invented.
fn line(meeting: &str, order: u32, speaker: &str, text: &str) -> Value {
    json!({
        "meeting": meeting, "date": "2023-05-04", "body": "Landkreis Musterland",
        "organization": "Kreistag", "order": order, "agenda_number": "5",
        "agenda_title": "Breitbandausbau", "paper": "MV-0029/23", "speaker": speaker,
        "party": "Musterpartei", "role": "member", "start_ms": null, "end_ms": null,
        "text": text, "video_url": "https://video.example/1",
    })
}

fn import(archive: &Archive, lines: &[Value]) -> crate::harness::Output {
    let path = archive.dir().join("reden.jsonl");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, text).unwrap();
    archive.run(&["import", path.to_str().unwrap()])
}

fn hits(archive: &Archive, query: &str) -> Vec<Value> {
    let found = archive.run(&["search", query, "--json"]).expect(0).json();
    found["hits"].as_array().unwrap().clone()
}

fn no_file_holds_the_word(archive: &Archive) {
    for file in files(archive.dir()) {
        let bytes = std::fs::read(&file).unwrap().to_ascii_lowercase();
        let holds = bytes.windows(10).any(|w| w == b"zitterwort");
        assert!(!holds, "{} holds the word", file.display());
    }
}

/// An archive with one meeting, in which the word is said.
fn with_the_word() -> (Archive, MeetingId) {
    let archive = Archive::new();
    let spoken = line("kt-1", 1, "Anna Muster", "Das Zitterwort fiel schon einmal.");
    import(&archive, &[spoken]).expect(0);
    assert_eq!(hits(&archive, "Zitterwort").len(), 1);
    std::fs::remove_file(archive.dir().join("reden.jsonl")).unwrap();
    (archive, MeetingId::new("kt-1").unwrap())
}

#[test]
fn what_a_killed_import_withdrew_is_gone_after_the_next_check() {
    let (archive, id) = with_the_word();
    let path = archive.dir().join("reden.jsonl");
    let other = line("kt-1", 1, "Anna Muster", "Es fiel kein Wort.");
    std::fs::write(&path, format!("{other}\n")).unwrap();
    // What the import does until it is killed.
    let record = Records::open(vec![InputFile::open(&path).unwrap()]).unwrap().read(&id).unwrap();
    let store = Store::open(archive.dir()).unwrap();
    store.put_speeches(&record.council, &record.speeches, &record.formerly).unwrap();
    drop(store);
    archive.run(&["index", "check"]).expect(0);
    assert_eq!(hits(&archive, "Zitterwort"), [] as [Value; 0]);
    no_file_holds_the_word(&archive);
    archive.run(&["index", "check"]).expect(0);
}

#[test]
fn a_removal_that_was_killed_is_ended_by_the_next_one() {
    let (archive, id) = with_the_word();
    // What the command does until it is killed.
    let by = Signature { by: "Amt 10".into(), at: jiff::Timestamp::now() };
    assert!(Store::open(archive.dir()).unwrap().remove_meeting(&id, &by).unwrap());
    archive.run(&["remove", "kt-1"]).expect(0);
    assert_eq!(hits(&archive, "Zitterwort"), [] as [Value; 0]);
    no_file_holds_the_word(&archive);
    archive.run(&["remove", "kt-1"]).expect(4);
}

#[test]
fn speeches_are_found_and_replaced_whole() {
    let archive = Archive::new();
    let first = [
        line("kt-2", 4, "Anna Muster", "Wir brauchen Glasfaser bis in jedes Dorf."),
        line("kt-1", 1, "Dr. Bernd Beispiel", "Die Sitzung ist eröffnet."),
        line("kt-2", 7, "Dr. Bernd Beispiel", "Das Zitterwort fiel schon einmal."),
    ];
    let said = import(&archive, &first).expect(0).stdout;
    assert!(said.contains("3 Beiträge aus 2 Sitzungen"), "{said}");
    let hit = &hits(&archive, "Glasfaser")[0];
    assert_eq!((&hit["order"], &hit["meeting"]["id"]), (&json!(4), &json!("kt-2")));
    assert_eq!(hit["speaker"]["name"], "Anna Muster");
    assert_eq!(hit["agenda_item"]["paper"], "MV-0029/23");
    assert_eq!(
        (&hit["start_ms"], &hit["video_url"]),
        (&Value::Null, &json!("https://video.example/1"))
    );
    // A phrase across two speeches under one item is one hit, in the speech that it begins in.
    let across = hits(&archive, "\"jedes Dorf das Zitterwort\"");
    assert_eq!(across.iter().map(|hit| &hit["order"]).collect::<Vec<_>>(), [&json!(4)]);

    // Again, changed: of the old words nothing stays, not in the archive and not in the index.
    import(&archive, &first[..1]).expect(0);
    assert_eq!(hits(&archive, "Zitterwort"), [] as [Value; 0]);
    assert_eq!(hits(&archive, "eröffnet").len(), 1, "what is not in the file stays");
    no_file_holds_the_word(&archive);
    archive.run(&["index", "check"]).expect(0);
    archive.run(&["index", "rebuild"]).expect(0);
    assert_eq!(hits(&archive, "Glasfaser").len(), 1);
}

#[test]
fn a_wrong_line_leaves_everything_as_it_was() {
    let archive = Archive::new();
    import(&archive, &[line("kt-1", 1, "Anna Muster", "Ein Satz.")]).expect(0);
    let wrong = [line("kt-1", 1, "Anna Muster", "Ein anderer."), json!({"meeting": "kt-1"})];
    import(&archive, &wrong).expect(3).says(&["reden.jsonl, Zeile 2"]);
    assert_eq!(hits(&archive, "Satz").len(), 1);
    archive.run(&["import", "gibt-es-nicht.jsonl"]).expect(3).says(&["gibt-es-nicht.jsonl"]);
}
