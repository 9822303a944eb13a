//! `/arbeitsplatz/sitzungen/{id}/text`: the editor of a meeting's text, speakers and items, with its sound. Owns
//! that what is answered as saved is saved, and that nothing is written over what somebody else wrote.

use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::page;
use crate::domain::{
    AgendaItemId, EditRefusal, Error, Fact, FixedPoint, MediaTime, MeetingId, ParagraphEdit,
    PersonId, Result, Role, Span, TextChange,
};
use crate::edition::{Media, meeting_id};
use crate::store::Revised;
use crate::web::desk::editing::{
    EditedMeeting, EditedParagraph, EditedPart, EditedSection, EditedTexts, Mismatch,
    ParagraphName, of,
};
use crate::web::desk::errors::AsItIs;
use crate::web::desk::file;
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::{Desk, DeskApp};
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;
use crate::web::shared::ranges::kind;

/// How often something is tried again that somebody else was faster with.
const TRIES: usize = 8;
/// Speakers that have a key of their own.
const KEYS: usize = 9;

#[derive(Template)]
#[template(path = "desk_text.html")]
struct TextPage {
    frame: DeskFrame,
    id: MeetingId,
    name: String,
    sections: Vec<EditedSection>,
    /// Ids and names of those who may speak.
    speakers: Vec<(PersonId, String)>,
    /// Ids and titles of the items.
    items: Vec<(AgendaItemId, String)>,
    /// For each recording, whether it can be heard.
    sounds: Vec<bool>,
    /// Who works on which part.
    claims: std::collections::BTreeMap<String, String>,
    /// How many corrections have no sure place.
    unplaced: usize,
    /// Minutes of work, where they are counted.
    minutes: Option<u32>,
}

impl TextPage {
    fn claim(&self, section: &EditedSection) -> Option<&str> {
        self.claims.get(&section.key).map(String::as_str)
    }

    fn is_own(&self, name: &str) -> bool {
        self.frame.signed_in.as_ref().is_some_and(|own| own.name().as_str() == name)
    }
}

#[derive(Template)]
#[template(path = "desk_paragraph.html")]
struct ParagraphPiece {
    paragraph: EditedParagraph,
}

/// Shows it.
pub async fn show(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Path(id): Path<String>,
) -> std::result::Result<Response, Failure> {
    let shown = blocking(move || -> Result<TextPage> {
        let id = meeting_id(&id)?;
        let meeting = EditedMeeting::load(&app, &id)?;
        let speakers = meeting.speakers().into_iter().map(|p| (p.id.clone(), p.name.clone()));
        let agenda = meeting.council.meeting.agenda.iter().filter(|item| item.public);
        let items = agenda.map(|item| {
            let number = item.number.as_deref().map(|n| format!("{n} ")).unwrap_or_default();
            (item.id.clone(), format!("{number}{}", item.title))
        });
        let sounds = meeting.texts.parts.iter();
        let sounds = sounds.map(|text| app.store.published(&id, &text.recording.sha256));
        let sounds: Result<Vec<bool>> = sounds.map(|file| Ok(file?.is_some())).collect();
        let claims = app.store.text_claims(&id)?.into_iter().map(|(item, by)| (item, by.by));
        let minutes = app.settings.counts_work.then(|| app.store.work_minutes(&id)).transpose()?;
        Ok(TextPage {
            name: meeting.council.meeting.name.clone(),
            sections: meeting.sections(),
            speakers: speakers.collect(),
            items: items.collect(),
            unplaced: meeting.texts.parts.iter().map(|text| text.corrected.unplaced.len()).sum(),
            claims: claims.collect(),
            sounds: sounds?,
            minutes,
            frame,
            id,
        })
    })
    .await?;
    page(shown)
}

