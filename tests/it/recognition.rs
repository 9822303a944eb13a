//! Recognition as a clerk lives with it: killed and gone on with, in front of sound without speech,
//! cut into windows that explain themselves.

use std::f32::consts::TAU;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{Archive, ffmpeg, root};
use crate::shared::soak;

/// Settings under which a minute is many windows.
fn short_windows(folder: &Path) -> PathBuf {
    let path = folder.join("kurze-fenster.toml");
    std::fs::write(&path, "[windows]\nlongest_ms = 6000\n").unwrap();
    path
}

/// The first half minute of the demo meeting.
fn speech(folder: &Path) -> PathBuf {
    let path = folder.join("rede.wav");
    let source = root().join("fixtures/meetings/kreistag-demo/sitzung.mp4");
    ffmpeg(&["-i", source.to_str().unwrap(), "-t", "30", "-vn", "-ac", "1"], &path);
    path
}

fn lines(journal: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(journal.join("windows.jsonl")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    whole.lines().map(str::to_owned).collect()
}

#[test]
fn a_killed_run_goes_on_where_it_was_and_says_the_same() {
    let archive = Archive::new();
    let recording = speech(archive.dir());
    let settings = short_windows(archive.dir());
    let (settings, jobs) = (settings.to_str().unwrap(), 2);
    let recording = recording.to_str().unwrap();
    let arguments = |journal: &Path, output: &Path| -> Vec<String> {
        let [journal, output] = [journal, output].map(|p| p.to_str().unwrap().to_owned());
        let fixed =
            ["--config", settings, "transcribe", recording, "--jobs", "2", "--threads", "1"];
        let mut all: Vec<String> = fixed.map(str::to_owned).to_vec();
        all.extend(
            ["--json-progress", "--resume", &journal, "--output", &output].map(str::to_owned),
        );
        all
    };
    let run = |journal: &Path, output: &Path| {
        let arguments = arguments(journal, output);
        archive.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).expect(0)
    };
    let whole = (archive.dir().join("ganz"), archive.dir().join("ganz.json"));
    run(&whole.0, &whole.1);
    let all = lines(&whole.0);
    assert!(all.len() >= 5, "{} answers", all.len());

    let percents: &[usize] = if soak() { &[10, 50, 90] } else { &[30, 90] };
    for &percent in percents {
        let journal = archive.dir().join(format!("bis-{percent}"));
        let output = archive.dir().join(format!("bis-{percent}.json"));
        let enough = (all.len() * percent / 100).max(1);
        let mut child = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
            .current_dir(root())
            .args(arguments(&journal, &output))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while lines(&journal).len() < enough {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!output.exists(), "half a transcript");
        let before = lines(&journal);
        // As a kill of the machine would: half a line at the end.
        let torn = std::fs::OpenOptions::new().append(true).open(journal.join("windows.jsonl"));
        torn.unwrap().write_all(b"{\"key\":\"ab").unwrap();

        let again = run(&journal, &output);
        let same = std::fs::read(&output).unwrap() == std::fs::read(&whole.1).unwrap();
        assert!(same, "killed at {percent} %, the transcript is another");
        let after = lines(&journal);
        assert!(after[..before.len()] == before, "what was answered is kept");
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        assert!(sorted(after) == sorted(all.clone()), "just what was missing is asked");
        let end: serde_json::Value =
            serde_json::from_str(again.stderr.lines().rfind(|l| l.contains("\"end\"")).unwrap())
                .unwrap();
        let (windows, recalled) = (&end["windows"], &end["recalled"]);
        println!(
            "killed at {percent} %: {} of {} answers were there, {recalled} of {windows} windows \
             recalled whole, at most {jobs} redone",
            before.len(),
            all.len()
        );
    }
}

#[test]
fn windows_explain_themselves() {
    let archive = Archive::new();
    let recording = speech(archive.dir());
    let settings = short_windows(archive.dir());
    let (settings, recording) = (settings.to_str().unwrap(), recording.to_str().unwrap());
    let arguments = ["--config", settings, "transcribe", recording, "--explain"];
    let text = archive.run(&arguments).expect(0).stdout;
    assert!(text.contains("Fenster bis 6,00 s"), "{text}");
    let windows: Vec<_> = text.lines().filter(|l| l.contains("% Sprache")).collect();
    assert!(windows.len() > 4 && windows.iter().all(|w| w.contains("endet")), "{text}");
}

const RATE: usize = 16_000;

