//! What is fixed stands word for word, ends where it ends, and leaves alone what is far away.

use proptest::prelude::*;

use super::super::align;
use super::super::tests::{SENTENCES, by_word, council, meetings, person, transcript};
use crate::domain::*;

/// Fixed points by where they lie in a meeting of any length (thousandths).
#[derive(Clone, Debug)]
pub struct Points(Vec<(u64, u64, Fact)>);

impl Points {
    /// Upon the time of this transcript.
    pub fn within(&self, transcript: &Transcript) -> Vec<FixedPoint> {
        let at =
            |part: u64| MediaTime::from_millis(transcript.media.duration_ms.millis() * part / 1000);
        let point = |(from, to, fact): &(u64, u64, Fact)| FixedPoint {
            span: Span::new(at(*from), at(*to)).unwrap(),
            fact: fact.clone(),
        };
        self.0.iter().map(point).collect()
    }
}

/// A few fixed points of any kind, overlapping or not.
pub fn points() -> impl Strategy<Value = Points> {
    let point = (0u64..=1000, 0u64..=1000, fact());
    let point = point.prop_map(|(a, b, fact)| (a.min(b), a.max(b), fact));
    proptest::collection::vec(point, 0..5).prop_map(Points)
}

fn fact() -> impl Strategy<Value = Fact> {
    let id = (1u32..=6).prop_map(|i| AgendaItemId::new(format!("i{i}")).unwrap());
    let person = (1u32..=3).prop_map(|i| PersonId::new(format!("p{i}")).unwrap());
    let role = proptest::sample::select(vec![Role::Chair, Role::Member, Role::Guest]);
    prop_oneof![
        proptest::collection::btree_set(id, 0..3)
            .prop_map(|i| Fact::Items(i.into_iter().collect())),
        (proptest::option::of(person), role)
            .prop_map(|(person, role)| Fact::Speaker { person, role }),
    ]
}

/// The last of the facts about a word, of those `wanted`.
fn last_about(points: &[FixedPoint], word: &Word, wanted: fn(&Fact) -> bool) -> Option<FixedPoint> {
    let about = |p: &&FixedPoint| wanted(&p.fact) && p.span.contains(word.start_ms);
    points.iter().rev().find(about).cloned()
}

/// Positions of public items on the agenda.
fn shown(ids: &[AgendaItemId]) -> Vec<usize> {
    let agenda = council().meeting.agenda;
    (0..agenda.len()).filter(|i| agenda[*i].public && ids.contains(&agenda[*i].id)).collect()
}

/// Whether a sentence calls items.
fn calls(sentence: usize) -> bool {
    matches!(sentence, 1..=4 | 16)
}

proptest! {
    /// Whatever is fixed, wherever, and whatever the words say: every word of it has just that item
    /// and speaker, and no word behind it has its items unless they are called again.
    #[test]
    fn what_is_fixed_stands_word_for_word(said in meetings(), points in points()) {
        let transcript = transcript(&said);
        let fixed = points.within(&transcript);
        let found = align(&transcript, &council(), &fixed);
        let is_items = |fact: &Fact| matches!(fact, Fact::Items(_));
        let is_speaker = |fact: &Fact| matches!(fact, Fact::Speaker { .. });
        let sentences = said.iter().flat_map(|(s, _)| SENTENCES[*s].split(' ').map(|_| *s));
        let mut ended: Vec<usize> = Vec::new();
        let attributed = by_word(&transcript, &found);
        for ((word, sentence), (items, turn)) in
            transcript.words.iter().zip(sentences).zip(attributed)
        {
            match last_about(&fixed, word, is_items).map(|p| p.fact) {
                Some(Fact::Items(ids)) => {
                    prop_assert_eq!(&items, &shown(&ids), "{:?}", word);
                    // A call shortly before the end of an interruption counts behind it.
                    match ids.is_empty() {
                        true if calls(sentence) => ended.clear(),
                        true => {}
                        false => ended = items,
                    }
                }
                _ if calls(sentence) => ended.clear(),
                _ => prop_assert!(!ended.iter().any(|i| items.contains(i)), "{:?}", word),
            }
            if let Some(Fact::Speaker { person, role }) =
                last_about(&fixed, word, is_speaker).map(|p| p.fact)
            {
                let turn = &found.turns[turn.unwrap()];
                let chair = PersonId::new("p1").unwrap();
                let expected = person.or((role == Role::Chair).then_some(chair));
                prop_assert_eq!((&turn.person, turn.role), (&expected, role), "{:?}", word);
                prop_assert_eq!(turn.confidence, 1.0);
                prop_assert_eq!(&turn.evidence, &[FoundBy::ByClerk]);
            }
        }
    }

    /// A meeting of plainly called items: what is fixed within one leaves items three or more away,
    /// and who speaks there, as they were.
    #[test]
    fn what_is_far_away_is_not_changed(
        at in 0..TITLES.len(), part in (0usize..100, 0usize..100), fact in fact(),
    ) {
        let (transcript, starts) = orderly_meeting();
        let range = starts[at]..starts[at + 1];
        let word = |part: usize| range.start + part * range.len() / 100;
        let (first, end) = (word(part.0.min(part.1)), word(part.0.max(part.1)));
        let time = |i: usize| transcript.words[i].start_ms;
        let point = FixedPoint { span: Span::new(time(first), time(end)).unwrap(), fact };
        let council = long_council();
        let before = align(&transcript, &council, &[]);
        let after = align(&transcript, &council, &[point]);
        for other in (0..TITLES.len()).filter(|other| other.abs_diff(at) >= 3) {
            let id = format!("i{}", other + 1);
            let spans = |a: &Alignment| {
                a.items.iter().find(|i| i.id.as_str() == id).unwrap().spans.clone()
            };
            let own = Span::new(time(starts[other]), time(starts[other + 1] - 1)).unwrap();
            let here = |a: &Alignment| -> Vec<Span> {
                spans(a).into_iter().filter_map(|s| s.intersect(own)).collect()
            };
            prop_assert_eq!(here(&before).len(), 1, "called plainly");
            prop_assert_eq!(here(&before), here(&after), "item {}", id);
            let turns = |a: &Alignment| -> Vec<Turn> {
                a.turns.iter().filter(|t| own.contains(t.start_ms)).cloned().collect()
            };
            prop_assert_eq!(turns(&before), turns(&after), "item {}", id);
        }
    }
}

