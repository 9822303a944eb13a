//! Properties that hold of any alignment; how good it is, is measured in `tests/it/figures.rs`.

use proptest::prelude::*;

use super::*;
use crate::domain::*;

/// Sentences of an invented council's meeting, to be said in any order.
pub(super) const SENTENCES: &[&str] = &[
    "Die Sitzung ist eröffnet.",
    "Ich rufe auf den Tagesordnungspunkt eins, Einwohnerfragestunde.",
    "Wir kommen zu TOP 2: Sanierung der Turnhalle.",
    "Ich rufe die Tagesordnungspunkte drei und vier auf, Rufbus und Nahverkehrsplan.",
    "Nächster Punkt ist die Nummer 5.",
    "TOP 2 wird heute abgesetzt.",
    "Das Wort hat Frau Ahrens von der Fraktion der Linde.",
    "Bitte schön, Herr Quast.",
    "Vielen Dank, Frau Ahrens.",
    "Sehr geehrte Frau Vorsitzende, meine Damen und Herren!",
    "Die Turnhalle ist alt und das Dach ist undicht",
    "Der Rufbus fährt am Abend nicht mehr, und das ist für viele Menschen ein Ärgernis.",
    "Mein Name ist Egon Tüll, ich wohne in Neudorf.",
    "Gestatten Sie eine Zwischenfrage des Kollegen Quast?",
    "Wer stimmt dafür? Gegenstimmen? Das ist einstimmig.",
    "Ich schließe die Sitzung.",
    "Wir kommen zum nächsten Tagesordnungspunkt.",
];

pub(super) fn person(id: u32, given: &str, family: &str, role: &str) -> Person {
    Person {
        id: PersonId::new(format!("p{id}")).unwrap(),
        name: format!("{given} {family}"),
        family_name: Some(family.into()),
        given_name: Some(given.into()),
        form_of_address: None,
        titles: Vec::new(),
        memberships: vec![Membership {
            organization: None,
            organization_name: None,
            role: Some(role.into()),
            is_party: false,
            start: None,
            end: None,
        }],
    }
}

pub(super) fn council() -> Council {
    let titles = [
        "Einwohnerfragestunde",
        "Sanierung der Turnhalle",
        "Rufbus",
        "Nahverkehrsplan",
        "Anfragen",
        "Grundstückssache",
    ];
    let item = |(i, title): (usize, &&str)| AgendaItem {
        id: AgendaItemId::new(format!("i{}", i + 1)).unwrap(),
        number: Some(if i == 5 { "N 1".into() } else { format!("Ö {}", i + 1) }),
        order: i as u32,
        title: (*title).into(),
        public: i != 5,
        papers: Vec::new(),
        result: None,
    };
    let body = BodyId::new("b").unwrap();
    Council {
        body: Body { id: body.clone(), name: "Landkreis".into() },
        organizations: Vec::new(),
        persons: vec![
            person(1, "Wilma", "Brand", "Vorsitzende"),
            person(2, "Ina", "Ahrens", "Mitglied"),
            person(3, "Udo", "Quast", "Mitglied"),
        ],
        papers: Vec::new(),
        meeting: Meeting {
            id: MeetingId::new("m").unwrap(),
            oparl_id: None,
            body,
            organizations: Vec::new(),
            name: "Sitzung".into(),
            start: None,
            date: None,
            cancelled: false,
            synthetic: true,
            participants: Vec::new(),
            agenda: titles.iter().enumerate().map(item).collect(),
        },
    }
}

/// The sentences said one after the other, each after its pause in milliseconds.
pub(super) fn transcript(said: &[(usize, u64)]) -> Transcript {
    spoken(said.iter().map(|(sentence, pause)| (SENTENCES[*sentence], *pause)))
}

