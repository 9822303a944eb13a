//! Nothing that is not meant survives in the public copy, browsers play it, and its times stay.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::domain::{
    Channels, ErrorKind, MediaTime, PublicSpans, Result, SoundChoice, Span, Track,
};

use super::super::publish::{PublicCopy, clip, publish};
use super::super::{Decoder, Loudness};
use super::decode;
use super::made::ffmpeg;

const PUBLIC_HZ: f64 = 400.0;
const SECRET_HZ: f64 = 1_700.0;
/// Brightness of the picture: 60 where public, 235 where not.
const BRIGHT: u8 = 120;

#[test]
fn a_cut_leaves_nothing_from_behind_it() {
    for file in ["a.mp4", "a.mp3", "a.webm", "a.m4a", "a.ogg", "a.flac", "a.ts"] {
        shown(file, &[(0, 6_370)]);
    }
}

#[test]
fn what_lies_between_is_silent_and_black() {
    for file in ["b.mp4", "b.mp3", "b.webm"] {
        shown(file, &[(1_210, 3_030), (4_500, 6_777)]);
    }
    let many: Vec<(u64, u64)> = (0..9).map(|n| (n * 800, n * 800 + 700)).collect();
    shown("many.mp4", &many);
}

#[test]
fn a_clip_begins_and_ends_where_it_should() {
    let folder = tempfile::tempdir().unwrap();
    // What is public from 2 s to 5 s sounds otherwise than what lies around it.
    for file in ["d.mp4", "d.webm", "d.mp3"] {
        let source = folder.path().join(file);
        make(&source, &[(2_000, 5_000)]);
        let to = folder.path().join(format!("{file}.clip.mp4"));
        let span = Span::new(MediaTime::from_millis(2_250), MediaTime::from_millis(4_750)).unwrap();
        clip(&source, span, has_picture(&source), &to).unwrap();
        let sound = decode(&to, &PublicSpans::WHOLE).unwrap();
        let seconds = sound.len() as f64 / 16_000.0;
        assert!((2.45..2.65).contains(&seconds), "{file}: {seconds} s");
        assert!(energy(&sound, PUBLIC_HZ) > 20.0 * energy(&sound, SECRET_HZ), "{file}");
        let streams = if has_picture(&source) { 2 } else { 1 };
        assert_eq!(kinds(&to).len(), streams, "{file}");
        std::fs::remove_file(&source).unwrap();
        assert!(clip(&source, span, true, &to.with_extension("x")).is_err());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "something was left behind");
}

#[test]
fn where_nothing_is_public_there_is_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("c.wav");
    make(&source, &[(0, 8_000)]);
    for public in [vec![], vec![(4_000, 4_000)], vec![(9_000, 12_000)]] {
        let refused = publish_into(folder.path(), &source, &spans(&public), &Default::default());
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::BadInput);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");
}

