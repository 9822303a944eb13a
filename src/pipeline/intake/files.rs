//! The files of recordings that are coming in. Owns that of an upload no byte is counted before it is safe on
//! the disk, none twice, and that what nobody goes on with is deleted; refuses files that nobody allowed.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::archive::machine;
use crate::domain::{
    Act, Digest, Error, FileName, Intake, IntakeId, IntakeSource, Result, Signature, UploadPart,
    UploadRefusal,
};
use crate::store::Store;

/// How the file of an upload is called in its folder, before its extension.
const STEM: &str = "aufnahme";
/// What stays free of the disk, in bytes: the archive must go on writing.
const SPARED: u64 = 256 << 20;
/// How often the right to write a file is asked for, and how long between.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(20));

/// The folder with what is coming in.
#[derive(Clone)]
pub struct IntakeFiles {
    store: Store,
    folder: PathBuf,
}

impl IntakeFiles {
    /// In this folder, which need not be there yet.
    pub fn new(store: Store, folder: PathBuf) -> Self {
        Self { store, folder }
    }

    /// The folder of one of them: also for what is written while it is taken in.
    pub fn folder_of(&self, id: &IntakeId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    /// Begins an upload of so many bytes.
    ///
    /// # Errors
    /// `NoRoom` where the disk would be full before it is here; `BadInput` for an empty file.
    pub fn begin(&self, sent_name: &str, bytes: u64, made: &Signature) -> Result<Intake> {
        if bytes == 0 {
            return Err(Error::bad_input("Die Datei ist leer").remedy("Wählen Sie die Aufnahme"));
        }
        let coming = self.store.intakes()?;
        let coming: u64 = coming.iter().map(|intake| intake.bytes - intake.received).sum();
        self.refuse_without_room(bytes.saturating_add(coming))?;
        let file_name = FileName::cleaned(sent_name);
        let id = Store::new_intake_id();
        let file = match file_name.extension() {
            extension if extension.is_empty() => STEM.to_owned(),
            extension => format!("{STEM}.{extension}"),
        };
        let intake = Intake {
            path: self.folder_of(&id).join(file),
            id,
            file_name,
            source: IntakeSource::Upload,
            bytes,
            received: 0,
            sha256: None,
            made: made.clone(),
            touched: made.at,
            meeting: None,
        };
        self.store.begin_intake(&intake)?;
        Ok(intake)
    }

    /// Takes a file of this machine into the list; it stays where it lies.
    ///
    /// # Errors
    /// `BadInput` where it is no file, or is in the list already.
    pub fn take_file(&self, path: &Path, source: IntakeSource, made: &Signature) -> Result<Intake> {
        let unusable = |why: &str| {
            Error::bad_input(format!(
                "{} ist keine Aufnahme, die sich lesen lässt ({why})",
                path.display()
            ))
            .remedy("Prüfen Sie Pfad und Leserechte")
        };
        let path = path.canonicalize().map_err(|e| unusable(&e.to_string()))?;
        let file = File::open(&path).and_then(|file| file.metadata());
        let file = file.map_err(|e| unusable(&e.to_string()))?;
        if !file.is_file() || file.len() == 0 || path.to_str().is_none() {
            return Err(unusable("keine Datei, leer, oder der Name ist kein UTF-8"));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let intake = Intake {
            id: Store::new_intake_id(),
            file_name: FileName::cleaned(&name.unwrap_or_default()),
            source,
            bytes: file.len(),
            received: file.len(),
            sha256: None,
            path,
            made: made.clone(),
            touched: made.at,
            meeting: None,
        };
        self.store.begin_intake(&intake)?;
        Ok(intake)
    }

    /// Takes a part of an upload, and gives how much is there now. The part is on the disk before it is
    /// counted: a crash in between costs that part, and what it left in the file is written over.
    ///
    /// # Errors
    /// `NotFound` where there is no such upload, `NoRoom` where the disk is nearly full, `Archive` where it cannot be
    /// written; nothing of the part is counted then.
    pub fn append(
        &self,
        id: &IntakeId,
        part: UploadPart<'_>,
    ) -> Result<Result<u64, UploadRefusal>> {
        let intake = self.store.intake(id)?;
        let length = part.bytes.len() as u64;
        if let Some(refusal) = intake.refusal(part.offset, length) {
            return Ok(Err(refusal));
        }
        if part.checksum.is_some_and(|checksum| *checksum != Digest::of(part.bytes)) {
            return Ok(Err(UploadRefusal::ChecksumMismatch));
        }
        if length == 0 {
            return Ok(Ok(intake.received));
        }
        // Whoever has filled the disk since it was begun: the last of it is not for uploads.
        self.refuse_without_room(length)?;
        let unwritable = |e| self.unwritable(&intake, e);
        let file = self.open(&intake).map_err(unwritable)?;
        if !lock(&file).map_err(unwritable)? {
            return Ok(Err(UploadRefusal::Busy));
        }
        // Somebody else may have had the lock until now.
        let intake = self.store.intake(id)?;
        if let Some(refusal) = intake.refusal(part.offset, length) {
            return Ok(Err(refusal));
        }
        if file.metadata().map_err(unwritable)?.len() < intake.received {
            let path = intake.path.display();
            return Err(Error::archive(format!("Der Anfang der Aufnahme {path} ist verloren"))
                .remedy("Verwerfen Sie das Hochladen, und beginnen Sie es neu"));
        }
        file.write_all_at(part.bytes, part.offset).map_err(unwritable)?;
        file.sync_all().map_err(unwritable)?;
        let to = part.offset + length;
        Ok(match self.store.raise_intake(id, part.offset, to, Timestamp::now())? {
            true => Ok(to),
            false => Err(UploadRefusal::WrongOffset(self.store.intake(id)?.received)),
        })
    }

    /// Reads an upload through that has arrived whole, and notes its hash.
    ///
    /// # Errors
    /// `Archive` where it cannot be read or written.
    pub fn finish(&self, id: &IntakeId) -> Result<()> {
        let intake = self.store.intake(id)?;
        if intake.is_whole() || !intake.is_received() {
            return Ok(());
        }
        let read = || -> io::Result<Digest> {
            let file = OpenOptions::new().read(true).write(true).open(&intake.path)?;
            // A part that was written and not counted may have been longer than the one that was.
            file.set_len(intake.bytes)?;
            file.sync_all()?;
            Ok(Digest::of_reader(file)?.0)
        };
        let sha256 = read().map_err(|e| self.unwritable(&intake, e))?;
        self.store.finish_intake(id, &sha256, Timestamp::now())
    }

    /// Forgets one of them, and deletes what was uploaded of it.
    ///
    /// # Errors
    /// `BadInput` where a meeting has it, `Archive` where its files cannot be deleted.
    pub fn discard(&self, id: &IntakeId) -> Result<()> {
        self.store.forget_intake(id)?;
        self.delete(&self.folder_of(id))
    }

    /// Deletes what nobody goes on with: uploads that have expired, folders of which nothing is known, and
    /// originals that were cut.
    ///
    /// # Errors
    /// `Archive` where something cannot be deleted.
    pub fn sweep(&self, now: Timestamp) -> Result<()> {
        let known = self.store.intakes()?;
        for intake in known.iter().filter(|intake| !intake.is_received()) {
            if intake.expires() < now {
                self.discard(&intake.id)?;
            }
        }
        for intake in &known {
            let Some(meeting) = &intake.meeting else { continue };
            // A stop came between the registering and this.
            if self.delete_replaced(intake)? {
                let made = Signature { by: intake.made.by.clone(), at: now };
                let details = [("intake", intake.id.as_str())];
                self.store.note(&made, Act::OriginalCut, meeting.as_str(), &details)?;
            }
        }
        let Ok(folders) = std::fs::read_dir(&self.folder) else { return Ok(()) };
        // Asked again: one may have begun since.
        let known: BTreeSet<String> =
            self.store.intakes()?.into_iter().map(|intake| intake.id.to_string()).collect();
        for folder in folders.flatten() {
            if !known.contains(&*folder.file_name().to_string_lossy()) {
                self.delete(&folder.path())?;
            }
        }
        Ok(())
    }

    /// Deletes the uploads in the folder of a registered recording that are not the file it has; whether there
    /// were any.
    ///
    /// # Errors
    /// `Archive` where one cannot be deleted.
    pub fn delete_replaced(&self, intake: &Intake) -> Result<bool> {
        let folder = self.folder_of(&intake.id);
        let Ok(files) = std::fs::read_dir(&folder) else { return Ok(false) };
        let mut deleted = false;
        for file in files.flatten().map(|file| file.path()) {
            let is_upload = file.file_stem().is_some_and(|stem| stem == STEM);
            // By name: the same folder may be written in two ways.
            if is_upload && file.file_name() != intake.path.file_name() {
                std::fs::remove_file(&file).map_err(|e| self.unwritable(intake, e))?;
                deleted = true;
            }
        }
        if deleted {
            File::open(&folder)
                .and_then(|f| f.sync_all())
                .map_err(|e| self.unwritable(intake, e))?;
        }
        Ok(deleted)
    }

    /// The file of an upload, made where nothing has arrived yet.
    fn open(&self, intake: &Intake) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        if intake.received > 0 {
            return options.open(&intake.path);
        }
        let folder = self.folder_of(&intake.id);
        std::fs::create_dir_all(&folder)?;
        let file = options.create(true).truncate(false).open(&intake.path)?;
        // That the file is there must be as safe as what is in it.
        for folder in [folder.as_path(), &self.folder] {
            File::open(folder)?.sync_all()?;
        }
        Ok(file)
    }

    /// Refuses so many bytes where the archive could not go on writing beside them.
    fn refuse_without_room(&self, bytes: u64) -> Result<()> {
        let Some(free) = machine::free_room(self.store.data_dir()) else { return Ok(()) };
        let needed = bytes.saturating_add(SPARED);
        if needed <= free {
            return Ok(());
        }
        let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
        Err(Error::no_room("Dafür ist auf dem Server nicht genug Platz").remedy(format!(
            "Gebraucht werden {} (samt dem, was schon unterwegs ist, und {} für das Archiv), frei sind {}. \
             Verwerfen Sie, was nicht mehr gebraucht wird, oder lassen Sie Platz schaffen",
            gigabytes(needed),
            gigabytes(SPARED),
            gigabytes(free)
        )))
    }

    fn delete(&self, folder: &Path) -> Result<()> {
        match std::fs::remove_dir_all(folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(Error::unwritable(format!("{} lässt sich nicht löschen", folder.display()), e))
            }
            _ => Ok(()),
        }
    }

    fn unwritable(&self, intake: &Intake, e: io::Error) -> Error {
        let path = intake.path.display();
        Error::unwritable(format!("Die Aufnahme {path} lässt sich nicht speichern"), e)
    }
}
/// Takes the right to write a file; gives whether it was there in time. A child that is just being started holds
/// it for a moment, until it becomes another program.
fn lock(file: &File) -> std::io::Result<bool> {
    let (times, pause) = PATIENCE;
    for _ in 0..times {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
            Err(TryLockError::Error(e)) => return Err(e),
        }
    }
    Ok(false)
}
