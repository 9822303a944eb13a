//! Downloads a published model: resumes what an earlier try left, verifies before the file
//! gets its name. Owns the `.part` file; refuses anything whose SHA-256 is not the table's.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Model, Spec, Supply, remedy, verify};
use crate::domain::{Digest, Error, Result};

#[cfg(test)]
mod tests;

/// Where the published models lie; a mirror takes its place by an option of the command line.
pub const BASE_URL: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main";

/// Downloads a model into `dir` and gives its path. `progress` hears (bytes done, bytes in all).
/// A sound file that is there already is kept; an interrupted download goes on where it ended.
///
/// # Errors
/// `BadInput` for a model that is not published, `Archive` where `dir` cannot be written,
/// `Failed` where the server cannot be reached, refuses, or gives something else.
pub fn fetch(
    spec: &'static Spec,
    dir: &Path,
    base_url: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<PathBuf> {
    if spec.origin == Supply::Bundled {
        return Err(Error::bad_input(format!("Das Modell „{}“ wird nicht geladen", spec.name))
            .remedy(remedy(spec)));
    }
    Download { spec, base_url, pause: Duration::from_secs(2) }.run(dir, progress)
}

/// Tries in a row that bring not one byte before giving up.
const FRUITLESS_TRIES: u32 = 4;

struct Download<'a> {
    spec: &'static Spec,
    base_url: &'a str,
    /// How long to wait before the second try; doubled with each further one.
    pause: Duration,
}

/// Why one try ended.
enum Broken {
    /// Another try may help: the line dropped or the server is busy.
    Passing(Error),
    /// It would end the same way again.
    Final(Error),
}

