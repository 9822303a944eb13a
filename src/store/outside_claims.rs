//! What a fact says of the item that it is of, and what a hidden item is known by, compared. Owns that titles
//! and papers of hidden items are known by keyed hashes of their forms alone.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Parsed, restrictions};
use crate::domain::{
    AgendaItem, AgendaItemId, Council, Digest, LooseNumber, MeetingId, PlainNumber, RecordedItem,
    RecordedVote, TitleHash, paper_forms, papers_in_title, papers_meant, plain_reference,
    title_form, titles_meant,
};

/// What a fact says of the item that it is of.
pub(super) struct Claim {
    /// By which it is placed.
    pub(super) numbers: Vec<PlainNumber>,
    /// The same, as they are hidden.
    loose: Vec<LooseNumber>,
    /// Its title, as items are known again by theirs.
    pub(super) title: Option<TitleHash>,
    /// Its papers as they are called.
    pub(super) references: Vec<String>,
    /// Every title that it may be called, and the papers named there.
    titles: BTreeSet<TitleHash>,
    /// Every paper that it may treat, and those that these may lie below.
    papers: BTreeSet<TitleHash>,
}

impl Claim {
    fn of(key: &Digest, numbers: &[&str], title: Option<&str>, papers: &[&str]) -> Self {
        let title_forms = title.map(titles_meant).unwrap_or_default();
        let named = title.map(papers_in_title).unwrap_or_default();
        let titles = title_forms.iter().map(|form| title_hash(key, form));
        let meant = papers.iter().flat_map(|paper| papers_meant(paper));
        Self {
            numbers: numbers.iter().map(|number| PlainNumber::of(number)).collect(),
            loose: numbers.iter().map(|number| LooseNumber::of(number)).collect(),
            title: title.and_then(|title| TitleHash::of(key, title)),
            references: papers.iter().map(|paper| plain_reference(paper)).collect(),
            titles: titles.chain(named.iter().map(|form| paper_hash(key, form))).collect(),
            papers: meant.map(|form| paper_hash(key, &form)).collect(),
        }
    }

    pub(super) fn of_recorded(key: &Digest, item: &RecordedItem) -> Self {
        let numbers: Vec<&str> =
            [&item.number, &item.parent].into_iter().flatten().map(String::as_str).collect();
        let papers: Vec<&str> = item.paper.as_deref().into_iter().collect();
        Self::of(key, &numbers, item.title.as_deref(), &papers)
    }

    pub(super) fn of_vote(key: &Digest, vote: &RecordedVote) -> Self {
        let numbers: Vec<&str> = vote.agenda_number.as_deref().into_iter().collect();
        let papers: Vec<&str> = vote.motion.as_deref().into_iter().collect();
        Self::of(key, &numbers, vote.title.as_deref(), &papers)
    }

    pub(super) fn of_item(key: &Digest, council: &Council, item: &AgendaItem) -> Self {
        let numbers: Vec<&str> = item.number.as_deref().into_iter().collect();
        let papers = council.papers_of(item);
        let papers: Vec<&str> = papers.filter_map(|paper| paper.reference.as_deref()).collect();
        Self::of(key, &numbers, Some(&item.title), &papers)
    }

    /// Whether it says itself that it is not public.
    pub(super) fn is_not_public(&self) -> bool {
        self.loose.iter().any(LooseNumber::is_not_public)
    }

    /// Whether it is at a number or below it, as far as anybody can tell.
    pub(super) fn may_be_of(&self, number: &LooseNumber) -> bool {
        self.loose.iter().any(|own| own.is_of(number))
    }

    /// Whether it is at a number or below it for certain.
    pub(super) fn is_below(&self, item: &PlainNumber) -> bool {
        self.numbers.iter().any(|number| number.is_of(item))
    }

    pub(super) fn is_exactly(&self, item: Option<&PlainNumber>) -> bool {
        item.is_some_and(|item| self.numbers.contains(item))
    }

    /// Whether its title is one of these, or names one of these.
    pub(super) fn is_called(&self, forms: &BTreeSet<TitleHash>) -> bool {
        !self.titles.is_disjoint(forms)
    }

    /// Whether it treats one of these.
    pub(super) fn treats(&self, forms: &BTreeSet<TitleHash>) -> bool {
        !self.papers.is_disjoint(forms)
    }
}

/// What an item that a record calls not public is known by.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HiddenMark {
    number: Option<LooseNumber>,
    /// Of its title and its papers.
    #[serde(default)]
    forms: BTreeSet<TitleHash>,
}

