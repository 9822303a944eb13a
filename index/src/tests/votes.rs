//! Votes are found by those who ask for them, and by nobody else; parties in every spelling.

use super::*;

fn item(title: &str) -> ItemRef {
    ItemRef { number: Some("7".to_owned()), title: title.to_owned(), paper: None }
}

/// A meeting that speaks of a cycle path and a bridge, and votes on both.
fn council() -> MeetingDoc {
    let mut meeting = said("m", "Der Radweg kommt, der Radweg ist breit.");
    meeting.passages[0].item = Some(item("Radweg am Ring"));
    meeting.passages.push(written("titel", Kind::Item, "Radweg am Ring", "Radweg am Ring"));
    for (id, on, title, result) in [
        ("v1", "Änderungsantrag DS0500/25/1: Radweg breiter", "Radweg am Ring", Some("abgelehnt")),
        ("v2", "Radweg am Ring", "Radweg am Ring", Some("einstimmig beschlossen")),
        ("v3", "Brücke am Wehr", "Brücke", None),
    ] {
        let vote = VoteRef {
            result: result.map(str::to_owned),
            verdicts: result.map(VoteVerdict::told).unwrap_or_default(),
            counts: None,
        };
        let written = written(id, Kind::Vote, on, title);
        meeting.passages.push(PassageDoc { vote: Some(vote), ..written });
    }
    meeting
}

fn written(id: &str, kind: Kind, text: &str, title: &str) -> PassageDoc {
    let mut passage = said("m", text).passages.remove(0);
    passage.word_times.clear();
    PassageDoc { id: id.to_owned(), kind, item: Some(item(title)), ..passage }
}

#[test]
fn votes_answer_those_who_ask_for_them() {
    let archive = Archive::with([council()]);
    let sorted = |q: &str| {
        let mut found = archive.found(q);
        found.sort();
        found
    };
    for (q, found) in [
        ("abstimmung:abgelehnt", &["v1"][..]),
        ("Abstimmung:Ablehnung", &["v1"]),
        ("vote:rejected", &["v1"]),
        ("abstimmung:\"abgelehnt\" Radweg", &["v1"]),
        ("abstimmung: abgelehnt", &["v1"]),
        ("abstimmung:abgelehnt Brücke", &[]),
        ("abstimmung:angenommen", &["v2"]),
        ("abstimmung:einstimmig Radweg", &["v2"]),
        ("abstimmung:\"einstimmig abgelehnt\"", &[]),
        ("abstimmung:(abgelehnt ODER beschlossen)", &["v1", "v2"]),
        ("abstimmung:", &["v1", "v2", "v3"]),
        ("abstimmung:*", &["v1", "v2", "v3"]),
        ("abstimmung:* Radweg", &["v1", "v2"]),
        ("abstimmung:* -abstimmung:abgelehnt", &["v2", "v3"]),
        ("abstimmung:* vorlage:DS0500/25/1", &[]),
        ("abstimmung:* top:Brücke", &["v3"]),
        ("abstimmung:Radweg", &["v1", "v2"]),
    ] {
        assert_eq!(sorted(q), found, "{q}");
    }
    let is_told = |q: &str, remark: Remark| archive.ask(q).understood.remarks.contains(&remark);
    assert!(is_told("abstimmung:Radweg", Remark::NoVerdict("Radweg".to_owned())));
    assert!(archive.ask("abstimmung:abgelehnt").understood.is_as_typed());
    let hit = archive.ask("abstimmung:abgelehnt").hits.remove(0);
    assert_eq!(hit.kind, Kind::Vote);
    assert_eq!(hit.vote.unwrap().result.as_deref(), Some("abgelehnt"));
}

#[test]
fn votes_are_no_hits_of_other_searches_but_offered() {
    let archive = Archive::with([council()]);
    for q in ["Radweg", "Radweg Ring", "top:Radweg", "", "datum:2021", "gremium:Kreistag", "TOP 7"]
    {
        let response = archive.ask(q);
        assert!(response.hits.iter().all(|hit| hit.kind != Kind::Vote), "{q}");
        assert_eq!(response.total as usize, response.hits.len(), "{q}");
    }
    assert_eq!(archive.found("Brücke"), [""; 0], "what only a vote says is found as a vote");
    let kinds = archive.ask("Radweg").facets.of(Facet::Kind).to_vec();
    let votes = kinds.iter().find(|bucket| bucket.id == "vote").unwrap();
    let filters = Filters::only(Facet::Kind, "vote");
    let found = archive.index.search(&Request { filters, ..request("Radweg") }).unwrap();
    assert_eq!((found.total, votes.count), (2, 2));
    assert!(found.hits.iter().all(|hit| hit.kind == Kind::Vote));
}

#[test]
fn a_party_is_one_in_every_spelling() {
    let speaks = |id: &str, party: &str| {
        let mut meeting = said(id, "Das Wort dazu.");
        let (id, name) = (id.to_owned(), format!("Frau {id}"));
        meeting.passages[0].speaker = Some(SpeakerRef { id, name, party: Some(party.to_owned()) });
        meeting
    };
    let archive = Archive::with([
        speaks("a", "CDU"),
        speaks("b", "CDU-Fraktion"),
        speaks("c", "Fraktion CDU"),
        speaks("d", "CDU/FDP"),
        speaks("e", "GRÜNE"),
        speaks("f", "BÜNDNIS 90/DIE\n      GRÜNEN"),
        speaks("g", "GRÜNE"),
    ]);
    let parties = archive.ask("wort").facets.of(Facet::Party).to_vec();
    let parties: Vec<_> = parties.iter().map(|b| (b.id.as_str(), b.count)).collect();
    assert_eq!(parties, [("CDU", 3), ("GRÜNE", 3), ("CDU/FDP", 1)]);
    for party in ["CDU", "cdu", "CDU-Fraktion", "Fraktion CDU", " CDU "] {
        let filters = Filters::only(Facet::Party, party);
        let found = archive.index.search(&Request { filters, ..request("wort") }).unwrap();
        assert_eq!(found.total, 3, "{party}");
    }
    let sorted = |q: &str| {
        let mut found = archive.found(q);
        found.sort();
        found
    };
    for q in [
        "partei:grüne",
        "fraktion:GRÜNE",
        "fraktion:\"Bündnis 90/Die Grünen\"",
        "fraktion:B90/Grüne",
    ] {
        assert_eq!(sorted(q), ["e/0", "f/0", "g/0"], "{q}");
    }
    for q in ["fraktion:CDU", "fraktion:CDU-Fraktion", "fraktion:\"Fraktion CDU\""] {
        assert_eq!(sorted(q), ["a/0", "b/0", "c/0", "d/0"], "{q}");
    }
}
