//! The vocabulary of a meeting: who and what is likely to be named, least important first, the glossary of
//! its body, and the vocabulary that a user brings along. Owns the choice of terms; hidden items give none.

use std::path::Path;

use mitschnitt_german::folding::fold;
use mitschnitt_german::{nouns, titles};

use crate::domain::{
    AgendaItem, Alignment, Council, Error, GlossaryKind, GlossaryTerm, MediaTime, Membership,
    Organization, Person, PersonId, Result, Span,
};
use crate::ingest;
use crate::transcribe::{RecordingVocabulary, Term, TermKind};

/// An item is spoken of a little before it is called and after it is left, in milliseconds.
const MARGIN: u64 = 15_000;
/// Shorter words of titles are abbreviations and particles.
const SHORTEST_TITLE_NAME: usize = 3;
/// So many terms of a glossary are prompted before anything else: they take about a third of a prompt, so that
/// who is there and what is treated has its room, too.
const GLOSSARY_FIRST: usize = 16;
/// Longest line of a vocabulary file in characters; a prompt has room for about three times that.
const LONGEST_LINE: usize = 200;
/// Longest vocabulary file in bytes.
const LONGEST_FILE: u64 = 32 << 20;

/// The terms of a council: who is there, what meets, and the names that the agenda's titles hold. With an
/// alignment (on the meeting's clock, and where the recording starts on that clock) the terms of an item are
/// prompted where it is treated, too; without, its title serves to correct names only.
pub fn vocabulary(
    council: &Council,
    aligned: Option<(&Alignment, MediaTime)>,
) -> RecordingVocabulary {
    let person =
        |p: &Person| Term::new(TermKind::Person, &called(p)).or_short(p.family_name.as_deref());
    let present: Vec<&Person> = council.persons.iter().filter(|p| serves(p, council)).collect();
    let mut terms: Vec<Term> = present.iter().map(|p| person(p)).collect();
    terms.extend(organizations(council).iter().map(|name| Term::new(TermKind::Name, name)));
    terms.extend(title_names(council).iter().map(|name| Term::new(TermKind::Name, name)));
    let participants = &council.meeting.participants;
    terms.extend(present.iter().filter(|p| participants.contains(&p.id)).map(|p| person(p)));
    terms.extend(present.iter().filter(|p| leads(p)).map(|p| person(p)));
    terms.extend(present.iter().filter(|p| council.presides(p)).map(|p| person(p)));
    for item in council.meeting.agenda.iter().filter(|i| i.public) {
        let spans = spans(item, aligned);
        let speakers = speakers(item, council, aligned);
        terms.extend(speakers.iter().map(|p| person(p).within(&spans)));
        terms.extend(item_terms(item, council).into_iter().map(|t| t.within(&spans)));
    }
    RecordingVocabulary::new(terms)
}

/// The same with the glossary of the body, in the order in which its terms were added. The newest are more
/// important than all that the council's data say, since somebody has just put them right; the others stand
/// below that, and serve to correct names where there is no room to prompt them.
pub(super) fn with_glossary(
    vocabulary: RecordingVocabulary,
    glossary: &[GlossaryTerm],
) -> RecordingVocabulary {
    let term = |term: &GlossaryTerm| {
        let kind = match term.kind {
            GlossaryKind::Person => TermKind::Person,
            GlossaryKind::Place | GlossaryKind::Term => TermKind::Name,
        };
        Term::new(kind, term.spelling.as_str())
    };
    let (older, newest) = glossary.split_at(glossary.len().saturating_sub(GLOSSARY_FIRST));
    let council = vocabulary.terms().iter().cloned();
    let terms = older.iter().map(term).chain(council).chain(newest.iter().map(term));
    RecordingVocabulary::new(terms.collect())
}

/// The same with further terms, which are the most important, the last the most.
pub(super) fn with_terms(vocabulary: RecordingVocabulary, terms: &[String]) -> RecordingVocabulary {
    let further = terms.iter().map(|text| Term::new(TermKind::Name, text));
    RecordingVocabulary::new(vocabulary.terms().iter().cloned().chain(further).collect())
}

