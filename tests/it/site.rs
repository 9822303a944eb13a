//! The running site over an index that somebody damages: it goes on, and the search comes back
//! without a hand.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Archive;

/// Within this time the search answers rightly again.
const BOUND: Duration = Duration::from_secs(10);
const SPEECHES: u32 = 300;

/// The real program's `serve`.
struct Site {
    process: Child,
    address: String,
}

impl Site {
    fn start(archive: &Archive) -> Self {
        Self::start_logging(archive, Stdio::null())
    }

    /// Logs all there is to log.
    fn start_logging(archive: &Archive, log: impl Into<Stdio>) -> Self {
        let mut command = archive.command(&["-vvv", "serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/');
        Self { address: address.to_owned(), process }
    }

    /// Status and the whole answer.
    fn get(&mut self, path: &str) -> (u16, String) {
        assert_eq!(self.process.try_wait().unwrap(), None, "the server has ended");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer[9..12].parse().unwrap(), answer)
    }

    /// How many passages say a word that every speech says; none while the search does not answer.
    fn found(&mut self) -> Option<u64> {
        let (status, answer) = self.get("/api/v1/search?q=Glasfaser");
        if status == 503 {
            assert!(answer.to_lowercase().contains("retry-after: "), "{answer}");
            return None;
        }
        assert_eq!(status, 200, "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        // Chunks are framed by their lengths in lines of their own.
        let json: String = body.lines().filter(|line| line.starts_with('{')).collect();
        let answer: Value = serde_json::from_str(&json).unwrap();
        answer["total"].as_u64()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Invented.
fn speech(n: u32) -> Value {
    json!({
        "meeting": format!("kt-{}", n % 6), "date": "2023-05-04", "body": "Landkreis Musterland",
        "organization": "Kreistag", "order": n, "agenda_number": "5",
        "agenda_title": "Breitbandausbau", "paper": "MV-0029/23", "speaker": "Anna Muster",
        "party": "Musterpartei", "role": "member", "start_ms": null, "end_ms": null,
        "text": format!("Rede {n}: Wir brauchen Glasfaser bis in jedes Dorf, {} Euro kostet es.", n * 37),
        "video_url": "https://video.example/1",
    })
}

/// However much is logged, of visitors and what they look for there is nothing.
#[test]
fn the_log_says_what_was_asked_for_by_its_route_alone() {
    let archive = archive();
    let path = archive.dir().join("log");
    let mut site = Site::start_logging(&archive, File::create(&path).unwrap());
    let mut visitors = Vec::new();
    for address in [
        "/suche?q=Glasfaser+Zitterwort",
        "/api/v1/search?q=%22Zitterwort%22&party=Zitterwort",
        "/api/v1/suggest?q=Glasf",
        "/sitzung/kt-1?q=Glasfaser",
        "/sitzung/kt-1/wortlaut.txt?q=Zitterwort",
        "/sitzung/zitterwort",
        "/Zitterwort",
    ] {
        let mut stream = TcpStream::connect(&site.address).unwrap();
        visitors.push(format!(":{}", stream.local_addr().unwrap().port()));
        let head = format!("GET {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
    }
    assert_eq!(site.get("/sitzungen").0, 200);
    drop(site);
    let log = fs::read_to_string(&path).unwrap();
    for line in [
        r#"request{method=GET route="/suche"}: mitschnitt::web::shared::log: answered status=200 ms="#,
        r#"request{method=GET route="/sitzung/{id}" meeting="kt-1"}: mitschnitt::web::shared::log: answered"#,
        r#"request{method=GET route="none"}: mitschnitt::web::shared::log: answered status=404 ms="#,
    ] {
        assert!(log.contains(line), "nothing says {line}:\n{log}");
    }
    let lower = log.to_lowercase();
    for secret in ["zitterwort", "glasf", "jedes dorf"].map(str::to_owned).iter().chain(&visitors) {
        let line = lower.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

fn archive() -> Archive {
    let archive = Archive::new();
    let path = archive.dir().join("reden.jsonl");
    let lines: String = (0..SPEECHES).map(|n| format!("{}\n", speech(n))).collect();
    fs::write(&path, lines).unwrap();
    archive.run(&["import", path.to_str().unwrap()]).expect(0);
    archive
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Damage {
    Cut,
    Zeroed,
    Rubbish,
    Deleted,
}

const DAMAGES: [Damage; 4] = [Damage::Cut, Damage::Zeroed, Damage::Rubbish, Damage::Deleted];

impl Damage {
    fn inflict(self, path: &Path) {
        let length = fs::metadata(path).unwrap().len();
        let over = |bytes: Vec<u8>| {
            File::options().write(true).open(path).unwrap().write_all(&bytes).unwrap();
        };
        match self {
            Self::Cut => {
                File::options().write(true).open(path).unwrap().set_len(length / 2).unwrap()
            }
            Self::Zeroed => over(vec![0; length as usize]),
            Self::Rubbish => over((0..length).map(|n| (n * 131 % 251) as u8).collect()),
            Self::Deleted => fs::remove_file(path).unwrap(),
        }
    }
}

/// One file of each sort, by the end of its name.
fn sorts(index: &Path) -> Vec<(String, PathBuf)> {
    let mut sorts: Vec<(String, PathBuf)> = fs::read_dir(index)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let is_segment = !name.starts_with('.') && name != "meta.json";
            let sort = if is_segment { name.rsplit('.').next().unwrap() } else { &name };
            (sort.to_owned(), path)
        })
        .collect();
    sorts.sort();
    sorts.dedup_by(|a, b| a.0 == b.0);
    sorts
}

/// Waits until the index was made anew and the search answers rightly; gives how long that took.
fn comes_back(site: &mut Site, meta: &Path, before: &[u8], what: &str) -> Duration {
    let began = Instant::now();
    loop {
        assert_eq!(site.get("/sitzung/kt-1?q=Glasfaser").0, 200, "{what}: a meeting's page");
        let is_right = site.found() == Some(u64::from(SPEECHES));
        let is_new = fs::read(meta).is_ok_and(|now| now != before && now.ends_with(b"\n"));
        if is_right && is_new {
            return began.elapsed();
        }
        assert!(began.elapsed() < BOUND, "{what}: right: {is_right}, made anew: {is_new}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_damaged_index_comes_back_by_itself_and_ends_nothing() {
    let archive = archive();
    let index = archive.dir().join("index");
    let meta = index.join("meta.json");
    let mut site = Site::start(&archive);
    assert_eq!(site.found(), Some(u64::from(SPEECHES)));
    let all: Vec<String> = sorts(&index).into_iter().map(|(sort, _)| sort).collect();
    assert!(all.len() >= 8, "{all:?}");
    let every = std::env::var_os("MITSCHNITT_ALL_DAMAGES").is_some();
    let mut longest = (Duration::ZERO, String::new());
    for (n, sort) in all.iter().enumerate() {
        // Every file in two ways, every way with many files.
        let ways = DAMAGES.iter().cycle().skip(n * 2 % 4).take(if every { 4 } else { 2 });
        for damage in ways {
            let Some((_, path)) = sorts(&index).into_iter().find(|(s, _)| s == sort) else {
                continue; // a lock that nobody has taken since
            };
            let what = format!("{sort} {damage:?}");
            let is_lock = sort.ends_with(".lock");
            // Whether the file of a lock is there is all that it says.
            let before = if is_lock { Vec::new() } else { fs::read(&meta).unwrap() };
            damage.inflict(&path);
            let damaged =
                if sort == "meta.json" { fs::read(&meta).unwrap_or_default() } else { before };
            let took = comes_back(&mut site, &meta, &damaged, &what);
            longest = longest.max((took, what));
        }
    }
    let before = fs::read(&meta).unwrap();
    fs::remove_dir_all(&index).unwrap();
    let took = comes_back(&mut site, &meta, &before, "the whole folder");
    longest = longest.max((took, "the whole folder".to_owned()));
    println!("the longest time until the search was right again: {longest:?}");
    archive.run(&["index", "check"]).expect(0);
}