/// As [`transcript`], of any sentences.
pub(super) fn spoken<'a>(said: impl Iterator<Item = (&'a str, u64)>) -> Transcript {
    let mut now = 0;
    let mut words = Vec::new();
    for (sentence, pause) in said {
        now += pause;
        for text in sentence.split(' ') {
            let start_ms = MediaTime::from_millis(now);
            let end_ms = start_ms.plus_millis(300);
            words.push(Word { text: text.into(), start_ms, end_ms, confidence: 1.0, raw: None });
            now += 320;
        }
    }
    Transcript {
        times: Default::default(),
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef { sha256: None, duration_ms: MediaTime::from_millis(now) },
        engine: Engine::named("test"),
        language: "de".into(),
        utterances: vec![Utterance { first_word: 0, n_words: words.len(), speaker_label: None }],
        words,
        gaps: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Everything `ms` later from word `from` on.
fn delayed(transcript: &Transcript, from: usize, ms: u64) -> Transcript {
    let mut later = transcript.clone();
    for word in &mut later.words[from..] {
        word.start_ms = word.start_ms.plus_millis(ms);
        word.end_ms = word.end_ms.plus_millis(ms);
    }
    later.media.duration_ms = later.media.duration_ms.plus_millis(ms);
    later
}

/// The alignment by words: per word the items and the person or role.
pub(super) fn by_word(
    transcript: &Transcript,
    found: &Alignment,
) -> Vec<(Vec<usize>, Option<usize>)> {
    let items = |t: MediaTime| {
        let holds = |i: &usize| found.items[*i].spans.iter().any(|s| s.contains(t));
        (0..found.items.len()).filter(holds).collect()
    };
    let turn = |t| found.turns.iter().position(|turn| turn.start_ms <= t && t < turn.end_ms);
    transcript.words.iter().map(|w| (items(w.start_ms), turn(w.start_ms))).collect()
}

pub(super) fn meetings() -> impl Strategy<Value = Vec<(usize, u64)>> {
    proptest::collection::vec((0..SENTENCES.len(), prop_oneof![0u64..900, 2500u64..4000]), 0..40)
}

proptest! {
    #[test]
    fn spans_and_turns_lie_inside_in_order_and_apart(
        said in meetings(),
        fixed in super::fixed::tests::points(),
    ) {
        let transcript = transcript(&said);
        let fixed = fixed.within(&transcript);
        let found = align(&transcript, &council(), &fixed);
        let end = transcript.media.duration_ms;
        let mut spans: Vec<Span> = found.items.iter().flat_map(|i| i.spans.clone()).collect();
        spans.sort();
        spans.dedup();
        for span in &spans {
            prop_assert!(span.end() <= end);
        }
        for pair in spans.windows(2) {
            prop_assert!(pair[0].end() <= pair[1].start(), "{pair:?}");
        }
        prop_assert!(found.items[5].spans.is_empty(), "nicht öffentlich");
        for pair in found.turns.windows(2) {
            prop_assert!(pair[0].end_ms <= pair[1].start_ms, "{pair:?}");
        }
        prop_assert!(found.turns.iter().all(|t| t.start_ms <= t.end_ms && t.end_ms <= end));
        prop_assert_eq!(align(&transcript, &council(), &fixed), found);
    }

    /// Whatever others recorded, however wrong, the alignment is one: apart, inside, and nothing of what is
    /// not public.
    #[test]
    fn outside_evidence_of_any_kind_is_only_evidence(
        said in meetings(),
        votes in proptest::collection::vec((0u64..200_000, "(Ö |N |)[0-9](.[0-9])?"), 0..6),
        voices in proptest::collection::vec((0u64..200_000, 0u64..90_000, 0usize..5), 0..12),
    ) {
        let transcript = transcript(&said);
        let labels = ["SPEAKER_01", "Frau Ahrens", "Udo Quast", "Präsidium", ""];
        let votes = votes.into_iter().map(|(at, number)| vote(at, &number)).collect();
        let segments = voices.iter().map(|(at, length, who)| segment(*at, at + length, labels[*who]));
        let outside = OutsideEvidence { votes, segments: segments.collect() };
        let found = align_knowing(&transcript, &council(), &[], &outside);
        prop_assert!(found.items[5].spans.is_empty(), "nicht öffentlich");
        for pair in found.turns.windows(2) {
            prop_assert!(pair[0].end_ms <= pair[1].start_ms, "{pair:?}");
        }
        let owned = by_word(&transcript, &found);
        prop_assert!(owned.iter().all(|(items, turn)| items.len() <= 2 && turn.is_some()));
    }

    /// Silence before everything, more of it wherever there is a long silence already, or behind the
    /// last word.
    #[test]
    fn more_silence_moves_nothing_else(said in meetings(), ms in 0u64..600_000) {
        let original = transcript(&said);
        let before = by_word(&original, &align(&original, &council(), &[]));
        let pause = |i: usize| original.words[i].start_ms.since(original.words[i - 1].end_ms);
        let long = (1..original.words.len()).filter(|i| pause(*i) >= 2000);
        let mut longer: Vec<Transcript> =
            std::iter::once(0).chain(long).map(|from| delayed(&original, from, ms)).collect();
        let mut held = delayed(&original, original.words.len(), ms);
        if let Some(last) = held.words.last_mut() {
            last.end_ms = last.end_ms.plus_millis(ms);
        }
        longer.push(held);
        for later in longer {
            prop_assert_eq!(&before, &by_word(&later, &align(&later, &council(), &[])));
        }
    }

    #[test]
    fn every_word_is_in_one_passage(said in meetings()) {
        let transcript = transcript(&said);
        let found = align(&transcript, &council(), &[]);
        let owners = by_word(&transcript, &found);
        let mut next = 0;
        for passage in passages(&transcript, &found) {
            prop_assert_eq!(passage.first_word, next);
            prop_assert!(passage.n_words > 0 && passage.lookahead <= 15);
            next += passage.n_words;
            let (first, last) = (&transcript.words[passage.first_word], &transcript.words[next - 1]);
            prop_assert!(last.end_ms.since(first.start_ms) <= 60_000 || passage.n_words == 1);
            let of_item = |i: &usize| owners[*i].0.first() == owners[passage.first_word].0.first();
            prop_assert!((passage.first_word..next + passage.lookahead).all(|i| of_item(&i)));
            prop_assert!((passage.first_word..next).all(|i| owners[i].1 == passage.turn));
        }
        prop_assert_eq!(next, transcript.words.len());
    }
}

fn vote(at: u64, number: &str) -> RecordedVote {
    let line = serde_json::json!({"agenda_number": number, "at_ms": at});
    serde_json::from_value(line).expect("a vote of the contract")
}

fn segment(start: u64, end: u64, label: &str) -> SpeakerSegment {
    let line = serde_json::json!({"start_ms": start, "end_ms": end, "label": label});
    serde_json::from_value(line).expect("a segment of the contract")
}

/// A vote opens the item that nobody was understood to call, and a voice with a name says who speaks
/// where no name was understood; what the chair says plainly outweighs both.
#[test]
fn what_others_recorded_says_what_the_words_do_not() {
    let said = [
        ("Ich rufe auf den Tagesordnungspunkt eins, Einwohnerfragestunde.", 0),
        ("Das Wort hat Frau Ahrens.", 500),
        ("Sehr geehrte Frau Vorsitzende, das Dach ist undicht, und das ist ein Ärgernis.", 1500),
        ("Vielen Dank. Wer stimmt dafür? Das ist einstimmig.", 1500),
        ("Dann kommen wir nun zum mfmf. Bitte schön.", 2500),
        (
            "Sehr geehrte Frau Vorsitzende, die Haltestelle fehlt, und das ist für viele traurig.",
            1500,
        ),
        ("Vielen Dank. Wer stimmt dafür? Das ist einstimmig.", 1500),
    ];
    let transcript = spoken(said.iter().copied());
    let starts = |text: &str| {
        transcript.words.iter().find(|w| w.text == text).map(|w| w.start_ms.millis()).unwrap()
    };
    let (second, end) = (starts("Haltestelle"), transcript.media.duration_ms.millis());
    let speaker = |found: &Alignment, at: u64| {
        let at = MediaTime::from_millis(at);
        found.turns.iter().find(|t| t.start_ms <= at && at < t.end_ms).unwrap().person.clone()
    };
    let alone = align(&transcript, &council(), &[]);
    assert!(alone.items[1].spans.is_empty());
    assert_eq!(speaker(&alone, second), None);
    let outside = OutsideEvidence {
        votes: vec![vote(starts("Dann") - 1000, "1"), vote(end, "2")],
        // Late by a second, and of the first speech wrong.
        segments: vec![
            segment(starts("undicht,") - 1300, starts("Ärgernis.") + 300, "Udo Quast"),
            segment(starts("Haltestelle") - 700, starts("traurig.") + 300, "Udo Quast"),
        ],
    };
    let found = align_knowing(&transcript, &council(), &[], &outside);
    let opened = found.items[1].spans.first().expect("a vote was recorded");
    assert!(opened.start().millis() <= second, "{opened:?}");
    assert_eq!(speaker(&found, second), Some(PersonId::new("p3").unwrap()));
    assert_eq!(speaker(&found, starts("Dach")), Some(PersonId::new("p2").unwrap()));
}

#[test]
fn a_short_meeting_is_read_as_it_was_held() {
    let said: Vec<(usize, u64)> = [
        (0, 0),
        (1, 800),
        (7, 300),
        (12, 900),
        (2, 1200),
        (6, 400),
        (9, 900),
        (10, 300),
        (8, 900),
        (3, 700),
        (11, 900),
        (15, 900),
    ]
    .to_vec();
    let transcript = transcript(&said);
    let found = align(&transcript, &council(), &[]);
    let spans: Vec<usize> = found.items.iter().map(|i| i.spans.len()).collect();
    assert_eq!(spans, [1, 1, 1, 1, 0, 0]);
    assert_eq!(found.items[2].spans, found.items[3].spans, "gemeinsam aufgerufen");
    let resident = found.turns.iter().find(|t| t.role == Role::Resident).unwrap();
    assert_eq!((resident.person.clone(), resident.name.as_deref()), (None, Some("Egon Tüll")));
    let member = found.turns.iter().find(|t| t.role == Role::Member).unwrap();
    assert_eq!(member.person, Some(PersonId::new("p2").unwrap()));
    assert!(
        member.evidence[0].to_string().contains("Das Wort hat Frau Ahrens"),
        "{:?}",
        member.evidence
    );
}

#[test]
fn who_brought_an_item_in_is_meant_by_the_mover() {
    let mut council = council();
    let paper = PaperId::new("paper").unwrap();
    council.papers.push(Paper {
        id: paper.clone(),
        reference: None,
        name: "Antrag".into(),
        paper_type: None,
        originator_persons: vec![PersonId::new("p3").unwrap()],
        originator_organizations: Vec::new(),
    });
    council.meeting.agenda[1].papers.push(paper);
    let said = [
        ("Die Sitzung ist eröffnet.", 0),
        ("Wir kommen zu TOP 2: Sanierung der Turnhalle.", 900),
        ("Das Wort hat der Antragsteller.", 400),
        ("Sehr geehrte Frau Vorsitzende, meine Damen und Herren!", 1500),
        ("Die Turnhalle ist alt und das Dach ist undicht.", 300),
    ];
    let found = align(&spoken(said.into_iter()), &council, &[]);
    let speaker = found.turns.iter().rev().find_map(|turn| turn.person.clone());
    assert_eq!(speaker, Some(PersonId::new("p3").unwrap()));
}

#[test]
fn in_a_roll_call_everybody_answers_for_themselves() {
    let said = [
        ("Die Sitzung ist eröffnet.", 0),
        ("Wir kommen zu TOP 2: Sanierung der Turnhalle.", 900),
        ("Wir stimmen namentlich ab, ich rufe die Mitglieder einzeln auf.", 500),
        ("Frau Ahrens?", 900),
        ("Ja.", 900),
        ("Herr Quast?", 900),
        ("Nein.", 900),
        ("Damit ist die Vorlage abgelehnt.", 1200),
    ];
    assert_eq!(who_speaks(&said), ["chair", "p2", "chair", "p3", "chair"].map(Some));
}

#[test]
fn a_question_is_the_askers_and_the_answer_the_speakers() {
    let said = [
        ("Die Sitzung ist eröffnet.", 0),
        ("Wir kommen zu TOP 2: Sanierung der Turnhalle.", 900),
        ("Das Wort hat Frau Ahrens.", 500),
        ("Sehr geehrte Frau Vorsitzende, meine Damen und Herren!", 1500),
        ("Die Turnhalle ist alt und das Dach ist undicht.", 300),
        ("Frau Kollegin, gestatten Sie eine Zwischenfrage des Kollegen Quast?", 1200),
        ("Ja, gern.", 1200),
        ("Vielen Dank, Frau Ahrens, dass Sie die Zwischenfrage zulassen.", 1200),
        ("Was kostet ein neues Dach für die Turnhalle nach Ihrer Kenntnis?", 300),
        ("Vielen Dank für die Frage, das Dach kostet mehr als die Halle wert ist.", 1200),
        ("Vielen Dank, Frau Ahrens.", 1200),
        ("Wir kommen zur Abstimmung.", 300),
    ];
    let who = who_speaks(&said);
    let asked = who.iter().position(|who| *who == Some("p3"));
    let answered = who.iter().rposition(|who| *who == Some("p2"));
    assert!(asked.is_some() && asked < answered, "{who:?}");
    assert_eq!((who.first(), who.last()), (Some(&Some("chair")), Some(&Some("chair"))));
}

/// Titles and names are heard with the borders of words elsewhere, and short names as letters.
#[test]
fn misheard_calls_give_the_floor() {
    let mut council = council();
    council.persons[1].family_name = Some("Zeh".into());
    council.persons[1].name = "Ina Zeh".into();
    council.persons[2].family_name = Some("Kramer".into());
    council.persons[2].name = "Udo Kramer".into();
    let speech = [
        ("Die Turnhalle ist alt und das Dach ist undicht.", 1500),
        ("Wir wollen sie sanieren, denn die Vereine brauchen sie.", 300),
    ];
    for (call, person) in [
        ("Das Wort hat Stadträtin C.", "p2"),
        ("Als nächstes stattreht den Zeh.", "p2"),
        ("Danke, stattrat Kramer, bitte.", "p3"),
        ("Das Wort hat Stattradkramme.", "p3"),
    ] {
        let said = [
            ("Die Sitzung ist eröffnet.", 0),
            ("Wir kommen zu TOP 2: Sanierung der Turnhalle.", 900),
            (call, 500),
        ];
        let found = align(&spoken(said.into_iter().chain(speech)), &council, &[]);
        let last = found.turns.last().and_then(|turn| turn.person.as_ref());
        assert_eq!(last.map(PersonId::as_str), Some(person), "{call}: {:?}", found.turns);
    }
}

#[test]
fn who_takes_the_chair_aloud_presides_until_it_is_handed_back() {
    let mut council = council();
    council.persons.push(person(4, "Rita", "Voss", "Stellvertretende Vorsitzende"));
    for (hands_over, hands_back, presiding) in [
        (
            "Ich übergebe den Vorsitz an Frau Voss.",
            "Ich übernehme wieder den Vorsitz.",
            ["p1", "p4", "p1"].as_slice(),
        ),
        // Whoever is named as biased does not preside.
        (
            "Ich übergebe die Sitzungsleitung, weil ich wie Herr Quast befangen bin, an Frau Voss.",
            "Damit übernimmt Frau Brand wieder die Sitzungsleitung.",
            &["p1", "p4", "p1"],
        ),
        // An office is led, too.
        (
            "Es berichtet die Leitung des Jugendamtes, ich gebe das Wort an die Leitung.",
            "Das Jugendamt soll die Kosten übernehmen und die Leitung neu besetzen.",
            &["p1"],
        ),
    ] {
        let said = [
            ("Die Sitzung ist eröffnet.", 0),
            (hands_over, 500),
            ("Wir kommen zu TOP 2: Sanierung der Turnhalle.", 1500),
            ("Das Wort hat Herr Quast.", 500),
            ("Sehr geehrte Frau Vorsitzende, meine Damen und Herren!", 1500),
            ("Die Turnhalle ist alt und das Dach ist undicht.", 300),
            ("Vielen Dank, Herr Quast.", 1500),
            (hands_back, 1500),
            ("Wir kommen zu TOP 3: Rufbus.", 500),
        ];
        let found = align(&spoken(said.into_iter()), &council, &[]);
        let chairs = found.turns.iter().filter(|turn| turn.role == Role::Chair);
        let mut found: Vec<&str> =
            chairs.filter_map(|turn| turn.person.as_ref()).map(PersonId::as_str).collect();
        found.dedup();
        assert_eq!(found, presiding, "{hands_over}");
    }
}

/// Whoever handed the chair over may debate, also the head of an administration who presides elsewhere.
#[test]
fn whoever_gave_the_chair_away_speaks_as_a_person() {
    for office in ["Vorsitzende", "Oberbürgermeisterin, Vorsitzende"] {
        let mut council = council();
        council.persons[0].memberships[0].role = Some(office.into());
        council.persons.push(person(4, "Rita", "Voss", "Stellvertretende Vorsitzende"));
        let said = [
            ("Die Sitzung ist eröffnet.", 0),
            ("Ich übergebe den Vorsitz an Frau Voss.", 500),
            ("Vielen Dank. Wir kommen zu TOP 2: Sanierung der Turnhalle.", 1500),
            ("Das Wort hat Frau Brand.", 500),
            ("Sehr geehrte Frau Vorsitzende, meine Damen und Herren!", 1500),
            ("Ich bin für diese Turnhalle, und ich sage das als Mutter dieser Stadt.", 300),
            ("Ich bitte herzlich um Zustimmung. Vielen Dank.", 300),
            ("Vielen Dank, Frau Brand. Wer stimmt dafür? Das ist einstimmig.", 1500),
        ];
        let transcript = spoken(said.into_iter());
        let found = align(&transcript, &council, &[]);
        let mother = transcript.words.iter().find(|w| w.text == "Mutter").unwrap().start_ms;
        let turn = found.turns.iter().find(|t| t.start_ms <= mother && mother < t.end_ms).unwrap();
        assert_eq!(turn.person.as_ref().map(PersonId::as_str), Some("p1"), "{turn:?}");
        assert_ne!(turn.role, Role::Chair, "{office}");
    }
}

/// Who speaks, turn by turn.
fn who_speaks(said: &[(&str, u64)]) -> Vec<Option<&'static str>> {
    let found = align(&spoken(said.iter().copied()), &council(), &[]);
    let known = ["p1", "p2", "p3"];
    let who = |turn: &Turn| match (&turn.role, &turn.person) {
        (Role::Chair, _) => Some("chair"),
        (_, Some(person)) => known.into_iter().find(|id| *id == person.as_str()),
        (_, None) => None,
    };
    found.turns.iter().map(who).collect()
}
