//! What the site says of quotations.

use jiff::civil::Date;

use super::{Lang, Texts};
use crate::web::shared::error::Missing;

impl Texts {
    fn either(&self, german: &'static str, english: &'static str) -> &'static str {
        match self.lang {
            Lang::De => german,
            Lang::En => english,
        }
    }

    /// The title of a quotation's page.
    pub fn quote_title(&self) -> &'static str {
        self.either("Zitat", "Quotation")
    }

    /// What stands over the line that is to be copied.
    pub fn citation(&self) -> &'static str {
        self.either("Zum Kopieren", "To copy")
    }

    /// What the address of a quotation is good for.
    pub fn quote_help(&self) -> &'static str {
        self.either(
            "Die Adresse im Zitat führt auch dann noch zu dieser Stelle, wenn der Wortlaut neu erkannt oder \
             berichtigt wird; sind die Worte dann andere, stehen beide Fassungen da.",
            "The address in the citation still leads to this place when the text is recognised anew or put \
             right; where the words are others by then, both are shown.",
        )
    }

    /// The link to the place of a quotation.
    pub fn quote_place(&self) -> &'static str {
        self.either("Zur Stelle in der Sitzung", "To the place in the meeting")
    }

    /// The download for reference managers.
    pub fn quote_ris(&self) -> &'static str {
        self.either("Für die Literaturverwaltung (RIS)", "For reference managers (RIS)")
    }

    /// The download for spreadsheets.
    pub fn quote_csv(&self) -> &'static str {
        self.either("Als Tabelle (CSV)", "As a table (CSV)")
    }

    /// Who speaks where nobody knows.
    pub fn nobody_known(&self) -> &'static str {
        self.either("unbekannt", "unknown")
    }

    /// "Minute 1:23:45".
    pub fn minute(&self, clock: &str) -> String {
        format!("{} {clock}", self.either("Minute", "at"))
    }

    /// A day in a citation.
    pub fn cited_date(&self, date: &Date) -> String {
        match self.lang {
            Lang::De => date.strftime("%d.%m.%Y").to_string(),
            Lang::En => self.date(date),
        }
    }

    /// How words of this review came about, in a citation.
    pub fn cited_review(&self, review: &str) -> &'static str {
        match review {
            "recorded" => self.either("aus einem Protokoll übernommen", "taken from a record"),
            "checked" => {
                self.either("automatisch erstellt, geprüft", "made automatically, checked")
            }
            _ => self.either("automatisch erstellt, ungeprüft", "made automatically, unchecked"),
        }
    }

    /// That a meeting is made up, in a citation.
    pub fn cited_synthetic(&self) -> &'static str {
        self.either("erfundene Sitzung", "invented meeting")
    }

    /// That there are no words of these numbers.
    pub fn no_such_words(&self) -> &'static str {
        self.either(
            "Wörter mit diesen Nummern hat der Wortlaut dieser Sitzung nicht. Markieren Sie die Worte in der \
             Sitzung und zitieren Sie von dort.",
            "The text of this meeting has no words of these numbers. Select the words in the meeting and \
             quote from there.",
        )
    }

    /// What is wrong with what is asked for, and what to do.
    pub fn unusable(&self, what: Missing) -> &'static str {
        match what {
            Missing::LongQuote => self.either(
                "Ein Zitat hat hier höchstens 1500 Zeichen. Wählen Sie weniger Worte, oder verlinken Sie \
                 statt des Wortlauts die Zeit in der Sitzung.",
                "A quotation has at most 1500 characters here. Choose fewer words, or link the time in the \
                 meeting instead of its words.",
            ),
            Missing::WordRange => self.either(
                "Die Adresse eines Zitats nennt das erste und das letzte Wort mit ihren Nummern: w=183-197.",
                "The address of a quotation names the first and the last word by their numbers: w=183-197.",
            ),
            Missing::ChosenHits => self.nothing_chosen(),
            Missing::SoManyHits => self.too_many_chosen(),
            _ => self.error_request,
        }
    }
}