/// Reads a vocabulary: one term a line, `#` before a comment, later lines more important; or a
/// meeting in the form that `mitschnitt align --meeting` takes.
///
/// # Errors
/// `BadInput` where the file cannot be read, is no text, has a line that is no term, or none at all.
pub fn read_vocabulary(path: &Path) -> Result<RecordingVocabulary> {
    let name = path.display();
    let unread = |e: std::io::Error| {
        Error::bad_input(format!("Das Vokabular {name} ist nicht lesbar"))
            .because(e)
            .remedy("Prüfen Sie Pfad und Zugriffsrechte")
    };
    if path.metadata().map_err(unread)?.len() > LONGEST_FILE {
        return Err(Error::bad_input(format!("Das Vokabular {name} ist größer als 32 MiB"))
            .remedy("Erwartet wird ein Begriff je Zeile; einige hundert genügen"));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        Error::bad_input(format!("{name}, Zeile {line}: kein UTF-8"))
            .remedy("Speichern Sie die Datei als UTF-8")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        let council = ingest::align_input(text).map_err(|e| e.about(&name.to_string()))?;
        return Ok(vocabulary(&council, None));
    }
    let terms: Vec<Term> = (1..)
        .zip(text.lines())
        .filter_map(|(at, line)| term(line, at, path).transpose())
        .collect::<Result<_>>()?;
    if terms.is_empty() {
        return Err(Error::bad_input(format!("Das Vokabular {name} enthält keinen Begriff"))
            .remedy("Schreiben Sie einen Begriff je Zeile, die wichtigsten zuletzt"));
    }
    Ok(RecordingVocabulary::new(terms))
}

fn term(line: &str, at: usize, path: &Path) -> Result<Option<Term>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let wrong =
        |reason: String| Error::bad_input(format!("{}, Zeile {at}: {reason}", path.display()));
    if line.chars().any(char::is_control) {
        return Err(wrong("Steuerzeichen im Begriff".into()).remedy("Erwartet wird reiner Text"));
    }
    let length = line.chars().count();
    if length > LONGEST_LINE {
        return Err(wrong(format!("der Begriff hat {length} Zeichen, höchstens {LONGEST_LINE}"))
            .remedy("Schreiben Sie einen Begriff je Zeile"));
    }
    Ok(Some(Term::new(TermKind::Name, line)))
}

/// "Landrat Jens Muster", "Dr. Anna Muster": the name with an office that is said with it.
fn called(person: &Person) -> String {
    let mut roles = person.memberships.iter().filter_map(|m| m.role.as_deref());
    let office = roles.find(|role| titles::is_head(&fold(role)) && !role.contains(' '));
    match office {
        Some(office) if !person.name.contains(office) => format!("{office} {}", person.name),
        _ => person.name.clone(),
    }
}

/// Whether the person holds anything on the day of the meeting; who has no membership is a guest.
fn serves(person: &Person, council: &Council) -> bool {
    let day = council.meeting.date;
    let now = |m: &Membership| day.is_none_or(|d| m.holds_on(d));
    person.memberships.is_empty() || person.memberships.iter().any(now)
}

/// Leaders of parliamentary groups and heads of the administration speak on most items.
fn leads(person: &Person) -> bool {
    person.memberships.iter().filter_map(|m| m.role.as_deref().map(|r| (m, r.to_lowercase()))).any(
        |(m, role)| {
            let deputy = role.contains("stellv") || role.contains("stv");
            let heads = role.contains("vorsitz") && (m.is_party || role.contains("fraktion"));
            !deputy && (heads || titles::is_head(&fold(&role)) || role.contains("bürgermeister"))
        },
    )
}

