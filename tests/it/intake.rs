//! A recording by way of the desk: uploaded in parts, described, cut, registered as a draft. Asked of the running
//! program, because what is promised is what is at no public door and on no disk.

use std::path::Path;
use std::process::Command;

use mitschnitt::domain::{Act, MeetingId};
use mitschnitt::store::Store;

use crate::desk_site::{Clerk, DeskSite, PART};
use crate::harness::{Archive, ffmpeg, files};

/// Uploads a file in parts, each of them twice; gives the address of its page.
fn upload(clerk: &Clerk, file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap();
    let length = bytes.len().to_string();
    let headers =
        [("Upload-Length", length.as_str()), ("Upload-Metadata", "filename cmF0Lm1rdg==")];
    let begun = clerk.ask("POST", "/arbeitsplatz/aufnahmen/hochladen", &headers, b"");
    assert_eq!(begun.status, 201, "{}", begun.body);
    let address = begun.header("location").to_owned();
    let mut offset = 0;
    for part in bytes.chunks(100_000) {
        let at = offset.to_string();
        let headers = [("Upload-Offset", at.as_str()), PART];
        offset += part.len();
        let taken = clerk.ask("PATCH", &address, &headers, part);
        assert_eq!((taken.status, taken.header("upload-offset")), (204, &*offset.to_string()));
        assert_eq!(clerk.ask("PATCH", &address, &headers, part).status, 409);
    }
    address.replace("/hochladen", "")
}

/// Half a minute of two tones: the first ten seconds, of 440 Hz, are not public.
fn recording(dir: &Path) -> std::path::PathBuf {
    let file = dir.join("rat.mkv");
    let tone = "aevalsrc='0.5*sin(2*PI*t*if(lt(t,10),440,880))':s=16000:d=30";
    ffmpeg(&["-f", "lavfi", "-i", tone, "-c:a", "flac"], &file);
    file
}

const FIELDS: &str = "art=formular&koerperschaft=Musterstadt&gremium=Rat&beginn=2021-06-21T17:00\
    &tagesordnung=1+Kaninchenstall%0AN+2+Geheimes+Grundst%C3%BCck&spur=1&kanaele=mix\
    &nichtoeffentlich=00:00:00%E2%80%9300:00:10&zeigen=file";

