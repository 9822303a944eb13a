//! A clerk's overrules on an archive: recorded at once, followed by the next run, taken back again.

use mitschnitt::domain::{Alignment, Digest, FoundBy, MeetingId, Transcript};
use mitschnitt::store::{Heard, Store};
use serde_json::json;

use crate::harness::{Archive, root};

pub const MEETING: &str = "kreistag-demo";

/// An archive of the demo meeting with its true words, as if they had been recognised.
pub fn transcribed() -> (Archive, Store) {
    let archive = Archive::new();
    let folder = root().join("fixtures/meetings").join(MEETING);
    archive.run(&["ingest", folder.join("meeting.toml").to_str().unwrap()]).expect(0);
    let truth = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let n_words = truth["words"].as_array().unwrap().len();
    let transcript = json!({
        "format": "mitschnitt.transcript/1",
        "media": {"sha256": "", "duration_ms": 575_000},
        "engine": {"name": "truth"},
        "language": "de",
        "words": truth["words"],
        "utterances": [{"first_word": 0, "n_words": n_words}],
    });
    let transcript: Transcript = serde_json::from_value(transcript).unwrap();
    let store = Store::open(archive.dir()).unwrap();
    let id = MeetingId::new(MEETING).unwrap();
    let recording = &store.recordings(&id).unwrap()[0];
    let heard = Heard { public: &recording.public, sound: &recording.sound };
    store
        .put_transcript(&id, &recording.sha256, &Digest::of(b"truth"), &transcript, &heard)
        .unwrap();
    (archive, store)
}

pub fn alignment(store: &Store) -> Alignment {
    store.alignment(&MeetingId::new(MEETING).unwrap()).unwrap().unwrap().alignment
}

/// Where an item was treated, in whole seconds.
fn spans(alignment: &Alignment, number: &str) -> Vec<(u64, u64)> {
    let item = alignment.items.iter().find(|i| i.number.as_deref() == Some(number)).unwrap();
    let seconds = |t: mitschnitt::domain::MediaTime| t.millis() / 1000;
    item.spans.iter().map(|s| (seconds(s.start()), seconds(s.end()))).collect()
}

#[test]
fn an_overrule_is_followed_by_the_next_run_until_it_is_taken_back() {
    let (archive, store) = transcribed();
    let overrule = |more: &[&str]| archive.run(&[&["overrule", MEETING], more].concat());
    archive.run(&["run"]).expect(0);
    let before = alignment(&store);
    assert_eq!(spans(&before, "Ö 7"), [], "it was never called");

    // What was treated, by number; who spoke, by family name.
    let item = ["--from", "00:08:20", "--to", "00:08:40", "--item", "7", "--by", "Amt 10"];
    overrule(&item).expect(0).says(&["mitschnitt run --meeting kreistag-demo"]);
    let speaker = ["--from", "00:01:00", "--to", "00:01:15", "--speaker", "keller"];
    let said = overrule(&speaker).expect(0).stdout;
    assert!(said.contains("Festlegung 2: 0:01:00–0:01:15") && said.contains("Keller"), "{said}");
    let run = archive.run(&["run"]).expect(0);
    assert_eq!(run.stdout, "kreistag-demo: Tagesordnung und Redende zugeordnet, indexiert\n");
    assert_eq!(archive.run(&["run"]).expect(0).stdout, "kreistag-demo: auf dem Stand\n");

    let after = alignment(&store);
    let [(from, to)] = spans(&after, "Ö 7")[..] else { panic!("{:?}", spans(&after, "Ö 7")) };
    assert!((500..502).contains(&from) && (518..522).contains(&to), "{from}–{to}");
    assert_eq!(spans(&after, "Ö 3"), spans(&before, "Ö 3"), "far away");
    let fixed = after.turns.iter().find(|t| t.confidence == 1.0).unwrap();
    assert_eq!(fixed.name.as_deref(), Some("Herr Keller"));
    assert_eq!(fixed.evidence, [FoundBy::ByClerk]);

    for number in ["1", "2"] {
        overrule(&["--take-back", number, "--by", "Vertretung"]).expect(0);
    }
    archive.run(&["run"]).expect(0);
    assert_eq!(alignment(&store), before);
    let list = overrule(&["--list"]).expect(0).stdout;
    for part in ["1  0:08:20–0:08:40 TOP Ö 7", "(Amt 10, ", "; zurückgenommen (Vertretung, "] {
        assert!(list.contains(part), "„{part}“ is not in:\n{list}");
    }
    let json = overrule(&["--list", "--json"]).expect(0).json();
    assert_eq!(
        (&json[0]["start_ms"], &json[1]["taken_back"]["by"]),
        (&json!(500_000), &json!("Vertretung"))
    );
}

