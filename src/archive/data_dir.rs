//! The data directory and the other places that a program works in, settled once when it starts. Owns
//! what lies where; opens nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Folder, Locks, machine};
use crate::domain::{Cutting, DecodingSettings};

/// The folder of an archive and of everything that is derived from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// This folder, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The search index.
    pub fn index(&self) -> PathBuf {
        self.0.join("index")
    }

    /// Speech models of this archive.
    pub fn models(&self) -> PathBuf {
        self.0.join("models")
    }

    /// Recordings that are coming in, a folder each. They may hold what is not public: no backup takes them,
    /// no page shows them.
    pub fn intake(&self) -> PathBuf {
        self.0.join("intake")
    }

    /// The files of the demo meeting.
    pub fn demo(&self) -> PathBuf {
        self.0.join("demo")
    }

    /// The locks between the processes that work in it.
    pub fn locks(&self) -> Locks {
        Locks::of(&self.0.join("locks"))
    }

    /// The files that the site serves.
    pub fn files(&self) -> Folder {
        Folder::of(&self.0)
    }

    /// Whether nothing can be written into it.
    pub fn is_read_only(&self) -> bool {
        let probe = tempfile::Builder::new().prefix(".schreibprobe-").tempfile_in(&self.0);
        self.0.is_dir() && probe.is_err()
    }
}

/// Everything outside the program that its stages need, as flags, settings and the machine give it.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The data directory.
    pub data_dir: DataDir,
    /// The ledger of restrictions, where the settings put it outside the data directory.
    pub ledger: Option<PathBuf>,
    /// Where models are looked for, in this order.
    pub model_dirs: Vec<PathBuf>,
    /// Where models go that are fetched.
    pub fetched_models: PathBuf,
    /// What was tried out on this machine; `None` remembers nothing.
    pub calibration: Option<PathBuf>,
    /// How windows are cut for the recogniser.
    pub cutting: Cutting,
    /// How the recogniser looks for words.
    pub decoding: DecodingSettings,
    /// Abbreviations of the settings, which overrule those that the search knows.
    pub abbreviations: BTreeMap<String, String>,
}

impl Environment {
    /// Models are looked for where it was said, in the data directory, in the user's cache, beside the
    /// program, and where the program was built. What was tried out lies in the user's cache, because
    /// it belongs to the machine and not to an archive.
    pub fn new(
        data_dir: &Path,
        model_dir: Option<&Path>,
        ledger: Option<&Path>,
        cutting: Cutting,
    ) -> Self {
        let data_dir = DataDir::new(data_dir);
        let cache = machine::user_cache();
        let beside = std::env::current_exe().ok().and_then(|p| Some(p.parent()?.to_owned()));
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/models");
        let said = model_dir.map(Path::to_owned);
        let fetched_models = said.clone().unwrap_or_else(|| data_dir.models());
        let model_dirs = said.into_iter().chain([data_dir.models()]);
        let model_dirs = model_dirs.chain(cache.as_ref().map(|c| c.join("models")));
        Self {
            ledger: ledger.map(Path::to_owned),
            model_dirs: model_dirs.chain(beside).chain([built]).collect(),
            fetched_models,
            calibration: cache.map(|c| c.join("calibration.json")),
            cutting,
            decoding: DecodingSettings::default(),
            abbreviations: BTreeMap::new(),
            data_dir,
        }
    }
}
