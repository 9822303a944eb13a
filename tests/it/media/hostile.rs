//! Media files as an attacker, or a broken disk, would make them, two thousand of them in the long form
//! (`make soak`): nothing brings the program down, each comes to an end in its limits, decoded or with a
//! reason.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mitschnitt::domain::{ErrorKind, SoundChoice};
use mitschnitt::media;

use super::formats::FORMATS;
use super::{decoder, hear, open};
use crate::harness::{files as files_below, root};
use crate::shared::soak;

/// How many files are made in the long form and in the short one, which has several of every format.
const FILES: [usize; 2] = [2_000, 120];

/// Any mutant is one of this series; a failing one is named by its number.
const SEED: u64 = 20_210_621;

/// No file may take longer: the decoder's patience, and its second try.
const LONGEST: Duration = Duration::from_secs(180);

/// What takes longer is named, for whoever looks for the reason.
const SLOW: Duration = Duration::from_secs(10);

/// No process of ours may hold more, in KiB: its address space is limited to as much.
const MOST_MEMORY: u64 = 1 << 20;

#[test]
fn mutated_files_are_decoded_or_refused_within_their_limits() {
    let folder = tempfile::tempdir().unwrap();
    let originals = originals(folder.path());
    // One of them alone, by its number.
    let files = FILES[usize::from(!soak())];
    let only: Option<usize> = std::env::var("MITSCHNITT_MUTANT").ok().map(|n| n.parse().unwrap());
    let (first, end) = only.map_or((0, files), |n| (n, n + 1));
    let (next, done) = (AtomicUsize::new(first), AtomicBool::new(false));
    let tally = Mutex::new(Tally::default());
    let (memory, free) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&done));
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= end {
                            break;
                        }
                        let (name, bytes) = mutant(number as u64, &originals);
                        let path = folder.path().join(format!("{number}-{name}"));
                        std::fs::write(&path, bytes).unwrap();
                        let fate = fate(number, &path);
                        std::fs::remove_file(&path).unwrap();
                        tally.lock().unwrap().note(&path, fate);
                    }
                })
            })
            .collect();
        let ended: Vec<_> = workers.into_iter().map(|w| w.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(|w| w.is_ok()), "a file brought a worker down");
        watch.join().unwrap()
    });
    let tally = tally.into_inner().unwrap();
    let (slowest, file) = &tally.slowest;
    println!(
        "{} files: {} decoded, {} refused, of these {} broke off; the decoder's process was lost for \
         good {} times; slowest {slowest:.1?} ({file}); greatest memory {} MiB ({})",
        end - first,
        tally.decoded,
        tally.refused,
        tally.broken_off,
        tally.lost,
        memory.0 >> 10,
        memory.1,
    );
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(free.is_empty(), "without limits: {free:?}");
    assert_eq!(tally.decoded + tally.refused, end - first);
    if only.is_none() {
        // Else the mutations are too weak or too strong to tell anything.
        assert!(tally.decoded > files / 20 && tally.refused > files / 20);
    }
    assert!(memory.0 > 0 && memory.0 < MOST_MEMORY, "{memory:?}");
}

struct Fate {
    outcome: Result<usize, mitschnitt::domain::Error>,
    probed: Option<Result<media::MediaInfo, mitschnitt::domain::Error>>,
    took: Duration,
}

fn fate(number: usize, path: &Path) -> Fate {
    let start = Instant::now();
    // Opening reads the headers as well; asking for them alone is tried on some.
    let probed = number.is_multiple_of(4).then(|| media::probe(path, &decoder()));
    let outcome = open(path, &SoundChoice::default()).and_then(|mut s| hear(&mut s));
    Fate { outcome: outcome.map(|s| s.len()), probed, took: start.elapsed() }
}

#[derive(Default)]
struct Tally {
    decoded: usize,
    refused: usize,
    broken_off: usize,
    lost: usize,
    slowest: (Duration, String),
    wrong: Vec<String>,
}

