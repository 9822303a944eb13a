//! A clerk corrects words while the program is killed again and again, one archive throughout: what was answered as
//! saved stands in the text, nothing stands there that nobody wrote, and search finds it.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use mitschnitt::domain::{DeskRole, MeetingId};
use mitschnitt::store::Store;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::process::{Signal, kill_process_group};

use super::random::Random;
use crate::desk_site::{DeskSite, FORM, settings, signed_in};
use crate::harness::{Archive, demo};
use crate::shared::soak;

/// How many kills in the long form (`make soak`) and in the short one.
const KILLS: [u64; 2] = [200, 10];
const LONGEST_LIFE_MS: u64 = 900;
const MEETING: &str = "kreistag-demo";

/// Words by the time at which they start.
type Words = BTreeMap<u64, String>;

fn text(archive: &Archive) -> Words {
    let store = Store::open_to_read(archive.dir()).unwrap();
    let texts = store.corrected_texts(&MeetingId::new(MEETING).unwrap()).unwrap();
    let words = texts.into_iter().flat_map(|text| text.corrected.transcript.words);
    words.map(|word| (word.start_ms.millis(), word.text)).collect()
}

#[test]
fn kills_lose_no_correction_that_was_acknowledged() {
    let kills = KILLS[usize::from(!soak())];
    let folder = tempfile::tempdir().unwrap();
    let (made, _) = demo();
    let copied = std::process::Command::new("cp")
        .args(["-a", "--"])
        .arg(made.dir().join("."))
        .arg(folder.path())
        .status();
    assert!(copied.unwrap().success());
    let archive = Archive::at(folder.path());
    let settings = settings(&archive, "workers = 0\n");
    let token = signed_in(&archive, DeskRole::Clerk, jiff::Timestamp::now());
    let mut random = Random::new(7);
    let mut known = text(&archive);
    let heard = known.clone();
    let starts: Vec<u64> = known.keys().copied().collect();
    let (mut number, mut acknowledged) = (0u32, 0u32);
    let mut lost: Option<(u64, String, String)> = None;
    for _ in 0..kills {
        let Some(site) = DeskSite::over(&archive, &settings, &token, |_| {}) else { continue };
        let (life, group) = (random.below(LONGEST_LIFE_MS), site.id());
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(life));
            kill_process_group(group, Signal::KILL).unwrap();
        });
        loop {
            // As the page does: the request whose answer never came is sent again.
            let (start, new, form) = lost.take().unwrap_or_else(|| {
                number += 1;
                let place = random.below(starts.len() as u64 - 1) as usize;
                let (start, next, new) =
                    (starts[place], starts[place + 1], format!("probe{number}x"));
                let was = utf8_percent_encode(&known[&start], NON_ALPHANUMERIC);
                let form = format!("teil=0&ab={start}&bis={next}&war={was}&text={new}");
                (start, new, form)
            });
            let path = format!("/arbeitsplatz/sitzungen/{MEETING}/text/absatz");
            match site.clerk.try_ask("POST", &path, &[FORM], form.as_bytes()) {
                Ok(answer) => {
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    known.insert(start, new);
                    acknowledged += 1;
                }
                Err(_) => {
                    lost = Some((start, new, form));
                    break;
                }
            }
        }
        killer.join().unwrap();
        drop(site);
        let (stands, mut expected) = (text(&archive), known.clone());
        if let Some((start, new, _)) = &lost
            && stands.get(start) == Some(new)
        {
            expected.insert(*start, new.clone());
        }
        assert_eq!(stands, expected, "after {acknowledged} corrections");
    }
    println!("{acknowledged} corrections acknowledged over {kills} kills");
    assert!(acknowledged > kills as u32 / 2, "hardly anything was saved: {acknowledged}");
    archive.run(&["audit", "verify"]).expect(0);
    // The running site brings search in line by itself.
    let site = DeskSite::over(&archive, &settings, &token, |_| {}).expect("the program starts");
    let written = known.iter().filter(|(start, word)| heard[start] != **word);
    for word in written.map(|(_, word)| word).take(20) {
        let path = format!("/api/v1/search?q={word}");
        let until = Instant::now() + Duration::from_secs(30);
        while !site.clerk.public(&path).body.contains("\"hit\":true") {
            assert!(Instant::now() < until, "{word} is not found");
            thread::sleep(Duration::from_millis(50));
        }
    }
}
