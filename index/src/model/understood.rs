//! How a query was read, where that differs from what was typed: codes with their arguments. Whoever shows them
//! puts them into words.

/// How a query was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// What is searched for; nothing where there is no word to search for.
    pub asked: Option<QueryPart>,
    /// Where that differs from what was typed, and why.
    pub remarks: Vec<Remark>,
}

impl Understood {
    /// Whether it is read as typed.
    pub fn is_as_typed(&self) -> bool {
        self.remarks.is_empty()
    }
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryPart {
    /// A word in any form.
    Word(AskedField, AskedWord),
    /// Words that mean one thing together: a number, a time, a paper.
    Together(Vec<AskedWord>),
    /// Words as spelt, next to each other.
    Phrase(AskedField, Vec<AskedWord>),
    /// Words at most so many words apart.
    Near(AskedField, Vec<AskedWord>, u32),
    /// From the first to the last day, as typed: `2021-06-21`, or ends that are open.
    Days(String, String),
    /// Said in this role, by its name in the index.
    Role(&'static str),
    /// A vote of which all this is told, by the codes of verdicts; any vote where nothing is.
    Vote(Vec<&'static str>),
    /// All of them.
    All(Vec<QueryPart>),
    /// At least one of them.
    One(Vec<QueryPart>),
    /// Without it.
    Not(Box<QueryPart>),
}

/// A word as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedWord {
    /// Without a star.
    pub text: String,
    /// Whether words that begin so are asked for.
    pub is_beginning: bool,
}

/// Where a word is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedField {
    /// Wherever words are.
    Any,
    /// In the speaker's name.
    Speaker,
    /// In the name of the party.
    Party,
    /// In the name of the council or committee.
    Organization,
    /// In number or title of the agenda item.
    Item,
    /// In the paper's number.
    Paper,
}

/// Where the reading of a query differs from what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// There is no word to search for.
    NoWord,
    /// Only so many characters were read.
    TooLong(usize),
    /// Only so many words were read.
    TooManyWords(usize),
    /// A closing quotation mark was added.
    Unclosed,
    /// Brackets were added or left out.
    Brackets,
    /// Operators and fields without a word were left out.
    Operator,
    /// `NAHE` stands between more than single words.
    Near,
    /// A distance beyond this one.
    Distance(usize),
    /// A sign that stands where it means nothing.
    Sign(char),
    /// A beginning of fewer letters than this.
    ShortBeginning(String, usize),
    /// Not a date.
    NoDate(String),
    /// Not a role.
    NoRole(String),
    /// No result of votes: looked for among the words of what was voted on.
    NoVerdict(String),
    /// Also taken for a day of meeting.
    Day(String),
    /// Also taken for an agenda item.
    Item(String),
    /// A minus before a figure was taken for its sign.
    MinusIsSign,
    /// It was taken for NOT.
    MinusExcludes,
    /// Words that are said everywhere.
    Dropped(Vec<String>),
    /// Beginnings of which only so many words are looked for, the most frequent ones.
    MostFrequent(Vec<String>, usize),
    /// It took too long: what was found by then is shown.
    OutOfTime,
}
