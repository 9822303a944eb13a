//! The demo meeting through the real engine: figures, words that may be found and words that may not.

use mitschnitt::domain::{MediaTime, MeetingId};
use mitschnitt::store::{Put, Store};

use crate::harness::{Archive, demo, files, root};

fn truth() -> serde_json::Value {
    let path = root().join("fixtures/meetings/kreistag-demo/truth.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn eval(measure: &str) -> serde_json::Value {
    let case = "fixtures/meetings/kreistag-demo";
    let (archive, _) = demo();
    archive.run(&["eval", measure, case, "--meeting", "kreistag-demo", "--json"]).expect(0).json()
        ["pooled"]
        .clone()
}

#[test]
fn words_items_and_speakers_are_as_good_as_promised() {
    let wer = eval("wer");
    let count = |name: &str| wer[name].as_f64().unwrap();
    let errors = count("substitutions") + count("deletions") + count("insertions");
    let wer = errors / count("words");
    assert!(wer <= 0.06, "word error rate {wer:.3}");

    let words = eval("words");
    let figure = |name: &str| words[name].as_f64().unwrap();
    assert!(figure("median_ms") <= 40.0, "{} ms", figure("median_ms"));
    let share = figure("within_200_ms");
    assert!(share >= 0.97, "{share:.3} of the words start within 200 ms");

    let agenda = eval("agenda");
    let f1 = agenda["f1_10_s"].as_f64().unwrap();
    assert!(f1 >= 0.99, "boundary F1 {f1:.3}");

    let speakers = eval("speakers");
    let share = speakers["time_share"].as_f64().unwrap();
    assert!(share >= 0.99, "{share:.3} of the time given to the right person");
}

#[test]
fn the_demo_says_that_it_is_invented() {
    let (_, output) = demo();
    assert!(output.stdout.contains("Erfundene Sitzung mit synthetischen Stimmen"));
    assert!(output.stdout.contains("erkannt mit Whisper base"));
}

#[test]
fn what_was_not_public_is_nowhere() {
    let (archive, output) = demo();
    let truth = truth();
    let markers: Vec<String> = truth["not_public_markers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m.as_str().unwrap().to_lowercase())
        .collect();
    assert!(markers.len() >= 3, "the truth names words of the non-public part");
    let mut texts = vec![
        ("output".to_owned(), output.stdout.clone()),
        ("log".to_owned(), output.stderr.clone()),
    ];
    for format in ["vtt", "srt", "json", "txt", "chapters"] {
        let export = archive.run(&["export", "kreistag-demo", "--format", format]).expect(0);
        texts.push((format.to_owned(), export.stdout));
    }
    for path in files(archive.dir()) {
        // The recording itself is the input; the site serves the cut copy, tested beside media.
        if path.ends_with("demo/sitzung.mp4") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        texts.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (place, text) in &texts {
        let text = text.to_lowercase();
        for marker in &markers {
            assert!(!text.contains(marker.as_str()), "„{marker}“ is in {place}");
        }
    }
    for marker in &markers {
        let found = archive.run(&["search", marker, "--json"]).expect(0).json();
        assert_eq!(found["total"], 0, "„{marker}“ is found");
    }
}

#[test]
fn no_word_lies_behind_the_public_part() {
    let (archive, _) = demo();
    let transcript = archive.run(&["export", "kreistag-demo", "--format", "json"]).expect(0).json();
    let not_public = &truth()["not_public"][0];
    let end = not_public["start_ms"].as_u64().unwrap();
    let words = transcript["words"].as_array().unwrap();
    assert!(words.iter().all(|w| w["end_ms"].as_u64().unwrap() <= end));
    let gaps = transcript["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|g| g["reason"] == "not_public"), "the gap is named");
}

#[test]
fn words_follow_one_another() {
    let (archive, _) = demo();
    let transcript = archive.run(&["export", "kreistag-demo", "--format", "json"]).expect(0).json();
    let time = |word: &serde_json::Value, of: &str| word[of].as_u64().unwrap();
    for pair in transcript["words"].as_array().unwrap().windows(2) {
        assert!(time(&pair[0], "start_ms") < time(&pair[0], "end_ms"), "{pair:?}");
        assert!(time(&pair[0], "end_ms") <= time(&pair[1], "start_ms"), "{pair:?}");
    }
}

#[test]
fn the_copy_that_is_served_ends_with_the_public_part() {
    let (archive, _) = demo();
    let copies = files(&archive.dir().join("public"));
    let [copy] = copies.as_slice() else { panic!("one copy, not {copies:?}") };
    let probe = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"])
        .arg(copy)
        .output()
        .unwrap();
    let seconds: f64 = String::from_utf8(probe.stdout).unwrap().trim().parse().unwrap();
    let end = truth()["not_public"][0]["start_ms"].as_f64().unwrap() / 1000.0;
    assert!(seconds > 500.0 && seconds < end, "{seconds} s, the public part ends before {end} s");
}

/// Most of these are heard inside of a sentence, where the truth is an estimate.
#[test]
fn a_search_lands_on_the_spoken_word() {
    const ESTIMATE_MS: f64 = 300.0;
    let (archive, _) = demo();
    let truth = truth();
    for (word, tolerance) in
        [("Turnhalle", ESTIMATE_MS), ("Livestream", ESTIMATE_MS), ("Datenschutz", 200.0)]
    {
        let results = archive.run(&["search", word, "--json"]).expect(0).json();
        let spoken = results["hits"].as_array().unwrap().iter().filter(|h| h["kind"] == "spoken");
        let mut marked = 0;
        for hit in spoken {
            let parts = hit["snippet"].as_array().unwrap();
            let Some(part) = parts.iter().find(|p| p["hit"] == true && p["text"] == word) else {
                continue; // A form of it.
            };
            let start = part["start_ms"].as_f64().unwrap();
            let said = truth["words"].as_array().unwrap();
            let nearest = said
                .iter()
                .filter(|w| w["text"].as_str().unwrap().starts_with(word))
                .map(|w| (w["start_ms"].as_f64().unwrap() - start).abs())
                .fold(f64::MAX, f64::min);
            assert!(nearest <= tolerance, "{word}: {nearest} ms from the spoken word");
            let url = hit["url"].as_str().unwrap();
            let t: f64 =
                url.split("t=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
            assert!((t * 1000.0 - (start - 1500.0)).abs() <= 10.0, "{url}: 1.5 s before {start}");
            marked += 1;
        }
        assert!(marked > 0, "{word} is not found: {results}");
    }
}

/// Should an item that is not public ever have a place in the text, neither exports nor the search
/// give any of it.
#[test]
fn text_under_a_hidden_item_leaves_the_archive_by_no_door() {
    let (original, _) = demo();
    let archive = Archive::new();
    std::fs::copy(original.dir().join("archive.sqlite"), archive.dir().join("archive.sqlite"))
        .unwrap();
    let found = |q: &str| archive.run(&["search", q, "--json"]).expect(0).json()["total"].clone();
    let words = || {
        let export = archive.run(&["export", "kreistag-demo", "--format", "json"]).expect(0).json();
        export["words"].as_array().unwrap().clone()
    };
    assert_ne!(found("Turnhalle"), 0);
    let before = words();

    let id = MeetingId::new("kreistag-demo").unwrap();
    let store = Store::open(archive.dir()).unwrap();
    let council = store.council(&id).unwrap();
    let mut stored = store.alignment(&id).unwrap().unwrap();
    let spans = stored.alignment.items.iter().find(|i| !i.spans.is_empty()).unwrap().spans.clone();
    let hidden = council.meeting.agenda.iter().find(|item| !item.public).unwrap();
    let item = stored.alignment.items.iter_mut().find(|i| i.id == hidden.id).unwrap();
    item.spans.clone_from(&spans);
    let other = mitschnitt::domain::Digest::of(b"a planted fault");
    let texts = store.shown_transcripts(&id).unwrap();
    let put = store.put_alignment(&id, &other, &stored.alignment, &texts).unwrap();
    let Put::Redacted(restrictions) = put else { panic!("{put:?}") };
    assert_eq!(restrictions[0].spans, spans);
    drop(store);

    let time =
        |word: &serde_json::Value, key: &str| MediaTime::from_millis(word[key].as_u64().unwrap());
    let outside = |word: &&serde_json::Value| {
        let (start, end) = (time(word, "start_ms"), time(word, "end_ms"));
        spans.iter().all(|s| end <= s.start() || s.end() <= start)
    };
    let left: Vec<_> = before.iter().filter(outside).cloned().collect();
    assert!(!left.is_empty() && left.len() < before.len());
    assert_eq!(words(), left, "just the words of the hidden item are gone");
    let text = |word: &serde_json::Value| word["text"].as_str().unwrap().to_owned();
    let kept: std::collections::BTreeSet<String> = left.iter().map(text).collect();
    // What the agenda itself says may be said.
    let titles: String = council.meeting.agenda.iter().map(|i| i.title.to_lowercase()).collect();
    let plain = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let gone = before.iter().map(text).filter(|w| w.chars().count() > 7 && !kept.contains(w));
    let gone = gone.filter(|w| !titles.contains(&plain(w)));
    let gone: Vec<String> = gone.collect();
    assert!(!gone.is_empty());
    for _ in ["at once", "after a rebuild"] {
        for word in gone.iter().take(8) {
            let hits = archive.run(&["search", word, "--json"]).expect(0).json();
            for hit in hits["hits"].as_array().unwrap() {
                let said = hit["snippet"].to_string();
                assert!(
                    !said.contains(word.trim_matches(|c: char| !c.is_alphanumeric())),
                    "{said}"
                );
            }
        }
        archive.run(&["index", "rebuild"]).expect(0);
    }
}
