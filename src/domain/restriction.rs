//! What may not be seen of a meeting: facts that are set and released, never changed. Owns the values
//! and how an agenda item is known again; which words they reach, the store and the edition decide.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::{AgendaItemId, Digest, MediaTime, PublicSpans, Signature, Span};

/// Something that may not be seen, as it was set. It belongs to the meeting and outlives its
/// recordings, alignments and imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// Its number within the meeting, from 1.
    pub number: u32,
    /// What it was set for.
    pub scope: Scope,
    /// Where that lies, on the meeting's clock; empty while that is not known.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// What of it may not be seen.
    #[serde(default)]
    pub covers: Covers,
    /// Who says so.
    pub origin: Origin,
    /// The reason, for those who may know it.
    pub why: String,
    /// Whether it took back something that had been published: then only a person releases it.
    pub withdrew: bool,
    /// Whether it was set for an item of which no text told where it is treated: until its place is
    /// found, nobody knows where its words stand.
    #[serde(default)]
    pub unplaced: bool,
    /// Who set it, and when.
    pub made: Signature,
    /// Who released it, and when; it holds while nobody did.
    #[serde(default)]
    pub released: Option<Signature>,
}

impl Restriction {
    /// Whether it is in force.
    pub fn holds(&self) -> bool {
        self.released.is_none()
    }

    /// Whether it was set for this item.
    pub fn is_of(&self, item: &AgendaItemId) -> bool {
        matches!(&self.scope, Scope::Item(identity) if identity.id == *item)
    }

    /// Whether it was set for an item of an agenda.
    pub fn is_of_an_item(&self) -> bool {
        matches!(self.scope, Scope::Item(_))
    }
}

/// What restrictions in force hide of a meeting's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// The whole meeting.
    Everything,
    /// These stretches.
    Spans(Vec<Span>),
}

impl Hidden {
    /// Of restrictions that are in force.
    pub fn by(in_force: &[Restriction]) -> Self {
        if in_force.iter().any(|r| r.scope == Scope::Meeting) {
            return Self::Everything;
        }
        Self::Spans(in_force.iter().flat_map(|r| r.spans.iter().copied()).collect())
    }

    /// What may be seen of a recording that starts at `offset`, of which its source says that `source`
    /// is public.
    pub fn leave_of(&self, source: &PublicSpans, offset: MediaTime) -> PublicSpans {
        match self {
            Self::Everything => PublicSpans::NOTHING,
            Self::Spans(spans) => {
                let there: Vec<Span> =
                    spans.iter().filter_map(|span| span.on_recording(offset)).collect();
                source.without(&there)
            }
        }
    }

    /// What may be seen of the meeting's clock where its recordings have these public parts.
    pub fn leave_of_clock(&self, public: Vec<Span>) -> PublicSpans {
        self.leave_of(&PublicSpans::only(public), MediaTime::ZERO)
    }

    /// Whether anything is hidden at all.
    pub fn hides_something(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Spans(spans) => !spans.is_empty(),
        }
    }

    /// Whether anything of a stretch of the clock is hidden.
    pub fn touches(&self, span: Span) -> bool {
        match self {
            Self::Everything => true,
            Self::Spans(spans) => spans.iter().any(|hidden| hidden.overlap_millis(span) > 0),
        }
    }
}

/// What a restriction was set for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The whole meeting.
    Meeting,
    /// An agenda item, wherever it is treated.
    Item(ItemIdentity),
    /// A stretch of time.
    Span,
    /// A speech, by its number in the record it came from.
    Speech(u32),
}

/// What of a restricted place may not be seen. Until there is a register of rights, everything
/// counts as [`Covers::Everything`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Covers {
    /// Text, sound, picture and name.
    #[default]
    Everything,
    /// Sound alone.
    Sound,
    /// Picture alone.
    Picture,
    /// The name alone.
    Name,
}

/// Who says that something may not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A `meeting.toml`.
    Manifest,
    /// OParl.
    Council,
    /// A person.
    Clerk,
}

/// What an agenda item is known again by, without its title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemIdentity {
    /// Its id in the archive, which stays the same for as long as it is known again.
    pub id: AgendaItemId,
    /// Its id at its source; none where that had only its place to go by.
    #[serde(default)]
    pub source: Option<String>,
    /// Its number with the part of the agenda ("Ö 3"), as given.
    #[serde(default)]
    pub number: Option<String>,
    /// Its title under the archive's key.
    #[serde(default)]
    pub title: Option<TitleHash>,
}

