//! `/vorlage/{id}`: where a paper was debated, what came of it, who voted how, what amends it. What came of it
//! stands here only where a source says so: counts make no result.

use askama::Template;
use axum::Router;
use axum::extract::{self, Path};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::civil::Date;
use serde_json::json;

use super::papers::PaperRow;
use crate::domain::{Error, MediaTime, Vote, VoteCast, VoteCounts, VoteSource};
use crate::edition::{Address, Debated, Directory, DirectoryMeeting, PaperEntry, VoteEntry};
use crate::web::public::feeds::Subscriptions;
use crate::web::public::head::PageHead;
use crate::web::public::links;
use crate::web::public::query::{encode, meeting_page, paper_page, seconds};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

#[derive(Template)]
#[template(path = "paper.html")]
struct PaperPage {
    frame: Frame,
    head: PageHead,
    subscriptions: Subscriptions,
    reference: String,
    title: Option<String>,
    kind: Option<String>,
    body: String,
    movers: Vec<String>,
    above: Option<PaperRow>,
    debates: Vec<DebateRow>,
    votes: Vec<VoteBlock>,
    amendments: Vec<PaperRow>,
    search: String,
}

/// A treatment.
struct DebateRow {
    date: Option<Date>,
    meeting: String,
    organization: String,
    number: Option<String>,
    item: Option<String>,
    address: String,
    speeches: usize,
    result: Option<String>,
    /// What was announced, with its place.
    announced: Vec<(Vote, String)>,
    synthetic: bool,
}

/// A vote with its counts.
struct VoteBlock {
    date: Option<Date>,
    title: Option<String>,
    kind: Option<String>,
    movers: Vec<String>,
    at: Option<(MediaTime, String)>,
    result: Option<String>,
    /// As the source counted.
    counts: Option<VoteCounts>,
    source: Option<VoteSource>,
    reviewed: bool,
    groups: Vec<GroupRow>,
    total: VoteTally,
    cast: Vec<(VoteCast, Vec<Voter>)>,
}

/// How many of a group voted how.
struct GroupRow {
    name: Option<String>,
    tally: VoteTally,
}

/// Votes, counted.
#[derive(Clone, Copy, Default)]
struct VoteTally {
    yes: usize,
    no: usize,
    abstain: usize,
    absent: usize,
}

/// Somebody who voted.
struct Voter {
    name: String,
    address: Option<String>,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/vorlage/{id}", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    blocking(move || {
        let directory = app.editions.directory()?;
        let unknown = || Error::not_found("Eine solche Vorlage ist nicht verzeichnet");
        match directory.paper(&id).ok_or_else(unknown)? {
            Address::Here(place) => {
                let paper = &directory.papers[place];
                let frame = frame.of_bodies([paper.body.as_str()]);
                let page = PaperPage::new(frame, &directory, paper);
                Ok::<_, Failure>(page.frame.answer(Html(page.render()?)))
            }
            Address::Moved(address) => {
                Ok(Redirect::temporary(&paper_page(&address)).into_response())
            }
            Address::Several => {
                let same = directory.papers.iter().find(|paper| paper.address.starts_with(&id));
                let text = same.map_or(id.as_str(), |paper| &paper.reference);
                let list = format!("/vorlagen?q={}", encode(text));
                Ok(Redirect::temporary(&list).into_response())
            }
        }
    })
    .await
}

impl PaperPage {
    fn new(frame: Frame, directory: &Directory, paper: &PaperEntry) -> Self {
        let row = |n: &usize| PaperRow::of(directory, &directory.papers[*n]);
        let votes = paper.votes.iter();
        let votes = votes.map(|(m, v)| VoteBlock::new(directory, paper, *m, *v)).collect();
        let debates = paper.debates.iter();
        Self {
            head: head(&frame, directory, paper),
            subscriptions: Subscriptions::of_paper(paper),
            reference: paper.reference.clone(),
            title: paper.title.clone(),
            kind: paper.kind.clone(),
            body: paper.body.clone(),
            movers: paper.movers.clone(),
            above: paper.above.as_ref().map(row),
            debates: debates.map(|debated| DebateRow::new(directory, debated)).collect(),
            votes,
            amendments: paper.below.iter().map(row).collect(),
            search: links::search("vorlage", &paper.reference),
            frame,
        }
    }
}

