//! The index directory: what is damaged, old, foreign or held by somebody else.

use std::fs;

use super::*;

fn path(archive: &Archive) -> std::path::PathBuf {
    archive.dir.path().join("index")
}

/// Closes the archive, lets `damage` loose on its directory and opens it again.
fn reopened(archive: Archive, damage: impl FnOnce(&std::path::Path)) -> (Archive, Option<Reason>) {
    let path = path(&archive);
    let Archive { index, dir } = archive;
    drop(index);
    damage(&path);
    let opened = Index::open(&path).unwrap();
    (Archive { index: opened.index, dir }, opened.rebuilt)
}

#[test]
fn a_whole_index_is_opened_as_it_is() {
    let archive = Archive::with([said("a", "der Haushalt"), said("b", "die Schule")]);
    let (archive, rebuilt) = reopened(archive, |_| {});
    assert_eq!(rebuilt, None);
    assert_eq!(archive.found("haushalt"), ["a/0"]);
    assert_eq!(archive.index.fingerprints().unwrap()["a"], "stand-2");
    assert_eq!(archive.index.fingerprint("b").unwrap().as_deref(), Some("stand-2"));
    archive.index.remove("b").unwrap();
    assert_eq!(archive.index.fingerprint("b").unwrap(), None);
}

#[test]
fn a_damaged_index_is_made_anew() {
    let break_meta = |path: &std::path::Path| fs::write(path.join("meta.json"), "{\"seg").unwrap();
    let drop_meta = |path: &std::path::Path| fs::remove_file(path.join("meta.json")).unwrap();
    let cut_segments = |path: &std::path::Path| {
        for entry in fs::read_dir(path).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "idx" || extension == "term") {
                let bytes = fs::read(&file).unwrap();
                fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
            }
        }
    };
    let damages: [&dyn Fn(&std::path::Path); 3] = [&break_meta, &drop_meta, &cut_segments];
    for damage in damages {
        let archive = Archive::with([said("a", "der Haushalt")]);
        let (archive, rebuilt) = reopened(archive, damage);
        assert!(matches!(rebuilt, Some(Reason::Damaged(_))), "{rebuilt:?}");
        assert!(archive.index.fingerprints().unwrap().is_empty());
        archive.index.put([said("a", "der Haushalt")]).unwrap();
        assert_eq!(archive.found("haushalt"), ["a/0"]);
        let left: Vec<_> = fs::read_dir(archive.dir.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing of the old index stays: {left:?}");
    }
}

#[test]
fn an_index_with_any_byte_wrong_is_opened_or_made_anew() {
    let archive = Archive::with([said("a", "der Haushalt des Landkreises")]);
    let files: Vec<std::path::PathBuf> =
        fs::read_dir(path(&archive)).unwrap().map(|entry| entry.unwrap().path()).collect();
    for damaged in files.iter().filter(|file| file.extension().is_some_and(|e| e != "json")) {
        let bytes = fs::read(damaged).unwrap();
        // The ends say where everything is.
        let end = bytes.len().saturating_sub(128);
        for wrong in (0..end).step_by(127).chain(end..bytes.len()) {
            let copy = tempfile::tempdir().unwrap();
            for file in &files {
                fs::copy(file, copy.path().join(file.file_name().unwrap())).unwrap();
            }
            let mut bytes = bytes.clone();
            bytes[wrong] ^= 0x5a;
            fs::write(copy.path().join(damaged.file_name().unwrap()), bytes).unwrap();
            let opened = crate::Index::open(copy.path());
            assert!(opened.is_ok(), "{} at {wrong}: {:?}", damaged.display(), opened.err());
        }
    }
}

#[test]
fn an_index_of_another_version_is_made_anew() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    let (archive, rebuilt) = reopened(archive, |path| {
        let meta = path.join("meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        let other = text.replace(r#"{\"format\":"#, r#"{\"format\":9"#);
        assert_ne!(text, other);
        fs::write(meta, other).unwrap();
    });
    assert_eq!(rebuilt, Some(Reason::OtherVersion));
    assert_eq!(archive.ask("").total, 0);
}

#[test]
fn a_directory_of_other_things_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("protokoll.txt"), "wichtig").unwrap();
    assert!(matches!(Index::open(dir.path()), Err(Error::NotAnIndex { .. })));
    assert_eq!(fs::read_to_string(dir.path().join("protokoll.txt")).unwrap(), "wichtig");
}

#[test]
fn many_read_while_one_writes() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    let other = Index::open(&path(&archive)).unwrap();
    assert_eq!(other.rebuilt, None);
    assert!(matches!(other.index.remove("a"), Err(Error::Busy { .. })));
    archive.index.put([said("b", "mehr Haushalt")]).unwrap();
    other.index.refresh().unwrap();
    assert_eq!(other.index.search(&request("haushalt")).unwrap().total, 2);
    archive.index.release().unwrap();
    other.index.remove("a").unwrap();
    archive.index.refresh().unwrap();
    assert_eq!(archive.found("haushalt"), ["b/0"]);
}

