//! Files that are read more than once and from any place. What comes through a pipe is copied first: it can
//! be read only once, and its second reading would find nothing.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::domain::{Error, Result};

/// A line longer than this, in bytes, is none.
const LONGEST_LINE: u64 = 16 << 20;

/// A file that somebody named.
#[derive(Debug)]
pub struct InputFile {
    name: String,
    path: PathBuf,
    /// Goes when this goes.
    _copy: Option<TempPath>,
}

impl InputFile {
    /// By its name; `-` is standard input.
    ///
    /// # Errors
    /// `BadInput` where it cannot be read, or the name means several files.
    pub fn open(named: &Path) -> Result<Self> {
        let is_stdin = named == Path::new("-");
        let path = if is_stdin { PathBuf::from("/dev/stdin") } else { super::named(named)? };
        let name = if is_stdin { "Standardeingabe".to_owned() } else { path.display().to_string() };
        let told = |e| unreadable(&name, e);
        let kind = std::fs::metadata(&path).map_err(told)?.file_type();
        if kind.is_dir() {
            return Err(Error::bad_input(format!("{name} ist ein Ordner"))
                .remedy("Nennen Sie die Dateien darin"));
        }
        if kind.is_file() && !is_stdin {
            return Ok(Self { name, path, _copy: None });
        }
        let mut copy = NamedTempFile::new().map_err(told)?;
        io::copy(&mut File::open(&path).map_err(told)?, copy.as_file_mut()).map_err(told)?;
        let copy = copy.into_temp_path();
        Ok(Self { name, path: copy.to_path_buf(), _copy: Some(copy) })
    }

    /// How people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A place in it, as errors tell it; lines count from 1.
    pub fn at(&self, line: usize) -> String {
        format!("{}, Zeile {line}", self.name)
    }

    /// Its bytes, from the start.
    pub fn bytes(&self) -> Result<File> {
        File::open(&self.path).map_err(|e| self.unreadable(e))
    }

    /// That it cannot be read.
    pub fn unreadable(&self, error: io::Error) -> Error {
        unreadable(&self.name, error)
    }

    /// Every line: number (from 1), offset and bytes.
    ///
    /// # Errors
    /// `BadInput` where the file cannot be read, or has a line without end.
    pub fn lines(&self, mut found: impl FnMut(usize, u64, &[u8])) -> Result<()> {
        let mut reader = self.reader()?;
        let (mut offset, mut bytes) = (0, Vec::new());
        for line in 1.. {
            let read = self.line(&mut reader, line, &mut bytes)?;
            if read == 0 {
                break;
            }
            found(line, offset, &bytes);
            offset += read;
        }
        Ok(())
    }

    /// The first line that says anything, without what stands around it; nothing where all are empty.
    ///
    /// # Errors
    /// As [`Self::lines`].
    pub fn first_line(&self) -> Result<Option<String>> {
        let mut reader = self.reader()?;
        let mut bytes = Vec::new();
        for line in 1.. {
            if self.line(&mut reader, line, &mut bytes)? == 0 {
                break;
            }
            let text = String::from_utf8_lossy(&bytes);
            let text = bare(&text);
            if !text.is_empty() {
                return Ok(Some(text.to_owned()));
            }
        }
        Ok(None)
    }

    fn reader(&self) -> Result<BufReader<File>> {
        Ok(BufReader::with_capacity(1 << 20, self.bytes()?))
    }

    /// Reads a line into `bytes`. Gives their number.
    fn line(&self, reader: &mut impl BufRead, line: usize, bytes: &mut Vec<u8>) -> Result<u64> {
        bytes.clear();
        let read = reader.take(LONGEST_LINE).read_until(b'\n', bytes);
        let read = read.map_err(|e| self.unreadable(e))? as u64;
        if read == LONGEST_LINE && bytes.last() != Some(&b'\n') {
            return Err(Error::bad_input(format!("{}: Die Zeile hört nicht auf", self.at(line)))
                .remedy("Erwartet wird eine Angabe je Zeile (JSON Lines)"));
        }
        Ok(read)
    }
}

/// A line without a byte order mark and space around it.
pub(super) fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

fn unreadable(name: &str, error: io::Error) -> Error {
    Error::bad_input(format!("{name} ist nicht lesbar"))
        .because(error)
        .remedy("Prüfen Sie Namen und Rechte der Datei")
}
