//! What the directory keeps of one meeting: who spoke when and to which item, what was voted on. No word of
//! what was said.

use std::collections::HashMap;
use std::sync::Arc;

use super::SURE;
use crate::domain::{
    AgendaItem, AgendaItemId, Alignment, Council, MediaTime, Organization, OrganizationId, Person,
    PersonId, RecordedVote, Role, Span, Speech, Turn, Vote, VoteCast, VoteCounts, VoteSource,
};
use crate::edition::elsewhere::item_of;
use crate::edition::{Elsewhere, Overview};

/// A meeting as lists over many meetings need it.
#[derive(Debug)]
pub struct DirectoryMeeting {
    /// The body's name.
    pub body: String,
    /// The day.
    pub date: Option<jiff::civil::Date>,
    /// Its items; what is hidden has neither title nor papers.
    pub items: Vec<ItemEntry>,
    /// Who spoke, for as long as the speaker is sure; what somebody said presiding is one of them.
    pub contributions: Vec<Contribution>,
    /// Those who spoke.
    pub(super) speakers: Vec<SpeakerEntry>,
    /// Votes as others recorded them.
    pub votes: Vec<VoteEntry>,
    /// Those who voted, by name and party as given.
    pub voters: Vec<(String, Option<String>)>,
    /// The organizations that meet.
    pub(super) organizations: Vec<Arc<Organization>>,
    /// Everybody whom the council's data name around this meeting.
    pub(super) roster: Vec<Arc<Person>>,
    /// Papers that are no item's.
    pub(super) papers: Vec<PaperMention>,
}

/// An agenda item.
#[derive(Debug)]
pub struct ItemEntry {
    /// Its number.
    pub number: Option<String>,
    /// Its title; empty where it is not public.
    pub title: String,
    /// The result as the source states it.
    pub result: Option<String>,
    /// Where it was first treated.
    pub start: Option<MediaTime>,
    /// The first speech to it, of a record: its number in the meeting.
    pub first_speech: Option<u32>,
    /// How many spoke to it, the chair aside.
    pub speeches: usize,
    /// What the chair announced.
    pub announced: Vec<Vote>,
    /// References, titles and kinds of its papers.
    pub(super) papers: Vec<PaperMention>,
}

/// A paper as a meeting names it.
#[derive(Debug)]
pub(super) struct PaperMention {
    pub(super) reference: String,
    pub(super) title: Option<String>,
    pub(super) kind: Option<String>,
    /// Persons and organizations that brought it in.
    pub(super) movers: Vec<String>,
    /// The item under which it stands.
    pub(super) item: Option<usize>,
    /// The item's number, where no item of the agenda has it.
    pub(super) number: Option<String>,
}

/// Somebody who speaks in a meeting, as one thing.
#[derive(Debug, PartialEq)]
pub(super) struct SpeakerEntry {
    pub(super) id: PersonId,
    pub(super) name: String,
    pub(super) party: Option<String>,
    /// Whether the id is the council's.
    pub(super) is_of_council: bool,
}

/// A turn or a speech; of somebody who presides all turns of a meeting together.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Index of the speaker.
    pub(super) speaker: usize,
    /// As what they speak.
    pub role: Role,
    /// Index of the item.
    pub item: Option<usize>,
    /// Where it starts, where that is known.
    pub start: Option<MediaTime>,
    /// How long it is, in milliseconds, where that is known.
    pub length_ms: Option<u64>,
    /// Its number in the meeting, of a speech from a record.
    pub order: Option<u32>,
    /// How many words it has, of a speech from a record.
    pub words: usize,
    /// How many turns it is.
    pub turns: usize,
}

/// A vote.
#[derive(Debug)]
pub struct VoteEntry {
    /// The reference of what was voted on, or what else it is called.
    pub motion: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// "Änderungsantrag", "Geschäftsordnung" …, as given.
    pub kind: Option<String>,
    /// Who moved it.
    pub movers: Vec<String>,
    /// Index of the item.
    pub item: Option<usize>,
    /// The item's number, as given.
    pub number: Option<String>,
    /// When its result was there.
    pub at: Option<MediaTime>,
    /// The result as said or printed.
    pub result: Option<String>,
    /// How many voted how, where the source counted.
    pub counts: Option<VoteCounts>,
    /// Where it was read.
    pub source: Option<VoteSource>,
    /// Whether a person has looked it over.
    pub reviewed: bool,
    /// Every member's vote, by index of the voter.
    pub cast: Vec<(usize, VoteCast)>,
}

/// Persons and organizations that many meetings name are kept once.
#[derive(Debug, Default)]
pub(super) struct KnownOnce {
    persons: HashMap<PersonId, Arc<Person>>,
    organizations: HashMap<String, Arc<Organization>>,
}

