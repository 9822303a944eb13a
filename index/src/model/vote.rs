//! A vote as it is indexed and shown with its hit. Plain values; nothing is worked out of them.

use std::collections::BTreeSet;

use mitschnitt_german::verdicts::VoteVerdict;
use serde::{Deserialize, Serialize};

/// What is known of a vote beside what was voted on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRef {
    /// The result as said or printed.
    pub result: Option<String>,
    /// What that tells.
    #[serde(with = "codes")]
    pub verdicts: BTreeSet<VoteVerdict>,
    /// How many voted how, where that is known.
    pub counts: Option<VoteCount>,
}

/// How many voted how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteCount {
    /// In favour.
    pub yes: Option<u32>,
    /// Against.
    pub no: Option<u32>,
    /// Abstentions.
    pub abstain: Option<u32>,
    /// Who counted.
    pub counted: CountedBy,
}

/// Who counted votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CountedBy {
    /// Whoever told of the vote.
    #[default]
    #[serde(rename = "by_source")]
    Source,
    /// The archive, of the votes of all members.
    #[serde(rename = "from_single_votes")]
    SingleVotes,
}

/// Verdicts by their codes; unknown ones are passed over.
mod codes {
    use super::{BTreeSet, VoteVerdict};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        verdicts: &BTreeSet<VoteVerdict>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(verdicts.iter().map(|verdict| verdict.code()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeSet<VoteVerdict>, D::Error> {
        let codes = Vec::<String>::deserialize(deserializer)?;
        Ok(codes.iter().filter_map(|code| VoteVerdict::of_code(code)).collect())
    }
}
