//! By what hits are sorted: a rank, and among those of one rank a weight. Tantivy passes one number from
//! a query to whoever collects its hits, the score; key and score become each other here and nowhere
//! else.

use std::cmp::Ordering;

use tantivy::Score;

use super::{LEVELS, Level};

/// How near each other the words stand that answer a bag; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nearness {
    /// Like the parts of a compound torn apart.
    Close,
    /// Like those of one thought.
    Near,
    /// Anywhere in the passage.
    Apart,
}

impl Nearness {
    /// Words from one to the next of those that are close.
    const CLOSE: u32 = 3;
    /// Words from one to the next of those that are near.
    const NEAR: u32 = 12;

    /// Of words with so many gaps between them that stand so far apart from the first to the last.
    pub(super) fn of(spread: u32, gaps: u32) -> Self {
        match spread {
            spread if spread <= Self::close(gaps) => Self::Close,
            spread if spread <= Self::NEAR * gaps.max(1) => Self::Near,
            _ => Self::Apart,
        }
    }

    /// How far apart words with so many gaps between them stand at most to be close.
    pub(crate) fn close(gaps: u32) -> u32 {
        Self::CLOSE * gaps.max(1)
    }
}

/// How well a passage answers a query, whatever it weighs; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u8);

/// How many degrees of nearness there are.
const NEARNESSES: u8 = Nearness::Apart as u8 + 1;

impl Rank {
    /// Of all hits of a query that tells them apart by nothing but their weights.
    pub(crate) const ONLY: Self = Self(0);
    /// Of what is said, but not all by itself: some word is answered by the context, or by what is
    /// similar. Behind all that is said.
    pub(crate) const CONTEXT: Self = Self(LEVELS as u8 * NEARNESSES);

    /// Of a passage that says every word: by the worst level that it needs for one, then by how near
    /// each other it then says them.
    pub(crate) const fn of(level: Level, nearness: Nearness) -> Self {
        Self(level as u8 * NEARNESSES + nearness as u8)
    }

    /// The level of [`Self::of`]; none where not all is said.
    pub(super) fn level(self) -> Option<Level> {
        Level::ALL.get(usize::from(self.0 / NEARNESSES)).copied()
    }
}

/// By what hits are sorted; the least key is the best.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SortKey {
    pub rank: Rank,
    /// Not negative; the greatest is the best.
    pub weight: Score,
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| other.weight.total_cmp(&self.weight))
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SortKey {}

/// What the scores of a query are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScoreKind {
    /// Weights.
    Weight,
    /// Keys, as bags give them.
    Key,
}

impl ScoreKind {
    /// The key of a hit with this score.
    pub(in crate::ranking) fn key(self, score: Score) -> SortKey {
        match self {
            Self::Weight => SortKey { rank: Rank::ONLY, weight: score },
            Self::Key => SortKey::of_score(score),
        }
    }
}

impl SortKey {
    /// Of hits that are sorted otherwise.
    pub(in crate::ranking) const NONE: Self = Self { rank: Rank::ONLY, weight: 0.0 };
}

/// A common weight: it is packed most exactly.
const COMMON: Score = 16.0;
/// Greater fractions would be rounded to 1; weights of that size do not occur.
const GREATEST: Score = 0.999;

impl SortKey {
    /// The key as a score: the rank, counted from the last one, is the whole number, and the weight the
    /// fraction. So the better of two keys has the greater score, or an equal one where their ranks are
    /// equal and their weights are within a ten-thousandth (of weights below 0.1: within 0.00001). Where a
    /// bag is one of several alternatives Tantivy adds this to the weight of the others, which is why it
    /// has their size.
    pub(super) fn to_score(self) -> Score {
        let fraction = self.weight / (COMMON + self.weight);
        Score::from(Rank::CONTEXT.0 - self.rank.0) + fraction.min(GREATEST)
    }

    /// The key of which a score was made; its weight comes back to a ten-thousandth, likewise.
    pub(super) fn of_score(score: Score) -> Self {
        let whole = score.floor();
        let fraction = (score - whole).min(GREATEST);
        let rank = Rank(Rank::CONTEXT.0.saturating_sub(whole as u8));
        Self { rank, weight: COMMON * fraction / (1.0 - fraction) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// To what packing is exact.
    fn within(weight: Score) -> Score {
        (weight * 1e-4).max(1e-5)
    }

    fn key() -> impl Strategy<Value = SortKey> {
        let weights = prop_oneof![Just(0.0), 0.0..0.1f32, 0.0..60.0f32, 0.0..1000.0f32];
        (0..=Rank::CONTEXT.0, weights)
            .prop_map(|(rank, weight)| SortKey { rank: Rank(rank), weight })
    }

    proptest! {
        #[test]
        fn scores_have_the_order_of_their_keys(a in key(), b in key()) {
            let (better, worse) = (a.min(b), a.max(b));
            let (more, less) = (better.to_score(), worse.to_score());
            let apart = better.weight - worse.weight;
            if better.rank < worse.rank || apart > within(better.weight) {
                prop_assert!(more > less, "{better:?} {more}, {worse:?} {less}");
            } else {
                prop_assert!((more - less).abs() < 1e-4, "{better:?} {more}, {worse:?} {less}");
            }
        }

        #[test]
        fn keys_come_back_from_their_scores(key in key()) {
            let back = SortKey::of_score(key.to_score());
            prop_assert_eq!(back.rank, key.rank);
            prop_assert!((back.weight - key.weight).abs() <= within(key.weight), "{:?} {:?}", key, back);
        }
    }

    #[test]
    fn ranks_stand_in_the_order_of_level_and_nearness_with_the_context_behind() {
        let nearness = [Nearness::Close, Nearness::Near, Nearness::Apart];
        let all = Level::ALL.into_iter().flat_map(|level| nearness.map(|near| (level, near)));
        let mut ranks: Vec<Rank> = all.clone().map(|(level, near)| Rank::of(level, near)).collect();
        assert!(ranks.iter().zip(all).all(|(rank, (level, _))| rank.level() == Some(level)));
        ranks.push(Rank::CONTEXT);
        assert_eq!(Rank::CONTEXT.level(), None);
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
        assert_eq!(ranks[0], Rank::ONLY);
    }

    #[test]
    fn what_stands_close_is_told_by_the_gaps() {
        for (spread, gaps, nearness) in [
            (0, 0, Nearness::Close),
            (3, 1, Nearness::Close),
            (4, 1, Nearness::Near),
            (24, 2, Nearness::Near),
            (25, 2, Nearness::Apart),
        ] {
            assert_eq!(Nearness::of(spread, gaps), nearness);
        }
    }
}
