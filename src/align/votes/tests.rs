//! What the chair may say and what it decides; and what must never be read as a decision.

use proptest::prelude::*;

use super::*;
use crate::align::item_decoder::Opening;
use crate::align::tests::{council, spoken};
use crate::align::{align, stream};
use crate::domain::Alignment;

/// The results in what a chair says under item 2 of the invented agenda, as minutes would have them.
fn told(text: &str) -> Vec<String> {
    let sentences: Vec<(&str, u64)> = text.split(" / ").map(|said| (said, 400)).collect();
    let transcript = spoken(sentences.iter().copied());
    let all = transcript.words.len();
    results(&transcript, &[1], &[(0, all)])
}

fn results(transcript: &Transcript, items: &[usize], chair: &[(usize, usize)]) -> Vec<String> {
    let stream = WordStream::new(transcript, &[]);
    let hits = stream::find(&stream.tokens);
    let council = council();
    let agenda = Items::new(&council, &stream);
    let end = transcript.words.len();
    let stretch =
        Stretch { items: items.to_vec(), first: 0, end, confidence: 1.0, opened: Opening::Fixed };
    let found = find(&stream, &hits, &agenda, &[stretch], chair);
    found.iter().map(|result| show(result, transcript, &stream)).collect()
}

fn show(result: &Announced, transcript: &Transcript, stream: &WordStream) -> String {
    let council = council();
    let whole = crate::align::span_of(transcript, 0, transcript.words.len()).unwrap();
    let mut aligned: Vec<ItemAlignment> = council
        .meeting
        .agenda
        .iter()
        .map(|item| ItemAlignment {
            id: item.id.clone(),
            number: None,
            spans: vec![whole],
            confidence: 1.0,
            evidence: Vec::new(),
            votes: Vec::new(),
        })
        .collect();
    attach(&mut aligned, transcript, stream, std::slice::from_ref(result));
    aligned.into_iter().flat_map(|item| item.votes).map(|vote| vote.to_string()).next().unwrap()
}

