//! Votes as documents, of a meeting with two public items and one that is not.

use super::*;
use crate::domain::{ALIGNMENT_FORMAT, AgendaItem, ItemAlignment, MeetingId, Span};

/// Two public items and one that is not.
fn council() -> Council {
    let id = MeetingId::new("kt-1").unwrap();
    let date = jiff::civil::date(2025, 6, 12);
    let mut council = Council::by_names(&id, "Lindenau", Some("Rat"), date).unwrap();
    let titles = [("3", "Radweg am Ring"), ("4", "Brücke"), ("N 1", "")];
    council.meeting.agenda.extend(titles.into_iter().enumerate().map(|(n, (number, title))| {
        AgendaItem {
            id: item_id(n),
            number: Some(number.to_owned()),
            order: n as u32,
            title: title.to_owned(),
            public: !number.starts_with('N'),
            papers: Vec::new(),
            result: None,
        }
    }));
    council
}

fn item_id(n: usize) -> AgendaItemId {
    AgendaItemId::new(format!("kt-1/{n}")).unwrap()
}

fn millis(ms: u64) -> MediaTime {
    MediaTime::from_millis(ms)
}

/// What was said under an item, from a word and a time on.
fn said(council: &Council, n: usize, first_word: u32, start_ms: u32) -> index::PassageDoc {
    let mut names = PassageNames::default();
    let items = public_items(council);
    index::PassageDoc {
        id: names.name(council, format!("t{start_ms}")),
        order: n as u32,
        kind: index::Kind::Spoken,
        item: items.get(&item_id(n)).cloned(),
        speaker: None,
        first_word,
        words: ["Ja."].into_iter().collect(),
        lookahead: index::Words::default(),
        word_times: Vec::new(),
        start_ms: Some(start_ms),
        end_ms: None,
        link: None,
        review: None,
        role: None,
        formula: false,
        unlisted: false,
        vote: None,
    }
}

