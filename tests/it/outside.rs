//! What others recorded of a meeting: taken over by kind, evidence for the alignment, and never more than may
//! be seen.

use mitschnitt::domain::{MeetingId, OutsideEvidence};
use mitschnitt::store::Store;
use serde_json::{Value, json};

use crate::harness::{Archive, Output, files};
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
    archive.run(&["index", "check"]).expect(0);
    for file in files(archive.dir()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(10).any(|w| w == b"Zitterwort"), "{} has it", file.display());
    }
}
