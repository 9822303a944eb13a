//! What other programs write as people read it: days of meetings, markup, cut words, names of files. All
//! data is invented.

use std::fs;
use std::path::{Path, PathBuf};

use mitschnitt::domain::{FormerReading, Meeting, MeetingId};
use mitschnitt::ingest::{self, IdOrigin, Ingested, InputFile, Records};
use mitschnitt::store::{Registration, Store};
use serde_json::{Value, json};

use crate::harness::Archive;

fn meeting(name: &str, start: &str) -> Value {
    json!({
        "id": "https://ris.example/oparl/meeting/1", "type": "https://schema.oparl.org/1.1/Meeting",
        "name": name, "start": start,
        "organization": [{"id": "https://ris.example/org/1", "name": "Bauausschuss",
                          "type": "https://schema.oparl.org/1.1/Organization"}],
        "agendaItem": [
            {"number": "1", "public": true,
             "name": "Errichtung der Kindertagesst&auml;tte &bdquo;Zwergenland&ldquo;<br />Beschluss"},
            {"number": "2", "public": true, "name": "&lt;p&gt;Umgestaltung Lin-\nden&shy;platz&lt;/p&gt;"},
            {"number": "3", "public": true, "name": "R&D, a < b, <3", "result": "abgelehnt<br>5 &amp; 6"},
            {"number": "4", "public": false, "name": "Verkauf des Geb&auml;udes am Markt"},
        ],
    })
}

fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn only(path: &Path) -> Ingested {
    ingest::read(path).remove(0).unwrap()
}

fn meetings(archive: &Archive) -> Vec<Meeting> {
    let store = Store::open_to_read(archive.dir()).unwrap();
    let all = store.meetings().unwrap();
    all.iter().map(|row| store.council(&row.id).unwrap().meeting).collect()
}

fn found(archive: &Archive, query: &str) -> Vec<String> {
    let answer = archive.run(&["search", "--json", "--", query]).expect(0).json();
    let hits = answer["hits"].as_array().unwrap();
    let similar = |hit: &&Value| {
        let how =
            |why: &Value| matches!(why["how"].as_str(), Some("spelling" | "sound" | "related"));
        !hit["why"].as_array().unwrap().iter().any(how)
    };
    hits.iter().filter(similar).map(|hit| hit["meeting"]["id"].as_str().unwrap().into()).collect()
}

#[test]
fn a_meeting_is_on_its_day_in_germany_and_titles_are_read_as_text() {
    let archive = Archive::new();
    let source =
        meeting("Ausschuss f&uuml;r Stra&szlig;enbau &amp; Verkehr", "2026-06-21T22:00:00Z");
    let source = write(archive.dir(), "sitzung.json", &source.to_string());
    archive.run(&["ingest", path(&source)]).expect(0);
    let [meeting] = &meetings(&archive)[..] else { panic!("one meeting") };
    assert_eq!(meeting.date.unwrap().to_string(), "2026-06-22");
    assert_eq!(meeting.name, "Ausschuss für Straßenbau & Verkehr");
    let made = "ausschuss-fuer-strassenbau-verkehr-2026-06-22-";
    assert!(meeting.id.as_str().starts_with(made), "{}", meeting.id);
    let titles: Vec<&str> = meeting.agenda.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Errichtung der Kindertagesstätte „Zwergenland“ Beschluss",
            "Umgestaltung Lindenplatz",
            "R&D, a < b, <3",
            "",
        ]
    );
    assert_eq!(meeting.agenda[2].result.as_deref(), Some("abgelehnt 5 & 6"));
    for word in ["Zwergenland", "Kindertagesstätte", "Lindenplatz"] {
        assert_eq!(found(&archive, word), [meeting.id.as_str()], "{word}");
    }
    assert_eq!(found(&archive, "Markt"), [] as [&str; 0]);
}