impl Download<'_> {
    fn run(&self, dir: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<PathBuf> {
        let target = dir.join(self.spec.file);
        if target.is_file() {
            let present = Model {
                name: self.spec.name.to_owned(),
                path: target.clone(),
                spec: Some(self.spec),
                card: None,
            };
            if verify(&present).is_ok() {
                progress(self.spec.bytes, self.spec.bytes);
                return Ok(target);
            }
        }
        fs::create_dir_all(dir).map_err(|e| not_written(dir, e))?;
        let part = dir.join(format!("{}.part", self.spec.file));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .map_err(|e| not_written(&part, e))?;
        // Two writers in one file would spoil each other's bytes.
        if file.try_lock().is_err() {
            return Err(Error::archive(format!("{} wird gerade schon geladen", self.spec.file))
                .remedy("Warten Sie, bis der andere Vorgang fertig ist"));
        }
        if let Err(error) = self.complete(&mut file, &part, progress) {
            // Only what can be resumed is left behind.
            if length(&file, &part).is_ok_and(|bytes| bytes == 0) {
                let _ = fs::remove_file(&part);
            }
            return Err(error);
        }
        self.check(&mut file, &part)?;
        fs::rename(&part, &target).map_err(|e| not_written(&target, e))?;
        Ok(target)
    }

    /// Tries until the part file has the length of the model.
    fn complete(
        &self,
        file: &mut File,
        part: &Path,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<()> {
        let mut fruitless = 0;
        loop {
            let before = length(file, part)?;
            if before == self.spec.bytes {
                return Ok(());
            }
            let outcome = self.once(file, part, progress);
            let grown = length(file, part)? > before;
            match outcome {
                Ok(()) => {}
                Err(Broken::Final(error)) => return Err(error),
                Err(Broken::Passing(error)) => {
                    fruitless = if grown { 0 } else { fruitless + 1 };
                    if fruitless == FRUITLESS_TRIES {
                        return Err(error);
                    }
                    std::thread::sleep(self.pause * 2u32.pow(fruitless));
                }
            }
        }
    }

    /// One request, from where the part file ends to the end of the model.
    fn once(
        &self,
        file: &mut File,
        part: &Path,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Broken> {
        let url = self.url();
        let have = match length(file, part).map_err(Broken::Final)? {
            have if have > self.spec.bytes => 0,
            have => have,
        };
        let response = self.request(&url, have)?;
        // A server that knows no ranges sends everything again.
        let start = if response.status() == 206 { have } else { 0 };
        if response.status() == 206 && !starts_at(&response, have) {
            let what = format!("{url} gab einen anderen Abschnitt als den verlangten");
            return Err(Broken::Final(Error::failed(what).remedy(MIRROR_REMEDY)));
        }
        file.set_len(start)
            .and_then(|()| file.seek(SeekFrom::Start(start)))
            .map_err(|e| Broken::Final(not_written(part, e)))?;
        self.receive(&mut response.into_body().into_reader(), start, (file, part), progress)
    }

    /// Appends the body of an answer that begins at `have`.
    fn receive(
        &self,
        body: &mut dyn io::Read,
        mut have: u64,
        (file, part): (&mut File, &Path),
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Broken> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            progress(have, self.spec.bytes);
            let n = match body.read(&mut buffer) {
                Ok(0) if have == self.spec.bytes => return Ok(()),
                Ok(0) => return Err(Broken::Passing(self.interrupted(have))),
                Ok(n) => n,
                Err(e) => return Err(Broken::Passing(self.interrupted(have).because(e))),
            };
            have += n as u64;
            let write_error = |e| Broken::Final(not_written(part, e));
            if have > self.spec.bytes {
                file.set_len(0).map_err(write_error)?;
                return Err(Broken::Final(self.foreign()));
            }
            file.write_all(&buffer[..n]).map_err(write_error)?;
        }
    }

    fn request(&self, url: &str, have: u64) -> Result<ureq::http::Response<ureq::Body>, Broken> {
        // Compressed, the byte ranges would count something else.
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .accept_encoding("identity")
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)))
            .build()
            .into();
        let mut request = agent.get(url);
        if have > 0 {
            request = request.header("Range", format!("bytes={have}-"));
        }
        let response = request.call().map_err(|e| unreachable_server(url, e))?;
        let status = response.status().as_u16();
        match status {
            200 | 206 => Ok(response),
            408 | 429 | 500..=599 => Err(Broken::Passing(
                Error::failed(format!("Der Server antwortet auf {url} mit Fehler {status}"))
                    .remedy(
                        "Versuchen Sie es später noch einmal; der Abruf geht weiter, wo er endete",
                    ),
            )),
            404 | 410 => Err(Broken::Final(
                Error::failed(format!("Unter {url} liegt kein Modell (Antwort {status})"))
                    .remedy(MIRROR_REMEDY),
            )),
            _ => Err(Broken::Final(
                Error::failed(format!("Der Server verweigert {url} (Antwort {status})"))
                    .remedy(MIRROR_REMEDY),
            )),
        }
    }

    /// Hashes the part file; a wrong one is removed, so that the next try starts afresh.
    fn check(&self, file: &mut File, part: &Path) -> Result<()> {
        file.sync_all().map_err(|e| not_written(part, e))?;
        file.seek(SeekFrom::Start(0)).map_err(|e| not_written(part, e))?;
        let (digest, _) = Digest::of_reader(&mut *file).map_err(|e| not_written(part, e))?;
        if digest.as_str() == self.spec.sha256 {
            return Ok(());
        }
        fs::remove_file(part).map_err(|e| not_written(part, e))?;
        Err(self.foreign())
    }

    fn url(&self) -> String {
        format!("{}/{}", self.base_url.trim_end_matches('/'), self.spec.file)
    }

    fn interrupted(&self, have: u64) -> Error {
        let (url, all) = (self.url(), self.spec.bytes);
        Error::failed(format!("Der Abruf von {url} brach bei {have} von {all} Bytes ab"))
            .remedy(format!("`mitschnitt model fetch {}` setzt ihn fort", self.spec.name))
    }

    fn foreign(&self) -> Error {
        Error::failed(format!(
            "{} ist nicht das Modell „{}“: Länge oder SHA-256-Prüfsumme stimmen nicht; \
             das Geladene wurde verworfen",
            self.url(),
            self.spec.name
        ))
        .remedy("Versuchen Sie es noch einmal; bleibt es dabei, nehmen Sie eine andere Quelle")
    }
}

const MIRROR_REMEDY: &str = "Prüfen Sie die Adresse der Modelle (MITSCHNITT_MODEL_URL), falls Sie eine eigene gesetzt haben";

fn length(file: &File, part: &Path) -> Result<u64> {
    Ok(file.metadata().map_err(|e| not_written(part, e))?.len())
}

fn unreachable_server(url: &str, cause: ureq::Error) -> Broken {
    let what = format!("{url} ist nicht erreichbar");
    match cause {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => {
            Broken::Final(Error::bad_input(what).because(cause).remedy(MIRROR_REMEDY))
        }
        cause => Broken::Passing(Error::failed(what).because(cause).remedy(
            "Prüfen Sie die Netzverbindung; ohne Netz legen Sie die Datei von Hand in den Modellordner",
        )),
    }
}

/// Whether a partial answer begins at the byte asked for.
fn starts_at(response: &ureq::http::Response<ureq::Body>, byte: u64) -> bool {
    let range = response.headers().get("content-range").and_then(|value| value.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {byte}-")))
}

pub(super) fn not_written(path: &Path, cause: io::Error) -> Error {
    let error = Error::archive(format!("{} lässt sich nicht schreiben", path.display()));
    let remedy = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Schaffen Sie Platz",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            "Geben Sie dem Programm Schreibrecht auf den Ordner, oder nennen Sie einen anderen mit --model-dir"
        }
        _ => "Prüfen Sie den Datenträger",
    };
    error.because(cause).remedy(remedy)
}
