//! Models of one's own: copied into a model folder under a name, with a card of digest, source and licence
//! beside them. Owns the card and the names; refuses what is no whole model.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::fetch::not_written;
use super::{MODELS, Model, verify};
use crate::archive::write_whole;
use crate::domain::{Digest, Error, Result};

/// The card's format (CONTRACT.md).
const FORMAT: &str = "mitschnitt.model/1";
/// The longest name.
const LONGEST_NAME: usize = 64;

/// What was said of a model when it was registered; a file beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    format: String,
    /// What the user calls it.
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Where it comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// What its licence allows.
    #[serde(default)]
    pub licence: Option<String>,
    /// When it was registered.
    pub added: jiff::Timestamp,
}

/// What the user says of a model.
#[derive(Clone, Debug, Default)]
pub struct AboutModel {
    /// What it shall be called.
    pub name: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// What its licence allows.
    pub licence: Option<String>,
}

/// Registers a model file in `dir` under a name: linked where both lie on one disk, else copied.
/// The same file under the same name again replaces what was said of it.
///
/// # Errors
/// `BadInput` for a name that is no good or taken, and for a file that is no whole model; `Archive`
/// where `dir` cannot be written.
pub fn add(file: &Path, about: &AboutModel, dir: &Path) -> Result<ModelCard> {
    let name = about.name.trim();
    check_name(name)?;
    let given = super::at_path(file)?;
    let sha256 = verify(&given)?;
    let target = dir.join(file_of(name));
    let there = target.is_file();
    if there && verify(&at(name, target.clone()))? != sha256 {
        let path = target.display();
        return Err(Error::bad_input(format!("Ein anderes Modell heißt schon „{name}“ ({path})"))
            .remedy("Nehmen Sie einen anderen Namen, oder löschen Sie jene Datei und ihre .json"));
    }
    let said = |text: &Option<String>| text.as_deref().map(str::trim).map(str::to_owned);
    let card = ModelCard {
        format: FORMAT.into(),
        name: name.to_owned(),
        bytes: given.path.metadata().map_or(0, |m| m.len()),
        sha256,
        source: said(&about.source).filter(|s| !s.is_empty()),
        licence: said(&about.licence).filter(|s| !s.is_empty()),
        added: jiff::Timestamp::now(),
    };
    fs::create_dir_all(dir).map_err(|e| not_written(dir, e))?;
    let json = serde_json::to_vec_pretty(&card).unwrap_or_default();
    // The card comes first: a kill in between leaves one without a model, which nobody looks at.
    write_whole(&card_of(&target), &json).map_err(|e| not_written(&card_of(&target), e))?;
    if !there {
        put(&given.path, &target).map_err(|e| not_written(&target, e))?;
    }
    Ok(card)
}