/// What earlier versions of the program made of a source: another id, and titles with their markup.
#[test]
fn a_meeting_that_was_read_in_before_is_the_same_with_what_is_restricted_of_it() {
    let archive = Archive::new();
    let source = meeting("Ausschuss f&uuml;r Bau", "2026-06-21T22:00:00Z");
    let source = write(archive.dir(), "sitzung.json", &source.to_string());
    let mut ingested = only(&source);
    let IdOrigin::Made { formerly } = ingested.id_origin.clone() else { panic!("a made id") };
    assert!(formerly.as_str().starts_with("ausschuss-f-uuml-r-bau-2026-06-21-"), "{formerly}");
    ingested = ingested.under(formerly.clone());
    let meeting = &mut ingested.council.meeting;
    meeting.date = Some("2026-06-21".parse().unwrap());
    meeting.agenda[0].title =
        "Errichtung der Kindertagesst&auml;tte &bdquo;Zwergenland&ldquo;".into();
    let store = Store::create(archive.dir()).unwrap();
    store.register(&Registration::of(&ingested.council, &[])).unwrap();
    drop(store);
    let id = formerly.as_str();
    archive.run(&["withhold", id, "--item", "1", "--why", "Antrag"]).expect(0);

    archive.run(&["ingest", path(&source)]).expect(0);
    let [meeting] = &meetings(&archive)[..] else { panic!("one meeting") };
    assert_eq!((meeting.id.as_str(), meeting.date.unwrap().to_string()), (id, "2026-06-22".into()));
    assert!(meeting.agenda.iter().all(|item| item.id.as_str().starts_with(id)));
    let shown: Vec<bool> = meeting.agenda.iter().map(|item| item.public).collect();
    assert_eq!(shown, [false, true, true, false]);

    // Also when it was removed, and when its source calls it otherwise meanwhile.
    archive.run(&["remove", id]).expect(0);
    fs::write(&source, fs::read_to_string(&source).unwrap().replace("f&uuml;r Bau", "für Bau"))
        .unwrap();
    let later = fs::read_to_string(&source).unwrap().replace("06-21T22", "07-01T16");
    fs::write(&source, later).unwrap();
    archive.run(&["ingest", path(&source)]).expect(0);
    let [meeting] = &meetings(&archive)[..] else { panic!("one meeting") };
    assert_eq!((meeting.id.as_str(), meeting.date.unwrap().to_string()), (id, "2026-07-01".into()));
    assert!(!meeting.agenda[0].public);
}

fn speech(order: u32, title: &str, text: &str) -> Value {
    json!({
        "meeting": "kt-1", "date": "2025-01-02T23:30:00Z", "organization": "Ausschuss f&uuml;r Bau",
        "order": order, "agenda_title": title, "speaker": "Frau M&uuml;ller", "text": text,
    })
}

fn lines(archive: &Archive, speeches: &[Value]) -> PathBuf {
    let text: String = speeches.iter().map(|line| format!("{line}\n")).collect();
    write(archive.dir(), "reden.jsonl", &text)
}

#[test]
fn imported_speeches_are_read_as_text_and_cut_words_are_whole() {
    let archive = Archive::new();
    let speeches = [
        speech(
            1,
            "Haus-\nhalt &amp; Kasse",
            "<p>Der Haushalts-<br>plan liegt aus.</p><p>Die Was-\r\nserversorgung</p>",
        ),
        speech(
            2,
            "Haus-\nhalt &amp; Kasse",
            "Wasser-\nund Abwasserwerk, die Ost-\nWest-Straße, die ABC-\nFraktion",
        ),
        speech(3, "F&E", "F&E kostet 5 & 6, und a < b <3"),
    ];
    archive.run(&["import", path(&lines(&archive, &speeches))]).expect(0);
    let store = Store::open_to_read(archive.dir()).unwrap();
    let id = MeetingId::new("kt-1").unwrap();
    let council = store.council(&id).unwrap();
    assert_eq!(council.meeting.name, "Ausschuss für Bau am 03.01.2025");
    let titles: Vec<&str> = council.meeting.agenda.iter().map(|i| i.title.as_str()).collect();
    assert_eq!(titles, ["Haushalt & Kasse", "F&E"]);
    let said = store.speeches(&id).unwrap();
    assert_eq!(said[0].speaker.as_ref().unwrap().name, "Frau Müller");
    let texts: Vec<&str> = said.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Der Haushaltsplan liegt aus.\nDie Wasserversorgung",
            "Wasser-\nund Abwasserwerk, die Ost-West-Straße, die ABC-Fraktion",
            "F&E kostet 5 & 6, und a < b <3",
        ]
    );
    for query in
        ["Haushaltsplan", "Wasserversorgung", "Wasserwerk", "Ost-West-Straße", "ABC-Fraktion"]
    {
        assert!(!found(&archive, query).is_empty(), "{query}");
    }
}

