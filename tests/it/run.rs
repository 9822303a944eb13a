//! `run` as an operator knows it: twice does nothing, another model redoes only what depends on it.

use crate::harness::{Archive, demo, ffmpeg, root};

/// A short recording with speech: the first half minute of the demo meeting.
fn meeting(archive: &Archive, name: &str, seconds: &str) -> std::path::PathBuf {
    let folder = archive.dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let source = root().join("fixtures/meetings/kreistag-demo/sitzung.mp4");
    ffmpeg(&["-i", source.to_str().unwrap(), "-t", seconds, "-vn"], &folder.join("ton.wav"));
    let manifest = format!(
        "[meeting]\nid = \"{name}\"\nbody = \"Landkreis Musterland\"\norganization = \"Kreistag\"\n\
         name = \"Sitzung {name}\"\nstart = \"2021-06-21T17:00:00+02:00\"\nsynthetic = true\n\
         [[recording]]\nfile = \"ton.wav\"\n\
         [[agenda]]\nnumber = \"1\"\ntitle = \"Einwohnerfragestunde\"\npublic = true\n"
    );
    let path = folder.join("meeting.toml");
    std::fs::write(&path, manifest).unwrap();
    path
}

#[test]
fn running_twice_does_nothing_and_another_model_keeps_the_older_transcript() {
    let archive = Archive::new();
    let manifest = meeting(&archive, "kurz", "20");
    archive.run(&["ingest", manifest.to_str().unwrap()]).expect(0);
    let first = archive.run(&["run"]).expect(0);
    assert!(first.stdout.contains("verschriftet"), "{}", first.stdout);
    let text = archive.run(&["export", "kurz", "--format", "json"]).expect(0).stdout;
    for _ in 0..2 {
        let again = archive.run(&["run"]).expect(0);
        assert_eq!(again.stdout, "kurz: auf dem Stand\n");
    }

    // One weight changed a little makes another model.
    let other = archive.dir().join("anderes.bin");
    let mut weights = std::fs::read(root().join("fixtures/models/whisper-base-q8_0.bin")).unwrap();
    let middle = weights.len() / 2;
    weights[middle] ^= 1;
    std::fs::write(&other, weights).unwrap();
    let redone = archive.run(&["run", "--model", other.to_str().unwrap()]).expect(0);
    assert!(redone.stdout.contains("1 Aufnahme verschriftet"), "{}", redone.stdout);
    assert_eq!(archive.run(&["run"]).expect(0).stdout, "kurz: auf dem Stand\n");
    let back = archive.run(&["run", "--model", "base"]).expect(0);
    assert!(
        !back.stdout.contains("verschriftet"),
        "the older transcript was kept: {}",
        back.stdout
    );
    assert_eq!(archive.run(&["export", "kurz", "--format", "json"]).expect(0).stdout, text);

    let forced = archive.run(&["run", "--force"]).expect(0);
    assert!(forced.stdout.contains("1 Aufnahme verschriftet"), "{}", forced.stdout);
    assert_eq!(archive.run(&["export", "kurz", "--format", "json"]).expect(0).stdout, text);

    archive.run(&["remove", "kurz"]).expect(0);
    archive.run(&["export", "kurz", "--format", "json"]).expect(4);
    assert_eq!(archive.run(&["search", "Damen", "--json"]).expect(0).json()["total"], 0);
    assert!(manifest.with_file_name("ton.wav").is_file(), "the recording stays");
}

#[test]
fn what_is_no_longer_public_is_gone_from_text_search_and_copies() {
    let archive = Archive::new();
    let manifest = meeting(&archive, "kurz", "20");
    let path = manifest.to_str().unwrap();
    let whole = std::fs::read_to_string(&manifest).unwrap();
    let public = |spans: &str| {
        let file = format!("file = \"ton.wav\"\npublic = {spans}\n");
        std::fs::write(&manifest, whole.replace("file = \"ton.wav\"\n", &file)).unwrap();
    };
    let copies = || std::fs::read_dir(archive.dir().join("public")).unwrap().count();
    public("[[\"00:00:00\", \"00:00:18\"]]");
    archive.run(&["ingest", path]).expect(0);
    archive.run(&["run"]).expect(0);
    let found =
        |word: &str| archive.run(&["search", word, "--json"]).expect(0).json()["total"].clone();
    assert_ne!(found("Damen"), 0);
    assert_eq!(copies(), 1);

    public("[[\"00:00:15\", \"00:00:18\"]]");
    let withdrawn = archive.run(&["ingest", path]).expect(0);
    assert!(withdrawn.stdout.contains("nicht mehr Öffentliches"), "{}", withdrawn.stdout);
    assert_eq!((found("Damen"), copies()), (0.into(), 0), "gone before anything is run");
    archive.run(&["run"]).expect(0);
    assert_eq!(found("Damen"), 0);
    let text = archive.run(&["export", "kurz", "--format", "json"]).expect(0).json();
    let words = text["words"].as_array().unwrap();
    assert!(words.iter().all(|w| w["start_ms"].as_u64().unwrap() >= 15_000), "{text}");
}

#[test]
fn one_bad_recording_does_not_stop_the_others() {
    let archive = Archive::new();
    let good = meeting(&archive, "gut", "8");
    let bad = meeting(&archive, "kaputt", "8");
    std::fs::write(bad.with_file_name("ton.wav"), b"RIFF, but nothing else").unwrap();
    let paths = [bad.to_str().unwrap(), good.to_str().unwrap()];
    archive.run(&["ingest", paths[0], paths[1]]).expect(0);
    let output = archive.run(&["run"]).expect(3).says(&["kaputt", "ton.wav"]);
    assert!(output.stdout.contains("gut: 1 Aufnahme verschriftet"), "{}", output.stdout);
    archive.run(&["export", "kaputt", "--format", "vtt"]).expect(4);
}

#[test]
fn an_index_that_is_gone_or_damaged_comes_back_by_itself() {
    let archive = Archive::new();
    let database = "archive.sqlite";
    std::fs::copy(demo().0.dir().join(database), archive.dir().join(database)).unwrap();
    let hits = |archive: &Archive| {
        let mut found = archive.run(&["search", "Damen", "--json"]).expect(0).json();
        found["took_ms"] = 0.into();
        found
    };
    let before = hits(&archive);
    assert!(before["total"].as_u64().unwrap() > 0, "{before}");
    std::fs::remove_dir_all(archive.dir().join("index")).unwrap();
    assert_eq!(hits(&archive), before);
    std::fs::write(archive.dir().join("index/meta.json"), b"{").unwrap();
    assert_eq!(hits(&archive), before);
    archive.run(&["index", "check"]).expect(0);
}
