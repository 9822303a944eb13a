//! Whisper models: which exist, where they lie, whether they are whole, and how to get them.
//! Owns the table of models and their files; refuses to load or run them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::domain::{Digest, Error, Result};

mod fetch;
mod table;

pub use fetch::{BASE_URL, fetch};
pub use table::MODELS;

/// What is known of a model.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    /// What the user calls it: "small".
    pub name: &'static str,
    /// Its file: "ggml-small.bin".
    pub file: &'static str,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: &'static str,
    /// Which attention heads give word times.
    pub heads: Preset,
    /// Where it comes from.
    pub origin: Supply,
}

/// The models for which whisper.cpp knows the attention heads whose peaks follow the sound, for word
/// times by dynamic time warping.
#[allow(missing_docs)] // the names say it all
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    Tiny,
    Base,
    Small,
    Medium,
    LargeV2,
    LargeV3,
    LargeV3Turbo,
}

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// It ships with the program and is nowhere to be downloaded.
    Bundled,
    /// It is published and can be fetched.
    Published,
}

/// A model file on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name in the table, else the file's name without its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What is known of it; nothing of a file of one's own.
    pub spec: Option<&'static Spec>,
}

impl Model {
    /// Which attention heads give word times; `None` of a model of which nobody has said.
    pub fn heads(&self) -> Option<Preset> {
        self.spec.map(|spec| spec.heads)
    }
}

/// The name of the model that ships with the program.
pub const BUNDLED: &str = "base";

/// The entry of the table with this name.
///
/// # Errors
/// `BadInput` with all the names there are.
pub fn spec(name: &str) -> Result<&'static Spec> {
    MODELS.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let names: Vec<&str> = MODELS.iter().map(|spec| spec.name).collect();
        Error::bad_input(format!("Ein Modell „{name}“ gibt es nicht"))
            .remedy(format!("Bekannt sind: {}", names.join(", ")))
    })
}

/// Finds a model by its name in `dirs`, in their order, or takes a path as it is.
/// A file named like one of the table is taken for that model; any other is one's own.
///
/// # Errors
/// `BadInput` where the name is unknown, the model is not here, or the path is no file.
pub fn find(name_or_path: &str, dirs: &[PathBuf]) -> Result<Model> {
    let path = Path::new(name_or_path);
    if path.components().count() > 1 || path.extension().is_some_and(|e| e == "bin") {
        return at_path(path);
    }
    let known = MODELS.iter().find(|spec| spec.name == name_or_path);
    let file = known.map_or_else(|| format!("ggml-{name_or_path}.bin"), |s| s.file.to_owned());
    if let Some(found) = dirs.iter().map(|dir| dir.join(&file)).find(|path| path.is_file()) {
        return Ok(Model { name: name_or_path.to_owned(), path: found, spec: known });
    }
    Err(absent(spec(name_or_path)?, dirs))
}