/// A title that cannot be read back: a keyed hash of its folded form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TitleHash(Digest);

impl TitleHash {
    /// Of a title, or of any text that is to be known again; `None` where nothing of it counts.
    pub fn of(key: &Digest, title: &str) -> Option<Self> {
        let folded = plain_title(title);
        let text = format!("{key} {folded}");
        (!folded.is_empty()).then(|| Self(Digest::of(text.as_bytes())))
    }

    /// Of one form of a title or a paper (`loose`), as it is.
    pub fn of_form(key: &Digest, kind: &str, form: &str) -> Self {
        Self(Digest::of(format!("{key} {kind} {form}").as_bytes()))
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A title by which items are compared: its letters and digits alone.
pub fn plain_title(title: &str) -> String {
    title.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

impl std::str::FromStr for TitleHash {
    type Err = super::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Digest::new(text).map(Self)
    }
}

/// Titles of a source that the agenda itself does not show, on their way to their hashes. They are never
/// shown, stored or logged.
#[derive(Clone, Default)]
pub struct SourceTitles {
    hidden: HashMap<AgendaItemId, String>,
    former: HashMap<AgendaItemId, String>,
}

impl SourceTitles {
    /// Takes the title of an item that is not public.
    pub fn hide(&mut self, item: &AgendaItemId, title: String) {
        self.hidden.insert(item.clone(), title);
    }

    /// Takes the title of an item, public or not, as earlier versions of this program read it.
    pub fn read_formerly(&mut self, item: &AgendaItemId, title: String) {
        self.former.insert(item.clone(), title);
    }

    /// Gives what is known of an item to another id.
    pub fn rename(&mut self, item: &AgendaItemId, new: &AgendaItemId) {
        for titles in [&mut self.hidden, &mut self.former] {
            if let Some(title) = titles.remove(item) {
                titles.insert(new.clone(), title);
            }
        }
    }

    /// The title of an item that is not public, for hashes alone.
    pub fn of_hidden(&self, item: &AgendaItemId) -> Option<&str> {
        self.hidden.get(item).map(String::as_str)
    }

    /// The hash of the title of an item that is not public.
    pub fn hash_of_hidden(&self, item: &AgendaItemId, key: &Digest) -> Option<TitleHash> {
        TitleHash::of(key, self.hidden.get(item)?)
    }

    /// The hash that earlier versions of this program made of an item's title.
    pub fn former_hash(&self, item: &AgendaItemId, key: &Digest) -> Option<TitleHash> {
        TitleHash::of(key, self.former.get(item)?)
    }
}

impl std::fmt::Debug for SourceTitles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SourceTitles")
    }
}

/// An item of a source that is to be known again.
#[derive(Clone, Debug)]
pub struct IncomingItem {
    /// What it is known by.
    pub identity: ItemIdentity,
    /// Its title as earlier versions of this program read it, where they read another.
    pub former_title: Option<TitleHash>,
}

impl IncomingItem {
    fn is_called_as(&self, known: &ItemIdentity) -> bool {
        known.title.is_some()
            && (known.title == self.identity.title || known.title == self.former_title)
    }
}

/// Which of `known` each of `incoming` is: by the id at the source, else by number and title, else
/// by the title alone (moved, renumbered), else by the number alone (retitled). What fits several is
/// none of them. Gives indices into `known`, each at most once.
pub fn same_items(known: &[ItemIdentity], incoming: &[IncomingItem]) -> Vec<Option<usize>> {
    let mut found = vec![None; incoming.len()];
    let by_source: Test = |a, b| a.source.is_some() && a.source == b.identity.source;
    let by_title: Test = |a, b| b.is_called_as(a);
    let by_number: Test = |a, b| number(a).is_some() && number(a) == number(&b.identity);
    let by_both: Test = |a, b| b.is_called_as(a) && number(a) == number(&b.identity);
    for same in [by_source, by_both, by_title, by_number] {
        let free = |found: &[Option<usize>], k: usize| !found.contains(&Some(k));
        let candidates: Vec<(usize, usize)> = (0..incoming.len())
            .filter(|i| found[*i].is_none())
            .flat_map(|i| (0..known.len()).map(move |k| (i, k)))
            .filter(|(i, k)| free(&found, *k) && same(&known[*k], &incoming[*i]))
            .collect();
        for &(i, k) in &candidates {
            let others = candidates.iter().filter(|(a, b)| *a == i || *b == k).count();
            if others == 1 {
                found[i] = Some(k);
            }
        }
    }
    found
}

