//! What others have on record of a meeting, laid into what the archive has of it: items that its agenda lacks,
//! titles and papers that its items lack, a film, papers that nobody spoke to. Refuses to replace anything.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Part;
use crate::domain::{
    AgendaItem, AgendaItemId, Council, MediaTime, MeetingRecord, Paper, PaperId, PlainNumber,
    RecordedItem, RecordedVote, made_up_name, plain_reference, plain_title,
};
use crate::store::ShownOutside;

/// What others have on record of a meeting beside its agenda.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The film of a meeting that was not recorded here.
    pub film: Option<Film>,
    /// Address of its minutes.
    pub minutes_url: Option<String>,
    /// Whether a person has looked the record over.
    pub reviewed: bool,
    /// Papers that were voted on or stand in the record, and are no item's papers.
    pub papers: Vec<NamedPaper>,
    /// Votes as others recorded them, on the meeting's clock.
    pub votes: Vec<RecordedVote>,
}

/// A public film elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Film {
    /// Its address.
    pub url: String,
    /// The meeting's time + this = time in the film, in milliseconds.
    pub offset_ms: i64,
}

/// A paper of which others name no more than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPaper {
    /// "DS0513/25/1".
    pub reference: String,
    /// What it is called.
    pub title: Option<String>,
    /// The number of its item, as given.
    pub number: Option<String>,
    /// The item of the agenda that it belongs to, or lies below.
    pub item: Option<AgendaItemId>,
    /// When it was voted on, on the meeting's clock.
    pub at: Option<MediaTime>,
}

/// Lays what others recorded into the council. Gives what has no place there.
pub(super) fn merge(council: &mut Council, outside: ShownOutside, parts: &[Part]) -> Elsewhere {
    let ShownOutside { record, agenda, votes } = outside;
    let record = record.unwrap_or_default();
    if parts.is_empty() {
        name(council, &record);
    }
    let claimed: BTreeSet<PlainNumber> =
        agenda.iter().filter_map(|(_, item)| number(item.number.as_deref())).collect();
    for (id, item) in &agenda {
        take(council, id, item, &claimed);
    }
    for (order, item) in council.meeting.agenda.iter_mut().enumerate() {
        item.order = order as u32;
    }
    let voted = votes.iter().filter_map(|vote| {
        let (title, number) = (vote.title.clone(), vote.agenda_number.clone());
        let reference = vote.motion.clone()?;
        Some(NamedPaper { reference, title, number, item: None, at: vote.at_ms })
    });
    let recorded = agenda.into_iter().filter_map(|(_, item)| {
        let (title, number) = (item.title, item.number);
        Some(NamedPaper { reference: item.paper?, title, number, item: None, at: None })
    });
    let papers = papers(council, voted.chain(recorded));
    let film = record.video_url.filter(|_| parts.is_empty());
    let film = film.map(|url| Film { url, offset_ms: record.video_offset_ms });
    let MeetingRecord { minutes_url, reviewed, .. } = record;
    Elsewhere { film, minutes_url, reviewed, papers, votes }
}

/// Gives a meeting that nobody named the record's name.
fn name(council: &mut Council, record: &MeetingRecord) {
    let organization = Some(council.organization_name()).filter(|name| !name.is_empty());
    let made_up = council.meeting.date.map(|date| made_up_name(organization, date));
    if let Some(name) = &record.name
        && council.meeting.oparl_id.is_none()
        && made_up.as_ref() == Some(&council.meeting.name)
    {
        council.meeting.name.clone_from(name);
    }
}

/// Takes an item of the record over: what the agenda's own item lacks, or the item.
fn take(
    council: &mut Council,
    id: &AgendaItemId,
    recorded: &RecordedItem,
    claimed: &BTreeSet<PlainNumber>,
) {
    let place = match find(council, recorded, claimed) {
        Some(place) => place,
        None => add(council, id, recorded),
    };
    let item = &mut council.meeting.agenda[place];
    if !item.public {
        return;
    }
    if item.title.is_empty()
        && let Some(title) = &recorded.title
    {
        item.title.clone_from(title);
    }
    if let Some(reference) = recorded.paper.as_deref().filter(|_| item.papers.is_empty())
        && let Some(paper) = paper(&mut council.papers, reference, recorded.title.as_deref())
    {
        item.papers.push(paper);
    }
}

