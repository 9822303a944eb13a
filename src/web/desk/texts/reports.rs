//! Texts of the desk's page of what readers report.

use crate::domain::FaultKind;

desk_texts! {
    /// The texts of the page.
    ReportTexts REPORTS;
    reader_reports_lead: "Fehler, die auf der Website gemeldet wurden. Nur der Arbeitsplatz sieht sie; im Protokoll steht nur, wer welchen Hinweis geschlossen hat.";
    no_reader_reports: "Es gibt keine offenen Hinweise.";
    reader_report_closed: "Der Hinweis ist geschlossen, ein angegebener Kontakt gelöscht.";
    reader_reports_all: "Hinweise zu allen Sitzungen";
    only_this_meeting: "Nur diese Sitzung";
    meeting_not_shown: "wird nicht mehr gezeigt";
    received: "eingegangen";
    now_reads: "Heute:";
    listen_there: "Stelle ansehen und anhören";
    place_gone: "Die gemeldeten Worte sind nicht mehr zu sehen: gesperrt, oder an dieser Stelle nicht mehr zu finden.";
    whole_meeting: "Zur Sitzung im Ganzen";
    contact: "Kontakt:";
    report_done: "Erledigt";
    report_dismissed: "Verwerfen";
    older_reports: "Ältere Hinweise";
}

/// What a reader says is wrong.
pub fn fault_kind(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Words => "Wortlaut",
        FaultKind::Speaker => "Wer spricht",
        FaultKind::Item => "Tagesordnungspunkt",
        FaultKind::Other => "Anderes",
    }
}
