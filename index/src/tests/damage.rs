//! Files that are damaged while the index is open.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::*;

fn files(archive: &Archive) -> Vec<PathBuf> {
    let dir = fs::read_dir(archive.dir.path().join("index")).unwrap();
    let files = dir.map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_none_or(|end| end != "lock")).collect()
}

fn overwrite(file: &Path, byte: impl Fn(usize) -> u8) {
    let length = fs::metadata(file).unwrap().len() as usize;
    let bytes: Vec<u8> = (0..length).map(byte).collect();
    File::options().write(true).open(file).unwrap().write_all(&bytes).unwrap();
}

fn cut(file: &Path) {
    let length = fs::metadata(file).unwrap().len();
    File::options().write(true).open(file).unwrap().set_len(length / 2).unwrap();
}

#[test]
fn every_damage_to_every_file_is_found_and_what_stumbles_over_it_says_so() {
    let damages: [&dyn Fn(&Path); 4] = [
        &cut,
        &|file| overwrite(file, |_| 0),
        &|file| overwrite(file, |n| (n * 131 % 251) as u8),
        &|file| fs::remove_file(file).unwrap(),
    ];
    let speech = || said("a", "der Haushalt des Landkreises");
    let sorts = files(&Archive::with([speech()])).len();
    assert!(sorts >= 8, "{sorts}");
    for damage in damages {
        for n in 0..sorts {
            let archive = Archive::with([speech()]);
            archive.index.release().unwrap();
            assert_eq!(archive.index.find_damage().unwrap(), None);
            let file = &files(&archive)[n];
            damage(file);
            let answers = [
                archive.index.search(&request("haushalt")).map(drop),
                archive.index.complete("haus", 8).map(drop),
                archive.index.fingerprints().map(drop),
            ];
            for error in answers.into_iter().filter_map(|answer| answer.err()) {
                let is_told = matches!(error, Error::Damaged { .. } | Error::Io { .. });
                assert!(is_told, "{}: {error:?}", file.display());
            }
            assert!(archive.index.find_damage().unwrap().is_some(), "{}", file.display());
            archive.index.abandon();
            let opened = Index::open_verified(&archive.dir.path().join("index")).unwrap();
            assert!(matches!(opened.rebuilt, Some(Reason::Damaged(_))), "{}", file.display());
            opened.index.put([speech()]).unwrap();
            assert_eq!(opened.index.search(&request("haushalt")).unwrap().total, 1);
        }
    }
}

#[test]
fn a_file_that_was_only_touched_or_put_back_is_sound() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    for file in files(&archive) {
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, bytes).unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(SystemTime::now()).unwrap();
    }
    assert_eq!(archive.index.find_damage().unwrap(), None);
}

#[test]
fn what_others_write_is_no_damage() {
    let archive = Archive::with([said("a", "der Haushalt")]);
    archive.index.release().unwrap();
    let other = Index::open(&archive.dir.path().join("index")).unwrap().index;
    for n in 0..6 {
        other.put([said(&format!("b{n}"), "mehr Haushalt")]).unwrap();
        assert_eq!(archive.index.find_damage().unwrap(), None);
    }
    other.purge().unwrap();
    other.release().unwrap();
    assert_eq!(archive.index.find_damage().unwrap(), None);
    // Whoever was opened long ago knows of the files that others have written since.
    archive.index.remove("b1").unwrap();
    archive.index.purge().unwrap();
    archive.index.release().unwrap();
    assert_eq!(archive.index.find_damage().unwrap(), None);
}
