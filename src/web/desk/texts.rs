//! Every text of the desk, which speaks German only. Owns words, times and names of roles.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::{
    Act, DeskRole, Intake, IntakeStage, Job, JobEvent, JobState, JobWork, Review, ReviewState,
    SoundTrack,
};

static GERMANY: TimeZone = jiff::tz::get!("Europe/Berlin");

/// Declares texts and gives them.
macro_rules! desk_texts {
    ($(#[$doc:meta])* $type:ident $all:ident; $($name:ident: $text:literal;)*) => {
        $(#[$doc])*
        pub struct $type { $(pub $name: &'static str,)* }
        /// All of them.
        pub const $all: $type = $type { $($name: $text,)* };
    };
}

mod glossary;
mod reports;

pub use glossary::{GLOSSARY, GlossaryTexts, glossary_kind};
pub use reports::{REPORTS, ReportTexts, fault_kind};

desk_texts! {
    /// The texts of the desk.
    DeskTexts T;
    skip: "Zum Inhalt springen";
    desk: "Arbeitsplatz";
    nav_main: "Hauptnavigation";
    sign_out: "Abmelden";
    signed_in_as: "Angemeldet als";
    footer: "Nur für Berechtigte. Was hier geschieht, steht im Protokoll.";

    sign_in: "Anmelden";
    sign_in_lead: "Hier werden Sitzungen bearbeitet und freigegeben.";
    account_name: "Kontoname";
    password: "Passwort";
    wrong_password: "Kontoname oder Passwort stimmen nicht.";
    code_title: "Code eingeben";
    code_lead: "Ihre Authentifizierungs-App zeigt für dieses Konto einen sechsstelligen Code.";
    code: "Code";
    wrong_code: "Der Code stimmt nicht oder ist schon benutzt. Warten Sie auf den nächsten.";
    back_to_sign_in: "Zurück zur Anmeldung";
    forgotten: "Passwort vergessen oder Telefon verloren? Wer die Konten verwaltet, setzt beides zurück.";

    confirm_title: "Passwort bestätigen";
    confirm_lead: "Was Sie vorhaben, verlangt Ihr Passwort noch einmal. Danach gilt es fünf Minuten lang.";
    confirm: "Bestätigen";
    confirm_wrong: "Das Passwort stimmt nicht.";
    confirm_first: "Passwort bestätigen, um etwas zu ändern";

    start_lead: "Was möchten Sie tun?";
    no_second_factor: "Ihr Konto ist nur durch das Passwort geschützt.";
    set_up_second_factor: "Zweiten Faktor einrichten";

    own_account: "Mein Konto";
    own_account_about: "Passwort, zweiter Faktor, Ihre Anmeldungen";
    role: "Rolle";
    change_password: "Passwort ändern";
    current_password: "Bisheriges Passwort";
    new_password: "Neues Passwort";
    new_password_hint: "Mindestens 12 Zeichen. Mehrere Wörter sind leichter zu merken als Sonderzeichen.";
    repeat_password: "Neues Passwort wiederholen";
    password_differs: "Die beiden neuen Passwörter sind nicht gleich.";
    password_changed: "Das Passwort ist geändert; alle anderen Anmeldungen sind beendet.";
    second_factor: "Zweiter Faktor";
    second_factor_on: "Eingerichtet: Beim Anmelden wird ein Code verlangt.";
    second_factor_off: "Nicht eingerichtet.";
    second_factor_renew: "Neu einrichten";
    second_factor_lead: "Lesen Sie das Bild mit einer Authentifizierungs-App ein und geben Sie den Code ein, den sie dann zeigt.";
    second_factor_image: "QR-Code für die Authentifizierungs-App; der Schlüssel steht darunter als Text";
    second_factor_key: "Schlüssel, falls die App keine Bilder liest";
    second_factor_set: "Der zweite Faktor ist eingerichtet.";
    second_factor_remove: "Zweiten Faktor abschalten";
    second_factor_removed: "Der zweite Faktor ist abgeschaltet.";
    set_up: "Einrichten";
    my_sign_ins: "Meine Anmeldungen";
    sign_ins_caption: "Wo Sie angemeldet sind, die jüngste zuerst";
    browser: "Browser";
    unknown_browser: "unbekannt";
    since: "Seit";
    last_used: "Zuletzt benutzt";
    this_one: "diese hier";
    end: "Beenden";
    sign_in_ended: "Die Anmeldung ist beendet.";

    accounts: "Konten";
    accounts_about: "Wer hier arbeitet und wer was darf";
    accounts_caption: "Alle Konten";
    state: "Zustand";
    open: "offen";
    closed: "geschlossen";
    created: "Angelegt";
    yes: "ja";
    no: "nein";
    add_account: "Konto anlegen";
    add: "Anlegen";
    add_hint: "Das erste Passwort und den zweiten Faktor zeigt die nächste Seite, ein einziges Mal.";
    change_role: "Rolle ändern";
    role_changed: "Die Rolle ist geändert.";
    close_account: "Konto schließen";
    account_sign_ins: "Anmeldungen";
    not_signed_in: "Mit diesem Konto ist niemand angemeldet.";
    sign_out_account: "Überall abmelden";
    sign_out_account_about: "Wer mit diesem Konto angemeldet ist, muss sich neu anmelden, etwa wenn ein Gerät verloren ging.";
    account_signed_out: "Alle Anmeldungen dieses Kontos sind beendet.";
    close_account_about: "Alle Anmeldungen enden, niemand meldet sich mehr damit an. Was im Protokoll steht, bleibt.";
    account_closed: "Das Konto ist geschlossen.";
    open_account: "Konto wieder öffnen";
    account_opened: "Das Konto ist wieder offen.";
    reset_password: "Neues Passwort vergeben";
    reset_password_about: "Das bisherige gilt nicht mehr, alle Anmeldungen enden. Das neue zeigt die nächste Seite, ein einziges Mal.";
    reset_second_factor: "Zweiten Faktor erneuern";
    reset_second_factor_about: "Für ein neues Telefon. Der bisherige Code gilt nicht mehr.";
    back_to_accounts: "Zurück zu den Konten";
    credentials_title: "Zugangsdaten";
    credentials_lead: "Geben Sie dies auf sicherem Weg weiter. Es wird nur jetzt gezeigt.";
    first_password: "Passwort";

    signed_out_title: "Nicht angemeldet";
    signed_out: "Ihre Anmeldung ist zu Ende. Nichts wurde geändert.";
    not_allowed_title: "Nicht erlaubt";
    not_allowed: "Ihre Rolle erlaubt das nicht.";
    foreign_form_title: "Nicht angenommen";
    foreign_form: "Dieses Formular gehört nicht zu Ihrer Anmeldung. Laden Sie die Seite neu und versuchen Sie es noch einmal. Nichts wurde geändert.";
    too_soon_title: "Zu viele Versuche";
    too_soon: "Versuchen Sie es später noch einmal. Wartezeit:";
    not_found_title: "Nicht gefunden";
    not_found: "Diese Seite gibt es nicht.";
    bad_request_title: "Nicht verstanden";
    bad_request: "Diese Anfrage lässt sich nicht ausführen.";
    busy_title: "Gerade nicht möglich";
    busy: "Gerade geschieht zu viel auf einmal. Versuchen Sie es gleich noch einmal.";
    failed_title: "Das hat nicht geklappt";
    failed: "Ein Fehler des Programms. Was genau, steht im Log.";
    no_room_title: "Kein Platz mehr";
    no_room: "Der Datenträger des Servers ist voll. Es ist nichts verloren gegangen.";
    to_start: "Zur Startseite";

    intakes: "Aufnahmen";
    intakes_about: "Hochladen, anhören, Nichtöffentliches markieren, aufnehmen";
    intakes_lead: "Neue Aufnahmen kommen hier an. Erst wenn feststeht, was davon öffentlich ist, wird etwas erkannt.";
    upload: "Hochladen";
    upload_file: "Aufnahme (Film oder Ton)";
    upload_hint: "Auch viele Gigabyte: Bricht die Verbindung ab, geht es von selbst weiter. Nach einem Neustart des Browsers wählen Sie dieselbe Datei noch einmal; hochgeladen wird nur, was fehlt. Unfertiges wird 14 Tage aufgehoben.";
    upload_start: "Hochladen beginnen";
    upload_pause: "Anhalten";
    upload_resume: "Fortsetzen";
    upload_going: "Es geht los.";
    upload_halted: "Angehalten. Was angekommen ist, bleibt 14 Tage erhalten.";
    upload_left: "noch etwa";
    upload_lost: "Die Verbindung ist unterbrochen.";
    upload_again: "Nächster Versuch in";
    upload_signed_out: "Ihre Anmeldung ist zu Ende. Melden Sie sich in einem anderen Fenster an; dann geht es hier von selbst weiter.";
    upload_refused: "Der Server nimmt die Datei nicht an.";
    upload_progress: "Fortschritt des Hochladens";
    upload_needs_script: "Zum Hochladen braucht diese Seite JavaScript. Ohne: Lassen Sie die Datei in einen Ordner des Servers legen.";
    server_file: "Vom Server";
    server_file_path: "Pfad der Datei auf dem Server";
    server_file_hint: "Die Datei bleibt, wo sie liegt. Erlaubte Ordner:";
    server_file_take: "Übernehmen";
    watched_hint: "Was in diesem Ordner erscheint und eine Minute unverändert bleibt, steht von selbst in der Liste:";
    intakes_list: "Im Eingang";
    intakes_caption: "Alle Aufnahmen im Eingang, die jüngste zuerst";
    no_intakes: "Zurzeit ist nichts im Eingang.";
    file: "Datei";
    size: "Größe";
    begun: "Begonnen";
    from_whom: "von";
    discard: "Verwerfen";
    discard_hint: "Löscht, was hochgeladen wurde. Dateien des Servers bleiben liegen.";
    intake_discarded: "Die Aufnahme ist verworfen.";
    still_coming: "Sie wird noch hochgeladen. Um fortzufahren, wählen Sie dieselbe Datei noch einmal:";
    to_uploads: "Zu den Aufnahmen";
    moving: "Diese Seite zeigt von selbst, wie es weitergeht; ohne JavaScript laden Sie sie neu.";
    registered_as: "Aufgenommen als Entwurf:";
    recognised_by_queue: "Sie wird als Nächstes erkannt.";
    recognised_by_command: "Erkannt wird sie mit „mitschnitt run“.";
    listen: "Anhören";
    listen_lead: "Was Sie hier hören, hören nur Berechtigte; nichts davon wird gespeichert.";
    original: "Die ganze Aufnahme";
    cannot_be_read: "Diese Aufnahme lässt sich nicht lesen:";
    tracks: "Tonspuren und Kanäle";
    tracks_hint: "Hören Sie hinein, bevor Sie wählen: Eine Probe dauert 20 Sekunden.";
    sample_from: "Probe ab (HH:MM:SS)";
    all_channels: "Alle Kanäle";
    channel: "Kanal";
    use_of_channels: "Kanäle";
    channels_mix: "mischen (üblich)";
    channels_split: "ein Mikrofon je Kanal";
    public_parts: "Was ist nichtöffentlich?";
    public_lead: "Nichts davon wird erkannt, durchsucht oder gezeigt.";
    waveform: "Wellenform. Pfeiltasten bewegen die Stelle, Plus und Minus vergrößern, Ziehen markiert Nichtöffentliches.";
    waveform_coming: "Die Wellenform entsteht:";
    waveform_failed: "Die Wellenform lässt sich nicht zeichnen.";
    zoom_in: "Größer";
    zoom_out: "Kleiner";
    hidden_from_here: "Ab hier nichtöffentlich";
    hidden_until_here: "Bis hier nichtöffentlich";
    hidden_spans: "Nichtöffentliche Zeiten";
    hidden_spans_hint: "Eine je Zeile, ab Beginn der Aufnahme: 00:00:00–00:12:30, oder 01:58:00–Ende. Leer: Es ist nichts Nichtöffentliches darin.";
    hidden_confirmed: "Ich habe nachgehört: Außerhalb dieser Zeiten ist alles öffentlich.";
    the_meeting: "Die Sitzung";
    by_form: "Felder ausfüllen";
    by_file: "meeting.toml oder OParl-Datei";
    by_part: "Weitere Aufnahme einer Sitzung";
    by_part_hint: "Zur Wahl steht, was am Arbeitsplatz angelegt und nicht freigegeben ist. Ohne Beginn (unten) schließt sie an die letzte Aufnahme an.";
    meeting_body: "Körperschaft";
    meeting_organization: "Gremium";
    meeting_name: "Name der Sitzung";
    meeting_name_hint: "Leer: Gremium und Tag.";
    meeting_start: "Beginn";
    meeting_id: "Kennung in Adressen";
    meeting_id_hint: "Leer: aus Gremium und Tag, etwa kreistag-2021-06-21.";
    meeting_agenda: "Tagesordnung";
    meeting_agenda_hint: "Ein Punkt je Zeile: 5 Einführung eines Livestreams | MV-0029/21. Mit N davor ist er nichtöffentlich: N 12 Grundstück.";
    description_text: "Text der Datei";
    description_file: "Oder Datei wählen";
    public_copy: "Zeigen";
    offset: "Beginn der Aufnahme in der Sitzung";
    offset_hint: "00:00:00, außer bei einer weiteren Aufnahme; leer schließt diese an die letzte an.";
    copy_address: "Adresse einer öffentlichen Kopie";
    copy_offset: "Versatz: Zeit dort minus Zeit hier";
    show_as: "Auf der Website";
    show_file: "als Film von hier";
    show_link: "nur als Verweis auf die Kopie";
    show_none: "ohne Film, nur der Wortlaut";
    cut_original: "Nichtöffentliche Teile unwiderruflich aus der Aufnahme entfernen";
    cut_hint: "Statt des Originals bleibt eine Fassung, die dort stumm und schwarz ist; sie hat eine Tonspur. Bei langen Filmen dauert das.";
    take_in: "Als Entwurf aufnehmen";

    meetings: "Sitzungen";
    meetings_about: "Prüfen, freigeben, zurücknehmen, sperren";
    no_meetings: "Noch ist keine Sitzung im Archiv.";
    release_title: "Freigabe";
    release_hint: "Entwürfe und Geprüftes sieht nur der Arbeitsplatz. Erst was freigegeben ist, sehen alle. Zurück zum Entwurf nimmt es sofort von der Website.";
    preview: "Vorschau: so sehen es alle";
    step_check: "Als geprüft bestätigen";
    step_release: "Freigeben";
    step_reopen: "Zurück zum Entwurf";
    review_changed: "Der Stand ist geändert. Suche und Website folgen in wenigen Sekunden.";
    resolution_changed: "Die Form des Beschlusses ist geändert.";
    restriction_set: "Die Stelle ist gesperrt und wird nirgends mehr gezeigt.";
    report: "Bericht";
    public_length: "Öffentlich";
    recognised: "Sprache erkannt";
    not_yet: "noch nicht";
    text_state: "Wortlaut";
    doubtful_words: "Zweifelhafte Wörter";
    gaps: "Lücken";
    of_that_failed: "davon gescheitert";
    warnings: "Warnungen";
    items_missing: "Punkte ohne Stelle";
    speakers_known: "Redezeit nach Kenntnis";
    sure: "sicher";
    guessed: "vermutet";
    unknown: "unbekannt";
    corrections: "Festlegungen";
    captions: "Untertitel";
    too_wide: "zu breit";
    too_short: "zu kurz";
    fast: "schneller als 17 Zeichen/s";
    agenda: "Tagesordnung";
    agenda_table: "Punkte mit Stand und Beschluss";
    item: "Punkt";
    begins: "Beginnt";
    confidence: "Sicherheit";
    steps: "Schritte";
    own_state: "(eigener Stand)";
    not_found_in_text: "nicht gefunden";
    resolution: "Beschluss";
    resolution_form: "Wie der Beschluss gezeigt wird";
    whole: "im Wortlaut";
    essence: "wesentlicher Inhalt";
    withheld: "gar nicht";
    essence_text: "Wesentlicher Inhalt";
    save: "Speichern";
    restrictions: "Gesperrte Stellen";
    no_restrictions: "Nichts ist gesperrt.";
    from: "Von";
    to: "Bis";
    why: "Grund (steht nur hier)";
    withhold: "Stelle sperren";
    withhold_hint: "Wortlaut, Suche und Film verlieren die Stelle sofort und für immer, bis jemand sie wieder freigibt.";

    reader_reports: "Hinweise";
    reader_reports_about: "Was Leserinnen und Leser als falsch melden";
    open_ones: "offen";
    glossary: "Wörterbuch";
    glossary_about: "Wie Namen, Orte und Begriffe geschrieben werden";

    jobs: "Aufträge";
    jobs_about: "Was das Programm gerade tut, und was nicht gelungen ist";
    no_jobs: "Es gibt keine Aufträge.";
    new_jobs: "Es gibt neue Aufträge: laden Sie die Seite neu.";
    job: "Auftrag";
    progress: "Fortschritt";
    attempt: "Versuch";
    log: "Verlauf";
    back_to_jobs: "Zurück zu den Aufträgen";
    queue_paused: "angehalten: nichts Neues wird begonnen";
    queue_pause: "Alles anhalten";
    queue_resume: "Fortsetzen";
    cancel: "Abbrechen";
    pause: "Anhalten";
    resume: "Fortsetzen";
    retry: "Noch einmal";
    again: "Neu erkennen";
    again_many: "Mehrere neu erkennen";
    again_many_hint: "Jede Sitzung ist ein eigener Auftrag, der sich anhalten und abbrechen lässt; was für eine einzelne in Auftrag gegeben wird, geht vor.";
    which: "Welche";
    ticked: "die angekreuzten";
    all_recorded: "alle mit Aufnahme";
    again_hint: "Der bisherige Wortlaut bleibt zu sehen, bis der neue vollständig ist. Was festgelegt und gesperrt ist, bleibt.";
    model: "Sprachmodell";
    model_hint: "Leer: das bisherige";
    from_stage: "Ab welcher Stufe";
    only_missing: "nur was fehlt";
    stage_recognition: "Spracherkennung";
    stage_copy: "öffentliche Fassung";
    stage_alignment: "Tagesordnung und Redende";
    stage_index: "Suche";
    terms: "Namen und Begriffe, einer je Zeile";
    order: "In Auftrag geben";

    audit: "Protokoll";
    audit_about: "Wer was wann getan hat";
    audit_whole: "Das Protokoll ist unversehrt.";
    audit_broken: "Das Protokoll ist beschädigt";
    audit_export: "Alles als Datei";
    number: "Nr.";
    when: "Wann";
    who: "Wer";
    what: "Was";
    subject: "Woran";
    details: "Näheres";
    older: "Ältere Einträge";
}

/// What a role is called.
pub fn role(role: DeskRole) -> &'static str {
    match role {
        DeskRole::Clerk => "Bearbeitung",
        DeskRole::Reviewer => "Freigabe",
        DeskRole::Admin => "Verwaltung der Konten",
        DeskRole::Auditor => "Revision",
    }
}

/// Where a meeting or an item is.
pub fn state(review: &Review) -> &'static str {
    match (review.state, review.checked.is_some()) {
        (ReviewState::Draft, _) => "Entwurf",
        (ReviewState::Checked, _) => "geprüft",
        (ReviewState::Published, true) => "veröffentlicht",
        (ReviewState::Published, false) => "veröffentlicht, ungeprüft",
    }
}

/// What was done.
pub fn act(act: Act) -> &'static str {
    match act {
        Act::AccountAdded => "Konto angelegt",
        Act::AccountChanged => "Rolle geändert",
        Act::AccountDisabled => "Konto geschlossen oder geöffnet",
        Act::PasswordChanged => "Passwort oder zweiter Faktor geändert",
        Act::SignedIn => "angemeldet",
        Act::SignInRefused => "Anmeldung abgewiesen",
        Act::SignedOut => "abgemeldet",
        Act::SignInRevoked => "Anmeldung beendet",
        Act::MeetingRegistered => "Sitzung aufgenommen",
        Act::MeetingRemoved => "Sitzung entfernt",
        Act::RecordingUploaded => "Aufnahme hochgeladen",
        Act::PublicConfirmed => "öffentliche Teile bestätigt",
        Act::OriginalCut => "Original gekürzt",
        Act::JobQueued => "Auftrag erteilt",
        Act::JobDone => "Auftrag erledigt",
        Act::JobFailed => "Auftrag gescheitert",
        Act::JobCancelled => "Auftrag abgebrochen",
        Act::QueuePaused => "Aufträge angehalten oder fortgesetzt",
        Act::ReviewChanged => "Stand geändert",
        Act::Restricted => "gesperrt",
        Act::Released => "Sperre aufgehoben",
        Act::Overruled => "Stelle festgelegt",
        Act::OverruleTakenBack => "Festlegung zurückgenommen",
        Act::Corrected => "Wortlaut berichtigt",
        Act::CorrectionTakenBack => "Berichtigung zurückgenommen",
        Act::GlossaryTermAdded => "Wörterbuch ergänzt",
        Act::GlossaryTermTakenBack => "Wörterbucheintrag entfernt",
        Act::ReportClosed => "Hinweis geschlossen",
        Act::AuditExported => "Protokoll ausgegeben",
    }
}

/// What sort of work a job is.
pub fn job_kind(work: &JobWork) -> &'static str {
    match work {
        JobWork::Transcribe(_) => "Verschriften",
        JobWork::Align { .. } => "Zuordnen",
        JobWork::Index { .. } => "Indexieren",
        JobWork::Publish { .. } => "Öffentliche Fassung",
        JobWork::Purge => "Tilgen",
        JobWork::Clip { .. } => "Ausschnitt",
        JobWork::Import { .. } => "Übernehmen",
        JobWork::Backup { .. } => "Sichern",
    }
}