const TITLES: [&str; 10] = [
    "Haushaltssatzung",
    "Feuerwehrbedarfsplan",
    "Radwegenetz",
    "Abfallgebühren",
    "Stadtbücherei",
    "Hundesteuer",
    "Wochenmarkt",
    "Spielplätze",
    "Friedhofssatzung",
    "Breitbandausbau",
];

fn long_council() -> Council {
    let mut council = council();
    let first = council.meeting.agenda[0].clone();
    council.meeting.agenda = (0u32..)
        .zip(TITLES)
        .map(|(i, title)| AgendaItem {
            id: AgendaItemId::new(format!("i{}", i + 1)).unwrap(),
            number: Some((i + 1).to_string()),
            order: i,
            title: title.into(),
            ..first.clone()
        })
        .collect();
    council.persons.push(person(4, "Ole", "Wittek", "Mitglied"));
    council
}

/// Every item called in its turn, with two speeches each; and the first word of each, with the end.
fn orderly_meeting() -> (Transcript, Vec<usize>) {
    let mut sentences: Vec<(String, u64)> = vec![("Die Sitzung ist eröffnet.".into(), 0)];
    let mut starts = Vec::new();
    let count = |sentences: &[(String, u64)]| -> usize {
        sentences.iter().map(|(s, _)| s.split(' ').count()).sum()
    };
    for (i, title) in TITLES.iter().enumerate() {
        starts.push(count(&sentences));
        let call = format!("Ich rufe auf den Tagesordnungspunkt {}, {title}.", i + 1);
        sentences.push((call, 900));
        for name in ["Frau Ahrens", "Herr Quast"] {
            sentences.push((format!("Das Wort hat {name}."), 700));
            sentences.push(("Sehr geehrte Frau Vorsitzende, meine Damen und Herren!".into(), 900));
            sentences.push(("Uns liegt dazu ein guter Vorschlag vor.".into(), 300));
            sentences.push(("Dem stimmt meine Fraktion gerne zu.".into(), 200));
            sentences.push((format!("Vielen Dank, {name}."), 900));
        }
        sentences.push(("Wer stimmt dafür? Das ist einstimmig.".into(), 300));
    }
    starts.push(count(&sentences));
    (super::super::tests::spoken(sentences.iter().map(|(s, p)| (s.as_str(), *p))), starts)
}

/// The sentences said 600 ms apart, with `fixed` by the first and last word of each point, counted
/// over the whole: what each word was said to, "–" for nothing, and by whom.
fn decoded(sentences: &[usize], fixed: &[(usize, usize, Fact)]) -> (Vec<String>, Vec<String>) {
    let said: Vec<(usize, u64)> = sentences.iter().map(|s| (*s, 600)).collect();
    let transcript = transcript(&said);
    let words = &transcript.words;
    let point = |(first, last, fact): &(usize, usize, Fact)| FixedPoint {
        span: Span::new(words[*first].start_ms, words[*last].end_ms).unwrap(),
        fact: fact.clone(),
    };
    let fixed: Vec<FixedPoint> = fixed.iter().map(point).collect();
    let found = align(&transcript, &council(), &fixed);
    let items = |items: Vec<usize>| -> String {
        items.iter().map(|i| (i + 1).to_string()).collect::<Vec<_>>().join("+")
    };
    let name = |turn: Option<usize>| {
        turn.and_then(|t| found.turns[t].person.as_ref()).map_or("–", PersonId::as_str).to_owned()
    };
    by_word(&transcript, &found).into_iter().map(|(i, turn)| (items(i), name(turn))).unzip()
}

