//! A stretch of words as a quotation: who said it, where, when, under which item, and the line to paste.
//! Owns what a quotation says of itself: what was guessed, that nobody checked it, where something was
//! left out.

use std::ops::Range;

use jiff::civil::Date;
use serde::Serialize;

use crate::domain::{
    AgendaItem, AgendaItemId, Error, Gap, GapReason, MediaTime, Person, QuotableWord, Quotation,
    Role, SealedQuotation, Turn,
};
use crate::edition::{Edition, Editions};
use crate::web::public::outline::{self, SURE};
use crate::web::public::place::quotation_address;
use crate::web::shared::error::{Failure, Missing};
use crate::web::shared::texts::Texts;

/// Longest quotation that is given out, in characters.
pub const LONGEST_QUOTE: usize = 1500;

/// A quotation with all that is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The words as they stand in the text; "[…]" where something may not be seen or was not heard.
    pub text: String,
    /// Who said it, several in order.
    pub speaker: String,
    /// As what; of several speakers, the first.
    pub role: Role,
    /// "Vorsitz", "Landrat"; of several speakers, the first's.
    pub office: Option<String>,
    /// Party or group; of several speakers, the first's.
    pub party: Option<String>,
    /// Whether a speaker is a guess.
    pub guessed: bool,
    /// What each of them said, in order.
    pub speeches: Vec<QuotedSpeech>,
    /// Whose meeting it was.
    pub body: String,
    /// Who met.
    pub organization: String,
    /// The name of the meeting.
    pub meeting: String,
    /// Whether the meeting is invented.
    pub synthetic: bool,
    /// Its day.
    pub date: Option<Date>,
    /// The agenda item that was treated; of several called together, all.
    pub item: Option<QuotedItem>,
    /// Where it begins on the meeting's clock.
    pub start_ms: Option<MediaTime>,
    /// Where it ends.
    pub end_ms: Option<MediaTime>,
    /// "automatic", "checked" or "recorded".
    pub review: &'static str,
    /// The address that stays good.
    pub url: String,
    /// One line, ready to paste.
    pub citation: String,
    /// What the address says, in parts.
    #[serde(skip)]
    pub words: SealedQuotation,
}

/// What one of several speakers said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotedSpeech {
    /// The words.
    pub text: String,
    /// The name, where it is known.
    pub speaker: Option<String>,
    /// Whether it is a guess.
    pub guessed: bool,
    /// As what.
    pub role: Role,
    /// "Vorsitz", "Landrat".
    pub office: Option<String>,
    /// Party or group.
    pub party: Option<String>,
}

/// An agenda item under which something was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotedItem {
    /// Its number.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
}

impl Quote {
    /// The quotation of a stretch of words of a meeting, which is sealed. `origin` is the scheme and host of
    /// its address.
    ///
    /// # Errors
    /// `NotFound` where the meeting has no such words, `BadInput` where they are too many.
    pub fn of(
        editions: &Editions,
        edition: &Edition,
        range: Range<usize>,
        origin: &str,
        t: &Texts,
    ) -> Result<Self, Failure> {
        let none = || Failure::of(Missing::Words)(Error::not_found("Solche Wörter gibt es nicht"));
        let words = edition.quotable_words();
        let quotation = Quotation::of(&words, range.clone()).ok_or_else(none)?;
        if quotation.words().chars().count() > LONGEST_QUOTE {
            let error = Error::bad_input("Das Zitat ist zu lang");
            return Err(Failure::of(Missing::LongQuote)(error));
        }
        let runs = runs(edition, &range, t);
        let joined = |range: &Range<usize>| text(edition, &words, range);
        let speeches: Vec<QuotedSpeech> = (runs.iter())
            .map(|run| QuotedSpeech { text: joined(&run.words), ..run.speech.clone() })
            .collect();
        let first = speeches.first().ok_or_else(none)?.clone();
        let names = speeches.iter().map(|speech| named(speech, t));
        let council = &edition.council;
        let seal = editions.seal_of(edition, &quotation).map_err(Failure::from)?;
        let span = quotation.span();
        let mut quote = Self {
            text: joined(&range),
            speaker: names.collect::<Vec<_>>().join("; "),
            role: first.role,
            office: first.office,
            party: first.party,
            guessed: speeches.iter().any(|speech| speech.guessed),
            speeches,
            body: council.body.name.clone(),
            organization: council.organization_name().to_owned(),
            meeting: council.meeting.name.clone(),
            synthetic: council.meeting.synthetic,
            date: council.meeting.date,
            item: item(edition, &runs[0].items),
            start_ms: span.map(|span| span.start()),
            end_ms: span.map(|span| span.end()),
            review: edition.text_review(&treated(edition, &runs[0].items)).code(),
            url: format!("{origin}{}", quotation_address(&council.meeting.id, &quotation, &seal)),
            citation: String::new(),
            words: SealedQuotation { quotation, seal },
        };
        quote.citation = quote.cited(t);
        Ok(quote)
    }

