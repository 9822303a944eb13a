//! An abbreviation that an index knows, as shown to who runs it.

/// A short form and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownAbbreviation {
    /// As written.
    pub short: String,
    /// The words that it stands for, with spaces between them.
    pub long: String,
    /// The municipality or county whose council explains it so; none for what the settings say.
    pub body: Option<String>,
}
