//! As what somebody speaks, as typed behind `rolle:`.

use mitschnitt_german::folding::fold;

/// A role by which speeches are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskedRole {
    Chair,
    Member,
    Administration,
    Guest,
    Resident,
    Unknown,
}

impl AskedRole {
    /// By the beginning of its German name, or its name in the index.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let folded = fold(text);
        let names = [
            (Self::Chair, &["vorsitz", "leitung", "sitzungsleitung", "praesid", "chair"][..]),
            (Self::Member, &["mitglied", "rat", "stadtrat", "abgeordnet", "fraktion", "member"]),
            (
                Self::Administration,
                &[
                    "verwaltung",
                    "dezernent",
                    "beigeordnet",
                    "oberbuergermeister",
                    "buergermeister",
                    "landr",
                    "administration",
                ],
            ),
            (Self::Guest, &["gast", "gaest", "sachverstaendig", "guest"]),
            (Self::Resident, &["einwohner", "buerger", "resident"]),
            (Self::Unknown, &["unbekannt", "unknown"]),
        ];
        let mut named = names.into_iter().filter(|(_, names)| {
            folded.len() > 2 && names.iter().any(|name| folded.starts_with(name))
        });
        named.next().map(|(role, _)| role)
    }

    /// Its name in the index.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Chair => "chair",
            Self::Member => "member",
            Self::Administration => "administration",
            Self::Guest => "guest",
            Self::Resident => "resident",
            Self::Unknown => "unknown",
        }
    }
}