#[test]
fn only_the_chosen_track_is_in_the_copy_and_nothing_is_said_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("s.srt"), "1\n00:00:00,000 --> 00:00:05,000\nGEHEIM Untertitel\n").unwrap();
    let chapter = "[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=4\ntitle=GEHEIM Kapitel\n";
    std::fs::write(at("m.txt"), format!(";FFMETADATA1\ncomment=GEHEIM\n{chapter}")).unwrap();
    let tones = [SECRET_HZ, PUBLIC_HZ].map(|hz| format!("sine=f={hz}:d=8:r=48000,volume=4"));
    for file in ["t.mp4", "t.mkv", "t.mov"] {
        let source = folder.path().join(file);
        #[rustfmt::skip]
        let args = [
            "-f", "lavfi", "-i", &tones[0], "-f", "lavfi", "-i", &tones[1],
            "-f", "lavfi", "-i", "color=0x303030:s=64x64:r=25:d=8",
            "-f", "lavfi", "-i", "color=white:s=32x32:r=25:d=8",
            "-i", &at("s.srt"), "-i", &at("m.txt"),
            "-map", "2", "-map", "0", "-map", "1", "-map", "3", "-map", "4", "-map_metadata", "5",
            "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac",
            "-c:s", if file == "t.mkv" { "srt" } else { "mov_text" },
            "-metadata", "title=GEHEIM", "-metadata", "location=+52.5+013.4/",
            "-metadata", "creation_time=2026-06-22T17:00:00Z", "-metadata", "encoder=GEHEIM",
            "-metadata:s:a", "handler_name=GEHEIM", "-metadata:s:v", "handler_name=GEHEIM",
            "-metadata:s:a", "title=GEHEIM", "-metadata:s:a", "language=deu",
            "-timecode", "10:00:00:00",
        ];
        ffmpeg(&args, &source);
        let track = Track::Number(NonZeroU32::new(2).unwrap());
        let choice = SoundChoice { track, ..Default::default() };
        for public in [PublicSpans::WHOLE, spans(&[(0, 6_000)]), spans(&[(500, 3_000)])] {
            let copy = publish_into(folder.path(), &source, &public, &choice).unwrap();
            assert_eq!(kinds(&copy.path), ["h264", "aac"], "{file}: {public:?}");
            let heard = decode(&copy.path, &PublicSpans::WHOLE).unwrap();
            let inside = &heard[16_000..32_000];
            let (loud, secret) = (energy(inside, PUBLIC_HZ), energy(inside, SECRET_HZ));
            assert!(loud > 0.1 && secret < 2e-3, "{file}: {loud}, {secret}");
            let said =
                probed(&copy.path, "format_tags:stream_tags:chapter_tags:chapter=start_time");
            println!("{file}: {said}");
            for word in ["GEHEIM", "Kapitel", "+52", "2026", "deu", "Lavf", "title", "10:00"] {
                assert!(!said.contains(word), "{file}: {word} in {said}");
            }
            let bytes = std::fs::read(&copy.path).unwrap();
            assert!(!bytes.windows(6).any(|w| w == b"GEHEIM"), "{file}: a secret in the file");
        }
    }
}

#[test]
fn of_split_microphones_all_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("three.wav");
    let first = "0.5*sin(2*PI*400*t)*lt(t,3)|0.5*sin(2*PI*400*t)*between(t,3,6)|";
    let channels = format!("aevalsrc='{first}0.5*sin(2*PI*400*t)*gt(t,6)':s=48000:d=9");
    ffmpeg(&["-f", "lavfi", "-i", &channels], &source);
    let choice = SoundChoice { channels: Channels::Split, ..Default::default() };
    let copy = publish_into(folder.path(), &source, &PublicSpans::WHOLE, &choice).unwrap();
    let heard = decode(&copy.path, &PublicSpans::WHOLE).unwrap();
    for (n, part) in heard.chunks(48_000).take(3).enumerate() {
        let loud = energy(&part[8_000..40_000], 400.0);
        assert!(loud > 0.2, "microphone {n}: {loud}");
    }
}

#[test]
fn what_browsers_do_not_play_becomes_something_that_they_play() {
    let folder = tempfile::tempdir().unwrap();
    let all = [
        ("a.wma", "-c:a wmav2", "m4a", &["aac"][..]),
        ("a.wav", "-c:a pcm_s24le", "m4a", &["aac"]),
        ("k.wav", "-c:a pcm_s16le", "wav", &["pcm_s16le"]),
        ("a.mp3", "-c:a libmp3lame", "mp3", &["mp3"]),
        ("a.mka", "-c:a libopus", "webm", &["opus"]),
        ("h.mkv", "-c:v libx264 -pix_fmt yuv420p -c:a aac", "mp4", &["h264", "aac"]),
        ("h.ts", "-c:v libx264 -pix_fmt yuv420p -c:a mp2", "mp4", &["h264", "aac"]),
        ("m.ts", "-c:v mpeg2video -c:a ac3", "mp4", &["h264", "aac"]),
        ("m.avi", "-c:v mpeg4 -c:a libmp3lame", "mp4", &["h264", "aac"]),
        ("t.mp4", "-c:v libx264 -pix_fmt yuv444p10le -c:a aac", "mp4", &["h264", "aac"]),
        ("v.mkv", "-c:v libvpx -c:a libopus", "webm", &["vp8", "opus"]),
        ("o.webm", "-c:v libvpx -c:a libvorbis", "webm", &["vp8", "opus"]),
    ];
    for (file, codecs, extension, kept) in all {
        let source = folder.path().join(file);
        let mut args = SPEECH.to_vec();
        if codecs.contains("-c:v") {
            // The sound starts three seconds behind the picture.
            args = [&["-itsoffset", "3"], &SPEECH[..], &PICTURE].concat();
        }
        args.extend(codecs.split(' '));
        ffmpeg(&args, &source);
        let whole = PublicSpans::WHOLE;
        let copy = publish_into(folder.path(), &source, &whole, &Default::default());
        let copy = copy.unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(copy.path.extension().unwrap(), extension, "{file}");
        assert_eq!(kinds(&copy.path), kept, "{file}");
        assert_eq!((copy.has_video, copy.note), (kept.len() == 2, None), "{file}");
        let [before, after] = [&source, &copy.path].map(|p| listen(p, &whole));
        assert!(before.is_in_step(&after, &whole), "{file}: another sound");
    }
}