/// What the chair says ("/" where a sentence ends) and the results in it, in order.
#[rustfmt::skip]
const TOLD: &[(&str, &[&str])] = &[
    ("Wer stimmt dafür? / Gegenstimmen? / Dann ist das einstimmig so beschlossen.", &["einstimmig angenommen"]),
    ("Ich bitte um das Handzeichen. / Gegenstimmen? / Keine. / Enthaltungen? / Zwei. / Damit ist die Vorlage angenommen.",
        &["angenommen (keine Gegenstimmen, 2 Enthaltungen)"]),
    ("Wir kommen zur Abstimmung. / Das ist eine mehrheitliche Ablehnung.", &["mehrheitlich abgelehnt"]),
    ("Das ist eine einstimmige Zustimmung, vielen Dank.", &["einstimmig angenommen"]),
    ("Auch das ist einstimmig.", &["einstimmig angenommen"]),
    ("Das ist Einstimmigkeit.", &["einstimmig angenommen"]),
    ("Bei drei Gegenstimmen und einer Enthaltung mehrheitlich so beschlossen.",
        &["mehrheitlich angenommen (3 Gegenstimmen, 1 Enthaltung)"]),
    ("Damit ist der Antrag mit 21 Ja-Stimmen, 5 Nein-Stimmen und 3 Enthaltungen angenommen.",
        &["angenommen (21 Ja-Stimmen, 5 Gegenstimmen, 3 Enthaltungen)"]),
    ("Der Antrag ist mit 21 zu 5 Stimmen abgelehnt.", &["abgelehnt (5 Ja-Stimmen, 21 Gegenstimmen)"]),
    ("Die Vorlage ist damit ohne Gegenstimmen und Enthaltungen beschlossen.",
        &["angenommen (keine Gegenstimmen, keine Enthaltungen)"]),
    ("Wer enthält sich? / Das ist niemand. / Der Gesetzentwurf ist damit mit den Stimmen von Linde und Ahorn gegen die Stimmen der Eiche angenommen.",
        &["angenommen (keine Enthaltungen)"]),
    ("Der Ausschuss empfiehlt, den Antrag abzulehnen. / Wer stimmt für die Beschlussempfehlung? / Wer stimmt dagegen? / Damit ist die Beschlussempfehlung angenommen.",
        &["angenommen"]),
    ("Mit Ja haben gestimmt 36, mit Nein haben gestimmt zweihundertvierundfünfzig, Enthaltungen keine. / Der Antrag ist damit abgelehnt.",
        &["abgelehnt (36 Ja-Stimmen, 254 Gegenstimmen, keine Enthaltungen)"]),
    ("Ich bitte um Ihr Votum. / Das müssten 18 Nein-Stimmen und 29 Ja-Stimmen sein.",
        &["angenommen (29 Ja-Stimmen, 18 Gegenstimmen)"]),
    ("Es wird die Überweisung an den Bauausschuss vorgeschlagen. / Gibt es weitere Vorschläge? / Das ist nicht der Fall. / Dann verfahren wir so.",
        &["überwiesen"]),
    ("Dann verweisen wir das in den Sozialausschuss.", &["überwiesen"]),
    ("Dann verweise ich den Antrag zurück in den Hauptausschuss.", &["überwiesen"]),
    ("Wer stimmt für den Überweisungsvorschlag? / Wer ist dagegen? / Dann ist die Überweisung so beschlossen.",
        &["überwiesen"]),
    ("Die Vorlage ist zurückgezogen.", &["zurückgezogen"]),
    ("Der Antrag wurde von der Fraktion zurückgezogen.", &["zurückgezogen"]),
    ("Damit ist der Punkt vertagt.", &["vertagt"]),
    ("Die Vorlage ist zurückgestellt.", &["vertagt"]),
    ("Dann nehmen wir das so zur Kenntnis.", &["zur Kenntnis genommen"]),
    ("Damit haben Sie den Bericht zur Kenntnis genommen.", &["zur Kenntnis genommen"]),
    ("Damit ist Frau Quast gewählt.", &["gewählt"]),
    ("Damit ist der Vorschlag nicht angenommen.", &["abgelehnt"]),
    ("Wer stimmt für den Änderungsantrag? / Gegenstimmen? / Der Änderungsantrag ist abgelehnt. / Wer stimmt der Vorlage zu? / Gegenstimmen? / Die Vorlage ist mehrheitlich angenommen.",
        &["abgelehnt", "mehrheitlich angenommen"]),
    ("Wir stimmen jetzt ab. / Wer ist dafür? / Das ist die Mehrheit. / Gegenstimmen? / Drei. / Damit ist das so beschlossen.",
        &["angenommen (3 Gegenstimmen)"]),
    ("Ich bitte um Ihr Votum. / Das ist eine fast einstimmige Zustimmung.", &["mehrheitlich angenommen"]),
    ("Ich bitte um Ihr Votum ab jetzt das ist eine mehrheitliche Annahme", &["mehrheitlich angenommen"]),
    ("wer stimmt dafür wer stimmt dagegen damit ist der Antrag abgelehnd", &["abgelehnt"]),
    ("Ich bitte um das Kartenzeichen. / Das hat auch keine Mehrheit.", &["abgelehnt"]),
    ("Wenn ich keine Gegenstimmen sehe, dann ist das so beschlossen.",
        &["angenommen (keine Gegenstimmen)"]),
    ("Gegenstimmen keine Enthaltungen eine damit ist das angenommen",
        &["angenommen (keine Gegenstimmen, 1 Enthaltung)"]),
    ("Damit ist der Antrag mehrheitlich abgelehnt. / Bei fünf Enthaltungen.", &["mehrheitlich abgelehnt (5 Enthaltungen)"]),
    ("Ich stelle fest, dass der Antrag einstimmig angenommen ist.", &["einstimmig angenommen"]),
    ("Gut, dann haben wir das einstimmig so beschlossen.", &["einstimmig angenommen"]),
    ("Damit wäre das so beschlossen.", &["angenommen"]),
    ("Bei drei Enthaltungen ist der Antrag einstimmig angenommen.", &["einstimmig angenommen (3 Enthaltungen)"]),
    ("Wer stimmt dafür? / Der Antrag wurde mehrheitlich abgelehnt.", &["mehrheitlich abgelehnt"]),
    ("Damit findet der Antrag keine Mehrheit.", &["abgelehnt"]),
    ("Wer stimmt dem zu? / Dafür 21, dagegen fünf. / Wir kommen zum nächsten Antrag.",
        &["angenommen (21 Ja-Stimmen, 5 Gegenstimmen)"]),
    ("Mit Ja haben gestimmt 350, mit Nein haben gestimmt 300. / Frau Quast hat die erforderliche Mehrheit nicht erreicht und ist damit nicht gewählt.",
        &["abgelehnt (350 Ja-Stimmen, 300 Gegenstimmen)"]),
    ("Wer dafür ist, bitte die Karte. / Das sind 18. Wer ist dagegen? / 6. / Damit hat der Antrag eine Mehrheit gefunden.",
        &["mehrheitlich angenommen (18 Ja-Stimmen, 6 Gegenstimmen)"]),
    ("Der Antrag ist bei Stimmengleichheit abgelehnt.", &["abgelehnt"]),
    ("Damit ist Punkt 2 einstimmig beschlossen, Punkt 3 mit zwei Gegenstimmen.", &["einstimmig angenommen"]),
    ("Die Fraktion der Linde zieht den Antrag zurück.", &["zurückgezogen"]),
    ("Dann stellen wir die Vorlage zurück.", &["vertagt"]),
    // Told of the past, of others, of what might be, wished, recommended, asked.
    ("Die Vorlage wurde im Hauptausschuss einstimmig beschlossen.", &[]),
    ("Das haben wir 2019 so beschlossen.", &[]),
    ("Wir kommen zur Abstimmung. / Im Ausschuss wurde das einstimmig abgelehnt.", &[]),
    ("Das ist im Bauausschuss bereits einstimmig angenommen.", &[]),
    ("Wenn das abgelehnt wird, dann ist auch der Haushalt abgelehnt.", &[]),
    ("Sollte der Antrag angenommen werden, stimmen wir noch einmal ab.", &[]),
    ("Ich bitte, den Antrag abzulehnen.", &[]),
    ("Wir kommen zur Abstimmung. / Der Ausschuss empfiehlt die Ablehnung des Antrags.", &[]),
    ("Wir kommen zur Abstimmung. / Der Ausschuss empfiehlt, den Gesetzentwurf anzunehmen.", &[]),
    ("Ist das so beschlossen?", &[]),
    ("Ich bitte um eine einstimmige Zustimmung.", &[]),
    ("Interfraktionell wird die Überweisung an den Bauausschuss vorgeschlagen.", &[]),
    ("Dann verfahren wir so.", &[]),
    ("Ich nehme zur Kenntnis, dass die Verwaltung nicht vertreten ist.", &[]),
    ("Ich bitte Sie, das zur Kenntnis zu nehmen.", &[]),
    ("Für die Aussprache sind 40 Minuten vorgesehen. / Widerspruch höre ich nicht. / Dann ist das so beschlossen.", &[]),
    ("Ich würde vorschlagen, dass wir das in den Bauausschuss verweisen.", &[]),
    ("Wir würden es dann dahin verweisen.", &[]),
    ("Gewählt ist, wer die Mehrheit der Stimmen erhält.", &[]),
    ("Wer stimmt dagegen? / Das ist die Mehrheit.", &[]),
    ("Der Ausschuss hat die Vorlage mit 8 zu 3 Stimmen beschlossen.", &[]),
    ("Der Hauptausschuss empfiehlt das mit 8 Ja-Stimmen und 2 Nein-Stimmen.", &[]),
    ("In der letzten Sitzung ist das mehrheitlich abgelehnt worden.", &[]),
    ("Damit ist die Wahl angenommen.", &[]),
    ("Die Verwaltung zieht sich zurück.", &[]),
    ("Damit das beschlossen werden kann, brauchen wir eine Mehrheit.", &[]),
    ("Dann würde das abgelehnt.", &[]),
    ("Der Baubeginn ist verschoben.", &[]),
    ("Wir beschließen heute über den Haushalt.", &[]),
    ("Herzlichen Dank für die breite Zustimmung.", &[]),
    ("Wir kommen zur Abstimmung. / Gegenstimmen? / Enthaltungen? / Vielen Dank.", &[]),
    ("Ich rufe auf den Tagesordnungspunkt 5. / Dort ist der Antrag noch nicht beschlossen.", &[]),
];

