//! What the site says of persons, organizations, papers and the calendar.

use jiff::civil::Date;

use super::{Lang, MONTHS, Texts};
use crate::domain::{Role, VoteCast, VoteSource};

macro_rules! directory_texts {
    ($($name:ident: $german:literal, $english:literal;)*) => {
        /// Texts of the pages that bring many meetings together.
        pub struct DirectoryTexts { $(pub $name: &'static str,)* }
        static GERMAN: DirectoryTexts = DirectoryTexts { $($name: $german,)* };
        static ENGLISH: DirectoryTexts = DirectoryTexts { $($name: $english,)* };
    };
}

directory_texts! {
    nav_persons: "Personen", "People";
    nav_papers: "Vorlagen", "Papers";
    filter: "Eingrenzen", "Narrow down";
    show: "Anzeigen", "Show";
    reset: "Filter aufheben", "Clear filters";
    name: "Name", "Name";
    any: "alle", "any";

    persons_lead: "Wer in den Sitzungen gesprochen hat und ein Mandat oder ein Amt hat. Gäste, Einwohnerinnen und Einwohner stehen hier nicht.", "Who has spoken in the meetings and holds a mandate or an office. Guests and residents are not listed.";
    letters: "Nach Anfangsbuchstaben", "By initial";
    nobody: "So heißt hier niemand.", "Nobody here is called so.";
    no_persons: "Noch ist niemand verzeichnet.", "Nobody is listed yet.";

    speeches: "Reden", "Speeches";
    speeches_lead: "Die neueste zuerst. Wer eine Sitzung leitet, steht einmal je Sitzung da. Nur vermutete Zuordnungen zählen nicht mit.", "Newest first. Whoever chairs a meeting is listed once for it. Speakers that are only guessed do not count.";
    presided: "Sitzungsleitung", "Chaired the meeting";
    search_speeches: "In diesen Reden suchen", "Search these speeches";
    time_by_year: "Redezeit nach Jahren", "Speaking time by year";
    time_chart: "Redezeit in Minuten je Jahr; dieselben Zahlen stehen in der Tabelle", "Speaking time in minutes by year; the table has the same figures";
    chart_number: "Zahl der Reden je Jahr; dieselben Zahlen stehen in der Tabelle", "Number of speeches by year; the table has the same figures";
    year: "Jahr", "Year";
    speaking_time: "Redezeit", "Speaking time";
    meetings: "Sitzungen", "Meetings";
    first_last: "Zeitraum", "Period";
    offices: "Mandate und Ämter", "Mandates and offices";
    votes: "Abstimmungen", "Votes";
    votes_lead: "Wie diese Person abgestimmt hat, soweit einzelne Stimmen veröffentlicht sind. Die neueste zuerst.", "How this person voted, as far as single votes are published. Newest first.";

    organization: "Gremium", "Organization";
    group: "Fraktion oder Partei", "Parliamentary group or party";
    members: "Mitglieder", "Members";
    members_lead: "Soweit aus dem Ratsinformationssystem und den Reden bekannt.", "As far as known from the council's data and the speeches.";
    former_members: "Frühere", "Former members";
    search_within: "In diesem Gremium suchen", "Search this organization";
    search_group: "In den Reden dieser Fraktion suchen", "Search this group's speeches";

    papers_lead: "Was beraten oder abgestimmt wurde, das zuletzt Behandelte zuerst – auch, wenn niemand dazu sprach.", "What was debated or put to the vote, the most recent first – also where nobody spoke to it.";
    paper_filter: "Nummer oder Titel", "Number or title";
    kind: "Art", "Kind";
    no_papers: "Keine solche Vorlage.", "No such paper.";
    moved_by: "Eingebracht von", "Brought in by";
    belongs_to: "Gehört zu", "Belongs to";
    amendments: "Änderungsanträge", "Amendments";
    debates: "Beratungen", "Debates";
    no_speech: "kein Redebeitrag", "no speech";
    result: "Ergebnis", "Result";
    no_result: "nicht angegeben", "not stated";
    result_note: "Ergebnisse stehen hier nur, wenn eine Quelle sie nennt; aus den Stimmen wird keines errechnet.", "Results stand here only where a source states them; none is worked out from the votes.";
    by_group: "Stimmen nach Fraktion", "Votes by group";
    single_votes: "Einzelne Stimmen", "Single votes";
    counted: "Gezählt aus den einzelnen Stimmen", "Counted from the single votes";
    counted_by_source: "Gezählt von der Quelle", "Counted by the source";
    total: "Zusammen", "Total";
    without_group: "ohne Fraktion", "no group";
    unchecked: "ungeprüft", "unchecked";
    checked: "geprüft", "checked";
    search_paper: "Wortbeiträge zu dieser Vorlage suchen", "Search what was said of this paper";
    at: "ab", "from";

    years: "Jahre", "Years";
    none_found: "Keine Sitzung gefunden.", "No meeting found.";
    calendar: "Kalender", "Calendar";
    previous_month: "Voriger Monat mit Sitzungen", "Previous month with meetings";
    next_month: "Nächster Monat mit Sitzungen", "Next month with meetings";
    no_meeting_this_month: "In diesem Monat gab es keine Sitzung.", "There was no meeting this month.";
}

/// Weekdays from Monday, short and long.
const WEEKDAYS: [[(&str, &str); 7]; 2] = [
    [
        ("Mo", "Montag"),
        ("Di", "Dienstag"),
        ("Mi", "Mittwoch"),
        ("Do", "Donnerstag"),
        ("Fr", "Freitag"),
        ("Sa", "Samstag"),
        ("So", "Sonntag"),
    ],
    [
        ("Mon", "Monday"),
        ("Tue", "Tuesday"),
        ("Wed", "Wednesday"),
        ("Thu", "Thursday"),
        ("Fri", "Friday"),
        ("Sat", "Saturday"),
        ("Sun", "Sunday"),
    ],
];

impl Texts {
    /// Texts of the pages that bring many meetings together.
    pub fn directory(&self) -> &'static DirectoryTexts {
        match self.lang {
            Lang::De => &GERMAN,
            Lang::En => &ENGLISH,
        }
    }

    /// "Mai 2024".
    pub fn month(&self, date: &Date) -> String {
        let (german, english) = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
        format!("{} {}", if self.lang == Lang::De { german } else { english }, date.year())
    }

    /// Weekdays from Monday, short and long.
    pub fn weekdays(&self) -> &'static [(&'static str, &'static str); 7] {
        match self.lang {
            Lang::De => &WEEKDAYS[0],
            Lang::En => &WEEKDAYS[1],
        }
    }

    /// "12 Reden".
    pub fn speech_count(&self, n: &usize) -> String {
        self.counted(*n, ("Rede", "Reden"), ("speech", "speeches"))
    }

    /// "12 Beiträge".
    pub fn contribution_count(&self, n: &usize) -> String {
        self.counted(*n, ("Beitrag", "Beiträge"), ("speech", "speeches"))
    }

    /// "312 Wörter".
    pub fn word_count(&self, n: &usize) -> String {
        self.counted(*n, ("Wort", "Wörter"), ("word", "words"))
    }

    /// "3 Sitzungen".
    pub fn meeting_count(&self, n: &usize) -> String {
        self.counted(*n, ("Sitzung", "Sitzungen"), ("meeting", "meetings"))
    }

    /// "12 Vorlagen".
    pub fn paper_count(&self, n: &usize) -> String {
        self.counted(*n, ("Vorlage", "Vorlagen"), ("paper", "papers"))
    }

    /// "12 Personen".
    pub fn person_count(&self, n: &usize) -> String {
        self.counted(*n, ("Person", "Personen"), ("person", "people"))
    }

    /// "3 Änderungsanträge".
    pub fn amendment_count(&self, n: &usize) -> String {
        self.counted(*n, ("Änderungsantrag", "Änderungsanträge"), ("amendment", "amendments"))
    }

    /// "1 Abstimmung".
    pub fn vote_count(&self, n: &usize) -> String {
        self.counted(*n, ("Abstimmung", "Abstimmungen"), ("vote", "votes"))
    }

    fn counted(&self, n: usize, german: (&str, &str), english: (&str, &str)) -> String {
        let (one, many) = if self.lang == Lang::De { german } else { english };
        format!("{} {}", self.number(&(n as u64)), if n == 1 { one } else { many })
    }

    /// A role of those who hold a mandate or an office.
    pub fn standing(&self, role: &Role) -> Option<&'static str> {
        match role {
            Role::Chair => Some(self.chair),
            Role::Member => Some(self.role_member),
            Role::Administration => Some(self.administration),
            Role::Guest | Role::Resident | Role::Unknown => None,
        }
    }

    /// How somebody voted.
    pub fn cast(&self, vote: &VoteCast) -> &'static str {
        match (self.lang, vote) {
            (Lang::De, VoteCast::Yes) => "Ja",
            (Lang::De, VoteCast::No) => "Nein",
            (Lang::De, VoteCast::Abstain) => "Enthaltung",
            (Lang::De, VoteCast::Absent) => "nicht abgestimmt",
            (Lang::En, VoteCast::Yes) => "Yes",
            (Lang::En, VoteCast::No) => "No",
            (Lang::En, VoteCast::Abstain) => "Abstention",
            (Lang::En, VoteCast::Absent) => "did not vote",
        }
    }

    /// Where a vote was read.
    pub fn vote_source(&self, source: &VoteSource) -> &'static str {
        match (self.lang, source) {
            (Lang::De, VoteSource::Screen) => "von der Anzeige im Saal",
            (Lang::De, VoteSource::Minutes) => "aus der Niederschrift",
            (Lang::De, VoteSource::Spoken) => "wie verkündet",
            (Lang::De, VoteSource::System) => "aus der Abstimmungsanlage",
            (Lang::En, VoteSource::Screen) => "from the display in the room",
            (Lang::En, VoteSource::Minutes) => "from the minutes",
            (Lang::En, VoteSource::Spoken) => "as announced",
            (Lang::En, VoteSource::System) => "from the voting system",
        }
    }

    /// "Alle 24 Sitzungen stehen …": how much of a long list is shown.
    pub fn year_of(&self, year: &i16, count: &usize) -> String {
        format!("{year} ({})", self.number(&(*count as u64)))
    }
}
