//! Whether alignment stays linear: the demo meeting against itself four times as long, in one run,
//! because machines differ and ratios do not. `cargo bench --bench align`

use std::path::Path;
use std::time::{Duration, Instant};

use mitschnitt::domain::{
    Council, Engine, MediaRef, MediaTime, TRANSCRIPT_FORMAT, Transcript, Utterance, Word,
};
use mitschnitt::eval::Truth;
use mitschnitt::{align, ingest};

const ROUNDS: usize = 5;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/meetings/kreistag-demo");
    let truth = std::fs::read_to_string(folder.join("truth.json")).expect("the demo's truth");
    let truth: Truth = serde_json::from_str(&truth).expect("a truth file");
    let mut meetings = ingest::read(&folder.join("meeting.toml"));
    let council = meetings.remove(0).expect("the demo meeting").council;
    let (short, long) = (repeated(&truth.words, 8), repeated(&truth.words, 32));
    let (mut least_short, mut least_long) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        least_short = least_short.min(timed(&short, &council));
        least_long = least_long.min(timed(&long, &council));
    }
    let hours = |t: &Transcript| t.media.duration_ms.as_secs_f64() / 3600.0;
    println!("{:.1} h: {:.0} ms", hours(&short), least_short.as_secs_f64() * 1000.0);
    println!("{:.1} h: {:.0} ms", hours(&long), least_long.as_secs_f64() * 1000.0);
    let ratio = least_long.as_secs_f64() / least_short.as_secs_f64();
    println!("four times as long takes {ratio:.2} times as long (linear: 4)");
}

fn timed(transcript: &Transcript, council: &Council) -> Duration {
    let began = Instant::now();
    std::hint::black_box(align::align(transcript, council, &[]));
    began.elapsed()
}

/// The words said over and over, on one time line.
fn repeated(words: &[Word], times: u64) -> Transcript {
    let length = words.last().map_or(0, |w| w.end_ms.millis()) + 2000;
    let words: Vec<Word> = (0..times)
        .flat_map(|n| {
            words.iter().map(move |w| Word {
                start_ms: w.start_ms.plus_millis(n * length),
                end_ms: w.end_ms.plus_millis(n * length),
                ..w.clone()
            })
        })
        .collect();
    let utterances = (0..words.len().div_ceil(12)).map(|i| Utterance {
        first_word: i * 12,
        n_words: 12.min(words.len() - i * 12),
        speaker_label: None,
    });
    Transcript {
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef { sha256: None, duration_ms: MediaTime::from_millis(times * length) },
        engine: Engine::named("truth"),
        language: "de".into(),
        utterances: utterances.collect(),
        words,
        gaps: Vec::new(),
        warnings: Vec::new(),
    }
}
