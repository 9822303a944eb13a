//! What the site says where readers report a fault.

use std::time::Duration;

use super::{Lang, Texts};
use crate::domain::{FaultKind, InvalidReport, LONGEST_CONTACT, LONGEST_REPORT};

/// Declares texts, German and English, as functions.
macro_rules! both {
    ($($(#[$doc:meta])* $name:ident: $german:literal, $english:literal;)*) => {
        impl Texts {
            $($(#[$doc])* pub fn $name(&self) -> &'static str {
                match self.lang { Lang::De => $german, Lang::En => $english }
            })*
        }
    };
}

both! {
    /// Over the words that are wrong.
    report_place: "Um diese Stelle geht es", "This is the place";
    /// Where no words were chosen.
    report_whole: "Es geht um die Sitzung im Ganzen. Geht es um bestimmte Worte, gehen Sie zurück und wählen dort „Fehler melden“ am Absatz.", "This is about the meeting as a whole. If it is about certain words, go back and choose “Report a mistake” at their paragraph.";
    /// Over the choice.
    report_kind: "Was stimmt nicht?", "What is wrong?";
    /// Over the text.
    report_text: "Was ist falsch, und wie ist es richtig?", "What is wrong, and what is right?";
    /// Over the contact.
    report_contact: "E-Mail-Adresse oder Telefon (freiwillig)", "E-mail address or phone (optional)";
    /// Under the contact.
    report_contact_hint: "Nur, wenn wir nachfragen dürfen.", "Only if we may ask back.";
    /// Over the field that people do not see.
    report_trap: "Dieses Feld bitte leer lassen", "Please leave this field empty";
    /// On the button.
    report_send: "Meldung absenden", "Send report";
    /// Back to the meeting.
    report_back: "Zurück zur Sitzung", "Back to the meeting";
    /// Over what is stored.
    report_stored: "Was gespeichert wird", "What is stored";
    /// What is stored.
    report_stored_what: "Ihr Text, die Stelle, Tag und Minute – und ein Kontakt, wenn Sie einen nennen. Sonst nichts über Sie.", "Your text, the place, day and minute – and a contact if you give one. Nothing else about you.";
    /// What is not.
    report_stored_address: "Ihre IP-Adresse wird nicht gespeichert. Damit niemand den Eingang überschwemmt, zählt der Server zehn Minuten lang im Arbeitsspeicher, wie viele Meldungen aus einem Netz kommen.", "Your IP address is not stored. So that nobody floods the inbox, the server counts in memory, for ten minutes, how many reports come from one network.";
    /// Who reads it.
    report_stored_readers: "Gelesen wird es nur von denen, die diese Sitzungen bearbeiten. Veröffentlicht wird nichts davon.", "It is read only by those who work on these meetings. Nothing of it is published.";
    /// Where to read on.
    report_privacy: "Mehr zum Datenschutz", "More on privacy";
    /// The title when it was sent.
    report_thanks_title: "Danke, Ihre Meldung ist angekommen", "Thank you, your report has arrived";
    /// What happens now.
    report_thanks: "Wir hören die Stelle nach und berichtigen sie, wenn Sie recht haben. Bis dahin bleibt der Wortlaut, wie er ist.", "We listen to the place again and put it right if you are right. Until then the text stays as it is.";
    /// Over a form that was not taken.
    report_refused: "Noch nicht abgeschickt", "Not sent yet";
    /// What helps where the site cannot take it.
    report_by_mail: "Schreiben Sie stattdessen an", "Write instead to";
    /// The same, where nobody has named an address.
    report_by_imprint: "Wenden Sie sich stattdessen an die Stelle im Impressum.", "Turn instead to the office named in the legal notice.";
    /// At the paragraph, for those who see a sign only.
    report_paragraph: "Fehler in diesem Absatz melden", "Report a mistake in this paragraph";
    /// What the sign behind a paragraph means.
    report_legend: "hinter einem Absatz: Fehler dort melden.", "behind a paragraph: report a mistake there.";
    /// What leads to a form about the meeting as a whole.
    report_other: "Anderen Fehler melden", "Report another mistake";
    /// On the site's page about privacy.
    report_in_privacy: "Wenn Sie einen Fehler melden, werden Ihr Text, die Stelle, Tag und Minute gespeichert, dazu ein Kontakt, wenn Sie einen nennen. Der Kontakt wird gelöscht, sobald die Meldung erledigt ist. Ihre IP-Adresse wird nicht gespeichert.", "If you report a mistake, your text, the place, day and minute are stored, and a contact if you give one. The contact is deleted as soon as the report is closed. Your IP address is not stored.";
}

impl Texts {
    /// What can be wrong.
    pub fn fault_kind(&self, kind: &FaultKind) -> &'static str {
        let (german, english) = match kind {
            FaultKind::Words => ("Der Wortlaut", "The words"),
            FaultKind::Speaker => ("Wer hier spricht", "Who speaks here"),
            FaultKind::Item => ("Der Tagesordnungspunkt", "The agenda item"),
            FaultKind::Other => ("Etwas anderes", "Something else"),
        };
        match self.lang {
            Lang::De => german,
            Lang::En => english,
        }
    }

    /// How long a text may be.
    pub fn report_text_hint(&self) -> String {
        match self.lang {
            Lang::De => format!("Höchstens {LONGEST_REPORT} Zeichen, reiner Text."),
            Lang::En => format!("At most {LONGEST_REPORT} characters, plain text."),
        }
    }

    /// How long it is kept.
    pub fn report_stored_time(&self, days: &u32) -> String {
        match self.lang {
            Lang::De => format!(
                "Ihr Kontakt wird gelöscht, sobald die Meldung erledigt ist, die Meldung selbst {days} Tage danach. Wird die \
                 Stelle gesperrt, verschwinden auch die zitierten Worte."
            ),
            Lang::En => format!(
                "Your contact is deleted as soon as the report is closed, the report itself {days} days later. If the place \
                 is withheld, the quoted words disappear as well."
            ),
        }
    }

    /// What is missing or too long.
    pub fn invalid_report(&self, invalid: &InvalidReport) -> String {
        match (self.lang, invalid) {
            (Lang::De, InvalidReport::Kind) => "Wählen Sie aus, was nicht stimmt.".to_owned(),
            (Lang::En, InvalidReport::Kind) => "Choose what is wrong.".to_owned(),
            (Lang::De, InvalidReport::Empty) => {
                "Schreiben Sie, was falsch ist und wie es richtig heißt.".to_owned()
            }
            (Lang::En, InvalidReport::Empty) => {
                "Write what is wrong, and what is right.".to_owned()
            }
            (Lang::De, InvalidReport::TooLong) => {
                format!("Der Text hat mehr als {LONGEST_REPORT} Zeichen. Kürzen Sie ihn bitte.")
            }
            (Lang::En, InvalidReport::TooLong) => {
                format!("The text has more than {LONGEST_REPORT} characters. Please shorten it.")
            }
            (Lang::De, InvalidReport::LongContact) => {
                format!("Der Kontakt hat mehr als {LONGEST_CONTACT} Zeichen.")
            }
            (Lang::En, InvalidReport::LongContact) => {
                format!("The contact has more than {LONGEST_CONTACT} characters.")
            }
        }
    }

    /// That somebody sent a form sooner than anybody writes one.
    pub fn report_hasty(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Das ging sehr schnell. Sehen Sie Ihren Text noch einmal an und senden Sie ihn dann ab."
            }
            Lang::En => "That was very fast. Look at your text once more, and then send it.",
        }
    }

    /// That a form lay open for too long.
    pub fn report_stale(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Dieses Formular war zu lange offen. Ihr Text steht noch da; senden Sie ihn noch einmal ab."
            }
            Lang::En => {
                "This form was open for too long. Your text is still there; send it once more."
            }
        }
    }

    /// That the hidden field was filled in.
    pub fn report_trapped(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Ein Feld, das leer bleiben muss, war ausgefüllt, vielleicht von Ihrem Browser. Senden Sie noch einmal ab."
            }
            Lang::En => {
                "A field that must stay empty was filled in, perhaps by your browser. Send it once more."
            }
        }
    }

    /// That somebody has written too often of late.
    pub fn report_often(&self, wait: &Duration) -> String {
        let minutes = wait.as_secs().div_ceil(60).max(1);
        match self.lang {
            Lang::De => format!(
                "Aus Ihrem Netz kamen gerade mehrere Meldungen. In {minutes} Min. können Sie diese absenden; Ihr Text steht noch da."
            ),
            Lang::En => format!(
                "Several reports have just come from your network. You can send this one in {minutes} min; your text is still there."
            ),
        }
    }

    /// That the site takes no more today, or cannot store it.
    pub fn report_full(&self) -> &'static str {
        match self.lang {
            Lang::De => {
                "Zurzeit kann diese Website keine weiteren Meldungen annehmen. Ihr Text ist nicht gespeichert; er steht noch da."
            }
            Lang::En => {
                "At present this site cannot take any more reports. Your text is not stored; it is still there."
            }
        }
    }
}
