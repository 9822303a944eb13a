//! What the same meeting may look like, and what it may not.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::domain::Span;
use crate::media::tests::made::ffmpeg;

/// Speech-like courses: words of 300 ms to a second, pauses now and then.
fn speech() -> impl Strategy<Value = Vec<u8>> {
    let word = (3usize..10, 110u8..150, 0usize..6, 40u8..70);
    proptest::collection::vec(word, 150..400).prop_map(|words| {
        let parts = words.into_iter().flat_map(|(length, loud, pause, soft)| {
            std::iter::repeat_n(loud, length).chain(std::iter::repeat_n(soft, pause))
        });
        parts.collect()
    })
}

fn same(a: &[u8], b: &[u8], within: &PublicSpans) -> bool {
    let (a, b) = (Loudness::from_bytes(a.to_vec()), Loudness::from_bytes(b.to_vec()));
    let there = a.matches(&b, within);
    assert_eq!(there, b.matches(&a, within), "it depends on which is asked");
    there
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn louder_noisier_and_a_little_later_is_the_same(
        course in speech(), gain in -20i16..20, lag in 0usize..=3,
        noise in proptest::collection::vec(-3i16..=3, 64),
    ) {
        let heard: Vec<u8> = (course.iter().enumerate())
            .map(|(n, v)| (i16::from(*v) + gain + noise[n * 7 % 64]).clamp(0, 255) as u8)
            .collect();
        prop_assert!(same(&course, &heard[lag..], &PublicSpans::WHOLE));
    }

    #[test]
    fn another_meeting_is_not_the_same(a in speech(), b in speech()) {
        let length = a.len().min(b.len());
        prop_assert!(!same(&a[..length], &b[..length], &PublicSpans::WHOLE));
    }

    #[test]
    fn a_shift_of_a_second_is_found(course in speech(), by in 10usize..30) {
        let length = course.len() - by;
        prop_assert!(!same(&course[..length], &course[by..], &PublicSpans::WHOLE));
    }

    #[test]
    fn a_minute_put_in_or_cut_out_is_found_wherever_it_lies(
        course in speech(), other in speech(), place in 0.0f64..1.0,
    ) {
        prop_assume!(course.len() > 700 && other.len() > 700);
        let at = (place * (course.len() - 600) as f64) as usize;
        let mut longer = course.clone();
        longer.splice(at..at, other[..600].to_vec());
        prop_assert!(!same(&course, &longer, &PublicSpans::WHOLE));
        // Of the same length too, because another minute is missing at the end.
        prop_assert!(!same(&course, &longer[..course.len()], &PublicSpans::WHOLE));
        let mut replaced = course.clone();
        replaced.splice(at..at + 600, other[..600].to_vec());
        prop_assert!(!same(&course, &replaced, &PublicSpans::WHOLE));
        let mut swapped = course[at..].to_vec();
        swapped.extend(&course[..at]);
        prop_assert!(at < 10 || !same(&course, &swapped, &PublicSpans::WHOLE));
    }

    #[test]
    fn what_is_not_asked_for_may_be_different(course in speech(), other in speech()) {
        let (from, to) = (200, 500);
        let mut changed = course.clone();
        changed.splice(from..to, other[..to - from].to_vec());
        let at = |n: usize| MediaTime::from_millis(n as u64 * STEP_MS);
        let inside = Span::new(at(from), at(to)).unwrap();
        prop_assert!(same(&course, &changed, &PublicSpans::WHOLE.without(&[inside])));
        prop_assert!(!same(&course, &changed, &PublicSpans::WHOLE));
    }

    #[test]
    fn any_bytes_are_compared(a: Vec<u8>, b: Vec<u8>, from in 0u64..20_000, to in 0u64..20_000) {
        let span = Span::new(MediaTime::from_millis(from), MediaTime::from_millis(to));
        same(&a, &b, &PublicSpans::only(span.into_iter().collect()));
        prop_assert!(same(&a, &a, &PublicSpans::WHOLE));
    }
}

