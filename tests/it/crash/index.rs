//! The index while the machine is switched off: killed at any moment, it is whole again with the
//! next import or check, and says what the archive says.

use std::process::{Command, Stdio};
use std::time::Duration;

use mitschnitt::domain::MeetingId;
use mitschnitt::store::Store;
use serde_json::json;

use crate::harness::{Archive, root};
use crate::shared::soak;

/// How many kills in the long form (`make soak`) and in the short one.
const KILLS: [u32; 2] = [200, 25];
const MEETINGS: u32 = 24;
/// Longest life of a process, in milliseconds; most of them write the index by then.
const LONGEST_LIFE: u64 = 110;

/// Invented speeches, each with a word that says of which meeting and of which import it is.
fn lines(version: u32) -> String {
    let meetings = (0..MEETINGS).flat_map(|meeting| (0..6).map(move |order| (meeting, order)));
    let line = |(meeting, order): (u32, u32)| {
        let text = format!(
            "Zum Breitbandausbau im Kreis sage ich nur: kennwort{meeting}x{version}x{order}. \
             Die Förderung der Wärmeplanung kommt später, die Kreisstraße wird saniert."
        );
        let line = json!({
            "meeting": format!("kt-{meeting}"), "date": "2023-05-04", "body": "Landkreis Musterland",
            "organization": "Kreistag", "order": order, "agenda_number": null, "agenda_title": null,
            "paper": null, "speaker": "Anna Muster", "party": null, "role": "member",
            "start_ms": null, "end_ms": null, "text": text, "video_url": null,
        });
        format!("{line}\n")
    };
    meetings.map(line).collect()
}

#[test]
fn kills_leave_an_index_that_says_what_the_archive_says() {
    let kills = KILLS[usize::from(!soak())];
    let archive = Archive::new();
    let path = archive.dir().join("reden.jsonl");
    std::fs::write(&path, lines(0)).unwrap();
    archive.run(&["import", path.to_str().unwrap()]).expect(0);
    let mut state = 88_172_645_463_325_252_u64;
    let (mut killed, mut version) = (0, 0);
    while killed < kills {
        version += 1;
        assert!(version < 20 * kills, "nearly all imports end before they are killed");
        std::fs::write(&path, lines(version)).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
            .current_dir(root())
            .env("MITSCHNITT_DATA_DIR", archive.dir())
            .args(["import", path.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // xorshift64: another moment every time, the same in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        std::thread::sleep(Duration::from_millis(state % LONGEST_LIFE));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if version % 20 == 0 {
            agrees(&archive, version);
        }
    }
    agrees(&archive, version);
    println!("{killed} of {version} imports were killed before their end");
}

/// Every meeting is found with the words of one import, whole, and of no other.
fn agrees(archive: &Archive, version: u32) {
    // What was interrupted is made up for; nothing is damaged, and nothing is built anew.
    let checked = archive.run(&["-v", "index", "check"]);
    assert!([0, 5].contains(&checked.code), "{}", checked.stderr);
    assert!(!checked.stderr.contains("index rebuilt"), "{}", checked.stderr);
    archive.run(&["index", "check"]).expect(0);
    let found = archive.run(&["search", "Breitbandausbau", "--json", "--limit", "1000"]);
    let found = found.expect(0).json();
    assert_eq!(found["total"], u64::from(MEETINGS) * 6, "after {version} kills");
    let mut versions: Vec<Option<String>> = vec![None; MEETINGS as usize];
    for hit in found["hits"].as_array().unwrap() {
        let parts = hit["snippet"].as_array().unwrap();
        let text: String = parts.iter().filter_map(|part| part["text"].as_str()).collect();
        let (_, word) = text.split_once("kennwort").unwrap();
        let mut numbers = word.split('x');
        let meeting: usize = numbers.next().unwrap().parse().unwrap();
        let of = numbers.next().unwrap().to_owned();
        let known = versions[meeting].get_or_insert_with(|| of.clone());
        assert_eq!(*known, of, "meeting {meeting} is of two imports after {version} kills");
    }
    let store = Store::open(archive.dir()).unwrap();
    for (meeting, of) in versions.iter().enumerate() {
        let speeches = store.speeches(&MeetingId::new(format!("kt-{meeting}")).unwrap()).unwrap();
        let of = of.as_ref().expect("a meeting is missing");
        let says = |order| format!("kennwort{meeting}x{of}x{order}.");
        let same = speeches.iter().enumerate().all(|(order, s)| s.text.contains(&says(order)));
        assert!(same && speeches.len() == 6, "meeting {meeting}: the archive says something else");
    }
    assert_eq!(
        store.pending_purges().unwrap(),
        [],
        "words of before are still in the index's files"
    );
}
