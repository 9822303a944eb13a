//! Quotations as files: RIS for reference managers, CSV for spreadsheets. Owns that no word of a quotation
//! can end its field, or become a formula.

use super::quoting::Quote;

/// The columns of the table.
const COLUMNS: [&str; 15] = [
    "text",
    "speaker",
    "office",
    "party",
    "body",
    "organization",
    "meeting",
    "date",
    "item_number",
    "item_title",
    "start",
    "end",
    "review",
    "url",
    "citation",
];

/// Quotations as RIS, one record each.
pub fn ris(quotes: &[Quote]) -> String {
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

/// Quotations as a table with a head. It begins with a byte order mark: without it spreadsheets take
/// umlauts for something else.
pub fn csv(quotes: &[Quote]) -> String {
    let head = COLUMNS.join(",");
    let rows = quotes.iter().map(|quote| {
        let clock = |t: Option<crate::domain::MediaTime>| t.map(|t| t.clock()).unwrap_or_default();
        let item = quote.item.as_ref();
        let cells: [String; COLUMNS.len()] = [
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
            quote.review.to_owned(),
            quote.url.clone(),
            quote.citation.clone(),
        ];
        cells.map(|cell| field(&cell)).join(",")
    });
    std::iter::once(head).chain(rows).fold("\u{feff}".to_owned(), |text, row| text + &row + "\r\n")
}

/// A cell; one that a spreadsheet would compute is made a text.
fn field(text: &str) -> String {
    let text = one_line(text);
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
