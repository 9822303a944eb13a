//! Runs the program as its users do, and keeps one demo archive for all tests that only read.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the program did.
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Fails the test unless the exit code is this one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails the test unless standard error holds all of these.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "„{word}“ is not in:\n{}", self.stderr);
        }
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// A data directory and the program over it.
pub struct Archive {
    dir: PathBuf,
    /// Deletes the directory with the archive, unless others are to read it.
    _temporary: Option<tempfile::TempDir>,
}

impl Archive {
    pub fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        Self { dir: temporary.path().to_owned(), _temporary: Some(temporary) }
    }

    /// In a folder that stays; what was there before is deleted.
    fn in_folder(folder: PathBuf) -> Self {
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => Self { dir: folder, _temporary: None },
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// `mitschnitt` with these arguments, in the repository's root, with an empty home.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mitschnitt"));
        command
            .current_dir(root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir().join("home"))
            .env("MITSCHNITT_DATA_DIR", self.dir())
            .args(arguments);
        command
    }

    /// Runs that command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The demo archive with what `mitschnitt -vv demo --no-serve` said; made once, never changed. Where
/// `MITSCHNITT_DEMO_ARCHIVE` says, it stays for the browser tests.
pub fn demo() -> &'static (Archive, Output) {
    static DEMO: OnceLock<(Archive, Output)> = OnceLock::new();
    DEMO.get_or_init(|| {
        let archive = match std::env::var_os("MITSCHNITT_DEMO_ARCHIVE") {
            Some(folder) => Archive::in_folder(folder.into()),
            None => Archive::new(),
        };
        let output = archive.run(&["-vv", "demo", "--no-serve"]).expect(0);
        (archive, output)
    })
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Makes a media file with ffmpeg, which CI installs.
pub fn ffmpeg(arguments: &[&str], target: &Path) {
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        .arg(target)
        .status()
        .expect("ffmpeg is installed by `make test`");
    assert!(made.success());
}
