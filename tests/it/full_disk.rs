//! A full disk under the running desk: reading and withdrawing go on, whatever else writes is refused with what is
//! needed, and goes on by itself once there is room. (A job that runs when the disk fills: `jobs`; commands:
//! `withdrawal`.)

use std::process::Stdio;
use std::time::{Duration, Instant};

use mitschnitt::domain::{DeskRole, Digest, Job, JobId, JobState};
use mitschnitt::store::Store;
use serde_json::json;

use crate::desk_site::{Clerk, DeskAnswer, DeskSite, PART, settings, signed_in};
use crate::harness::Archive;
use crate::small_disk::SmallDisk;

/// The words of two speeches.
const WORDS: [&str; 2] = ["Kaninchenstall", "Laternenumzug"];
const UPLOADS: &str = "/arbeitsplatz/aufnahmen/hochladen";
/// So long is a recording that comes in, in two parts.
const LENGTH: usize = 200_000;

fn speeches() -> String {
    let line = |(order, word): (usize, &str)| {
        let line = json!({
            "meeting": "kt-1", "date": "2023-05-04", "body": "Landkreis Musterland",
            "organization": "Kreistag", "order": order, "speaker": "Anna Muster",
            "start_ms": order * 60_000, "end_ms": order * 60_000 + 50_000,
            "text": format!("Es geht um den Haushalt und um nichts anderes als den {word}."),
        });
        format!("{line}\n")
    };
    WORDS.into_iter().enumerate().map(line).collect()
}

fn begin(clerk: &Clerk) -> DeskAnswer {
    let length = LENGTH.to_string();
    let headers = [("Upload-Length", length.as_str()), ("Upload-Metadata", "filename YS53YXY=")];
    clerk.ask("POST", UPLOADS, &headers, b"")
}

fn part(clerk: &Clerk, upload: &str, from: usize, bytes: &[u8]) -> DeskAnswer {
    let from = from.to_string();
    clerk.ask("PATCH", upload, &[("Upload-Offset", from.as_str()), PART], bytes)
}

/// Whether the public finds a word, and reads it.
fn shows(clerk: &Clerk, word: &str) -> [bool; 2] {
    let found = clerk.public(&format!("/api/v1/search?q={word}"));
    assert_eq!(found.status, 200, "{}", found.body);
    let hits: serde_json::Value = serde_json::from_str(&found.body).unwrap();
    let page = clerk.public("/sitzung/kt-1");
    assert_eq!(page.status, 200);
    [hits["total"] != 0, page.body.contains(word)]
}

#[track_caller]
fn wait<T>(what: &str, mut so: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(so) = so() {
            return so;
        }
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn reading_and_withdrawing_go_on_and_work_resumes_by_itself() {
    let Some(disk) = SmallDisk::mount("420m") else { return };
    let archive = Archive::at(&disk.path().join("archiv"));
    let config = settings(&archive, "workers = 0\n");
    // Signed in for so long that it would be noted that this is still so.
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(20);
    let token = signed_in(&archive, DeskRole::Admin, since);
    let file = archive.dir().join("reden.jsonl");
    std::fs::write(&file, speeches()).unwrap();
    archive.run(&["import", file.to_str().unwrap()]).expect(0);
    let site = DeskSite::over(&archive, &config, &token, |_| {}).unwrap();
    let clerk = &site.clerk;
    let store = Store::open_to_read(archive.dir()).unwrap();
    let content: Vec<u8> = (0..LENGTH).map(|n| (n * 7 % 251) as u8).collect();
    let begun = begin(clerk);
    assert_eq!(begun.status, 201, "{}", begun.body);
    let upload = begun.header("location").to_owned();
    assert_eq!(part(clerk, &upload, 0, &content[..LENGTH / 2]).status, 204);
    let added = archive.run(&["jobs", "--json", "add", "index"]).expect(0).json();
    let job = JobId::new(added["job"].as_i64().unwrap());

    disk.remount("size=64m");
    let filler = disk.fill();
    // Reading goes on, for everybody.
    assert_eq!(shows(clerk, WORDS[0]), [true, true]);
    for page in ["/sitzungen/kt-1", "/aufnahmen", "/auftraege", "/protokoll"] {
        let answer = clerk.ask("GET", &format!("/arbeitsplatz{page}"), &[], b"");
        assert_eq!(answer.status, 200, "{page}: {}", answer.body);
    }
    // Writing is refused, and says what is needed.
    for refused in [begin(clerk), part(clerk, &upload, LENGTH / 2, &content[LENGTH / 2..])] {
        assert_eq!(refused.status, 507, "{}", refused.body);
        assert!(refused.body.contains("Gebraucht werden 0.3 GB"), "{}", refused.body);
        assert!(refused.body.contains("frei sind 0.0 GB"), "{}", refused.body);
    }
    for (page, fields) in [("/auftraege", "tun=pause"), ("/sitzungen/kt-1/auftrag", "")] {
        let refused = clerk.form(&format!("/arbeitsplatz{page}"), fields);
        assert_eq!(refused.status, 507, "{page}: {}", refused.body);
        assert!(refused.body.contains("Schaffen Sie Platz auf dem Datenträger"), "{page}");
    }
    // A worker waits for room.
    let elsewhere = tempfile::tempdir().unwrap();
    let log = elsewhere.path().join("protokoll");
    let mut worker = archive
        .command(&["--config", config.to_str().unwrap(), "worker"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let said = || std::fs::read_to_string(&log).unwrap();
    wait("a worker that waits", || said().contains("Kein Platz mehr").then_some(()));
    assert_eq!(store.job(job).unwrap().state, JobState::Queued);
    assert!(worker.try_wait().unwrap().is_none(), "{}", said());

    // Withdrawing goes on: nothing of it is shown when this answers.
    let fields = "von=00:00:00&bis=00:00:50&grund=Einspruch";
    let withheld = clerk.form("/arbeitsplatz/sitzungen/kt-1/sperre", fields);
    assert_eq!(withheld.status, 303, "{}", withheld.body);
    assert_eq!(shows(clerk, WORDS[0]), [false, false]);
    assert!(shows(clerk, WORDS[1])[1], "only that");

    // Room: everything goes on by itself.
    std::fs::remove_file(&filler).unwrap();
    disk.remount("size=420m");
    let done = |job: JobId| -> Option<Job> {
        Some(store.job(job).unwrap()).filter(|job| job.state == JobState::Done)
    };
    assert_eq!(wait("the job is done", || done(job)).attempts, 1);
    let jobs = || store.jobs(9).unwrap();
    wait("the copy is made anew", || {
        jobs().iter().all(|j| j.state == JobState::Done).then_some(())
    });
    wait("it is purged", || store.pending_purges().unwrap().is_empty().then_some(()));
    assert_eq!((shows(clerk, WORDS[0]), shows(clerk, WORDS[1])), ([false; 2], [true; 2]));
    let taken = part(clerk, &upload, LENGTH / 2, &content[LENGTH / 2..]);
    assert_eq!((taken.status, taken.header("upload-offset")), (204, &*LENGTH.to_string()));
    let sha256 = wait("it is read through", || store.intakes().unwrap().remove(0).sha256);
    assert_eq!(sha256, Digest::of(&content));
    wait("room is kept again", || store.has_reserve().then_some(()));
    worker.kill().unwrap();
    worker.wait().unwrap();
    archive.run(&["audit", "verify"]).expect(0);
}