/// A recording's sound and picture as the public will have them: what is not public, nobody hears here either.
pub async fn sound(
    State(app): State<DeskApp>,
    Path((id, part)): Path<(String, usize)>,
    headers: HeaderMap,
) -> std::result::Result<Response, Failure> {
    let found = blocking(move || -> Result<_> {
        let id = meeting_id(&id)?;
        let missing = || Error::not_found("Diese Aufnahme ist noch nicht zu hören");
        let mut recordings = app.store.recordings(&id)?;
        recordings.sort_by_key(|recording| recording.offset);
        let mut heard = Vec::new();
        for recording in recordings {
            if app.store.shown_transcript(&id, &recording.sha256)?.is_some() {
                heard.push(recording);
            }
        }
        let recording = heard.get(part).ok_or_else(missing)?;
        let published = app.store.published(&id, &recording.sha256)?.ok_or_else(missing)?;
        let Media::Served(file) = app.editions.media(&published.sha256)? else {
            return Err(missing());
        };
        let kind = kind(&file.path).map_err(|e| file::unreadable(&file.path, e))?;
        Ok((file, kind))
    });
    let (file, kind) = found.await?;
    file::give(&file.path, file.bytes, kind, &headers).await
}

/// What a script is told of a change.
#[derive(Serialize)]
struct Saved {
    /// Numbers of the revisions, to take them back.
    nummern: Vec<u32>,
    /// The paragraph as it is now.
    absatz: String,
    /// The same words elsewhere in the meeting.
    gleich: Option<SameWords>,
}

/// Words that were put right in one place and stand in others, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct SameWords {
    war: String,
    ist: String,
    anzahl: usize,
}

/// What a script is told that could not be done.
#[derive(Serialize)]
struct Refused {
    /// What, and what helps.
    fehler: String,
    /// The words that stand there now, where somebody else has changed them.
    jetzt: Option<String>,
}

fn refused(mismatch: Mismatch) -> Response {
    let (status, refused) = match mismatch {
        Mismatch::Changed(now) => {
            let fehler = "Diesen Absatz hat inzwischen jemand anders geändert".to_owned();
            (StatusCode::CONFLICT, Refused { fehler, jetzt: Some(now) })
        }
        Mismatch::Refused(error) => {
            let fehler = match error.advice() {
                Some(advice) => format!("{}. {advice}", error.what()),
                None => error.what().to_owned(),
            };
            let status = Failure::from(error).into_response().status();
            (status, Refused { fehler, jetzt: None })
        }
    };
    let mut response = (status, Json(refused)).into_response();
    response.extensions_mut().insert(AsItIs);
    response
}

/// Makes a change of a meeting's texts, again where somebody else was faster.
fn change(
    app: &Desk,
    id: &MeetingId,
    signed_in: &SignedIn,
    edits: impl Fn(&EditedTexts) -> std::result::Result<Vec<ParagraphEdit>, Mismatch>,
) -> std::result::Result<Vec<u32>, Mismatch> {
    for _ in 0..TRIES {
        let texts = EditedTexts::load(app, id)?;
        let edits = edits(&texts)?;
        if edits.is_empty() {
            return Ok(Vec::new());
        }
        match app.store.add_revisions(id, &edits, &texts.seen, &signed_in.signature())? {
            Revised::Kept(numbers) => {
                app.follower.text_changed(id);
                return Ok(numbers);
            }
            Revised::Outdated => {}
        }
    }
    Err(Error::archive("An diesem Text ändern gerade viele zugleich")
        .remedy("Speichern Sie in einem Augenblick noch einmal")
        .into())
}

fn by_person(refusal: EditRefusal) -> Mismatch {
    let error = match refusal {
        EditRefusal::Changed(now) => return Mismatch::Changed(now),
        EditRefusal::TooLong => {
            Error::bad_input("Der Absatz ist zu lang").remedy("Teilen Sie ihn mit Strg+Eingabe")
        }
        EditRefusal::NoWord(word) => Error::bad_input(format!("„{word}“ ist kein Wort"))
            .remedy("Zwischen zwei Wörtern steht ein Leerzeichen"),
    };
    Mismatch::Refused(error)
}

/// The paragraph that now begins where one began, as a piece of the page.
fn paragraph_now(texts: &EditedTexts, name: &ParagraphName) -> Result<String> {
    let Some(paragraph) = texts.paragraph(name.teil, texts.range(name)?) else {
        return Ok(String::new());
    };
    ParagraphPiece { paragraph }
        .render()
        .map_err(|error| Error::failed("Eine Seite").because(error))
}

#[derive(Deserialize)]
pub struct ParagraphForm {
    #[serde(flatten)]
    name: ParagraphNameForm,
    /// Its words from now on.
    text: String,
}

/// The same as [`ParagraphName`], as forms write it: all is text.
#[derive(Deserialize)]
struct ParagraphNameForm {
    teil: String,
    ab: String,
    #[serde(default)]
    bis: String,
    war: String,
}