impl HiddenMark {
    /// Of a hidden item beside those of the same agenda that say themselves that they are public: what they
    /// have in common with it says nothing. Nothing where nothing is left.
    pub(super) fn of(key: &Digest, item: &RecordedItem, public: &[RecordedItem]) -> Option<Self> {
        let public: Vec<Claim> = public
            .iter()
            .filter(|item| item.public == Some(true))
            .map(|item| Claim::of_recorded(key, item))
            .collect();
        let number = item.number.as_deref().map(PlainNumber::of).filter(|n| !n.is_empty());
        let number = number.filter(|n| !public.iter().any(|claim| claim.is_exactly(Some(n))));
        let number = number.and(item.number.as_deref()).map(LooseNumber::of);
        let number = number.filter(LooseNumber::has_levels);
        let mut forms = forms_of(key, item.title.as_deref(), item.paper.as_deref());
        forms.retain(|form| {
            !public.iter().any(|claim| claim.titles.contains(form) || claim.papers.contains(form))
        });
        (number.is_some() || !forms.is_empty()).then_some(Self { number, forms })
    }

    /// Whether something is of it, by any of what it says.
    pub(super) fn hides(&self, claim: &Claim) -> bool {
        self.number.as_ref().is_some_and(|number| claim.may_be_of(number))
            || claim.is_called(&self.forms)
            || claim.treats(&self.forms)
    }
}

fn title_hash(key: &Digest, form: &str) -> TitleHash {
    TitleHash::of_form(key, "title", form)
}

fn paper_hash(key: &Digest, form: &str) -> TitleHash {
    TitleHash::of_form(key, "paper", form)
}

fn forms_of(key: &Digest, title: Option<&str>, paper: Option<&str>) -> BTreeSet<TitleHash> {
    let title = title.and_then(title_form).map(|form| title_hash(key, &form));
    let papers = paper.map(paper_forms).unwrap_or_default();
    papers.iter().map(|form| paper_hash(key, form)).chain(title).collect()
}

/// Keeps what the papers of an item are known again by before they go.
pub(super) fn remember_papers<'p>(
    t: &Transaction,
    id: &MeetingId,
    item: &AgendaItemId,
    references: impl IntoIterator<Item = &'p str>,
) -> rusqlite::Result<()> {
    let key = restrictions::title_key(t)?;
    references
        .into_iter()
        .try_for_each(|paper| remember(t, id, item, forms_of(&key, None, Some(paper))))
}

/// Keeps what the title of an item is known again by, however it is written, before it goes.
pub(super) fn remember_title(
    t: &Transaction,
    id: &MeetingId,
    item: &AgendaItemId,
    title: &str,
) -> rusqlite::Result<()> {
    let key = restrictions::title_key(t)?;
    remember(t, id, item, forms_of(&key, Some(title), None))
}

/// Forms of titles stand among those of papers: neither is ever the other.
fn remember(
    t: &Transaction,
    id: &MeetingId,
    item: &AgendaItemId,
    forms: BTreeSet<TitleHash>,
) -> rusqlite::Result<()> {
    let mut put = t.prepare_cached("INSERT OR IGNORE INTO hidden_paper VALUES (?1, ?2, ?3)")?;
    for form in forms {
        put.execute(params![id.as_str(), item.as_str(), form.as_str()])?;
    }
    Ok(())
}

/// What titles and papers of a hidden item are known by.
pub(super) fn hidden_forms(
    c: &Connection,
    id: &MeetingId,
    item: &AgendaItemId,
) -> rusqlite::Result<BTreeSet<TitleHash>> {
    c.prepare_cached("SELECT paper FROM hidden_paper WHERE meeting = ?1 AND item = ?2")?
        .query_map([id.as_str(), item.as_str()], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
        .collect()
}

/// The references of an item's papers.
pub(super) fn references(
    c: &Connection,
    id: &MeetingId,
    item: &AgendaItemId,
) -> rusqlite::Result<Vec<String>> {
    c.prepare_cached(
        "SELECT p.reference FROM agenda_item i
         JOIN agenda_item_paper a ON a.meeting = i.meeting AND a.item = i.position
         JOIN paper p ON p.id = a.paper
         WHERE i.meeting = ?1 AND i.id = ?2 AND p.reference IS NOT NULL",
    )?
    .query_map([id.as_str(), item.as_str()], |r| r.get(0))?
    .collect()
}
