//! Peak resident memory of all processes for a short and a long recording.
//! `cargo bench --bench memory [-- MINUTES…]`; without minutes 30 and 360 (six hours).
//!
//! Every 50 ms the high-water mark (`VmHWM`) of the program and of everything it started is read;
//! the figure is the sum of these marks, each process at its own worst: never less than the truth.

mod assembly;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use assembly::Assembly;

const MODEL: &str = "fixtures/models/whisper-base-q8_0.bin";

fn main() -> io::Result<()> {
    let asked: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let lengths = if asked.is_empty() { vec![30, 360] } else { asked };
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join(MODEL);
    let model_mb = model.metadata()?.len() as f64 / 1e6;
    println!("model: {model_mb:.0} MB");
    let mut first = None;
    for minutes in lengths {
        let folder = tempfile::tempdir()?;
        let sound = Assembly::write(Duration::from_secs(60 * minutes), folder.path())?;
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
            .args(["-q", "transcribe", "--output"])
            .args([&folder.path().join("transcript.json"), &sound.wav])
            .arg("--resume")
            .arg(folder.path().join("journal"))
            .arg("--model")
            .arg(&model)
            .spawn()?;
        let mut marks: BTreeMap<u32, (String, u64)> = BTreeMap::new();
        let status = loop {
            watch(child.id(), &mut marks);
            match child.try_wait()? {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        if !status.success() {
            return Err(io::Error::other(format!("mitschnitt transcribe: {status}")));
        }
        let speed = (60 * minutes) as f64 / began.elapsed().as_secs_f64();
        let total = marks.values().map(|(_, kb)| *kb).sum::<u64>() as f64 * 1024.0 / 1e6;
        let each: Vec<String> = marks
            .values()
            .map(|(name, kb)| format!("{name} {} MB", kb * 1024 / 1_000_000))
            .collect();
        println!("{minutes} min: {total:.0} MB ({}), {speed:.1}× real time", each.join(" + "));
        println!("  above the model's size: {:.0} MB", total - model_mb);
        let first = *first.get_or_insert(total);
        println!("  beside the first: {:+.1} %", (total / first - 1.0) * 100.0);
    }
    Ok(())
}

/// Notes the high-water marks of a process and all that descend from it.
fn watch(root: u32, marks: &mut BTreeMap<u32, (String, u64)>) {
    let mut processes = vec![root];
    while let Some(id) = processes.pop() {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
        let mark = field("VmHWM:").and_then(|v| v.trim_end_matches(" kB").parse::<u64>().ok());
        if let (Some(name), Some(kb)) = (command(id).or(field("Name:").map(str::to_owned)), mark) {
            let known = marks.entry(id).or_insert((name, 0));
            known.1 = known.1.max(kb);
        }
        let threads = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
        for thread in threads {
            let children = std::fs::read_to_string(thread.path().join("children"));
            let children = children.unwrap_or_default();
            processes.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
}

/// Program and first argument: "mitschnitt engine".
fn command(id: u32) -> Option<String> {
    let line = std::fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?;
    let mut parts = line.split('\0').filter(|p| !p.is_empty());
    let program = Path::new(parts.next()?).file_name()?.to_str()?.to_owned();
    Some(
        parts
            .next()
            .filter(|p| !p.starts_with('-'))
            .map_or(program.clone(), |a| format!("{program} {a}")),
    )
}