fn items(ids: &[u32]) -> Fact {
    Fact::Items(ids.iter().map(|i| AgendaItemId::new(format!("i{i}")).unwrap()).collect())
}

/// Sentences 1 and 2, the calls, have 7 and 8 words, sentence 10 has 9.
#[test]
fn a_fixed_item_begins_and_ends_at_its_words_and_the_rest_follows() {
    let open = decoded(&[1, 10, 10, 2, 10], &[]).0;
    assert!(open[..25].iter().all(|i| i == "1") && open[25..].iter().all(|i| i == "2"), "{open:?}");

    // In the middle of a sentence; what was called before and after stays.
    let early = decoded(&[1, 10, 10, 2, 10], &[(3, 10, items(&[1]))]).0;
    assert!(early[..3].iter().all(|i| i.is_empty()), "its own call does not open it: {early:?}");
    assert!(early[3..11].iter().all(|i| i == "1"), "{early:?}");
    assert!(early[11..25].iter().all(|i| i.is_empty()), "it is over: {early:?}");
    assert!(early[25..].iter().all(|i| i == "2"), "{early:?}");

    // A fixed end in the middle of a call: the call counts from there on.
    let late = decoded(&[1, 10, 2, 10], &[(0, 18, items(&[1]))]).0;
    assert!(late[..19].iter().all(|i| i == "1") && late[19..].iter().all(|i| i == "2"), "{late:?}");

    // A fixed end some words late: the call just before it counts there.
    let late = decoded(&[1, 10, 10, 10, 2, 10], &[(0, 45, items(&[1]))]).0;
    assert!(late[..46].iter().all(|i| i == "1") && late[46..].iter().all(|i| i == "2"), "{late:?}");

    // A call inside does not count, and the next one is the one behind what was fixed.
    let next = decoded(&[1, 10, 2, 10, 16, 10], &[(7, 32, items(&[3, 4]))]).0;
    assert!(next[7..33].iter().all(|i| i == "3+4"), "{next:?}");
    assert!(next[33..].iter().all(|i| i == "5"), "{next:?}");
}

#[test]
fn an_interruption_is_no_end() {
    let words = decoded(&[2, 10, 2, 10], &[(10, 20, items(&[]))]).0;
    assert!(words[..10].iter().chain(&words[21..]).all(|i| i == "2"), "{words:?}");
    assert!(words[10..21].iter().all(|i| i.is_empty()), "{words:?}");
}

#[test]
fn fixed_speakers_need_no_hand_over_and_the_rest_is_decoded_around_them() {
    let speaker =
        |id: &str| Fact::Speaker { person: Some(PersonId::new(id).unwrap()), role: Role::Unknown };
    // The hand-over has 10 words, then Frau Ahrens speaks: 8, 9 and 9 words.
    let said = [6, 9, 10, 10, 11];
    let (_, heard) = decoded(&said, &[]);
    assert_eq!((&*heard[0], &*heard[10], &*heard[30]), ("p1", "p2", "p2"), "{heard:?}");
    let fixed = [(18, 21, speaker("p3")), (22, 25, speaker("p1"))];
    let (_, heard) = decoded(&said, &fixed);
    assert!(heard[..10].iter().all(|p| p == "p1"), "{heard:?}");
    assert!(heard[10..18].iter().all(|p| p == "p2"), "{heard:?}");
    assert!(heard[18..22].iter().all(|p| p == "p3"), "nobody named them: {heard:?}");
    assert!(heard[22..26].iter().all(|p| p == "p1"), "{heard:?}");
    assert!(heard[26..36].iter().all(|p| p == "p2"), "who was interrupted goes on: {heard:?}");
}

#[test]
fn points_that_name_what_is_gone_say_nothing() {
    let nobody = Fact::Speaker { person: Some(PersonId::new("x").unwrap()), role: Role::Chair };
    let nothing = Fact::Items(vec![AgendaItemId::new("x").unwrap()]);
    let said = [1, 6, 9, 10, 2, 10];
    assert_eq!(decoded(&said, &[(0, 30, nobody), (0, 30, nothing)]), decoded(&said, &[]));
}
