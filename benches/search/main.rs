//! Search over a million passages of real debates: how fast, and how well by judged queries, beside
//! SQLite FTS5 and Tantivy with its stock German analyzer over the same passages in the same run.
//! `cargo bench --bench search`; `-- 200000` for fewer passages, `-- relevance` or `-- speed` for that
//! part only, `-- ours` without the other engines, `-- in=FOLDER` to keep the indexes there and to
//! search those that are there already. Needs 4 GB of memory and the shared speeches
//! (`MITSCHNITT_SHARED`, else `../shared`).

mod corpus;
mod fts5;
mod ours;
mod queries;
#[path = "../../tests/it/shared.rs"]
mod shared;
mod stock;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mitschnitt::eval::{JudgedQuery, RankingScore};
use mitschnitt_index::MeetingDoc;

use corpus::Corpus;
use queries::Timed;

/// Queries that nobody types on purpose.
const HOSTILE: usize = 10_000;

type Anyhow<T> = Result<T, Box<dyn std::error::Error>>;

/// A search engine over the passages of a corpus.
trait Engine {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// Puts meetings in, all searchable at the end and nothing left to do.
    fn fill(&mut self, meetings: Vec<MeetingDoc>) -> Anyhow<()>;
    /// Bytes on disk.
    fn bytes(&self) -> Anyhow<u64>;
    /// Finds the ten best passages; gives how many it found.
    fn top(&self, query: &str) -> Anyhow<usize>;
    /// The speeches that answer best, in order, each once.
    fn ranking(&self, query: &str) -> Anyhow<Vec<(String, u32)>>;
}

fn main() -> Anyhow<()> {
    let Some(folder) = shared::shared("data/search") else { return Ok(()) };
    let options = Options::read();
    let corpus = Corpus::read(&folder)?;
    let judged: Vec<JudgedQuery> =
        serde_json::from_slice(&std::fs::read(folder.join("queries.json"))?)?;
    if options.relevance {
        relevance(&corpus, &judged, &options)?;
    }
    if options.speed {
        speed(corpus.enlarged(options.passages), &judged, &options)?;
    }
    Ok(())
}

/// What is measured.
struct Options {
    passages: usize,
    relevance: bool,
    speed: bool,
    rivals: bool,
    /// Where the indexes of the measurement of speed stay.
    folder: Option<PathBuf>,
}

impl Options {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let has = |word: &str| arguments.iter().any(|argument| argument == word);
        Self {
            passages: arguments.iter().find_map(|a| a.parse().ok()).unwrap_or(1_000_000),
            relevance: !has("speed"),
            speed: !has("relevance"),
            rivals: !has("ours"),
            folder: arguments.iter().find_map(|a| a.strip_prefix("in=")).map(PathBuf::from),
        }
    }

    /// The engines, each in a folder of its own.
    fn engines(&self, folder: &Path) -> Anyhow<Vec<Box<dyn Engine>>> {
        let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(ours::Ours::new(folder)?)];
        if self.rivals {
            engines.push(Box::new(stock::Stock::new(folder)?));
            engines.push(Box::new(fts5::Fts5::new(folder)?));
        }
        Ok(engines)
    }
}

fn relevance(corpus: &Corpus, judged: &[JudgedQuery], options: &Options) -> Anyhow<()> {
    println!("{} passages, {} judged queries\n", corpus.passages(), judged.len());
    let folder = tempfile::tempdir()?;
    for mut engine in options.engines(folder.path())? {
        engine.fill(corpus.meetings().collect())?;
        let mut score = RankingScore::default();
        for query in judged {
            score += RankingScore::of(query, &engine.ranking(&query.query)?);
        }
        println!("{}\n{score}\n", engine.name());
    }
    Ok(())
}

fn speed(corpus: Corpus, judged: &[JudgedQuery], options: &Options) -> Anyhow<()> {
    let passing = tempfile::tempdir()?;
    let folder = options.folder.as_deref().unwrap_or(passing.path());
    let is_there = folder.join("index").exists();
    let text = corpus.text_bytes() as f64;
    println!("{} passages, {:.0} MB of text", corpus.passages(), text / 1e6);
    let kinds = queries::kinds(&corpus, judged);
    println!("times in ms as p50 / p99 / longest, two cores, warm\n");
    for mut engine in options.engines(folder)? {
        match is_there {
            true => println!("{}, as it is there", engine.name()),
            false => {
                // Made before: making them is not what is measured.
                let meetings = corpus.meetings().collect();
                let began = Instant::now();
                engine.fill(meetings)?;
                let rate = corpus.passages() as f64 / began.elapsed().as_secs_f64();
                let size = engine.bytes()? as f64 / text;
                println!("{}: {rate:.0} passages/s, {size:.2} × the text's bytes", engine.name());
            }
        }
        let mut all = Vec::new();
        for asked in &kinds {
            let times = Timed::over(&asked.queries, |query| engine.top(query).map(|_| ()))?;
            println!("  top 10, {:<40}{times:>28}", asked.kind);
            all.extend(times.times());
        }
        println!("  top 10, {:<40}{:>28}\n", "all of these", Timed::of(all));
    }
    // Its rivals have no pages, facets or suggestions to compare.
    let index = ours::Ours::new(folder)?;
    let queries: Vec<String> = kinds.into_iter().flat_map(|asked| asked.queries).collect();
    let hostile = queries::hostile(&corpus, HOSTILE);
    let meeting = corpus.meetings().next().ok_or("no meeting")?;
    drop(corpus);
    println!("mitschnitt, all of these queries");
    for (what, times) in index.pages(&queries)? {
        println!("  {what:<48}{times:>28}");
    }
    println!("  {HOSTILE} {:<42}{:>28}", "hostile queries", index.answers(&hostile)?);
    let (put, removed) = index.freshness(meeting)?;
    println!(
        "  a changed meeting is found after {:.0} ms, a removed one is gone after {:.0} ms",
        milliseconds(put),
        milliseconds(removed)
    );
    index.over_http(&queries)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