#[test]
fn putting_again_replaces_and_removing_removes() {
    let archive = Archive::with([said("a", "der Haushalt von gestern"), said("b", "ein Radweg")]);
    archive
        .index
        .put([said("a", "der Haushalt von heute"), said("a", "der Haushalt von morgen")])
        .unwrap();
    assert_eq!(archive.ask("gestern").total, 0);
    assert_eq!(archive.ask("heute").total, 0);
    assert_eq!(archive.found("morgen haushalt"), ["a/0"]);
    archive.index.remove("a").unwrap();
    assert_eq!(archive.found("haushalt"), [""; 0]);
    assert_eq!(archive.index.fingerprints().unwrap().len(), 1);
    let checked = archive.index.check().unwrap();
    assert_eq!(checked, Checked { meetings: 1, passages: 1, damaged: Vec::new() });
}

#[test]
fn a_meeting_that_cannot_be_linked_leaves_nothing_behind() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    let mut wrong = said("b", "drei kurze Wörter");
    wrong.passages[0].word_times.pop();
    let error = archive.index.put([said("c", "der Haushalt"), wrong]).unwrap_err();
    assert!(error.to_string().contains("„b“"), "{error}");
    let mut spoken_title = said("d", "ein Titel, den niemand spricht");
    spoken_title.passages[0].kind = Kind::Item;
    assert!(archive.index.put([spoken_title]).is_err());
    assert_eq!(archive.found("haushalt"), ["a/0"]);
}

#[test]
fn flipped_bytes_are_told_by_check() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    let file = fs::read_dir(path(&archive))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|file| file.extension().is_some_and(|extension| extension == "store"))
        .unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[0] ^= 0xff;
    fs::write(&file, bytes).unwrap();
    assert_eq!(archive.index.check().unwrap().damaged.len(), 1);
}

#[test]
fn purged_words_are_in_no_file() {
    let archive = Archive::with((0..12).map(|n| {
        let word = if n == 5 { "Geheimwortxyz" } else { "livestream" };
        said(&format!("m{n}"), &format!("Wir sprechen über {word} hier."))
    }));
    let holds = |archive: &Archive| {
        fs::read_dir(path(archive)).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(12).any(|w| w.eq_ignore_ascii_case(b"eheimwortxyz"))
        })
    };
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    assert!(holds(&archive), "the test can see the word");
    assert_eq!(archive.index.complete("geheim", 8).unwrap().len(), 1, "it was learned");
    archive.index.remove("m5").unwrap();
    archive.index.purge().unwrap();
    assert!(!holds(&archive));
    assert!(archive.index.complete("geheim", 8).unwrap().is_empty());
    assert_eq!(archive.found("livestream").len(), 11);
}

#[test]
fn searching_goes_on_for_a_moment_while_the_index_is_replaced() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    let (meta, aside) = (path(&archive).join("meta.json"), archive.dir.path().join("meta.json"));
    fs::rename(&meta, &aside).unwrap();
    archive.index.follow().unwrap();
    assert_eq!(archive.found("haushalt"), ["a/0"]);
    while archive.index.follow().is_ok() {
        std::thread::yield_now();
    }
    fs::rename(&aside, &meta).unwrap();
    archive.index.follow().unwrap();
}

#[test]
fn whoever_writes_deletes_what_killed_processes_put_aside() {
    let archive = Archive::empty();
    let left = archive.dir.path().join("index.alt-4711");
    let other = archive.dir.path().join("index.altbestand");
    for dir in [&left, &other] {
        fs::create_dir(dir).unwrap();
    }
    fs::write(left.join("text.store"), "geschwärzt").unwrap();
    archive.index.put([said("a", "der Haushalt")]).unwrap();
    assert!(!left.exists() && other.exists());
}

/// By the one that purges at once, by others as soon as they see it; what is still there comes back.
#[test]
fn what_was_purged_is_offered_by_nobody() {
    let archive = Archive::with([said("a", "der Haushalt"), said("b", "der Breitbandausbau")]);
    let offered = |index: &Index, text: &str| {
        let completions = index.complete(&text[..4], 9).unwrap();
        completions.iter().any(|completion| completion.text == text)
    };
    archive.index.relearn(Vocabulary::default(), 0).unwrap();
    let other = Index::open(&path(&archive)).unwrap().index;
    assert!(offered(&archive.index, "Breitbandausbau") && offered(&other, "Breitbandausbau"));
    archive.index.remove("b").unwrap();
    archive.index.purge().unwrap();
    assert!(!offered(&archive.index, "Breitbandausbau"));
    assert!(offered(&archive.index, "Haushalt"));
    let misspelt = archive.ask("Breitbandausbao");
    assert_eq!((misspelt.total, misspelt.suggestion), (0, None));
    other.follow().unwrap();
    assert!(!offered(&other, "Breitbandausbau"));
    while !offered(&other, "Haushalt") {
        std::thread::yield_now();
    }
    assert!(!offered(&other, "Breitbandausbau"));
}
