//! Word times over hours: the demo meeting and a 2 h assembly of it through the real program.
//! `cargo bench --bench words`; `-- 20` for an assembly of 20 minutes, `-- compare` for the demo
//! meeting with the other ways to get word times beside; `-- compare TRUTH.json RECORDING` for another.

mod assembly;
mod rivals;

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mitschnitt::domain::{MediaTime, Transcript};
use mitschnitt::eval::{SaidWord, Truth, WordTimes};

use assembly::{Assembly, DEMO, Demo};

fn main() -> io::Result<()> {
    let demo = Demo::read()?;
    let video = Path::new(env!("CARGO_MANIFEST_DIR")).join(DEMO).join("sitzung.mp4");
    // Cargo passes `--bench` along.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.as_slice() {
        [compare] if compare == "compare" => return rivals::compare(&demo.words, &video),
        [compare, truth, recording] if compare == "compare" => {
            let truth: Truth = serde_json::from_str(&std::fs::read_to_string(truth)?)?;
            return rivals::compare(&truth.words, Path::new(recording));
        }
        _ => {}
    }
    let minutes = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(120);
    let folder = tempfile::tempdir()?;
    report("demo meeting", &demo.words, &video, folder.path())?;
    let long = Assembly::write(Duration::from_secs(60 * minutes), folder.path())?;
    report(&format!("{minutes} min of it"), &long.words, &long.wav, folder.path())
}

fn report(name: &str, said: &[SaidWord], recording: &Path, folder: &Path) -> io::Result<()> {
    let output = folder.join("transcript.json");
    let status = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
        .env("MITSCHNITT_DATA_DIR", folder)
        .args(["-q", "transcribe", "--format", "json", "--output"])
        .args([&output, recording])
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("mitschnitt transcribe: {status}")));
    }
    let mut heard: Transcript = serde_json::from_str(&std::fs::read_to_string(output)?)?;
    // Of the demo meeting's non-public end nothing is known.
    let end = said.last().map_or(MediaTime::ZERO, |said| said.word.end_ms);
    heard.words.retain(|w| w.start_ms <= end);
    println!("{name}: {}", WordTimes::compare(said, &heard.words));
    Ok(())
}
