//! Real input: a human voice, and council data as real servers give it.

use crate::harness::{Archive, files, root};
use crate::shared::{shared, soak};

/// From a WebM with Opus to a word error rate, with the model that ships with the program: all 28
/// sentences, in the short form every fourth.
#[test]
fn a_human_voice_is_understood() {
    let archive = Archive::new();
    let audio = root().join("fixtures/audio");
    let (every, most) = if soak() { (1, 0.27) } else { (4, 0.35) };
    let table = std::fs::read_to_string(audio.join("transcripts.tsv")).unwrap();
    let lines: Vec<&str> = table.lines().filter(|line| line.contains(".webm\t")).collect();
    assert_eq!(lines.len(), 28);
    let chosen: Vec<&str> = lines.into_iter().step_by(every).collect();
    for line in &chosen {
        let file = line.split('\t').next().unwrap();
        std::fs::copy(audio.join(file), archive.dir().join(file)).unwrap();
    }
    std::fs::write(archive.dir().join("transcripts.tsv"), chosen.join("\n")).unwrap();
    let folder = archive.dir().to_str().unwrap();
    let output = archive.run(&["eval", "wer", folder, "--json"]).expect(0).json();
    let count = |what: &str| output["pooled"][what].as_f64().unwrap();
    let wrong = count("substitutions") + count("deletions") + count("insertions");
    let wer = wrong / count("words");
    println!("{} sentences in a human voice: {:.1} % word errors", chosen.len(), wer * 100.0);
    assert!(wer <= most, "word error rate {wer:.3}");
}

#[test]
fn every_meeting_of_real_servers_is_ingested() {
    let Some(oparl) = shared("data/oparl") else { return };
    let archive = Archive::new();
    let output = archive.run(&["ingest", oparl.to_str().unwrap()]);
    println!("{}\n{}", output.stdout, output.stderr);
    let meetings = files(&oparl.join("karlsruhe/meetings")).len();
    let registered = output.stdout.lines().filter(|l| l.contains("Tagesordnungspunkt")).count();
    assert!(registered > meetings, "{registered} registered, the city has {meetings}");
    let again = archive.run(&["ingest", oparl.to_str().unwrap()]);
    assert!(again.stdout.lines().all(|l| l.contains("unverändert")), "{}", again.stdout);
}
