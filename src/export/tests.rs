//! What is true of captions of any transcript, hostile ones included: sound files, every word
//! once, nothing out of order.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    ALIGNMENT_FORMAT, AgendaItemId, Body, BodyId, Engine, Gap, GapReason, ItemAlignment, Majority,
    MediaRef, Meeting, MeetingId, Outcome, PublicSpans, Role, Span, TRANSCRIPT_FORMAT, TextReview,
    Utterance, Word,
};

fn ms(ms: u64) -> MediaTime {
    MediaTime::from_millis(ms)
}

fn transcript(words: Vec<Word>, utterances: Vec<Utterance>) -> Transcript {
    let end = words.iter().map(|w| w.end_ms).max().unwrap_or_default();
    Transcript {
        times: Default::default(),
        format: TRANSCRIPT_FORMAT.to_owned(),
        media: MediaRef { sha256: None, duration_ms: end },
        engine: Engine::named("test"),
        language: "de".to_owned(),
        words,
        utterances,
        gaps: Vec::new(),
        warnings: Vec::new(),
    }
}

fn turn(start: u64, end: u64, name: &str) -> Turn {
    Turn {
        start_ms: ms(start),
        end_ms: ms(end),
        person: None,
        name: Some(name.to_owned()),
        role: Role::Unknown,
        confidence: 1.0,
        evidence: Vec::new(),
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "-->",
        "<script>alert(1)</script>",
        "&",
        "&amp;",
        "<",
        ">",
        "",
        " ",
        "\n",
        "a\n\nb",
        "00:00:01.000 --> 00:00:02.000",
        "NOTE",
        "WEBVTT",
        "1",
        "\0",
        "\r",
        "<v X>",
        "\u{2028}",
        "Straßenausbaubeitragssatzungsänderungsangelegenheiten",
    ]);
    prop_oneof![
        6 => "[A-ZÄÖÜa-zäöüß]{1,14}[.,:;?!]?",
        2 => hostile.prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

/// Words mostly in order, with pauses, and now and then a time that jumps.
fn any_words() -> impl Strategy<Value = Vec<Word>> {
    let word = (any_text(), 0u64..600, 0u64..900, prop::bool::weighted(0.05), 0u64..9_000);
    prop::collection::vec(word, 0..120).prop_map(|words| {
        let mut now = 0;
        let mut timed = |(text, pause, length, odd, jump): (String, u64, u64, bool, u64)| {
            let back = odd && jump % 2 == 0;
            now += pause + if odd && !back { jump } else { 0 };
            let start = if back { now.saturating_sub(jump) } else { now };
            now += length;
            Word { text, start_ms: ms(start), end_ms: ms(now), confidence: 1.0, raw: None }
        };
        words.into_iter().map(&mut timed).collect()
    })
}

fn any_transcript() -> impl Strategy<Value = Transcript> {
    let utterances = prop::collection::vec((0usize..130, 0usize..30), 0..12);
    (any_words(), utterances).prop_map(|(words, utterances)| {
        let utterance =
            |(first_word, n_words)| Utterance { first_word, n_words, speaker_label: None };
        transcript(words, utterances.into_iter().map(utterance).collect())
    })
}

fn any_alignment() -> impl Strategy<Value = Alignment> {
    prop::collection::vec((any_text(), 0u64..20_000), 0..8).prop_map(|turns| {
        let mut now = 0;
        let turns = turns.into_iter().map(|(name, length)| {
            now += length;
            turn(now - length, now, &name)
        });
        let turns = turns.collect();
        Alignment { format: ALIGNMENT_FORMAT.to_owned(), items: Vec::new(), turns }
    })
}

/// What a player makes of a caption.
struct Parsed {
    voice: Option<String>,
    lines: Vec<String>,
}

/// Reads a time of exactly the form `HH:MM:SS.mmm`, with the given mark before milliseconds.
fn time(text: &str, mark: char) -> u64 {
    let (clock, millis) = text.split_once(mark).expect(text);
    let parts: Vec<u64> = clock.split(':').map(|p| p.parse().expect(text)).collect();
    assert!(parts.len() == 3 && millis.len() == 3 && parts[1] < 60 && parts[2] < 60, "{text}");
    (parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1000 + millis.parse::<u64>().expect(text)
}

/// Checks the timing lines of caption blocks and gives the payloads.
fn payloads<'a>(blocks: impl Iterator<Item = Vec<&'a str>>, mark: char) -> Vec<Vec<&'a str>> {
    let mut free = 0;
    blocks
        .map(|lines| {
            let (timing, payload) = lines.split_first().expect("an empty block");
            let (start, end) = timing.split_once(" --> ").expect(timing);
            let (start, end) = (time(start, mark), time(end, mark));
            assert!(free <= start && start < end && end - start <= cues::CUE_MS, "{timing}");
            free = end;
            assert!(matches!(payload.len(), 1 | 2), "{payload:?}");
            assert!(payload.iter().all(|l| !l.contains("-->") && !l.trim().is_empty()));
            payload.to_vec()
        })
        .collect()
}

