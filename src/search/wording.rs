//! How a query was read, in words. German for the API and the command line, both for the site.

use mitschnitt_index::{AskedField, AskedWord, QueryPart, Remark, Understood};

/// In which language it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InLanguage {
    /// In German.
    German,
    /// In English.
    English,
}

/// How a query was read; nothing where it was read as typed.
pub fn in_words(understood: &Understood, wording: InLanguage) -> Option<String> {
    if understood.is_as_typed() {
        return None;
    }
    let english = wording == InLanguage::English;
    let asked = understood.asked.as_ref().map(|asked| match english {
        true => format!("Searched for: {}.", wording.asked(asked)),
        false => format!("Gesucht wird {}.", wording.asked(asked)),
    });
    let remarks = understood.remarks.iter().map(|remark| wording.remark(remark));
    Some(asked.into_iter().chain(remarks).collect::<Vec<_>>().join(" "))
}

impl InLanguage {
    fn pick<'t>(self, german: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }

    fn remark(self, remark: &Remark) -> String {
        let is_english = self == Self::English;
        let text = |german: String, english: String| if is_english { english } else { german };
        let plain = |german: &str, english: &str| self.pick(german, english).to_owned();
        match remark {
            Remark::NoWord => plain(
                "Darin ist kein Wort, nach dem gesucht werden kann.",
                "There is no word in it to search for.",
            ),
            Remark::TooLong(most) => text(
                format!("Gelesen wurden die ersten {most} Zeichen."),
                format!("The first {most} characters were read."),
            ),
            Remark::TooManyWords(most) => text(
                format!("Gelesen wurden die ersten {most} Wörter."),
                format!("The first {most} words were read."),
            ),
            Remark::Unclosed => plain(
                "Das schließende Anführungszeichen wurde ergänzt.",
                "The closing quotation mark was added.",
            ),
            Remark::Brackets => plain(
                "Klammern ohne Gegenstück wurden ergänzt oder ausgelassen.",
                "Brackets without a counterpart were added or left out.",
            ),
            Remark::Operator => plain(
                "Verknüpfungen und Felder, denen ein Wort fehlt, wurden ausgelassen.",
                "Operators and fields without a word were left out.",
            ),
            Remark::Near => plain(
                "NAHE verbindet nur einzelne Wörter; hier gilt UND.",
                "NEAR joins single words only; here it is AND.",
            ),
            Remark::Distance(most) => text(
                format!("NAHE und ~ reichen 1 bis {most} Wörter weit."),
                format!("NEAR and ~ reach 1 to {most} words."),
            ),
            Remark::Sign('~') => plain(
                "„~“ gilt nur hinter einer Wortfolge; Ähnliches wird von selbst gesucht.",
                "“~” counts behind a phrase only; what is similar is searched for anyway.",
            ),
            Remark::Sign(sign) => text(
                format!("„{sign}“ gilt nur am Ende eines Wortes."),
                format!("“{sign}” counts at the end of a word only."),
            ),
            Remark::ShortBeginning(word, least) => text(
                format!("„{word}*“ braucht {least} Buchstaben und gilt als Wort."),
                format!("“{word}*” needs {least} letters and counts as a word."),
            ),
            Remark::NoDate(typed) => text(
                format!("„{typed}“ ist kein Datum (etwa 2021 oder 2020-01..2021-06)."),
                format!("“{typed}” is no date (such as 2021 or 2020-01..2021-06)."),
            ),
            Remark::NoRole(typed) => text(
                format!(
                    "„{typed}“ ist keine Rolle (Vorsitz, Mitglied, Verwaltung, Gast oder Einwohner)."
                ),
                format!("“{typed}” is no role (chair, member, administration, guest or resident)."),
            ),
            Remark::NoVerdict(typed) => text(
                format!(
                    "„{typed}“ ist kein Ergebnis (angenommen, abgelehnt, überwiesen, vertagt, zurückgezogen, \
                     zur Kenntnis genommen, gewählt, einstimmig oder mehrheitlich) und wird in dem gesucht, \
                     worüber abgestimmt wurde."
                ),
                format!(
                    "“{typed}” is no result (adopted, rejected, referred, postponed, withdrawn, noted, elected, \
                     unanimous or majority) and is looked for in what was voted on."
                ),
            ),
            Remark::Day(typed) => text(
                format!("„{typed}“ gilt auch als Zeit der Sitzung."),
                format!("“{typed}” also counts as the day of the meeting."),
            ),
            Remark::Item(typed) => text(
                format!("„{typed}“ gilt auch als Tagesordnungspunkt."),
                format!("“{typed}” also counts as an agenda item."),
            ),
            Remark::MinusIsSign => plain(
                "Das Minus gilt als Vorzeichen der Zahl; „NICHT“ schließt sie aus.",
                "The minus is the number's sign; “NOT” excludes it.",
            ),
            Remark::MinusExcludes => plain(
                "Das Minus schließt die Zahl aus, weil sie mit Vorzeichen nicht vorkommt.",
                "The minus excludes the number, since nobody says it with its sign.",
            ),
            Remark::Dropped(words) => text(
                format!("Nicht gesucht, weil fast überall: {}.", words.join(", ")),
                format!("Not searched for, since almost everywhere: {}.", words.join(", ")),
            ),
            Remark::MostFrequent(beginnings, most) => {
                let quoted: Vec<String> =
                    beginnings.iter().map(|word| self.quoted(&format!("{word}*"))).collect();
                let quoted = quoted.join(", ");
                text(
                    format!("Gesucht mit den {most} häufigsten Wörtern: {quoted}."),
                    format!("Searched with the {most} most frequent words: {quoted}."),
                )
            }
            Remark::OutOfTime => plain(
                "Diese Suche dauert zu lange; sie zeigt nur, was bis dahin gefunden war.",
                "This search takes too long; it shows what was found by then.",
            ),
        }
    }