type Test = fn(&ItemIdentity, &IncomingItem) -> bool;

/// A number without blanks, full stops at its end and case: "Ö 3" and "ö3." are the same.
fn number(item: &ItemIdentity) -> Option<String> {
    let text = item.number.as_deref()?;
    let plain: String =
        text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let plain = plain.trim_end_matches('.').to_owned();
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item(source: Option<&str>, number: &str, title: &str) -> ItemIdentity {
        let key = Digest::of(b"key");
        ItemIdentity {
            id: AgendaItemId::new("x").unwrap(),
            source: source.map(str::to_owned),
            number: Some(number.to_owned()).filter(|n| !n.is_empty()),
            title: TitleHash::of(&key, title),
        }
    }

    fn incoming(items: &[ItemIdentity]) -> Vec<IncomingItem> {
        let item =
            |item: &ItemIdentity| IncomingItem { identity: item.clone(), former_title: None };
        items.iter().map(item).collect()
    }

    #[test]
    fn a_title_that_is_read_otherwise_now_is_known_by_its_former_reading() {
        let before = [item(None, "", "Verkauf"), item(None, "", "Geb&auml;ude am Markt")];
        let mut now = incoming(&[item(None, "", "Gebäude am Markt"), item(None, "", "Verkauf")]);
        assert_eq!(same_items(&before, &now), [None, Some(0)]);
        now[0].former_title = before[1].title.clone();
        assert_eq!(same_items(&before, &now), [Some(1), Some(0)]);
    }

    #[test]
    fn items_are_known_again_when_they_move() {
        let before = [
            item(None, "1", "Bericht"),
            item(None, "2", "Livestream"),
            item(None, "3", "Haushalt"),
        ];
        let moved = [
            item(None, "1", "Eröffnung"),
            item(None, "2", "Bericht"),
            item(None, "3", "Livestream "),
            item(None, "4", "Haushalt 2027"),
        ];
        assert_eq!(same_items(&before, &incoming(&moved)), [None, Some(0), Some(1), None]);
        let renamed = [
            item(None, "Ö 1.", "Bericht"),
            item(None, "2", "Livestreams"),
            item(None, "3", "Haushalt"),
        ];
        assert_eq!(same_items(&before, &incoming(&renamed)), [Some(0), Some(1), Some(2)]);
        let other_ids: Vec<_> = before
            .iter()
            .map(|b| ItemIdentity { source: Some("neu".into()), ..b.clone() })
            .collect();
        assert_eq!(same_items(&before, &incoming(&other_ids)), [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn an_id_counts_before_everything_else_and_what_fits_twice_is_nothing() {
        let before = [item(Some("a"), "1", "Bericht"), item(Some("b"), "2", "Bericht")];
        let swapped = [item(Some("b"), "1", "Bericht"), item(Some("a"), "2", "Bericht")];
        assert_eq!(same_items(&before, &incoming(&swapped)), [Some(1), Some(0)]);
        let without = [item(None, "", "Bericht")];
        assert_eq!(same_items(&before, &incoming(&without)), [None]);
    }

    proptest! {
        #[test]
        fn nothing_is_taken_twice(a in prop::collection::vec((0u8..3, 0u8..3, 0u8..4), 0..6),
                                  b in prop::collection::vec((0u8..3, 0u8..3, 0u8..4), 0..6)) {
            let make = |v: &[(u8, u8, u8)]| -> Vec<_> {
                let name = |n: u8, p: &str| if n == 0 { String::new() } else { format!("{p}{n}") };
                v.iter().map(|(s, n, t)| {
                    let source = (*s > 0).then(|| name(*s, "s"));
                    item(source.as_deref(), &name(*n, ""), &name(*t, "t"))
                }).collect()
            };
            let found = same_items(&make(&a), &incoming(&make(&b)));
            let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), found.iter().flatten().count());
        }
    }
}
