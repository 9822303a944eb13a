//! Recordings of every format, made on the spot with ffmpeg.

use std::path::{Path, PathBuf};

use super::he_aac;
use crate::harness::ffmpeg;

/// How a recording is made.
pub struct Format {
    /// File name, with the extension that decides the container.
    pub name: &'static str,
    how: How,
    /// Where sound at time zero of the source lies in a player.
    pub place: Place,
}

enum How {
    /// Arguments of ffmpeg before the sound's input, and behind it.
    Ffmpeg(&'static [&'static str], &'static [&'static str]),
    /// Made from the recording of that name by a second ffmpeg with these arguments before and
    /// behind its input.
    Again(&'static str, &'static [&'static str], &'static [&'static str]),
    Here(fn(&str, &Path)),
}

/// Where the sound's start lies.
#[derive(Clone, Copy)]
pub enum Place {
    /// At this many seconds.
    At(f64),
    /// At the codec's priming behind zero, of which the container says nothing: where ffmpeg,
    /// without any filter, and the time of its first frame put the first click.
    AsHeard,
}

use How::{Again, Ffmpeg, Here};
use Place::{AsHeard, At};

/// What a late stream is late by, in seconds.
#[rustfmt::skip]
const LATE: &[&str] = &[
    "-f", "lavfi", "-i", "color=black:s=64x64:r=10:d=6", "-itsoffset", "1.7",
];

/// A picture of variable frame rate: nothing for a second and a half, then all again.
const VARIABLE: &[&str] = &["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=5.5"];

/// Packets are missing between 2.2 s and 2.9 s, or at the end of a short recording.
const GAP: &str = "aselect='not(between(t,2.2,2.9))'";

macro_rules! sound {
    ($name:literal, $place:expr, $($argument:literal),*) => {
        Format { name: $name, how: Ffmpeg(&[], &[$($argument),*]), place: $place }
    };
}

/// Every format of the issue, and the oddities of time.
#[rustfmt::skip]
pub const FORMATS: &[Format] = &[
    sound!("u8.wav", At(0.0), "-c:a", "pcm_u8"),
    sound!("s16.wav", At(0.0), "-c:a", "pcm_s16le"),
    sound!("s24.wav", At(0.0), "-c:a", "pcm_s24le"),
    sound!("s32.wav", At(0.0), "-c:a", "pcm_s32le"),
    sound!("f32.wav", At(0.0), "-c:a", "pcm_f32le"),
    sound!("free.flac", At(0.0), "-c:a", "flac"),
    sound!("cbr.mp3", At(0.0), "-c:a", "libmp3lame", "-b:a", "64k"),
    sound!("vbr.mp3", At(0.0), "-c:a", "libmp3lame", "-q:a", "4"),
    sound!("vorbis.ogg", At(0.0), "-c:a", "libvorbis"),
    sound!("opus.ogg", At(0.0), "-c:a", "libopus"),
    sound!("opus.webm", At(0.0), "-c:a", "libopus"),
    sound!("opus.mkv", At(0.0), "-c:a", "libopus"),
    sound!("aac.mkv", AsHeard, "-c:a", "aac"),
    sound!("aac.mp4", At(0.0), "-c:a", "aac"),
    sound!("alac.m4a", At(0.0), "-c:a", "alac"),
    sound!(
        "fragments.mp4", AsHeard,
        "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"
    ),
    Format { name: "cut.mp4", how: Again("aac.mp4", &["-ss", "0.3"], &["-c", "copy"]), place: At(-0.3) },
    sound!("aac.ts", AsHeard, "-c:a", "aac"),
    sound!("mp2.ts", AsHeard, "-c:a", "mp2"),
    sound!("ac3.mkv", At(0.0), "-c:a", "ac3"),
    sound!("raw.ac3", At(0.0), "-c:a", "ac3"),
    sound!("ac3.ts", At(0.0), "-c:a", "ac3"),
    sound!("v2.wma", AsHeard, "-c:a", "wmav2"),
    Format { name: "he-explicit.m4a", how: Here(he_aac::explicit), place: AsHeard },
    Format { name: "he-implicit.m4a", how: Here(he_aac::implicit), place: AsHeard },
    Format { name: "late.mp4", how: Ffmpeg(LATE, &["-c:v", "libx264", "-c:a", "aac"]), place: At(1.7) },
    Format { name: "late.mkv", how: Ffmpeg(LATE, &["-c:v", "libx264", "-c:a", "libopus"]), place: At(1.7) },
    Format { name: "late.ts", how: Ffmpeg(LATE, &["-c:v", "libx264", "-c:a", "mp2"]), place: At(1.7) },
    Format {
        name: "variable.mp4",
        how: Ffmpeg(VARIABLE, &["-vf", "select='not(between(n,10,47))'", "-vsync", "vfr", "-c:v", "libx264", "-c:a", "aac"]),
        place: At(0.0),
    },
    sound!("begins.webm", At(0.9), "-c:a", "libopus", "-output_ts_offset", "0.9"),
    sound!("begins.mkv", At(2.3), "-c:a", "ac3", "-output_ts_offset", "2.3"),
    sound!("begins.mp4", At(0.9), "-c:a", "aac", "-output_ts_offset", "0.9"),
    sound!("gap.mkv", At(0.0), "-af", "GAP", "-c:a", "libopus"),
    sound!("gap-flac.mkv", At(0.0), "-af", "GAP", "-c:a", "flac"),
    sound!("gap-ac3.mkv", At(0.0), "-af", "GAP", "-c:a", "ac3"),
    sound!("gap.mp4", At(0.0), "-af", "GAP", "-c:a", "aac"),
    sound!("gap.ts", AsHeard, "-af", "GAP", "-c:a", "mp2"),
];

impl Format {
    /// Makes a recording of `source` (a source filter of ffmpeg) in a folder.
    pub fn make(&self, source: &str, folder: &Path) -> PathBuf {
        let target = folder.join(self.name);
        match self.how {
            Ffmpeg(before, behind) => {
                let mut arguments = before.to_vec();
                arguments.extend(["-f", "lavfi", "-i", source]);
                arguments.extend(behind.iter().map(|a| if *a == "GAP" { GAP } else { a }));
                ffmpeg(&arguments, &target);
            }
            Again(name, before, behind) => {
                let first = FORMATS.iter().find(|f| f.name == name).unwrap();
                let first = first.make(source, folder);
                let mut arguments = before.to_vec();
                arguments.extend(["-i", first.to_str().unwrap()]);
                arguments.extend(behind);
                ffmpeg(&arguments, &target);
            }
            Here(make) => make(source, &target),
        }
        target
    }
}
