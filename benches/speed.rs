//! Wall and processor time and word errors beside whisper.cpp's own program and faster-whisper: same machine,
//! weights, sound and threads, one after the other in turns. `cargo bench --bench speed [-- MINUTES]`.
//!
//! `whisper-cli` is taken from `PATH` (nothing is built here); with `WHISPER_VAD_MODEL`, a Silero model in
//! ggml format, it is also run with its own voice activity detection. faster-whisper is taken from the Python
//! that `FASTER_WHISPER_PYTHON` names, with the same weights for CTranslate2 in the folder
//! `FASTER_WHISPER_MODEL`: int8, batched, with its voice activity detection and five beams. Who is not here
//! is skipped with a message. The sound is a human voice where the shared data has it and no minutes are
//! asked for, else the demo meeting. Figures are medians of the rounds, because machines are noisy.

mod assembly;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mitschnitt::domain::Transcript;
use mitschnitt::eval::{self, WerScore, normalize};

use assembly::Assembly;

const MODEL: &str = "fixtures/models/whisper-base-q8_0.bin";
const ROUNDS: usize = 3;
/// Processor time of this process's ended children is counted in so many ticks a second (Linux).
const TICKS: f64 = 100.0;

fn main() -> io::Result<()> {
    let asked = std::env::args().skip(1).find_map(|a| a.parse::<u64>().ok());
    let folder = tempfile::tempdir()?;
    let (sound, said) = match human(folder.path())?.filter(|_| asked.is_none()) {
        Some(human) => human,
        None => {
            let length = Duration::from_secs(60 * asked.unwrap_or(20));
            let sound = Assembly::write(length, folder.path())?;
            let said =
                sound.words.iter().flat_map(|w| normalize::normalize(&w.word.text)).collect();
            (sound.wav, said)
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    println!("{}, {} words said, {threads} threads, model base", sound.display(), said.len());

    let mut programs = vec![Program::Ours];
    match Command::new("whisper-cli").arg("--help").stderr(Stdio::null()).output() {
        Ok(_) => programs.push(Program::Peer),
        Err(_) => println!("skipped: whisper-cli (whisper.cpp's own program) is not in PATH"),
    }
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from);
    match of("WHISPER_VAD_MODEL").filter(|_| programs.len() > 1) {
        Some(model) => programs.push(Program::PeerWithVad(model)),
        None => println!("skipped: whisper-cli with VAD needs WHISPER_VAD_MODEL"),
    }
    match of("FASTER_WHISPER_PYTHON").zip(of("FASTER_WHISPER_MODEL")) {
        Some((python, model)) => programs.push(Program::FasterWhisper { python, model }),
        None => {
            println!("skipped: faster-whisper needs FASTER_WHISPER_PYTHON and FASTER_WHISPER_MODEL")
        }
    }
    let mut walls = vec![Vec::new(); programs.len()];
    let mut processors = vec![Vec::new(); programs.len()];
    let mut scores = vec![WerScore::default(); programs.len()];
    for _ in 0..ROUNDS {
        for (n, program) in programs.iter().enumerate() {
            let before = children_seconds();
            let (seconds, heard) = program.run(&sound, threads, folder.path())?;
            walls[n].push(seconds);
            processors[n].push(children_seconds() - before);
            scores[n] = eval::wer(&said, &heard);
        }
    }
    let walls: Vec<f64> = walls.into_iter().map(median).collect();
    let processors: Vec<f64> = processors.into_iter().map(median).collect();
    for (n, program) in programs.iter().enumerate() {
        let (wall, processor) = (walls[n], processors[n]);
        println!("{}: {wall:.1} s, processor {processor:.1} s, {}", program.name(), scores[n]);
    }
    for (n, program) in programs.iter().enumerate().skip(1) {
        println!(
            "ours / {}: {:.2}, processor {:.2}",
            program.name(),
            walls[0] / walls[n],
            processors[0] / processors[n]
        );
    }
    Ok(())
}

/// Twenty minutes of a human voice and what it says, where they are on this machine; as a WAV, which all
/// programs read.
fn human(folder: &Path) -> io::Result<Option<(PathBuf, Vec<String>)>> {
    let asked = std::env::var_os("MITSCHNITT_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = asked.unwrap_or_else(beside).join("data/real-speech");
    let Ok(text) = std::fs::read(shared.join("long.json")) else { return Ok(None) };
    let sentences: Vec<serde_json::Value> = serde_json::from_slice(&text)?;
    let texts = sentences.iter().filter_map(|sentence| sentence["text"].as_str());
    let said = texts.flat_map(normalize::words).collect();
    let wav = folder.join("human.wav");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(shared.join("long.webm"));
    let status = ffmpeg.args(["-ac", "1", "-ar", "16000"]).arg(&wav).status()?;
    Ok(status.success().then_some((wav, said)))
}

/// Seconds of processor time of all children that have ended.
fn children_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    // cutime and cstime, fields 16 and 17 of all.
    let ticks = fields.split_whitespace().skip(13).take(2);
    ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Hears a file with faster-whisper: model, sound, output, threads.
const FASTER_WHISPER: &str = "\
import sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
model, sound, output, threads = sys.argv[1:]
model = WhisperModel(model, device='cpu', compute_type='int8', cpu_threads=int(threads))
segments, _ = BatchedInferencePipeline(model).transcribe(sound, language='de', beam_size=5, batch_size=8)
with open(output, 'w') as file:
    file.writelines(segment.text + '\\n' for segment in segments)
";

enum Program {
    Ours,
    Peer,
    PeerWithVad(PathBuf),
    FasterWhisper { python: PathBuf, model: PathBuf },
}

impl Program {
    fn name(&self) -> &'static str {
        match self {
            Self::Ours => "mitschnitt",
            Self::Peer => "whisper-cli",
            Self::PeerWithVad(_) => "whisper-cli with VAD",
            Self::FasterWhisper { .. } => "faster-whisper",
        }
    }

    /// Wall time in seconds, start to end, and the normalised words.
    fn run(&self, wav: &Path, threads: usize, folder: &Path) -> io::Result<(f64, Vec<String>)> {
        let output = folder.join("output");
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join(MODEL);
        let threads = threads.to_string();
        let flag = if matches!(self, Self::Ours) { "--model" } else { "-m" };
        let mut command = match self {
            Self::FasterWhisper { python, model } => {
                let mut peer = Command::new(python);
                peer.args(["-c", FASTER_WHISPER]).args([model, wav]);
                peer.arg(output.with_extension("txt")).arg(&threads);
                peer
            }
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
        if !matches!(self, Self::FasterWhisper { .. }) {
            command.arg(wav).arg(flag).arg(model);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
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
