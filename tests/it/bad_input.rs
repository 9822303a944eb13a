//! Bad input: the promised exit code, one message that says what, where and what to do, nothing
//! half-written.

use std::path::{Path, PathBuf};

use crate::harness::{Archive, ffmpeg, files, root};
use crate::small_disk::SmallDisk;

fn manifest(archive: &Archive, recording: &str, extra: &str) -> PathBuf {
    let text = format!(
        "[meeting]\nid = \"probe\"\nbody = \"Landkreis Musterland\"\norganization = \"Kreistag\"\n\
         name = \"Probe\"\nstart = \"2021-06-21T17:00:00+02:00\"\n\
         [[recording]]\nfile = \"{recording}\"\n{extra}"
    );
    let path = archive.dir().join("meeting.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn recordings_that_cannot_be_used_are_refused_and_leave_nothing() {
    let archive = Archive::new();
    let at = |name: &str| archive.dir().join(name);
    std::fs::write(at("text.mp4"), "Das ist keine Aufnahme.").unwrap();
    std::fs::write(at("leer.wav"), b"").unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=d=2", "-an"], &at("stumm.mp4"));
    let whole = std::fs::read(root().join("fixtures/meetings/kreistag-demo/sitzung.mp4")).unwrap();
    std::fs::write(at("abgebrochen.mp4"), &whole[..whole.len() / 3]).unwrap();
    for name in ["text.mp4", "leer.wav", "stumm.mp4", "abgebrochen.mp4", "fehlt.mp4"] {
        let output = archive.run(&["transcribe", text(&at(name))]).expect(3).says(&[name]);
        assert_eq!(output.stdout, "", "{name}: nothing was written");
        assert_eq!(output.stderr.matches("mitschnitt: ").count(), 1, "{}", output.stderr);
    }
}

#[test]
fn wrong_manifests_are_refused_and_register_nothing() {
    let archive = Archive::new();
    let wav = archive.dir().join("ton.wav");
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=1"], &wav);
    let cases = [
        ("fehlt.wav", "", "fehlt.wav"),
        ("ton.wav", "offset = \"25 Uhr\"\n", "25 Uhr"),
        ("ton.wav", "public = [[\"00:02:00\", \"00:01:00\"]]\n", "öffentliche Teil"),
        ("ton.wav", "farbe = \"rot\"\n", "farbe"),
        ("ton.wav", "offset = \"-00:01:00\"\n", "-00:01:00"),
        ("ton.wav", "track = 0\n", "Zeile 9, Spalte 9"),
        ("ton.wav", "track = \"deutsch\"\n", "deutsch"),
        ("ton.wav", "channels = \"stereo\"\n", "stereo"),
        ("ton.wav", "seats = [\"Vorsitz\"]\n", "split"),
        ("ton.wav", "channels = \"split\"\nseats = [\"\"]\n", "leer"),
    ];
    for (recording, extra, said) in cases {
        let path = manifest(&archive, recording, extra);
        archive.run(&["ingest", text(&path)]).expect(3).says(&["meeting.toml", said]);
    }
    let other = archive.dir().join("teil2.wav");
    ffmpeg(&["-f", "lavfi", "-i", "sine=d=30"], &wav);
    ffmpeg(&["-f", "lavfi", "-i", "sine=f=880:d=30"], &other);
    let second = "[[recording]]\nfile = \"teil2.wav\"\noffset = \"00:00:20\"\n";
    let path = manifest(&archive, "ton.wav", second);
    archive.run(&["ingest", text(&path)]).expect(3).says(&["teil2.wav", "0:00:20", "offset"]);
    let papers = archive.dir().join("papers.json");
    std::fs::write(papers, "[]").unwrap();
    let extra =
        "[[agenda]]\nnumber = \"1\"\ntitle = \"Rufbus\"\npaper = \"BV-9999/21\"\npublic = true\n";
    let path = manifest(&archive, "ton.wav", extra);
    let text_with_papers =
        std::fs::read_to_string(&path).unwrap().replace("[[rec", "papers = \"papers.json\"\n[[rec");
    std::fs::write(&path, text_with_papers).unwrap();
    archive.run(&["ingest", text(&path)]).expect(3).says(&["meeting.toml", "BV-9999/21"]);
    archive.run(&["export", "probe", "--format", "txt"]).expect(4).says(&["probe"]);
    archive.run(&["ingest", "gibt-es-nicht.toml"]).expect(3).says(&["gibt-es-nicht.toml"]);
}

#[test]
fn models_that_are_unknown_or_corrupted_are_refused() {
    let archive = Archive::new();
    let human = root().join("fixtures/audio/de_rhasspy-0004.webm");
    archive
        .run(&["transcribe", text(&human), "--model", "riesig"])
        .expect(3)
        .says(&["riesig", "small"]);
    archive
        .run(&["transcribe", text(&human), "--model", "small"])
        .expect(3)
        .says(&["model fetch small"]);
    let models = archive.dir().join("models");
    std::fs::create_dir_all(&models).unwrap();
    let mut bytes = std::fs::read(root().join("fixtures/models/whisper-base-q8_0.bin")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(models.join("whisper-base-q8_0.bin"), bytes).unwrap();
    archive.run(&["transcribe", text(&human)]).expect(3).says(&["beschädigt", "SHA-256"]);
    archive.run(&["model", "verify"]).expect(3);
    archive.run(&["model", "fetch", "riesig"]).expect(3);
}

/// Without being told where: the model lies beside the program, as it is installed.
#[test]
fn the_bundled_model_is_found_beside_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("mitschnitt");
    std::fs::copy(env!("CARGO_BIN_EXE_mitschnitt"), &program).unwrap();
    let model = folder.path().join("whisper-base-q8_0.bin");
    std::fs::write(&model, "not looked into").unwrap();
    let mut list = std::process::Command::new(program);
    let list = list.args(["model", "list"]).env_clear().current_dir(folder.path());
    let output = String::from_utf8(list.output().unwrap().stdout).unwrap();
    let base = output.lines().find(|line| line.starts_with("base ")).unwrap();
    assert!(base.ends_with(text(&model)), "{base}");
}

#[test]
fn wrong_usage_is_two_and_missing_things_are_four() {
    let archive = Archive::new();
    archive.run(&["singen"]).expect(2);
    archive.run(&["--help"]).expect(0);
    archive.run(&["run", "--meeting", "gibt-es-nicht"]).expect(4).says(&["kein Archiv"]);
}

#[test]
fn a_damaged_or_unwritable_archive_is_five() {
    let archive = Archive::new();
    std::fs::write(archive.dir().join("archive.sqlite"), vec![7; 8192]).unwrap();
    archive.run(&["run"]).expect(5).says(&["archive.sqlite", "Sicherung"]);
    let blocked = Archive::new();
    std::fs::write(blocked.dir().join("datei"), "").unwrap();
    let inside = blocked.dir().join("datei/archiv");
    blocked.run(&["--data-dir", text(&inside), "run"]).expect(5).says(&["datei/archiv"]);
    assert_eq!(files(blocked.dir()).len(), 1, "nothing half-written");
}

/// A full disk, where this machine lets us make a small one.
#[test]
fn a_full_disk_loses_nothing() {
    let Some(disk) = SmallDisk::mount("3m") else { return };
    let archive = Archive::new();
    let output = archive.run(&["--data-dir", text(disk.path()), "demo", "--no-serve"]).expect(5);
    assert!(output.stderr.contains("Platz"), "{}", output.stderr);
}