impl ParagraphNameForm {
    fn read(self) -> Result<ParagraphName> {
        let wrong = || Error::bad_input("Das ist kein Absatz").remedy("Laden Sie die Seite neu");
        Ok(ParagraphName {
            teil: self.teil.parse().map_err(|_| wrong())?,
            ab: self.ab.parse().map_err(|_| wrong())?,
            bis: self.bis,
            war: self.war,
        })
    }
}

/// Keeps a paragraph as somebody wrote it.
pub async fn save(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<ParagraphForm>,
) -> Response {
    script(move || {
        let (id, name) = (meeting_id(&id)?, form.name.read()?);
        let made = std::cell::RefCell::new(None);
        let numbers = change(&app, &id, &signed_in, |texts| {
            let range = texts.find(&name)?;
            let text = texts.part(name.teil)?;
            let edits = text.corrected.edits(
                &text.transcript.words,
                of(text),
                range,
                &name.war,
                &form.text,
            );
            let edits = edits.map_err(by_person)?;
            *made.borrow_mut() = corrected_words(&edits);
            Ok(edits)
        })?;
        let texts = EditedTexts::load(&app, &id)?;
        let gleich = made.into_inner().and_then(|(war, ist)| {
            let anzahl: usize = texts.parts.iter().map(|text| places(text, &war).len()).sum();
            (anzahl > 0).then_some(SameWords { war, ist, anzahl })
        });
        let absatz = paragraph_now(&texts, &name)?;
        Ok(Json(Saved { nummern: numbers, absatz, gleich }).into_response())
    })
    .await
}

/// What was put right for what, where that may be so elsewhere too: a few words with a capital among them.
fn corrected_words(edits: &[ParagraphEdit]) -> Option<(String, String)> {
    let [ParagraphEdit { edit, .. }] = edits else { return None };
    let TextChange::Words(new) = &edit.change else { return None };
    let old: Vec<&str> = edit.anchor.words.iter().map(|word| word.text.as_str()).collect();
    let is_short = (1..=3).contains(&old.len()) && (1..=4).contains(&new.len());
    let (old, new) = (bare(&old.join(" ")).to_owned(), bare(&new.join(" ")).to_owned());
    let is_name = new.chars().any(char::is_uppercase) && old.chars().any(char::is_uppercase);
    (is_short && is_name && !old.is_empty() && old != new).then_some((old, new))
}

/// Words without the punctuation around them.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Where words stand in a text that nobody has put right there.
fn places(text: &crate::store::CorrectedText, words: &str) -> Vec<std::ops::Range<usize>> {
    let sought: Vec<&str> = words.split_whitespace().collect();
    let all = &text.corrected.transcript.words;
    let stands = |start: usize| {
        let end = start + sought.len();
        let own = &all[start..end];
        let first = own.first().map(|w| w.text.trim_start_matches(|c: char| !c.is_alphanumeric()));
        let is_same = own.iter().enumerate().all(|(n, word)| match n {
            _ if own.len() == 1 => bare(&word.text) == sought[0],
            0 => first == Some(sought[0]),
            n if n + 1 == own.len() => {
                word.text.trim_end_matches(|c: char| !c.is_alphanumeric()) == sought[n]
            }
            n => word.text == sought[n],
        });
        is_same && !(start..end).any(|word| text.corrected.is_revised(word))
    };
    (0..(all.len() + 1).saturating_sub(sought.len().max(1)))
        .filter(|start| stands(*start))
        .map(|start| start..start + sought.len())
        .collect()
}

#[derive(Deserialize)]
pub struct EverywhereForm {
    war: String,
    ist: String,
}

/// Puts words right wherever they stand.
pub async fn everywhere(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<EverywhereForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        let numbers = change(&app, &id, &signed_in, |texts| {
            let mut all = Vec::new();
            for text in &texts.parts {
                for range in places(text, &form.war) {
                    let was = text.corrected.text(&range);
                    let new = was.replacen(&form.war, &form.ist, 1);
                    let words = &text.transcript.words;
                    let edits = text.corrected.edits(words, of(text), range, &was, &new);
                    all.extend(edits.map_err(by_person)?);
                }
            }
            Ok(all)
        })?;
        Ok(Json(Saved { nummern: numbers, absatz: String::new(), gleich: None }).into_response())
    })
    .await
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(flatten)]
    name: ParagraphNameForm,
    /// The first of the words that are right, within the paragraph; nothing for all of them.
    #[serde(default)]
    von: String,
    /// How many.
    #[serde(default)]
    anzahl: String,
}

