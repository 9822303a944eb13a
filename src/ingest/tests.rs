//! Reading whole sources: OParl as servers give it, real where that is at hand, hostile OParl,
//! manifests right and wrong.

use std::collections::HashSet;
use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::{AgendaItem, Channels, ErrorKind, Track};
use crate::shared::shared;

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn only(mut found: Vec<Result<Ingested>>) -> Ingested {
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).unwrap()
}

/// What must hold of every meeting, whatever it came from.
fn assert_sound(council: &Council) {
    let agenda = &council.meeting.agenda;
    let ids: HashSet<_> = agenda.iter().map(|item| &item.id).collect();
    assert_eq!(ids.len(), agenda.len(), "agenda item ids repeat");
    for (order, item) in agenda.iter().enumerate() {
        assert_eq!(item.order as usize, order);
        let silent = item.title.is_empty() && item.papers.is_empty() && item.result.is_none();
        assert!(item.public || silent, "a hidden item speaks: {item:?}");
        assert!(item.papers.iter().all(|id| council.paper(id).is_some()), "{item:?}");
    }
    let persons: HashSet<_> = council.persons.iter().map(|person| &person.id).collect();
    assert_eq!(persons.len(), council.persons.len(), "person ids repeat");
    assert!(council.meeting.participants.iter().all(|id| persons.contains(id)));
    let hosts = &council.meeting.organizations;
    assert!(hosts.iter().all(|id| council.organizations.iter().any(|o| o.id == *id)));
    assert_eq!(council.meeting.body, council.body.id);
}

/// Folders of OParl as servers give it, with how many meetings lie in each at least: invented ones of
/// three kinds of servers, and real ones where they are at hand.
fn servers() -> Vec<(PathBuf, usize)> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oparl");
    let real = shared("data/oparl").map(|folder| (folder, 20));
    [(made, 3)].into_iter().chain(real).collect()
}

/// All OParl meetings in the JSON files of a folder with their files, read strictly.
fn originals(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(originals(&path));
        } else if path.extension().is_some_and(|e| e == "json") {
            let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let kind = value["type"].as_str().unwrap_or_default();
            all.extend(kind.ends_with("/Meeting").then_some((path, value)));
        }
    }
    all
}

#[test]
fn meetings_of_servers_lose_nothing_and_gain_nothing() {
    for (folder, least) in servers() {
        nothing_is_lost_or_gained(&folder, least);
    }
}

fn nothing_is_lost_or_gained(folder: &Path, least: usize) {
    let found: Vec<Ingested> = read(folder).into_iter().map(|m| m.unwrap()).collect();
    let originals: Vec<Value> = originals(folder).into_iter().map(|(_, value)| value).collect();
    assert!(originals.len() >= least, "{} in {}", originals.len(), folder.display());
    assert_eq!(found.len(), originals.len());
    let ids: HashSet<_> = found.iter().map(|m| &m.council.meeting.id).collect();
    assert_eq!(ids.len(), found.len(), "meeting ids repeat");
    for original in &originals {
        let of = |m: &&Ingested| m.council.meeting.oparl_id.as_deref() == original["id"].as_str();
        let ingested = found.iter().find(of).expect("a meeting is lost");
        assert_sound(&ingested.council);
        let meeting = &ingested.council.meeting;
        assert_eq!(Some(&meeting.name), text(&original["name"]).as_ref());
        let start: jiff::Timestamp = original["start"].as_str().unwrap().parse().unwrap();
        assert_eq!(meeting.start, Some(start));
        assert!(
            original["start"].as_str().unwrap().starts_with(&meeting.date.unwrap().to_string())
        );
        // What a server says it has deleted is no item any more.
        let mut items = original["agendaItem"].as_array().cloned().unwrap_or_default();
        items.retain(|item| item["deleted"] != true);
        assert_eq!(meeting.agenda.len(), items.len(), "{}", meeting.id);
        for (item, original) in meeting.agenda.iter().zip(&items) {
            assert_same(item, original);
        }
    }
}

fn assert_same(item: &AgendaItem, original: &Value) {
    assert_eq!(item.id.as_str(), original["id"].as_str().unwrap());
    assert_eq!(item.number, text(&original["number"]));
    assert_eq!(item.public, original["public"] == true);
    if item.public {
        assert_eq!(Some(&item.title), text(&original["name"]).as_ref());
        assert_eq!(item.result, text(&original["result"]));
    }
}

