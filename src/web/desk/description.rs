//! The form that describes a recording: as it is typed, kept and filled in again, and what it means. Owns the
//! wording of what is wrong with it; refuses to guess what is public.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mitschnitt_german::folding::fold;
use serde::{Deserialize, Serialize};

use crate::domain::{
    AgendaLine, DescribedMeeting, Error, LONGEST_RECORDING, MediaTime, MeetingForm, MeetingId,
    OriginalFate, RecordingDescription, Result, ShownAs, SoundChoice, Span, Track,
};

static GERMANY: TimeZone = jiff::tz::get!("Europe/Berlin");

/// The fields, named as in the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DescriptionForm {
    /// `formular`, `datei` or `weitere`: how the meeting is described.
    pub art: String,
    /// The meeting that it is a further recording of.
    pub sitzung: String,
    /// The meeting's id; one is made of day and organization where it is empty.
    pub kennung: String,
    /// The body.
    pub koerperschaft: String,
    /// The organization.
    pub gremium: String,
    /// What the meeting is called.
    pub name: String,
    /// When it began, as German clocks showed it.
    pub beginn: String,
    /// One item a line.
    pub tagesordnung: String,
    /// The text of a `meeting.toml` or an OParl file.
    pub beschreibung: String,
    /// Number of the track.
    pub spur: String,
    /// `mix` or `split`.
    pub kanaele: String,
    /// One stretch a line.
    pub nichtoeffentlich: String,
    /// `ja`: all else is public.
    pub bestaetigt: String,
    /// Where the recording starts on the meeting's clock.
    pub versatz: String,
    /// The public copy.
    pub adresse: String,
    /// Recording time + this = time in it.
    pub adressversatz: String,
    /// `file`, `link` or `none`.
    pub zeigen: String,
    /// `ja`: the original is cut.
    pub kuerzen: String,
}

