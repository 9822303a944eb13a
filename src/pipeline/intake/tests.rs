//! Uploads against everything that can happen to them, and what the intake refuses.

use std::fs::OpenOptions;
use std::io::Write as _;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::{Act, Digest, ErrorKind};
use crate::store::Store;

fn made() -> Signature {
    Signature { by: "klein".to_owned(), at: Timestamp::now() }
}

fn intakes_in(dir: &Path) -> (Store, IntakeFiles) {
    let store = Store::create(dir).unwrap();
    let files = IntakeFiles::new(store.clone(), dir.join("intake"));
    (store, files)
}

fn part(offset: u64, bytes: &[u8]) -> UploadPart<'_> {
    UploadPart { offset, bytes, checksum: None }
}

/// What happens to an upload, one after the other.
#[derive(Clone, Debug)]
enum Event {
    /// The next part, of this length at most.
    Next(usize),
    /// A part that was sent before, or lies elsewhere, as far back or forth.
    Elsewhere(i64, usize),
    /// A part whose bytes were turned on the way.
    Damaged(usize),
    /// The server dies after a part was written and before it was counted; other bytes are lost in the file.
    Killed(usize),
    /// The server is started again.
    Restarted,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let length = 1..700usize;
    let event = prop_oneof![
        6 => length.clone().prop_map(Event::Next),
        2 => (-900..900i64, length.clone()).prop_map(|(by, length)| Event::Elsewhere(by, length)),
        1 => length.clone().prop_map(Event::Damaged),
        2 => length.prop_map(Event::Killed),
        1 => Just(Event::Restarted),
    ];
    prop::collection::vec(event, 0..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..Default::default() })]

    /// Whatever is lost, repeated or torn: what is counted is in the file, each byte once, and the hash is
    /// that of what was sent.
    #[test]
    fn no_byte_is_lost_or_taken_twice(length in 1..3_000usize, seed: u64, events in events()) {
        let sent: Vec<u8> = (0..length as u64).map(|n| (seed.wrapping_mul(n | 1) >> 24) as u8).collect();
        let dir = tempfile::tempdir().unwrap();
        let (mut store, mut files) = intakes_in(dir.path());
        let begun = files.begin("../Rat vom 3. Mai.MP4", length as u64, &made()).unwrap();
        let id = &begun.id;
        let from = |offset: u64, most: usize| {
            let offset = (offset as usize).min(length);
            &sent[offset..(offset + most).min(length)]
        };
        for event in events.into_iter().chain(std::iter::repeat_n(Event::Next(700), 6)) {
            let at = store.intake(id).unwrap().received;
            let next = |most| from(at, most);
            match event {
                Event::Next(most) => {
                    let bytes = next(most);
                    let checksum = Digest::of(bytes);
                    let part = UploadPart { offset: at, bytes, checksum: Some(&checksum) };
                    let reached = files.append(id, part).unwrap();
                    prop_assert_eq!(reached, Ok(at + bytes.len() as u64));
                }
                Event::Elsewhere(by, most) => {
                    let offset = at.saturating_add_signed(by);
                    let answer = files.append(id, part(offset, from(offset, most))).unwrap();
                    if offset != at {
                        prop_assert_eq!(answer, Err(UploadRefusal::WrongOffset(at)));
                    }
                }
                Event::Damaged(most) => {
                    let checksum = Digest::of(next(most));
                    let damaged: Vec<u8> = next(most).iter().map(|byte| !byte).collect();
                    let part = UploadPart { offset: at, bytes: &damaged, checksum: Some(&checksum) };
                    let expected =
                        if damaged.is_empty() { Ok(at) } else { Err(UploadRefusal::ChecksumMismatch) };
                    prop_assert_eq!(files.append(id, part).unwrap(), expected);
                }
                Event::Killed(most) if begun.path.exists() => {
                    let mut file = OpenOptions::new().write(true).open(&begun.path).unwrap();
                    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(at)).unwrap();
                    file.write_all(&vec![0xee; most]).unwrap();
                    (store, files) = intakes_in(dir.path());
                }
                Event::Killed(_) | Event::Restarted => (store, files) = intakes_in(dir.path()),
            }
            let now = store.intake(id).unwrap();
            prop_assert!(now.received >= at);
            let file = std::fs::read(&begun.path).unwrap_or_default();
            prop_assert_eq!(&file[..now.received as usize], &sent[..now.received as usize]);
        }
        prop_assert!(store.intake(id).unwrap().is_received());
        files.finish(id).unwrap();
        files.finish(id).unwrap();
        let whole = store.intake(id).unwrap();
        prop_assert_eq!(std::fs::read(&whole.path).unwrap(), &sent[..]);
        prop_assert_eq!(whole.sha256.clone(), Some(Digest::of(&sent)));
        prop_assert_eq!(whole.file_name.as_str(), "Rat vom 3. Mai.MP4");
        let acts: Vec<Act> = store.audit().unwrap().iter().map(|entry| entry.act).collect();
        prop_assert_eq!(acts, [Act::RecordingUploaded]);
    }
}