fn head(frame: &Frame, directory: &Directory, paper: &PaperEntry) -> PageHead {
    let title = match &paper.title {
        Some(title) => format!("{}: {title}", paper.reference),
        None => paper.reference.clone(),
    };
    let dates = paper.debates.iter().filter_map(|d| directory.listed[d.meeting].date);
    let above = paper
        .above
        .map(|n| format!("{}{}", frame.origin, paper_page(&directory.papers[n].address)));
    let more = json!({
        "legislationIdentifier": paper.reference,
        "legislationType": paper.kind,
        "dateModified": dates.max().map(|date| date.to_string()),
        "isPartOf": above,
        "author": paper.movers.iter().map(|name| json!({ "@type": "Organization", "name": name })).collect::<Vec<_>>(),
    });
    let description = [paper.kind.as_deref(), Some(&paper.body)];
    let description = description.into_iter().flatten().collect::<Vec<_>>().join(", ");
    PageHead::new(frame, &paper_page(&paper.address), &title, &description).about(
        "article",
        "Legislation",
        more,
    )
}

impl DebateRow {
    fn new(directory: &Directory, debated: &Debated) -> Self {
        let (listed, entry) =
            (&directory.listed[debated.meeting], &directory.meetings[debated.meeting]);
        let place = debated.item.filter(|n| *n < entry.items.len());
        let item = place.map(|n| &entry.items[n]);
        let page = meeting_page(&listed.id);
        let announced =
            |vote: &Vote| (vote.clone(), format!("{page}?t={}", seconds(vote.start_ms)));
        Self {
            date: listed.date,
            meeting: listed.name.clone(),
            organization: listed.organization.clone(),
            number: item.map_or_else(|| debated.number.clone(), |item| item.number.clone()),
            item: item.map(|item| item.title.clone()),
            address: match place {
                Some(place) => links::item(&listed.id, &entry.items[place]),
                None => page.clone(),
            },
            speeches: item.map_or(0, |item| item.speeches),
            result: item.and_then(|item| item.result.clone()),
            announced: item
                .map_or_else(Vec::new, |item| item.announced.iter().map(announced).collect()),
            synthetic: listed.synthetic,
        }
    }
}

impl VoteBlock {
    fn new(directory: &Directory, paper: &PaperEntry, meeting: usize, place: usize) -> Self {
        let (listed, entry) = (&directory.listed[meeting], &directory.meetings[meeting]);
        let vote = &entry.votes[place];
        let (groups, total) = by_group(entry, vote);
        let page = meeting_page(&listed.id);
        Self {
            date: listed.date,
            title: vote.title.clone().filter(|title| paper.title.as_ref() != Some(title)),
            kind: vote.kind.clone(),
            movers: vote.movers.clone(),
            at: vote.at.map(|at| (at, format!("{page}?t={}", seconds(at)))),
            result: vote.result.clone(),
            counts: vote.counts,
            source: vote.source,
            reviewed: vote.reviewed,
            groups,
            total,
            cast: cast(directory, entry, vote),
        }
    }

    fn has_single_votes(&self) -> bool {
        !self.cast.is_empty()
    }
}

impl VoteTally {
    fn add(&mut self, vote: VoteCast) {
        match vote {
            VoteCast::Yes => self.yes += 1,
            VoteCast::No => self.no += 1,
            VoteCast::Abstain => self.abstain += 1,
            VoteCast::Absent => self.absent += 1,
        }
    }
}