/// Text as a reader sees it: white space does not count, blank is nothing.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

#[test]
fn a_meeting_keeps_its_id_whatever_lies_beside_it() {
    for (folder, _) in servers() {
        let originals = originals(&folder);
        for together in read(&folder).into_iter().map(|m| m.unwrap().council.meeting) {
            let url = together.oparl_id.as_deref();
            let of = |(_, original): &&(PathBuf, Value)| original["id"].as_str() == url;
            let (file, _) = originals.iter().find(of).expect("it came from a file");
            assert_eq!(only(read(file)).council.meeting.id, together.id);
        }
    }
}

/// Any JSON, of the kinds that servers confuse.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3i64).prop_map(Value::from),
        "[ab]|N/A| |\\PC{0,6}|2021-06-21T17:00:00\\+02:00".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 40, 6, |inner| {
        let keys = prop::sample::select(vec![
            "id",
            "type",
            "name",
            "number",
            "public",
            "deleted",
            "consultation",
            "paper",
            "agendaItem",
            "organization",
            "membership",
            "person",
            "participant",
            "start",
            "data",
            "reference",
            "role",
            "title",
            "result",
            "body",
            "onBehalfOf",
            "classification",
        ]);
        let object = prop::collection::hash_map(keys, inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

/// Objects with any fields, of which many share an id.
fn any_objects(kind: &'static str) -> impl Strategy<Value = Vec<Value>> {
    let object = (any_value(), "[ab]?", any_value()).prop_map(move |(rest, id, name)| {
        let mut object = rest.as_object().cloned().unwrap_or_default();
        object.insert("type".to_owned(), json!(kind));
        object.insert("id".to_owned(), json!(id));
        object.entry("name").or_insert(name);
        Value::from(object)
    });
    prop::collection::vec(object, 0..5)
}

proptest! {
    #[test]
    fn whatever_a_server_sends_is_read_soundly_or_refused(
        meeting in any_value(), items in any_objects("AgendaItem"),
        persons in any_objects("Person"), papers in any_objects("Paper"),
    ) {
        let mut meeting = meeting.as_object().cloned().unwrap_or_default();
        meeting.insert("agendaItem".to_owned(), Value::from(items));
        let bundle = json!({"meeting": meeting, "persons": persons, "papers": papers});
        match align_input(&bundle.to_string()) {
            Ok(council) => assert_sound(&council),
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::BadInput),
        }
    }

    #[test]
    fn any_json_is_refused_or_read(meeting in any_value(), persons in any_value()) {
        let _ = align_input(&json!({"meeting": meeting, "persons": persons}).to_string());
    }
}

/// ALLRIS as it comes: `public` missing, an object for a list, blanks, control characters.
const QUIRKY: &str = "{\"id\":\"https://ris.example/meetings?id=1\",
    \"type\":\"http://schema.oparl.org/1.0/Meeting/\",\"name\":\"Sitzung\tdes Kreistages\",
    \"start\":\"2021-06-21T17:00:00+02:00\",\"organization\":\"https://ris.example/org/1\",
    \"agendaItem\":[
      {\"id\":\"i/1\",\"number\":\"Ö 5\",\"name\":\"Radwege\",\"public\":true,\"order\":100001,
       \"consultation\":\"https://ris.example/consultations/9\",\"result\":\" \"},
      {\"id\":\"i/2\",\"number\":\"6\",\"name\":\"GEHEIM Eins\",\"consultation\":\"c/2\"},
      {\"id\":\"i/3\",\"number\":\"\",\"name\":\"GEHEIM Zwei\",\"public\":false,\"result\":\"GEHEIM\",
       \"consultation\":{\"paper\":{\"id\":\"p/3\",\"name\":\"GEHEIM Drei\"}}},
      {\"id\":\"i/1\",\"number\":\"Ö 5\",\"name\":\"Radwege, zweite Lesung\",\"public\":true},
      {\"id\":\"i/9\",\"name\":\"Gestrichen\",\"public\":true,\"deleted\":true}]}";

const BESIDE: &str = r#"{"data":[
    {"type":"https://schema.oparl.org/1.1/Organization","id":"https://ris.example/org/1",
     "name":"Kreistag","classification":"Gremium","body":"https://ris.example/body/1"},
    {"type":"https://schema.oparl.org/1.1/Body","id":"https://ris.example/body/1",
     "name":"Landkreis Musterland"},
    {"type":"https://schema.oparl.org/1.1/Paper","id":"p/1","reference":"MV-0029/21",
     "name":"Radwegekonzept","consultation":{"id":"https://ris.example/consultations/9"}},
    {"type":"https://schema.oparl.org/1.1/Paper","id":"p/2","name":"GEHEIM Vier",
     "consultation":[{"id":"c/2","agendaItem":"i/2"}]},
    {"type":"https://schema.oparl.org/1.1/Person","id":"u/1","name":"Dr. Ada Muster",
     "familyName":"Muster","givenName":"Ada","title":"Dr.","formOfAddress":"Frau",
     "status":["Landrätin"],
     "membership":[{"organization":"https://ris.example/org/1","role":"Mitglied",
                    "startDate":"2019-06-01","onBehalfOf":{"id":"g/1","name":"Fraktion ABC"}}]},
    {"type":"https://schema.oparl.org/1.1/Person","id":"u/2","name":"Unbeteiligter Dritter",
     "membership":[{"organization":"https://ris.example/org/2"}]}],
  "links":{}}"#;

#[test]
fn objects_beside_a_meeting_are_put_to_use_and_hidden_items_say_nothing() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("a/meeting.json", QUIRKY), ("b/rest.json", BESIDE), ("c.json", "[1]")]);
    let ingested = only(read(dir.path()));
    let council = &ingested.council;
    assert_sound(council);
    assert!(!format!("{ingested:?}").contains("GEHEIM"), "{ingested:#?}");

    let meeting = &council.meeting;
    assert_eq!(meeting.name, "Sitzung des Kreistages");
    assert!(meeting.id.as_str().starts_with("sitzung-des-kreistages-2021-06-21-"));
    assert_eq!(council.body.name, "Landkreis Musterland");
    let shown: Vec<_> = meeting.agenda.iter().map(|i| (i.number.as_deref(), i.public)).collect();
    let five = (Some("Ö 5"), true);
    assert_eq!(shown, [five, (Some("6"), false), (None, false), five]);
    assert_eq!(council.reference(&meeting.agenda[0]), Some("MV-0029/21"));
    assert_eq!(council.papers.len(), 1);

    let [person] = &council.persons[..] else { panic!("{:?}", council.persons) };
    assert_eq!(person.spoken_name(), "Frau Dr. Muster");
    assert_eq!(person.party_on(Some(jiff::civil::date(2021, 6, 21))), Some("Fraktion ABC"));
    assert_eq!(person.party_on(Some(jiff::civil::date(2018, 6, 21))), None);
    assert!(person.memberships.iter().any(|m| m.role.as_deref() == Some("Landrätin")));
    let told: Vec<String> = ingested.quirks.iter().map(Quirk::to_string).collect();
    for part in [
        "Steuerzeichen",
        "klare Angabe „public“",
        "doppelter Kennung",
        "gelöschte",
        "schon vergeben",
    ] {
        assert!(told.iter().any(|quirk| quirk.contains(part)), "{part} in {told:#?}");
    }
}

#[test]
fn a_wrong_meeting_keeps_no_other_from_being_read() {
    let dir = tempfile::tempdir().unwrap();
    let deleted = r#"{"type":"https://schema.oparl.org/1.1/Meeting","id":"x","deleted":true}"#;
    write(
        dir.path(),
        &[
            ("1.json", QUIRKY),
            ("2.json", "{\"type\": \"https://schema"),
            ("3.json", deleted),
            ("4/meeting.toml", "[meeting]\nid = \"Großes K\"\nbody = \"b\"\n"),
            ("5.json", QUIRKY),
        ],
    );
    let found = read(dir.path());
    let errors: Vec<String> =
        found.iter().filter_map(|m| m.as_ref().err()).map(ToString::to_string).collect();
    assert_eq!((found.len(), errors.len()), (4, 3), "{errors:#?}");
    for part in ["2.json, Zeile 1", "gelöscht", "meeting.toml, Zeile 2, Spalte 6"] {
        assert!(errors.iter().any(|error| error.contains(part)), "{part} in {errors:#?}");
    }
    let found = read(&dir.path().join("missing"));
    assert!(found[0].as_ref().is_err_and(|e| e.kind() == ErrorKind::BadInput));
}

const MANIFEST: &str = r#"[meeting]
id = "kreistag-2021-06-21"
body = "Landkreis Musterland"
organization = "Kreistag"
name = "12. Sitzung des Kreistages"
start = "2021-06-21T17:00:00+02:00"
papers = "papers.json"
synthetic = true

[[recording]]
file = "sitzung.mp4"
offset = "00:00:10"
video_url = "https://video.example/watch?v=1"
video_offset = "-00:03:12"
public = [["00:02:10", "01:58:00"], ["02:30:00", "02:31:00.5"]]
track = "deu"
channels = "split"
seats = ["Vorsitz", "Rednerpult"]

[[agenda]]
number = "5"
title = "Einführung eines Livestreams"
paper = "mv-0029/21 "
public = true

[[agenda]]
title = "GEHEIM"
"#;
const PAPERS: &str =
    r#"[{"id":"p/1","reference":"MV-0029/21","name":"Livestream","paperType":"x"}]"#;

#[test]
fn a_recording_that_is_shown_elsewhere_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let linked = MANIFEST.replace("track = ", "publish = \"link\"\ntrack = ");
    let files = |manifest: &str| {
        write(
            dir.path(),
            &[("meeting.toml", manifest), ("papers.json", PAPERS), ("sitzung.mp4", "")],
        );
        read(dir.path()).remove(0)
    };
    assert_eq!(files(&linked).unwrap().recordings[0].shown_as, ShownAs::Link);
    let url = "video_url = \"https://video.example/watch?v=1\"\n";
    for (manifest, wanted) in [
        (linked.replace("\"link\"", "\"geheim\""), "„geheim“ ist keine Art"),
        (linked.replace(url, ""), "Ohne video_url"),
    ] {
        let error = files(&manifest).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_manifest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let files = [("meeting.toml", MANIFEST), ("papers.json", PAPERS), ("sitzung.mp4", "")];
    write(dir.path(), &files);
    let ingested = only(read(dir.path()));
    assert_sound(&ingested.council);
    assert!(!format!("{ingested:?}").contains("GEHEIM"));
    let meeting = &ingested.council.meeting;
    assert_eq!((meeting.id.as_str(), meeting.synthetic), ("kreistag-2021-06-21", true));
    assert_eq!(meeting.oparl_id, None);
    assert_eq!(meeting.start.unwrap().to_string(), "2021-06-21T15:00:00Z");
    assert_eq!(ingested.council.organizations[0].name, "Kreistag");
    assert_eq!(ingested.council.reference(&meeting.agenda[0]), Some("MV-0029/21"));
    let recording = &ingested.recordings[0];
    assert_eq!(recording.path, dir.path().join("sitzung.mp4"));
    assert_eq!((recording.offset.millis(), recording.video_offset_ms), (10_000, -192_000));
    assert_eq!(recording.shown_as, ShownAs::File);
    let public = recording.public.as_ref().unwrap().within(MediaTime::from_millis(10_000_000));
    let public: Vec<_> = public.iter().map(|s| (s.start().millis(), s.end().millis())).collect();
    assert_eq!(public, [(130_000, 7_080_000), (9_000_000, 9_060_500)]);
    let sound = SoundChoice { track: Track::Language("deu".to_owned()), channels: Channels::Split };
    assert_eq!(recording.sound, sound);
    assert_eq!(recording.seats, ["Vorsitz", "Rednerpult"]);
}

#[test]
fn a_manifest_takes_its_agenda_from_oparl() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = "[meeting]\nid = \"kt-1\"\nbody = \"Musterland\"\norganization = \"Kreistag\"\n\
        oparl = \"meeting.json\"\npersons = \"rest.json\"\n";
    write(
        dir.path(),
        &[("meeting.toml", manifest), ("meeting.json", QUIRKY), ("rest.json", BESIDE)],
    );
    let ingested = only(read(dir.path()));
    assert_sound(&ingested.council);
    assert!(!format!("{ingested:?}").contains("GEHEIM"));
    let meeting = &ingested.council.meeting;
    assert_eq!((meeting.id.as_str(), meeting.agenda.len()), ("kt-1", 4));
    assert_eq!(meeting.oparl_id.as_deref(), Some("https://ris.example/meetings?id=1"));
    assert_eq!(ingested.council.body.name, "Musterland");
    assert_eq!(ingested.council.persons.len(), 2, "all persons of the manifest are taken");
}

