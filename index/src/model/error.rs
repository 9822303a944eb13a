//! What went wrong with the index, told in German to the clerk who runs it, with what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the index. The index is derived data: none of these loses anything.
#[derive(Debug)]
pub enum Error {
    /// Another process is writing.
    Busy {
        /// The index directory.
        dir: PathBuf,
    },
    /// Another version of the program has made the index anew while this one ran.
    Replaced {
        /// The index directory.
        dir: PathBuf,
    },
    /// The directory holds something else; it is left as it is.
    NotAnIndex {
        /// The directory.
        dir: PathBuf,
    },
    /// A meeting that cannot be indexed; none of the same call was.
    BadMeeting {
        /// Its id.
        meeting: String,
        /// What is wrong with it, completing "weil …" loosely.
        reason: String,
    },
    /// The file system refused.
    Io {
        /// What was being done, and where.
        doing: String,
        /// The cause.
        source: io::Error,
    },
    /// Tantivy failed.
    Engine {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: tantivy::TantivyError,
    },
    /// What is stored in the index cannot be read back: making it anew is the cure.
    Damaged {
        /// What and where.
        what: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { dir } => write!(
                f,
                "In den Suchindex „{}“ schreibt gerade ein anderer Prozess. \
                 Bitte warten, bis er fertig ist, und es dann noch einmal versuchen",
                dir.display()
            ),
            Self::Replaced { dir } => write!(
                f,
                "Den Suchindex „{}“ hat inzwischen eine andere Version des Programms angelegt. \
                 Bitte dieses Programm neu starten",
                dir.display()
            ),
            Self::NotAnIndex { dir } => write!(
                f,
                "„{}“ enthält Dateien, aber keinen Suchindex; es wurde nichts verändert. \
                 Bitte ein leeres Verzeichnis oder das Datenverzeichnis des Archivs angeben",
                dir.display()
            ),
            Self::BadMeeting { meeting, reason } => write!(
                f,
                "Die Sitzung „{meeting}“ kann nicht in den Suchindex: {reason}. \
                 Bitte die Sitzung neu einlesen"
            ),
            Self::Io { doing, source } => write!(
                f,
                "{doing}: {source}. Bitte freien Platz und Rechte des Verzeichnisses prüfen"
            ),
            Self::Engine { doing, source } => write!(
                f,
                "Der Suchindex ist gescheitert ({doing}): {source}. \
                 Hilft ein neuer Versuch nicht, baut „mitschnitt index rebuild“ ihn neu"
            ),
            Self::Damaged { what } => write!(
                f,
                "Der Suchindex ist beschädigt: {what}. „mitschnitt index rebuild“ baut ihn neu"
            ),
        }
    }
}

// The cause is part of the message, so it is not offered a second time as `source()`.
impl std::error::Error for Error {}

/// Names what Tantivy was asked to do when it failed.
pub(crate) trait Doing<T> {
    /// Turns the failure into ours.
    fn doing(self, doing: &'static str) -> Result<T>;
}

impl<T, E: Into<tantivy::TantivyError>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, doing: &'static str) -> Result<T> {
        self.map_err(|source| Error::Engine { doing, source: source.into() })
    }
}
