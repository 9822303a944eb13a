//! Tokens to a tree, leniently: whatever cannot be read is left out, and said so.

use std::collections::BTreeSet;
use std::ops::Range;

use mitschnitt_german::verdicts::VoteVerdict;

use super::ast::{Node, QueryWord};
use super::date::Days;
use super::describe;
use super::lexer::{Minus, QueryToken, Star, Target, has_minus, tokens};
use super::limits::{LOOKAHEAD, MAX_CHARS, MAX_DEPTH, MAX_TERMS, MIN_PREFIX};
use super::role::AskedRole;
use crate::analysis::{self, Asks, LocalAbbreviations, LongForm, WordReading};
use crate::model::understood::{Remark, Understood};
use crate::segment::schema::SearchField;

/// A query as read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// Nothing was typed: everything is meant.
    Everything,
    /// Something was typed of which nothing can be searched for.
    Nothing { understood: Understood },
    /// A query, and how it was read where this differs from what was typed.
    Query { root: Node, understood: Understood },
}

/// Reads `text`; never fails, whatever it holds.
pub(crate) fn read(text: &str, minus: Minus, abbreviations: LocalAbbreviations<'_>) -> Reading {
    if text.trim().is_empty() {
        return Reading::Everything;
    }
    let mut notes = Vec::new();
    let text = shortened(text, &mut notes);
    if has_minus(text) {
        notes.push(match minus {
            Minus::Sign => Remark::MinusIsSign,
            Minus::Not => Remark::MinusExcludes,
        });
    }
    let tokens = tokens(text, minus);
    let mut parser =
        Parser { abbreviations, tokens, at: 0, words: 0, depth: 0, of_votes: false, notes };
    let mut branches = Vec::new();
    while parser.at < parser.tokens.len() {
        branches.extend(parser.either(SearchField::Spoken));
        // Only a closing bracket that nothing opened stops the reading before the end.
        if parser.at < parser.tokens.len() {
            parser.note(Remark::Brackets);
            parser.at += 1;
        }
    }
    match join(branches, Node::All) {
        Some(root) => Parser::finish(root, parser.notes),
        None => {
            let mut remarks = vec![Remark::NoWord];
            remarks.extend(parser.notes);
            let understood = Understood { asked: None, remarks };
            Reading::Nothing { understood }
        }
    }
}

fn shortened<'t>(text: &'t str, notes: &mut Vec<Remark>) -> &'t str {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => {
            notes.push(Remark::TooLong(MAX_CHARS));
            &text[..end]
        }
        None => text,
    }
}

struct Parser<'a> {
    abbreviations: LocalAbbreviations<'a>,
    tokens: Vec<QueryToken>,
    at: usize,
    words: usize,
    depth: usize,
    /// Whether it reads brackets behind `abstimmung:`, where words may be results.
    of_votes: bool,
    notes: Vec<Remark>,
}