#[test]
fn wrong_manifests_are_refused_with_place_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("papers.json", PAPERS), ("sitzung.mp4", "")]);
    let (path, oparl) = (dir.path().join("meeting.toml"), "papers = \"papers.json\"");
    for (right, wrong, line, part) in [
        ("sitzung.mp4", "fehlt.mp4", 11, "fehlt.mp4 gibt es nicht"),
        ("01:58:00", "00:01:00", 15, "bevor er beginnt"),
        ("01:58:00", "01:61:00", 15, "keine Zeit der Form"),
        ("00:00:10", "zehn", 12, "keine Zeit der Form"),
        ("-00:03:12", "-3 Minuten", 14, "keine Zeit der Form"),
        ("https://video.example", "javascript:alert(1)//", 13, "keine Adresse"),
        ("mv-0029/21", "MV-9999/21", 23, "„MV-9999/21“ steht nicht"),
        ("id = \"kreistag-2021-06-21\"", "id = \"Kreistag 2021\"", 2, "Sitzungskennung"),
        ("offset =", "ofset =", 12, "Unbekannter Eintrag „ofset“"),
        ("body = \"Landkreis Musterland\"", "", 1, "„body“ fehlt"),
        ("public = true", "public = \"ja\"", 24, "true oder false"),
        ("+02:00", "", 6, "Zeitzone"),
        ("\"2021-06-21T17:00:00+02:00\"", "2021-06-21T17:00:00+02:00", 6, "Anführungszeichen"),
        ("\"deu\"", "0", 16, "„0“ ist keine Tonspur"),
        ("\"split\"", "\"stereo\"", 17, "möglich sind mix"),
        ("\"split\"", "\"mix\"", 18, "einem Mikrofon je Kanal"),
        ("Vorsitz", " ", 18, "keiner davon leer"),
        (oparl, "oparl = \"papers.json\"", 7, "darf keine [[agenda]]"),
        (oparl, "persons = \"weg.json\"", 7, "weg.json gibt es nicht"),
        ("\"Kreistag\"", "\"Kreistag", 4, "nicht lesbar"),
    ] {
        assert!(MANIFEST.contains(right), "{right}");
        fs::write(&path, MANIFEST.replacen(right, wrong, 1)).unwrap();
        let error = read(dir.path()).remove(0).expect_err(wrong);
        assert_eq!(error.kind(), ErrorKind::BadInput);
        let message = error.to_string();
        assert!(message.contains(&format!("meeting.toml, Zeile {line}, Spalte ")), "{message}");
        assert!(message.contains(part), "{part} in {message}");
        assert!(message.matches(". ").count() >= 1, "no remedy: {message}");
    }
}

