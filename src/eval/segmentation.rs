//! How well a line is cut, whatever its parts are called: Pk (Beeferman, Berger, Lafferty 1999) and
//! WindowDiff (Pevzner, Hearst 2002), over units of a second. Both are errors: 0 is best.

use std::ops::AddAssign;

use serde::Serialize;

use super::share;

/// Counts that add up over cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CutScore {
    /// Windows slid over the line.
    pub windows: usize,
    /// Of those, at whose ends truth and result disagree on "the same part".
    pub pk_errors: usize,
    /// Of those, in which truth and result have different numbers of cuts.
    pub window_diff_errors: usize,
}

impl CutScore {
    /// Compares what holds at each second; units beyond the shorter of both do not count. The window
    /// is half the mean length of the true parts.
    pub fn compare<T: PartialEq>(truth: &[T], found: &[T]) -> Self {
        let count = truth.len().min(found.len());
        let (truth, found) = (&truth[..count], &found[..count]);
        let parts = 1 + truth.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let window = (count / (2 * parts)).max(1);
        let (cut_true, cut_found) = (cuts_before(truth), cuts_before(found));
        let mut score = Self::default();
        for (from, to) in (0..count).zip(window..count) {
            score.windows += 1;
            let (same_true, same_found) = (truth[from] == truth[to], found[from] == found[to]);
            score.pk_errors += usize::from(same_true != same_found);
            let (in_truth, in_found) =
                (cut_true[to] - cut_true[from], cut_found[to] - cut_found[from]);
            score.window_diff_errors += usize::from(in_truth != in_found);
        }
        score
    }

    /// Share of windows at whose ends both disagree, 0..=1.
    pub fn pk(&self) -> f64 {
        self.error(self.pk_errors)
    }

    /// Share of windows with another number of cuts, 0..=1.
    pub fn window_diff(&self) -> f64 {
        self.error(self.window_diff_errors)
    }

    fn error(&self, errors: usize) -> f64 {
        1.0 - share((self.windows - errors) as f64, self.windows as f64)
    }
}

impl AddAssign for CutScore {
    fn add_assign(&mut self, other: Self) {
        self.windows += other.windows;
        self.pk_errors += other.pk_errors;
        self.window_diff_errors += other.window_diff_errors;
    }
}

/// For each unit, how many cuts lie at or before its start.
fn cuts_before<T: PartialEq>(units: &[T]) -> Vec<usize> {
    let mut cuts = 0;
    let mut before = Vec::with_capacity(units.len());
    for (i, unit) in units.iter().enumerate() {
        cuts += usize::from(i > 0 && *unit != units[i - 1]);
        before.push(cuts);
    }
    before
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_shifted_cut_costs_both_and_a_spurious_pair_only_one() {
        let truth = [vec![1; 20], vec![2; 20]].concat();
        let shifted = [vec![1; 25], vec![2; 15]].concat();
        let score = CutScore::compare(&truth, &shifted);
        assert_eq!((score.windows, score.pk_errors, score.window_diff_errors), (30, 10, 10));
        // Two cuts shorter apart than the window: its ends agree, its number of cuts does not.
        let mut blip = truth.clone();
        blip[5..8].fill(3);
        let score = CutScore::compare(&truth, &blip);
        assert!(score.window_diff_errors > score.pk_errors);
    }

    proptest! {
        #[test]
        fn nothing_is_wrong_with_the_truth(line in proptest::collection::vec(0u8..4, 0..200)) {
            let score = CutScore::compare(&line, &line);
            prop_assert_eq!((score.pk(), score.window_diff()), (0.0, 0.0));
        }
    }
}