impl Parser<'_> {
    fn finish(mut root: Node, mut notes: Vec<Remark>) -> Reading {
        let mut dropped = Vec::new();
        if let Some(smaller) = without_stopwords(&root, &mut dropped) {
            root = smaller;
            if !dropped.is_empty() {
                notes.push(Remark::Dropped(dropped));
            }
        }
        let asked = (!notes.is_empty()).then(|| describe::asked(&root));
        let understood = Understood { asked, remarks: notes };
        Reading::Query { root, understood }
    }

    fn note(&mut self, note: Remark) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn peek(&self) -> Option<&QueryToken> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<QueryToken> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// `a b ODER c`: alternatives of conjunctions, up to a closing bracket.
    fn either(&mut self, field: SearchField) -> Option<Node> {
        let mut branches = Vec::new();
        loop {
            let branch = self.all(field);
            let missing = branch.is_none();
            branches.extend(branch);
            if self.peek() != Some(&QueryToken::Or) {
                if missing && !branches.is_empty() {
                    self.note(Remark::Operator);
                }
                return join(branches, Node::One);
            }
            if missing {
                self.note(Remark::Operator);
            }
            self.at += 1;
        }
    }

    fn all(&mut self, field: SearchField) -> Option<Node> {
        let mut parts = Vec::new();
        while let Some(token) = self.peek() {
            match token {
                QueryToken::Or | QueryToken::Close => break,
                QueryToken::And => self.at += 1,
                QueryToken::Near(_) => {
                    self.note(Remark::Operator);
                    self.at += 1;
                }
                _ => parts.extend(self.negated(field)),
            }
        }
        // Brackets around words that stand in a row anyway change nothing.
        let parts = parts.into_iter().flat_map(|part| match part {
            Node::All(parts) => parts,
            part => vec![part],
        });
        let parts = self.items(parts.collect());
        let parts = self.days(parts);
        join(grouped(parts, self.abbreviations), Node::All)
    }

    fn negated(&mut self, field: SearchField) -> Option<Node> {
        let mut positive = true;
        while self.peek() == Some(&QueryToken::Not) {
            positive = !positive;
            self.at += 1;
        }
        let node = self.near(field);
        match node {
            None if !positive => {
                self.note(Remark::Operator);
                None
            }
            Some(node) if !positive => Some(Node::Not(Box::new(node))),
            node => node,
        }
    }

    /// `a NAHE/5 b`, chained as one group with the largest distance.
    fn near(&mut self, field: SearchField) -> Option<Node> {
        let mut left = self.primary(field)?;
        while let Some(QueryToken::Near(distance)) = self.peek() {
            let distance = *distance;
            self.at += 1;
            let Some(right) = self.primary(field) else {
                self.note(Remark::Operator);
                return Some(left);
            };
            left = match (left, right) {
                (Node::Word { field: a, word: x }, Node::Word { field: b, word: y }) if a == b => {
                    Node::Near { field: a, words: vec![x, y], distance: self.bounded(distance) }
                }
                (
                    Node::Near { field: a, mut words, distance: before },
                    Node::Word { field: b, word },
                ) if a == b => {
                    words.push(word);
                    Node::Near { field: a, words, distance: before.max(self.bounded(distance)) }
                }
                (left, right) => {
                    self.note(Remark::Near);
                    Node::All(vec![left, right])
                }
            };
        }
        Some(left)
    }

    fn primary(&mut self, field: SearchField) -> Option<Node> {
        match self.peek()? {
            QueryToken::Open => self.bracket(field),
            QueryToken::Field(target) => {
                let target = *target;
                self.at += 1;
                self.field(target)
            }
            QueryToken::Vote(value) => {
                let value = value.clone();
                self.at += 1;
                Some(self.vote(&value))
            }
            QueryToken::Quoted { text, .. } | QueryToken::Chunk { text, .. }
                if self.of_votes && !VoteVerdict::asked(text).is_empty() =>
            {
                let verdicts = VoteVerdict::asked(text);
                self.at += 1;
                Some(Node::Vote(verdicts))
            }
            QueryToken::Quoted { .. } | QueryToken::Chunk { .. } => match self.next()? {
                QueryToken::Quoted { text, distance, closed } => {
                    if !closed {
                        self.note(Remark::Unclosed);
                    }
                    self.quoted(field, &text, distance)
                }
                QueryToken::Chunk { text, star, ignored } => {
                    if let Some(sign) = ignored {
                        self.note(Remark::Sign(sign));
                    }
                    if let Some(signed) = self.signed(field, &text) {
                        return Some(signed);
                    }
                    let word = self.word(&text, star).map(|word| Node::Word { field, word })?;
                    // "21.06.2021" also means that day.
                    match Days::whole_day(&text).filter(|_| field == SearchField::Spoken) {
                        Some(day) => {
                            self.note(Remark::Day(text));
                            Some(Node::One(vec![word, Node::Date(day)]))
                        }
                        None => Some(word),
                    }
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn bracket(&mut self, field: SearchField) -> Option<Node> {
        self.at += 1;
        if self.depth == MAX_DEPTH {
            self.note(Remark::Brackets);
            return None;
        }
        self.depth += 1;
        let inner = self.either(field);
        self.depth -= 1;
        if self.peek() == Some(&QueryToken::Close) {
            self.at += 1;
        } else {
            self.note(Remark::Brackets);
        }
        inner
    }

    fn field(&mut self, target: Target) -> Option<Node> {
        let node = match target {
            Target::Field(field) => self.primary(field),
            Target::Date => return self.date(),
            Target::Role => return self.role(),
            Target::Vote => return Some(self.vote("")),
        };
        if node.is_none() {
            self.note(Remark::Operator);
        }
        node
    }

    /// What stands behind a field that takes no words, as typed.
    fn value(&mut self) -> Option<String> {
        let text = match self.peek() {
            Some(QueryToken::Quoted { text, .. } | QueryToken::Chunk { text, .. }) => text.clone(),
            _ => {
                self.note(Remark::Operator);
                return None;
            }
        };
        self.at += 1;
        Some(text)
    }

    fn date(&mut self) -> Option<Node> {
        let text = self.value()?;
        let days = Days::read(&text);
        if days.is_none() {
            self.note(Remark::NoDate(text));
        }
        days.map(Node::Date)
    }

    fn role(&mut self) -> Option<Node> {
        let text = self.value()?;
        let role = AskedRole::read(&text);
        if role.is_none() {
            self.note(Remark::NoRole(text));
        }
        role.map(Node::Role)
    }

    /// What is asked of votes. What is no result is what was voted on.
    fn vote(&mut self, value: &str) -> Node {
        let bare = value.trim_matches('*').trim();
        let verdicts = VoteVerdict::asked(bare);
        if !verdicts.is_empty() {
            return Node::Vote(verdicts);
        }
        let mut parts = vec![Node::Vote(BTreeSet::new())];
        if value.is_empty() {
            match self.peek() {
                // "abstimmung: abgelehnt".
                Some(QueryToken::Quoted { text, .. } | QueryToken::Chunk { text, .. }) => {
                    let verdicts = VoteVerdict::asked(text);
                    self.at += usize::from(!verdicts.is_empty());
                    return Node::Vote(verdicts);
                }
                Some(QueryToken::Open) => {
                    let outside = std::mem::replace(&mut self.of_votes, true);
                    parts.extend(self.bracket(SearchField::Spoken));
                    self.of_votes = outside;
                }
                _ => {}
            }
        } else if !bare.is_empty() {
            self.note(Remark::NoVerdict(bare.to_owned()));
            let words = bare.split_whitespace();
            let words: Vec<QueryWord> =
                words.filter_map(|word| self.word(word, Star::Without)).collect();
            let field = SearchField::Spoken;
            parts.extend(words.into_iter().map(|word| Node::Word { field, word }));
        }
        match parts.len() {
            1 => parts.remove(0),
            _ => Node::All(parts),
        }
    }

    fn quoted(&mut self, field: SearchField, text: &str, distance: Option<u32>) -> Option<Node> {
        if let Some(signed) = self.signed(field, text.trim()) {
            return Some(signed);
        }
        let mut words = Vec::new();
        for chunk in text.split_whitespace() {
            let bare = chunk.trim_end_matches('*');
            let star = if bare.len() < chunk.len() { Star::With } else { Star::Without };
            words.extend(self.word(bare, star));
        }
        if words.is_empty() {
            return None;
        }
        Some(match distance {
            Some(distance) if words.len() > 1 => {
                Node::Near { field, words, distance: self.bounded(distance) }
            }
            // The number of an item is its number in quotes too.
            _ if field == SearchField::Item && words.len() == 1 && is_number(&words[0]) => {
                Node::Word { field, word: words.remove(0) }
            }
            _ => Node::Phrase { field, words },
        })
    }

    /// "20%" is two words written as one.
    fn signed(&mut self, field: SearchField, text: &str) -> Option<Node> {
        if field != SearchField::Spoken || text.contains(char::is_whitespace) {
            return None;
        }
        let (number, sign) = analysis::signed(text)?;
        let both = [number, sign].map(|text| self.word(text, Star::Without));
        let words: Vec<QueryWord> = both.into_iter().flatten().collect();
        (words.len() == 2).then_some(beside(words))
    }

    /// No farther than the lookahead reaches.
    fn bounded(&mut self, distance: u32) -> u32 {
        let bounded = distance.clamp(1, LOOKAHEAD as u32);
        if bounded != distance {
            self.note(Remark::Distance(LOOKAHEAD));
        }
        bounded
    }

    /// "TOP 5" also means that agenda item.
    fn items(&mut self, parts: Vec<Node>) -> Vec<Node> {
        let mut kept: Vec<Node> = Vec::with_capacity(parts.len());
        for part in parts {
            let number =
                spoken(&part).filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
            let called = kept.last().and_then(spoken);
            let called = called.is_some_and(|word| ["top", "tagesordnungspunkt"].contains(&&*word));
            match (number, part) {
                (Some(number), Node::Word { word, .. }) if called => {
                    let Some(Node::Word { word: called, .. }) = kept.pop() else { continue };
                    self.note(Remark::Item(format!("{} {}", called.text(), word.text())));
                    let item =
                        Node::Word { field: SearchField::Item, word: QueryWord::Whole(number) };
                    kept.push(Node::One(vec![beside(vec![called, word]), item]));
                }
                (_, part) => kept.push(part),
            }
        }
        kept
    }

    /// "4. Mai 2023" also means that day, "Mai 2023" that month.
    fn days(&mut self, parts: Vec<Node>) -> Vec<Node> {
        let mut kept: Vec<Node> = Vec::with_capacity(parts.len());
        for part in parts {
            kept.push(part);
            let last = kept.len().saturating_sub(3);
            let texts: Vec<Option<String>> = kept[last..].iter().map(spoken).collect();
            let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            let Some((days, n)) = Days::spelt(&texts) else { continue };
            let words: Vec<QueryWord> = kept
                .split_off(kept.len() - n)
                .into_iter()
                .filter_map(|node| match node {
                    Node::Word { word, .. } => Some(word),
                    _ => None,
                })
                .collect();
            let typed: Vec<&str> = words.iter().map(QueryWord::text).collect();
            self.note(Remark::Day(typed.join(" ")));
            kept.push(Node::One(vec![beside(words), Node::Date(days)]));
        }
        kept
    }

    fn word(&mut self, text: &str, star: Star) -> Option<QueryWord> {
        let whole = analysis::bracketed(text).map(|(_, whole)| whole);
        let text = whole.as_deref().unwrap_or(text);
        let core = &text[analysis::core_range(text)?];
        if self.words == MAX_TERMS {
            self.note(Remark::TooManyWords(MAX_TERMS));
            return None;
        }
        self.words += 1;
        if star == Star::Without {
            return Some(QueryWord::Whole(core.to_owned()));
        }
        if core.chars().count() < MIN_PREFIX {
            self.note(Remark::ShortBeginning(core.to_owned(), MIN_PREFIX));
            return Some(QueryWord::Whole(core.to_owned()));
        }
        Some(QueryWord::Prefix(core.to_owned()))
    }
}

/// Words side by side, in any form.
fn beside(words: Vec<QueryWord>) -> Node {
    Node::Near { field: SearchField::Spoken, words, distance: 1 }
}

/// A bare word as typed.
fn written(node: &Node) -> Option<&str> {
    match node {
        Node::Word { field: SearchField::Spoken, word: QueryWord::Whole(text) } => Some(text),
        _ => None,
    }
}

/// The normalized text of a bare word.
fn spoken(node: &Node) -> Option<String> {
    match node {
        Node::Word { field: SearchField::Spoken, word: QueryWord::Whole(text) } => {
            analysis::exact(text)
        }
        _ => None,
    }
}

fn is_number(word: &QueryWord) -> bool {
    word.text().starts_with(|c: char| c.is_ascii_digit())
}

/// Takes neighbouring words together that mean something together: a number ("fünf Millionen"),
/// or what has an abbreviation ("öffentlicher Personennahverkehr").
fn grouped(parts: Vec<Node>, abbreviations: LocalAbbreviations<'_>) -> Vec<Node> {
    let exact: Vec<Option<String>> = parts.iter().map(spoken).collect();
    let several = |words: &Range<usize>| words.len() > 1;
    let words: Vec<Option<&str>> = exact.iter().map(Option::as_deref).collect();
    let mut readings: Vec<WordReading> =
        analysis::readings(&words).into_iter().filter(|r| several(&r.words)).collect();
    // What says more of the query comes first: a paper before the number in it.
    readings.sort_by_key(|r| std::cmp::Reverse(r.words.len()));
    let readings = readings.into_iter().map(|r| (r.words, Meaning::Reading(r.asks)));
    let written: Vec<Option<&str>> = parts.iter().map(written).collect();
    let longs = abbreviations.long_forms_among(&written).into_iter();
    let longs = longs.map(|long| {
        let LongForm { words, shorts, by_initials } = long;
        (words, Meaning::Abbreviated { shorts, by_initials })
    });
    // No word is in two groups: whichever comes first has it.
    let mut groups: Vec<(Range<usize>, Meaning)> = Vec::new();
    for (words, meaning) in readings.chain(longs) {
        let apart =
            |(of, _): &(Range<usize>, Meaning)| of.end <= words.start || words.end <= of.start;
        if groups.iter().all(apart) {
            groups.push((words, meaning));
        }
    }
    groups.sort_by_key(|(words, _)| words.start);
    let mut parts = parts.into_iter().enumerate().peekable();
    let mut kept = Vec::new();
    for (range, meaning) in groups {
        while let Some((_, part)) = parts.next_if(|(index, _)| *index < range.start) {
            kept.push(part);
        }
        let mut words = Vec::new();
        while let Some((_, part)) = parts.next_if(|(index, _)| *index < range.end) {
            if let Node::Word { word, .. } = part {
                words.push(word);
            }
        }
        kept.push(match meaning {
            Meaning::Reading(asks) => Node::Reading { words, asks },
            Meaning::Abbreviated { shorts, by_initials } => {
                words.retain(|word| !is_stopword(word));
                Node::LongForm { words, shorts, by_initials }
            }
        });
    }
    kept.extend(parts.map(|(_, part)| part));
    kept
}

/// What words mean together.
enum Meaning {
    Reading(Asks),
    Abbreviated { shorts: Vec<String>, by_initials: bool },
}

fn join(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Option<Node> {
    match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ => Some(many(nodes)),
    }
}

/// The query without the function words that stand beside other words; `None` where no other
/// condition would be left.
fn without_stopwords(node: &Node, dropped: &mut Vec<String>) -> Option<Node> {
    match node {
        Node::Word { field: SearchField::Spoken, word: word @ QueryWord::Whole(text) } => {
            if is_stopword(word) {
                dropped.push(text.clone());
                return None;
            }
            Some(node.clone())
        }
        Node::All(parts) => {
            let mut here = Vec::new();
            let kept: Vec<Node> =
                parts.iter().filter_map(|part| without_stopwords(part, &mut here)).collect();
            if !kept.iter().any(is_positive) {
                return Some(node.clone());
            }
            dropped.append(&mut here);
            join(kept, Node::All)
        }
        // "der ODER die" and "-der" mean what they say.
        _ => Some(node.clone()),
    }
}

fn is_stopword(word: &QueryWord) -> bool {
    analysis::capitals(word.text()).is_none()
        && analysis::exact(word.text()).is_some_and(|exact| analysis::is_stopword(&exact))
}

fn is_positive(node: &Node) -> bool {
    !matches!(node, Node::Not(_) | Node::Date(_) | Node::Role(_) | Node::Vote(_))
}