/// Names of organizations, parties and the body, the organization that meets last.
fn organizations(council: &Council) -> Vec<String> {
    let meets = |o: &&Organization| council.meeting.organizations.contains(&o.id);
    let memberships = council.persons.iter().flat_map(|p| &p.memberships);
    let named = |party: bool| {
        let of_kind = memberships.clone().filter(move |m| m.is_party == party);
        of_kind.filter_map(|m| m.organization_name.as_deref())
    };
    let all = council.organizations.iter();
    let others = all.clone().filter(|o| !meets(o)).map(|o| o.name.as_str());
    let last = std::iter::once(council.body.name.as_str());
    let last = last.chain(all.filter(meets).map(|o| o.name.as_str()));
    others.chain(named(true)).chain(named(false)).chain(last).filter_map(spoken).collect()
}

/// What is a name in the titles of public items and their papers: words with a capital that are no
/// everyday nouns, each once, those of later items last.
fn title_names(council: &Council) -> Vec<String> {
    let items = council.meeting.agenda.iter().filter(|i| i.public);
    let titles = items.flat_map(|item| {
        let papers = council.papers_of(item).map(|paper| paper.name.as_str());
        papers.chain([item.title.as_str()])
    });
    let mut names: Vec<String> = Vec::new();
    for word in titles.flat_map(str::split_whitespace) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_name = word.chars().count() >= SHORTEST_TITLE_NAME
            && word.starts_with(char::is_uppercase)
            && word.contains(char::is_lowercase)
            && word.chars().all(|c| c.is_alphabetic() || "-'’".contains(c))
            && !nouns::is_everyday(word)
            && !titles::is_title(&fold(word));
        if is_name && !names.iter().any(|name| name == word) {
            names.push(word.to_owned());
        }
    }
    names
}

/// A name as it is said: without what stands in brackets; `None` for what ingest put where the
/// source gave no name, a server's address or a stopgap.
fn spoken(name: &str) -> Option<String> {
    let said = name.split(" (").next().unwrap_or_default().trim();
    let address = said.contains('.') && !said.contains(' ');
    let unknown = said.is_empty() || said.starts_with("Unbekannte") || address;
    (!unknown).then(|| said.to_owned())
}

/// Titles and references of an item and its papers, the item's title last.
fn item_terms(item: &AgendaItem, council: &Council) -> Vec<Term> {
    let papers = || council.papers_of(item);
    let mut terms: Vec<Term> = papers().map(|p| Term::new(TermKind::Title, &p.name)).collect();
    let references = papers().filter_map(|p| p.reference.as_deref());
    terms.extend(references.map(|r| Term::new(TermKind::Reference, r)));
    terms.push(Term::new(TermKind::Title, &item.title));
    terms
}

/// Who speaks under an item as far as is known, and who brought its papers in.
fn speakers<'a>(
    item: &AgendaItem,
    council: &'a Council,
    aligned: Option<(&Alignment, MediaTime)>,
) -> Vec<&'a Person> {
    let papers = council.papers_of(item);
    let mut ids: Vec<&PersonId> = papers.flat_map(|p| &p.originator_persons).collect();
    if let Some((alignment, _)) = aligned {
        let own: Vec<Span> = alignment
            .items
            .iter()
            .filter(|i| i.id == item.id)
            .flat_map(|i| i.spans.clone())
            .collect();
        let here = |from, to| {
            Span::new(from, to).is_some_and(|t| own.iter().any(|s| s.overlap_millis(t) > 0))
        };
        let turns = alignment.turns.iter().filter(|t| here(t.start_ms, t.end_ms));
        ids.extend(turns.filter_map(|t| t.person.as_ref()));
    }
    council.persons.iter().filter(|p| ids.contains(&&p.id)).collect()
}

/// Where an item is treated on the recording's line, with a margin.
fn spans(item: &AgendaItem, aligned: Option<(&Alignment, MediaTime)>) -> Vec<Span> {
    let Some((alignment, offset)) = aligned else { return Vec::new() };
    let items = alignment.items.iter().filter(|i| i.id == item.id);
    let widened = |s: &Span| {
        let back = offset.millis();
        let end = s.end().plus_millis(MARGIN).minus_millis(back);
        Span::new(s.start().minus_millis(back + MARGIN), end)
    };
    items.flat_map(|i| &i.spans).filter_map(widened).collect()
}

#[cfg(test)]
pub(super) mod tests;
