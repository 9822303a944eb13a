//! Long recordings for benchmarks, assembled from the public part of the demo meeting with true
//! word times. Owns how passes are put together; refuses to measure anything.
//!
//! The meeting is cut in the middle of its pauses. It is said over and over, and at every cut a
//! stretch of its own room sound is put in that is of another length each time, so that no two
//! passes fall into windows in the same way. Sound is streamed to the file: six hours need no more
//! memory than one pass.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mitschnitt::domain::{MediaTime, PublicSpans, Word};
use mitschnitt::eval::{SaidWord, Truth};
use mitschnitt::{ingest, media};

/// The demo meeting.
pub const DEMO: &str = "fixtures/meetings/kreistag-demo";

const RATE: usize = media::SAMPLE_RATE as usize;
const SAMPLES_PER_MS: usize = RATE / 1000;
/// Between words this far apart, in milliseconds, one sentence has ended: one may cut, where it is
/// known exactly when the next one starts.
const PAUSE_MS: u64 = 240;
/// Sound this near to a word, in milliseconds, is not the room's alone.
const MARGIN_MS: u64 = 100;
/// At most this much is put into a pause, in milliseconds.
const LONGEST_EXTRA_MS: u64 = 400;
/// At most this much between two passes, in milliseconds.
const LONGEST_BREAK_MS: u64 = 4000;

/// A recording on disk and what is said in it.
pub struct Assembly {
    /// 16-bit mono PCM at 16 kHz.
    pub wav: PathBuf,
    /// Every word that is said, on the recording's time line.
    pub words: Vec<SaidWord>,
}

impl Assembly {
    /// Writes a recording of exactly `target`, a whole number of milliseconds, to
    /// `folder/assembly-{seconds}s.wav`. Ends between two sentences, then in room sound; the same
    /// length always gives the same file.
    pub fn write(target: Duration, folder: &Path) -> io::Result<Self> {
        let demo = Demo::read()?;
        let wav = folder.join(format!("assembly-{}s.wav", target.as_secs()));
        let length = target.as_millis() as usize * SAMPLES_PER_MS;
        let mut line = Line {
            file: BufWriter::new(File::create(&wav)?),
            written: 0,
            words: Vec::new(),
            room_at: 0,
            dice: Dice(29),
        };
        line.file.write_all(&header(length as u32 * 2))?;
        'passes: for pass in 0u64.. {
            if pass > 0 {
                let ms = line.dice.roll(LONGEST_BREAK_MS);
                line.room(ms as usize * SAMPLES_PER_MS, &demo)?;
            }
            for piece in &demo.pieces {
                let extra = if pass > 0 { line.dice.roll(LONGEST_EXTRA_MS) } else { 0 };
                let extra = extra as usize * SAMPLES_PER_MS;
                if line.written + extra + piece.samples.len() > length {
                    break 'passes;
                }
                line.room(extra, &demo)?;
                line.piece(piece, &demo)?;
            }
        }
        let rest = length - line.written;
        line.room(rest, &demo)?;
        line.file.flush()?;
        Ok(Self { wav, words: line.words })
    }

    /// The truth as the file that `mitschnitt eval` reads.
    #[allow(dead_code)] // not every benchmark asks for it
    pub fn truth_json(&self) -> String {
        let truth = Truth { words: self.words.clone(), ..Truth::default() };
        serde_json::to_string(&truth).expect("a truth is always JSON")
    }
}

/// The public part of the demo meeting: its sound, its sentences, its room.
pub struct Demo {
    /// Every word said in it.
    pub words: Vec<SaidWord>,
    samples: Vec<i16>,
    pieces: Vec<Piece>,
    /// Stretches in which nobody speaks, in samples.
    room: Vec<Range<usize>>,
}

/// From the middle of one pause to the middle of the next.
struct Piece {
    samples: Range<usize>,
    words: Range<usize>,
}