#[test]
fn results_are_read_as_told_and_nothing_else() {
    let wrong: Vec<String> = TOLD
        .iter()
        .filter(|(said, want)| told(said) != *want)
        .map(|(said, want)| format!("{said}\n  want {want:?}\n  read {:?}", told(said)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_items_called_together_the_one_named_gets_the_result() {
    let said = [("Wir kommen zur Abstimmung.", 0), ("Punkt 3 ist damit beschlossen.", 400)];
    let transcript = spoken(said.iter().copied());
    let stream = WordStream::new(&transcript, &[]);
    let hits = stream::find(&stream.tokens);
    let council = council();
    let agenda = Items::new(&council, &stream);
    let end = transcript.words.len();
    let about = |items: &[usize]| {
        let stretch = Stretch {
            items: items.to_vec(),
            first: 0,
            end,
            confidence: 1.0,
            opened: Opening::Fixed,
        };
        let found = find(&stream, &hits, &agenda, &[stretch], &[(0, end)]);
        found.into_iter().map(|result| result.items).collect::<Vec<_>>()
    };
    assert_eq!(about(&[2, 3]), [vec![2]]);
    assert_eq!(about(&[1, 3]), [vec![1, 3]], "a point of the motion, not of the agenda");
}

/// Speeches full of words of results.
const SPEECHES: &[&str] = &[
    "Damit ist der Antrag angenommen.",
    "Das ist einstimmig.",
    "Wer stimmt dafür?",
    "Dann verweisen wir das in den Bauausschuss.",
    "Die Vorlage ist damit abgelehnt.",
    "Gegenstimmen? Keine.",
    "Dann nehmen wir das so zur Kenntnis.",
];

proptest! {
    #[test]
    fn what_others_say_decides_nothing(
        said in 0..TOLD.len(),
        speech in proptest::collection::vec(0..SPEECHES.len(), 1..8),
        before in any::<bool>(),
    ) {
        let chair: Vec<(&str, u64)> = TOLD[said].0.split(" / ").map(|said| (said, 400)).collect();
        let speech: Vec<(&str, u64)> = speech.iter().map(|i| (SPEECHES[*i], 900)).collect();
        let alone = spoken(chair.iter().copied());
        let n = alone.words.len();
        let both = if before { [speech, chair].concat() } else { [chair, speech].concat() };
        let transcript = spoken(both.iter().copied());
        let m = transcript.words.len() - n;
        let turn = if before { (m, m + n) } else { (0, n) };
        prop_assert_eq!(results(&transcript, &[1], &[turn]), results(&alone, &[1], &[(0, n)]));
    }

    #[test]
    fn every_vote_lies_in_a_span_of_its_item_in_order(
        said in proptest::collection::vec((0..TOLD.len(), 1usize..6, any::<bool>()), 1..8),
    ) {
        let mut sentences: Vec<(String, u64)> = vec![("Die Sitzung ist eröffnet.".into(), 0)];
        for (told, item, called) in said {
            if called {
                sentences.push((format!("Ich rufe auf den Tagesordnungspunkt {item}."), 900));
            }
            sentences.extend(TOLD[told].0.split(" / ").map(|said| (said.to_owned(), 400)));
        }
        let sentences: Vec<(&str, u64)> = sentences.iter().map(|(s, p)| (s.as_str(), *p)).collect();
        let Alignment { items, .. } = align(&spoken(sentences.iter().copied()), &council(), &[]);
        for item in items {
            for vote in &item.votes {
                let held = |s: &&crate::domain::Span| {
                    s.start() <= vote.start_ms && vote.end_ms <= s.end()
                };
                prop_assert!(item.spans.iter().any(|s| held(&s)), "{vote:?}");
            }
            prop_assert!(item.votes.windows(2).all(|v| v[0].end_ms <= v[1].start_ms));
        }
    }
}