impl DescriptionForm {
    /// What it means.
    ///
    /// # Errors
    /// `BadInput` with the field and what helps.
    pub fn meaning(&self) -> Result<RecordingDescription> {
        if self.bestaetigt != "ja" {
            return Err(Error::bad_input("Es fehlt die Bestätigung, was öffentlich ist").remedy(
                "Hören Sie nach, nennen Sie die nichtöffentlichen Zeiten, und setzen Sie das Häkchen",
            ));
        }
        let url = Some(self.adresse.trim()).filter(|url| !url.is_empty());
        if url.is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            return Err(Error::bad_input("Die Adresse der öffentlichen Kopie ist keine")
                .remedy("Sie beginnt mit https://"));
        }
        let shown_as = ShownAs::named(&self.zeigen).unwrap_or_default();
        if shown_as == ShownAs::Link && url.is_none() {
            return Err(Error::bad_input("Es fehlt die Adresse der öffentlichen Kopie")
                .remedy("Nennen Sie sie, oder wählen Sie, wie der Film sonst gezeigt wird"));
        }
        Ok(RecordingDescription {
            meeting: self.meeting()?,
            offset: time("Beginn in der Sitzung", &self.versatz)?.unwrap_or_default(),
            video_url: url.map(str::to_owned),
            video_offset_ms: signed_time("Versatz der öffentlichen Kopie", &self.adressversatz)?,
            shown_as,
            sound: self.sound()?,
            hidden: hidden_spans(&self.nichtoeffentlich)?,
            original: match self.kuerzen.as_str() {
                "ja" => OriginalFate::Cut,
                _ => OriginalFate::Kept,
            },
        })
    }

    /// Which sound is chosen.
    ///
    /// # Errors
    /// `BadInput` where that is no track.
    pub fn sound(&self) -> Result<SoundChoice> {
        let unknown = |e| Error::bad_input("Das ist keine Tonspur").because(e);
        let track = match self.spur.trim() {
            "" | "1" => Track::First,
            track => track.parse().map_err(unknown)?,
        };
        let channels = match self.kanaele.as_str() {
            "" => Default::default(),
            channels => channels.parse().map_err(unknown)?,
        };
        Ok(SoundChoice { track, channels })
    }

    fn meeting(&self) -> Result<DescribedMeeting> {
        if self.art == "weitere" {
            let unnamed = |e| {
                Error::bad_input("Es fehlt, zu welcher Sitzung die Aufnahme gehört")
                    .because(e)
                    .remedy("Wählen Sie die Sitzung aus")
            };
            return MeetingId::new(self.sitzung.trim())
                .map(DescribedMeeting::Known)
                .map_err(unnamed);
        }
        if self.art == "datei" {
            let text = self.beschreibung.trim();
            return match text.chars().next() {
                None => Err(Error::bad_input("Es fehlt die Beschreibung der Sitzung")
                    .remedy("Fügen Sie den Text einer meeting.toml oder einer OParl-Datei ein")),
                Some('{' | '[') if text.trim_end().ends_with(['}', ']']) && is_json(text) => {
                    Ok(DescribedMeeting::Oparl(text.to_owned(), self.chosen_id()?))
                }
                Some(_) => Ok(DescribedMeeting::Manifest(text.to_owned())),
            };
        }
        let field = |label: &str, text: &str| -> Result<String> {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match text.is_empty() {
                true => Err(Error::bad_input(format!("Es fehlt: {label}"))
                    .remedy("Füllen Sie das Feld aus")),
                false => Ok(text),
            }
        };
        let unreadable = |e: jiff::Error| {
            Error::bad_input("Der Beginn der Sitzung ist nicht zu lesen")
                .because(e)
                .remedy("Schreiben Sie zum Beispiel 2021-06-21T17:00")
        };
        let start: DateTime = self.beginn.trim().parse().map_err(unreadable)?;
        let start = start.to_zoned(GERMANY.clone()).map_err(unreadable)?;
        let organization = field("Gremium", &self.gremium)?;
        let id = match self.chosen_id()? {
            Some(id) => id,
            None => suggested_id(&organization, &start.date())?,
        };
        Ok(DescribedMeeting::Form(MeetingForm {
            id,
            body: field("Körperschaft", &self.koerperschaft)?,
            name: field("Name der Sitzung", &self.name)
                .unwrap_or_else(|_| format!("{organization} vom {}", start.strftime("%d.%m.%Y"))),
            organization,
            start: start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            agenda: self.tagesordnung.lines().filter_map(AgendaLine::read).collect(),
        }))
    }

    fn chosen_id(&self) -> Result<Option<MeetingId>> {
        match self.kennung.trim() {
            "" => Ok(None),
            id => MeetingId::new(id).map(Some).map_err(|e| {
                Error::bad_input("Die Kennung der Sitzung taugt nicht")
                    .because(e)
                    .remedy("Wählen Sie etwas wie kreistag-2021-06-21, oder lassen Sie sie leer")
            }),
        }
    }
}

/// A manifest may begin with `[`, too.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() || text.starts_with('{')
}

/// An id made of organization and day.
fn suggested_id(organization: &str, day: &jiff::civil::Date) -> Result<MeetingId> {
    let words = organization.split(|c: char| !c.is_alphanumeric()).map(fold);
    let words = words.filter(|word| !word.is_empty() && word.is_ascii());
    let mut name = words.collect::<Vec<_>>().join("-");
    name.truncate(60);
    MeetingId::new(format!("{}-{day}", name.trim_matches('-'))).map_err(|e| {
        Error::bad_input("Aus diesem Gremium lässt sich keine Kennung bilden")
            .because(e)
            .remedy("Geben Sie der Sitzung selbst eine, etwa kreistag-2021-06-21")
    })
}

