//! Whisper models: which exist, where they lie, whether they are whole, and how to get them.
//! Owns the table of models and their files; refuses to load or run them.

use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::domain::{Digest, Error, Result};

mod fetch;
mod ggml;
mod own;
mod shape;
mod table;

pub use fetch::{BASE_URL, fetch};
pub use own::{AboutModel, ModelCard, add, own};
pub use shape::{AlignmentHeads, ModelShape, Preset};
pub use table::MODELS;

use ggml::ModelFault;

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
    /// Where it comes from.
    pub origin: Supply,
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
    /// The name in the table, the one it was registered under, else the file's name without its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What is known of it; nothing of a file of one's own.
    pub spec: Option<&'static Spec>,
    /// What was said of it when it was registered.
    pub card: Option<ModelCard>,
}

impl Model {
    /// What it is by its digest: one of the table is that one, whatever its file is called.
    #[must_use]
    pub fn known_by(self, digest: &Digest) -> Self {
        match MODELS.iter().find(|spec| spec.sha256 == digest.as_str()) {
            Some(spec) => Self { name: spec.name.to_owned(), spec: Some(spec), ..self },
            None => self,
        }
    }

    /// The sizes of its network, which say how it is used.
    ///
    /// # Errors
    /// `BadInput` where the file cannot be read, or is no model.
    pub fn shape(&self) -> Result<ModelShape> {
        let mut file = BufReader::new(self.open()?);
        ggml::shape(&mut file).map_err(|fault| self.faulty(fault))
    }

    /// The bytes of every token of its vocabulary by id; empty for special tokens. The weights are not
    /// touched.
    ///
    /// # Errors
    /// `BadInput` where the file cannot be read, is no model, or its vocabulary could not write every
    /// text.
    pub fn vocabulary(&self) -> Result<Vec<Vec<u8>>> {
        let mut file = BufReader::new(self.open()?);
        ggml::vocabulary(&mut file).map_err(|fault| self.faulty(fault))
    }

    fn open(&self) -> Result<File> {
        File::open(&self.path).map_err(|e| self.faulty(ModelFault::Unreadable(e)))
    }

    /// What is wrong with it, in words, and what to do.
    fn faulty(&self, fault: ModelFault) -> Error {
        let path = self.path.display();
        let published = self.spec.or_else(|| {
            let file = self.path.file_name().unwrap_or_default();
            MODELS.iter().find(|spec| file == spec.file)
        });
        match (fault, published) {
            (ModelFault::Unreadable(e), _) => {
                Error::bad_input(format!("Das Modell {path} ist nicht lesbar"))
                    .because(e)
                    .remedy("Prüfen Sie die Datei und ihre Zugriffsrechte")
            }
            (fault, Some(spec)) => damaged(self, spec, &fault.to_string()),
            (ModelFault::OtherFormat, None) => Error::bad_input(format!(
                "Die Datei {path} ist kein Whisper-Modell im ggml-Format"
            ))
            .remedy(
                "Nennen Sie ein Modell mit Namen (`mitschnitt model list`), oder wandeln Sie Ihres um: \
                 docs/recognition.md",
            ),
            (ModelFault::Truncated, None) => Error::bad_input(format!(
                "Das Modell {path} ist unvollständig: die Datei endet mitten in den Gewichten"
            ))
            .remedy(
                "Laden oder kopieren Sie sie noch einmal, und vergleichen Sie Länge und Prüfsumme mit denen \
                 der Quelle",
            ),
            (ModelFault::Wrong(what), None) => Error::bad_input(format!(
                "Die Datei {path} ist kein Whisper-Modell, mit dem sich arbeiten lässt: {what}"
            ))
            .remedy(
                "Laden oder kopieren Sie sie noch einmal, oder wandeln Sie das Modell neu um: \
                 docs/recognition.md",
            ),
        }
    }
}

/// The name of the model that ships with the program.
pub const BUNDLED: &str = "base";

/// The entry of the table with this name.
///
/// # Errors
/// `BadInput` with all the names there are.
pub fn spec(name: &str) -> Result<&'static Spec> {
    MODELS.iter().find(|spec| spec.name == name).ok_or_else(|| unknown(name, &[]))
}

/// All models that are here: those of the table, then one's own.
pub fn present(dirs: &[PathBuf]) -> Vec<Model> {
    let known = MODELS.iter().filter_map(|spec| find(spec.name, dirs).ok());
    known.chain(own(dirs)).collect()
}

/// Finds a model by its name in `dirs`, in their order, or takes a path as it is. Found by its name, one
/// of the table is taken for that model, and must be it; a path is one's own model, whatever its name,
/// until its digest says otherwise ([`Model::known_by`]).
///
/// # Errors
/// `BadInput` where the name is unknown, the model is not here, or the path is no file.
pub fn find(name_or_path: &str, dirs: &[PathBuf]) -> Result<Model> {
    let path = Path::new(name_or_path);
    if path.components().count() > 1 || path.extension().is_some_and(|e| e == "bin") {
        return at_path(path);
    }
    let known = MODELS.iter().find(|spec| spec.name == name_or_path);
    let file = known.map_or_else(|| own::file_of(name_or_path), |s| s.file.to_owned());
    let found = dirs.iter().map(|dir| dir.join(&file)).find(|path| path.is_file());
    match (found, known) {
        (Some(path), None) => Ok(own::at(name_or_path, path)),
        (Some(path), spec) => Ok(Model { name: name_or_path.to_owned(), path, spec, card: None }),
        (None, Some(spec)) => Err(absent(spec, dirs)),
        (None, None) => Err(unknown(name_or_path, dirs)),
    }
}

