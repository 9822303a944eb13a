//! Who is in the directory, and that a withdrawal reaches it.

use super::*;
use crate::domain::{
    AgendaItem, AgendaItemId, Council, Covers, MediaTime, MeetingId, Origin, OutsideFacts, Paper,
    PaperId, RecordedSpeaker, Role, Scope, Signature, Speech, VoteCast,
};
use crate::edition::{Editions, Viewer};
use crate::store::{NewRestriction, Store};

/// An archive of records.
struct Records {
    _dir: tempfile::TempDir,
    store: Store,
    editions: Editions,
}

/// Who speaks as what under which item.
type Line = (&'static str, Role, usize);

impl Records {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let editions = Editions::new(Store::open_to_read(dir.path()).unwrap(), Viewer::Public);
        Self { _dir: dir, store, editions }
    }

    fn meeting(&self, id: &str, body: &str, day: i8, lines: &[Line]) -> MeetingId {
        let id = MeetingId::new(id).unwrap();
        let mut council =
            Council::by_names(&id, body, Some("Rat"), jiff::civil::date(2025, 6, day)).unwrap();
        let papers = ["DS0500/25", "A0012/25"];
        council.papers = papers
            .map(|reference| Paper {
                id: PaperId::new(reference).unwrap(),
                reference: Some(reference.into()),
                name: reference.into(),
                paper_type: None,
                originator_persons: Vec::new(),
                originator_organizations: Vec::new(),
            })
            .to_vec();
        let item = |n: usize| AgendaItem {
            id: AgendaItemId::new(format!("{id}/{n}")).unwrap(),
            number: Some((n + 1).to_string()),
            order: n as u32,
            title: ["Radweg", "Schule"][n].into(),
            public: true,
            papers: vec![PaperId::new(papers[n]).unwrap()],
            result: None,
        };
        council.meeting.agenda = vec![item(0), item(1)];
        let speech = |(n, (name, role, item)): (usize, &Line)| Speech {
            order: n as u32 + 1,
            item: Some(AgendaItemId::new(format!("{id}/{item}")).unwrap()),
            speaker: Some(RecordedSpeaker {
                id: PersonId::new(address_part(name)).unwrap(),
                name: (*name).into(),
            }),
            party: (*role == Role::Member).then(|| "SPD".into()),
            role: *role,
            start_ms: Some(MediaTime::from_millis(n as u64 * 60_000)),
            end_ms: Some(MediaTime::from_millis(n as u64 * 60_000 + 30_000)),
            video_url: None,
            text: "Ein Satz.".into(),
        };
        let speeches: Vec<Speech> = lines.iter().enumerate().map(speech).collect();
        self.store.put_speeches(&council, &speeches, &Default::default()).unwrap();
        id
    }

    fn directory(&self) -> Arc<Directory> {
        self.editions.directory().unwrap()
    }

    /// Names of those with a page, with how much they said.
    fn persons(&self) -> Vec<(String, usize)> {
        let directory = self.directory();
        directory.persons.iter().map(|p| (p.name.clone(), p.speeches.len())).collect()
    }

    fn withhold(&self, id: &MeetingId, scope: Scope) {
        let new = NewRestriction {
            scope,
            covers: Covers::Everything,
            origin: Origin::Clerk,
            why: "Wunsch".into(),
            withdrew: true,
            made: Signature { by: "Amt".into(), at: jiff::Timestamp::UNIX_EPOCH },
            unplaced: false,
        };
        self.store.restrict(id, &new, &[], None).unwrap();
    }
}

#[test]
fn the_same_name_is_one_person_within_a_body_and_residents_are_none() {
    let records = Records::new();
    let lines = [
        ("Dr. Erika Muster", Role::Member, 0),
        ("Bernd Beispiel", Role::Resident, 0),
        ("Gast Geber", Role::Guest, 1),
        ("Ute Unbekannt", Role::Unknown, 1),
        ("Lars Land", Role::Administration, 1),
    ];
    records.meeting("a", "Lindenau", 1, &lines);
    records.meeting("b", "Lindenau", 2, &[("Erika Muster", Role::Member, 1)]);
    let both = [("Erika Muster".to_owned(), 2), ("Lars Land".to_owned(), 1)];
    assert_eq!(records.persons(), [both[1].clone(), both[0].clone()], "the newest name counts");
    let directory = records.directory();
    let address = |text: &str| directory.person(text);
    assert_eq!(address("erika-muster"), Some(Address::Here(1)));
    assert_eq!(address("dr-erika-muster"), Some(Address::Moved("erika-muster".into())));
    for none in ["bernd-beispiel", "gast-geber", "ute-unbekannt"] {
        assert_eq!(address(none), None, "{none}");
        assert!(directory.person_of(&PersonId::new(none).unwrap(), "Lindenau").is_none());
    }
    // Elsewhere somebody else has this name.
    records.meeting("c", "Rosenthal", 3, &[("Erika Muster", Role::Member, 0)]);
    let directory = records.directory();
    assert_eq!(directory.person("erika-muster"), Some(Address::Several));
    let id = PersonId::new("erika-muster").unwrap();
    let of = |body| directory.person_of(&id, body).map(|p| (p.body.clone(), p.speeches.len()));
    assert_eq!(of("Rosenthal"), Some(("Rosenthal".to_owned(), 1)));
    assert_eq!(of("Lindenau"), Some(("Lindenau".to_owned(), 2)));
}