#[test]
fn what_was_withheld_of_a_record_with_markup_stays_so_when_it_is_read_as_text() {
    let archive = Archive::new();
    let secret = "Das Zitterwort fiel in der Gem&auml;ldegalerie am Markt &ndash; leider.";
    let harmless = "Die Sitzung ist nun er&ouml;ffnet, und alle sind herzlich willkommen.";
    let other = "Zu diesem Geb&auml;ude spricht sonst niemand.";
    let all = [
        speech(1, "Geb&auml;ude", secret),
        speech(2, "Rest", harmless),
        speech(3, "Geb&auml;ude", other),
    ];
    let first = lines(&archive, &all);
    let record = Records::open(vec![InputFile::open(&first).unwrap()])
        .unwrap()
        .read(&MeetingId::new("kt-1").unwrap())
        .unwrap();
    // As an earlier version of the program read it.
    let (mut council, mut speeches) = (record.council, record.speeches);
    for (speech, text) in speeches.iter_mut().zip([secret, harmless, other]) {
        speech.text = text.into();
    }
    council.meeting.agenda[0].title = "Geb&auml;ude".into();
    let store = Store::create(archive.dir()).unwrap();
    store.put_speeches(&council, &speeches, &FormerReading::default()).unwrap();
    drop(store);
    archive.run(&["withhold", "kt-1", "--speech", "1", "--why", "Antrag"]).expect(0);
    archive.run(&["withhold", "kt-1", "--item", "kt-1/0", "--why", "Antrag"]).expect(0);

    // In another order, so that neither number nor place tells which they are.
    let again = [
        speech(5, "Rest", harmless),
        speech(6, "Geb&auml;ude", other),
        speech(7, "Geb&auml;ude", secret),
    ];
    let said = archive.run(&["import", path(&lines(&archive, &again))]).expect(0).stderr;
    assert!(said.contains("2 gesperrte Beiträge nicht übernommen"), "{said}");
    assert!(!said.contains("nicht wiederzufinden"), "{said}");
    assert_eq!(found(&archive, "Zitterwort"), [] as [&str; 0]);
    assert_eq!(found(&archive, "willkommen").len(), 1);
    let agenda = meetings(&archive).remove(0).agenda;
    let shown: Vec<_> = agenda.iter().map(|item| (item.title.as_str(), item.public)).collect();
    assert_eq!(shown, [("Rest", true), ("", false)]);
}

const MANIFEST: &str = "[meeting]\nid = \"kt-1\"\nbody = \"Musterland\"\norganization = \"Rat\"\n\
    papers = \"A\u{308}mter/Vorlagen.json\"\n\n[[recording]]\nfile = \"Sitzung März.wav\"\n";

#[test]
fn files_are_found_by_names_in_either_normal_form() {
    let archive = Archive::new();
    let folder = archive.dir().join("Ausschu\u{308}sse");
    fs::create_dir_all(folder.join("Ämter")).unwrap();
    write(&folder, "Ämter/Vorlagen.json", "[]");
    write(&folder, "Sitzung Ma\u{308}rz.wav", "sound");
    write(&folder, "meeting.toml", MANIFEST);
    let named = archive.dir().join("Ausschüsse");
    for path in [named.join("meeting.toml"), named] {
        let ingested = only(&path);
        assert_eq!(ingested.recordings[0].path, folder.join("Sitzung Ma\u{308}rz.wav"));
        archive.run(&["ingest", path.to_str().unwrap()]).expect(0);
    }
    let decomposed = write(
        archive.dir(),
        "Rede\u{308}.jsonl",
        &speech(1, "x", "Ein Satz.").to_string().replace("kt-1", "kt-2"),
    );
    archive.run(&["import", path(&decomposed).replace("e\u{308}", "ë").as_str()]).expect(0);
}

#[test]
fn of_two_files_that_look_alike_none_is_chosen() {
    let archive = Archive::new();
    let manifest = MANIFEST.replace("März", "Märzü").replace("papers", "# papers");
    write(archive.dir(), "Sitzung Ma\u{308}rzü.wav", "sound");
    write(archive.dir(), "Sitzung Märzu\u{308}.wav", "other sound");
    let manifest = write(archive.dir(), "meeting.toml", &manifest);
    archive.run(&["ingest", path(&manifest)]).expect(3).says(&[
        "Zeile 8",
        "nicht klar",
        "Ma<U+0308>rzü.wav",
        "Märzu<U+0308>.wav",
        "benennen",
    ]);
}
