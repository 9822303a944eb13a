//! A recording by way of the desk: uploaded in parts, described, cut, registered as a draft. Asked of the running
//! program, because what is promised is what is at no public door and on no disk.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::credentials::{Password, PasswordHash, SignInToken};
use mitschnitt::domain::{AccountName, Act, DeskRole, MeetingId, Signature};
use mitschnitt::store::{SignInLimits, Store};

use crate::harness::{Archive, ffmpeg, files, root};

/// The program with a desk, and a clerk who is signed in.
struct DeskSite {
    process: Child,
    address: String,
    token: SignInToken,
}

struct DeskAnswer {
    status: u16,
    head: String,
    body: String,
}

impl DeskAnswer {
    fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, v)| v)
    }
}

impl DeskSite {
    fn start(archive: &Archive, settings: &str) -> Self {
        use std::io::BufRead as _;
        let config = archive.dir().join("mitschnitt.toml");
        std::fs::write(&config, format!("[desk]\nworkers = 0\nenabled = true\n{settings}"))
            .unwrap();
        let store = Store::create(archive.dir()).unwrap();
        let (name, now) = (AccountName::new("klein").unwrap(), jiff::Timestamp::now());
        let made = Signature { by: "test".to_owned(), at: now };
        let hash = PasswordHash::of(&Password::typed("vier Tauben im Rathaus"));
        store.add_account(&name, DeskRole::Clerk, &hash, None, &made).unwrap();
        let (token, limits) = (SignInToken::made_up(), SignInLimits::default());
        assert!(store.begin_sign_in(&name, &token, "Test", None, &limits, now).unwrap());
        let mut process = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
            .current_dir(root())
            .env("MITSCHNITT_DATA_DIR", archive.dir())
            .env("MITSCHNITT_CONFIG", &config)
            .env("HOME", archive.dir().join("home"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        assert!(!address.is_empty(), "the site does not start");
        Self { process, address, token }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> DeskAnswer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        DeskAnswer { status, head, body: String::from_utf8_lossy(&answer[end + 4..]).into_owned() }
    }

    /// As whoever passes by.
    fn public(&self, path: &str) -> DeskAnswer {
        self.send("GET", path, &[], b"")
    }

    /// As the clerk.
    fn clerk(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> DeskAnswer {
        let cookie = format!("mitschnitt-arbeitsplatz={}", self.token.reveal());
        let form = self.token.form_token().to_string();
        let mut all =
            vec![("Cookie", cookie.as_str()), ("X-Formular", &form), ("Tus-Resumable", "1.0.0")];
        all.extend(headers);
        self.send(method, path, &all, body)
    }

    /// Uploads a file in parts, each of them twice; gives the address of its page.
    fn upload(&self, file: &Path) -> String {
        let bytes = std::fs::read(file).unwrap();
        let length = bytes.len().to_string();
        let headers =
            [("Upload-Length", length.as_str()), ("Upload-Metadata", "filename cmF0Lm1rdg==")];
        let begun = self.clerk("POST", "/arbeitsplatz/aufnahmen/hochladen", &headers, b"");
        assert_eq!(begun.status, 201, "{}", begun.body);
        let address = begun.header("location").to_owned();
        let mut offset = 0;
        for part in bytes.chunks(100_000) {
            let at = offset.to_string();
            let headers = [
                ("Upload-Offset", at.as_str()),
                ("Content-Type", "application/offset+octet-stream"),
            ];
            offset += part.len();
            let taken = self.clerk("PATCH", &address, &headers, part);
            assert_eq!((taken.status, taken.header("upload-offset")), (204, &*offset.to_string()));
            assert_eq!(self.clerk("PATCH", &address, &headers, part).status, 409);
        }
        address.replace("/hochladen", "")
    }

    /// Waits until a page says this.
    fn wait(&self, page: &str, words: &str) -> DeskAnswer {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let answer = self.clerk("GET", page, &[], b"");
            if answer.body.contains(words) {
                return answer;
            }
            assert!(Instant::now() < until, "„{words}“ is not in {}", answer.body);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn describe(&self, page: &str, fields: &str) -> DeskAnswer {
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        self.clerk("POST", page, &kind, fields.as_bytes())
    }
}

impl Drop for DeskSite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
    let desk = DeskSite::start(&archive, "");
    let page = desk.upload(&source.path().join("rat.mkv"));
    desk.wait(&page, "wartet auf Beschreibung");

    let unsure = desk.describe(&page, FIELDS);
    assert_eq!(unsure.status, 422);
    assert!(unsure.body.contains("Es fehlt die Bestätigung"), "{}", unsure.body);
    assert!(unsure.body.contains("Kaninchenstall"), "what was typed stays");
    let taken = desk.describe(&page, &format!("{FIELDS}&bestaetigt=ja&kuerzen=ja"));
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
    let draft = desk.clerk("GET", "/arbeitsplatz/sitzungen/rat-2021-06-21", &[], b"");
    assert!(draft.body.contains("Entwurf") && draft.body.contains("Kaninchenstall"));
    drop(desk);

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

#[test]
fn files_of_the_server_are_taken_only_from_where_they_may_lie() {
    let archive = Archive::new();
    let folder = tempfile::tempdir().unwrap();
    let file = recording(folder.path());
    let allowed = format!("recordings = [{:?}]\n", folder.path().display().to_string());
    let desk = DeskSite::start(&archive, &allowed);
    let take = |path: &str| {
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let form = format!("pfad={}", path.replace('/', "%2F"));
        desk.clerk("POST", "/arbeitsplatz/aufnahmen/pfad", &kind, form.as_bytes())
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
    let cut = desk.describe(&page, &format!("{FIELDS}&bestaetigt=ja&kuerzen=ja"));
    assert_eq!(cut.status, 422, "a file that is not ours is not deleted");
    assert_eq!(desk.describe(&page, &format!("{FIELDS}&bestaetigt=ja")).status, 303);
    desk.wait(&page, "Aufgenommen als Entwurf");
    assert!(file.is_file());
}