#[test]
fn memberships_begin_and_end_on_days_in_germany() {
    let dir = tempfile::tempdir().unwrap();
    let meeting = json!({
        "id": "https://ris.example/meeting/9", "type": "https://schema.oparl.org/1.1/Meeting",
        "name": "Sitzung des Rates", "start": "2019-06-15T17:00:00+02:00",
        "organization": [{"id": "https://ris.example/org/1", "name": "Rat",
            "type": "https://schema.oparl.org/1.1/Organization"}],
        "agendaItem": [{"number": "1", "public": true, "name": "Haushalt"}],
    });
    let person = json!({
        "id": "https://ris.example/person/9", "type": "https://schema.oparl.org/1.1/Person",
        "name": "Frau Muster",
        "membership": [{
            "startDate": "2019-05-31T22:00:00Z", "endDate": "2019-06-29T23:00:00-05:00",
            "organization": "https://ris.example/org/1", "role": "Mitglied",
            "onBehalfOf": {"id": "g/1", "name": "Fraktion XYZ"},
        }],
    });
    write(
        dir.path(),
        &[("meeting.json", &meeting.to_string()), ("person.json", &person.to_string())],
    );
    let council = only(read(dir.path())).council;
    let [person] = &council.persons[..] else { panic!("{:?}", council.persons) };
    let party = |month, day| person.party_on(Some(jiff::civil::date(2019, month, day)));
    for (month, day) in [(6, 1), (6, 30)] {
        assert_eq!(party(month, day), Some("Fraktion XYZ"), "{day}.{month}.");
    }
    for (month, day) in [(5, 31), (7, 1)] {
        assert_eq!(party(month, day), None, "{day}.{month}.");
    }
}