#[test]
fn what_is_withdrawn_is_gone_with_the_next_request() {
    let records = Records::new();
    let lines = [("Erika Muster", Role::Member, 0), ("Lars Land", Role::Member, 1)];
    let a = records.meeting("a", "Lindenau", 1, &lines);
    let b = records.meeting("b", "Lindenau", 2, &[("Erika Muster", Role::Member, 0)]);
    let before = records.directory();
    assert!(Arc::ptr_eq(&before, &records.directory()), "nothing is made anew without need");
    records.withhold(&a, Scope::Speech(1));
    let after = records.directory();
    assert!(Arc::ptr_eq(&before.meetings[0], &after.meetings[0]), "b is not read again");
    assert_eq!(records.persons(), [("Lars Land".to_owned(), 1), ("Erika Muster".to_owned(), 1)]);
    records.withhold(&b, Scope::Meeting);
    assert_eq!(records.persons(), [("Lars Land".to_owned(), 1)]);
    assert_eq!(records.directory().person("erika-muster"), None);
    assert_eq!(records.directory().listed.len(), 1);
}

#[test]
fn a_chair_presides_once_and_papers_know_their_amendments() {
    let records = Records::new();
    let lines = [
        ("Erika Muster", Role::Chair, 0),
        ("Lars Land", Role::Member, 0),
        ("Erika Muster", Role::Chair, 1),
    ];
    let a = records.meeting("a", "Lindenau", 1, &lines);
    records.meeting("b", "Lindenau", 2, &[]);
    let votes = serde_json::json!([
        {"agenda_number": "1.1", "motion": "DS 500-25/1", "title": "Breiter", "kind": "Änderungsantrag",
         "at_ms": 70000, "votes": [{"person": "Lars Land", "party": "SPD", "vote": "yes"},
                                   {"person": "Erika Muster", "vote": "no"}]},
        {"agenda_number": "1", "motion": "DS0500/25", "title": "Radweg am Ring", "kind": "Beschlussvorlage"},
    ]);
    let votes = OutsideFacts::Votes(serde_json::from_value(votes).unwrap());
    records.store.put_outside(&a, &votes).unwrap();
    let directory = records.directory();
    let muster = &directory.persons[1];
    assert_eq!((muster.speeches.len(), muster.votes.as_slice()), (1, &[(1, 0, VoteCast::No)][..]));
    assert_eq!(directory.meetings[1].contributions[0].turns, 2);
    let paper = directory.paper_of("DS0500/25", "Lindenau").unwrap();
    assert_eq!(paper.title.as_deref(), Some("Radweg am Ring"));
    assert_eq!(paper.address, "ds-500-25");
    assert_eq!(paper.debates.iter().map(|d| d.meeting).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(directory.meetings[1].items[0].speeches, 1, "the chair aside");
    let below = &directory.papers[paper.below[0]];
    assert_eq!(below.title.as_deref(), Some("Breiter"));
    assert_eq!(below.above.map(|n| directory.papers[n].address.as_str()), Some("ds-500-25"));
    assert_eq!(directory.paper("DS0500/25/1"), Some(Address::Moved("ds-500-25-1".into())));
    // What nobody spoke to is there too, but nothing of a hidden item.
    assert!(directory.paper_of("A0012/25", "Lindenau").is_some());
    let identity = |id: &MeetingId| crate::domain::ItemIdentity {
        id: AgendaItemId::new(format!("{id}/1")).unwrap(),
        source: None,
        number: Some("2".into()),
        title: None,
    };
    for id in ["a", "b"].map(|id| MeetingId::new(id).unwrap()) {
        records.withhold(&id, Scope::Item(identity(&id)));
    }
    assert!(records.directory().paper_of("A0012/25", "Lindenau").is_none());
}

#[test]
fn organizations_know_their_meetings_and_members() {
    let records = Records::new();
    records.meeting(
        "a",
        "Lindenau",
        1,
        &[("Erika Muster", Role::Member, 0), ("R", Role::Resident, 0)],
    );
    let directory = records.directory();
    let names: Vec<_> = directory.organizations.iter().map(|o| (o.name.as_str(), o.kind)).collect();
    assert_eq!(names, [("Rat", OrganizationKind::Committee), ("SPD", OrganizationKind::Group)]);
    for organization in &directory.organizations {
        let members: Vec<_> = organization.members.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(members, ["Erika Muster"], "{}", organization.name);
    }
    assert_eq!(directory.organization_of("Rat", "Lindenau").unwrap().meetings, [0]);
}