/// Keeps that somebody has heard that words are right.
pub async fn confirm(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<ConfirmForm>,
) -> Response {
    script(move || {
        let (id, name) = (meeting_id(&id)?, form.name.read()?);
        let part: Option<(usize, usize)> = form.von.parse().ok().zip(form.anzahl.parse().ok());
        let numbers = change(&app, &id, &signed_in, |texts| {
            let range = texts.find(&name)?;
            let text = texts.part(name.teil)?;
            let range = match part {
                Some((from, count)) => {
                    let start = (range.start + from).min(range.end);
                    start..(start + count).min(range.end)
                }
                None => range,
            };
            let mut edits = Vec::new();
            let mut word = range.start;
            while word < range.end {
                let own = text.corrected.is_revised(word);
                let run =
                    (word..range.end).take_while(|n| text.corrected.is_revised(*n) == own).count();
                let words = &text.transcript.words;
                edits.extend(text.corrected.confirm(words, of(text), word..word + run));
                word += run;
            }
            Ok(edits)
        })?;
        let absatz = paragraph_now(&EditedTexts::load(&app, &id)?, &name)?;
        Ok(Json(Saved { nummern: numbers, absatz, gleich: None }).into_response())
    })
    .await
}

#[derive(Deserialize)]
pub struct SentenceForm {
    teil: usize,
    /// Start of the word in milliseconds.
    ab: u64,
    /// Whether a paragraph begins there (`teilen`) or goes on (`verbinden`).
    art: String,
}

/// Begins a paragraph at a word, or joins it to the one before.
pub async fn sentence(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<SentenceForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        let change_to = match form.art.as_str() {
            "verbinden" => TextChange::NoBreak,
            _ => TextChange::Break,
        };
        let numbers = change(&app, &id, &signed_in, |texts| {
            let text = texts.part(form.teil)?;
            let words = &text.corrected.transcript.words;
            let word = words.partition_point(|word| word.start_ms.millis() < form.ab);
            let edit =
                text.corrected.sentence(&text.transcript.words, of(text), word, change_to.clone());
            Ok(edit.into_iter().collect())
        })?;
        Ok(Json(Saved { nummern: numbers, absatz: String::new(), gleich: None }).into_response())
    })
    .await
}

#[derive(Deserialize)]
pub struct FixForm {
    teil: usize,
    /// Start of the first word in milliseconds, on the recording's line.
    ab: u64,
    /// Start of the first word behind, for `absatz`.
    #[serde(default)]
    bis: String,
    /// What is fixed: `absatz` and `folgende` a speaker, `vor` and `nach` a border of turns, `punkt` an item.
    art: String,
    /// Id of a person, `chair` or `unknown`; of an item, or nothing.
    #[serde(default)]
    wer: String,
}

#[derive(Serialize)]
struct Fixed {
    festlegung: u32,
}

/// Fixes who speaks, or what is treated, from a word on.
pub async fn fix(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<FixForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        let meeting = EditedMeeting::load(&app, &id)?;
        let point = point(&meeting, &form)?;
        let number = app.store.add_overrule(&id, &point, &signed_in.signature())?;
        app.follower.fixed(&id)?;
        Ok(Json(Fixed { festlegung: number }).into_response())
    })
    .await
}