impl Tally {
    fn note(&mut self, path: &Path, fate: Fate) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if fate.took > SLOW {
            println!("{name}: {:.1?}, {:?}", fate.took, fate.outcome);
        }
        if fate.took > self.slowest.0 {
            self.slowest = (fate.took, name.clone());
        }
        if fate.took > LONGEST {
            self.wrong.push(format!("{name} took {:?}", fate.took));
        }
        if let Some(Err(error)) = &fate.probed {
            self.reason(&name, error);
        }
        match fate.outcome {
            Ok(_) => self.decoded += 1,
            Err(error) => {
                self.refused += 1;
                let said = error.to_string();
                self.broken_off += usize::from(said.contains("bricht ab"));
                let lost = ["abgestürzt", "nicht weiter", "unverständlich"];
                if lost.iter().any(|l| said.contains(l)) {
                    self.lost += 1;
                    println!("{said}");
                }
                self.reason(&name, &error);
            }
        }
    }

    /// A reason names the file and what is wrong with it, and blames the input.
    fn reason(&mut self, name: &str, error: &mitschnitt::domain::Error) {
        let said = error.to_string();
        let reasoned = said.split_once(name).is_some_and(|(_, why)| why.trim().len() > 20);
        if error.kind() != ErrorKind::BadInput || !reasoned {
            self.wrong.push(format!("{name}: {:?}: {said}", error.kind()));
        }
    }
}

/// Short recordings of every format, and the recorded voices.
fn originals(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let source = "sine=f=440:d=1.2:r=48000,volume=0.5";
    let made: Vec<PathBuf> = FORMATS.iter().map(|f| f.make(source, folder)).collect();
    let mut voices = files_below(&root().join("fixtures/audio"));
    voices.retain(|p| p.extension().is_some_and(|e| e == "webm"));
    voices.sort();
    voices.truncate(6);
    let name = |p: &PathBuf| p.file_name().unwrap().to_str().unwrap().to_owned();
    made.iter().chain(&voices).map(|p| (name(p), std::fs::read(p).unwrap())).collect()
}