/// Where a job stands.
pub fn job_state(job: &Job) -> &'static str {
    match job.state {
        JobState::Queued if job.paused => "angehalten",
        JobState::Queued if job.failure.is_some() => "wird wiederholt",
        JobState::Queued => "wartet",
        JobState::Running if job.cancel_asked => "bricht ab",
        JobState::Running => "läuft",
        JobState::Done => "erledigt",
        JobState::Failed => "gescheitert",
        JobState::Cancelled => "abgebrochen",
    }
}

/// What happened to a job.
pub fn job_event(event: JobEvent) -> &'static str {
    match event {
        JobEvent::Queued => "eingestellt",
        JobEvent::Began => "begonnen",
        JobEvent::Stage => "Stufe",
        JobEvent::Lost => "Vorgang verloren",
        JobEvent::Released => "zurückgegeben",
        JobEvent::TriedAgain => "wird wiederholt",
        JobEvent::NoRoom => "kein Platz, wird wiederholt",
        JobEvent::Paused => "angehalten oder fortgesetzt",
        JobEvent::CancelAsked => "Abbruch verlangt",
        JobEvent::Cancelled => "abgebrochen",
        JobEvent::Failed => "gescheitert",
        JobEvent::Done => "erledigt",
    }
}

/// A stage, by its code.
pub fn job_stage(code: &str) -> &str {
    match code {
        "checksum" => "Datei prüfen",
        "calibration" => "Tempo ausprobieren",
        "recognition" => "Spracherkennung",
        "public_copy" => "öffentliche Fassung",
        "alignment" => "Tagesordnung und Redende",
        "index" => "Suche",
        other => other,
    }
}

