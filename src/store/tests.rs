//! What is written is read back equal; what may no longer be shown is gone.

use super::*;
use crate::domain::*;

pub(super) fn council() -> Council {
    let item = |order: u32, public: bool| AgendaItem {
        id: AgendaItemId::new(format!("item/{order}")).unwrap(),
        number: Some(format!("Ö {order}")),
        order,
        title: if public { format!("Punkt {order}") } else { String::new() },
        public,
        papers: if order == 0 { vec![PaperId::new("paper/1").unwrap()] } else { Vec::new() },
        result: None,
    };
    Council {
        body: Body { id: BodyId::new("body").unwrap(), name: "Landkreis Beispiel".into() },
        organizations: vec![Organization {
            id: OrganizationId::new("kt").unwrap(),
            name: "Kreistag".into(),
            short_name: None,
            classification: Some("Gremium".into()),
        }],
        persons: vec![Person {
            id: PersonId::new("p/1").unwrap(),
            name: "Dr. Erika Muster".into(),
            family_name: Some("Muster".into()),
            given_name: Some("Erika".into()),
            form_of_address: Some("Frau".into()),
            titles: vec!["Dr.".into()],
            memberships: vec![Membership {
                organization: None,
                organization_name: Some("SPD".into()),
                role: Some("Mitglied".into()),
                is_party: true,
                start: Some("2019-06-01".parse().unwrap()),
                end: None,
            }],
        }],
        papers: vec![Paper {
            id: PaperId::new("paper/1").unwrap(),
            reference: Some("MV-0029/21".into()),
            name: "Livestream".into(),
            paper_type: None,
            originator_persons: vec![PersonId::new("p/1").unwrap()],
            originator_organizations: Vec::new(),
        }],
        meeting: Meeting {
            id: MeetingId::new("kt-1").unwrap(),
            oparl_id: Some("https://example.org/m/1".into()),
            body: BodyId::new("body").unwrap(),
            organizations: vec![OrganizationId::new("kt").unwrap()],
            name: "1. Sitzung".into(),
            start: Some("2021-06-21T15:00:00Z".parse().unwrap()),
            date: Some("2021-06-21".parse().unwrap()),
            cancelled: false,
            synthetic: true,
            participants: vec![PersonId::new("p/1").unwrap()],
            agenda: vec![item(0, true), item(1, true), item(2, false)],
        },
    }
}

fn recording(public: PublicSpans) -> Recording {
    Recording {
        shown_as: Default::default(),
        sha256: Digest::of(b"sound"),
        path: "/aufnahmen/sitzung.mp4".into(),
        bytes: 5,
        offset: MediaTime::from_millis(1500),
        video_url: None,
        video_offset_ms: -192_000,
        public,
        sound: SoundChoice { track: Track::Language("deu".into()), channels: Channels::Split },
        seats: vec!["Vorsitz".into(), "Rednerpult".into()],
    }
}

fn transcript(text: &str) -> Transcript {
    Transcript {
        times: Default::default(),
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef { sha256: None, duration_ms: MediaTime::from_millis(9000) },
        engine: Engine { model: "m".into(), ..Engine::named("test") },
        language: "de".into(),
        words: vec![Word {
            text: text.into(),
            start_ms: MediaTime::from_millis(100),
            end_ms: MediaTime::from_millis(400),
            confidence: 0.5,
            raw: None,
        }],
        utterances: vec![Utterance { first_word: 0, n_words: 1, speaker_label: None }],
        gaps: Vec::new(),
        warnings: Vec::new(),
    }
}

fn filled() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path()).unwrap();
    put(&store, &council(), &[recording(PublicSpans::WHOLE)]);
    (dir, store)
}

fn put(store: &Store, council: &Council, recordings: &[Recording]) -> Change {
    store.register(&Registration::of(council, recordings)).unwrap().change
}

/// Puts a transcript of one word, of everything that is public now.
fn hear(store: &Store, key: &Digest, text: &str) {
    let id = council().meeting.id;
    let now = store.recordings(&id).unwrap().remove(0);
    let heard = Heard { public: &now.public, sound: &now.sound };
    assert!(store.put_transcript(&id, &now.sha256, key, &transcript(text), &heard).unwrap());
}

fn put_alignment(store: &Store, key: &Digest, alignment: &Alignment) {
    let id = council().meeting.id;
    let texts = store.shown_transcripts(&id).unwrap();
    assert_ne!(store.put_alignment(&id, key, alignment, &texts).unwrap(), Put::Outdated);
}

