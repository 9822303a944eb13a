//! Query text to tokens. It decides what is an operator and what is a word, never what it means.

use super::limits::DEFAULT_DISTANCE;
use crate::analysis;
use crate::segment::schema::SearchField;

/// A token of the query language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryToken {
    Open,
    Close,
    And,
    Or,
    Not,
    /// `NAHE/5`
    Near(u32),
    /// `sprecher:` and the like.
    Field(Target),
    /// `abstimmung:` with what stands directly behind it; nothing asks for any vote.
    Vote(String),
    /// `"…"`, with the distance of a `~` behind it.
    Quoted {
        text: String,
        distance: Option<u32>,
        closed: bool,
    },
    /// Anything else; `star` where it ends with `*`.
    Chunk {
        text: String,
        star: Star,
        /// A sign in it that means nothing there.
        ignored: Option<char>,
    },
}

/// Whether a word ends with `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Star {
    With,
    Without,
}

/// What a field name points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Field(SearchField),
    Date,
    Role,
    Vote,
}

/// The names of the fields, German first; an umlaut may be written out.
fn target(name: &str) -> Option<Target> {
    Some(match name.to_lowercase().as_str() {
        "sprecher" | "sprecherin" | "redner" | "rednerin" | "person" | "speaker" => {
            Target::Field(SearchField::Speaker)
        }
        "fraktion" | "partei" | "party" | "group" => Target::Field(SearchField::Party),
        "gremium" | "ausschuss" | "organization" | "organisation" | "committee" => {
            Target::Field(SearchField::Organization)
        }
        "top" | "tagesordnungspunkt" | "item" => Target::Field(SearchField::Item),
        "vorlage" | "drucksache" | "paper" => Target::Field(SearchField::Paper),
        "datum" | "date" => Target::Date,
        "rolle" | "role" => Target::Role,
        "abstimmung" | "abstimmungen" | "vote" | "votes" => Target::Vote,
        _ => return None,
    })
}

/// What a minus directly before a figure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Minus {
    /// It is the number's sign ("-5 Grad").
    Sign,
    /// The number is excluded.
    Not,
}

/// Whether a minus stands directly before a figure somewhere, which has two meanings.
pub(crate) fn has_minus(text: &str) -> bool {
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_minus = matches!(c, '-' | '\u{2212}') && (before.is_whitespace() || before == '(');
        if is_minus && chars.peek().is_some_and(char::is_ascii_digit) {
            return true;
        }
        before = c;
    }
    false
}

/// The tokens of `text`, in order. Every text has tokens; none is refused.
pub(crate) fn tokens(text: &str, minus: Minus) -> Vec<QueryToken> {
    let mut lexer = Lexer { rest: text, minus, tokens: Vec::new() };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer<'t> {
    rest: &'t str,
    minus: Minus,
    tokens: Vec<QueryToken>,
}

const QUOTES: [char; 7] = ['"', '„', '“', '”', '«', '»', '\u{201F}'];

fn ends_chunk(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '(' | ')') || QUOTES.contains(&c)
}