#[test]
fn a_copy_of_a_stream_whose_times_start_again_is_as_long_as_its_sound() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // The picture of the first part goes on for three seconds behind its sound.
    let codecs = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    ffmpeg(&[&SPEECH[..], &PICTURE, &["-t", "17"], &codecs].concat(), &at("one.ts"));
    ffmpeg(&[&SPEECH[..], &PICTURE, &["-t", "14"], &codecs].concat(), &at("two.ts"));
    let parts = ["one.ts", "two.ts"].map(|n| std::fs::read(at(n)).unwrap());
    std::fs::write(at("both.ts"), parts.concat()).unwrap();
    let source = at("both.ts");
    for public in
        [PublicSpans::WHOLE, spans(&[(0, 27_000)]), spans(&[(0, 9_000), (12_000, 25_000)])]
    {
        let copy = publish_into(folder.path(), &source, &public, &Default::default()).unwrap();
        let [before, after] = [(&source, &public), (&copy.path, &PublicSpans::WHOLE)]
            .map(|(path, public)| listen(path, public));
        println!("{public:?}: {:?}, {:?}", after.length(), copy.note);
        assert!(before.length().millis() > 24_500, "{:?}", before.length());
        assert!(before.is_in_step(&after, &public) && after.is_silent_outside(&public));
        assert!(!copy.has_video && copy.note.unwrap().starts_with("ohne Bild"));
    }
}

#[test]
fn a_picture_that_fills_the_memory_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("huge.mp4");
    #[rustfmt::skip]
    let picture = [
        "-f", "lavfi", "-i", "color=0x303030:s=16384x8192:r=1:d=3,format=yuv444p", "-c:v", "libx264", "-preset",
        "ultrafast", "-threads", "1", "-c:a", "aac", "-t", "5",
    ];
    ffmpeg(&[&SPEECH[..], &picture].concat(), &source);
    assert!(source.metadata().unwrap().len() < 1 << 20, "not a small file");
    for public in [PublicSpans::WHOLE, spans(&[(0, 4_000)])] {
        let copy = publish_into(folder.path(), &source, &public, &Default::default()).unwrap();
        println!("{:?}", copy.note);
        assert!(!copy.has_video && copy.note.unwrap().contains("Arbeitsspeicher"));
    }
}

/// Noise that comes and goes like words.
const SPEECH: [&str; 4] = [
    "-f",
    "lavfi",
    "-i",
    "anoisesrc=d=14:a=0.3:seed=7:r=48000,volume='0.1+0.9*gt(sin(9*t)+sin(5.3*t*t/14+1),0)':eval=frame",
];

/// Something to see.
const PICTURE: [&str; 4] = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=17"];

fn spans(public: &[(u64, u64)]) -> PublicSpans {
    let at = MediaTime::from_millis;
    PublicSpans::only(public.iter().map(|&(a, b)| Span::new(at(a), at(b)).unwrap()).collect())
}

/// Publishes; the copy lies in the folder, under the name of its content.
fn publish_into(
    folder: &Path,
    source: &Path,
    public: &PublicSpans,
    choice: &SoundChoice,
) -> Result<PublicCopy> {
    let copy = publish(source, public, choice, folder, &Decoder::Here)?;
    assert_eq!(copy.path.file_stem().unwrap(), copy.sha256.to_string().as_str());
    assert_eq!(copy.path.metadata().unwrap().len(), copy.bytes);
    assert_eq!(copy.path.parent(), Some(folder));
    Ok(copy)
}