fn align() -> Alignment {
    Alignment { format: ALIGNMENT_FORMAT.into(), items: Vec::new(), turns: Vec::new() }
}

#[test]
fn sqlite_is_sound() {
    assert!(rusqlite::version_number() >= OLDEST_SOUND_SQLITE, "{}", rusqlite::version());
}

#[test]
fn a_meeting_is_read_back_as_written_and_writing_again_changes_nothing() {
    let (_dir, store) = filled();
    let id = council().meeting.id;
    assert_eq!(store.council(&id).unwrap(), council());
    assert_eq!(store.recordings(&id).unwrap(), [recording(PublicSpans::WHOLE)]);
    let again = put(&store, &council(), &[recording(PublicSpans::WHOLE)]);
    assert_eq!(again, Change::Unchanged);
    assert_eq!(store.meetings().unwrap()[0].organization, "Kreistag");
}

#[test]
fn transcripts_are_immutable_and_older_ones_are_kept() {
    let (_dir, store) = filled();
    let (id, media) = (council().meeting.id, Digest::of(b"sound"));
    for text in ["eins", "zwei"] {
        let key = Digest::of(text.as_bytes());
        hear(&store, &key, text);
    }
    assert_eq!(store.transcript_count(&id, &media).unwrap(), 2);
    let shown = store.transcript(&id, &media).unwrap().unwrap();
    assert_eq!(shown.transcript, transcript("zwei"));
    assert!(store.show_transcript(&id, &media, &Digest::of(b"eins")).unwrap());
    let on_clock = store.meeting_transcript(&id).unwrap().unwrap();
    assert_eq!(on_clock.words[0].text, "eins");
    assert_eq!(on_clock.words[0].start_ms.millis(), 1600, "moved by the recording's offset");
    let refused = store.write(|t| t.execute("UPDATE transcript SET content = '{}'", []));
    assert!(refused.is_err());
}

#[test]
fn narrowed_public_parts_delete_what_was_made_from_the_rest() {
    let (dir, store) = filled();
    let (id, media) = (council().meeting.id, Digest::of(b"sound"));
    hear(&store, &media, "Geheimwort");
    put_alignment(&store, &media, &align());
    let span = Span::new(MediaTime::ZERO, MediaTime::from_millis(50)).unwrap();
    let narrowed = recording(PublicSpans::only(vec![span]));
    assert_eq!(put(&store, &council(), &[narrowed]), Change::Withdrawn);
    let left = store.transcript(&id, &media).unwrap().unwrap().transcript;
    assert!(left.words.is_empty(), "{left:?}");
    assert!(store.purge_log().unwrap());
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|w| w == b"Geheimwort"), "deleted text lingers in a file");
    }
}

#[test]
fn an_item_that_becomes_hidden_withdraws_the_alignment() {
    let (_dir, store) = filled();
    let id = council().meeting.id;
    let at = MediaTime::from_millis;
    let treated = ItemAlignment {
        id: AgendaItemId::new("item/1").unwrap(),
        number: None,
        spans: vec![Span::new(at(2500), at(4500)).unwrap()],
        confidence: 1.0,
        evidence: Vec::new(),
        votes: Vec::new(),
    };
    let alignment = Alignment { items: vec![treated], ..align() };
    put_alignment(&store, &Digest::of(b"k"), &alignment);
    // A clerk knew more, but nothing has been run since.
    let fact = Fact::Items(vec![AgendaItemId::new("item/1").unwrap()]);
    let point = FixedPoint { span: Span::new(at(6500), at(7500)).unwrap(), fact };
    let made = Signature { by: "Amt 10".into(), at: "2026-03-02T09:00:00Z".parse().unwrap() };
    store.add_overrule(&id, &point, &made).unwrap();
    let mut hidden = council();
    hidden.meeting.agenda[1].public = false;
    hidden.meeting.agenda[1].title.clear();
    let change = put(&store, &hidden, &[recording(PublicSpans::WHOLE)]);
    assert_eq!(change, Change::Withdrawn);
    let left = store.alignment(&id).unwrap().unwrap().alignment;
    assert!(left.items.iter().all(|item| item.spans.is_empty()), "{left:?}");
    let public = |store: &Store| store.recordings(&id).unwrap()[0].public.clone();
    // 1 s to 3 s of the recording, which starts 1.5 s into the meeting.
    assert!(public(&store).contains(at(999)) && !public(&store).contains(at(1000)));
    assert!(!public(&store).contains(at(2999)) && public(&store).contains(at(3000)));
    assert!(!public(&store).contains(at(5000)) && public(&store).contains(at(6000)));
    let again = put(&store, &hidden, &[recording(PublicSpans::WHOLE)]);
    assert_eq!(again, Change::Unchanged, "what is withheld stays withheld");
    // What was published and withdrawn comes back by the word of a person alone.
    let (again_public, recordings) = (council(), [recording(PublicSpans::WHOLE)]);
    let shown_again = Registration::of(&again_public, &recordings);
    let notices = store.register(&shown_again).unwrap().notices;
    let [Notice::StillHidden(restriction)] = notices.as_slice() else { panic!("{notices:?}") };
    assert!(!public(&store).contains(at(1000)), "it is still hidden");
    assert!(!store.council(&id).unwrap().meeting.agenda[1].public);
    store.release(&id, restriction.number, &made, None).unwrap();
    store.register(&shown_again).unwrap();
    assert!(public(&store).is_whole(), "the item is public again");
    let mut leak = council();
    leak.meeting.agenda[2].title = "Grundstück".into();
    assert!(
        store.register(&Registration::of(&leak, &[])).is_err(),
        "the title of a hidden item was stored"
    );
}

