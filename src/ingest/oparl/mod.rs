//! OParl 1.0 and 1.1 as real servers give it → domain values. Nothing lost, nothing invented:
//! what cannot be taken as it is becomes a quirk. Refuses to fetch anything.

mod agenda;
pub mod json;
mod meeting;
mod organization;
mod paper;
mod person;
mod pool;

pub use agenda::place_id;
pub use meeting::{OparlMeeting, council};
pub use pool::Pool;

use crate::domain::MeetingId;

/// What is known of a meeting besides its OParl objects.
#[derive(Debug)]
pub struct Setting<'a> {
    /// Its id, if somebody chose one.
    pub id: Option<MeetingId>,
    /// The name of the body.
    pub body: Option<&'a str>,
    /// The name of the organization that meets.
    pub organization: Option<&'a str>,
    /// Whether persons and papers were given for this meeting.
    pub scope: OrganizationScope,
}

/// For what the objects beside a meeting were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationScope {
    /// For this meeting: all of them are taken.
    Own,
    /// For a whole server: only those that concern the meeting are taken.
    Server,
}
