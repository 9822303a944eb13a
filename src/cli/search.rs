//! `mitschnitt search`: the same search as the site, in the terminal or as JSON.

use super::Context;
use crate::domain::{Error, Result};
use crate::search::{Breadth, Facet, Kind, Results, SearchRequest, first_day, last_day};

/// Arguments of `search`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Die Anfrage, wie auf der Website
    #[arg(value_name = "ANFRAGE")]
    query: String,
    /// Als JSON, wie die Schnittstelle
    #[arg(long)]
    json: bool,
    /// So viele Treffer höchstens
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Einschränkung, z. B. fraktion=SPD oder year=2021; mehrfach möglich
    #[arg(long = "filter", value_name = "NAME=WERT")]
    filters: Vec<String>,
}

/// Searches and prints.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let mut request = SearchRequest { q: args.query.clone(), ..SearchRequest::default() };
    for filter in &args.filters {
        apply(filter, &mut request)?;
    }
    let archive = context.open_archive()?;
    let results = archive.searcher.search_pages(&request, args.limit.max(1))?;
    let results = archive.guarded().shown(results)?;
    let text = if args.json {
        let json = serde_json::to_string_pretty(&results);
        json.map_err(|e| Error::failed("Die Treffer lassen sich nicht schreiben").because(e))?
            + "\n"
    } else {
        readable(&results)
    };
    super::write_out(&text, None)
}

fn apply(filter: &str, request: &mut SearchRequest) -> Result<()> {
    let wrong = || {
        Error::bad_input(format!("Die Einschränkung „{filter}“ ist nicht zu lesen")).remedy(
            "Möglich sind meeting, body, organization, person, party, role, item, kind, review, \
             year (eine Zahl), from, to, formulas=no und breadth=speech oder item, jeweils NAME=WERT",
        )
    };
    let (name, value) = filter.split_once('=').ok_or_else(wrong)?;
    let name = match name {
        "sitzung" => "meeting",
        "gremium" => "organization",
        "sprecher" => "person",
        "fraktion" => "party",
        "rolle" => "role",
        "top" => "item",
        "art" => "kind",
        "pruefstand" => "review",
        name => name,
    };
    let filters = &mut request.filters;
    match (Facet::named(name), name) {
        (Some(Facet::Kind), _) if value.parse::<Kind>().is_err() => return Err(wrong()),
        (Some(facet), _) => filters.add(facet, value),
        (None, "year" | "jahr") => filters.years.push(value.parse().map_err(|_| wrong())?),
        (None, "formulas" | "formeln") if value == "no" || value == "nein" => {
            filters.without_formulas = true;
        }
        (None, "breadth" | "umkreis") => {
            request.breadth = match value {
                "speech" | "rede" => Breadth::Speech,
                "item" | "top" => Breadth::Item,
                _ => return Err(wrong()),
            }
        }
        (None, "from" | "von") => filters.from = Some(first_day(value).ok_or_else(wrong)?),
        (None, "to" | "bis") => filters.to = Some(last_day(value).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    }
    Ok(())
}

fn readable(results: &Results) -> String {
    let mut text = match results.total {
        0 => "Keine Treffer\n".to_owned(),
        1 => "1 Treffer\n".to_owned(),
        n => format!("{n} Treffer\n"),
    };
    if let Some(understood) = &results.understood {
        text += &format!("{understood}\n");
    }
    if let Some(suggestion) = &results.suggestion {
        text += &format!("Meinten Sie: {suggestion}\n");
    }
    match results.breadth {
        Breadth::Passage => {}
        Breadth::Speech => {
            text += "Die Wörter stehen in derselben Rede, nicht im selben Abschnitt\n"
        }
        Breadth::Item => {
            text +=
                "Die Wörter stehen unter demselben Tagesordnungspunkt, nicht in derselben Rede\n"
        }
        Breadth::Most => text += &format!("Ohne {}\n", results.missing.join(", ")),
    }
    if results.similar > 0 {
        text += &format!("Nur ähnlich: {}\n", results.similar);
    }
    for hit in &results.hits {
        let time = hit.start_ms.map_or(String::new(), |t| format!(", {}", t.clock()));
        let speaker = hit.speaker.as_ref().map_or("unbekannt", |s| s.name.as_str());
        let date = hit.meeting.date.as_deref().unwrap_or("ohne Datum");
        text += &format!("\n{} ({date}){time} — {speaker}\n", hit.meeting.name);
        if let Some(item) = &hit.agenda_item {
            let number = item.number.as_deref().unwrap_or_default();
            let top = if number.starts_with(|c: char| c.is_ascii_digit()) { "TOP " } else { "" };
            let named = format!("{top}{number} {}", item.title);
            text += &format!("  {}\n", named.trim());
        }
        if let Some(vote) = &hit.vote {
            let result = vote.result.as_deref().unwrap_or("nicht angegeben");
            text += &format!("  Ergebnis: {result}\n");
        }
        let snippet: String = hit
            .snippet
            .iter()
            .map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() })
            .collect();
        text += &format!("  {}\n  {}\n", snippet.trim(), hit.url);
    }
    text
}