impl KnownOnce {
    fn person(&mut self, person: Person) -> Arc<Person> {
        match self.persons.get(&person.id) {
            Some(known) if **known == person => Arc::clone(known),
            _ => {
                let person = Arc::new(person);
                self.persons.insert(person.id.clone(), Arc::clone(&person));
                person
            }
        }
    }

    fn organization(&mut self, organization: &Organization) -> Arc<Organization> {
        match self.organizations.get(organization.id.as_str()) {
            Some(known) if **known == *organization => Arc::clone(known),
            _ => {
                let shared = Arc::new(organization.clone());
                self.organizations.insert(organization.id.to_string(), Arc::clone(&shared));
                shared
            }
        }
    }

    /// Forgets whom no meeting names any more.
    pub(super) fn tidy(&mut self) {
        self.persons.retain(|_, person| Arc::strong_count(person) > 1);
        self.organizations.retain(|_, organization| Arc::strong_count(organization) > 1);
    }
}

impl DirectoryMeeting {
    /// For which party or group somebody spoke.
    pub fn party_of(&self, contribution: usize) -> Option<&str> {
        let speaker = self.contributions.get(contribution)?.speaker;
        self.speakers.get(speaker)?.party.as_deref()
    }

    /// Reads a meeting.
    pub(super) fn of(overview: Overview, shared: &mut KnownOnce) -> Self {
        let Overview { council, alignment, speeches, elsewhere } = overview;
        let agenda = &council.meeting.agenda;
        let mut items: Vec<ItemEntry> =
            agenda.iter().map(|item| item_entry(&council, item)).collect();
        let mut voices =
            Contributors { council: &council, speakers: Vec::new(), contributions: Vec::new() };
        match &alignment {
            Some(alignment) => voices.heard(alignment, &mut items),
            None => voices.recorded(&speeches, &mut items),
        }
        let Contributors { speakers, contributions, .. } = voices;
        let place = |id: &AgendaItemId| agenda.iter().position(|item| item.id == *id);
        let (votes, voters) = votes(&council, &elsewhere, place);
        let papers = elsewhere.papers.into_iter().map(|paper| PaperMention {
            reference: paper.reference,
            title: paper.title,
            kind: None,
            movers: Vec::new(),
            item: paper.item.as_ref().and_then(place),
            number: paper.number.filter(|_| paper.item.is_none()),
        });
        let papers = papers.collect();
        let here = &council.meeting.organizations;
        let meets = council.organizations.iter().filter(|o| here.contains(&o.id));
        Self {
            items,
            contributions,
            speakers,
            votes,
            voters,
            papers,
            organizations: meets.map(|o| shared.organization(o)).collect(),
            date: council.meeting.date,
            roster: council.persons.into_iter().map(|person| shared.person(person)).collect(),
            body: council.body.name,
        }
    }
}

fn item_entry(council: &Council, item: &AgendaItem) -> ItemEntry {
    let of = |item: &AgendaItem| council.papers_of(item).cloned().collect::<Vec<_>>();
    let papers = if item.public { of(item) } else { Vec::new() };
    let person = |id: &PersonId| council.person(id).map(|person| person.name.clone());
    let organization = |id: &OrganizationId| {
        council.organizations.iter().find(|o| o.id == *id).map(|o| o.name.clone())
    };
    let papers = papers.into_iter().filter_map(|paper| {
        let organizations = paper.originator_organizations.iter().filter_map(organization);
        let movers = paper.originator_persons.iter().filter_map(person).chain(organizations);
        let reference = paper.reference.clone()?;
        Some(PaperMention {
            movers: movers.collect(),
            title: Some(paper.name).filter(|name| *name != reference && !name.is_empty()),
            kind: paper.paper_type,
            item: None,
            number: None,
            reference,
        })
    });
    ItemEntry {
        number: item.number.clone(),
        title: if item.public { item.title.clone() } else { String::new() },
        result: item.result.clone().filter(|_| item.public),
        start: None,
        first_speech: None,
        speeches: 0,
        announced: Vec::new(),
        papers: papers.collect(),
    }
}

/// Gathers who speaks.
struct Contributors<'c> {
    council: &'c Council,
    speakers: Vec<SpeakerEntry>,
    contributions: Vec<Contribution>,
}

