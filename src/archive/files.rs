//! Where the files lie that the site serves: public copies, each in the folder of its meeting. Owns how
//! they are put and deleted; which of them are served, the store knows.

use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::domain::{Error, MeetingId, Result};

/// Folder of the public copies in the data directory; each meeting has its own in it.
const COPIES: &str = "public";

/// The files that the site serves, wherever they lie. A file is made on this machine and then put, so
/// that a place elsewhere needs no more than this; whoever reads, reads the path that [`Files::put`] gave.
pub trait Files: Debug + Send + Sync {
    /// A folder of this machine in which a file of a meeting is made.
    ///
    /// # Errors
    /// `Archive` where it cannot be made.
    fn workshop(&self, meeting: &MeetingId) -> Result<PathBuf>;

    /// Takes over a file that was made in the workshop; gives where it is served from.
    ///
    /// # Errors
    /// `Archive` where it cannot be put.
    fn put(&self, meeting: &MeetingId, made: &Path) -> Result<PathBuf>;

    /// Deletes everything of a meeting but the files of these names, half-made ones too.
    ///
    /// # Errors
    /// `Archive` where something cannot be deleted.
    fn retain(&self, meeting: &MeetingId, names: &[OsString]) -> Result<()>;

    /// Deletes a file by the path under which the archive knew it, relative to the data directory. One
    /// that is not there is deleted; what is none of these files stays.
    ///
    /// # Errors
    /// `Archive` where it cannot be deleted.
    fn delete(&self, stored: &Path) -> Result<()>;
}

/// In a folder of the data directory.
#[derive(Clone, Debug)]
pub struct Folder {
    copies: PathBuf,
}

impl Folder {
    /// Of this data directory.
    pub fn of(data_dir: &Path) -> Self {
        Self { copies: data_dir.join(COPIES) }
    }

    fn of_meeting(&self, meeting: &MeetingId) -> PathBuf {
        self.copies.join(meeting.as_str())
    }
}

impl Files for Folder {
    /// On the disk where the file will lie, so that putting it is one step.
    fn workshop(&self, meeting: &MeetingId) -> Result<PathBuf> {
        let folder = self.of_meeting(meeting);
        std::fs::create_dir_all(&folder).map_err(|e| {
            Error::archive(format!("{} lässt sich nicht anlegen", folder.display()))
                .because(e)
                .remedy("Prüfen Sie Rechte und freien Platz des Datenordners")
        })?;
        Ok(folder)
    }

    fn put(&self, _meeting: &MeetingId, made: &Path) -> Result<PathBuf> {
        Ok(made.to_owned())
    }

    fn retain(&self, meeting: &MeetingId, names: &[OsString]) -> Result<()> {
        let folder = self.of_meeting(meeting);
        if !folder.is_dir() {
            return Ok(());
        }
        let untidy = |e: io::Error| untidy(&folder, e);
        for entry in std::fs::read_dir(&folder).map_err(untidy)? {
            let name = entry.map_err(untidy)?.file_name();
            if !names.contains(&name) {
                std::fs::remove_file(folder.join(&name)).map_err(untidy)?;
            }
        }
        // An empty folder says which meetings there were.
        let _ = std::fs::remove_dir(&folder);
        Ok(())
    }

    fn delete(&self, stored: &Path) -> Result<()> {
        let is_inside = stored.components().all(|c| matches!(c, Component::Normal(_)));
        let Some(name) = stored.strip_prefix(COPIES).ok().filter(|_| is_inside) else {
            return Ok(());
        };
        let path = self.copies.join(name);
        delete_if_there(&path).map_err(|e| {
            Error::archive(format!("{} lässt sich nicht löschen", path.display()))
                .because(e)
                .remedy("Prüfen Sie die Rechte; die Datei wird nicht mehr gezeigt")
        })
    }
}

fn untidy(folder: &Path, error: io::Error) -> Error {
    Error::archive(format!("In {} lässt sich nicht aufräumen", folder.display()))
        .because(error)
        .remedy("Prüfen Sie die Rechte; dort liegen Aufnahmen, die nicht mehr gezeigt werden")
}

/// Deletes a file; one that is not there is deleted.
///
/// # Errors
/// Those of the system.
pub fn delete_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_meetings_are_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let files = Folder::of(dir.path());
        let meeting = MeetingId::new("kreistag-1").unwrap();
        let copy = files.workshop(&meeting).unwrap().join("aa.mp4");
        let other = dir.path().join("archive.sqlite");
        for file in [&copy, &other] {
            std::fs::write(file, b"x").unwrap();
        }
        for stored in ["archive.sqlite", "public/../archive.sqlite", "/etc/hostname"] {
            files.delete(Path::new(stored)).unwrap();
        }
        files.retain(&meeting, &["aa.mp4".into()]).unwrap();
        assert!(copy.is_file() && other.is_file());
        files.delete(Path::new("public/kreistag-1/aa.mp4")).unwrap();
        files.delete(Path::new("public/kreistag-1/aa.mp4")).unwrap();
        assert!(!copy.exists());
        files.retain(&meeting, &[]).unwrap();
        assert!(!copy.parent().unwrap().exists());
    }
}
