//! Which files of the index become one: every file costs each search some lookups, and every merge
//! the indexing of many meetings some time.

use tantivy::SegmentMeta;
use tantivy::indexer::{MergeCandidate, MergePolicy};

/// Files of one size from which they become one.
const MERGED: usize = 4;
/// Documents up to which files count as small.
const SMALL: u32 = 40_000;
/// How much larger the files of the next size are.
const GROWTH: u32 = 4;
/// Share of deleted documents from which a file is rewritten, so that they really go.
const DELETED_SHARE: f32 = 0.25;

/// Files of like size become one, and those of which much was deleted are rewritten.
#[derive(Debug)]
pub(super) struct Sizes;

impl MergePolicy for Sizes {
    fn compute_merge_candidates(&self, files: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let mut sizes: Vec<Vec<&SegmentMeta>> = Vec::new();
        for file in files {
            let size = size(file.num_docs());
            sizes.resize_with(sizes.len().max(size + 1), Vec::new);
            sizes[size].push(file);
        }
        let rewritten = |file: &&SegmentMeta| {
            file.num_deleted_docs() as f32 > file.max_doc() as f32 * DELETED_SHARE
        };
        let merges = sizes.into_iter().flat_map(|files| match files.len() >= MERGED {
            true => vec![files],
            false => files.into_iter().filter(rewritten).map(|file| vec![file]).collect(),
        });
        let candidate = |files: Vec<&SegmentMeta>| {
            MergeCandidate(files.into_iter().map(SegmentMeta::id).collect())
        };
        merges.map(candidate).collect()
    }
}

/// The size of a file, as a number that grows by one where files are [`GROWTH`] times as large.
fn size(documents: u32) -> usize {
    let mut bound = SMALL;
    let mut size = 0;
    while documents > bound {
        bound = bound.saturating_mul(GROWTH);
        size += 1;
    }
    size
}

#[cfg(test)]
mod tests {
    use tantivy::schema::Schema;

    use super::*;

    #[test]
    fn four_files_of_like_size_become_one_and_half_deleted_ones_are_rewritten() {
        let index = tantivy::Index::create_in_ram(Schema::builder().build());
        let file = |documents| index.new_segment().with_max_doc(documents).meta().clone();
        let merges = |files: &[SegmentMeta]| -> Vec<usize> {
            let candidates = Sizes.compute_merge_candidates(files);
            candidates.iter().map(|MergeCandidate(files)| files.len()).collect()
        };
        let halves = [125_000, 119_000, 131_000].map(file);
        assert_eq!(merges(&halves), [0; 0]);
        let [a, b, c] = halves.clone();
        assert_eq!(merges(&[a.clone(), b.clone(), c.clone(), file(500_000)]), [0; 0]);
        assert_eq!(merges(&[a, b, file(130_000), c, file(500_000), file(u32::MAX)]), [4]);
        assert_eq!(merges(&[1, 40_000, 700, 3].map(file)), [4]);
        let deleted = index.new_segment().with_max_doc(100).with_delete_meta(51, 1).meta().clone();
        assert_eq!(merges(&[deleted, file(100)]), [1]);
    }
}