#[test]
fn what_is_uploaded_becomes_a_draft_that_nobody_sees() {
    let archive = Archive::new();
    let source = tempfile::tempdir().unwrap();
    let original = std::fs::read(recording(source.path())).unwrap();
    let site = DeskSite::start(&archive, "");
    let desk = &site.clerk;
    let page = upload(desk, &source.path().join("rat.mkv"));
    desk.wait(&page, "wartet auf Beschreibung");

    let unsure = desk.form(&page, FIELDS);
    assert_eq!(unsure.status, 422);
    assert!(unsure.body.contains("Es fehlt die Bestätigung"), "{}", unsure.body);
    assert!(unsure.body.contains("Kaninchenstall"), "what was typed stays");
    let taken = desk.form(&page, &format!("{FIELDS}&bestaetigt=ja&kuerzen=ja"));
    assert_eq!(taken.status, 303, "{}", taken.body);
    let registered = desk.wait(&page, "Aufgenommen als Entwurf");
    assert!(
        registered.body.contains("rat-2021-06-21") && registered.body.contains("mitschnitt run")
    );

    // At no public door: neither the meeting, nor its agenda, nor the recording.
    for door in [
        "/sitzung/rat-2021-06-21",
        "/api/v1/meetings/rat-2021-06-21",
        &page,
        &format!("{page}/datei"),
        &format!("{page}/wellenform"),
    ] {
        let answer = desk.public(door);
        assert!([404, 303].contains(&answer.status), "{door}: {}", answer.status);
    }
    for door in [
        "/",
        "/sitzungen",
        "/suche?q=Kaninchenstall",
        "/sitzungen.atom",
        "/sitemap.xml",
        "/api/v1/meetings",
        "/api/v1/search?q=Kaninchenstall",
    ] {
        let answer = desk.public(door);
        let told =
            answer.body.replace("q=Kaninchenstall", "").replace("value=\"Kaninchenstall\"", "");
        assert!(!told.contains("rat-2021-06-21") && !told.contains("Musterstadt"), "{door}");
    }
    let draft = desk.ask("GET", "/arbeitsplatz/sitzungen/rat-2021-06-21", &[], b"");
    assert!(draft.body.contains("Entwurf") && draft.body.contains("Kaninchenstall"));
    drop(site);

    // What was cut is on no disk, and what is hidden of the agenda in no database.
    let store = Store::open(archive.dir()).unwrap();
    let id = MeetingId::new("rat-2021-06-21").unwrap();
    let [recorded] = store.recordings(&id).unwrap().try_into().unwrap();
    assert!(recorded.path.starts_with(archive.dir().join("intake")) && recorded.path.is_file());
    for file in files(archive.dir()) {
        let bytes = std::fs::read(&file).unwrap();
        assert_ne!(bytes, original, "{}", file.display());
        let holds = |word: &[u8]| bytes.windows(word.len()).any(|w| w == word);
        if !file.ends_with("meeting.toml") {
            assert!(!holds("Geheimes".as_bytes()), "{}", file.display());
        }
    }
    let loudest = |from: &str| {
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-ss", from, "-t", "5", "-i"])
            .arg(&recorded.path)
            .args(["-f", "s16le", "-ac", "1", "-"])
            .output()
            .unwrap();
        let samples = output.stdout.chunks_exact(2).map(|s| i16::from_le_bytes([s[0], s[1]]));
        samples.map(i16::unsigned_abs).max().unwrap_or_default()
    };
    assert!(loudest("3") < 10 && loudest("15") > 5_000, "silent where it is not public");
    let acts: Vec<Act> = store.audit().unwrap().iter().map(|entry| entry.act).collect();
    for act in
        [Act::RecordingUploaded, Act::MeetingRegistered, Act::PublicConfirmed, Act::OriginalCut]
    {
        assert_eq!(acts.iter().filter(|a| **a == act).count(), 1, "{act:?} in {acts:?}");
    }

    // No backup takes it.
    let target = source.path().join("sicherung");
    archive.run(&["backup", target.to_str().unwrap()]).expect(0);
    let saved = files(&target);
    assert!(saved.iter().all(|file| !file.to_string_lossy().contains("intake")), "{saved:?}");
}

/// Cameras begin a new file every half an hour: the second goes on where the first ends, by the agenda that is there.
#[test]
fn a_further_recording_comes_to_a_meeting_that_is_not_released() {
    let archive = Archive::new();
    let source = tempfile::tempdir().unwrap();
    recording(source.path());
    let second = source.path().join("rat2.mkv");
    let tone = "aevalsrc='0.4*sin(2*PI*t*660)':s=16000:d=12";
    ffmpeg(&["-f", "lavfi", "-i", tone, "-c:a", "flac"], &second);
    let site = DeskSite::start(&archive, "");
    let desk = &site.clerk;
    let further = "art=weitere&sitzung=rat-2021-06-21&spur=1&kanaele=mix&zeigen=file&bestaetigt=ja";
    let [first, next] = ["rat.mkv", "rat2.mkv"].map(|file| {
        let page = upload(desk, &source.path().join(file));
        desk.wait(&page, "wartet auf Beschreibung");
        page
    });
    let early = desk.form(&next, further);
    assert!(early.status == 404 || early.status == 422, "{}", early.status);
    assert_eq!(desk.form(&first, &format!("{FIELDS}&bestaetigt=ja&kuerzen=ja")).status, 303);
    desk.wait(&first, "Aufgenommen als Entwurf");
    assert!(desk.ask("GET", &next, &[], b"").body.contains("Weitere Aufnahme einer Sitzung"));
    let taken = desk.form(&next, &format!("{further}&nichtoeffentlich=00:00:10-Ende"));
    assert_eq!(taken.status, 303, "{}", taken.body);
    desk.wait(&next, "Aufgenommen als Entwurf");
    // The same sound twice is refused, and what is there stays.
    let again = upload(desk, &second);
    desk.wait(&again, "wartet auf Beschreibung");
    assert_eq!(desk.form(&again, further).status, 303);
    desk.wait(&again, "dieselbe Aufnahme");
    assert_eq!(desk.public("/sitzung/rat-2021-06-21").status, 404);
    drop(site);

    let store = Store::open(archive.dir()).unwrap();
    let id = MeetingId::new("rat-2021-06-21").unwrap();
    let mut recordings = store.recordings(&id).unwrap();
    recordings.sort_by_key(|recording| recording.offset);
    let [one, two] = recordings.as_slice() else { panic!("{recordings:?}") };
    assert_eq!((one.offset.millis(), two.offset.millis()), (0, 30_000));
    let public = |r: &mitschnitt::domain::Recording| {
        let spans = r.public.within(mitschnitt::domain::MediaTime::from_millis(30_000));
        spans.iter().map(|s| (s.start().millis(), s.end().millis())).collect::<Vec<_>>()
    };
    assert_eq!((public(one), public(two)), (vec![(10_000, 30_000)], vec![(0, 10_000)]));
    let agenda = store.council(&id).unwrap().meeting.agenda;
    assert_eq!(agenda.iter().filter(|item| item.public).count(), 1);
    assert_eq!(agenda.len(), 2);
}