#[test]
fn overrules_that_cannot_be_are_refused_and_record_nothing() {
    let (archive, store) = transcribed();
    let span = ["--from", "00:01:00", "--to", "00:02:00"];
    let with = |meeting: &'static str, more: &[&'static str]| {
        archive.run(&[&["overrule", meeting], more].concat())
    };
    let at = |more: &[&'static str]| with(MEETING, &[&span, more].concat());
    with("kreistag-gestern", &[&span[..], &["--no-item"]].concat()).expect(4);
    at(&["--item", "77"]).expect(4).says(&["77", "Gemeint vielleicht"]);
    at(&["--speaker", "Kella"]).expect(4).says(&["Kella", "Keller"]);
    at(&["--item", "N 1"]).expect(3).says(&["nicht öffentlich", "meeting.toml"]);
    with(MEETING, &["--from", "00:02:00", "--to", "00:02:00", "--chair"]).expect(3);
    with(MEETING, &["--from", "00:02:00", "--to", "00:09:36", "--chair"])
        .expect(3)
        .says(&["0:09:36"]);
    with(MEETING, &["--take-back", "1"]).expect(4).says(&["--list"]);
    at(&[]).expect(2);
    at(&["--item", "1", "--chair"]).expect(2);
    assert!(store.overrules(&MeetingId::new(MEETING).unwrap()).unwrap().is_empty());
}

#[test]
fn align_takes_fixed_points_from_a_file() {
    let archive = Archive::new();
    let folder = root().join("fixtures/meetings").join(MEETING);
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let write = |name: &str, value: &serde_json::Value| {
        let path = archive.dir().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let words = read("truth.json")["words"].take();
    let transcript = json!({
        "format": "mitschnitt.transcript/1",
        "media": {"sha256": "", "duration_ms": 575_000},
        "engine": {"name": "truth"},
        "language": "de",
        "utterances": [],
        "words": words,
    });
    let transcript = write("t.json", &transcript);
    let input = json!({
        "meeting": read("meeting.json"), "persons": read("persons.json"), "papers": read("papers.json"),
    });
    let meeting = write("m.json", &input);
    let fixed = |points: &serde_json::Value| {
        let file = write("f.json", points);
        let given = ["--transcript", &transcript, "--meeting", &meeting, "--fixed", &file];
        archive.run(&[&["align"], &given[..]].concat())
    };
    let point = json!([
        {"start_ms": 60_000, "end_ms": 75_000, "items": ["7"]},
        {"start_ms": 60_000, "end_ms": 75_000, "speaker": {"person": "Frau Pfeiffer"}},
    ]);
    let found: Alignment = serde_json::from_value(fixed(&point).expect(0).json()).unwrap();
    assert_eq!(spans(&found, "Ö 7").len(), 1);
    assert!(found.turns.iter().any(|t| t.confidence == 1.0 && t.role != Default::default()));
    let late = json!([{"start_ms": 60_000, "end_ms": 750_000, "items": []}]);
    fixed(&late).expect(3).says(&["f.json", "0:12:30"]);
    let nobody = json!([{"start_ms": 1, "end_ms": 2, "speaker": {"person": "Zacharias"}}]);
    fixed(&nobody).expect(4).says(&["f.json", "Zacharias"]);
    fixed(&json!([{"start_ms": 1, "end_ms": 2}])).expect(3).says(&["f.json"]);
}
