//! What of a council comes into a vocabulary, in which order, and what never; files of one's own.

use std::path::PathBuf;

use super::*;
use crate::archive::models;
use crate::domain::{Transcript, Word};
use crate::eval;
use crate::pipeline::recognition::tokenizer;
use crate::transcribe::{self, Corrector};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The invented meeting as `align --meeting` takes it.
pub(in crate::pipeline) fn demo() -> Council {
    let file = |name: &str| -> serde_json::Value {
        let path = root().join("fixtures/meetings/kreistag-demo").join(name);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let bundle = serde_json::json!({
        "meeting": file("meeting.json"), "persons": file("persons.json"), "papers": file("papers.json"),
    });
    ingest::align_input(&bundle.to_string()).unwrap()
}

fn span(start: u64, end: u64) -> Span {
    Span::new(MediaTime::from_millis(start), MediaTime::from_millis(end)).unwrap()
}

fn prompt(vocabulary: &RecordingVocabulary, window: Span) -> String {
    let model = root().join("fixtures/models/whisper-base-q8_0.bin");
    let tokenizer = tokenizer(&models::find(model.to_str().unwrap(), &[]).unwrap()).unwrap();
    String::from_utf8(tokenizer.decode(&vocabulary.prompt(window, &tokenizer))).unwrap()
}

/// The places of these texts in a prompt rise.
#[track_caller]
fn in_order(prompt: &str, texts: &[&str]) {
    let places: Vec<usize> = texts
        .iter()
        .map(|t| prompt.rfind(t).unwrap_or_else(|| panic!("{t} is not in {prompt}")))
        .collect();
    assert!(places.is_sorted(), "{texts:?} in {prompt}");
}

#[test]
fn without_an_alignment_only_general_terms_are_prompted() {
    let vocabulary = vocabulary(&demo(), None);
    let prompt = prompt(&vocabulary, span(0, 9000));
    in_order(&prompt, &["Jörg Keller", "Kreistag", "Holger Neumann", "Renate Bergmann."]);
    in_order(&prompt, &["Landrat Jens Lindner", "Renate Bergmann."]);
    assert!(!prompt.contains("Turnhalle"), "{prompt}");
    assert!(vocabulary.terms().iter().any(|t| t.text() == "Sanierung der Turnhalle"));
}

#[test]
fn an_item_is_prompted_where_it_is_treated() {
    let council = demo();
    let item =
        council.meeting.agenda.iter().find(|i| i.title == "Sanierung der Turnhalle").unwrap();
    let speaker = council.persons.iter().find(|p| p.name == "Jörg Keller").unwrap();
    let at = MediaTime::from_millis;
    let alignment = Alignment {
        format: crate::domain::ALIGNMENT_FORMAT.into(),
        items: vec![crate::domain::ItemAlignment {
            id: item.id.clone(),
            number: None,
            spans: vec![span(600_000, 700_000)],
            confidence: 1.0,
            evidence: Vec::new(),
            votes: Vec::new(),
        }],
        turns: vec![crate::domain::Turn {
            start_ms: at(650_000),
            end_ms: at(660_000),
            person: Some(speaker.id.clone()),
            name: None,
            role: Default::default(),
            confidence: 1.0,
            evidence: Vec::new(),
        }],
    };
    // The recording starts ten minutes into the meeting.
    let vocabulary = vocabulary(&council, Some((&alignment, at(600_000))));
    let during = prompt(&vocabulary, span(50_000, 59_000));
    in_order(
        &during,
        &["Renate Bergmann", "Jörg Keller", "BV-0012/21", "Sanierung der Turnhalle."],
    );
    let after = prompt(&vocabulary, span(120_000, 129_000));
    assert!(!after.contains("Turnhalle"), "{after}");
    in_order(&after, &["Jörg Keller", "Renate Bergmann."]);
}

#[test]
fn hidden_items_and_their_papers_give_no_terms() {
    let mut council = demo();
    // Ingest drops such titles; here they are put back, as if it had not.
    for item in council.meeting.agenda.iter_mut().filter(|i| !i.public) {
        item.title = "Geheimakte Silbersee".into();
    }
    let mut secret = council.papers[0].clone();
    secret.id = crate::domain::PaperId::new("geheim").unwrap();
    secret.name = "Geheimakte Silbersee, Vertrag".into();
    secret.reference = Some("NV-0099/21".into());
    let hidden = council.meeting.agenda.iter_mut().find(|i| !i.public).unwrap();
    hidden.papers = vec![secret.id.clone()];
    council.papers.push(secret);
    let all =
        vocabulary(&council, None).terms().iter().map(|t| t.text().to_owned()).collect::<Vec<_>>();
    for marker in ["Silbersee", "Rabenstein", "NV-0099/21"] {
        assert!(all.iter().all(|t| !t.contains(marker)), "{marker} in {all:?}");
    }
    assert!(all.iter().any(|t| t == "MV-0029/21"), "{all:?}");
}

/// Noisy transcripts with what was really said beside them: correction finds more names, is nearly
/// always right, and never makes a text worse. Only the first words are compared, for speed; what is
/// ordinary is learnt from all.
#[test]
fn correction_finds_names_and_never_worsens_a_text() {
    const WORDS: usize = 2500;
    let Some(folder) = crate::shared::shared("data/align") else { return };
    let cases = std::fs::read_dir(&folder).unwrap();
    let mut pooled = eval::NameScore::default();
    for noisy in
        cases.map(|c| c.unwrap().path()).filter(|p| p.to_string_lossy().ends_with("-noisy"))
    {
        let clean = PathBuf::from(noisy.to_string_lossy().replace("-noisy", "-clean"));
        let council = ingest::align_input(&gunzip(&noisy.join("meeting.json.gz"))).unwrap();
        let words = |case: &Path| -> Vec<Word> {
            let json = gunzip(&case.join("transcript.json.gz"));
            serde_json::from_str::<Transcript>(&json).unwrap().words
        };
        let (mut said, heard) = (words(&clean), words(&noisy));
        said.truncate(WORDS);
        let vocabulary = vocabulary(&council, None);
        let names = transcribe::names(&vocabulary);
        let raw = heard[..WORDS].to_vec();
        let mut corrected = raw.clone();
        let corrections = Corrector::new(&vocabulary, &heard).correct(&mut corrected) as u64;
        let said: Vec<&str> = said.iter().map(|w| w.text.as_str()).collect();
        let count = |words: &[Word]| {
            let heard: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
            eval::names(&said, &heard, &names)
        };
        let score = eval::NameScore {
            heard: Some(count(&raw)),
            prompted: None,
            corrected: count(&corrected),
            corrections,
        };
        assert!(score.corrected.errors <= count(&raw).errors, "{}\n{score}", noisy.display());
        pooled += score;
    }
    println!("{pooled}");
    let heard = pooled.heard.unwrap();
    assert!(pooled.corrected.recall() > heard.recall() + 0.04, "{pooled}");
    assert!(pooled.corrected.precision() > 0.97, "{pooled}");
}

fn gunzip(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    text
}

#[test]
fn a_vocabulary_file_has_a_term_a_line_or_is_a_meeting() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vokabular.txt");
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read_vocabulary(&path)
    };
    let terms =
        |v: RecordingVocabulary| v.terms().iter().map(|t| t.text().to_owned()).collect::<Vec<_>>();
    let lines = "\u{feff}# Orte\r\nMusterstadt\r\n\r\n  Frau   Dr. Müßig \n#Ende";
    assert_eq!(terms(read(lines.as_bytes()).unwrap()), ["Musterstadt", "Frau Dr. Müßig"]);
    let meeting = r#"{"meeting": {"id": "m", "type": "https://schema.oparl.org/1.1/Meeting",
        "name": "Sitzung", "agendaItem": [{"id": "i", "name": "Neubau", "public": true}]}}"#;
    assert!(terms(read(meeting.as_bytes()).unwrap()).contains(&"Neubau".to_owned()));

    let long = format!("gut\n{}", "x".repeat(201));
    for (bytes, place) in [
        (&b"gut\nschlecht\xff\n"[..], "Zeile 2"),
        (&b"gut\n\nein\x07Ton\n"[..], "Zeile 3"),
        (long.as_bytes(), "Zeile 2"),
        (&b"# nur ein Kommentar\n"[..], "keinen Begriff"),
        (&b"{\"meeting\": "[..], "vokabular.txt"),
        (&b"{}"[..], "vokabular.txt"),
    ] {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.kind(), crate::domain::ErrorKind::BadInput);
        assert!(error.to_string().contains(place), "{error}");
    }
    assert!(read_vocabulary(&dir.path().join("fehlt.txt")).is_err());
}

