//! The stretches without words, as the transcript names them.

use crate::domain::{Gap, GapReason, MediaTime, PublicSpans, Span};

/// A stretch without words.
pub fn gap(span: Span, reason: GapReason, detail: Option<String>) -> Gap {
    Gap { start_ms: span.start(), end_ms: span.end(), reason, detail }
}

/// Gaps with the parts outside `public` marked as such, and nothing else said about those.
pub fn mark_not_public(gaps: Vec<Gap>, public: &PublicSpans, duration: MediaTime) -> Vec<Gap> {
    if public.is_whole() {
        return gaps;
    }
    let open = public.within(duration);
    let mut marked: Vec<Gap> = gaps
        .iter()
        .filter_map(|g| Some((Span::new(g.start_ms, g.end_ms)?, g)))
        .flat_map(|(span, g)| {
            open.iter().filter_map(move |o| span.intersect(*o)).map(|s| Gap {
                start_ms: s.start(),
                end_ms: s.end(),
                ..g.clone()
            })
        })
        .collect();
    let edges = open.iter().flat_map(|s| [s.start(), s.end()]);
    let edges: Vec<_> = std::iter::once(MediaTime::ZERO).chain(edges).chain([duration]).collect();
    let closed = edges.chunks(2).filter_map(|e| Span::new(*e.first()?, *e.get(1)?));
    marked.extend(closed.filter(|s| s.millis() > 0).map(|s| gap(s, GapReason::NotPublic, None)));
    marked.sort_by_key(|g| g.start_ms);
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_named_as_such_and_as_nothing_else() {
        let at = MediaTime::from_millis;
        let gap = |s, e, reason| Gap { start_ms: at(s), end_ms: at(e), reason, detail: None };
        let span = |s, e| Span::new(at(s), at(e)).unwrap();
        let public = PublicSpans::only(vec![span(1000, 5000), span(8000, 9000)]);
        let marked =
            mark_not_public(vec![gap(4000, 8500, GapReason::Silence)], &public, at(10_000));
        assert_eq!(
            marked,
            [
                gap(0, 1000, GapReason::NotPublic),
                gap(4000, 5000, GapReason::Silence),
                gap(5000, 8000, GapReason::NotPublic),
                gap(8000, 8500, GapReason::Silence),
                gap(9000, 10_000, GapReason::NotPublic),
            ]
        );
    }
}
