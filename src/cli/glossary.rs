//! `mitschnitt glossary`: how names, places and terms are spelt in a body: added, taken out, listed. What is added
//! counts from the next recognition on.

use mitschnitt_german::folding::fold;
use serde_json::json;

use super::Context;
use super::restrictions::signature;
use crate::domain::{
    Body, Error, GlossaryKind, GlossaryTerm, HeardAs, NewGlossaryTerm, Result, Signature,
    TermSpelling,
};
use crate::store::Store;

/// Arguments of `glossary`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Körperschaft: Name oder Kennung
    #[arg(value_name = "KÖRPERSCHAFT")]
    body: String,
    #[command(subcommand)]
    command: GlossaryCommand,
}

#[derive(Debug, clap::Subcommand)]
enum GlossaryCommand {
    /// Nimmt eine Schreibweise auf; ist sie schon da, kommen nur weitere Verhörer hinzu
    Add {
        /// Schreibweise, ein bis fünf Wörter
        #[arg(value_name = "SCHREIBWEISE")]
        spelling: TermSpelling,
        /// Was sie benennt: name (Person), place (Ort, Straße, Firma, Verein) oder term
        #[arg(long, value_name = "ART", default_value = "name")]
        kind: GlossaryKind,
        /// Was die Spracherkennung stattdessen schrieb; mehrfach möglich
        #[arg(long, value_name = "VERHÖRT")]
        heard_as: Vec<HeardAs>,
        /// Bemerkung für alle, die damit arbeiten
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        /// Wer das veranlasst; ohne Angabe der angemeldete Benutzer
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Nimmt eine Schreibweise heraus; sie bleibt in der Geschichte
    Remove {
        /// Schreibweise
        #[arg(value_name = "SCHREIBWEISE")]
        spelling: TermSpelling,
        /// Wer das veranlasst; ohne Angabe der angemeldete Benutzer
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Listet, was gilt
    List {
        /// Auch was herausgenommen wurde
        #[arg(long)]
        all: bool,
        /// Als JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does one of the three.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    match &args.command {
        GlossaryCommand::Add { spelling, kind, heard_as, note, by } => {
            let store = Store::open(context.location())?;
            let body = body_meant(&store, &args.body)?;
            let term = NewGlossaryTerm::new(*kind, spelling.clone()).heard_as(heard_as.clone());
            let term = term.noted(note).map_err(|e| Error::bad_input(e.to_string()))?;
            store.add_glossary_term(&body.id, &term, &signature(by.as_deref()))?;
            say!("{}: „{spelling}“ steht im Wörterbuch", body.name);
            note!(
                "Es gilt für alles, was von nun an erkannt wird; bereits Erkanntes bleibt, wie es ist"
            );
            Ok(())
        }
        GlossaryCommand::Remove { spelling, by } => {
            let store = Store::open(context.location())?;
            let body = body_meant(&store, &args.body)?;
            let terms = store.glossary(&body.id)?;
            let found = terms.iter().find(|term| term.spelling == *spelling);
            let missing = || {
                Error::not_found(format!(
                    "„{spelling}“ steht nicht im Wörterbuch von {}",
                    body.name
                ))
                .remedy(format!("`mitschnitt glossary \"{}\" list` nennt alle", body.name))
            };
            store.take_back_glossary_term(
                found.ok_or_else(missing)?.number,
                &signature(by.as_deref()),
            )?;
            say!("{}: „{spelling}“ ist herausgenommen", body.name);
            Ok(())
        }
        GlossaryCommand::List { all, json } => {
            let store = Store::open_to_read(context.location())?;
            let body = body_meant(&store, &args.body)?;
            let terms = match all {
                true => store.glossary_history(&body.id)?,
                false => store.glossary(&body.id)?,
            };
            super::write_out(&if *json { as_json(&terms)? } else { as_lines(&terms) }, None)
        }
    }
}

/// The body of this id, or of this name.
fn body_meant(store: &Store, typed: &str) -> Result<Body> {
    let bodies = store.bodies()?;
    let names = bodies.iter().map(|body| format!("„{}“", body.name)).collect::<Vec<_>>();
    let is_meant = |body: &Body| body.id.as_str() == typed || fold(&body.name) == fold(typed);
    let mut meant = bodies.into_iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(body), None) => Ok(body),
        (Some(_), Some(_)) => {
            Err(Error::bad_input(format!("„{typed}“ heißen mehrere Körperschaften"))
                .remedy("Nennen Sie die Kennung aus den Daten der Sitzung"))
        }
        (None, _) => Err(Error::not_found(format!("Es gibt keine Körperschaft „{typed}“")).remedy(
            match names.is_empty() {
                true => "Noch ist keine Sitzung im Archiv; `mitschnitt ingest` nimmt eine auf"
                    .to_owned(),
                false => format!("Es gibt {}", names.join(", ")),
            },
        )),
    }
}

fn signed(signature: &Signature) -> String {
    format!("{}, {}", signature.by, signature.at.strftime("%Y-%m-%d %H:%M UTC"))
}

fn as_lines(terms: &[GlossaryTerm]) -> String {
    let line = |term: &GlossaryTerm| {
        let mut line = format!("{}  {}", term.spelling, term.kind.code());
        if !term.heard_as.is_empty() {
            let forms: Vec<&str> = term.heard_as.iter().map(TermSpelling::as_str).collect();
            line.push_str(&format!("  verhört als {}", forms.join(", ")));
        }
        if !term.note.is_empty() {
            line.push_str(&format!("  {}", term.note));
        }
        line.push_str(&format!("  ({})", signed(&term.made)));
        if let Some(taken_back) = &term.taken_back {
            line.push_str(&format!("; herausgenommen ({})", signed(taken_back)));
        }
        line + "\n"
    };
    terms.iter().map(line).collect()
}

fn as_json(terms: &[GlossaryTerm]) -> Result<String> {
    let rows = terms.iter().map(|term| {
        json!({
            "number": term.number,
            "spelling": term.spelling.as_str(),
            "kind": term.kind.code(),
            "heard_as": term.heard_as.iter().map(TermSpelling::as_str).collect::<Vec<_>>(),
            "note": term.note,
            "made": term.made,
            "taken_back": term.taken_back,
        })
    });
    let text = serde_json::to_string_pretty(&rows.collect::<Vec<_>>());
    text.map(|text| text + "\n")
        .map_err(|e| Error::failed("Die Liste lässt sich nicht schreiben").because(e))
}
