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
        if bound == u32::MAX {
            break;
        }
    }
    size
}
