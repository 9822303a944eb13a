//! Texts of the desk's glossary.

use crate::domain::GlossaryKind;

desk_texts! {
    /// The texts of the page.
    GlossaryTexts GLOSSARY;
    glossary_lead: "Was hier steht, kennt die Spracherkennung bei allem, was sie von nun an erkennt. Bereits Erkanntes bleibt, wie es ist; „Neu erkennen“ bei einer Sitzung wendet das Wörterbuch auch dort an.";
    glossary_of: "Wörterbuch von";
    glossary_empty: "Noch steht nichts darin.";
    glossary_no_body: "Noch ist keine Sitzung im Archiv; ein Wörterbuch gehört zu einer Körperschaft.";
    glossary_table: "Alle Einträge, nach der Schreibweise geordnet";
    glossary_added: "Der Eintrag steht im Wörterbuch.";
    glossary_removed: "Der Eintrag ist entfernt.";
    glossary_add: "Eintrag hinzufügen";
    spelling: "Schreibweise";
    spelling_hint: "Ein bis fünf Wörter, bei Personen der Familienname zuletzt.";
    term_kind: "Art";
    heard_as: "Verhört als";
    heard_as_hint: "Was die Spracherkennung stattdessen schrieb, eines je Zeile (freiwillig).";
    note: "Bemerkung";
    note_hint: "Für alle, die hier arbeiten (freiwillig).";
    added_by: "Hinzugefügt";
    remove: "Entfernen";
    show: "Zeigen";
}

/// What a term of a glossary names.
pub fn glossary_kind(kind: GlossaryKind) -> &'static str {
    match kind {
        GlossaryKind::Person => "Person",
        GlossaryKind::Place => "Ort, Straße, Firma, Verein",
        GlossaryKind::Term => "Begriff",
    }
}