impl Demo {
    /// Decodes the public part.
    pub fn read() -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(DEMO);
        let truth = std::fs::read_to_string(folder.join("truth.json"))?;
        let truth: Truth = serde_json::from_str(&truth)?;
        let meeting = ingest::read(&folder.join("meeting.toml")).remove(0).map_err(other)?;
        let source = &meeting.recordings[0];
        let public = source.public.clone().unwrap_or(PublicSpans::WHOLE);
        let mut sound = media::open(&source.path, &public, &source.sound, &media::Decoder::Here)
            .map_err(other)?;
        let mut samples = Vec::new();
        while let Some(block) = sound.next_block().map_err(other)? {
            samples.extend(block.iter().map(|s| (s * 32767.0).round() as i16));
        }
        let end = public.within(MediaTime::from_millis((samples.len() / SAMPLES_PER_MS) as u64));
        let end = end.last().map_or(0, |s| s.end().millis() as usize * SAMPLES_PER_MS);
        samples.truncate(end);
        let (pieces, room) = pieces(&truth.words, samples.len());
        Ok(Self { words: truth.words, samples, pieces, room })
    }
}

fn pieces(words: &[SaidWord], length: usize) -> (Vec<Piece>, Vec<Range<usize>>) {
    let at = |ms: u64| ms as usize * SAMPLES_PER_MS;
    let (mut pieces, mut room) = (Vec::new(), Vec::new());
    let (mut from, mut first) = (0, 0);
    for (i, pair) in words.windows(2).enumerate() {
        let (quiet, loud) = (pair[0].word.end_ms.millis(), pair[1].word.start_ms.millis());
        if pair[1].estimated || loud < quiet + PAUSE_MS {
            continue;
        }
        let cut = at((quiet + loud) / 2);
        pieces.push(Piece { samples: from..cut, words: first..i + 1 });
        room.push(at(quiet + MARGIN_MS)..at(loud - MARGIN_MS));
        (from, first) = (cut, i + 1);
    }
    pieces.push(Piece { samples: from..length, words: first..words.len() });
    (pieces, room)
}

/// The recording in the making.
struct Line {
    file: BufWriter<File>,
    /// Samples so far, a whole number of milliseconds.
    written: usize,
    words: Vec<SaidWord>,
    /// Which stretch of room sound comes next.
    room_at: usize,
    dice: Dice,
}

impl Line {
    fn piece(&mut self, piece: &Piece, demo: &Demo) -> io::Result<()> {
        let (here, there) = (self.written as u64, piece.samples.start as u64);
        let moved = |t: MediaTime| {
            let samples = t.millis() * SAMPLES_PER_MS as u64 + here - there;
            MediaTime::from_millis(samples / SAMPLES_PER_MS as u64)
        };
        self.words.extend(demo.words[piece.words.clone()].iter().map(|said| {
            let (start_ms, end_ms) = (moved(said.word.start_ms), moved(said.word.end_ms));
            let word = Word { start_ms, end_ms, ..said.word.clone() };
            SaidWord { word, ..said.clone() }
        }));
        self.sound(&demo.samples[piece.samples.clone()])
    }

    /// Goes round the meeting's pauses until `wanted` samples are written.
    fn room(&mut self, wanted: usize, demo: &Demo) -> io::Result<()> {
        let mut missing = wanted;
        while missing > 0 {
            let stretch = demo.room[self.room_at % demo.room.len()].clone();
            self.room_at += 1;
            let n = missing.min(stretch.len());
            self.sound(&demo.samples[stretch.start..stretch.start + n])?;
            missing -= n;
        }
        Ok(())
    }

    fn sound(&mut self, samples: &[i16]) -> io::Result<()> {
        self.written += samples.len();
        samples.iter().try_for_each(|s| self.file.write_all(&s.to_le_bytes()))
    }
}

/// The same numbers every time (Knuth's MMIX constants for a linear congruential generator).
struct Dice(u64);

impl Dice {
    /// A number in 0..=most.
    fn roll(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % (most + 1)
    }
}

/// The 44 bytes before `data` bytes of 16-bit mono PCM (RIFF WAVE, format 1).
fn header(data: u32) -> Vec<u8> {
    let mut h = Vec::with_capacity(44);
    h.extend(b"RIFF");
    h.extend((36 + data).to_le_bytes());
    h.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    h.extend((RATE as u32).to_le_bytes());
    h.extend((RATE as u32 * 2).to_le_bytes());
    h.extend(b"\x02\0\x10\0data");
    h.extend(data.to_le_bytes());
    h
}

fn other(error: mitschnitt::domain::Error) -> io::Error {
    io::Error::other(error.to_string())
}