    /// „Wortlaut“ (Name, Fraktion, Gremium, Körperschaft, Tag, TOP, Minute; geprüft?; Adresse)
    fn cited(&self, t: &Texts) -> String {
        let item = self.item.as_ref().map(|item| match &item.number {
            Some(number) => format!("{} „{}“", t.item_number(number), inner(&item.title)),
            None => format!("„{}“", inner(&item.title)),
        });
        let place = [
            Some(self.organization.clone()).filter(|name| !name.is_empty()),
            Some(self.body.clone()),
            self.date.map(|date| t.cited_date(&date)),
            item,
            self.start_ms.map(|start| t.minute(&start.clock())),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        let said = |speech: &QuotedSpeech| format!("„{}“", inner(&speech.text));
        let words = match self.speeches.as_slice() {
            [only] => format!("{} ({}, ", said(only), who(only, t)),
            several => {
                let each = several.iter().map(|s| format!("{}: {}", who(s, t), said(s)));
                format!("{} (", each.collect::<Vec<_>>().join(" – "))
            }
        };
        let synthetic = self.synthetic.then(|| t.cited_synthetic());
        let review = t.cited_review(self.review);
        let rest: Vec<&str> = synthetic.into_iter().chain([review, &self.url]).collect();
        let line = format!("{words}{}; {})", place.join(", "), rest.join("; "));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The ids of items at these places of the agenda.
fn treated(edition: &Edition, orders: &[usize]) -> Vec<AgendaItemId> {
    let agenda = &edition.council.meeting.agenda;
    orders.iter().filter_map(|order| Some(agenda.get(*order)?.id.clone())).collect()
}

/// Quotation marks within quotation marks.
fn inner(text: &str) -> String {
    text.replace('„', "‚").replace(['“', '”'], "‘")
}

/// "Erika Muster (vermutlich)".
fn named(speech: &QuotedSpeech, t: &Texts) -> String {
    let name = speech.speaker.clone().unwrap_or_else(|| t.nobody_known().to_owned());
    if speech.guessed { format!("{name} {}", t.probably) } else { name }
}

/// The name, and as what they speak.
pub fn who(speech: &QuotedSpeech, t: &Texts) -> String {
    let parts = [Some(named(speech, t)), speech.office.clone(), speech.party.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Words that one speaker says under the same items.
struct SpeakerRun {
    words: Range<usize>,
    /// Who, with no words yet.
    speech: QuotedSpeech,
    /// Positions of the items in the agenda.
    items: Vec<usize>,
    /// What tells speakers apart.
    turn: Option<usize>,
}

/// A stretch of words by its speakers.
fn runs(edition: &Edition, range: &Range<usize>, t: &Texts) -> Vec<SpeakerRun> {
    let mut runs: Vec<SpeakerRun> = Vec::new();
    let mut add = |words: Range<usize>, turn, new: &dyn Fn() -> (QuotedSpeech, Vec<usize>)| {
        let words = words.start.max(range.start)..words.end.min(range.end);
        match runs.last_mut() {
            _ if words.is_empty() => {}
            Some(last) if last.turn == turn => last.words.end = words.end,
            _ => {
                let (speech, items) = new();
                runs.push(SpeakerRun { words, speech, items, turn });
            }
        }
    };
    let Some((transcript, alignment)) = &edition.text else {
        let agenda = &edition.council.meeting.agenda;
        let mut first = 0;
        for (number, speech) in edition.speeches.iter().enumerate() {
            let words = first..first + speech.text.split_whitespace().count();
            first = words.end;
            add(words, Some(number), &|| {
                let place = agenda.iter().position(|item| Some(&item.id) == speech.item.as_ref());
                let quoted = QuotedSpeech {
                    text: String::new(),
                    speaker: speech.speaker.as_ref().map(|speaker| speaker.name.clone()),
                    guessed: false,
                    role: speech.role,
                    office: t.role(&speech.role).map(str::to_owned),
                    party: speech.party.clone(),
                };
                (quoted, place.into_iter().collect())
            });
        }
        return runs;
    };
    for utterance in &transcript.utterances {
        let Some(span) = transcript.span_of(utterance) else { continue };
        // As on the meeting's page, an utterance belongs where its middle lies.
        let middle = span.start().plus_millis(span.millis() / 2);
        let before = alignment.turns.partition_point(|turn| turn.start_ms <= middle).checked_sub(1);
        let turn = before.filter(|turn| middle < alignment.turns[*turn].end_ms);
        let words = utterance.first_word..utterance.first_word + utterance.n_words;
        add(words, turn, &|| {
            let speech = spoken(edition, turn.map(|turn| &alignment.turns[turn]), t);
            let treated = |item: &AgendaItem| {
                let found = alignment.items.iter().find(|found| found.id == item.id);
                found.is_some_and(|found| found.spans.iter().any(|span| span.contains(middle)))
            };
            let agenda = edition.council.meeting.agenda.iter().enumerate();
            (speech, agenda.filter(|(_, i)| i.public && treated(i)).map(|(at, _)| at).collect())
        });
    }
    runs
}

fn spoken(edition: &Edition, turn: Option<&Turn>, t: &Texts) -> QuotedSpeech {
    let speaker = turn.and_then(|turn| outline::name(edition, turn));
    let person = turn.and_then(|turn| edition.council.person(turn.person.as_ref()?));
    let role = turn.map(|turn| turn.role).unwrap_or_default();
    let office = match role {
        Role::Chair => None,
        _ => person.and_then(|person| office(edition, person)),
    };
    QuotedSpeech {
        text: String::new(),
        guessed: speaker.is_some() && turn.is_some_and(|turn| turn.confidence < SURE),
        office: office.or_else(|| t.role(&role).map(str::to_owned)),
        party: person.and_then(|person| outline::party(edition, &person.id)),
        speaker,
        role,
    }
}

/// What somebody is in the organization that meets, or at large, beside being a member.
fn office(edition: &Edition, person: &Person) -> Option<String> {
    let meeting = &edition.council.meeting;
    let here = person.memberships.iter().filter(|m| {
        let holds = meeting.date.is_none_or(|day| m.holds_on(day));
        let is_here = m.organization.as_ref().is_none_or(|id| meeting.organizations.contains(id));
        holds && is_here && !m.is_party
    });
    let mut roles = here.filter_map(|m| m.role.clone());
    roles.find(|role| !role.trim().is_empty() && !role.to_lowercase().contains("mitglied"))
}

fn item(edition: &Edition, orders: &[usize]) -> Option<QuotedItem> {
    let agenda = &edition.council.meeting.agenda;
    let items = orders.iter().filter_map(|order| agenda.get(*order)).filter(|item| item.public);
    let items: Vec<&AgendaItem> = items.collect();
    let titles: Vec<&str> = items.iter().map(|item| item.title.as_str()).collect();
    let numbers: Vec<&str> = items.iter().filter_map(|item| item.number.as_deref()).collect();
    (!items.is_empty()).then(|| QuotedItem {
        number: (!numbers.is_empty()).then(|| numbers.join(", ")),
        title: titles.join(" / "),
    })
}

/// The words of a stretch, with "[…]" where what was said between two is left out.
fn text(edition: &Edition, words: &[QuotableWord<'_>], range: &Range<usize>) -> String {
    let gaps = edition.text.as_ref().map_or(&[][..], |(transcript, _)| &transcript.gaps);
    let is_between = |a: Option<MediaTime>, b: Option<MediaTime>| {
        let Some((a, b)) = a.zip(b) else { return false };
        let is_told = |gap: &&Gap| matches!(gap.reason, GapReason::NotPublic | GapReason::Failed);
        gaps.iter().filter(is_told).any(|gap| a <= gap.start_ms && gap.start_ms < b)
    };
    let mut text: Vec<&str> = Vec::new();
    let mut before = None;
    for word in &words[range.clone()] {
        let start = word.span.map(|span| span.start());
        if is_between(before, start) {
            text.push("[…]");
        }
        before = start;
        text.extend(word.text.split_whitespace());
    }
    text.join(" ")
}
