//! Wall time and word errors beside whisper.cpp's own program: same machine, model, sound and
//! threads, one after the other in turns. `cargo bench --bench speed [-- MINUTES]`.
//!
//! The peer is `whisper-cli` from `PATH` (nothing is built here); with `WHISPER_VAD_MODEL`, a
//! Silero model in ggml format, it is also run with its own voice activity detection. Figures are
//! ratios of the quickest of the rounds, because machines are noisy.

mod assembly;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::domain::Transcript;
use mitschnitt::eval::{self, WerScore, normalize};

use assembly::Assembly;

const MODEL: &str = "fixtures/models/whisper-base-q8_0.bin";
const ROUNDS: usize = 4;

fn main() -> io::Result<()> {
    let peer = Command::new("whisper-cli").arg("--help").stderr(Stdio::null()).output();
    if peer.is_err() {
        println!("skipped: whisper-cli (whisper.cpp's own program) is not in PATH");
        return Ok(());
    }
    let minutes = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(20);
    let folder = tempfile::tempdir()?;
    let sound = Assembly::write(Duration::from_secs(60 * minutes), folder.path())?;
    let said: Vec<String> =
        sound.words.iter().flat_map(|w| normalize::normalize(&w.word.text)).collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    println!("{minutes} min, {} words said, {threads} threads, model base", said.len());

    let vad = std::env::var_os("WHISPER_VAD_MODEL").map(PathBuf::from);
    let mut programs = vec![Program::Ours, Program::Peer];
    match vad {
        Some(model) => programs.push(Program::PeerWithVad(model)),
        None => println!("skipped: whisper-cli with VAD needs WHISPER_VAD_MODEL"),
    }
    let mut best = vec![f64::INFINITY; programs.len()];
    let mut scores = vec![WerScore::default(); programs.len()];
    for _ in 0..ROUNDS {
        for (n, program) in programs.iter().enumerate() {
            let (seconds, heard) = program.run(&sound.wav, threads, folder.path())?;
            best[n] = best[n].min(seconds);
            scores[n] = eval::wer(&said, &heard);
        }
    }
    for (n, program) in programs.iter().enumerate() {
        println!(
            "{}: {:.1} s, {:.1}× real time, {}",
            program.name(),
            best[n],
            (60 * minutes) as f64 / best[n],
            scores[n]
        );
    }
    for (n, program) in programs.iter().enumerate().skip(1) {
        println!("ours / {}: {:.2}", program.name(), best[0] / best[n]);
    }
    Ok(())
}

enum Program {
    Ours,
    Peer,
    PeerWithVad(PathBuf),
}

impl Program {
    fn name(&self) -> &'static str {
        match self {
            Self::Ours => "mitschnitt",
            Self::Peer => "whisper-cli",
            Self::PeerWithVad(_) => "whisper-cli with VAD",
        }
    }

    /// Wall time in seconds, start to end, and the normalised words.
    fn run(&self, wav: &Path, threads: usize, folder: &Path) -> io::Result<(f64, Vec<String>)> {
        let output = folder.join("output");
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join(MODEL);
        let threads = threads.to_string();
        let mut command = match self {
            Self::Ours => {
                let mut ours = Command::new(env!("CARGO_BIN_EXE_mitschnitt"));
                ours.args(["-q", "transcribe", "--jobs", &threads, "--threads", "1", "--output"]);
                ours.arg(output.with_extension("json"));
                ours
            }
            Self::Peer | Self::PeerWithVad(_) => {
                let mut peer = Command::new("whisper-cli");
                peer.args(["-l", "de", "-t", &threads, "-otxt", "-of"]).arg(&output);
                if let Self::PeerWithVad(model) = self {
                    peer.arg("--vad").arg("--vad-model").arg(model);
                }
                peer.arg("-f");
                peer
            }
        };
        let flag = if matches!(self, Self::Ours) { "--model" } else { "-m" };
        command.arg(wav).arg(flag).arg(model).stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let status = command.status()?;
        let seconds = began.elapsed().as_secs_f64();
        if !status.success() {
            return Err(io::Error::other(format!("{}: {status}", self.name())));
        }
        let heard = match self {
            Self::Ours => {
                let text = std::fs::read_to_string(output.with_extension("json"))?;
                let transcript: Transcript = serde_json::from_str(&text)?;
                transcript.words.iter().flat_map(|w| normalize::normalize(&w.text)).collect()
            }
            _ => {
                let text = std::fs::read(output.with_extension("txt"))?;
                normalize::words(&String::from_utf8_lossy(&text))
            }
        };
        Ok((seconds, heard))
    }
}