impl Contributors<'_> {
    fn heard(&mut self, alignment: &Alignment, items: &mut [ItemEntry]) {
        let agenda = &self.council.meeting.agenda;
        let mut spans: Vec<(Span, usize)> = Vec::new();
        for aligned in &alignment.items {
            let place = agenda.iter().position(|item| item.id == aligned.id && item.public);
            let Some(place) = place else { continue };
            items[place].start = aligned.spans.first().map(|span| span.start());
            items[place].announced.clone_from(&aligned.votes);
            spans.extend(aligned.spans.iter().map(|span| (*span, place)));
        }
        for turn in &alignment.turns {
            let length_ms = turn.end_ms.since(turn.start_ms);
            let middle = turn.start_ms.plus_millis(length_ms / 2);
            let item = spans.iter().find(|(span, _)| span.contains(middle)).map(|(_, n)| *n);
            if turn.role != Role::Chair
                && let Some(item) = item
            {
                items[item].speeches += 1;
            }
            let Some(speaker) = self.sure_speaker(turn) else { continue };
            self.add(Contribution {
                speaker,
                role: turn.role,
                item,
                start: Some(turn.start_ms),
                length_ms: Some(length_ms),
                order: None,
                words: 0,
                turns: 1,
            });
        }
    }

    /// The speaker of a turn; nobody where that is a guess, or a resident or a guest speaks.
    fn sure_speaker(&mut self, turn: &Turn) -> Option<usize> {
        if turn.confidence < SURE || turn.role.is_outside() {
            return None;
        }
        let id = turn.person.clone()?;
        let person = self.council.person(&id);
        let name = person.map(|p| p.name.clone()).or_else(|| turn.name.clone())?;
        let date = self.council.meeting.date;
        let party = person.and_then(|p| p.party_on(date)).map(str::to_owned);
        let is_of_council = person.is_some();
        Some(self.speaker(SpeakerEntry { id, name, party, is_of_council }))
    }

    fn recorded(&mut self, speeches: &[Speech], items: &mut [ItemEntry]) {
        let agenda = &self.council.meeting.agenda;
        for speech in speeches {
            let place = |id: &AgendaItemId| agenda.iter().position(|item| item.id == *id);
            let item = speech.item.as_ref().and_then(place);
            if let Some(item) = item {
                let entry = &mut items[item];
                entry.start = entry.start.or(speech.start_ms);
                entry.first_speech = entry.first_speech.or(Some(speech.order));
                entry.speeches += usize::from(speech.role != Role::Chair);
            }
            let Some(speaker) = speech.speaker.as_ref().filter(|_| !speech.role.is_outside())
            else {
                continue;
            };
            let speaker = self.speaker(SpeakerEntry {
                id: speaker.id.clone(),
                name: speaker.name.clone(),
                party: speech.party.clone(),
                is_of_council: self.council.person(&speaker.id).is_some(),
            });
            let length = |start: MediaTime| Some(speech.end_ms?.since(start)).filter(|ms| *ms > 0);
            self.add(Contribution {
                speaker,
                role: speech.role,
                item,
                start: speech.start_ms,
                length_ms: speech.start_ms.and_then(length),
                order: Some(speech.order),
                words: speech.text.split_whitespace().count(),
                turns: 1,
            });
        }
    }

    fn speaker(&mut self, speaker: SpeakerEntry) -> usize {
        match self.speakers.iter().position(|known| *known == speaker) {
            Some(known) => known,
            None => {
                self.speakers.push(speaker);
                self.speakers.len() - 1
            }
        }
    }

    /// Whoever presides says a word every minute: that is one contribution.
    fn add(&mut self, new: Contribution) {
        let presides = |c: &&mut Contribution| c.role == Role::Chair && c.speaker == new.speaker;
        if new.role == Role::Chair
            && let Some(known) = self.contributions.iter_mut().find(presides)
        {
            known.item = known.item.filter(|item| Some(*item) == new.item);
            known.length_ms = known.length_ms.zip(new.length_ms).map(|(a, b)| a + b);
            known.words += new.words;
            known.turns += 1;
            return;
        }
        self.contributions.push(new);
    }
}

/// The votes with those who voted.
fn votes(
    council: &Council,
    elsewhere: &Elsewhere,
    place: impl Fn(&AgendaItemId) -> Option<usize>,
) -> (Vec<VoteEntry>, Vec<(String, Option<String>)>) {
    let mut voters: Vec<(String, Option<String>)> = Vec::new();
    let mut known: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    let entry = |vote| {
        let vote: &RecordedVote = vote;
        let item = item_of(council, vote.agenda_number.as_deref());
        let cast = vote.votes.iter().map(|of| {
            let voter = *known.entry((&of.person, of.party.as_deref())).or_insert_with(|| {
                voters.push((of.person.clone(), of.party.clone()));
                voters.len() - 1
            });
            (voter, of.vote)
        });
        VoteEntry {
            cast: cast.collect(),
            motion: vote.motion.clone(),
            title: vote.title.clone(),
            kind: vote.kind.clone(),
            movers: vote.movers.clone(),
            item: item.and_then(|item| place(&item.id)),
            number: vote.agenda_number.clone(),
            at: vote.at_ms,
            result: vote.result.clone(),
            counts: vote.counts,
            source: vote.source,
            reviewed: vote.reviewed,
        }
    };
    let votes = elsewhere.votes.iter().map(entry).collect();
    (votes, voters)
}