/// Taking it in takes longer than the answer: a stop in between only delays it.
#[test]
fn what_was_accepted_is_taken_in_whatever_comes_between() {
    let archive = Archive::new();
    let source = tempfile::tempdir().unwrap();
    recording(source.path());
    let site = DeskSite::start(&archive, "");
    let page = upload(&site.clerk, &source.path().join("rat.mkv"));
    site.clerk.wait(&page, "wartet auf Beschreibung");
    let taken = site.clerk.form(&page, &format!("{FIELDS}&bestaetigt=ja&kuerzen=ja"));
    assert_eq!(taken.status, 303, "{}", taken.body);
    let token = site.clerk.token.clone();
    drop(site);
    let store = Store::open(archive.dir()).unwrap();
    let id = MeetingId::new("rat-2021-06-21").unwrap();
    assert!(store.recordings(&id).unwrap().is_empty(), "cutting is not so fast");
    let site = DeskSite::again(&archive, &token);
    site.clerk.wait(&page, "Aufgenommen als Entwurf");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while store.open_jobs_of(&id).unwrap().is_empty() {
        assert!(std::time::Instant::now() < until, "nobody was told to recognise it");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(store.recordings(&id).unwrap().len(), 1);
    assert!(!store.review(&id).unwrap().meeting.is_public());
    // Another one of the same council at the same time would take the first off the site.
    let tone = ["-f", "lavfi", "-i", "sine=frequency=300:duration=11", "-c:a", "flac"];
    ffmpeg(&tone, &source.path().join("zweite.mkv"));
    let page = upload(&site.clerk, &source.path().join("zweite.mkv"));
    site.clerk.wait(&page, "wartet auf Beschreibung");
    let again = site.clerk.form(&page, &format!("{FIELDS}&bestaetigt=ja&kennung=rat-zwei"));
    assert_eq!(again.status, 422);
    assert!(again.body.contains("schon die Sitzung rat-2021-06-21"), "{}", again.body);
}

#[test]
fn files_of_the_server_are_taken_only_from_where_they_may_lie() {
    let archive = Archive::new();
    let folder = tempfile::tempdir().unwrap();
    let file = recording(folder.path());
    let allowed = format!("recordings = [{:?}]\n", folder.path().display().to_string());
    let site = DeskSite::start(&archive, &allowed);
    let desk = &site.clerk;
    let take = |path: &str| {
        desk.form("/arbeitsplatz/aufnahmen/pfad", &format!("pfad={}", path.replace('/', "%2F")))
    };
    let inside = folder.path().display();
    std::fs::write(folder.path().join("notizen.txt"), b"no recording").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("film.mp4")).unwrap();
    for refused in [
        "/etc/passwd".to_owned(),
        format!("{inside}/../../etc/passwd"),
        format!("{inside}/film.mp4"),
        format!("{inside}/notizen.txt"),
        inside.to_string(),
    ] {
        assert_eq!(take(&refused).status, 400, "{refused}");
    }
    let taken = take(file.to_str().unwrap());
    assert_eq!(taken.status, 303, "{}", taken.body);
    let page = taken.header("location").to_owned();
    let cut = desk.form(&page, &format!("{FIELDS}&bestaetigt=ja&kuerzen=ja"));
    assert_eq!(cut.status, 422, "a file that is not ours is not deleted");
    assert_eq!(desk.form(&page, &format!("{FIELDS}&bestaetigt=ja")).status, 303);
    desk.wait(&page, "Aufgenommen als Entwurf");
    assert!(file.is_file());
}