#[test]
fn silence_is_like_silence_and_unlike_speech() {
    let dither: Vec<u8> = (0..900).map(|n| 10 + (n % 7) as u8 * 5).collect();
    let speech: Vec<u8> = (0..900).map(|n| 60 + (n * n % 71) as u8).collect();
    assert!(same(&[0; 900], &dither, &PublicSpans::WHOLE));
    assert!(!same(&[0; 900], &speech, &PublicSpans::WHOLE));
    assert!(!same(&[0; 900], &[0; 880], &PublicSpans::WHOLE));
    assert!(!same(&[0; 900], &[150; 900], &PublicSpans::WHOLE), "a tone is no silence");
}

/// What happens to recordings on their way: (name, ffmpeg's arguments, whether it stays the same).
const WAYS: [(&str, &str, bool); 12] = [
    ("remux.mkv", "-c copy", true),
    ("aac48.m4a", "-vn -c:a aac -b:a 48k", true),
    ("opus24.ogg", "-vn -c:a libopus -b:a 24k", true),
    ("softer.m4a", "-vn -af volume=-6dB -c:a aac", true),
    ("phone.mp3", "-vn -ar 8000 -ac 1 -b:a 16k", true),
    ("late100.m4a", "-vn -af adelay=100:all=1 -c:a aac", true),
    ("late250.m4a", "-vn -af adelay=250:all=1 -c:a aac", true),
    ("late1000.m4a", "-vn -af adelay=1000:all=1 -c:a aac", false),
    ("early.m4a", "-vn -af atrim=start=2,asetpts=PTS-STARTPTS -c:a aac", false),
    ("slow.m4a", "-vn -af atempo=0.995 -c:a aac", false),
    ("other.m4a", "-vn -af areverse -c:a aac", false),
    (
        "swapped.m4a",
        "-vn -af asplit[a][b];[a]atrim=start=45,asetpts=PTS-STARTPTS[c];[b]atrim=end=45[d];[c][d]concat=v=0:a=1 -c:a aac",
        false,
    ),
];

#[test]
fn the_demo_meeting_is_known_again() {
    let whole = Path::new("fixtures/meetings/kreistag-demo/sitzung.mp4");
    let folder = tempfile::tempdir().unwrap();
    // The whole meeting where it is asked for; ninety seconds do otherwise.
    let source = if std::env::var_os("MITSCHNITT_WHOLE").is_some() {
        whole.to_owned()
    } else {
        let part = folder.path().join("part.mp4");
        let input = ["-ss", "60", "-t", "90", "-i", whole.to_str().unwrap()];
        ffmpeg(&[&input[..], &["-map", "0:a", "-c", "copy"]].concat(), &part);
        part
    };
    let course = listen(&source);
    for (file, arguments, stays) in WAYS {
        let target: PathBuf = folder.path().join(file);
        let mut all = vec!["-i", source.to_str().unwrap()];
        all.extend(arguments.split(' '));
        ffmpeg(&all, &target);
        let heard = listen(&target);
        println!("{file}: {}", least(&course, &heard));
        assert_eq!(course.matches(&heard, &PublicSpans::WHOLE), stays, "{file}");
    }
}

fn listen(path: &Path) -> Loudness {
    let choice = SoundChoice::default();
    Loudness::of(path, &PublicSpans::WHOLE, &choice, &Decoder::Here).unwrap()
}

/// For people: the lowest and the middle likeness of all stretches at the best lag.
fn least(a: &Loudness, b: &Loudness) -> String {
    let inside = vec![true; a.0.len()];
    let (x, y) = (relative(&a.0, &inside), relative(&b.0, &inside));
    let at_lag = |lag: isize| {
        let pairs: Vec<(f32, f32)> = (x.iter().enumerate())
            .filter_map(|(n, v)| Some((*v, *y.get(n.checked_add_signed(lag)?)?)))
            .collect();
        let at: Vec<usize> = (0..pairs.len()).collect();
        let (p, q): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
        let (p, q) = (syllables(&p, &at), syllables(&q, &at));
        let mut all: Vec<f32> = stretches(p.len())
            .into_iter()
            .filter_map(|(from, to)| likeness(&p[from..to], &q[from..to]))
            .collect();
        all.sort_by(f32::total_cmp);
        (all[all.len() / 2], all[0], lag)
    };
    let best = (-3..=3).map(at_lag).max_by(|p, q| p.0.total_cmp(&q.0)).unwrap();
    format!("middle {:.3}, least {:.3} at {:+} values", best.0, best.1, best.2)
}