/// A day.
pub fn day(day: jiff::civil::Date) -> String {
    day.strftime("%d.%m.%Y").to_string()
}

/// A point in time, as clocks in Germany showed it.
pub fn when(at: Timestamp) -> String {
    at.to_zoned(GERMANY.clone()).strftime("%d.%m.%Y, %H:%M Uhr").to_string()
}

/// A number of bytes as people read it.
pub fn size(bytes: u64) -> String {
    let text = match bytes {
        0..1_000_000 => format!("{:.0} kB", (bytes as f64 / 1e3).max(1.0)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    };
    text.replace('.', ",")
}

/// Where a recording is on its way.
pub fn stage(intake: &Intake, stage: &IntakeStage) -> String {
    match stage {
        IntakeStage::Receiving => {
            let share = intake.received as f64 * 100.0 / intake.bytes.max(1) as f64;
            format!("wird hochgeladen, {share:.0} %")
        }
        IntakeStage::Checking => "angekommen, wird geprüft".to_owned(),
        IntakeStage::Ready => "wartet auf Beschreibung".to_owned(),
        IntakeStage::Registering => "wird aufgenommen".to_owned(),
        IntakeStage::Failed(_) => "nicht aufgenommen".to_owned(),
        IntakeStage::Registered(_) => "aufgenommen".to_owned(),
    }
}

/// An audio track.
pub fn track(track: &SoundTrack) -> String {
    let language = track.language.as_ref().map(|l| format!(" ({l})")).unwrap_or_default();
    let channels = match track.channels {
        0 => String::new(),
        1 => ", 1 Kanal".to_owned(),
        n => format!(", {n} Kanäle"),
    };
    format!("Spur {}{language}{channels}", track.number)
}

/// A short time to wait, rounded up.
pub fn duration(wait: Duration) -> String {
    match wait.as_secs() + 1 {
        1 => "1 Sekunde".to_owned(),
        seconds @ 2..=90 => format!("{seconds} Sekunden"),
        seconds => format!("{} Minuten", seconds.div_ceil(60)),
    }
}
