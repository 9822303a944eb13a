//! What feeds and calendars say.

use jiff::civil::Date;

use super::{Lang, Texts};
use crate::edition::Listed;

impl Texts {
    /// What every automatic text says of itself.
    pub fn feed_reservation(&self) -> &'static str {
        match self.lang {
            Lang::De => "Automatisch erstellt, ungeprüft, nicht amtlich.",
            Lang::En => "Made automatically, unchecked, not official.",
        }
    }

    /// The name of the feed of all meetings.
    pub fn new_meetings(&self) -> &'static str {
        match self.lang {
            Lang::De => "Neue Sitzungen",
            Lang::En => "New meetings",
        }
    }

    /// Where one learns of new meetings.
    pub fn meetings_as_feed(&self) -> &'static str {
        match self.lang {
            Lang::De => "Neue Sitzungen als Feed (Atom)",
            Lang::En => "New meetings as a feed (Atom)",
        }
    }

    /// Where one takes the dates over.
    pub fn meetings_as_calendar(&self) -> &'static str {
        match self.lang {
            Lang::De => "Termine als Kalender (iCal)",
            Lang::En => "Dates as a calendar (iCal)",
        }
    }

    /// "[Erfunden] Kreistag, 21. Juni 2021: 12. Sitzung".
    pub fn meeting_title(&self, meeting: &Listed) -> String {
        let mark = if meeting.synthetic { self.synthetic_mark } else { "" };
        let date = meeting.date.as_ref().map(|date: &Date| self.date(date)).unwrap_or_default();
        let place = [meeting.organization.as_str(), date.as_str()];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        match place.is_empty() {
            true => format!("{mark} {}", meeting.name),
            false => format!("{mark} {}: {}", place.join(", "), meeting.name),
        }
        .trim()
        .to_owned()
    }

    /// Whose meeting it is and what there is of it.
    pub fn meeting_summary(&self, meeting: &Listed) -> String {
        let state = if meeting.cancelled {
            self.cancelled
        } else if meeting.transcribed {
            self.state_text
        } else if meeting.recordings > 0 {
            self.state_recording
        } else {
            self.state_nothing
        };
        format!("{}. {state}.", meeting.body)
    }
}
