//! Identifiers, one type each, so that a person can never stand where a paper is asked for.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// A text that cannot serve as the identifier asked for.
#[derive(Debug)]
pub struct InvalidId {
    kind: &'static str,
    text: String,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "„{}“ ist keine gültige {}", self.text, self.kind)
    }
}

impl std::error::Error for InvalidId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and takes a text as identifier.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(InvalidId { kind: $kind, text }) }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// OParl ids are URLs of other people's servers: any visible text of bounded length.
fn external(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= 2048 && !text.chars().any(char::is_control)
}

/// Ours go into addresses and file names: `[a-z0-9-]`, at most 100 of them.
fn slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

id!(
    /// A meeting's stable name in addresses: `[a-z0-9-]`, at most 100 characters.
    MeetingId, "Sitzungskennung (erlaubt sind a–z, 0–9 und -)", slug
);
id!(
    /// A municipality or county; the OParl id, or its name where there is none.
    BodyId, "Körperschaftskennung", external
);
id!(
    /// A council, committee or parliamentary group; the OParl id, or its name.
    OrganizationId, "Gremienkennung", external
);
id!(
    /// A named human; the OParl id.
    PersonId, "Personenkennung", external
);
id!(
    /// An agenda item; the OParl id, or `{meeting}/{order}`.
    AgendaItemId, "Kennung eines Tagesordnungspunktes", external
);
id!(
    /// A paper; the OParl id, or its reference.
    PaperId, "Vorlagenkennung", external
);
id!(
    /// A recording that is coming in: `[a-z0-9-]`, not to be guessed.
    IntakeId, "Kennung einer Aufnahme im Eingang", slug
);
id!(
    /// A SHA-256 in lower-case hexadecimal: of media, models and stage inputs.
    Digest, "SHA-256-Prüfsumme", sha256
);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::finish(sha2::Sha256::new_with_prefix(bytes))
    }

    /// The digest of everything `reader` gives, with its length in bytes.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<(Self, u64)> {
        let mut hasher = sha2::Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut length = 0;
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok((Self::finish(hasher), length)),
                n => {
                    hasher.update(&buffer[..n]);
                    length += n as u64;
                }
            }
        }
    }

    fn finish(hasher: sha2::Sha256) -> Self {
        Self(hasher.finalize().iter().map(|b| format!("{b:02x}")).collect())
    }
}