fn parse_vtt(text: &str) -> Vec<Parsed> {
    let mut blocks = text.trim_end().split("\n\n");
    assert_eq!(blocks.next(), Some("WEBVTT"));
    assert!(blocks.next().is_some_and(|note| note.starts_with("NOTE\n") && !note.contains("-->")));
    let unescape = |text: &str| {
        assert!(!text.contains(['<', '>']), "markup in {text:?}");
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;"].iter().any(|e| entity.starts_with(e)), "{text:?}");
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    payloads(blocks.map(|block| block.split('\n').collect()), '.')
        .into_iter()
        .map(|mut lines| {
            let tagged = lines[0].strip_prefix("<v ").and_then(|rest| rest.split_once('>'));
            let voice = tagged.map(|(name, _)| unescape(name));
            lines[0] = tagged.map_or(lines[0], |(_, text)| text);
            Parsed { voice, lines: lines.into_iter().map(unescape).collect() }
        })
        .collect()
}

fn parse_srt(text: &str) -> Vec<Vec<String>> {
    let blocks = text.trim_end().split("\n\n").filter(|block| !block.is_empty());
    let numbered = blocks.enumerate().map(|(i, block)| {
        let (number, rest) = block.split_once('\n').expect(block);
        assert_eq!(number, (i + 1).to_string());
        rest.split('\n').collect()
    });
    let strings = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect();
    payloads(numbered, ',').into_iter().map(strings).collect()
}

/// All but spaces and hyphens: those at the end of a line may be ours.
fn letters(text: &str) -> Vec<char> {
    one_line(text).chars().filter(|c| !matches!(c, ' ' | '-')).collect()
}

/// Every piece of text without spaces in it, in order.
fn pieces<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    texts
        .flat_map(|text| {
            let text: Vec<String> = one_line(text).split(' ').map(str::to_owned).collect();
            text
        })
        .filter(|piece| !piece.is_empty())
        .collect()
}