fn listen(path: &Path, public: &PublicSpans) -> Loudness {
    Loudness::of(path, public, &SoundChoice::default(), &Decoder::Here).unwrap()
}

/// What ffprobe says, a line for each thing.
fn probed(path: &Path, entries: &str) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_chapters", "-show_entries", entries, "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The codecs of all tracks, the picture's first.
fn kinds(path: &Path) -> Vec<String> {
    let said = probed(path, "stream=codec_type,codec_name");
    let mut all: Vec<&str> = said.lines().filter(|l| !l.is_empty()).collect();
    all.sort_by_key(|l| !l.contains("video"));
    all.iter().map(|l| l.split(',').next().unwrap().to_owned()).collect()
}

/// Makes a recording that tells its secret outside of `public`, publishes it and listens.
fn shown(file: &str, public: &[(u64, u64)]) {
    let folder = tempfile::tempdir().unwrap();
    let source: PathBuf = folder.path().join(file);
    make(&source, public);
    let sound = decode(&source, &PublicSpans::WHOLE).unwrap();
    let secret = sound.chunks(1_600).map(|c| energy(c, SECRET_HZ)).fold(0.0, f64::max);
    assert!(secret > 0.1, "{file}: no secret to keep ({secret})");

    let copy = publish_into(folder.path(), &source, &spans(public), &Default::default())
        .unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((copy.has_video, &copy.note), (has_picture(&source), &None), "{file}");

    let heard = decode(&copy.path, &PublicSpans::WHOLE).unwrap();
    // Three thousandths of full scale are the leakage of the window and the codecs' noise.
    for (n, piece) in heard.chunks(1_600).enumerate() {
        let secret = energy(piece, SECRET_HZ);
        assert!(secret < 3e-3, "{file}: secret sound at {} ms: {secret}", n * 100);
    }
    let last = public.last().unwrap().1;
    assert!(heard.len() as u64 <= (last + 50) * 16, "{file}: {} samples", heard.len());
    for &(start, end) in public {
        let inside = &heard[(start as usize + 100) * 16..(end as usize - 400) * 16];
        let loud = energy(inside, PUBLIC_HZ);
        assert!(loud > 0.2, "{file}: public sound has gone ({loud})");
    }
    let brightest = brightness(&copy.path).into_iter().max().unwrap_or(0);
    assert!(brightest < BRIGHT, "{file}: a picture that is not public ({brightest})");
}

fn has_picture(path: &Path) -> bool {
    matches!(path.extension().unwrap().to_str(), Some("mp4" | "webm" | "ts"))
}

/// Eight seconds: tone and picture say at each time whether it is public.
fn make(path: &Path, public: &[(u64, u64)]) {
    let inside: Vec<String> = (public.iter())
        .map(|&(a, b)| format!("between(t,{},{})", a as f64 / 1e3, b as f64 / 1e3 - 1e-6))
        .collect();
    let inside = inside.join("+");
    let sound = format!(
        "aevalsrc='0.5*if({inside},sin(2*PI*{PUBLIC_HZ}*t),sin(2*PI*{SECRET_HZ}*t))':s=48000:d=8"
    );
    let picture = format!(
        "color=0x303030:s=64x64:r=25:d=8,drawbox=t=fill:color=white:enable='not({inside})'"
    );
    let mut args = vec!["-f", "lavfi", "-i", &sound];
    if has_picture(path) {
        args.extend(["-f", "lavfi", "-i", &picture, "-bf", "3"]);
    }
    ffmpeg(&args, path);
}

/// How loud a tone is, relative to full scale.
fn energy(sound: &[f32], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    let count = sound.len() as f64;
    for (n, sample) in sound.iter().enumerate() {
        let angle = 2.0 * std::f64::consts::PI * hz * n as f64 / 16_000.0;
        let window = 1.0 - (2.0 * std::f64::consts::PI * (n as f64 + 0.5) / count).cos();
        re += f64::from(*sample) * angle.cos() * window;
        im += f64::from(*sample) * angle.sin() * window;
    }
    2.0 * re.hypot(im) / count.max(1.0)
}

/// The mean brightness of every picture; empty where there is none.
fn brightness(path: &Path) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "quiet", "-i"])
        .arg(path)
        .args(["-map", "0:V:0", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    output.stdout
}