impl Lexer<'_> {
    /// Reads one token; false at the end.
    fn step(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
        let Some(first) = self.rest.chars().next() else { return false };
        match first {
            '(' => self.sign(first, Some(QueryToken::Open)),
            ')' => self.sign(first, Some(QueryToken::Close)),
            '|' => self.sign(first, Some(QueryToken::Or)),
            '+' => self.sign(first, None),
            '-' | '!' | '\u{2212}' => {
                self.rest = &self.rest[first.len_utf8()..];
                let is_sign = first != '!' && self.minus == Minus::Sign;
                let before_figure = self.rest.starts_with(|c: char| c.is_ascii_digit());
                if is_sign && before_figure {
                    self.chunk();
                } else if self.rest.chars().next().is_some_and(|c| !c.is_whitespace() && c != ')') {
                    self.tokens.push(QueryToken::Not);
                }
            }
            c if QUOTES.contains(&c) => self.quoted(c),
            _ => self.chunk(),
        }
        true
    }

    fn sign(&mut self, sign: char, token: Option<QueryToken>) {
        self.rest = &self.rest[sign.len_utf8()..];
        self.tokens.extend(token);
    }

    fn quoted(&mut self, opening: char) {
        let inner = &self.rest[opening.len_utf8()..];
        let end = inner.find(QUOTES);
        let text = &inner[..end.unwrap_or(inner.len())];
        let behind = &inner[end.unwrap_or(inner.len())..];
        self.rest = behind.strip_prefix(QUOTES).unwrap_or(behind);
        let distance = self.distance();
        self.tokens.push(QueryToken::Quoted {
            text: text.to_owned(),
            distance,
            closed: end.is_some(),
        });
    }

    /// The `~5` behind a phrase.
    fn distance(&mut self) -> Option<u32> {
        self.rest = self.rest.strip_prefix('~')?;
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest[..digits].parse().unwrap_or(DEFAULT_DISTANCE);
        self.rest = &self.rest[digits..];
        Some(number)
    }

    fn chunk(&mut self) {
        let mut end = self.rest.find(ends_chunk).unwrap_or(self.rest.len());
        // "Kita(s)" is one word.
        if self.rest[end..].starts_with('(') && end > 0 {
            let whole = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
            if analysis::bracketed(&self.rest[..whole]).is_some() {
                end += self.rest[end..].find(')').map_or(0, |at| at + 1);
            }
        }
        let chunk = &self.rest[..end];
        if let Some((name, _)) = chunk.split_once(':')
            && let Some(target) = target(name)
        {
            self.rest = &self.rest[name.len() + 1..];
            return match target {
                Target::Vote => self.vote(),
                target => self.tokens.push(QueryToken::Field(target)),
            };
        }
        self.rest = &self.rest[end..];
        self.tokens.extend(word_or_operator(chunk));
    }

    /// What stands directly behind `abstimmung:`. Behind a blank other words follow.
    fn vote(&mut self) {
        if let Some(opening) = self.rest.chars().next().filter(|c| QUOTES.contains(c)) {
            self.quoted(opening);
            if let Some(QueryToken::Quoted { text, .. }) = self.tokens.pop() {
                self.tokens.push(QueryToken::Vote(text));
            }
            return;
        }
        let end = self.rest.find(ends_chunk).unwrap_or(self.rest.len());
        self.tokens.push(QueryToken::Vote(self.rest[..end].to_owned()));
        self.rest = &self.rest[end..];
    }
}

fn word_or_operator(chunk: &str) -> Option<QueryToken> {
    match chunk {
        "UND" | "AND" | "&&" | "&" => return Some(QueryToken::And),
        "ODER" | "OR" | "||" => return Some(QueryToken::Or),
        "NICHT" | "NOT" | "OHNE" => return Some(QueryToken::Not),
        _ => {}
    }
    if let Some(number) = chunk.strip_prefix("NAHE/").or_else(|| chunk.strip_prefix("NEAR/")) {
        return Some(QueryToken::Near(number.parse().unwrap_or(DEFAULT_DISTANCE)));
    }
    let without_fuzz = chunk.split_once('~').map_or(chunk, |(word, _)| word);
    analysis::core_range(without_fuzz)?;
    let bare = without_fuzz.trim_end_matches('*');
    let star = if bare.len() < without_fuzz.len() { Star::With } else { Star::Without };
    let text = bare.trim_start_matches('*');
    let ignored = match (without_fuzz.len() < chunk.len(), text.len() < bare.len()) {
        (true, _) => Some('~'),
        (_, true) => Some('*'),
        // "Bürger*innen" is one word, "Kreis*umlage" most likely not meant so.
        _ => text.contains('*').then_some('*').filter(|_| !is_gendered(text)),
    };
    Some(QueryToken::Chunk { text: text.to_owned(), star, ignored })
}

/// Whether the `*` in a word names all genders.
fn is_gendered(word: &str) -> bool {
    word.split('*').skip(1).all(|part| part.starts_with("in"))
}