fn at_path(path: &Path) -> Result<Model> {
    if !path.is_file() {
        return Err(Error::bad_input(format!("Eine Modelldatei {} gibt es nicht", path.display()))
            .remedy("Prüfen Sie den Pfad, oder nennen Sie ein Modell mit Namen (`mitschnitt model list`)"));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Model { name, path: path.to_owned(), spec: None, card: None })
}

fn unknown(name: &str, dirs: &[PathBuf]) -> Error {
    let own = own(dirs).into_iter().map(|model| model.name);
    let names: Vec<String> = MODELS.iter().map(|s| s.name.to_owned()).chain(own).collect();
    Error::bad_input(format!("Ein Modell „{name}“ gibt es nicht"))
        .remedy(format!("Bekannt sind: {}", names.join(", ")))
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

/// Reads the whole file and gives its digest. One of the table must have the table's, a registered one
/// that of its card; any other must be a whole model.
///
/// # Errors
/// `BadInput` where the file cannot be read, is cut short, differs, or is no model.
pub fn verify(model: &Model) -> Result<Digest> {
    let unreadable = |e: std::io::Error| model.faulty(ModelFault::Unreadable(e));
    let mut file = BufReader::new(model.open()?);
    if let Some(spec) = model.spec {
        let length = file.get_ref().metadata().map_err(unreadable)?.len();
        if length != spec.bytes {
            return Err(damaged(model, spec, &format!("{length} statt {} Bytes", spec.bytes)));
        }
    } else {
        ggml::check_whole(&mut file).map_err(|fault| model.faulty(fault))?;
    }
    let digest = digest(&model.path, file.get_ref()).map_err(unreadable)?;
    if let Some(spec) = model.spec.filter(|spec| digest.as_str() != spec.sha256) {
        return Err(damaged(model, spec, &format!("SHA-256 {digest} statt {}", spec.sha256)));
    }
    if let Some(card) = model.card.as_ref().filter(|card| digest != card.sha256) {
        let path = model.path.display();
        return Err(Error::bad_input(format!(
            "Das Modell „{}“ ist nicht mehr das angemeldete ({path}: SHA-256 {digest} statt {})",
            card.name, card.sha256
        ))
        .remedy(
            "Löschen Sie diese Datei, und melden Sie das Modell mit `mitschnitt model add` neu an",
        ));
    }
    Ok(digest)
}

/// A file as it was when it was read: path, length, last change.
type ReadState = (PathBuf, u64, Option<SystemTime>);

/// The digest of an open file. Models are large, and a run over many recordings asks for each: what
/// has not changed since is not read again by this process.
fn digest(path: &Path, mut file: &File) -> std::io::Result<Digest> {
    static READ: Mutex<Vec<(ReadState, Digest)>> = Mutex::new(Vec::new());
    let meta = file.metadata()?;
    let state = (path.to_owned(), meta.len(), meta.modified().ok());
    let read = || READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, digest)) = read().iter().find(|(known, _)| *known == state) {
        return Ok(digest.clone());
    }
    file.rewind()?;
    let (digest, _) = Digest::of_reader(file)?;
    read().push((state, digest.clone()));
    Ok(digest)
}

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

        // A path is a model of one's own, also where a model of the table has that name.
        for (file, name) in [("eigenes.bin", "eigenes"), ("ggml-small.bin", "ggml-small")] {
            let own = dirs[0].join(file);
            std::fs::write(&own, b"x").unwrap();
            let own = find(own.to_str().unwrap(), &[]).unwrap();
            assert_eq!((own.name.as_str(), own.spec), (name, None));
        }
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
        // Given as a path, it is a model of one's own that ends too early.
        let model = find(path.to_str().unwrap(), &[]).unwrap();
        let error = verify(&model).unwrap_err().to_string();
        assert!(error.contains("endet zu früh") && error.contains("model fetch tiny"), "{error}");
    }

    #[test]
    fn a_file_of_ones_own_must_be_a_whole_model() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ggml-small.bin");
        let file = ggml::tests::small_file(&ModelShape::of(Preset::Small));
        std::fs::write(&path, &file).unwrap();
        let model = find(path.to_str().unwrap(), &[]).unwrap();
        assert_eq!(verify(&model).unwrap(), Digest::of(&file));
        assert_eq!(model.shape().unwrap(), ModelShape::of(Preset::Small));
        std::fs::write(&path, "<html>").unwrap();
        assert_eq!(verify(&model).unwrap_err().kind(), ErrorKind::BadInput);
    }

    #[test]
    fn a_model_of_the_table_is_known_by_its_digest() {
        let path = PathBuf::from("irgendwas.bin");
        let model = Model { name: "irgendwas".into(), path, spec: None, card: None };
        let tiny = spec("tiny").unwrap();
        let known = model.clone().known_by(&Digest::new(tiny.sha256).unwrap());
        assert_eq!((known.name.as_str(), known.spec), ("tiny", Some(tiny)));
        assert_eq!(model.clone().known_by(&Digest::of(b"x")), model);
    }
}