/// Mutant number so-and-so: a name and its bytes.
fn mutant(number: u64, originals: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let mut chance = Chance(SEED ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (name, bytes) = &originals[number as usize % originals.len()];
    let mut bytes = bytes.clone();
    for _ in 0..=chance.below(3) {
        mutate(&mut bytes, originals, &mut chance);
    }
    if bytes.is_empty() {
        bytes.push(0);
    }
    (name.clone(), bytes)
}

fn mutate(bytes: &mut Vec<u8>, originals: &[(String, Vec<u8>)], chance: &mut Chance) {
    // Headers are where a decoder believes what it reads; half of all hits go there.
    let region = if chance.below(2) == 0 { bytes.len().min(2_048) } else { bytes.len() };
    let at = chance.below(region.max(1)).min(bytes.len().saturating_sub(1));
    // Mostly short, sometimes long.
    let longest = 1 + chance.below(4_096);
    let run = (1 + chance.below(longest)).min(bytes.len() - at);
    match chance.below(9) {
        0 | 1 => {
            for _ in 0..=chance.below(40) {
                let at = chance.below(region.max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
        }
        2 => bytes.truncate(at),
        3 => bytes[at..at + run].fill([0, 0xFF][chance.below(2)]),
        4 => {
            let piece = bytes[at..at + run].to_vec();
            let times = 1 + chance.below(8);
            bytes.splice(at..at, piece.repeat(times));
        }
        5 => drop(bytes.drain(at..at + run)),
        6 | 7 => inflate(bytes, at, chance),
        _ => {
            let other = &originals[chance.below(originals.len())].1;
            bytes.truncate(at);
            bytes.extend_from_slice(&other[chance.below(other.len())..]);
        }
    }
}

/// Names of boxes, chunks and elements that stand beside their sizes and counts.
const NAMES: [&[u8]; 24] = [
    b"moov",
    b"trak",
    b"mdia",
    b"stbl",
    b"stsd",
    b"stts",
    b"stsc",
    b"stsz",
    b"stco",
    b"elst",
    b"mdhd",
    b"mvhd",
    b"mp4a",
    b"esds",
    b"trun",
    b"data",
    b"fmt ",
    b"LIST",
    b"fLaC",
    b"OggS",
    b"Xing",
    b"\x1A\x45\xDF\xA3",
    b"\x16\x54\xAE\x6B",
    b"\x1F\x43\xB6\x75",
];

/// Makes a number of a header huge: at a known name where there is one, else anywhere.
fn inflate(bytes: &mut [u8], anywhere: usize, chance: &mut Chance) {
    let places: Vec<usize> = (NAMES.iter())
        .filter_map(|name| bytes.windows(4).position(|w| w == *name))
        .flat_map(|at| [at.saturating_sub(4), at + 4, at + 8, at + 12, at + 16])
        .collect();
    let at = if places.is_empty() { anywhere } else { places[chance.below(places.len())] };
    let huge: [u32; 6] =
        [u32::MAX, i32::MAX as u32, 0x7FFF_FF00, 1 << 28, 0x00FF_FFFF, 0x8000_0000];
    let huge = huge[chance.below(huge.len())];
    let number = if chance.below(2) == 0 { huge.to_be_bytes() } else { huge.to_le_bytes() };
    for (byte, new) in bytes.iter_mut().skip(at).zip(number) {
        *byte = new;
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % limit.max(1) as u64) as usize
    }
}

/// Watches, until it is done, what the kernel says of every process below this one: the greatest
/// `VmHWM` in KiB and whose it is, and which ffmpeg ran without limits. It is a high-water mark, so that only its last rise may go unseen.
fn watch(done: &AtomicBool) -> ((u64, String), Vec<String>) {
    let mut most = (0, String::new());
    let mut free = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let mut waiting = vec![std::process::id()];
        while let Some(parent) = waiting.pop() {
            let tasks = std::fs::read_dir(format!("/proc/{parent}/task"));
            for task in tasks.into_iter().flatten().flatten() {
                let listed = std::fs::read_to_string(task.path().join("children"));
                for child in listed.unwrap_or_default().split_whitespace() {
                    let child: u32 = child.parse().unwrap();
                    // Other tests start programs of their own, ffmpeg among them.
                    if parent == std::process::id() && !is_decoder(child) {
                        continue;
                    }
                    waiting.push(child);
                    let Ok(status) = std::fs::read_to_string(format!("/proc/{child}/status"))
                    else {
                        continue;
                    };
                    let field = |name: &str| {
                        let line = status.lines().find_map(|l| l.strip_prefix(name));
                        line.unwrap_or_default().trim().to_owned()
                    };
                    let peak = field("VmHWM:").trim_end_matches(" kB").parse().unwrap_or(0);
                    // ffmpeg is started by the confined decoder only, and inherits its limits.
                    let name = field("Name:");
                    if name.starts_with("ff") && !is_limited(child) {
                        free.push(format!("{name}, process {child}"));
                    }
                    // Between fork and exec it is this test's own memory that is counted.
                    if peak > most.0 && ["mitschnitt", "ffmpeg", "ffprobe"].contains(&name.as_str())
                    {
                        most = (peak, name);
                    }
                }
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    (most, free)
}

/// Whether a process is `mitschnitt decoder`.
fn is_decoder(process: u32) -> bool {
    let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(1) == Some(b"decoder")
}

/// Whether the kernel holds a process to the address space of the decoder; one that has gone is.
fn is_limited(process: u32) -> bool {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap_or_default();
    let mut lines = limits.lines();
    lines.find(|l| l.starts_with("Max address space")).is_none_or(|l| l.contains("1073741824"))
}
