//! Quotations as files: RIS for reference managers, CSV for spreadsheets. Owns that no word of a quotation
//! can end its field, or become a formula.

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::quoting::Quote;
use crate::web::shared::texts::Texts;

/// With what a formula begins, also in the wide letters of East Asia, which some spreadsheets take for the same.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// In which form quotations are taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceForm {
    /// For reference managers.
    Ris,
    /// For spreadsheets.
    Csv,
}

/// Quotations as a file of this name; no search engine is to keep it.
pub fn file(form: ReferenceForm, quotes: &[Quote], name: &str, t: &Texts) -> Response {
    let (kind, extension, text) = match form {
        ReferenceForm::Ris => {
            ("application/x-research-info-systems; charset=utf-8", "ris", ris(quotes))
        }
        ReferenceForm::Csv => ("text/csv; charset=utf-8", "csv", csv(quotes, t)),
    };
    let name = format!("attachment; filename=\"{name}.{extension}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (HeaderName::from_static("x-robots-tag"), "noindex".to_owned()),
    ];
    (headers, text).into_response()
}

/// Quotations as RIS, one record each.
fn ris(quotes: &[Quote]) -> String {
    quotes.iter().map(ris_record).collect()
}

fn ris_record(quote: &Quote) -> String {
    let item = quote.item.as_ref().map(|item| item.title.clone());
    let mut lines = vec![("TY", "HEAR".to_owned())];
    for speaker in quote.speeches.iter().filter_map(|speech| speech.speaker.clone()) {
        if !lines.contains(&("AU", speaker.clone())) {
            lines.push(("AU", speaker));
        }
    }
    lines.extend([
        ("TI", item.unwrap_or_else(|| quote.meeting.clone())),
        ("T2", quote.meeting.clone()),
        ("A2", quote.organization.clone()),
        ("PB", quote.body.clone()),
    ]);
    lines.extend(quote.date.map(|date| ("PY", date.strftime("%Y").to_string())));
    lines.extend(quote.date.map(|date| ("DA", date.strftime("%Y/%m/%d").to_string())));
    lines.extend([
        ("LA", "de".to_owned()),
        ("AB", quote.text.clone()),
        ("N1", quote.citation.clone()),
        ("UR", quote.url.clone()),
        ("ER", String::new()),
    ]);
    let line = |(tag, value): (&str, String)| format!("{tag}  - {}\r\n", one_line(&value));
    lines.into_iter().filter(|(tag, value)| *tag == "ER" || !value.is_empty()).map(line).collect()
}

/// Quotations as a table with a head, as German spreadsheets read it: it begins with a byte order mark, without
/// which they take umlauts for something else, and between its cells stand semicolons, because their commas belong
/// to numbers.
fn csv(quotes: &[Quote], t: &Texts) -> String {
    let head = t.quote_columns().map(field).join(";");
    let rows = quotes.iter().map(|quote| {
        let clock = |t: Option<crate::domain::MediaTime>| t.map(|t| t.clock()).unwrap_or_default();
        let item = quote.item.as_ref();
        let cells = [
            quote.text.clone(),
            quote.speaker.clone(),
            quote.office.clone().unwrap_or_default(),
            quote.party.clone().unwrap_or_default(),
            quote.body.clone(),
            quote.organization.clone(),
            quote.meeting.clone(),
            quote.date.map(|date| date.to_string()).unwrap_or_default(),
            item.and_then(|item| item.number.clone()).unwrap_or_default(),
            item.map(|item| item.title.clone()).unwrap_or_default(),
            clock(quote.start_ms),
            clock(quote.end_ms),
            t.review(quote.review).to_owned(),
            quote.url.clone(),
            quote.citation.clone(),
        ];
        cells.map(|cell| field(&cell)).join(";")
    });
    std::iter::once(head).chain(rows).fold("\u{feff}".to_owned(), |text, row| text + &row + "\r\n")
}

/// A cell; one that a spreadsheet would compute is made a text.
fn field(text: &str) -> String {
    let text = one_line(text);
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_ends_early() {
        for attack in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "＝1", " =cmd|'/c x'!A1"]
        {
            let cell = field(attack);
            assert!(cell.starts_with("\"'") && !cell.contains(['\r', '\n', '\t']), "{cell}");
        }
        assert_eq!(field("a\";\"b"), "\"a\"\";\"\"b\"");
        assert_eq!(field("– Zuruf: „ja“"), "\"– Zuruf: „ja“\"");
    }
}