/// The votes of each group, in the order of their size, and of all.
fn by_group(entry: &DirectoryMeeting, vote: &VoteEntry) -> (Vec<GroupRow>, VoteTally) {
    let mut groups: Vec<GroupRow> = Vec::new();
    let mut total = VoteTally::default();
    for (voter, cast) in &vote.cast {
        let name = &entry.voters[*voter].1;
        let group = match groups.iter().position(|group| group.name == *name) {
            Some(known) => known,
            None => {
                groups.push(GroupRow { name: name.clone(), tally: VoteTally::default() });
                groups.len() - 1
            }
        };
        groups[group].tally.add(*cast);
        total.add(*cast);
    }
    let size = |group: &GroupRow| {
        let VoteTally { yes, no, abstain, absent } = group.tally;
        yes + no + abstain + absent
    };
    groups.sort_by_key(|group| (group.name.is_none(), std::cmp::Reverse(size(group))));
    (groups, total)
}

/// Who voted how.
fn cast(
    directory: &Directory,
    entry: &DirectoryMeeting,
    vote: &VoteEntry,
) -> Vec<(VoteCast, Vec<Voter>)> {
    let all = [VoteCast::Yes, VoteCast::No, VoteCast::Abstain, VoteCast::Absent];
    let of = |kind: VoteCast| {
        let voters = vote.cast.iter().filter(|(_, cast)| *cast == kind);
        let voters = voters.map(|(voter, _)| {
            let name = entry.voters[*voter].0.clone();
            Voter { address: links::named(directory, &name, &entry.body), name }
        });
        (kind, voters.collect::<Vec<_>>())
    };
    all.into_iter().map(of).filter(|(_, voters)| !voters.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_paper_says_where_it_was_debated_and_who_voted_how_and_works_nothing_out() {
        let archive = Archive::new();
        let id = archive.record("kt-9", "2025-06-12", &[("Lars Land", Role::Member)]);
        archive.votes(
            &id,
            serde_json::json!([
                {"agenda_number": "3", "motion": "DS0500/25/1", "title": "Breiter", "kind": "Änderungsantrag",
                 "result": "abgelehnt", "counts": {"yes": 7, "no": 31}},
                {"agenda_number": "3", "motion": "DS0500/25", "at_ms": 61000, "votes": [
                    {"person": "Lars Land", "party": "Grüne Liste", "vote": "yes"},
                    {"person": "Nie Da", "party": "Grüne Liste", "vote": "absent"},
                    {"person": "<b>Eva", "party": null, "vote": "no"}]},
            ]),
        );
        let html = archive.get("/vorlage/ds-500-25").await.text();
        for there in [
            "/sitzung/kt-9?t=0#stelle",
            "1 Beitrag",
            "/sitzung/kt-9?t=61",
            "Ergebnis: nicht angegeben",
            "/vorlage/ds-500-25-1",
            "<a href=\"/person/lars-land\">Lars Land</a>",
            "Nie Da",
            "&#60;b&#62;Eva",
            "ohne Fraktion",
            "vorlage%3A%22DS0500%2F25%22",
        ] {
            assert!(html.contains(there), "{there} in {html}");
        }
        let row = r#"<td class="figure">1</td><td class="figure">0</td><td class="figure">0</td><td class="figure">1</td>"#;
        assert!(html.contains(row), "{html}");
        assert!(!html.contains("angenommen"), "no result is worked out: {html}");
        let below = archive.get("/vorlage/ds-500-25-1").await.text();
        assert!(below.contains("abgelehnt") && below.contains("Ja 7, Nein 31"), "{below}");
        assert!(below.contains("Gehört zu") && below.contains("/vorlage/ds-500-25\""), "{below}");
        let other = archive.get("/vorlage/DS0500%2F25").await;
        assert_eq!((other.status, other.header("location").as_str()), (307, "/vorlage/ds-500-25"));
        assert_eq!(archive.get("/vorlage/mv-666-21").await.status, 404, "of a hidden item");
        // What the chair announced in the invented meeting, with its place.
        let announced = archive.get("/vorlage/mv-29-21").await.text();
        assert!(
            announced.contains("einstimmig angenommen") && announced.contains("kein Redebeitrag")
        );
    }
}
