//! Every text of the interface, German and English side by side, and the choice between them.
//! Owns words, dates and numbers of the interface; what was said in a meeting stays as it was said.

mod directory;
mod feeds;
mod meeting;
mod quote;
mod report;
mod search;

pub use search::SearchedExtent;
mod taking;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::civil::Date;

use crate::domain::{Majority, MediaTime, Outcome, Role, Vote};
use crate::search::Kind;
use crate::web::shared::error::Missing;

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// German.
    De,
    /// English.
    En,
}

impl Lang {
    /// The language asked for: `?lang=`, else the visitor's last choice, else `Accept-Language`,
    /// else German.
    pub fn of(parts: &Parts) -> Self {
        let header = |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        Self::chosen(parts.uri.query())
            .or_else(|| header(header::COOKIE)?.split(';').find_map(|c| Self::named(c.trim())))
            .or_else(|| Self::accepted(header(header::ACCEPT_LANGUAGE)?))
            .unwrap_or(Self::De)
    }

    fn chosen(query: Option<&str>) -> Option<Self> {
        query?.split('&').find_map(Self::named)
    }

    fn named(pair: &str) -> Option<Self> {
        match pair {
            "lang=de" => Some(Self::De),
            "lang=en" => Some(Self::En),
            _ => None,
        }
    }

    /// The first of our languages by weight; equal weights stand in the order given.
    fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let lang = match tag.trim().to_ascii_lowercase().split('-').next() {
                Some("de") => Self::De,
                Some("en") => Self::En,
                _ => continue,
            };
            let weight =
                parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// BCP 47.
    pub fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// The one that is not chosen.
    pub fn other(self) -> Self {
        match self {
            Self::De => Self::En,
            Self::En => Self::De,
        }
    }

    /// Its texts.
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::De => &GERMAN,
            Self::En => &ENGLISH,
        }
    }
}

/// Stores an explicit choice of language with the visitor, for the following pages; nothing else ever.
pub async fn remember_choice(request: Request, next: Next) -> Response {
    let choice = Lang::chosen(request.uri().query());
    let mut response = next.run(request).await;
    let cookie = choice.map(|lang| match lang {
        Lang::De => "lang=de; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        Lang::En => "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
    });
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_static(cookie));
    }
    let varies = HeaderValue::from_static("accept-language, cookie");
    response.headers_mut().append(header::VARY, varies);
    response
}

