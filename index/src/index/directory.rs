//! The files of the index, read with plain reads and never mapped into memory: where a file became
//! shorter a mapping ends the whole process with a signal, a read gives an error. Owns how files are
//! read; writing, locks and the list of files are left to Tantivy's directory.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::iter;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tantivy::HasLen;
use tantivy::directory::error::{
    DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError,
};
use tantivy::directory::{
    Directory, DirectoryLock, FileHandle, Lock, META_LOCK, MmapDirectory, OwnedBytes,
    WatchCallback, WatchHandle, WritePtr,
};

/// Files of which Tantivy keeps everything at hand that it opens: terms, columns, lengths of
/// passages, deletions. They are read once, whole; of the others only what a search asks for.
const KEPT: [&str; 4] = ["term", "fast", "fieldnorm", "del"];

/// A directory of index files. Cheap to clone.
#[derive(Clone)]
pub(super) struct FileDirectory {
    path: PathBuf,
    tantivys: MmapDirectory,
    kept: Arc<Mutex<HashMap<PathBuf, Weak<[u8]>>>>,
}

impl FileDirectory {
    /// Of the files in `dir`.
    ///
    /// # Errors
    /// It is no directory.
    pub(super) fn open(dir: &Path) -> Result<Self, OpenDirectoryError> {
        let (path, kept) = (dir.to_owned(), Arc::default());
        Ok(Self { path, tantivys: MmapDirectory::open(dir)?, kept })
    }

    /// A file whole, once for all that have it open.
    fn whole(&self, path: &Path, file: &File, len: usize) -> io::Result<Arc<[u8]>> {
        // What it holds is whole after every step.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = kept.get(path).and_then(Weak::upgrade) {
            return Ok(bytes);
        }
        let mut bytes: Arc<[u8]> = iter::repeat_n(0, len).collect();
        if let Some(bytes) = Arc::get_mut(&mut bytes) {
            file.read_exact_at(bytes, 0)?;
        }
        kept.retain(|_, bytes| bytes.strong_count() > 0);
        kept.insert(path.to_owned(), Arc::downgrade(&bytes));
        Ok(bytes)
    }
}

impl fmt::Debug for FileDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileDirectory({})", self.path.display())
    }
}

/// An open file; it stays readable where it is deleted meanwhile.
#[derive(Debug)]
struct OpenFile {
    file: File,
    len: usize,
}

impl HasLen for OpenFile {
    fn len(&self) -> usize {
        self.len
    }
}

impl FileHandle for OpenFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        // Damaged lengths must not have memory allocated for them.
        if range.start > range.end || range.end > self.len {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "behind the file's end"));
        }
        let mut bytes = vec![0; range.len()];
        self.file.read_exact_at(&mut bytes, range.start as u64)?;
        Ok(OwnedBytes::new(bytes))
    }
}

impl Directory for FileDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        };
        let file = File::open(self.path.join(path)).map_err(failed)?;
        let len = file.metadata().map_err(failed)?.len() as usize;
        let is_kept = path.extension().is_some_and(|end| KEPT.iter().any(|kept| end == *kept));
        if is_kept {
            let bytes = self.whole(path, &file, len).map_err(failed)?;
            return Ok(Arc::new(OwnedBytes::new(bytes)));
        }
        Ok(Arc::new(OpenFile { file, len }))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.tantivys.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.tantivys.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.tantivys.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.tantivys.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.tantivys.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.tantivys.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.tantivys.acquire_lock(lock) {
            // Readers lock out those that delete files. Where nobody can write, nobody can do that.
            Err(LockError::IoError(error))
                if lock.filepath == META_LOCK.filepath
                    && error.kind() == io::ErrorKind::ReadOnlyFilesystem =>
            {
                Ok(DirectoryLock::from(Box::new(())))
            }
            locked => locked,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.tantivys.watch(callback)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn slice(directory: &FileDirectory, name: &str) -> Arc<dyn FileHandle> {
        directory.get_file_handle(Path::new(name)).unwrap()
    }

    #[test]
    fn a_file_that_became_shorter_gives_an_error_and_a_deleted_one_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let directory = FileDirectory::open(dir.path()).unwrap();
        for name in ["a.idx", "a.term"] {
            fs::write(dir.path().join(name), "0123456789").unwrap();
        }
        let (read, kept) = (slice(&directory, "a.idx"), slice(&directory, "a.term"));
        assert_eq!(read.read_bytes(3..5).unwrap().as_slice(), b"34");
        assert!(read.read_bytes(3..11).is_err());
        fs::remove_file(dir.path().join("a.term")).unwrap();
        assert_eq!(kept.read_bytes(3..5).unwrap().as_slice(), b"34");
        File::options().write(true).open(dir.path().join("a.idx")).unwrap().set_len(4).unwrap();
        assert_eq!(read.read_bytes(3..4).unwrap().as_slice(), b"3");
        let kind = read.read_bytes(3..5).unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::UnexpectedEof);
        fs::remove_file(dir.path().join("a.idx")).unwrap();
        assert_eq!(read.read_bytes(0..4).unwrap().as_slice(), b"0123");
        let gone = directory.get_file_handle(Path::new("a.idx"));
        assert!(matches!(gone, Err(OpenReadError::FileDoesNotExist(_))));
    }

    #[test]
    fn what_is_kept_is_there_once_and_goes_with_the_last_that_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let directory = FileDirectory::open(dir.path()).unwrap();
        fs::write(dir.path().join("a.fast"), "before").unwrap();
        let first = slice(&directory, "a.fast").read_bytes(0..6).unwrap();
        let second = slice(&directory, "a.fast").read_bytes(0..6).unwrap();
        assert_eq!(first.as_ptr(), second.as_ptr());
        drop((first, second));
        assert!(directory.kept.lock().unwrap().values().all(|bytes| bytes.strong_count() == 0));
    }
}
