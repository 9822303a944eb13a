//! Our own index, through the library and through the site.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::search::{GroupBy, SearchBackend, SearchRequest, Searcher};
use mitschnitt_index::{Index, MeetingDoc, Request, Vocabulary};

use crate::queries::Timed;
use crate::{Anyhow, Engine};

/// Passages of one commit, as the pipeline does it.
const BATCH: usize = 250_000;

pub struct Ours {
    folder: PathBuf,
    index: Index,
}

impl Ours {
    pub fn new(folder: &Path) -> Anyhow<Self> {
        let index = Index::open(&folder.join("index"))?.index;
        Ok(Self { folder: folder.to_owned(), index })
    }

    /// What only we have: pages, counts and suggestions.
    pub fn pages(&self, queries: &[String]) -> Anyhow<Vec<(&'static str, Timed)>> {
        let (searcher, _) = Searcher::open(&self.folder.join("index"))?;
        let page = |query: &str| SearchRequest {
            q: query.to_owned(),
            group: GroupBy::Debate,
            ..SearchRequest::default()
        };
        let whole = Timed::over(queries, |query| {
            searcher.search(&page(query))?;
            Ok(())
        })?;
        let counts = Timed::over(queries, |query| {
            self.index.search(&Request { q: query.to_owned(), ..Request::default() })?;
            Ok(())
        })?;
        let beginnings: Vec<String> = queries
            .iter()
            .flat_map(|query| (2..8).map(|letters| query.chars().take(letters).collect()))
            .collect();
        let completions = Timed::over(&beginnings, |beginning| {
            self.index.complete(beginning, 8)?;
            Ok(())
        })?;
        Ok(vec![
            ("whole page: groups, marks, times, facets, count", whole),
            ("facets and exact count", counts),
            ("completing", completions),
        ])
    }

    /// Answers queries, each a whole page of hits, one by one.
    pub fn answers(&self, queries: &[String]) -> Anyhow<Timed> {
        Timed::once(queries, |query| {
            self.index.search(&Request { q: query.to_owned(), limit: 20, ..Request::default() })?;
            Ok(())
        })
    }

    /// From the change of a meeting until it is found, and from its removal until it is gone.
    pub fn freshness(&self, mut meeting: MeetingDoc) -> Anyhow<(Duration, Duration)> {
        let id = meeting.id.clone();
        let total = || -> Anyhow<u64> {
            let request = Request { q: "Zwischenfrischwort".to_owned(), ..Request::default() };
            Ok(self.index.search(&request)?.total)
        };
        let passage = &mut meeting.passages[0];
        passage.words = ["Zwischenfrischwort"].into_iter().collect();
        passage.word_times.clear();
        // The first write takes the lock.
        self.index.put([])?;
        let began = Instant::now();
        self.index.put([meeting])?;
        let found = total()?;
        let put = began.elapsed();
        let began = Instant::now();
        self.index.remove(&id)?;
        let left = total()?;
        match (found, left) {
            (1, 0) => Ok((put, began.elapsed())),
            other => Err(format!("found and left: {other:?}").into()),
        }
    }

    /// The same through the site: the API's answer and the page.
    pub fn over_http(&self, queries: &[String]) -> Anyhow<()> {
        let server = Server::start(&self.folder)?;
        for (what, path) in
            [("HTTP: /api/v1/search", "/api/v1/search?q="), ("HTTP: /suche", "/suche?q=")]
        {
            let times =
                Timed::over(queries, |query| server.get(&format!("{path}{}", encoded(query))))?;
            println!("  {what:<48}{times:>28}");
        }
        Ok(())
    }
}

impl Engine for Ours {
    fn name(&self) -> &'static str {
        "mitschnitt"
    }

    fn fill(&mut self, meetings: Vec<MeetingDoc>) -> Anyhow<()> {
        let step = Vocabulary::step(meetings.len());
        let read = |meeting: &MeetingDoc| Ok::<_, mitschnitt_index::Error>(Some(meeting.clone()));
        let words = Vocabulary::of(meetings.iter().step_by(step), read)?;
        let passages: usize = meetings.iter().map(|meeting| meeting.passages.len()).sum();
        self.index.relearn(words, passages as u64)?;
        let mut meetings = meetings.into_iter().peekable();
        while meetings.peek().is_some() {
            let mut passages = 0;
            let batch = std::iter::from_fn(|| {
                let meeting = meetings.next_if(|_| passages < BATCH)?;
                passages += meeting.passages.len();
                Some(meeting)
            });
            self.index.put(batch)?;
        }
        Ok(self.index.release()?)
    }

    fn bytes(&self) -> Anyhow<u64> {
        folder_bytes(&self.folder.join("index"))
    }

    fn top(&self, query: &str) -> Anyhow<usize> {
        let request =
            Request { q: query.to_owned(), limit: 10, hits_only: true, ..Request::default() };
        Ok(self.index.rank(&request)?)
    }

    fn ranking(&self, query: &str) -> Anyhow<Vec<(String, u32)>> {
        let request =
            Request { q: query.to_owned(), limit: 400, hits_only: true, ..Request::default() };
        let mut ranking = Vec::new();
        for hit in self.index.search(&request)?.hits {
            let place = (hit.meeting.id, hit.order);
            if !ranking.contains(&place) {
                ranking.push(place);
            }
        }
        Ok(ranking)
    }
}

/// Bytes of the files in a folder.
pub fn folder_bytes(folder: &Path) -> Anyhow<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

/// The program's own server over the index.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Anyhow<Self> {
        // The site serves an archive; this one is empty, and the index beside it full.
        mitschnitt::store::Store::create(folder)?;
        let mut process = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some((_, rest)) = line.split_once("http://") {
                let end = rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(rest.len());
                return Ok(Self { process, address: rest[..end].to_owned() });
            }
        }
        Err("the server did not say where it listens".into())
    }

    fn get(&self, path: &str) -> Anyhow<()> {
        let mut stream = TcpStream::connect(&self.address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        match answer.starts_with(b"HTTP/1.1 200") {
            true => Ok(()),
            false => Err(format!("{path}: {}", String::from_utf8_lossy(&answer)).into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn encoded(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