proptest! {
    #[test]
    fn vtt_is_sound_and_has_every_word_once(t in any_transcript(), a in any_alignment()) {
        let source = ExportSource { council: None, transcript: &t, alignment: Some(&a), offset: ms(0), address: None, review: TextReview::Automatic };
        let cues = parse_vtt(&export(&source, Format::Vtt).unwrap());
        let shown = pieces(cues.iter().flat_map(|c| &c.lines).map(String::as_str));
        let said = pieces(t.words.iter().map(|w| w.text.as_str()));
        prop_assert_eq!(letters(&shown.concat()), letters(&said.concat()));
        let all_fit = said.iter().all(|piece| piece.chars().count() + 2 <= cues::LINE_CHARS);
        prop_assert!(!all_fit || shown == said, "{:?}", shown);
        for line in cues.iter().flat_map(|cue| &cue.lines) {
            prop_assert!(line.chars().count() <= cues::LINE_CHARS, "{:?}", line);
        }
    }

    #[test]
    fn a_caption_has_the_words_of_one_speaker(t in any_transcript(), a in any_alignment()) {
        let source = ExportSource { council: None, transcript: &t, alignment: Some(&a), offset: ms(500), address: None, review: TextReview::Automatic };
        let name = |word: &Word| {
            let at = cues::middle(word).millis() + 500;
            let turn = a.turns.iter().find(|t| t.start_ms.millis() <= at && at < t.end_ms.millis());
            turn.and_then(|t| t.name.as_deref()).map(one_line).filter(|n| !n.is_empty())
        };
        let mut spoken = t.words.iter().flat_map(|word| {
            let name = name(word);
            letters(&word.text).into_iter().map(move |letter| (letter, name.clone()))
        });
        for cue in parse_vtt(&export(&source, Format::Vtt).unwrap()) {
            for letter in cue.lines.iter().flat_map(|line| letters(line)) {
                prop_assert_eq!(spoken.next(), Some((letter, cue.voice.clone())));
            }
        }
        prop_assert_eq!(spoken.next(), None);
    }

    /// Whatever is cut out, and however many speak at once: captions stand where it is public, one after
    /// the other, each as long as it takes to see it where there is room for that.
    #[test]
    fn captions_stand_in_public_stretches(
        t in any_transcript(),
        a in any_alignment(),
        cuts in prop::collection::vec((0u64..60_000, 1u64..30_000), 0..4),
    ) {
        let open = cuts.iter().map(|&(from, length)| Span::new(ms(from), ms(from + length)).unwrap());
        let public = PublicSpans::only(open.collect());
        let t = t.only(&public);
        let source = ExportSource { council: None, transcript: &t, alignment: Some(&a), offset: ms(0), address: None, review: TextReview::Automatic };
        let cues = cues::cues(&source);
        for span in public.within(t.media.duration_ms) {
            let inside: Vec<_> = cues.iter().filter(|cue| span.contains(cue.start)).collect();
            let least = (span.millis() / inside.len().max(1) as u64).min(cues::SHORTEST_MS);
            for cue in &inside {
                prop_assert!(cue.end <= span.end(), "{:?} in {:?}", cue, span);
                prop_assert!(cue.end.since(cue.start) >= least.max(1), "{:?} in {:?}", cue, span);
            }
        }
        prop_assert!(cues.iter().all(|cue| public.contains(cue.start)));
    }

    #[test]
    fn srt_is_sound_and_has_every_word_once(t in any_transcript(), a in any_alignment()) {
        let source = ExportSource { council: None, transcript: &t, alignment: Some(&a), offset: ms(0), address: None, review: TextReview::Automatic };
        let srt = parse_srt(&export(&source, Format::Srt).unwrap());
        let cues = cues::cues(&source);
        prop_assert_eq!(srt.len(), cues.len());
        for (n, (lines, cue)) in srt.iter().zip(&cues).enumerate() {
            // Another name behind the dash, or nobody's.
            let is_new = n > 0 && cues[n - 1].speaker != cue.speaker;
            prop_assert!(!is_new || cue.is_new_voice);
            let dash = if cue.is_new_voice { cues::DASH } else { "" };
            let said = cue.lines.join("\n").replace('<', "‹").replace('>', "›");
            prop_assert_eq!(lines.join("\n"), format!("{dash}{said}"));
            prop_assert!(lines.iter().all(|line| line.chars().count() <= cues::LINE_CHARS));
        }
    }

    #[test]
    fn json_is_read_back(t in any_transcript()) {
        let source = ExportSource { council: None, transcript: &t, alignment: None, offset: ms(0), address: None, review: TextReview::Automatic };
        let json = export(&source, Format::Json).unwrap();
        prop_assert_eq!(serde_json::from_str::<Transcript>(&json).unwrap(), t);
    }

    #[test]
    fn text_has_every_word_in_order(t in any_transcript(), a in any_alignment()) {
        let source = ExportSource { council: None, transcript: &t, alignment: Some(&a), offset: ms(0), address: None, review: TextReview::Automatic };
        let text = pieces(export(&source, Format::Txt).unwrap().lines());
        let mut text = text.iter();
        for piece in pieces(t.words.iter().map(|w| w.text.as_str())) {
            prop_assert!(text.any(|shown| *shown == piece), "{:?} is missing", piece);
        }
    }
}

/// Words of half a second each, spoken without a pause.
fn spoken(text: &str) -> Transcript {
    let words = text.split(' ').zip(0..).map(|(text, i)| Word {
        text: text.to_owned(),
        start_ms: ms(i * 300),
        end_ms: ms(i * 300 + 300),
        confidence: 1.0,
        raw: None,
    });
    transcript(words.collect(), Vec::new())
}

#[test]
fn captions_are_cut_where_the_sentence_is() {
    let transcript = spoken(
        "Meine Damen und Herren, ich eröffne die Sitzung. Die Einladung ist Ihnen rechtzeitig \
         zugegangen, und wir sind beschlussfähig. Ich rufe den Tagesordnungspunkt fünf auf.",
    );
    let source = ExportSource {
        council: None,
        transcript: &transcript,
        alignment: None,
        offset: ms(0),
        address: None,
        review: TextReview::Automatic,
    };
    let cues = parse_vtt(&export(&source, Format::Vtt).unwrap());
    let last: Vec<&str> =
        cues.iter().filter_map(|cue| cue.lines.last()?.split(' ').next_back()).collect();
    assert_eq!(last, ["Sitzung.", "zugegangen,", "auf."]);
}