/// Of a long glossary the newest terms are prompted last, where they count most; all of them correct names, and
/// those who are there still have their room.
#[test]
fn a_glossary_is_prompted_without_crowding_out_who_is_there() {
    let places: Vec<String> = (0..200).map(|n| format!("Ort{}", letters(n))).collect();
    let glossary: Vec<GlossaryTerm> =
        (1..).zip(&places).map(|(n, place)| term_of(n, place)).collect();
    let vocabulary = with_glossary(vocabulary(&demo(), None), &glossary);
    let prompt = prompt(&vocabulary, span(0, 9000));
    in_order(&prompt, &["Bergmann", &places[184], &format!("{}.", places[199])]);
    assert!(!prompt.contains(&places[0]), "{prompt}");
    assert!(places.iter().all(|place| vocabulary.terms().iter().any(|t| t.text() == place)));
    let without = super::vocabulary(&demo(), None);
    assert_eq!(with_glossary(without.clone(), &[]), without, "nothing is another key");
}

fn letters(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    [letter(n / 26), letter(n), 'h'].iter().collect()
}

fn term_of(number: u64, spelling: &str) -> GlossaryTerm {
    GlossaryTerm {
        number,
        body: crate::domain::BodyId::new("body").unwrap(),
        spelling: crate::domain::TermSpelling::new(spelling).unwrap(),
        kind: GlossaryKind::Place,
        heard_as: Vec::new(),
        note: String::new(),
        made: crate::domain::Signature { by: "klein".into(), at: jiff::Timestamp::UNIX_EPOCH },
        taken_back: None,
    }
}