/// Parts at the same place at once, as when a browser gives a request up that still arrives.
#[test]
fn of_two_parts_at_once_one_counts() {
    let dir = tempfile::tempdir().unwrap();
    let (store, files) = intakes_in(dir.path());
    let id = files.begin("a.mp3", 40_000, &made()).unwrap().id;
    for round in 0..20u64 {
        let bytes = [[round as u8; 2_000], [!(round as u8); 2_000]];
        let taken: usize = std::thread::scope(|scope| {
            let send = |bytes: &[u8; 2_000]| files.append(&id, part(round * 2_000, bytes)).unwrap();
            let sent = bytes.each_ref().map(|bytes| scope.spawn(move || send(bytes)));
            sent.into_iter().map(|s| usize::from(s.join().unwrap().is_ok())).sum()
        });
        let intake = store.intake(&id).unwrap();
        // Both may find the other busy only if one of them was taken.
        assert_eq!((taken, intake.received), (1, (round + 1) * 2_000));
        let file = std::fs::read(&intake.path).unwrap();
        let written = &file[round as usize * 2_000..];
        assert!(bytes.iter().any(|bytes| written == bytes), "not a mixture of both");
    }
}

#[test]
fn what_nobody_goes_on_with_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (store, files) = intakes_in(dir.path());
    let [left, kept] = ["a.mp4", "b.mp4"].map(|name| files.begin(name, 10, &made()).unwrap());
    files.append(&left.id, part(0, b"12345")).unwrap().unwrap();
    files.append(&kept.id, part(0, b"1234567890")).unwrap().unwrap();
    let stray = dir.path().join("intake/streuner");
    std::fs::create_dir_all(&stray).unwrap();
    let days =
        |n: i64| Timestamp::now().saturating_add(SignedDuration::from_hours(24 * n)).unwrap();
    files.sweep(days(13)).unwrap();
    assert!(!stray.exists() && left.path.exists());
    files.sweep(days(15)).unwrap();
    assert!(!left.path.exists() && kept.path.exists(), "what has arrived whole stays");
    assert_eq!(files.append(&left.id, part(5, b"6")).unwrap_err().kind(), ErrorKind::NotFound);
    files.discard(&kept.id).unwrap();
    assert!(!kept.path.exists() && store.intakes().unwrap().is_empty());
}

#[test]
fn more_than_the_disk_holds_is_not_begun() {
    let dir = tempfile::tempdir().unwrap();
    let (_, files) = intakes_in(dir.path());
    let refused = files.begin("a.mp4", i64::MAX as u64, &made()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NoRoom);
    assert!(refused.to_string().contains("Gebraucht werden"), "{refused}");
}

#[test]
fn a_watched_file_that_is_not_wanted_is_not_listed_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, files) = intakes_in(dir.path());
    let file = dir.path().join("rat.mp4");
    std::fs::write(&file, b"film").unwrap();
    let intake = files.take_file(&file, IntakeSource::Watched, &made()).unwrap();
    assert!(files.take_file(&file, IntakeSource::Watched, &made()).is_err(), "once");
    files.discard(&intake.id).unwrap();
    assert!(file.exists() && store.intakes().unwrap().is_empty());
    assert!(store.knows_intake(&file, 4).unwrap() && !store.knows_intake(&file, 5).unwrap());
    std::fs::write(&file, b"another film").unwrap();
    files.take_file(&file, IntakeSource::Watched, &made()).unwrap();
    assert_eq!(store.intakes().unwrap().len(), 1);
}
