//! `/arbeitsplatz/woerterbuch`: the glossaries of bodies, one at a time: what is in it, a new term, and one taken out.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{go_on, page_with};
use crate::domain::{
    Body, BodyId, GlossaryKind, GlossaryTerm, HeardAs, NewGlossaryTerm, Result, Signature,
    TermSpelling,
};
use crate::web::desk::frame::DeskFrame;
use crate::web::desk::guard::SignedIn;
use crate::web::desk::state::{Desk, DeskApp};
use crate::web::desk::texts::{self, GLOSSARY, GlossaryTexts};
use crate::web::shared::blocking;
use crate::web::shared::error::Failure;

/// More forms are not taken at once.
const MOST_FORMS: usize = 20;

#[derive(Template)]
#[template(path = "desk_glossary.html")]
struct GlossaryPage {
    frame: DeskFrame,
    own: GlossaryTexts,
    bodies: Vec<Body>,
    /// Whose glossary it is; nothing where no meeting is there.
    body: Option<Body>,
    terms: Vec<GlossaryTerm>,
    /// What was just done.
    done: &'static str,
    /// What is wrong with what was typed.
    wrong: Option<String>,
    typed: TypedTerm,
}

impl GlossaryPage {
    fn kinds(&self) -> [GlossaryKind; 3] {
        GlossaryKind::ALL
    }

    fn kind(&self, kind: &GlossaryKind) -> &'static str {
        texts::glossary_kind(*kind)
    }

    fn heard_as(&self, term: &GlossaryTerm) -> String {
        term.heard_as.iter().map(|form| format!("„{form}“")).collect::<Vec<_>>().join(", ")
    }

    fn made(&self, made: &Signature) -> String {
        format!("{}, {}", texts::when(made.at), made.by)
    }
}

/// Which glossary is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct GlossaryAsked {
    #[serde(default)]
    koerperschaft: String,
    #[serde(default)]
    fertig: String,
}

/// A term as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TypedTerm {
    #[serde(default)]
    koerperschaft: String,
    #[serde(default)]
    schreibweise: String,
    #[serde(default)]
    art: String,
    #[serde(default)]
    verhoert: String,
    #[serde(default)]
    bemerkung: String,
}

impl TypedTerm {
    /// The term, or what is wrong with it.
    fn term(&self) -> Result<NewGlossaryTerm, String> {
        let kind = self.art.parse::<GlossaryKind>().map_err(|e| e.to_string())?;
        let spelling = TermSpelling::new(&self.schreibweise).map_err(|e| e.to_string())?;
        let lines = self.verhoert.lines().map(str::trim).filter(|line| !line.is_empty());
        let forms: Vec<&str> = lines.take(MOST_FORMS).collect();
        let forms: Result<Vec<HeardAs>, String> = forms
            .iter()
            .map(|form| HeardAs::new(form).map_err(|e| format!("„{form}“: {e}")))
            .collect();
        let term = NewGlossaryTerm::new(kind, spelling).heard_as(forms?);
        term.noted(&self.bemerkung).map_err(|e| e.to_string())
    }
}

/// Shows one.
pub async fn list(
    State(app): State<DeskApp>,
    frame: DeskFrame,
    Query(asked): Query<GlossaryAsked>,
) -> std::result::Result<Response, Failure> {
    let done = match asked.fertig.as_str() {
        "neu" => GLOSSARY.glossary_added,
        "entfernt" => GLOSSARY.glossary_removed,
        _ => "",
    };
    shown(app, frame, asked.koerperschaft, done, None, TypedTerm::default()).await
}

/// Adds a term.
pub async fn add(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    frame: DeskFrame,
    Form(typed): Form<TypedTerm>,
) -> std::result::Result<Response, Failure> {
    let term = match typed.term() {
        Ok(term) => term,
        Err(wrong) => {
            let body = typed.koerperschaft.clone();
            return shown(app, frame, body, "", Some(format!("{wrong}.")), typed).await;
        }
    };
    let body = blocking(move || -> Result<_> {
        let unknown =
            |e| crate::domain::Error::bad_input("Diese Körperschaft gibt es nicht").because(e);
        let body: BodyId = typed.koerperschaft.parse().map_err(unknown)?;
        app.store.add_glossary_term(&body, &term, &signed_in.signature())?;
        Ok(body)
    })
    .await?;
    Ok(go_on(&address(&body, "neu")))
}

#[derive(Deserialize)]
pub struct TakeBackForm {
    #[serde(default)]
    koerperschaft: String,
}

/// Takes a term out.
pub async fn take_back(
    State(app): State<DeskApp>,
    signed_in: SignedIn,
    Path(number): Path<u64>,
    Form(form): Form<TakeBackForm>,
) -> std::result::Result<Response, Failure> {
    blocking(move || app.store.take_back_glossary_term(number, &signed_in.signature())).await?;
    let body = BodyId::new(form.koerperschaft).map(|body| address(&body, "entfernt"));
    Ok(go_on(&body.unwrap_or_else(|_| "/woerterbuch".to_owned())))
}

/// The page of a body's glossary, once something was done.
fn address(body: &BodyId, done: &str) -> String {
    let body = utf8_percent_encode(body.as_str(), NON_ALPHANUMERIC);
    format!("/woerterbuch?fertig={done}&koerperschaft={body}")
}