    fn asked(self, asked: &QueryPart) -> String {
        let and = self.pick(" und ", " and ");
        let or = self.pick(" oder ", " or ");
        let list = |parts: &[QueryPart], between: &str| {
            parts.iter().map(|part| self.nested(part)).collect::<Vec<_>>().join(between)
        };
        let words = |words: &[AskedWord], between: &str| {
            words.iter().map(|word| self.word(word)).collect::<Vec<_>>().join(between)
        };
        match asked {
            QueryPart::Word(field, word) => format!("{}{}", self.field(*field), self.word(word)),
            QueryPart::Together(all) => self.quoted(&joined(all)),
            QueryPart::Phrase(field, all) => format!(
                "{}{} {}",
                self.field(*field),
                self.pick("genau", "exactly"),
                self.quoted(&joined(all))
            ),
            QueryPart::Near(field, all, 1) => format!(
                "{}{} {}",
                self.field(*field),
                words(all, and),
                self.pick("nebeneinander", "side by side")
            ),
            QueryPart::Near(field, all, distance) => {
                let (field, all) = (self.field(*field), words(all, self.pick(" nahe ", " near ")));
                match self {
                    Self::German => format!("{field}{all} höchstens {distance} Wörter voneinander"),
                    Self::English => format!("{field}{all} at most {distance} words apart"),
                }
            }
            QueryPart::Days(first, last) if first == last => {
                format!("{} {first}", self.pick("Datum", "date"))
            }
            QueryPart::Days(first, last) => match self {
                Self::German => format!("Datum {first} bis {last}"),
                Self::English => format!("date {first} to {last}"),
            },
            QueryPart::Role(role) => {
                format!("{}: {}", self.pick("Rolle", "role"), self.role(role))
            }
            QueryPart::Vote(told) if told.is_empty() => {
                self.pick("eine Abstimmung", "a vote").to_owned()
            }
            QueryPart::Vote(told) => {
                let told: Vec<&str> = told.iter().map(|code| self.verdict(code)).collect();
                format!("{}: {}", self.pick("Abstimmung", "vote"), told.join(and))
            }
            QueryPart::All(parts) => list(parts, and),
            QueryPart::One(parts) => list(parts, or),
            QueryPart::Not(inner) => {
                format!("{} {}", self.pick("nicht", "not"), self.nested(inner))
            }
        }
    }

    fn nested(self, asked: &QueryPart) -> String {
        match asked {
            QueryPart::All(_) | QueryPart::One(_) => format!("({})", self.asked(asked)),
            _ => self.asked(asked),
        }
    }

    fn quoted(self, text: &str) -> String {
        match self {
            Self::German => format!("„{text}“"),
            Self::English => format!("“{text}”"),
        }
    }

    fn word(self, word: &AskedWord) -> String {
        let star = if word.is_beginning { "…" } else { "" };
        self.quoted(&format!("{}{star}", word.text))
    }

    fn field(self, field: AskedField) -> &'static str {
        match field {
            AskedField::Any => "",
            AskedField::Speaker => self.pick("Sprecher: ", "speaker: "),
            AskedField::Party => self.pick("Fraktion: ", "party: "),
            AskedField::Organization => self.pick("Gremium: ", "organization: "),
            AskedField::Item => self.pick("TOP: ", "item: "),
            AskedField::Paper => self.pick("Vorlage: ", "paper: "),
        }
    }

    fn verdict(self, code: &'static str) -> &'static str {
        match code {
            "adopted" => self.pick("angenommen", "adopted"),
            "rejected" => self.pick("abgelehnt", "rejected"),
            "referred" => self.pick("überwiesen", "referred"),
            "postponed" => self.pick("vertagt", "postponed"),
            "withdrawn" => self.pick("zurückgezogen", "withdrawn"),
            "noted" => self.pick("zur Kenntnis genommen", "noted"),
            "elected" => self.pick("gewählt", "elected"),
            "unanimous" => self.pick("einstimmig", "unanimous"),
            "by_majority" => self.pick("mehrheitlich", "by majority"),
            code => code,
        }
    }

    fn role(self, role: &'static str) -> &'static str {
        match role {
            "chair" => self.pick("Vorsitz", "chair"),
            "member" => self.pick("Mitglied", "member"),
            "administration" => self.pick("Verwaltung", "administration"),
            "guest" => self.pick("Gast", "guest"),
            "resident" => self.pick("Einwohner", "resident"),
            _ => self.pick("unbekannt", "unknown"),
        }
    }
}

fn joined(words: &[AskedWord]) -> String {
    let text = |word: &AskedWord| match word.is_beginning {
        true => format!("{}…", word.text),
        false => word.text.clone(),
    };
    words.iter().map(text).collect::<Vec<_>>().join(" ")
}
