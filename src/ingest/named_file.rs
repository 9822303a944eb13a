//! Files as somebody names them → as they lie on the disk: "ä" may be one character in the one and two in
//! the other (Unicode's normal forms), as names from a Mac often are. Refuses to choose between several.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

/// More of equal names help nobody.
const MOST_TOLD: usize = 4;

/// What to do where several are called so.
pub const RENAME: &str = "Die Namen unterscheiden sich nur in der Schreibweise der Umlaute (Unicode); \
                          benennen Sie eine der Dateien um";

/// Why a path means no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfound {
    /// Nothing is called so.
    Missing,
    /// Several are, in other normal forms.
    Several(Vec<PathBuf>),
}

/// Where that lies which `path` names: there, else the only thing whose name differs in nothing but the
/// normal form. `is` says whether something is of the right kind.
///
/// # Errors
/// Where there is none of it, or more than one.
pub fn find(path: &Path, is: fn(&Path) -> bool) -> Result<PathBuf, Unfound> {
    if is(path) {
        return Ok(path.to_owned());
    }
    let mut places = vec![PathBuf::new()];
    for component in path.components() {
        places = match component {
            Component::Normal(name) => places.iter().flat_map(|p| called(p, name)).collect(),
            other => places.iter().map(|place| place.join(other)).collect(),
        };
    }
    places.retain(|place| is(place));
    match places.len() {
        0 => Err(Unfound::Missing),
        1 => Ok(places.remove(0)),
        _ => Err(Unfound::Several(places)),
    }
}

/// What is called so in a folder, in any normal form.
fn called(folder: &Path, name: &OsStr) -> Vec<PathBuf> {
    // Pure ASCII has one form, and names that are no Unicode have none.
    let Some(text) = name.to_str().filter(|text| !text.is_ascii()) else {
        return vec![folder.join(name)];
    };
    let wanted: String = text.nfc().collect();
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(here) else { return vec![folder.join(name)] };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut found: Vec<PathBuf> = names
        .filter(|name| name.to_str().is_some_and(|name| name.nfc().eq(wanted.chars())))
        .map(|name| folder.join(name))
        .collect();
    found.sort();
    found
}

/// Names that look alike, with what they differ in: each combining character by its number.
pub fn told_apart(paths: &[PathBuf]) -> String {
    let told = paths.iter().take(MOST_TOLD).map(|path| {
        let mut text = String::new();
        for c in path.to_string_lossy().chars() {
            match c {
                '\u{300}'..='\u{36f}' => write!(text, "<U+{:04X}>", c as u32).unwrap_or_default(),
                c => text.push(c),
            }
        }
        text
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPOSED: &str = "März ü.wav";
    const DECOMPOSED: &str = "Ma\u{308}rz u\u{308}.wav";
    const MIXED: &str = "März u\u{308}.wav";

    #[test]
    fn either_form_is_found_in_the_other_and_the_exact_one_first() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at(DECOMPOSED), "").unwrap();
        assert_eq!(find(&at(COMPOSED), Path::is_file), Ok(at(DECOMPOSED)));
        std::fs::write(at(MIXED), "").unwrap();
        assert_eq!(
            find(&at(COMPOSED), Path::is_file),
            Err(Unfound::Several(vec![at(DECOMPOSED), at(MIXED)]))
        );
        std::fs::write(at(COMPOSED), "").unwrap();
        assert_eq!(find(&at(COMPOSED), Path::is_file), Ok(at(COMPOSED)));
        assert_eq!(find(&at("Ma\u{308}rz.wav"), Path::is_file), Err(Unfound::Missing));
        assert_eq!(find(&at("Marz ü.wav"), Path::is_file), Err(Unfound::Missing));
    }

    #[test]
    fn folders_on_the_way_may_have_another_form_too() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("Ausschu\u{308}sse").join("Größe");
        std::fs::create_dir_all(&folder).unwrap();
        let named = dir.path().join("Ausschüsse").join("Gro\u{308}ße");
        assert_eq!(find(&named, Path::is_dir), Ok(folder.clone()));
        let other = dir.path().join("Ausschüsse");
        std::fs::create_dir_all(&other).unwrap();
        std::fs::write(folder.join("ä.json"), "").unwrap();
        let file = named.join("../Größe/a\u{308}.json");
        let found = dir.path().join("Ausschu\u{308}sse/Größe/../Größe/ä.json");
        assert_eq!(find(&file, Path::is_file), Ok(found));
    }

    #[test]
    fn names_that_look_alike_are_told_apart() {
        let told = told_apart(&[PathBuf::from(COMPOSED), PathBuf::from(MIXED)]);
        assert_eq!(told, "März ü.wav, März u<U+0308>.wav");
    }
}
