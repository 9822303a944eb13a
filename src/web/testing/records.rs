//! Meetings that were put on record elsewhere, beside the invented one.

use super::Archive;
use crate::domain::*;
use crate::edition::Directory;
use crate::store::NewRestriction;

/// The paper that such a meeting debates.
pub const PAPER: &str = "DS0500/25";

impl Archive {
    /// Adds a meeting of the same council on this day, with a minute for each speaker.
    pub fn record(&self, id: &str, day: &str, speakers: &[(&str, Role)]) -> MeetingId {
        let id = MeetingId::new(id).unwrap();
        let date = day.parse().unwrap();
        let mut council =
            Council::by_names(&id, "Landkreis Beispiel", Some("Kreistag"), date).unwrap();
        let paper = PaperId::new(PAPER).unwrap();
        council.papers = vec![Paper {
            id: paper.clone(),
            reference: Some(PAPER.into()),
            name: PAPER.into(),
            paper_type: None,
            originator_persons: Vec::new(),
            originator_organizations: Vec::new(),
        }];
        let item = AgendaItemId::new(format!("{id}/0")).unwrap();
        council.meeting.agenda = vec![AgendaItem {
            id: item.clone(),
            number: Some("3".into()),
            order: 0,
            title: "Radweg am Ring".into(),
            public: true,
            papers: vec![paper],
            result: None,
        }];
        let speech = |(n, (name, role)): (usize, &(&str, Role))| Speech {
            order: n as u32 + 1,
            item: Some(item.clone()),
            speaker: Some(RecordedSpeaker {
                id: PersonId::new(*name).unwrap(),
                name: (*name).to_owned(),
            }),
            party: (*role == Role::Member).then(|| "Grüne Liste".to_owned()),
            role: *role,
            start_ms: Some(MediaTime::from_millis(n as u64 * 60_000)),
            end_ms: Some(MediaTime::from_millis(n as u64 * 60_000 + 59_000)),
            video_url: None,
            text: "Ein Satz.".into(),
        };
        let speeches: Vec<Speech> = speakers.iter().enumerate().map(speech).collect();
        self.store.put_speeches(&council, &speeches, &Default::default()).unwrap();
        self.store.note_publication(&id, Some(&Digest::of(day.as_bytes()))).unwrap();
        id
    }

    /// Adds votes to a meeting, as `import` reads them.
    pub fn votes(&self, id: &MeetingId, votes: serde_json::Value) {
        let votes = OutsideFacts::Votes(serde_json::from_value(votes).unwrap());
        self.store.put_outside(id, &votes).unwrap();
    }

    /// Withholds a speech of a meeting.
    pub fn withhold_speech(&self, id: &MeetingId, speech: u32) {
        let new = NewRestriction {
            scope: Scope::Speech(speech),
            covers: Covers::Everything,
            origin: Origin::Clerk,
            why: "Wunsch".into(),
            withdrew: true,
            made: Signature { by: "Amt".into(), at: jiff::Timestamp::UNIX_EPOCH },
            unplaced: false,
        };
        self.store.restrict(id, &new, &[], None).unwrap();
    }

    /// All its meetings together.
    pub fn directory(&self) -> std::sync::Arc<Directory> {
        self.state().editions.directory().unwrap()
    }
}