/// Two public items called together, then a hidden one, on a recording that starts late.
fn meeting() -> (Council, Alignment) {
    let item = |order: u32, number: &str, title: &str, public| AgendaItem {
        id: AgendaItemId::new(format!("m/{order}")).unwrap(),
        number: Some(number.to_owned()),
        order,
        title: title.to_owned(),
        public,
        papers: Vec::new(),
        result: None,
    };
    let body = Body { id: BodyId::new("b").unwrap(), name: "Landkreis Musterland".to_owned() };
    let agenda = vec![
        item(0, "5", "Radwege & Brücken", true),
        item(1, "Ö 6", "Livestream", true),
        item(2, "7", "Grundstück Geheimweg 3", false),
    ];
    let meeting = Meeting {
        id: MeetingId::new("m").unwrap(),
        oparl_id: None,
        body: body.id.clone(),
        organizations: Vec::new(),
        name: "Kreistag".to_owned(),
        start: None,
        date: Some(jiff::civil::date(2021, 6, 21)),
        cancelled: false,
        synthetic: true,
        participants: Vec::new(),
        agenda,
    };
    let span = |start, end| Span::new(ms(start), ms(end)).unwrap();
    let aligned = |i: usize, spans| ItemAlignment {
        id: meeting.agenda[i].id.clone(),
        number: None,
        spans,
        confidence: 1.0,
        evidence: Vec::new(),
        votes: Vec::new(),
    };
    let adopted = Vote {
        start_ms: ms(61_000),
        end_ms: ms(61_400),
        outcome: Outcome::Adopted,
        majority: Some(Majority::ByMajority),
        in_favour: None,
        against: Some(3),
        abstentions: Some(0),
        words: "Wir".to_owned(),
    };
    let items = vec![
        ItemAlignment {
            votes: vec![adopted],
            ..aligned(0, vec![span(60_500, 61_500), span(64_000, 66_000)])
        },
        aligned(1, vec![span(61_500, 64_000), span(64_000, 66_000)]),
        aligned(2, vec![span(66_000, 70_000)]),
    ];
    let turns = vec![turn(60_000, 63_000, "Frau Muster")];
    let alignment = Alignment { format: ALIGNMENT_FORMAT.to_owned(), items, turns };
    let council = Council { body, organizations: vec![], persons: vec![], papers: vec![], meeting };
    (council, alignment)
}

#[test]
fn chapters_are_the_public_items_on_the_line_of_the_recording() {
    let (council, alignment) = meeting();
    let mut transcript = spoken(&"Wort ".repeat(40));
    transcript.media.duration_ms = ms(12_000);
    let source = ExportSource {
        council: Some(&council),
        transcript: &transcript,
        alignment: Some(&alignment),
        offset: ms(60_000),
        address: None,
        review: TextReview::Automatic,
    };
    assert_eq!(
        export(&source, Format::Chapters).unwrap(),
        "WEBVTT\n\nNOTE\nAutomatisch erstellt, nicht amtlich.\nErfundene Sitzung zu Vorführzwecken.\n\
         \n00:00:00.500 --> 00:00:01.500\nTOP 5: Radwege &amp; Brücken\n\
         \n00:00:01.500 --> 00:00:04.000\nÖ 6: Livestream\n\
         \n00:00:04.000 --> 00:00:06.000\nTOP 5: Radwege &amp; Brücken · Ö 6: Livestream\n"
    );
    assert!(export(&ExportSource { alignment: None, ..source }, Format::Chapters).is_err());
    assert!(export(&ExportSource { council: None, ..source }, Format::Chapters).is_err());
}

#[test]
fn text_reads_item_by_item_and_names_no_hidden_one() {
    let (council, alignment) = meeting();
    let mut transcript = spoken("Ich eröffne. Wir beginnen. So ist es. Und dann noch ein Weg.");
    transcript.gaps = vec![Gap {
        start_ms: ms(6_000),
        end_ms: ms(65_000),
        reason: GapReason::NotPublic,
        detail: None,
    }];
    let source = ExportSource {
        council: Some(&council),
        transcript: &transcript,
        alignment: Some(&alignment),
        offset: ms(60_000),
        address: Some("https://rat.example/sitzung/m"),
        review: TextReview::Automatic,
    };
    assert_eq!(
        export(&source, Format::Txt).unwrap(),
        "Kreistag\nLandkreis Musterland, 21.06.2021\nErfundene Sitzung zu Vorführzwecken.\n\
         Automatisch erstellt, nicht amtlich.\nhttps://rat.example/sitzung/m\n\
         \n[0:00:00] Frau Muster: Ich eröffne.\n\
         \n== TOP 5: Radwege & Brücken ==\n\
         Ergebnis, wie verkündet [0:00:01]: mehrheitlich angenommen (3 Gegenstimmen, keine Enthaltungen)\n\
         \n[0:00:00] Frau Muster: Wir beginnen. So\n\
         \n== Ö 6: Livestream ==\n\
         \n[0:00:01] Frau Muster: ist es. Und dann noch\n\
         \n[0:00:03] ein Weg.\n\
         \n[0:00:06–0:01:05 nicht öffentlich]\n"
    );
}

#[test]
fn approximate_times_are_said() {
    let mut transcript = spoken("Guten Abend.");
    transcript.times = TimeAccuracy::Approximate;
    let source = ExportSource {
        council: None,
        transcript: &transcript,
        alignment: None,
        offset: ms(0),
        address: None,
        review: TextReview::Automatic,
    };
    for format in [Format::Vtt, Format::Txt] {
        assert!(export(&source, format).unwrap().contains("sind ungefähr"));
    }
    assert!(export(&source, Format::Json).unwrap().contains("\"approximate\""));
}
