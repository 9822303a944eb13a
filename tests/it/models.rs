//! Models of one's own as their owners know them: any name, any sound file, and clear words where it is
//! none.

use std::path::{Path, PathBuf};

use crate::harness::{Archive, Output, root};

fn bundled() -> PathBuf {
    root().join("fixtures/models/whisper-base-q8_0.bin")
}

fn clip() -> PathBuf {
    root().join("fixtures/audio/de_rhasspy-0004.webm")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The bundled model with one weight changed a little: nobody's but one's own.
fn finetuned() -> Vec<u8> {
    let mut bytes = std::fs::read(bundled()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

/// The same as if it knew only English.
fn english_only() -> Vec<u8> {
    let mut bytes = finetuned();
    bytes[4..8].copy_from_slice(&51_864u32.to_le_bytes());
    bytes
}

fn transcribe(archive: &Archive, model: &str, more: &[&str]) -> Output {
    let clip = clip();
    let command = ["transcribe", text(&clip), "--jobs", "1", "--model", model];
    archive.run(&[&command, more].concat())
}

/// Start and end of each word, in milliseconds.
fn times(transcript: &serde_json::Value) -> Vec<(u64, u64)> {
    let words = transcript["words"].as_array().unwrap().iter();
    words.map(|w| (w["start_ms"].as_u64().unwrap(), w["end_ms"].as_u64().unwrap())).collect()
}

#[test]
fn a_known_model_is_known_by_its_digest_and_another_by_its_sizes() {
    let archive = Archive::new();
    let known = transcribe(&archive, "base", &[]).expect(0).json();
    assert!(known.get("times").is_none(), "exact times need no remark");

    let renamed = archive.dir().join("eigenes.bin");
    std::fs::copy(bundled(), &renamed).unwrap();
    assert_eq!(transcribe(&archive, text(&renamed), &[]).expect(0).json(), known);

    // Under the name of a model of the table, too, a file given by its path is what it is.
    let own = archive.dir().join("ggml-small.bin");
    std::fs::write(&own, finetuned()).unwrap();
    let own = transcribe(&archive, text(&own), &[]).expect(0).json();
    assert_eq!(own["engine"]["model"], "ggml-small");
    assert_eq!(own["engine"]["settings"], known["engine"]["settings"]);
    assert!(own.get("times").is_none());
    let (own, known) = (times(&own), times(&known));
    assert_eq!(own.len(), known.len(), "one bit of one weight changes no words");
    let far = own.iter().zip(&known).filter(|(a, b)| a.0.abs_diff(b.0) > 100).count();
    assert_eq!(far, 0, "{own:?} are not the times of {known:?}");
    let mut lengths: Vec<u64> = own.iter().map(|(start, end)| end - start).collect();
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] >= 60, "{lengths:?}");
}

#[test]
fn a_registered_model_has_a_name_and_is_verified() {
    let archive = Archive::new();
    let file = archive.dir().join("heruntergeladen.bin");
    std::fs::write(&file, finetuned()).unwrap();
    let add = |file: &Path, name: &str| {
        archive.run(&[
            "model",
            "add",
            text(file),
            "--name",
            name,
            "--source",
            "https://example.org/modell",
            "--licence",
            "MIT",
        ])
    };
    add(&file, "kreis-1").expect(0);
    std::fs::remove_file(&file).unwrap();
    let list = archive.run(&["model", "list"]).expect(0).stdout;
    let line =
        list.lines().find(|line| line.starts_with("kreis-1 ")).unwrap_or_else(|| panic!("{list}"));
    assert!(line.contains("https://example.org/modell") && line.contains("MIT"), "{line}");
    assert!(archive.run(&["model", "verify"]).expect(0).stdout.contains("kreis-1: unversehrt"));
    let heard = transcribe(&archive, "kreis-1", &[]).expect(0).json();
    assert_eq!(heard["engine"]["model"], "kreis-1");

    // Names of the table stay the table's, and what is no whole model gets none.
    std::fs::write(&file, finetuned()).unwrap();
    add(&file, "small").expect(3).says(&["small", "--name"]);
    let cut = archive.dir().join("abgebrochen.bin");
    std::fs::write(&cut, &finetuned()[..40_000_000]).unwrap();
    add(&cut, "kreis-2").expect(3).says(&["unvollständig", "noch einmal"]);
    std::fs::write(&cut, b"PK\x03\x04 pytorch_model.bin").unwrap();
    add(&cut, "kreis-2").expect(3).says(&["ggml", "docs/recognition.md"]);
    assert!(!archive.run(&["model", "list"]).expect(0).stdout.contains("kreis-2"));

    // What changed after it was registered is found out.
    let registered = archive.dir().join("models/ggml-kreis-1.bin");
    let mut bytes = std::fs::read(&registered).unwrap();
    let late = bytes.len() - 100;
    bytes[late] ^= 1;
    std::fs::write(&registered, bytes).unwrap();
    archive.run(&["model", "verify"]).expect(3).says(&["kreis-1", "model add"]);
    transcribe(&archive, "kreis-1", &[]).expect(3).says(&["kreis-1", "model add"]);
}

#[test]
fn a_model_that_cannot_do_what_is_asked_says_so_and_what_can() {
    let archive = Archive::new();
    let english = archive.dir().join("nur-englisch.bin");
    std::fs::write(&english, english_only()).unwrap();
    transcribe(&archive, text(&english), &[]).expect(3).says(&["nur Englisch", "--model base"]);

    let cut = archive.dir().join("ggml-small.bin");
    std::fs::write(&cut, &finetuned()[..1_000_000]).unwrap();
    transcribe(&archive, text(&cut), &[]).expect(3).says(&["endet zu früh", "model fetch small"]);
    let cut = archive.dir().join("unser.bin");
    std::fs::write(&cut, &finetuned()[..60_000_000]).unwrap();
    transcribe(&archive, text(&cut), &[]).expect(3).says(&["unvollständig", "noch einmal"]);

    // Found by its name, a model of the table must be it.
    std::fs::create_dir_all(archive.dir().join("models")).unwrap();
    std::fs::write(archive.dir().join("models/ggml-small.bin"), finetuned()).unwrap();
    transcribe(&archive, "small", &[]).expect(3).says(&["beschädigt", "model fetch small"]);
}

#[test]
fn a_language_is_a_code_and_another_than_spoken_is_remarked_on() {
    let archive = Archive::new();
    transcribe(&archive, "base", &["--language", "deutsch"]).expect(2).says(&["nehmen Sie de"]);
    transcribe(&archive, "base", &["--language", "xx"]).expect(2).says(&["en, zh, de,"]);
    transcribe(&archive, "base", &["--language", "yue"]).expect(3).says(&["large-v3"]);
    let heard = transcribe(&archive, "base", &["--language", "EN"]).expect(0);
    let heard = heard.says(&["Englisch geschrieben", "nicht im Wortlaut"]).json();
    assert_eq!(heard["language"], "en");
}