fn point(meeting: &EditedMeeting, form: &FixForm) -> Result<FixedPoint> {
    let text = meeting.texts.part(form.teil)?;
    let on_clock = |ms: u64| MediaTime::from_millis(ms).plus_millis(text.recording.offset.millis());
    let at = on_clock(form.ab);
    let turns = &meeting.alignment.turns;
    let end = on_clock(text.transcript.media.duration_ms.millis());
    let turn = meeting.turn_at(at);
    // Up to where the next one begins, so that no word is left between.
    let turn_end = |turn: Option<usize>| {
        let next =
            turn.map_or_else(|| turns.partition_point(|t| t.start_ms <= at), |turn| turn + 1);
        turns.get(next).map_or(end, |next| next.start_ms)
    };
    let of_turn =
        |turn: usize| Fact::Speaker { person: turns[turn].person.clone(), role: turns[turn].role };
    let nobody =
        || Error::bad_input("Hier grenzt keine andere Rede an").remedy("Wählen Sie, wer spricht");
    let (from, to, fact) = match form.art.as_str() {
        "absatz" => {
            let to = form.bis.parse().map_or(end, on_clock);
            (at, to, speaker(meeting, &form.wer)?)
        }
        "folgende" => (at, turn_end(turn), speaker(meeting, &form.wer)?),
        "vor" => {
            let turn = turn.filter(|turn| *turn > 0).ok_or_else(nobody)?;
            (turns[turn].start_ms, at, of_turn(turn - 1))
        }
        "nach" => {
            let next =
                turn.map(|turn| turn + 1).filter(|next| *next < turns.len()).ok_or_else(nobody)?;
            (at, turns[next].start_ms, of_turn(next))
        }
        "punkt" => {
            let items = match form.wer.is_empty() {
                true => Vec::new(),
                false => vec![item(meeting, &form.wer)?],
            };
            (at, meeting.items_until(at).unwrap_or(end), Fact::Items(items))
        }
        _ => return Err(Error::bad_input("Das lässt sich nicht festlegen")),
    };
    let span = Span::new(from, to).filter(|span| span.millis() > 0);
    let span = span.ok_or_else(|| Error::bad_input("Dort steht kein Wort"))?;
    Ok(FixedPoint { span, fact })
}

fn speaker(meeting: &EditedMeeting, who: &str) -> Result<Fact> {
    let (person, role) = match who {
        "chair" => (None, Role::Chair),
        "unknown" => (None, Role::Unknown),
        id => {
            let known = meeting.council.persons.iter().find(|person| person.id.as_str() == id);
            let known =
                known.ok_or_else(|| Error::bad_input("Diese Person kennt die Sitzung nicht"))?;
            (Some(known.id.clone()), Role::Unknown)
        }
    };
    Ok(Fact::Speaker { person, role })
}

fn item(meeting: &EditedMeeting, id: &str) -> Result<AgendaItemId> {
    let agenda = &meeting.council.meeting.agenda;
    let known = agenda.iter().find(|item| item.public && item.id.as_str() == id);
    let unknown = || Error::bad_input("Diesen Tagesordnungspunkt hat die Sitzung nicht");
    known.map(|item| item.id.clone()).ok_or_else(unknown)
}

#[derive(Deserialize)]
pub struct UndoForm {
    /// Numbers of revisions, with commas between.
    #[serde(default)]
    nummern: String,
    /// Number of an overrule.
    #[serde(default)]
    festlegung: String,
}

/// Takes back what was saved.
pub async fn undo(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<UndoForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        take_back(&app, &id, &signed_in, &form)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// Takes revisions or an overrule back.
pub(super) fn take_back(
    app: &Desk,
    id: &MeetingId,
    signed_in: &SignedIn,
    form: &UndoForm,
) -> Result<()> {
    let made = signed_in.signature();
    if let Ok(number) = form.festlegung.parse() {
        app.store.take_back_overrule(id, number, &made)?;
        return app.follower.fixed(id);
    }
    let numbers: Vec<u32> = form.nummern.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    app.store.take_back_revisions(id, &numbers, &made)?;
    app.follower.text_changed(id);
    Ok(())
}

#[derive(Deserialize)]
pub struct ClaimForm {
    #[serde(default)]
    punkt: String,
    /// Whether it is given free.
    #[serde(default)]
    frei: String,
}

/// Says that somebody works on a part, or does so no more.
pub async fn claim(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<ClaimForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        app.store.council(&id)?;
        let is_taken = form.frei.is_empty();
        app.store.claim_text(&id, &form.punkt, &signed_in.signature(), is_taken)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// Counts a minute of work on the meeting, where the settings ask for it.
pub async fn minute(State(app): State<DeskApp>, Path(id): Path<String>) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        app.store.council(&id)?;
        if app.settings.counts_work {
            app.store.add_work_minute(&id)?;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// Does work for a script; what fails is told in its words.
async fn script<F>(work: F) -> Response
where
    F: FnOnce() -> std::result::Result<Response, Mismatch> + Send + 'static,
{
    let done = blocking(move || -> Result<Response> { Ok(work().unwrap_or_else(refused)) }).await;
    done.unwrap_or_else(|failure| failure.into_response())
}
