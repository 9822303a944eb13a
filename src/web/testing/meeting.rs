//! The invented meeting: its council, words and alignment.

use crate::domain::*;
use crate::edition::{Edition, Elsewhere, Part};

/// Where the recording starts on the meeting's clock.
pub const OFFSET: MediaTime = MediaTime::from_millis(5000);
/// Distance of word starts.
const STEP: u64 = 500;

pub fn word_start(index: u64) -> MediaTime {
    OFFSET.plus_millis(index * STEP)
}

/// An edition with any words, utterance lengths and turn starts (in seconds).
pub fn edition_of(words: &[String], lengths: &[usize], turns: &[u64]) -> Edition {
    let mut starts: Vec<u64> = turns.to_vec();
    starts.sort_unstable();
    starts.dedup();
    let person = |i: usize| i.is_multiple_of(2).then(|| PersonId::new("p/1").unwrap());
    let turns = starts.iter().enumerate().map(|(i, start)| {
        turn(person(i), start * 1000, starts.get(i + 1).unwrap_or(&9999) * 1000, 0.9)
    });
    let mut alignment = alignment(words.len());
    alignment.turns = turns.collect();
    let text = Transcript::on_meeting_clock(vec![(OFFSET, transcript(words, lengths))]);
    Edition {
        council: council("1. Sitzung", "Titel"),
        parts: vec![Part { recording: recording(OFFSET), published: None, transcript: None }],
        speeches: Vec::new(),
        text: text.map(|transcript| (transcript, alignment)),
        elsewhere: Elsewhere::default(),
        review: MeetingReview { meeting: Review::UNREVIEWED, items: Default::default() },
        reviewed_text: Digest::of(b""),
    }
}

pub fn ordinary() -> Council {
    council("1. Sitzung des Kreistages", "Einführung eines Livestreams")
}

/// The meeting with this text in each of its fields.
pub fn attacked(text: &str) -> Council {
    let mut council = council(text, text);
    let text = || text.to_owned();
    council.body.name = text();
    for organization in &mut council.organizations {
        (organization.name, organization.short_name) = (text(), Some(text()));
    }
    for person in &mut council.persons {
        (person.name, person.family_name) = (text(), Some(text()));
        (person.form_of_address, person.titles) = (Some(text()), vec![text()]);
        person.memberships.iter_mut().for_each(|m| m.organization_name = Some(text()));
    }
    for paper in &mut council.papers {
        (paper.name, paper.reference, paper.paper_type) = (text(), Some(text()), Some(text()));
    }
    for item in council.meeting.agenda.iter_mut().filter(|item| item.public) {
        (item.number, item.result) = (Some(text()), Some(text()));
    }
    council
}

pub fn recording(offset: MediaTime) -> Recording {
    Recording {
        sha256: Digest::of(&offset.millis().to_le_bytes()),
        path: "/aufnahmen/sitzung.mp4".into(),
        bytes: 8,
        offset,
        video_url: Some("javascript:alert(1)".into()),
        video_offset_ms: 0,
        shown_as: Default::default(),
        public: PublicSpans::WHOLE,
        sound: Default::default(),
        seats: Vec::new(),
    }
}

pub fn transcript(words: &[String], lengths: &[usize]) -> Transcript {
    let word = |(i, text): (usize, &String)| Word {
        text: text.clone(),
        start_ms: MediaTime::from_millis(i as u64 * STEP),
        end_ms: MediaTime::from_millis(i as u64 * STEP + 400),
        confidence: 0.9,
        raw: None,
    };
    let mut utterances = Vec::new();
    let mut first_word = 0;
    for length in lengths {
        let n_words = (*length).min(words.len() - first_word);
        if n_words > 0 {
            utterances.push(Utterance { first_word, n_words, speaker_label: None });
        }
        first_word += n_words;
    }
    if first_word < words.len() {
        let n_words = words.len() - first_word;
        utterances.push(Utterance { first_word, n_words, speaker_label: None });
    }
    let end = MediaTime::from_millis(words.len() as u64 * STEP);
    Transcript {
        times: Default::default(),
        format: TRANSCRIPT_FORMAT.into(),
        media: MediaRef { sha256: None, duration_ms: end.plus_millis(60_000) },
        engine: Engine { model: "base".into(), ..Engine::named(WHISPER) },
        language: "de".into(),
        words: words.iter().enumerate().map(word).collect(),
        utterances,
        gaps: vec![Gap {
            start_ms: end,
            end_ms: end.plus_millis(60_000),
            reason: GapReason::NotPublic,
            detail: None,
        }],
        warnings: Vec::new(),
    }
}

