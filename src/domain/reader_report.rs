//! What readers of the public site report as wrong, and what becomes of it. Owns how long a text may be and
//! what stands in none; refuses to know who reports, unless they say so.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::{MediaTime, MeetingId, Quotation, QuoteSeal, Signature};

/// Longest text of a report, in characters.
pub const LONGEST_REPORT: usize = 1000;
/// Longest address that somebody leaves, in characters.
pub const LONGEST_CONTACT: usize = 200;

/// What is wrong, as a code that is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Other words were said.
    Words,
    /// Somebody else spoke.
    Speaker,
    /// Another agenda item was treated.
    Item,
    /// Something else.
    Other,
}

impl FaultKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Words, Self::Speaker, Self::Item, Self::Other];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Speaker => "speaker",
            Self::Item => "item",
            Self::Other => "other",
        }
    }
}

impl FromStr for FaultKind {
    type Err = InvalidReport;

    fn from_str(code: &str) -> Result<Self, InvalidReport> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(InvalidReport::Kind)
    }
}

/// Why something cannot be reported as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidReport {
    /// Nobody said what is wrong.
    Kind,
    /// Nothing was written.
    Empty,
    /// Too much was.
    TooLong,
    /// The contact is too long.
    LongContact,
}

impl fmt::Display for InvalidReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "Es fehlt, was nicht stimmt",
            Self::Empty => "Der Text fehlt",
            Self::TooLong => "Der Text ist zu lang",
            Self::LongContact => "Der Kontakt ist zu lang",
        })
    }
}

impl std::error::Error for InvalidReport {}

/// What a reader wrote: plain text, some lines of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportText(String);

impl ReportText {
    /// Takes a text as a form sends it: line ends become `\n`, and what nobody sees goes out of it.
    ///
    /// # Errors
    /// `Empty`, `TooLong`.
    pub fn new(text: &str) -> Result<Self, InvalidReport> {
        let text = visible(text, |c| c == '\n');
        match text.chars().count() {
            0 => Err(InvalidReport::Empty),
            1..=LONGEST_REPORT => Ok(Self(text)),
            _ => Err(InvalidReport::TooLong),
        }
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How somebody can be asked back, as they wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// Takes it as a form sends it; nothing where nothing was given.
    ///
    /// # Errors
    /// `LongContact`.
    pub fn given(text: &str) -> Result<Option<Self>, InvalidReport> {
        let text = visible(text, |_| false);
        match text.chars().count() {
            0 => Ok(None),
            1..=LONGEST_CONTACT => Ok(Some(Self(text))),
            _ => Err(InvalidReport::LongContact),
        }
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text without what is not seen, or makes what is seen another: controls, and what turns the direction of
/// writing. What `keeps` says stays, other controls become blanks.
fn visible(text: &str, keeps: impl Fn(char) -> bool) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let turns =
        |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let shown = text.chars().filter(|c| !turns(*c));
    let shown: String = shown.map(|c| if c.is_control() && !keeps(c) { ' ' } else { c }).collect();
    shown.trim().to_owned()
}

/// Words as they were shown to a reader, which this archive gave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedQuotation {
    /// The words.
    pub quotation: Quotation,
    /// That the archive gave them out.
    pub seal: QuoteSeal,
}

/// Where a report points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlace {
    /// Where the words began, on the meeting's clock of that time; of records without times nobody knows.
    pub start: Option<MediaTime>,
    /// The words; not any more where they may not be seen any more.
    pub words: Option<SealedQuotation>,
}

/// A report on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReport {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// The words that are wrong; without them the meeting as a whole is meant.
    pub words: Option<SealedQuotation>,
    /// What is wrong.
    pub kind: FaultKind,
    /// What the reader says of it.
    pub text: ReportText,
    /// How to ask back.
    pub contact: Option<Contact>,
    /// What tells its form from every other: the same form sent twice is one report.
    pub form: String,
}

/// How a report ends, as a code that is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportEnd {
    /// It was seen to.
    Done,
    /// There was nothing to see to.
    Dismissed,
}

impl ReportEnd {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Dismissed => "dismissed",
        }
    }
}

impl FromStr for ReportEnd {
    type Err = InvalidReport;

    fn from_str(code: &str) -> Result<Self, InvalidReport> {
        [Self::Done, Self::Dismissed]
            .into_iter()
            .find(|end| end.code() == code)
            .ok_or(InvalidReport::Kind)
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderReport {
    /// Its number, never given twice.
    pub number: u64,
    /// Of which meeting.
    pub meeting: MeetingId,
    /// Where; nothing of the meeting as a whole.
    pub place: Option<FaultPlace>,
    /// What is wrong.
    pub kind: FaultKind,
    /// What the reader says of it.
    pub text: String,
    /// How to ask back; gone once it is closed.
    pub contact: Option<String>,
    /// When it came in, to the minute.
    pub received: Timestamp,
    /// How it ended, by whom and when.
    pub closed: Option<(ReportEnd, Signature)>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is sent: what is stored is short, visible, and nothing else of it when it is sent again.
        #[test]
        fn a_text_is_short_and_visible_or_refused(text in "(\\PC|[\\r\\n\\t\u{0}\u{202e}\u{2066}]){0,1100}") {
            match ReportText::new(&text) {
                Ok(taken) => {
                    let hidden = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
                    prop_assert!(!taken.as_str().chars().any(hidden));
                    prop_assert!((1..=LONGEST_REPORT).contains(&taken.as_str().chars().count()));
                    prop_assert_eq!(ReportText::new(taken.as_str()).unwrap(), taken);
                }
                Err(InvalidReport::TooLong) => prop_assert!(text.chars().count() > LONGEST_REPORT),
                Err(refused) => prop_assert_eq!(refused, InvalidReport::Empty),
            }
            if let Ok(Some(contact)) = Contact::given(&text) {
                prop_assert!(!contact.as_str().contains('\n'));
                prop_assert!(contact.as_str().chars().count() <= LONGEST_CONTACT);
            }
        }
    }

    #[test]
    fn codes_are_read_back() {
        for kind in FaultKind::ALL {
            assert_eq!(kind.code().parse::<FaultKind>().unwrap(), kind);
        }
        for end in [ReportEnd::Done, ReportEnd::Dismissed] {
            assert_eq!(end.code().parse::<ReportEnd>().unwrap(), end);
        }
        assert!("anders".parse::<FaultKind>().is_err());
    }
}
