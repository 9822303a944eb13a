//! What is changed in the words of a meeting's text: a paragraph written anew, words confirmed, sentences begun and
//! joined, and all of it taken back. Owns that what is answered as saved is saved, and that nothing is written over
//! what somebody else wrote.

use std::cell::Cell;
use std::ops::Range;

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use crate::domain::{
    AnchorWord, EditRefusal, Error, GlossaryKind, HeardAs, MeetingId, NewGlossaryTerm,
    ParagraphEdit, Result, TermSpelling, TextChange,
};
use crate::edition::meeting_id;
use crate::store::{CorrectedText, Revised};
use crate::web::desk::editing::{
    EditedParagraph, EditedTexts, Mismatch, ParagraphName, of, script,
};
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::{Desk, DeskApp};

/// So much of what is no word is told, in characters.
const TOLD: usize = 40;
/// How often something is tried again that somebody else was faster with.
const TRIES: usize = 8;

/// What a script is told of a change.
#[derive(Serialize)]
struct Saved {
    /// Numbers of the revisions, to take them back.
    nummern: Vec<u32>,
    /// The paragraph as it is now.
    absatz: Option<EditedParagraph>,
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

/// A change that was made.
struct TextsChanged {
    /// Numbers of the revisions that were kept.
    numbers: Vec<u32>,
    /// What they say.
    edits: Vec<ParagraphEdit>,
    /// The texts as they are now.
    texts: EditedTexts,
}

/// Makes a change of a meeting's texts, again where somebody else was faster.
fn change(
    app: &Desk,
    id: &MeetingId,
    signed_in: &SignedIn,
    edits: impl Fn(&EditedTexts) -> std::result::Result<Vec<ParagraphEdit>, Mismatch>,
) -> std::result::Result<TextsChanged, Mismatch> {
    for _ in 0..TRIES {
        let mut texts = EditedTexts::load(app, id)?;
        let edits = edits(&texts)?;
        if edits.is_empty() {
            return Ok(TextsChanged { numbers: Vec::new(), edits, texts });
        }
        match app.store.add_revisions(id, &edits, &texts.seen, &signed_in.signature())? {
            Revised::Kept(numbers) => {
                app.follower.text_changed(id);
                texts.parts = app.store.correct_again(id, texts.parts)?;
                return Ok(TextsChanged { numbers, edits, texts });
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
        EditRefusal::NoWord(word) => {
            let told: String = word.chars().filter(|c| !c.is_control()).take(TOLD).collect();
            let rest = if word.chars().nth(TOLD).is_some() { "…" } else { "" };
            Error::bad_input(format!("„{told}{rest}“ ist kein Wort"))
                .remedy("Zwischen zwei Wörtern steht ein Leerzeichen")
        }
    };
    Mismatch::Refused(error)
}

/// The paragraph that now begins where one began.
fn paragraph_now(texts: &EditedTexts, name: &ParagraphName) -> Result<Option<EditedParagraph>> {
    Ok(texts.paragraph(name.teil, texts.range(name)?))
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
pub(super) struct ParagraphNameForm {
    teil: String,
    ab: String,
    #[serde(default)]
    bis: String,
    war: String,
}

impl ParagraphNameForm {
    pub(super) fn read(&self) -> Result<ParagraphName> {
        let wrong = || Error::bad_input("Das ist kein Absatz").remedy("Laden Sie die Seite neu");
        Ok(ParagraphName {
            teil: self.teil.parse().map_err(|_| wrong())?,
            ab: self.ab.parse().map_err(|_| wrong())?,
            bis: self.bis.clone(),
            war: self.war.clone(),
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
        let is_repeated = Cell::new(false);
        let TextsChanged { mut numbers, edits, texts } = change(&app, &id, &signed_in, |texts| {
            let text = texts.part(name.teil)?;
            let now = text.corrected.text(&texts.range(&name)?);
            is_repeated.set(is_same(&now, &form.text) && !is_same(&now, &name.war));
            if is_repeated.get() {
                return Ok(Vec::new());
            }
            let range = texts.find(&name)?;
            let edits = text.corrected.edits(
                &text.transcript.words,
                of(text),
                range,
                &name.war,
                &form.text,
            );
            edits.map_err(by_person)
        })?;
        let gleich = corrected_words(&edits).map(|(war, ist)| {
            let anzahl: usize = texts.parts.iter().map(|text| places(text, &war).len()).sum();
            SameWords { war, ist, anzahl }
        });
        if is_repeated.get() {
            // It was saved, and only the answer was lost.
            numbers = last_saved(&app, &id, &signed_in, &texts, &name)?;
        }
        let absatz = paragraph_now(&texts, &name)?;
        Ok(Json(Saved { nummern: numbers, absatz, gleich }).into_response())
    })
    .await
}

/// Whether two texts have the same words.
fn is_same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// The numbers of what somebody saved last in a paragraph.
fn last_saved(
    app: &Desk,
    id: &MeetingId,
    signed_in: &SignedIn,
    texts: &EditedTexts,
    name: &ParagraphName,
) -> Result<Vec<u32>> {
    let (range, by) = (texts.range(name)?, signed_in.signature().by);
    let placed = &texts.part(name.teil)?.corrected.placed;
    let within = placed.iter().filter(|p| range.start <= p.words.start && p.words.end <= range.end);
    let within: Vec<u32> = within.map(|p| p.number).collect();
    let history = app.store.revisions(id)?;
    let all = history.iter().filter(|r| within.contains(&r.number));
    // What somebody else has written there since is not theirs to take back.
    let last = all.max_by_key(|r| r.batch).filter(|r| r.made.by == by).map(|r| r.batch);
    Ok(history.iter().filter(|r| Some(r.batch) == last).map(|r| r.number).collect())
}

/// What was put right for what, where that may be so elsewhere too: a few words with a capital among them.
fn corrected_words(edits: &[ParagraphEdit]) -> Option<(String, String)> {
    let [ParagraphEdit { edit, .. }] = edits else { return None };
    let TextChange::Words(new) = &edit.change else { return None };
    let old = &edit.anchor.words;
    let is_short = (1..=3).contains(&old.len()) && (1..=4).contains(&new.len());
    let old = bare(&AnchorWord::joined(old)).to_owned();
    let new = bare(&new.join(" ")).to_owned();
    let is_name = new.chars().any(char::is_uppercase) && old.chars().any(char::is_uppercase);
    (is_short && is_name && !old.is_empty() && old != new).then_some((old, new))
}

/// Words without the punctuation around them.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Where words stand in a text that nobody has put right there.
fn places(text: &CorrectedText, words: &str) -> Vec<Range<usize>> {
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

/// Puts words right wherever they stand, and remembers them for the body's next meetings.
pub async fn everywhere(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<EverywhereForm>,
) -> Response {
    script(move || {
        let id = meeting_id(&id)?;
        let TextsChanged { numbers, .. } = change(&app, &id, &signed_in, |texts| {
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
        remember(&app, &id, &signed_in, &form)?;
        Ok(Json(Saved { nummern: numbers, absatz: None, gleich: None }).into_response())
    })
    .await
}

/// Puts what was corrected into the body's glossary, where it can be a term there.
fn remember(app: &Desk, id: &MeetingId, signed_in: &SignedIn, form: &EverywhereForm) -> Result<()> {
    let Ok(spelling) = TermSpelling::new(&form.ist) else { return Ok(()) };
    let heard = HeardAs::new(&form.war).ok();
    let term = NewGlossaryTerm::new(GlossaryKind::Term, spelling).heard_as(heard);
    let body = app.store.council(id)?.body.id;
    app.store.add_glossary_term(&body, &term, &signed_in.signature()).map(|_| ())
}

#[derive(Deserialize)]
pub struct ConfirmedWordsForm {
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
    Form(form): Form<ConfirmedWordsForm>,
) -> Response {
    script(move || {
        let (id, name) = (meeting_id(&id)?, form.name.read()?);
        let part: Option<(usize, usize)> = form.von.parse().ok().zip(form.anzahl.parse().ok());
        let TextsChanged { numbers, texts, .. } = change(&app, &id, &signed_in, |texts| {
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
        let absatz = paragraph_now(&texts, &name)?;
        Ok(Json(Saved { nummern: numbers, absatz, gleich: None }).into_response())
    })
    .await
}

#[derive(Deserialize)]
pub struct SentenceForm {
    #[serde(flatten)]
    name: ParagraphNameForm,
    /// Start of the word in milliseconds.
    wort: String,
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
        let (id, name) = (meeting_id(&id)?, form.name.read()?);
        let wrong = || Error::bad_input("Das ist kein Wort").remedy("Laden Sie die Seite neu");
        let at: u64 = form.wort.parse().map_err(|_| wrong())?;
        let change_to = match form.art.as_str() {
            "verbinden" => TextChange::NoBreak,
            _ => TextChange::Break,
        };
        let TextsChanged { numbers, .. } = change(&app, &id, &signed_in, |texts| {
            let range = texts.find(&name)?;
            let text = texts.part(name.teil)?;
            let words = &text.corrected.transcript.words;
            let word = words.partition_point(|word| word.start_ms.millis() < at);
            let word = word.clamp(range.start, range.end);
            let nothing = match change_to {
                TextChange::NoBreak if range.start == 0 => "Davor steht kein Absatz",
                TextChange::Break if word == range.start => "Hier beginnt der Absatz schon",
                TextChange::Break if word == range.end => "Hier endet der Absatz schon",
                _ => "",
            };
            if !nothing.is_empty() {
                return Err(Error::bad_input(nothing).into());
            }
            let edit =
                text.corrected.sentence(&text.transcript.words, of(text), word, change_to.clone());
            let edit = edit.ok_or_else(|| {
                Error::bad_input("Hier lässt sich nicht teilen: diese Worte wurden eingefügt")
                    .remedy("Teilen Sie davor oder dahinter")
            })?;
            Ok(vec![edit])
        })?;
        Ok(Json(Saved { nummern: numbers, absatz: None, gleich: None }).into_response())
    })
    .await
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