fn turn(person: Option<PersonId>, start: u64, end: u64, confidence: f32) -> Turn {
    Turn {
        start_ms: MediaTime::from_millis(start),
        end_ms: MediaTime::from_millis(end),
        person,
        name: None,
        role: Role::Chair,
        confidence,
        evidence: Vec::new(),
    }
}

pub fn alignment(words: usize) -> Alignment {
    let span = |from: u64, to: u64| Span::new(word_start(from), word_start(to)).unwrap();
    let item = |order: u32, spans| ItemAlignment {
        id: AgendaItemId::new(format!("item/{order}")).unwrap(),
        number: None,
        spans,
        confidence: 0.9,
        evidence: Vec::new(),
        votes: Vec::new(),
    };
    let vote = |outcome, majority, abstentions| Vote {
        start_ms: word_start(21),
        end_ms: word_start(24),
        outcome,
        majority,
        in_favour: None,
        against: None,
        abstentions,
        words: "Antrag ist richtig.".into(),
    };
    let adopted = vote(Outcome::Adopted, Some(Majority::Unanimous), Some(2));
    let hidden = vote(Outcome::Rejected, None, None);
    let person = |n: u32| PersonId::new(format!("p/{n}")).ok();
    let change = word_start(17).millis();
    Alignment {
        format: ALIGNMENT_FORMAT.into(),
        items: vec![
            item(0, vec![span(0, 17)]),
            ItemAlignment { votes: vec![adopted], ..item(1, vec![span(17, words as u64 + 17)]) },
            ItemAlignment { votes: vec![hidden], ..item(2, vec![]) },
        ],
        turns: vec![
            turn(person(1), OFFSET.millis(), change, 0.95),
            turn(person(2), change, change + 600_000, 0.4),
        ],
    }
}

pub fn council(name: &str, title: &str) -> Council {
    let item = |order: u32, number: &str, title: &str, public: bool| AgendaItem {
        id: AgendaItemId::new(format!("item/{order}")).unwrap(),
        number: Some(number.into()),
        order,
        title: title.into(),
        public,
        papers: vec![PaperId::new(if public { "paper/1" } else { "paper/2" }).unwrap()],
        result: None,
    };
    let paper = |id: &str, reference: &str| Paper {
        id: PaperId::new(id).unwrap(),
        reference: Some(reference.into()),
        name: title.into(),
        paper_type: None,
        originator_persons: Vec::new(),
        originator_organizations: Vec::new(),
    };
    Council {
        body: Body { id: BodyId::new("body").unwrap(), name: "Landkreis Beispiel".into() },
        organizations: vec![Organization {
            id: OrganizationId::new("kt").unwrap(),
            name: "Kreistag".into(),
            short_name: None,
            classification: None,
        }],
        persons: vec![person("p/1", "Erika Muster"), person("p/2", "Bernd Beispiel")],
        papers: vec![paper("paper/1", "MV-0029/21"), paper("paper/2", "MV-0666/21")],
        meeting: Meeting {
            id: MeetingId::new("kt-1").unwrap(),
            oparl_id: None,
            body: BodyId::new("body").unwrap(),
            organizations: vec![OrganizationId::new("kt").unwrap()],
            name: name.into(),
            start: None,
            date: Some("2021-06-21".parse().unwrap()),
            cancelled: false,
            synthetic: true,
            participants: Vec::new(),
            agenda: vec![
                item(0, "5", title, true),
                item(1, "6", title, true),
                item(2, "7", "", false),
            ],
        },
    }
}

fn person(id: &str, name: &str) -> Person {
    Person {
        id: PersonId::new(id).unwrap(),
        name: name.into(),
        family_name: name.split(' ').next_back().map(str::to_owned),
        given_name: None,
        form_of_address: None,
        titles: Vec::new(),
        memberships: vec![Membership {
            organization: None,
            organization_name: Some("SPD".into()),
            role: None,
            is_party: true,
            start: None,
            end: None,
        }],
    }
}