/// The place of the agenda's item that an item of the record is: of its number, else of its title or paper,
/// unless the record has another item of that one's number.
fn find(
    council: &Council,
    recorded: &RecordedItem,
    claimed: &BTreeSet<PlainNumber>,
) -> Option<usize> {
    let agenda = &council.meeting.agenda;
    let own = number(recorded.number.as_deref());
    let same = |item: &AgendaItem| own.is_some() && number(item.number.as_deref()) == own;
    let title = recorded.title.as_deref().map(plain_title).filter(|title| !title.is_empty());
    let reference = recorded.paper.as_deref().map(plain_reference);
    let is_free = |item: &AgendaItem| {
        let number = number(item.number.as_deref());
        own.is_none() || number.is_none_or(|number| !claimed.contains(&number))
    };
    let is_called = |item: &AgendaItem| title.as_ref() == Some(&plain_title(&item.title));
    let treats = |item: &AgendaItem| {
        let own = council.papers_of(item).filter_map(|paper| paper.reference.as_deref());
        own.map(plain_reference).any(|own| reference.as_ref() == Some(&own))
    };
    let place = |is: &dyn Fn(&AgendaItem) -> bool| agenda.iter().position(is);
    place(&same)
        .or_else(|| place(&|item| item.public && is_free(item) && is_called(item)))
        .or_else(|| place(&|item| item.public && is_free(item) && treats(item)))
}

/// An item by place and number.
type Neighbour = Option<(usize, PlainNumber)>;

/// Adds an item behind the one whose number comes before, else before the one that follows, else at the end.
/// Gives its place.
fn add(council: &mut Council, id: &AgendaItemId, recorded: &RecordedItem) -> usize {
    let agenda = &mut council.meeting.agenda;
    let place = number(recorded.number.as_deref()).and_then(|own| {
        let numbers = agenda.iter().enumerate();
        let numbers = numbers.filter_map(|(n, item)| Some((n, number(item.number.as_deref())?)));
        let (mut before, mut behind): (Neighbour, Neighbour) = (None, None);
        for (n, other) in numbers {
            // Of numbers on one side, the nearer to the own one.
            let nearest = |known: &Neighbour, farther: Ordering| {
                known.as_ref().is_none_or(|(_, known)| other.order(known) != Some(farther))
            };
            match other.order(&own) {
                Some(Ordering::Greater) if nearest(&behind, Ordering::Greater) => {
                    behind = Some((n, other));
                }
                Some(Ordering::Less | Ordering::Equal) if nearest(&before, Ordering::Less) => {
                    before = Some((n, other));
                }
                _ => {}
            }
        }
        before.map(|(n, _)| n + 1).or(behind.map(|(n, _)| n))
    });
    let place = place.unwrap_or(agenda.len());
    let is_taken = |id: &AgendaItemId| agenda.iter().any(|item| item.id == *id);
    let others = (2..).filter_map(|n| AgendaItemId::new(format!("{id}-{n}")).ok());
    let free = std::iter::once(id.clone()).chain(others).find(|id| !is_taken(id));
    agenda.insert(
        place,
        AgendaItem {
            id: free.unwrap_or_else(|| id.clone()),
            number: recorded.number.clone(),
            order: 0,
            title: String::new(),
            public: true,
            papers: Vec::new(),
            result: None,
        },
    );
    place
}

/// The id of the paper with this reference; one that nobody knows yet is added. Nothing where another paper has
/// its id.
fn paper(papers: &mut Vec<Paper>, reference: &str, title: Option<&str>) -> Option<PaperId> {
    let plain = plain_reference(reference);
    let is =
        |paper: &&Paper| paper.reference.as_deref().is_some_and(|r| plain_reference(r) == plain);
    if let Some(known) = papers.iter().find(is) {
        return Some(known.id.clone());
    }
    let id = PaperId::new(reference).ok().filter(|id| papers.iter().all(|p| p.id != *id))?;
    papers.push(Paper {
        id: id.clone(),
        reference: Some(reference.to_owned()),
        name: title.unwrap_or(reference).to_owned(),
        paper_type: None,
        originator_persons: Vec::new(),
        originator_organizations: Vec::new(),
    });
    Some(id)
}

/// Those of the named papers that are no item's, each once, with their items.
fn papers(council: &Council, named: impl Iterator<Item = NamedPaper>) -> Vec<NamedPaper> {
    let agenda = || council.meeting.agenda.iter().filter(|item| item.public);
    let own = agenda().flat_map(|item| council.papers_of(item));
    let own: BTreeSet<String> =
        own.filter_map(|paper| paper.reference.as_deref()).map(plain_reference).collect();
    let mut all: Vec<NamedPaper> = Vec::new();
    for mut paper in named.filter(|paper| !own.contains(&plain_reference(&paper.reference))) {
        let plain = plain_reference(&paper.reference);
        if let Some(known) = all.iter_mut().find(|k| plain_reference(&k.reference) == plain) {
            known.title = known.title.take().or(paper.title);
            known.at = known.at.or(paper.at);
            continue;
        }
        paper.item = item_of(council, paper.number.as_deref()).map(|item| item.id.clone());
        all.push(paper);
    }
    all
}

/// The public item with this number, or the nearest one that it lies below.
pub fn item_of<'c>(council: &'c Council, number: Option<&str>) -> Option<&'c AgendaItem> {
    let number = self::number(number)?;
    let levels = |item: &&AgendaItem| {
        let of = self::number(item.number.as_deref());
        of.filter(|of| number.is_of(of)).map(|of| of.to_string().len())
    };
    let public = council.meeting.agenda.iter().filter(|item| item.public);
    public.filter(|item| levels(item).is_some()).max_by_key(levels)
}

