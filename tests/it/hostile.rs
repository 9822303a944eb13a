//! Attacks in every field of everything that is read in, through the real program to every door.

use serde_json::{Value, json};

use crate::harness::{Archive, Site};
use crate::markup::{assert_harmless_html, assert_well_formed_xml, payloads};

/// One meeting of each kind of source for an attack: speeches, a record with votes, OParl.
fn meeting(n: usize, payload: &str) -> [Value; 4] {
    // Behind a word, so that no field is empty when tags are taken out of it.
    let text = format!("Zitterwort {payload}");
    let url = format!("https://video.example/?{payload}").replace(char::is_whitespace, "+");
    let date = "2025-06-12";
    let speech = json!({
        "meeting": format!("rede-{n}"), "date": date, "body": text, "organization": text, "order": 1,
        "agenda_number": text, "agenda_title": text, "paper": text, "speaker": text, "party": text,
        "role": text, "start_ms": 1000, "end_ms": 2000, "text": text, "video_url": url,
    });
    let id = format!("akte-{n}");
    let record = json!({
        "meeting": id, "name": text, "date": date, "body": text, "organization": text,
        "video_url": url, "minutes_url": url, "agenda": [{"number": "1", "title": text, "paper": text,
            "kind": text, "movers": [text], "public": true}],
    });
    let vote = json!({
        "meeting": id, "agenda_number": "1", "motion": text, "title": text, "kind": text, "movers": [text],
        "at_ms": 1000, "result": text, "votes": [{"person": text, "party": text, "vote": "yes"}],
    });
    let oparl = format!("https://ris.example/{n}");
    let schema = |kind: &str| format!("https://schema.oparl.org/1.1/{kind}");
    let agenda = json!([{"id": format!("{oparl}/top"), "type": schema("AgendaItem"), "number": text,
        "name": text, "public": true, "result": text, "resolutionText": text}]);
    let council = json!({
        "meeting": {"id": oparl, "type": schema("Meeting"), "name": text, "start": "2025-06-12T17:00:00+02:00",
            "organization": [format!("{oparl}/rat")], "location": {"description": text}, "agendaItem": agenda},
        "organizations": [{"id": format!("{oparl}/rat"), "type": schema("Organization"), "name": text,
            "shortName": text, "classification": text}],
        "persons": [{"id": format!("{oparl}/p"), "type": schema("Person"), "name": text, "familyName": text,
            "givenName": text, "formOfAddress": text, "title": [text]}],
        "papers": [{"id": format!("{oparl}/v"), "type": schema("Paper"), "name": text, "reference": text,
            "paperType": text}],
    });
    [speech, record, vote, council]
}

#[test]
fn nothing_hostile_leaves_through_any_door() {
    let archive = Archive::new();
    let meetings: Vec<[Value; 4]> =
        payloads().iter().enumerate().map(|(n, payload)| meeting(n, payload)).collect();
    let at = |name: &str| archive.dir().join(name).to_str().unwrap().to_owned();
    for (kind, name) in ["speeches", "meetings", "votes"].iter().enumerate() {
        let lines: String = meetings.iter().map(|m| format!("{}\n", m[kind])).collect();
        std::fs::write(at(name), lines).unwrap();
        archive.run(&["import", &at(name), "--kind", name]).expect(0);
    }
    let files: Vec<String> = (0..meetings.len()).map(|n| at(&format!("oparl-{n}.json"))).collect();
    for (file, meeting) in files.iter().zip(&meetings) {
        std::fs::write(file, meeting[3].to_string()).unwrap();
    }
    let arguments: Vec<&str> =
        ["ingest"].into_iter().chain(files.iter().map(String::as_str)).collect();
    archive.run(&arguments).expect(0);

    let site = Site::start(&archive);
    let json = |path: &str| -> Value {
        let answer = site.get(path);
        assert_eq!(answer.status, 200, "{path}");
        serde_json::from_str(&answer.text()).unwrap()
    };
    let all = json("/api/v1/meetings")["meetings"].as_array().unwrap().clone();
    assert_eq!(all.len(), 3 * meetings.len());
    let ids: Vec<&str> = all.iter().map(|m| m["id"].as_str().unwrap()).collect();
    let mut pages: Vec<String> =
        ids.iter().map(|id| format!("/sitzung/{id}?q=Zitterwort")).collect();
    pages.extend(["/", "/sitzungen"].map(str::to_owned));
    for page in 1..=4 {
        pages.push(format!("/suche?q=Zitterwort&page={page}"));
        pages.push(format!("/suche?q=Zitterwort&group=debate&page={page}"));
        json(&format!("/api/v1/search?q=Zitterwort&page={page}"));
    }
    for page in &pages {
        let answer = site.get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert_harmless_html(page, &answer.text());
    }
    ids.iter().for_each(|id| drop(json(&format!("/api/v1/meetings/{id}"))));
    for page in ["/suche.atom?q=Zitterwort", "/sitzungen.atom", "/sitemap.xml", "/opensearch.xml"] {
        let answer = site.get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert_well_formed_xml(page, &answer.text());
    }
    let calendar = site.get("/sitzungen.ics").text();
    for event in ["\r\nBEGIN:VEVENT\r\n", "\r\nEND:VEVENT\r\n", "\r\nUID:"] {
        assert_eq!(calendar.matches(event).count(), all.len(), "{event:?}");
    }
    assert!(
        calendar.split("\r\n").all(|line| line.len() <= 75 && !line.contains(char::is_control))
    );
    assert!(!calendar.contains("\r\nX-Injected"));
}