fn at_path(path: &Path) -> Result<Model> {
    if !path.is_file() {
        return Err(Error::bad_input(format!("Eine Modelldatei {} gibt es nicht", path.display()))
            .remedy("Prüfen Sie den Pfad, oder nennen Sie ein Modell mit Namen (`mitschnitt model list`)"));
    }
    let file = path.file_name().unwrap_or_default();
    let spec = MODELS.iter().find(|spec| file == spec.file);
    let name = match spec {
        Some(spec) => spec.name.to_owned(),
        None => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    Ok(Model { name, path: path.to_owned(), spec })
}

fn absent(spec: &Spec, dirs: &[PathBuf]) -> Error {
    let places: Vec<String> = dirs.iter().map(|dir| dir.display().to_string()).collect();
    let places = if places.is_empty() { "keinem Ordner".to_owned() } else { places.join(", ") };
    Error::bad_input(format!(
        "Das Modell „{}“ ist nicht vorhanden (gesucht wurde {} in: {places})",
        spec.name, spec.file
    ))
    .remedy(remedy(spec))
}

/// How to come by a sound copy of a model.
fn remedy(spec: &Spec) -> String {
    match spec.origin {
        Supply::Published => format!("Laden Sie es mit `mitschnitt model fetch {}`", spec.name),
        Supply::Bundled => format!(
            "Es liegt dem Programm bei: legen Sie die Datei {} neben das Programm oder in den Ordner \
             `models` des Datenordners, oder nennen Sie ihren Ordner mit --model-dir",
            spec.file
        ),
    }
}

/// Reads the whole file and checks its size and SHA-256 against the table.
/// Of a file of one's own only the kind is checked. Gives the file's digest.
///
/// # Errors
/// `BadInput` where the file cannot be read, is cut short, differs, or is no model.
pub fn verify(model: &Model) -> Result<Digest> {
    let unreadable = |e: std::io::Error| {
        Error::bad_input(format!("Das Modell {} ist nicht lesbar", model.path.display()))
            .because(e)
            .remedy("Prüfen Sie die Datei und ihre Zugriffsrechte")
    };
    let mut file = std::fs::File::open(&model.path).map_err(unreadable)?;
    let Some(spec) = model.spec else {
        let mut magic = Vec::new();
        file.by_ref().take(4).read_to_end(&mut magic).map_err(unreadable)?;
        if magic != GGML_MAGIC {
            return Err(Error::bad_input(format!(
                "Die Datei {} ist kein Whisper-Modell im ggml-Format",
                model.path.display()
            ))
            .remedy("Nennen Sie ein Modell mit Namen (`mitschnitt model list`)"));
        }
        let rest = Digest::of_reader(magic.as_slice().chain(file)).map_err(unreadable)?;
        return Ok(rest.0);
    };
    let length = file.metadata().map_err(unreadable)?.len();
    if length != spec.bytes {
        return Err(damaged(model, spec, &format!("{length} statt {} Bytes", spec.bytes)));
    }
    let (digest, _) = Digest::of_reader(file).map_err(unreadable)?;
    if digest.as_str() != spec.sha256 {
        return Err(damaged(model, spec, &format!("SHA-256 {digest} statt {}", spec.sha256)));
    }
    Ok(digest)
}

/// The first four bytes of every ggml file: 0x67676d6c, little-endian.
const GGML_MAGIC: [u8; 4] = *b"lmgg";

fn damaged(model: &Model, spec: &Spec, how: &str) -> Error {
    let path = model.path.display();
    Error::bad_input(format!("Das Modell „{}“ ist beschädigt ({path}: {how})", spec.name))
        .remedy(format!("Löschen Sie diese Datei. {}", remedy(spec)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    #[test]
    fn directories_are_searched_in_order_and_paths_taken_as_they_are() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let dirs = [first.path().to_owned(), second.path().to_owned()];
        let missing = find("small", &dirs).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::BadInput);
        assert!(missing.to_string().contains("mitschnitt model fetch small"), "{missing}");

        std::fs::write(dirs[1].join("ggml-small.bin"), b"x").unwrap();
        assert_eq!(find("small", &dirs).unwrap().path, dirs[1].join("ggml-small.bin"));
        std::fs::write(dirs[0].join("ggml-small.bin"), b"x").unwrap();
        assert_eq!(find("small", &dirs).unwrap().path, dirs[0].join("ggml-small.bin"));

        let own = dirs[0].join("eigenes.bin");
        std::fs::write(&own, b"x").unwrap();
        let own = find(own.to_str().unwrap(), &[]).unwrap();
        assert_eq!((own.name.as_str(), own.spec), ("eigenes", None));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = find("riesig", &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadInput);
        assert!(error.to_string().contains("large-v3-turbo-q5_0"), "{error}");
    }

    #[test]
    fn a_damaged_model_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ggml-tiny.bin");
        let tiny = spec("tiny").unwrap();
        // The right length costs no space: the file is one hole.
        std::fs::File::create(&path).unwrap().set_len(tiny.bytes).unwrap();
        let model = find("tiny", &[dir.path().to_owned()]).unwrap();
        let error = verify(&model).unwrap_err().to_string();
        assert!(error.contains("SHA-256") && error.contains("model fetch tiny"), "{error}");

        std::fs::write(&path, b"lmgg").unwrap();
        let error = verify(&model).unwrap_err().to_string();
        assert!(error.contains("4 statt 77691713 Bytes"), "{error}");
    }

    #[test]
    fn a_file_of_ones_own_must_at_least_be_a_model() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("eigenes.bin");
        std::fs::write(&path, b"lmgg and so on").unwrap();
        let model = find(path.to_str().unwrap(), &[]).unwrap();
        assert_eq!(verify(&model).unwrap(), Digest::of(b"lmgg and so on"));
        std::fs::write(&path, b"<html>").unwrap();
        assert_eq!(verify(&model).unwrap_err().kind(), ErrorKind::BadInput);
    }
}