/// A WAV file of ten minutes.
fn ten_minutes(path: &Path, mut sample: impl FnMut(f32) -> f32) {
    let samples = 600 * RATE;
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let bytes = samples as u32 * 2;
    let mut put = |bytes: &[u8]| file.write_all(bytes).unwrap();
    put(b"RIFF");
    put(&(bytes + 36).to_le_bytes());
    put(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    put(&(RATE as u32).to_le_bytes());
    put(&(RATE as u32 * 2).to_le_bytes());
    put(b"\x02\0\x10\0data");
    put(&bytes.to_le_bytes());
    for n in 0..samples {
        let value = sample(n as f32 / RATE as f32).clamp(-1.0, 1.0);
        put(&((value * 32_000.0) as i16).to_le_bytes());
    }
}

/// Noise that is the same every time (xorshift).
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

/// Hundreds of hands: bursts of filtered noise, thickening and thinning out.
fn applause() -> impl FnMut(f32) -> f32 {
    let (mut noise, mut level, mut low, mut band) = (Noise(7), 0.0f32, 0.0f32, 0.0f32);
    move |t| {
        let crowd = 0.5 + 0.5 * (TAU * t / 20.0).sin();
        if noise.next() > 1.0 - 0.02 * crowd {
            level += 0.25 + 0.2 * noise.next().abs();
        }
        level *= 0.9985;
        // A band around 1.5 kHz, where clapping hands are loudest.
        band += 0.35 * (noise.next() - low - 0.6 * band);
        low += 0.35 * band;
        0.4 * level.min(1.0) * band
    }
}

/// Chords of four organ-like voices and a melody, in four-four time.
fn music() -> impl FnMut(f32) -> f32 {
    const CHORDS: [[f32; 4]; 4] = [
        [130.8, 261.6, 329.6, 392.0],
        [110.0, 220.0, 261.6, 329.6],
        [87.3, 174.6, 261.6, 349.2],
        [98.0, 196.0, 246.9, 392.0],
    ];
    const MELODY: [f32; 8] = [523.3, 587.3, 659.3, 784.0, 659.3, 587.3, 493.9, 523.3];
    let tone = |f: f32, t: f32| -> f32 {
        (1..=4).map(|k| (TAU * f * k as f32 * t).sin() / (k * k) as f32).sum()
    };
    move |t| {
        let chord = CHORDS[(t / 2.0) as usize % 4];
        let beat = t % 0.5;
        let note = MELODY[(t * 2.0) as usize % 8];
        let chords: f32 = chord.iter().map(|f| tone(*f, t)).sum();
        0.06 * chords + 0.15 * (-4.0 * beat).exp() * tone(note, t)
    }
}

/// Ten minutes of each through the real chain, loud and clear, and not a word of it.
#[test]
fn nobody_is_heard_where_nobody_speaks() {
    let mut hiss = Noise(3);
    let hum = move |t: f32| {
        let mains: f32 = [1.0, 2.0, 3.0, 5.0].iter().map(|k| (TAU * 50.0 * k * t).sin() / k).sum();
        0.1 * mains + 0.003 * hiss.next()
    };
    nobody_is_heard("silence", |_| 0.0);
    nobody_is_heard("hum", hum);
}

#[test]
fn nobody_is_heard_in_applause_and_music() {
    nobody_is_heard("applause", applause());
    nobody_is_heard("music", music());
}

fn nobody_is_heard(name: &str, sound: impl FnMut(f32) -> f32) {
    let archive = Archive::new();
    let path = archive.dir().join("ton.wav");
    ten_minutes(&path, sound);
    let output = archive.run(&["transcribe", path.to_str().unwrap()]).expect(0);
    let transcript = output.json();
    let count = |what: &str| transcript[what].as_array().unwrap().len();
    let (words, gaps, warnings) = (count("words"), count("gaps"), count("warnings"));
    println!("ten minutes of {name}: {words} words, {gaps} gaps, {warnings} warnings");
    assert_eq!(words, 0, "{name}");
    // The detector alone would have taken music for speech throughout, the others now and then.
    let left_out: i64 = transcript["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|w| w["kind"] == "outside_speech")
        .map(|w| w["end_ms"].as_i64().unwrap() - w["start_ms"].as_i64().unwrap())
        .sum();
    let expected = match name {
        "music" => 590_000..=600_000,
        "applause" => 48..=600_000,
        "silence" => 0..=0,
        _ => 0..=1_000,
    };
    assert!(expected.contains(&left_out), "{name}: {left_out} ms are told to be left out");
    assert!(gaps > 0);
    assert!(output.stderr.contains("keine Sprache"), "{}", output.stderr);
}
