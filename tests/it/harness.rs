//! Runs the program as its users do, and keeps one demo archive for all tests that only read.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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

    /// One that is there already.
    pub fn at(folder: &Path) -> Self {
        Self { dir: folder.to_owned(), _temporary: None }
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
        self.fed(arguments, "")
    }

    /// The same with something on standard input, through a pipe.
    pub fn fed(&self, arguments: &[&str], input: &str) -> Output {
        use std::io::Write as _;
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who does not read it has ended; a pipe holds more than tests write.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The site over an archive, as `mitschnitt serve` runs it; ends when it is dropped.
pub struct Site {
    process: std::process::Child,
    address: String,
}

/// An answer of the site, read whole.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Site {
    pub fn start(archive: &Archive) -> Self {
        use std::io::BufRead as _;
        let mut process = Command::new(env!("CARGO_BIN_EXE_mitschnitt"))
            .current_dir(root())
            .env("MITSCHNITT_DATA_DIR", archive.dir())
            .env("HOME", archive.dir().join("home"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        assert!(!address.is_empty(), "the site does not start");
        Self { process, address }
    }

    pub fn get(&self, path: &str) -> Answer {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: answer[end + 4..].to_vec() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
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
