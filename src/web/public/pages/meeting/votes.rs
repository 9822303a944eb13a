//! Votes of a meeting as others recorded them, one line each, under the item that they belong to. Nothing is
//! worked out from counts.

use crate::domain::{MediaTime, VoteCounts, VoteSource};
use crate::edition::{Directory, DirectoryMeeting, VoteEntry};
use crate::web::public::links;
use crate::web::public::pages::transcript::place;

/// A vote.
pub struct VoteLine {
    /// What was voted on: its title, else its number.
    pub on: Option<String>,
    /// "Änderungsantrag" …, as given.
    pub kind: Option<String>,
    /// As said or printed.
    pub result: Option<String>,
    /// As the source counted.
    pub counts: Option<VoteCounts>,
    /// When its result was there, and the address of that.
    pub at: Option<(MediaTime, String)>,
    /// Where it was read.
    pub source: Option<VoteSource>,
    /// The page of the paper, with how groups and persons voted.
    pub paper: Option<String>,
}

/// The votes on the item at this place of the agenda, in their order.
pub fn of_item(directory: &Directory, meeting: &DirectoryMeeting, item: usize) -> Vec<VoteLine> {
    let own = meeting.votes.iter().filter(|vote| vote.item == Some(item));
    own.map(|vote| line(directory, meeting, vote)).collect()
}

fn line(directory: &Directory, meeting: &DirectoryMeeting, vote: &VoteEntry) -> VoteLine {
    let motion = vote.motion.as_deref();
    VoteLine {
        on: vote.title.clone().or_else(|| vote.motion.clone()),
        kind: vote.kind.clone(),
        result: vote.result.clone(),
        counts: vote.counts,
        at: vote.at.map(|at| (at, place(at))),
        source: vote.source,
        paper: motion.and_then(|motion| links::paper(directory, motion, &meeting.body)),
    }
}