#[test]
fn overrules_are_taken_back_but_never_changed_or_deleted() {
    let (_dir, store) = filled();
    let id = council().meeting.id;
    let sign = |by: &str, at: &str| Signature { by: by.into(), at: at.parse().unwrap() };
    let span = Span::new(MediaTime::ZERO, MediaTime::from_millis(4000)).unwrap();
    let item = FixedPoint { span, fact: Fact::Items(vec![AgendaItemId::new("item/1").unwrap()]) };
    let chair = FixedPoint { span, fact: Fact::Speaker { person: None, role: Role::Chair } };
    let made = sign("Amt 10", "2026-03-02T09:00:00Z");
    for (number, point) in [(1, &item), (2, &chair), (3, &item)] {
        assert_eq!(store.add_overrule(&id, point, &made).unwrap(), number);
    }
    let later = sign("Vertretung", "2026-03-03T09:00:00Z");
    store.take_back_overrule(&id, 1, &later).unwrap();
    assert_eq!(store.fixed_points(&id).unwrap(), [chair, item.clone()]);
    for number in [1, 4] {
        let refused = store.take_back_overrule(&id, number, &made).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotFound, "{number}");
    }
    let history = store.overrules(&id).unwrap();
    let first = Overrule { number: 1, point: item, made: made.clone(), taken_back: Some(later) };
    assert_eq!((history.len(), &history[0]), (3, &first));
    for change in [
        "UPDATE overrule SET point = '{}', taken_back_by = 'x', taken_back_at = 'x'",
        "UPDATE overrule SET taken_back_by = NULL, taken_back_at = NULL",
    ] {
        assert!(store.write(|t| t.execute(change, [])).is_err(), "{change}");
    }
    // Reading the meeting in again, even with less public, leaves what was fixed.
    let narrowed = recording(PublicSpans::only(vec![span]));
    assert_eq!(put(&store, &council(), &[narrowed]), Change::Updated);
    assert_eq!(store.overrules(&id).unwrap(), history);
    let elsewhere = MeetingId::new("kt-2").unwrap();
    assert!(store.add_overrule(&elsewhere, &history[0].point, &made).is_err(), "no such meeting");
    assert!(store.remove_meeting(&id, &made).unwrap());
    assert!(store.overrules(&id).unwrap().is_empty(), "gone with the meeting");
}

#[test]
fn a_damaged_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("archive.sqlite"), vec![7; 8192]).unwrap();
    let Err(error) = Store::open(dir.path()) else { panic!("rubbish was opened") };
    assert_eq!(error.kind(), ErrorKind::Archive);
    assert!(error.to_string().contains("archive.sqlite"), "{error}");
}

/// An archive of the first format keeps what it holds and takes its recordings as they were.
#[test]
fn an_older_archive_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let old = Connection::open(dir.path().join(ARCHIVE_FILE)).unwrap();
    old.execute_batch(opening::MIGRATIONS[0]).unwrap();
    old.execute_batch(
        "INSERT INTO body VALUES ('b', 'Musterland');
         INSERT INTO meeting VALUES ('kt-1', NULL, 'b', '[]', '[]', 'Sitzung', NULL, NULL, 0, 1);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    let sha256 = Digest::of(b"old");
    old.execute(
        "INSERT INTO recording VALUES ('kt-1', ?1, 0, 'a.mp4', 5, 0, NULL, 0, 'null', NULL)",
        [sha256.as_str()],
    )
    .unwrap();
    drop(old);
    let store = Store::create(dir.path()).unwrap();
    let recordings = store.recordings(&MeetingId::new("kt-1").unwrap()).unwrap();
    let [recording] = recordings.as_slice() else { panic!("{recordings:?}") };
    assert_eq!(recording.sha256, sha256);
    assert_eq!(recording.sound, SoundChoice::default());
    assert!(recording.seats.is_empty());
    let outside = store.shown_outside(&MeetingId::new("kt-1").unwrap()).unwrap();
    assert_eq!(outside, ShownOutside::default());
    assert!(store.intakes().unwrap().is_empty());
    assert_eq!(store.glossary_state().unwrap(), GlossaryState::default());
}

