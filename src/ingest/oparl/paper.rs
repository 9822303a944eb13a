//! OParl papers. Refuses a paper that has neither title nor reference.

use super::json::{Object, Ref};
use super::organization::Organizations;
use super::pool::Pool;
use crate::domain::{Paper, PaperId, PersonId};

/// A paper with its originators, as far as it can be named.
pub fn paper<'a>(
    object: Object<'a>,
    pool: &Pool<'a>,
    organizations: &mut Organizations,
) -> Option<Paper> {
    let reference = object.text("reference");
    let name = object.text("name").or_else(|| reference.clone())?;
    let id = object.id().or(reference.as_deref())?;
    let persons = object.refs("originatorPerson").into_iter().filter_map(Ref::id);
    let groups = object.refs("originatorOrganization").into_iter();
    Some(Paper {
        id: PaperId::new(id).ok()?,
        reference,
        name,
        paper_type: object.text("paperType"),
        originator_persons: persons.filter_map(|id| PersonId::new(id).ok()).collect(),
        originator_organizations: groups
            .filter_map(|group| organizations.named(group, pool).map(|named| named.id))
            .collect(),
    })
}