macro_rules! texts {
    ($($name:ident: $german:literal, $english:literal;)*) => {
        /// The texts of the interface in one language.
        pub struct Texts { lang: Lang, $(pub $name: &'static str,)* }
        static GERMAN: Texts = Texts { lang: Lang::De, $($name: $german,)* };
        static ENGLISH: Texts = Texts { lang: Lang::En, $($name: $english,)* };
    };
}

texts! {
    skip: "Zum Inhalt springen", "Skip to content";
    nav_main: "Hauptnavigation", "Main";
    nav_search: "Suche", "Search";
    nav_meetings: "Sitzungen", "Meetings";
    nav_footer: "Rechtliches und Schnittstellen", "Legal and interfaces";
    other_language: "English", "Deutsch";
    accessibility: "Barrierefreiheit", "Accessibility";
    privacy: "Datenschutz", "Privacy";
    imprint: "Impressum", "Legal notice";
    api: "Schnittstelle (API)", "API";
    slogan: "Was im Rat gesagt wurde – im Wortlaut, mit Video, durchsuchbar.", "What was said in council – verbatim, with video, searchable.";

    home_title: "Was wurde dazu gesagt?", "What was said about it?";
    home_lead: "Durchsuchen Sie die Mitschnitte der öffentlichen Sitzungen Wort für Wort. Jeder Treffer öffnet das Video an der Stelle, an der das Wort fällt.", "Search the recordings of public meetings word by word. Every hit opens the video where the word is spoken.";
    home_latest: "Neueste Sitzungen", "Latest meetings";
    home_all: "Alle Sitzungen", "All meetings";
    home_how: "So funktioniert es", "How it works";
    home_how_1: "Suchen", "Search";
    home_how_1_text: "Ein Wort, ein Name, eine Vorlagennummer: durchsucht wird alles, was in öffentlicher Sitzung gesprochen wurde.", "A word, a name, a paper's number: everything spoken in public session is searched.";
    home_how_2: "Hineinspringen", "Jump in";
    home_how_2_text: "Der Treffer öffnet die Aufzeichnung eineinhalb Sekunden vor dem Wort und markiert es im Text.", "A hit opens the recording one and a half seconds before the word and marks it in the text.";
    home_how_3: "Nachlesen", "Read on";
    home_how_3_text: "Tagesordnung, Rednerinnen und Redner und der ganze Wortlaut stehen daneben und laufen mit.", "Agenda, speakers and the whole text stand beside it and follow along.";
    no_meetings: "Noch ist keine Sitzung im Archiv.", "There is no meeting in the archive yet.";

    search_label: "Suche in den Sitzungen", "Search the meetings";
    search_placeholder: "Zum Beispiel: Livestream", "For example: Livestream";
    search_button: "Suchen", "Search";
    results_title: "Suche", "Search";
    sort: "Sortierung", "Order";
    sort_relevance: "Relevanz", "Relevance";
    sort_date: "Neueste", "Newest";
    sort_oldest: "Älteste", "Oldest";
    filters: "Eingrenzen", "Narrow down";
    filters_active: "Aktive Filter", "Active filters";
    filter_remove: "Filter entfernen", "Remove filter";
    meeting_one: "Sitzung", "Meeting";
    body: "Körperschaft", "Body";
    organization: "Gremium", "Organization";
    year: "Jahr", "Year";
    person: "Person", "Person";
    party: "Fraktion", "Party";
    item_short: "TOP", "Item";
    agenda_item: "Tagesordnungspunkt", "Agenda item";
    role: "Rolle", "Role";
    role_member: "Mitglied", "Member";
    role_unknown: "Nicht bekannt", "Not known";
    formulas_hidden: "ohne Formeln des Vorsitzes", "without the chair's formulas";
    breadth_title: "Umkreis", "Breadth";
    breadth_passage: "derselbe Abschnitt", "the same passage";
    breadth_speech: "dieselbe Rede", "the same speech";
    breadth_item: "derselbe Tagesordnungspunkt", "the same agenda item";
    breadth_most: "die meisten Wörter", "most of the words";
    wider_speech: "Im selben Abschnitt stehen diese Wörter nirgends beieinander. Gefunden sind die Reden, in denen alle vorkommen.", "Nowhere do these words stand in one passage. Found are the speeches in which all of them occur.";
    wider_item: "In derselben Rede stehen diese Wörter nirgends beieinander. Gefunden sind die Tagesordnungspunkte, unter denen alle vorkommen.", "Nowhere do these words stand in one speech. Found are the agenda items under which all of them occur.";
    look_in_speech: "Auch suchen, wo die Wörter nur in derselben Rede stehen", "Also search where the words only stand in the same speech";
    look_in_item: "Auch suchen, wo die Wörter nur unter demselben Tagesordnungspunkt stehen", "Also search where the words only stand under the same agenda item";
    formulas_hide: "Formeln des Vorsitzes ausblenden", "Hide the chair's formulas";
    formulas_show: "Formeln des Vorsitzes wieder zeigen", "Show the chair's formulas again";
    hits_over_time: "Treffer im Lauf der Zeit", "Hits over time";
    hits_column: "Treffer", "Hits";
    month_unit: "Monat", "Month";
    as_table: "Als Tabelle", "As a table";
    open_place: "Öffnen", "Open";
    show_hits: "Treffer zeigen", "Show hits";
    period: "Zeitraum", "Period";
    apply: "Anwenden", "Apply";
    without_filters: "Ohne Filter suchen", "Search without filters";
    keys: "Tasten: / Suchfeld, n und N nächster und voriger Treffer; in einer Sitzung k Wiedergabe, j und l fünf Sekunden zurück und vor.", "Keys: / search field, n and N next and previous hit; in a meeting k play, j and l five seconds back and forth.";
    preview: "Vorschau: So sehen es alle, sobald es freigegeben ist.", "Preview: this is what everybody sees once it is released.";
    preview_label: "Vorschau", "Preview";
    preview_back: "Zurück zum Arbeitsplatz", "Back to the desk";
    keys_on: "Tasten einschalten", "Switch keys on";
    keys_off: "Tasten ausschalten", "Switch keys off";
    kind_title: "Art", "Kind";
    kind_spoken: "Gesprochen", "Spoken";
    kind_item: "Titel in der Tagesordnung", "Title in the agenda";
    kind_paper: "Vorlage", "Paper";
    kind_vote: "Abstimmung", "Vote";
    vote_result: "Ergebnis", "Result";
    review_title: "Prüfstand", "Checked";
    review_automatic: "Automatisch, ungeprüft", "Automatic, unchecked";
    review_checked: "Geprüft", "Checked";
    review_recorded: "Aus einem anderen Protokoll", "From another record";
    why: "Warum dieser Treffer?", "Why this hit?";
    how_exact: "steht so da:", "stands there as typed:";
    how_word_form: "in anderer Form:", "in another form:";
    how_part: "als Teil eines Wortes oder in seinen Teilen:", "as a part of a word, or in its parts:";
    how_paper: "Nummer der Vorlage, um die es geht:", "number of the paper that is discussed:";
    how_speaker: "so heißt, wer spricht:", "name of who speaks:";
    how_title: "im Titel des Tagesordnungspunktes:", "in the title of the agenda item:";
    how_spelling: "ist ähnlich geschrieben:", "is spelt alike:";
    how_sound: "ist ein Name, der ähnlich klingt:", "is a name that sounds alike:";
    how_related: "ist damit verwandt:", "is related to it:";
    similar_short: "nur ähnlich", "merely similar";
    from: "Ab", "From";
    to: "Bis", "To";
    suggestion: "Meinten Sie:", "Did you mean:";
    only_similar: "Genau das wurde nicht gefunden. Diese Stellen sind ähnlich.", "Exactly this was not found. These places are similar.";
    no_hits: "Keine Treffer", "No hits";
    no_hits_tip_1: "Prüfen Sie die Schreibweise oder suchen Sie nach einem kürzeren Wort.", "Check the spelling, or search for a shorter word.";
    no_hits_tip_2: "Mit einem Stern finden Sie Wortanfänge:", "An asterisk finds beginnings of words:";
    no_hits_tip_3: "Mit ODER genügt eines von mehreren Wörtern:", "With ODER (or), one of several words is enough:";
    no_hits_tip_4: "Der Wortlaut ist automatisch erkannt; seltene Namen werden manchmal falsch geschrieben.", "The text was recognised automatically; rare names are sometimes spelled wrongly.";
    tips: "Suchhilfe", "Search help";
    tip_words: "Alle Wörter müssen vorkommen, Beugungen zählen mit", "All words must occur; inflected forms count";
    tip_phrase: "Genau diese Wortfolge", "Exactly this sequence";
    tip_not: "Ohne dieses Wort", "Without this word";
    tip_or: "Eines von beiden", "Either of the two";
    tip_prefix: "Wortanfang", "Beginning of a word";
    tip_near: "Nahe beieinander, höchstens fünf Wörter voneinander entfernt", "Close together, at most five words apart";
    tip_field: "Nur was diese Person sagte", "Only what this person said";
    tip_vote: "Abstimmungen mit diesem Ergebnis; auch angenommen, vertagt, einstimmig", "Votes with this result; also angenommen (adopted), vertagt (postponed), einstimmig (unanimous)";
    tip_date: "Nur in diesem Zeitraum", "Only in this period";
    pages: "Seiten", "Pages";
    previous: "Vorige", "Previous";
    next: "Nächste", "Next";
    paper: "Vorlage", "Paper";
    feed: "Treffer als Feed (Atom)", "Hits as a feed (Atom)";

    meetings_title: "Sitzungen", "Meetings";
    meetings_lead: "Alle Sitzungen im Archiv, die neueste zuerst.", "All meetings in the archive, newest first.";
    no_date: "Ohne Datum", "No date";
    state_text: "Wortlaut und Video", "Text and video";
    state_recorded: "Wortlaut", "Text";
    state_recording: "Aufzeichnung, Wortlaut folgt", "Recording, text to follow";
    state_nothing: "Keine Aufzeichnung", "No recording";
    cancelled: "Abgesagt", "Cancelled";

    automatic: "Automatisch erstellt, ungeprüft, nicht amtlich.", "Made automatically, unchecked, not official.";
    checked: "Automatisch erstellt, von Menschen geprüft, nicht amtlich.", "Made automatically, checked by people, not official.";
    checked_short: "geprüft", "checked";
    captions_checked: "Deutsch (geprüft)", "German (checked)";
    automatic_more: "Wortlaut, Namen und Zeiten können Fehler enthalten. Maßgeblich ist die Niederschrift.", "Text, names and times may contain mistakes. The official minutes prevail.";
    heard_by: "Erkannt mit dem Sprachmodell", "Recognised with the speech model";
    for_searching: "Der Text taugt zum Suchen. Bevor Sie zitieren, hören Sie nach. Zuverlässiger sind größere Modelle (ab „small“).", "The text is good for searching. Listen before you quote: larger models (from “small” on) are more reliable.";
    approximate_times: "Die Zeiten der Wörter sind ungefähr.", "The times of the words are approximate.";
    recorded_elsewhere: "Wortlaut und Namen sind aus einem anderen Protokoll übernommen, nicht hier erkannt.", "Text and names were taken from another record, not recognised here.";
    report: "Fehler melden", "Report a mistake";
    synthetic: "Erfundene Sitzung mit synthetischen Stimmen – nur zur Vorführung.", "Invented meeting with synthetic voices – for demonstration only.";
    synthetic_mark: "[Erfunden]", "[Invented]";
    synthetic_short: "Erfunden, nur zur Vorführung", "Invented, for demonstration only";
    video: "Aufzeichnung", "Recording";
    no_video: "Zu dieser Stelle ist kein Video veröffentlicht. Der Wortlaut lässt sich trotzdem lesen.", "No video is published for this place. The text can be read all the same.";
    captions: "Untertitel", "Captions";
    captions_automatic: "Deutsch (automatisch, ungeprüft)", "German (automatic, unchecked)";
    chapters: "Kapitel", "Chapters";
    parts: "Teile der Aufzeichnung", "Parts of the recording";
    part: "Teil", "Part";
    public_copy: "Öffentliche Kopie bei einem anderen Anbieter", "Public copy on another site";
    agenda: "Tagesordnung", "Agenda";
    not_public: "Nicht öffentlich", "Not public";
    not_public_gap: "Hier nicht zu sehen: nicht öffentlich oder gesperrt", "Not shown here: not public, or withheld";
    failed_gap: "Hier ist die Spracherkennung gescheitert", "Speech recognition failed here";
    silent_gap: "Hier spricht niemand", "Nobody speaks here";
    automatic_short: "automatisch erkannt, ungeprüft", "recognised automatically, unchecked";
    recorded_short: "aus einem anderen Protokoll", "from another record";
    film_load: "Hier ansehen", "Watch here";
    film_short: "Film", "Film";
    link_here: "Link zu dieser Stelle kopieren", "Copy link to this place";
    copied: "Link kopiert", "Link copied";
    quote: "Zitat kopieren", "Copy quote";
    quote_copied: "Zitat kopiert", "Quote copied";
    embed: "Einbetten", "Embed";
    embed_copied: "Code kopiert", "Code copied";
    clip: "Ausschnitt laden", "Download clip";
    who_voted_how: "Wer wie gestimmt hat", "Who voted how";
    vote_one: "Abstimmung", "Vote";
    quote_changed: "Das Zitat lautet heute anders: der Wortlaut wurde seither neu erkannt oder berichtigt.", "The quotation reads differently today: the text has been recognised anew or corrected since.";
    quote_lost: "Die zitierten Worte stehen hier nicht mehr.", "The quoted words are no longer here.";
    quote_then: "Damals", "Then";
    quote_now: "Heute", "Now";
    by_party: "Nach Fraktionen", "By party";
    shares_note: "Gezählt ist, was sicher oder vermutlich von der Person stammt.", "Counted is what is surely or probably by the person.";
    minutes: "Niederschrift", "Minutes";
    show_doubts: "Zweifelhafte Wörter zeigen", "Show doubtful words";
    doubts_before: "So", "Words";
    doubts_marked: "unterstrichene", "underlined";
    doubts_after: "Wörter sind unsicher erkannt: etwa jedes zweite davon ist falsch.", "like this are doubtful: about every second one is wrong.";
    list_of_hits: "Liste der Treffer", "List of hits";
    not_reached: "keine Stelle gefunden", "no place found";
    announced: "Ergebnis, wie verkündet", "Result as announced";
    speakers: "Es sprechen", "Speakers";
    speaking_time: "Redezeit", "speaking time";
    transcript: "Wortlaut", "Transcript";
    transcript_help: "Mit den Pfeiltasten bewegen Sie sich von Satz zu Satz, die Eingabetaste spielt den Satz im Video ab. Umschalt und Tab führen von einem Satz zu „Fehler melden“, wo das möglich ist.", "The arrow keys move from sentence to sentence, Enter plays the sentence in the video. Shift and Tab lead from a sentence to “Report a mistake”, where that is possible.";
    transcript_missing: "Der Wortlaut dieser Sitzung liegt noch nicht vor.", "The text of this meeting is not there yet.";
    unknown_speaker: "Stimme nicht zugeordnet", "Voice not assigned";
    probably: "(vermutlich)", "(probably)";
    no_item: "Außerhalb der Tagesordnung", "Outside the agenda";
    play_from: "Abspielen ab", "Play from";
    to_marked: "Zum gesuchten Wort im Text", "To the word in the text";
    to_transcript: "Zum Wortlaut", "To the transcript";
    previous_hit: "Voriger Treffer", "Previous hit";
    next_hit: "Nächster Treffer", "Next hit";
    follow: "Zur aktuellen Stelle", "To the current place";
    search_here: "In dieser Sitzung suchen", "Search this meeting";
    hits_here: "Treffer in dieser Sitzung", "Hits in this meeting";
    no_hits_here: "In dieser Sitzung kommt das nicht vor.", "That does not occur in this meeting.";
    all_hits_here: "Alle Treffer dieser Sitzung in der Suche", "All hits of this meeting in the search";
    search_end: "Suche beenden", "End search";
    downloads: "Zum Mitnehmen", "Take away";
    download_text: "Wortlaut (Text)", "Transcript (text)";
    chair: "Vorsitz", "Chair";
    administration: "Verwaltung", "Administration";
    guest: "Gast", "Guest";
    resident: "Einwohnerin oder Einwohner", "Resident";

    error_not_found_title: "Nicht gefunden", "Not found";
    error_not_found: "Unter dieser Adresse gibt es nichts. Vielleicht hilft die Suche.", "There is nothing at this address. Perhaps a search helps.";
    error_no_meeting: "Eine solche Sitzung gibt es hier nicht.", "There is no such meeting here.";
    error_no_media: "Diese Aufzeichnung gibt es hier nicht.", "There is no such recording here.";
    error_no_download: "Eine solche Datei gibt es hier nicht.", "There is no such file here.";
    error_no_text: "Ein solcher Wortlaut liegt nicht oder noch nicht vor.", "There is no such text, or not yet.";
    error_gone_title: "Nicht mehr zu sehen", "No longer shown";
    error_gone: "Was hier stand, wird nicht mehr gezeigt.", "What was here is no longer shown.";
    error_request_title: "Anfrage nicht verstanden", "Request not understood";
    error_request: "Mit dieser Anfrage lässt sich nichts anfangen.", "This request makes no sense.";
    error_ours_title: "Das hat nicht geklappt", "Something went wrong";
    error_ours: "Der Fehler liegt bei uns und ist im Protokoll vermerkt. Bitte versuchen Sie es noch einmal.", "The mistake is ours and has been logged. Please try again.";
    error_rebuilding: "Die Suche wird gerade neu aufgebaut. Bitte versuchen Sie es in ein paar Sekunden noch einmal; alle Sitzungen sind weiterhin zu sehen.", "The search is being rebuilt right now. Please try again in a few seconds; all meetings can still be seen.";
    error_busy: "Das Archiv ist gerade nicht erreichbar. Bitte versuchen Sie es in ein paar Sekunden noch einmal.", "The archive cannot be reached right now. Please try again in a few seconds.";
    not_filled_in: "Der Betreiber hat hier noch nichts eingetragen.", "The operator has not entered anything here yet.";
}

const MONTHS: [(&str, &str); 12] = [
    ("Januar", "January"),
    ("Februar", "February"),
    ("März", "March"),
    ("April", "April"),
    ("Mai", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("August", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Dezember", "December"),
];

impl Texts {
    /// "21. Juni 2021".
    pub fn date(&self, date: &Date) -> String {
        let (german, english) = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
        match self.lang {
            Lang::De => format!("{}. {german} {}", date.day(), date.year()),
            Lang::En => format!("{} {english} {}", date.day(), date.year()),
        }
    }

    /// A date as the search gives it; one that cannot be read is shown as it is.
    pub fn date_text(&self, date: &Option<String>) -> String {
        match date {
            Some(text) => text.parse().map_or_else(|_| text.clone(), |d: Date| self.date(&d)),
            None => self.no_date.to_owned(),
        }
    }

    /// "90 weitere".
    pub fn more_values(&self, n: usize) -> String {
        match self.lang {
            Lang::De => format!("{n} weitere"),
            Lang::En => format!("{n} more"),
        }
    }

    /// "Stelle 3".
    pub fn place(&self, n: &usize) -> String {
        match self.lang {
            Lang::De => format!("Stelle {n}"),
            Lang::En => format!("Place {n}"),
        }
    }

    /// "in 3 Sitzungen".
    pub fn in_meetings(&self, n: &u64) -> String {
        match self.lang {
            Lang::De => format!("in {} Sitzungen", self.number(n)),
            Lang::En => format!("in {} meetings", self.number(n)),
        }
    }

    /// What a hit is.
    pub fn kind(&self, kind: &Kind) -> &'static str {
        match kind {
            Kind::Spoken => self.kind_spoken,
            Kind::Item => self.kind_item,
            Kind::Paper => self.kind_paper,
            Kind::Vote => self.kind_vote,
        }
    }

    /// What is not there.
    pub fn missing(&self, what: Missing) -> &'static str {
        match what {
            Missing::Page => self.error_not_found,
            Missing::Meeting => self.error_no_meeting,
            Missing::Media => self.error_no_media,
            Missing::Download => self.error_no_download,
            Missing::Text => self.error_no_text,
            Missing::Words => self.no_such_words(),
            Missing::HitsOfBefore => self.chosen_gone(),
            Missing::LongQuote | Missing::WordRange | Missing::ChosenHits | Missing::SoManyHits => {
                self.unusable(what)
            }
        }
    }

    /// How far words were checked.
    pub fn review<'n>(&self, name: &'n str) -> &'n str {
        match name {
            "automatic" => self.review_automatic,
            "checked" => self.review_checked,
            "recorded" => self.review_recorded,
            other => other,
        }
    }

    /// "1.234".
    pub fn number(&self, n: &u64) -> String {
        let digits = n.to_string();
        let separator = if self.lang == Lang::De { '.' } else { ',' };
        let mut text = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// "TOP 5"; numbers that name themselves ("Ö 5", "Zusatzpunkt 1") stay as they are.
    pub fn item_number(&self, number: &str) -> String {
        match number.chars().next() {
            Some(c) if c.is_ascii_digit() => format!("{} {number}", self.item_short),
            _ => number.to_owned(),
        }
    }

    /// "Seite 2 von 5".
    pub fn page_of(&self, page: &usize, pages: &usize) -> String {
        match self.lang {
            Lang::De => format!("Seite {page} von {pages}"),
            Lang::En => format!("Page {page} of {pages}"),
        }
    }

    /// "Treffer 3 von 12".
    pub fn hit_of(&self, n: &usize, total: &usize) -> String {
        match self.lang {
            Lang::De => format!("Treffer {n} von {total}"),
            Lang::En => format!("Hit {n} of {total}"),
        }
    }

    /// "12 min 5 s", as speaking times are given.
    pub fn duration(&self, ms: &u64) -> String {
        let seconds = ms.div_ceil(1000);
        match seconds / 60 {
            0 => format!("{seconds} s"),
            minutes if minutes < 60 => format!("{minutes} min {} s", seconds % 60),
            minutes => format!("{} h {} min", minutes / 60, minutes % 60),
        }
    }

    /// `0:01:12`.
    pub fn clock(&self, t: &MediaTime) -> String {
        t.clock()
    }

    /// "einstimmig angenommen (2 Enthaltungen)".
    pub fn vote(&self, vote: &Vote) -> String {
        if self.lang == Lang::De {
            return vote.to_string();
        }
        let outcome = match vote.outcome {
            Outcome::Adopted => "adopted",
            Outcome::Rejected => "rejected",
            Outcome::Referred => "referred to a committee",
            Outcome::Postponed => "postponed",
            Outcome::Withdrawn => "withdrawn",
            Outcome::Noted => "noted",
            Outcome::Elected => "elected",
        };
        let majority = match vote.majority {
            Some(Majority::Unanimous) => " unanimously",
            Some(Majority::ByMajority) => " by a majority",
            None => "",
        };
        let counts = [
            (vote.in_favour, "in favour"),
            (vote.against, "against"),
            (
                vote.abstentions,
                if vote.abstentions == Some(1) { "abstention" } else { "abstentions" },
            ),
        ];
        let said = counts.into_iter().filter_map(|(count, side)| Some((count?, side)));
        let said: Vec<String> = said
            .map(
                |(count, side)| {
                    if count == 0 { format!("no {side}") } else { format!("{count} {side}") }
                },
            )
            .collect();
        let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
        format!("{outcome}{majority}{said}")
    }

    /// "Vorsitz"; nothing for roles that say nothing.
    pub fn role(&self, role: &Role) -> Option<&'static str> {
        match role {
            Role::Chair => Some(self.chair),
            Role::Administration => Some(self.administration),
            Role::Guest => Some(self.guest),
            Role::Resident => Some(self.resident),
            Role::Member | Role::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visitors_language_is_found() {
        assert_eq!(Lang::accepted("de-DE,de;q=0.9,en;q=0.8"), Some(Lang::De));
        assert_eq!(Lang::accepted("fr, en-GB;q=0.7, de;q=0.3"), Some(Lang::En));
        assert_eq!(Lang::accepted("en;q=0, de;q=0.1"), Some(Lang::De));
        assert_eq!(Lang::accepted("fr, *"), None);
    }

    #[test]
    fn dates_and_numbers_are_written_as_the_language_does() {
        let date: Date = "2021-06-01".parse().unwrap();
        assert_eq!(GERMAN.date(&date), "1. Juni 2021");
        assert_eq!(ENGLISH.number(&1_234_567), "1,234,567");
        assert_eq!(GERMAN.hits(&1234), "1.234 Treffer");
    }
}