#[test]
fn replaced_speeches_are_in_no_file_while_the_archive_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path()).unwrap();
    let speech = |text: &str| Speech {
        order: 1,
        item: None,
        speaker: None,
        party: None,
        role: Role::Member,
        start_ms: None,
        end_ms: None,
        video_url: None,
        text: text.into(),
    };
    let holds = || {
        std::fs::read_dir(dir.path()).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(10).any(|w| w == b"Zitterwort")
        })
    };
    store
        .put_speeches(&council(), &[speech("Das Zitterwort.")], &FormerReading::default())
        .unwrap();
    assert!(holds(), "the test can see the word");
    let change = store
        .put_speeches(&council(), &[speech("Ein anderes Wort.")], &FormerReading::default())
        .unwrap();
    assert_eq!(change, Change::Withdrawn);
    assert!(!holds());
    assert_eq!(store.speeches(&council().meeting.id).unwrap()[0].text, "Ein anderes Wort.");
}

#[test]
fn corrections_are_taken_back_but_never_changed_and_go_with_what_may_not_be_seen() {
    let (_dir, store) = filled();
    let (id, media) = (council().meeting.id, Digest::of(b"sound"));
    hear(&store, &Digest::of(b"k"), "Kramme");
    let made = Signature { by: "konto-1".into(), at: "2026-03-02T09:00:00Z".parse().unwrap() };
    let before = store.reviewed_text(&id).unwrap();
    let text = |store: &Store| store.corrected_texts(&id).unwrap().remove(0);
    let correct = |was: &str, now: &str| {
        let seen = store.revisions_seen(&id).unwrap();
        let shown = text(&store);
        let of = OfRecording {
            sha256: &media,
            offset: shown.recording.offset,
            public: &PublicSpans::WHOLE,
        };
        let words = &shown.transcript.words;
        let edits = shown.corrected.edits(words, of, 0..1, was, now).unwrap();
        (seen.clone(), edits.clone(), store.add_revisions(&id, &edits, &seen, &made).unwrap())
    };
    let (seen, edits, kept) = correct("Kramme", "Kramer");
    assert_eq!(kept, Revised::Kept(vec![1]));
    assert_ne!(
        store.reviewed_text(&id).unwrap(),
        before,
        "a check of the former text holds no more"
    );
    // What was made on a state that is not any more is not kept.
    assert_eq!(store.add_revisions(&id, &edits, &seen, &made).unwrap(), Revised::Outdated);
    correct("Kramer", "Krämer");
    assert_eq!(store.meeting_transcript(&id).unwrap().unwrap().words[0].text, "Krämer");
    let refused = store.take_back_revisions(&id, &[1], &made).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::BadInput, "a later one stands there");
    store.take_back_revisions(&id, &[2], &made).unwrap();
    assert_eq!(text(&store).corrected.transcript.words[0].text, "Kramer");
    for change in [
        "UPDATE revision SET edit = '{}' || edit",
        "UPDATE revision SET made_by = 'x'",
        "UPDATE revision SET taken_back_by = NULL, taken_back_at = NULL WHERE number = 2",
    ] {
        assert!(store.write(|t| t.execute(change, [])).is_err(), "{change}");
    }
    // The place may not be seen any more: nothing of what people wrote there stays.
    let span = Span::new(MediaTime::ZERO, MediaTime::from_millis(50)).unwrap();
    put(&store, &council(), &[recording(PublicSpans::only(vec![span]))]);
    let left: i64 =
        store.read(|c| c.query_row("SELECT count(edit) FROM revision", [], |r| r.get(0))).unwrap();
    assert_eq!(left, 0);
    assert!(store.revisions(&id).unwrap().is_empty());
    let refused = store.add_revisions(&id, &edits, &store.revisions_seen(&id).unwrap(), &made);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Withdrawn);
    assert!(store.remove_meeting(&id, &made).unwrap());
}