async fn shown(
    app: DeskApp,
    frame: DeskFrame,
    asked: String,
    done: &'static str,
    wrong: Option<String>,
    typed: TypedTerm,
) -> std::result::Result<Response, Failure> {
    let (bodies, body, terms) = blocking(move || read(&app, &asked)).await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(
        status,
        GlossaryPage { frame, own: GLOSSARY, bodies, body, terms, done, wrong, typed },
    )
}

/// All bodies, the one that is asked for, else the first, and its terms.
fn read(desk: &Desk, asked: &str) -> Result<(Vec<Body>, Option<Body>, Vec<GlossaryTerm>)> {
    let bodies = desk.store.bodies()?;
    let body = bodies.iter().find(|body| body.id.as_str() == asked).or(bodies.first()).cloned();
    let terms = body.as_ref().map(|body| desk.store.glossary(&body.id)).transpose()?;
    Ok((bodies, body, terms.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use crate::domain::{Act, DeskRole};
    use crate::markup;
    use crate::store::Registration;
    use crate::web::desk::testing::TestDesk;
    use crate::web::testing::attacked;

    fn desk_of(body: &str) -> TestDesk {
        let desk = TestDesk::new();
        desk.store.register(&Registration::of(&attacked(body), &[])).unwrap();
        desk
    }

    #[tokio::test]
    async fn a_term_is_added_once_grows_and_is_taken_out() {
        let desk = desk_of("Musterland");
        let clerk = desk.signed_in(DeskRole::Clerk);
        let body = desk.store.bodies().unwrap().remove(0).id;
        let fields = |more: &str| {
            format!("koerperschaft={body}&art=place&schreibweise=G%C3%B6denroth&{more}")
        };
        for heard in ["G%C3%B6den+Rot", "K%C3%B6hlerrot%0D%0A%0D%0AG%C3%B6den+Rot"] {
            let answer =
                desk.post(&clerk, "/woerterbuch", &fields(&format!("verhoert={heard}"))).await;
            assert_eq!(answer.status, 303, "{}", answer.text);
        }
        let page = desk.get(&clerk, "/woerterbuch").await.text;
        assert!(page.contains("Gödenroth") && page.contains("„Göden Rot“, „Köhlerrot“"), "{page}");
        let number = desk.store.glossary(&body).unwrap()[0].number;
        let remove = format!("/woerterbuch/{number}");
        assert_eq!(desk.post(&clerk, &remove, &format!("koerperschaft={body}")).await.status, 303);
        assert_eq!(desk.post(&clerk, &remove, "").await.status, 404, "it is out already");
        assert!(desk.store.glossary(&body).unwrap().is_empty());
        let acts = desk.store.audit().unwrap();
        let count =
            |act| acts.iter().filter(|entry| entry.act == act && entry.made.by == "clerk").count();
        assert_eq!((count(Act::GlossaryTermAdded), count(Act::GlossaryTermTakenBack)), (2, 1));
    }

    #[tokio::test]
    async fn what_is_no_term_says_why_and_stays_typed() {
        let desk = desk_of("Musterland");
        let clerk = desk.signed_in(DeskRole::Clerk);
        for (fields, wrong) in [
            ("art=place&schreibweise=+", "Es fehlt die Schreibweise"),
            ("art=place&schreibweise=a+b+c+d+e+f", "höchstens 5 Wörter"),
            ("art=place&schreibweise=12%2F3", "wenigstens einen Buchstaben"),
            ("art=quatsch&schreibweise=Aue", "Arten sind"),
            ("art=place&schreibweise=Aue&verhoert=a+b+c+d+e+f", "„a b c d e f“: Ein Eintrag"),
        ] {
            let answer = desk.post(&clerk, "/woerterbuch", fields).await;
            assert!(
                answer.status == 422 && answer.text.contains(wrong),
                "{wrong}: {}",
                answer.text
            );
        }
        let nowhere = desk
            .post(&clerk, "/woerterbuch", "koerperschaft=keine&art=term&schreibweise=Aue")
            .await;
        assert_eq!(nowhere.status, 400);
        let auditor = desk.signed_in(DeskRole::Auditor);
        assert_eq!(desk.get(&auditor, "/woerterbuch").await.status, 403);
    }

    #[tokio::test]
    async fn whatever_is_typed_stays_a_text() {
        for attack in markup::payloads() {
            let desk = desk_of(&attack);
            let clerk = desk.signed_in(DeskRole::Clerk);
            let encoded: String = attack.bytes().map(|b| format!("%{b:02X}")).collect();
            let fields =
                format!("art=term&schreibweise={encoded}&verhoert={encoded}&bemerkung={encoded}");
            let body = desk.store.bodies().unwrap().remove(0).id;
            let answer =
                desk.post(&clerk, "/woerterbuch", &format!("koerperschaft={body}&{fields}")).await;
            assert!([303, 422].contains(&answer.status), "{attack}");
            markup::assert_harmless_html(&attack, &answer.text);
            markup::assert_harmless_html(&attack, &desk.get(&clerk, "/woerterbuch").await.text);
        }
    }
}