fn text(vote: &index::PassageDoc) -> String {
    vote.words.iter().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_the_chair_announced_is_a_vote_at_its_second_under_its_public_item() {
    let council = council();
    let rejected = Vote {
        start_ms: millis(65_000),
        end_ms: millis(68_000),
        outcome: Outcome::Rejected,
        majority: Some(Majority::ByMajority),
        in_favour: None,
        against: Some(3),
        abstentions: None,
        words: "Damit ist der Antrag mehrheitlich abgelehnt.".to_owned(),
    };
    let aligned = |n: usize| ItemAlignment {
        id: item_id(n),
        number: None,
        spans: vec![Span::new(millis(60_000), millis(70_000)).unwrap()],
        confidence: 1.0,
        evidence: Vec::new(),
        votes: vec![rejected.clone()],
    };
    let alignment = Alignment {
        format: ALIGNMENT_FORMAT.to_owned(),
        items: vec![aligned(0), aligned(2)],
        turns: Vec::new(),
    };
    let spoken = [said(&council, 0, 0, 60_000), said(&council, 1, 40, 70_000)];
    let all = votes(&council, Some(&alignment), &Elsewhere::default(), &spoken);
    let [(place, vote)] = all.as_slice() else { panic!("{all:#?}") };
    assert_eq!((*place, vote.start_ms, vote.end_ms), (1, Some(65_000), Some(68_000)));
    assert!(text(vote).starts_with("Radweg am Ring – „Damit"), "{vote:?}");
    let known = vote.vote.as_ref().unwrap();
    assert_eq!(known.result.as_deref(), Some("mehrheitlich abgelehnt"));
    assert_eq!(known.verdicts, [VoteVerdict::Rejected, VoteVerdict::ByMajority].into());
    assert_eq!(known.counts.unwrap().no, Some(3));
}

#[test]
fn what_others_recorded_has_the_result_that_they_tell_and_no_other() {
    let recorded = serde_json::json!([
        {"agenda_number": "3.1", "motion": "DS0500/25/1", "title": "Breiter", "kind": "Änderungsantrag",
         "movers": ["Linde"], "at_ms": 66_000, "result": "abgelehnt", "counts": {"yes": 7, "no": 31}},
        {"agenda_number": "4", "votes": [
            {"person": "Lars Land", "vote": "yes"}, {"person": "Nie Da", "vote": "absent"},
            {"person": "Eva Eins", "vote": "no"}, {"person": "Otto Zwei", "vote": "no"}]},
    ]);
    let elsewhere =
        Elsewhere { votes: serde_json::from_value(recorded).unwrap(), ..Elsewhere::default() };
    let council = council();
    let spoken = [said(&council, 0, 0, 60_000), said(&council, 1, 40, 70_000)];
    let all = votes(&council, None, &elsewhere, &spoken);
    let [(first_place, told), (second_place, untold)] = all.as_slice() else { panic!("{all:#?}") };
    assert_eq!(text(told), "Änderungsantrag DS0500/25/1: Breiter (Linde) – Radweg am Ring");
    assert_eq!(*first_place, 1);
    let of = told.item.as_ref().unwrap();
    assert_eq!((of.number.as_deref(), of.paper.as_deref()), (Some("3"), Some("DS0500/25/1")));
    assert_eq!(told.vote.as_ref().unwrap().verdicts, [VoteVerdict::Rejected].into());
    // More against than in favour, and nobody says what that means.
    let known = untold.vote.as_ref().unwrap();
    assert!(known.result.is_none() && known.verdicts.is_empty());
    let counts = known.counts.unwrap();
    assert_eq!((counts.yes, counts.no, counts.abstain), (Some(1), Some(2), Some(0)));
    assert_eq!(counts.counted, CountedBy::SingleVotes);
    // It leads to where its item begins.
    assert_eq!((*second_place, untold.start_ms, untold.first_word), (2, Some(70_000), 40));
}

/// Whoever announces a result and whoever writes it down tell of one vote; of another time, or with another outcome,
/// it is another.
#[test]
fn what_was_announced_and_recorded_is_one_vote() {
    let council = council();
    let announced = Vote {
        start_ms: millis(65_000),
        end_ms: millis(68_000),
        outcome: Outcome::Rejected,
        majority: None,
        in_favour: None,
        against: None,
        abstentions: None,
        words: "Damit ist das abgelehnt.".to_owned(),
    };
    let alignment = Alignment {
        format: ALIGNMENT_FORMAT.to_owned(),
        items: vec![ItemAlignment {
            id: item_id(0),
            number: None,
            spans: vec![Span::new(millis(60_000), millis(70_000)).unwrap()],
            confidence: 1.0,
            evidence: Vec::new(),
            votes: vec![announced],
        }],
        turns: Vec::new(),
    };
    let spoken = [said(&council, 0, 0, 60_000)];
    let all = |recorded: serde_json::Value| {
        let elsewhere =
            Elsewhere { votes: serde_json::from_value(recorded).unwrap(), ..Elsewhere::default() };
        votes(&council, Some(&alignment), &elsewhere, &spoken)
    };
    let counts = serde_json::json!({"yes": 7, "no": 31});
    for recorded in [
        serde_json::json!([{"agenda_number": "3", "at_ms": 90_000, "result": "abgelehnt", "counts": counts}]),
        serde_json::json!([{"agenda_number": "3", "counts": counts}]),
    ] {
        let votes = all(recorded);
        let [(_, vote)] = votes.as_slice() else { panic!("{votes:#?}") };
        assert!(text(vote).contains("Damit ist das abgelehnt") && vote.start_ms.is_some());
        assert_eq!(vote.vote.as_ref().unwrap().counts.unwrap().no, Some(31));
    }
    for others in [
        serde_json::json!([{"agenda_number": "3", "at_ms": 900_000, "result": "abgelehnt"}]),
        serde_json::json!([{"agenda_number": "3", "at_ms": 66_000, "result": "angenommen"}]),
        serde_json::json!([{"agenda_number": "4", "at_ms": 66_000, "result": "abgelehnt"}]),
        serde_json::json!([{"agenda_number": "3", "motion": "A"}, {"agenda_number": "3", "motion": "B"}]),
    ] {
        assert_eq!(all(others.clone()).len(), others.as_array().unwrap().len() + 1, "{others}");
    }
}
