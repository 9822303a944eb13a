//! What the site says of what is taken along: cited hits, feeds and calendars of one thing, shared links.

use super::{Lang, Texts};
use crate::edition::Listed;

impl Texts {
    /// What opens the choice of hits.
    pub fn cite_hits(&self) -> &'static str {
        match self.lang {
            Lang::De => "Treffer zitieren",
            Lang::En => "Cite hits",
        }
    }

    /// How hits are chosen.
    pub fn cite_help(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Kreuzen Sie unter den Treffern an, was Sie mitnehmen wollen: Wortlaut, wer es wo, wann und zu welchem \
                 Tagesordnungspunkt sagte, und eine Adresse, die auch nach einer Berichtigung noch dorthin führt."
            }
            Lang::En => {
                "Tick below the hits what you want to take along: the words, who said them where, when and under which \
                 agenda item, and an address that still leads there after a correction."
            }
        }
    }

    /// The table of chosen hits.
    pub fn cite_as_table(&self) -> &'static str {
        match self.lang {
            Lang::De => "Tabelle (CSV)",
            Lang::En => "Table (CSV)",
        }
    }

    /// The chosen hits for reference managers.
    pub fn cite_as_references(&self) -> &'static str {
        match self.lang {
            Lang::De => "Literaturverwaltung (RIS)",
            Lang::En => "Reference manager (RIS)",
        }
    }

    /// What chooses a hit, and behind it which one, for those who do not see it.
    pub fn cite_this(&self) -> &'static str {
        match self.lang {
            Lang::De => "Zitieren",
            Lang::En => "Cite",
        }
    }

    /// The heads of the table of quotations, in the order of its columns.
    pub fn quote_columns(&self) -> [&'static str; 15] {
        match self.lang {
            Lang::De => [
                "Wortlaut",
                "Wer",
                "Funktion",
                "Fraktion",
                "Körperschaft",
                "Gremium",
                "Sitzung",
                "Datum",
                "TOP",
                "Tagesordnungspunkt",
                "Beginn",
                "Ende",
                "Prüfstand",
                "Adresse",
                "Zitat",
            ],
            Lang::En => [
                "Words",
                "Who",
                "Office",
                "Party",
                "Body",
                "Organization",
                "Meeting",
                "Date",
                "Item",
                "Agenda item",
                "Start",
                "End",
                "Checked",
                "Address",
                "Citation",
            ],
        }
    }

    /// That no hit was chosen, and how one is.
    pub fn nothing_chosen(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Sie haben keinen Treffer ausgewählt. Gehen Sie zurück zur Trefferliste und kreuzen Sie dort unter \
                 „Treffer zitieren“ mindestens einen an."
            }
            Lang::En => {
                "You have chosen no hit. Go back to the list of hits and tick at least one there under “Cite hits”."
            }
        }
    }

    /// That too many hits were chosen.
    pub fn too_many_chosen(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Auf einmal lassen sich höchstens 50 Treffer mitnehmen. Wählen Sie weniger aus."
            }
            Lang::En => "At most 50 hits can be taken along at once. Choose fewer.",
        }
    }

    /// That all that was chosen is gone.
    pub fn chosen_gone(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Was Sie ausgewählt haben, ist so nicht mehr da. Suchen Sie noch einmal danach."
            }
            Lang::En => {
                "What you have chosen is not there any more as it was. Search for it again."
            }
        }
    }

    /// That a meeting is made up, on a picture.
    pub fn invented_meeting(&self) -> &'static str {
        match self.lang {
            Lang::De => "Erfundene Sitzung",
            Lang::En => "Invented meeting",
        }
    }

    /// What is to be read on a meeting's picture.
    pub fn preview_text(&self, meeting: &str, about: &str) -> String {
        match self.lang {
            Lang::De => format!("Vorschau: {meeting}. {about}"),
            Lang::En => format!("Preview: {meeting}. {about}"),
        }
    }

    /// What is new about somebody or something, as a feed.
    pub fn as_feed(&self) -> &'static str {
        match self.lang {
            Lang::De => "Neues als Feed (Atom)",
            Lang::En => "News as a feed (Atom)",
        }
    }

    /// The meetings of somebody or something, as a calendar.
    pub fn as_calendar(&self) -> &'static str {
        match self.lang {
            Lang::De => "Termine als Kalender (iCal)",
            Lang::En => "Dates as a calendar (iCal)",
        }
    }

    /// "TOP 5 Radweg am Ring", "Sitzungsleitung", or that it was to no item.
    pub fn treated(&self, number: Option<&str>, title: &str) -> String {
        let number = number.map(|number| self.item_number(number).to_string());
        let parts = [number.unwrap_or_default(), title.to_owned()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        match parts.is_empty() {
            true => self.no_item.to_owned(),
            false => parts.join(" "),
        }
    }

    /// "12. Sitzung, 21. Juni 2021".
    pub fn on_day(&self, meeting: &Listed) -> String {
        let date = meeting.date.as_ref().map(|date| self.date(date));
        [Some(meeting.name.clone()), date].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
