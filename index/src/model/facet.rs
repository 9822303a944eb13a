//! The properties of passages by which they are counted and narrowed down. Columns, filters and counts are
//! keyed by them; whoever adds one adds it here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mitschnitt_german::parties;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A property of passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Council or committee.
    Organization,
    /// Who speaks.
    Person,
    /// Parliamentary group or party.
    Party,
    /// As what somebody speaks.
    Role,
    /// Meeting.
    Meeting,
    /// Title of the agenda item.
    Item,
    /// Where the words come from: `spoken`, `item`, `paper`, `vote`. Those of votes are counted also where they are
    /// no hits because nobody asked for them.
    Kind,
    /// How far the words were checked.
    Review,
    /// Municipality or county.
    Body,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Organization,
        Self::Person,
        Self::Party,
        Self::Role,
        Self::Meeting,
        Self::Item,
        Self::Kind,
        Self::Review,
        Self::Body,
    ];
    /// Those that are counted; [`Self::place`] is their place here.
    pub(crate) const COUNTED: [Self; 8] = [
        Self::Organization,
        Self::Person,
        Self::Party,
        Self::Role,
        Self::Meeting,
        Self::Item,
        Self::Kind,
        Self::Review,
    ];

    /// Its name in addresses, answers and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Person => "person",
            Self::Party => "party",
            Self::Role => "role",
            Self::Meeting => "meeting",
            Self::Item => "item",
            Self::Kind => "kind",
            Self::Review => "review",
            Self::Body => "body",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name() == name)
    }

    /// Whether its values have ids beside what is shown.
    pub fn has_ids(self) -> bool {
        matches!(self, Self::Person | Self::Meeting)
    }

    /// Whether two of its values mean the same: of a party every spelling of its name.
    pub fn is_same(self, value: &str, other: &str) -> bool {
        match self {
            Self::Party => parties::key(value) == parties::key(other),
            _ => value == other,
        }
    }

    /// The column that it is counted by; of those with ids and of parties, it holds "id, separator, label".
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Person => "person_label",
            Self::Party => "party_label",
            Self::Meeting => "meeting_label",
            Self::Item => "item_label",
            other => other.name(),
        }
    }

    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

/// Conditions beside the query; all that are set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// By facet the values of which a passage must have one; of [`Facet::Item`] also a number or words of a title.
    pub values: BTreeMap<Facet, Vec<String>>,
    /// The years, one of which it must be; none where any will do.
    pub years: Vec<i16>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Without what the chair says only to call somebody or something.
    pub without_formulas: bool,
}

impl Filters {
    /// Only what has this value.
    pub fn only(facet: Facet, value: impl Into<String>) -> Self {
        let mut filters = Self::default();
        filters.add(facet, value);
        filters
    }

    /// The values of a facet, one of which a passage must have; none where any will do.
    pub fn values(&self, facet: Facet) -> &[String] {
        self.values.get(&facet).map_or(&[], Vec::as_slice)
    }

    /// All facets with values, each with them.
    pub fn all(&self) -> impl Iterator<Item = (Facet, &[String])> {
        self.values.iter().map(|(facet, values)| (*facet, values.as_slice()))
    }

    /// Lets what has this value through too.
    pub fn add(&mut self, facet: Facet, value: impl Into<String>) {
        let (values, value) = (self.values.entry(facet).or_default(), value.into());
        if !values.iter().any(|known| facet.is_same(known, &value)) {
            values.push(value);
        }
    }

    /// Lets only what has this value through.
    pub fn set(&mut self, facet: Facet, value: impl Into<String>) {
        self.values.insert(facet, vec![value.into()]);
    }

    /// Lets all values of a facet through.
    pub fn clear(&mut self, facet: Facet) {
        self.values.remove(&facet);
    }

    /// Takes a value back.
    pub fn remove(&mut self, facet: Facet, value: &str) {
        if let Some(values) = self.values.get_mut(&facet) {
            values.retain(|known| !facet.is_same(known, value));
            if values.is_empty() {
                self.values.remove(&facet);
            }
        }
    }
}

/// Counts of passages over all matches, the most frequent values first, at most 100 of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// By facet; those without values are absent.
    pub values: BTreeMap<Facet, Vec<Bucket>>,
    /// By year, newest first.
    pub year: Vec<Bucket>,
    /// By month, `YYYY-MM`, oldest first.
    pub month: Vec<Bucket>,
}

impl Facets {
    /// The values of a facet.
    pub fn of(&self, facet: Facet) -> &[Bucket] {
        self.values.get(&facet).map_or(&[], Vec::as_slice)
    }
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What to put into the filter of the same name.
    pub id: String,
    /// What to show.
    pub label: String,
    /// How many matching passages have it.
    pub count: u64,
}

/// As the API tells them: by name, label and number; of those with ids, id, label and number. Meetings are told
/// with the hits.
impl Serialize for Facets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn pairs(buckets: &[Bucket]) -> Vec<(&str, u64)> {
            buckets.iter().map(|b| (b.label.as_str(), b.count)).collect()
        }
        let mut map = serializer.serialize_map(None)?;
        let told = Facet::COUNTED.into_iter().filter(|facet| *facet != Facet::Meeting);
        for facet in told {
            let buckets = self.of(facet);
            if facet.has_ids() {
                let triple = |b: &Bucket| (b.id.clone(), b.label.clone(), b.count);
                let triples: Vec<(String, String, u64)> = buckets.iter().map(triple).collect();
                map.serialize_entry(facet.name(), &triples)?;
            } else {
                map.serialize_entry(facet.name(), &pairs(buckets))?;
            }
        }
        map.serialize_entry("year", &pairs(&self.year))?;
        map.serialize_entry("month", &pairs(&self.month))?;
        map.end()
    }
}