/// The stretches that are not public, one a line: `00:00:00–00:12:30`, the last one also `01:58:00–Ende`.
///
/// # Errors
/// `BadInput` with the line.
pub fn hidden_spans(text: &str) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let wrong = |what: &str| {
            Error::bad_input(format!("Nichtöffentliche Zeiten, Zeile {number}: {what}"))
                .remedy("Schreiben Sie je Zeile HH:MM:SS–HH:MM:SS, ab Beginn der Aufnahme")
        };
        let parts = line.replace(" bis ", "–").replace(['-', '—'], "–");
        let (from, to) = parts.split_once('–').ok_or_else(|| wrong("es fehlt das Ende"))?;
        let whole = |text: &str| {
            // Two numbers could be hours and minutes, or minutes and seconds.
            let is_clear = text.trim().matches(':').count() == 2;
            let time = text.parse::<MediaTime>().ok().filter(|_| is_clear);
            time.ok_or_else(|| wrong(&format!("„{}“ ist keine Zeit", text.trim())))
        };
        let to = match to.trim().to_lowercase().as_str() {
            "ende" => LONGEST_RECORDING,
            _ => whole(to)?,
        };
        let span = Span::new(whole(from)?, to).filter(|span| span.millis() > 0);
        spans.push(span.ok_or_else(|| wrong("das Ende liegt nicht hinter dem Anfang"))?);
    }
    Ok(spans)
}

fn time(label: &str, text: &str) -> Result<Option<MediaTime>> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|e: crate::domain::InvalidTime| {
            Error::bad_input(format!("{label}: nicht zu lesen"))
                .because(e)
                .remedy("Schreiben Sie HH:MM:SS")
        }),
    }
}

fn signed_time(label: &str, text: &str) -> Result<i64> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let ms = time(label, rest)?.unwrap_or_default().millis();
    // No time that can be written is so long.
    Ok(sign * i64::try_from(ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> DescriptionForm {
        let text = |text: &str| text.to_owned();
        DescriptionForm {
            koerperschaft: text("Landkreis Musterland"),
            gremium: text("Ausschuss für Kürbisse"),
            beginn: text("2021-06-21T17:00"),
            tagesordnung: text("1 Eröffnung\n\nN 2 Grundstück\n"),
            nichtoeffentlich: text("00:00:00–00:12:30\n01:58:00 bis Ende\n"),
            adressversatz: text("-00:03:12"),
            bestaetigt: text("ja"),
            ..Default::default()
        }
    }

    #[test]
    fn a_form_says_what_is_meant() {
        let meant = form().meaning().unwrap();
        let DescribedMeeting::Form(meeting) = &meant.meeting else { panic!("{meant:?}") };
        assert_eq!(meeting.id.as_str(), "ausschuss-fuer-kuerbisse-2021-06-21");
        assert_eq!(meeting.start, "2021-06-21T17:00:00+02:00");
        assert_eq!(meeting.agenda.iter().map(|i| i.is_public).collect::<Vec<_>>(), [true, false]);
        assert_eq!(meant.hidden.len(), 2);
        assert_eq!((meant.hidden[1].end(), meant.video_offset_ms), (LONGEST_RECORDING, -192_000));
        assert_eq!((meant.shown_as, meant.original), (ShownAs::File, OriginalFate::Kept));
    }

    #[test]
    fn what_is_public_is_never_guessed() {
        assert!(DescriptionForm { bestaetigt: String::new(), ..form() }.meaning().is_err());
        for unclear in
            ["00:12–00:15", "00:00:10", "00:00:10–", "00:02:00–00:01:00", "von–bis", "1–2"]
        {
            let wrong = DescriptionForm { nichtoeffentlich: unclear.to_owned(), ..form() };
            let error = wrong.meaning().unwrap_err().to_string();
            assert!(error.contains("Zeile 1"), "{unclear}: {error}");
        }
    }

    #[test]
    fn a_file_is_known_by_its_first_letter() {
        let meeting = |text: &str| {
            let form = DescriptionForm {
                art: "datei".to_owned(),
                beschreibung: text.to_owned(),
                ..form()
            };
            form.meaning().map(|meant| meant.meeting)
        };
        assert!(matches!(meeting("[meeting]\nid = \"a\""), Ok(DescribedMeeting::Manifest(_))));
        assert!(matches!(meeting("{\"type\": 1}"), Ok(DescribedMeeting::Oparl(_, None))));
        assert!(meeting("  ").is_err());
    }
}
