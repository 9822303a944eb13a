//! Every text of the desk, which speaks German only. Owns words, times and names of roles.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::DeskRole;

static GERMANY: TimeZone = jiff::tz::get!("Europe/Berlin");

/// Declares the texts and gives them.
macro_rules! desk_texts {
    ($($name:ident: $text:literal;)*) => {
        /// The texts of the desk.
        pub struct DeskTexts { $(pub $name: &'static str,)* }
        /// All of them.
        pub const T: DeskTexts = DeskTexts { $($name: $text,)* };
    };
}

desk_texts! {
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
    to_start: "Zur Startseite";
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

/// A point in time, as clocks in Germany showed it.
pub fn when(at: Timestamp) -> String {
    at.to_zoned(GERMANY.clone()).strftime("%d.%m.%Y, %H:%M Uhr").to_string()
}

/// A short time to wait, rounded up.
pub fn duration(wait: Duration) -> String {
    match wait.as_secs() + 1 {
        1 => "1 Sekunde".to_owned(),
        seconds @ 2..=90 => format!("{seconds} Sekunden"),
        seconds => format!("{} Minuten", seconds.div_ceil(60)),
    }
}