fn number(text: Option<&str>) -> Option<PlainNumber> {
    text.map(PlainNumber::of).filter(|number| !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MeetingId;

    fn item(number: &str, title: &str, paper: &str) -> (AgendaItemId, RecordedItem) {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let recorded = RecordedItem {
            number: text(number),
            title: text(title),
            paper: text(paper),
            ..RecordedItem::default()
        };
        (AgendaItemId::new(format!("kt-1/top-{number}{title}")).unwrap(), recorded)
    }

    /// A meeting with these items of its own; of "N 1" nothing is shown.
    fn council(agenda: &[(&str, &str)]) -> Council {
        let id = MeetingId::new("kt-1").unwrap();
        let date = jiff::civil::date(2025, 6, 12);
        let mut council = Council::by_names(&id, "Lindenau", Some("Rat"), date).unwrap();
        for (order, (number, title)) in agenda.iter().enumerate() {
            council.meeting.agenda.push(AgendaItem {
                id: AgendaItemId::new(format!("kt-1/{order}")).unwrap(),
                number: Some((*number).to_owned()).filter(|number| !number.is_empty()),
                order: order as u32,
                title: (*title).to_owned(),
                public: !number.starts_with('N'),
                papers: Vec::new(),
                result: None,
            });
        }
        council
    }

    fn merged(
        mut council: Council,
        agenda: Vec<(AgendaItemId, RecordedItem)>,
    ) -> (Council, Elsewhere) {
        let outside = ShownOutside { agenda, ..ShownOutside::default() };
        let elsewhere = merge(&mut council, outside, &[]);
        (council, elsewhere)
    }

    #[test]
    fn items_come_into_their_place_and_replace_nothing() {
        let own = council(&[("Ö 2", "Bericht"), ("Ö 7", ""), ("Ö 10", "Anfragen"), ("N 1", "")]);
        let (council, elsewhere) = merged(
            own,
            vec![
                item("1", "Eröffnung", ""),
                item("2", "Bericht des Rates", "D2/25"),
                item("7", "Verkehr", "D7/25"),
                item("7.2", "Radweg", ""),
                item("7.10", "Gehweg", "D7/25/1"),
                item("11", "Anfragen", ""),
                item("N 1", "Grundstück", "D9/25"),
                item("", "Verschiedenes", ""),
            ],
        );
        let agenda = &council.meeting.agenda;
        let titles: Vec<_> = agenda.iter().map(|item| item.title.as_str()).collect();
        let expected = [
            "Eröffnung",
            "Bericht",
            "Verkehr",
            "Radweg",
            "Gehweg",
            "Anfragen",
            "",
            "Verschiedenes",
        ];
        assert_eq!(titles, expected);
        assert!(agenda.iter().enumerate().all(|(n, item)| item.order as usize == n));
        assert_eq!(agenda[1].number.as_deref(), Some("Ö 2"));
        assert_eq!(council.reference(&agenda[1]), Some("D2/25"));
        assert_eq!(council.reference(&agenda[2]), Some("D7/25"));
        assert!(agenda[6].papers.is_empty() && !agenda[6].public);
        assert!(elsewhere.papers.iter().all(|paper| paper.item.is_none()), "{elsewhere:?}");
    }

    #[test]
    fn a_title_is_the_same_item_unless_the_record_has_both() {
        let own = || council(&[("6", "Mitteilungen"), ("", "Wahlen")]);
        let (one, _) = merged(own(), vec![item("5", "Mitteilungen", ""), item("8", "Wahlen", "")]);
        assert_eq!(one.meeting.agenda.len(), 2);
        let both = vec![item("5", "Mitteilungen", ""), item("6", "Mitteilungen", "")];
        let (both, _) = merged(own(), both);
        assert_eq!(both.meeting.agenda.len(), 3);
        assert_eq!(both.meeting.agenda[0].number.as_deref(), Some("5"));
    }

    #[test]
    fn papers_without_an_item_are_named_once_under_the_nearest_one() {
        let outside = ShownOutside {
            agenda: vec![item("7", "Verkehr", "D7/25"), item("7", "Verkehr", "D8/25")],
            votes: ["D7/25", "D7/25/1", "d7/25/1"].map(|motion| vote("7.1.3", motion)).to_vec(),
            ..ShownOutside::default()
        };
        let mut council = council(&[("7.1", "Radweg")]);
        let named = merge(&mut council, outside, &[]).papers;
        let named: Vec<_> = named
            .iter()
            .map(|paper| (paper.reference.as_str(), paper.item.as_ref().map(AgendaItemId::as_str)))
            .collect();
        assert_eq!(named, [("D7/25/1", Some("kt-1/0")), ("D8/25", Some("kt-1/top-7Verkehr"))]);
    }

    fn vote(number: &str, motion: &str) -> crate::domain::RecordedVote {
        let vote = serde_json::json!({"agenda_number": number, "motion": motion});
        serde_json::from_value(vote).unwrap()
    }
}
