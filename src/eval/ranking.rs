//! How good a search's order is: nDCG, reciprocal rank and recall over judged queries, by kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How many places of a ranking nDCG looks at.
pub const DEPTH: usize = 10;
/// How many places recall looks at.
pub const WIDTH: usize = 100;

/// A query with the contributions that answer it (`queries.json`).
#[derive(Clone, Debug, Deserialize)]
pub struct JudgedQuery {
    /// What sort of query it is ("compound").
    pub kind: String,
    /// As typed.
    pub query: String,
    /// What answers it: meeting, and number of the contribution there.
    pub relevant: BTreeSet<(String, u32)>,
}

/// The scores of one kind of query, as sums over its queries.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RankingSums {
    /// Number of queries.
    pub queries: usize,
    /// Normalized discounted cumulative gain at [`DEPTH`], gain 1 for what is relevant
    /// (Järvelin & Kekäläinen 2002).
    pub ndcg: f64,
    /// One over the place of the first relevant contribution, 0 where none is found.
    pub reciprocal_rank: f64,
    /// Share of the relevant among the first [`WIDTH`].
    pub recall: f64,
}

/// Scores by kind of query.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RankingScore {
    /// Sums by kind.
    pub kinds: BTreeMap<String, RankingSums>,
}

impl RankingScore {
    /// Scores one query's ranking: contributions in order, each once.
    pub fn of(judged: &JudgedQuery, ranking: &[(String, u32)]) -> Self {
        let relevant = |place: &(String, u32)| judged.relevant.contains(place);
        let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let gain: f64 = ranking
            .iter()
            .take(DEPTH)
            .enumerate()
            .filter(|(_, hit)| relevant(hit))
            .map(|(place, _)| discount(place))
            .sum();
        let ideal: f64 = (0..judged.relevant.len().min(DEPTH)).map(discount).sum();
        let first = ranking.iter().position(relevant);
        let found = ranking.iter().take(WIDTH).filter(|hit| relevant(hit)).count();
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let sums = RankingSums {
            queries: 1,
            ndcg: share(gain, ideal),
            reciprocal_rank: first.map_or(0.0, |place| 1.0 / (place + 1) as f64),
            recall: share(found as f64, judged.relevant.len().min(WIDTH) as f64),
        };
        Self { kinds: BTreeMap::from([(judged.kind.clone(), sums)]) }
    }

    /// All kinds together.
    pub fn total(&self) -> RankingSums {
        let mut total = RankingSums::default();
        self.kinds.values().for_each(|sums| total += *sums);
        total
    }
}

impl AddAssign for RankingSums {
    fn add_assign(&mut self, other: Self) {
        self.queries += other.queries;
        self.ndcg += other.ndcg;
        self.reciprocal_rank += other.reciprocal_rank;
        self.recall += other.recall;
    }
}

impl AddAssign for RankingScore {
    fn add_assign(&mut self, other: Self) {
        for (kind, sums) in other.kinds {
            *self.kinds.entry(kind).or_default() += sums;
        }
    }
}

impl fmt::Display for RankingScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ndcg, recall) = (format!("nDCG@{DEPTH}"), format!("Recall@{WIDTH}"));
        writeln!(f, "{:<12} {:>9} {ndcg:>8} {:>8} {recall:>11}", "Art", "Anfragen", "MRR")?;
        let total = ("zusammen".to_owned(), self.total());
        let mut lines = Vec::new();
        for (kind, sums) in self.kinds.iter().chain([(&total.0, &total.1)]) {
            let mean = |sum: f64| sum / sums.queries.max(1) as f64;
            lines.push(format!(
                "{kind:<12} {:>9} {:>8.3} {:>8.3} {:>11.3}",
                sums.queries,
                mean(sums.ndcg),
                mean(sums.reciprocal_rank),
                mean(sums.recall)
            ));
        }
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(relevant: &[u32]) -> JudgedQuery {
        JudgedQuery {
            kind: "name".into(),
            query: String::new(),
            relevant: relevant.iter().map(|&order| ("m".to_owned(), order)).collect(),
        }
    }

    fn ranking(orders: &[u32]) -> Vec<(String, u32)> {
        orders.iter().map(|&order| ("m".to_owned(), order)).collect()
    }

    #[test]
    fn a_worked_example() {
        // Second and fourth of four are relevant: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3).
        let total = RankingScore::of(&judged(&[2, 4]), &ranking(&[1, 2, 3, 4])).total();
        assert!((total.ndcg - 0.6509).abs() < 1e-4, "{}", total.ndcg);
        assert_eq!((total.reciprocal_rank, total.recall), (0.5, 1.0));
    }

    proptest! {
        #[test]
        fn a_relevant_hit_further_up_is_never_worse(
            order in prop::sample::subsequence((0u32..30).collect::<Vec<_>>(), 30)
                .prop_shuffle(),
            relevant in prop::collection::btree_set(0u32..40, 1..20),
            place in 1usize..30,
        ) {
            let judged = judged(&relevant.into_iter().collect::<Vec<_>>());
            let before = RankingScore::of(&judged, &ranking(&order)).total();
            prop_assert!((0.0..=1.0 + 1e-9).contains(&before.ndcg));
            let mut better = order.clone();
            let moved = ("m".to_owned(), order[place]);
            if judged.relevant.contains(&moved) {
                better.swap(place - 1, place);
                let above = ("m".to_owned(), order[place - 1]);
                if !judged.relevant.contains(&above) {
                    let after = RankingScore::of(&judged, &ranking(&better)).total();
                    prop_assert!(after.ndcg >= before.ndcg);
                    prop_assert!(after.reciprocal_rank >= before.reciprocal_rank);
                }
            }
        }
    }
}