/// The models in `dirs` that the table does not name, by name; of two of one name the first counts.
pub fn own(dirs: &[PathBuf]) -> Vec<Model> {
    let mut found: Vec<Model> = Vec::new();
    for dir in dirs {
        let files = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let named = files.filter_map(|path| Some((name_of(&path)?, path)));
        let mut here: Vec<Model> = named
            .filter(|(_, path)| path.is_file())
            .filter(|(name, _)| found.iter().all(|model| model.name != *name))
            .map(|(name, path)| at(&name, path))
            .collect();
        found.append(&mut here);
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// A model of one's own of this name, whose file is known to be there.
pub(super) fn at(name: &str, path: PathBuf) -> Model {
    Model { name: name.to_owned(), card: card(&path), path, spec: None }
}

/// The file of a name in a model folder.
pub(super) fn file_of(name: &str) -> String {
    format!("ggml-{name}.bin")
}

/// The name of a file in a model folder, unless it is a model of the table.
fn name_of(path: &Path) -> Option<String> {
    let file = path.file_name()?.to_str()?;
    let name = file.strip_prefix("ggml-")?.strip_suffix(".bin")?;
    MODELS.iter().all(|spec| spec.file != file).then(|| name.to_owned())
}

fn card_of(model: &Path) -> PathBuf {
    model.with_extension("json")
}

/// One that cannot be read is none: what it says of a model is then not checked.
fn card(model: &Path) -> Option<ModelCard> {
    let card: ModelCard = serde_json::from_slice(&fs::read(card_of(model)).ok()?).ok()?;
    (card.format == FORMAT).then_some(card)
}

/// A name becomes part of a file's name, and stands in commands.
fn check_name(name: &str) -> Result<()> {
    if MODELS.iter().any(|spec| spec.name == name) {
        return Err(Error::bad_input(format!("„{name}“ heißt ein veröffentlichtes Modell"))
            .remedy(format!("Nehmen Sie einen anderen Namen, etwa --name {name}-eigen")));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let sound = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= LONGEST_NAME
        && name.chars().all(allowed)
        && !name.ends_with(".bin");
    if sound {
        return Ok(());
    }
    Err(Error::bad_input(format!("„{name}“ taugt nicht als Name eines Modells")).remedy(format!(
        "Nehmen Sie bis zu {LONGEST_NAME} Buchstaben (a–z), Ziffern, Punkte und Striche, etwa \
         --name turbo-de"
    )))
}

/// Links or copies a file, so that it is there as a whole or not at all.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    // A link to a link would break when that goes.
    let from = from.canonicalize()?;
    if fs::hard_link(&from, to).is_ok() {
        return Ok(());
    }
    let folder = to.parent().unwrap_or(Path::new("."));
    let mut copy = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(&mut File::open(&from)?, &mut copy)?;
    copy.as_file().set_permissions(from.metadata()?.permissions())?;
    copy.as_file().sync_all()?;
    copy.persist(to)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{ModelShape, Preset, find, ggml, verify};
    use super::*;

    fn about(name: &str) -> AboutModel {
        AboutModel { name: name.into(), source: Some("https://example.org".into()), licence: None }
    }

    #[test]
    fn a_model_of_ones_own_is_registered_found_and_verified() {
        let folder = tempfile::tempdir().unwrap();
        let (file, dir) = (folder.path().join("unser.bin"), folder.path().join("models"));
        fs::write(&file, ggml::tests::small_file(&ModelShape::of(Preset::Base))).unwrap();
        let card = add(&file, &about("unser-1.0"), &dir).unwrap();
        let dirs = [dir.clone()];
        let model = find("unser-1.0", &dirs).unwrap();
        assert_eq!(verify(&model).unwrap(), card.sha256);
        assert_eq!(own(&dirs), std::slice::from_ref(&model));
        assert_eq!(model.card.unwrap().source.as_deref(), Some("https://example.org"));

        // The same again is no failure; another of the same name is.
        add(&file, &about("unser-1.0"), &dir).unwrap();
        let other = folder.path().join("anderes.bin");
        fs::write(&other, ggml::tests::small_file(&ModelShape::of(Preset::Tiny))).unwrap();
        let taken = add(&other, &about("unser-1.0"), &dir).unwrap_err().to_string();
        assert!(taken.contains("anderen Namen"), "{taken}");

        // What was changed since is no longer what was registered.
        let registered = dir.join("ggml-unser-1.0.bin");
        fs::remove_file(&registered).unwrap();
        fs::copy(&other, &registered).unwrap();
        let changed = verify(&find("unser-1.0", &dirs).unwrap()).unwrap_err().to_string();
        assert!(changed.contains("model add"), "{changed}");
    }

    #[test]
    fn names_of_the_table_paths_and_rubbish_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("models");
        let file = folder.path().join("unser.bin");
        let whole = ggml::tests::small_file(&ModelShape::of(Preset::Base));
        fs::write(&file, &whole).unwrap();
        for name in ["small", "base", "../x", "a/b", "", ".x", "-x", "ä", "x.bin", &"x".repeat(65)]
        {
            assert!(add(&file, &about(name), &dir).is_err(), "{name}");
        }
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        let cut = add(&file, &about("unser"), &dir).unwrap_err().to_string();
        assert!(cut.contains("unvollständig"), "{cut}");
        fs::write(&file, "GGUF").unwrap();
        let other = add(&file, &about("unser"), &dir).unwrap_err().to_string();
        assert!(other.contains("ggml"), "{other}");
        assert!(own(std::slice::from_ref(&dir)).is_empty() && !dir.exists());
    }
}
