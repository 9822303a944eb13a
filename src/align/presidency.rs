//! Who presides when, by segments: the chair of the roster, until the chair is handed over. Owns what follows
//! from that; the words that hand it over, `hand_over` reads.

use super::roster::Roster;
use super::voices::SpeechRun;

/// Who presides from which segment on, in order.
pub(super) struct Presidency(Vec<(usize, Option<usize>)>);

impl Presidency {
    /// The chair of the roster, throughout.
    pub fn elected(roster: &Roster) -> Self {
        Self(vec![(0, roster.chair())])
    }

    /// Whether the chair is handed over.
    pub fn changes(&self) -> bool {
        self.0.len() > 1
    }

    /// Who presides from which segment on, in order.
    pub fn of(spans: Vec<(usize, Option<usize>)>) -> Self {
        Self(spans)
    }

    /// Who presides in a segment, where that is known.
    pub fn at(&self, segment: usize) -> Option<usize> {
        let behind = self.0.partition_point(|(from, _)| *from <= segment);
        self.0[..behind].last().and_then(|(_, person)| *person)
    }

    /// The runs, those of the chair cut where somebody else begins to preside.
    pub fn cut(&self, runs: Vec<SpeechRun>) -> Vec<SpeechRun> {
        let mut cut = Vec::with_capacity(runs.len());
        for mut run in runs {
            let within = |at: &usize| run.first < *at && *at < run.end;
            let edges = self.0.iter().map(|(at, _)| *at).filter(within);
            let edges: Vec<usize> = if run.is_chair() { edges.collect() } else { Vec::new() };
            for edge in edges {
                cut.push(SpeechRun { end: edge, ..run });
                run.first = edge;
            }
            cut.push(run);
        }
        cut
    }
}
