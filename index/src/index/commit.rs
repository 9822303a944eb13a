//! One commit of Tantivy's, with what this program says of it.

use tantivy::IndexWriter;

use crate::model::error::{Doing, Result};
use crate::segment::schema::Payload;

/// Memory of Tantivy's own writer of documents in bytes, which has nothing to write: the least it
/// takes.
pub(super) const IDLE_MEMORY: usize = 15_000_000;

/// Commits with this payload.
pub(super) fn commit(writer: &mut IndexWriter, payload: &Payload) -> Result<()> {
    const DOING: &str = "Suchindex schreiben";
    let mut prepared = writer.prepare_commit().doing(DOING)?;
    prepared.set_payload(&payload.write());
    prepared.commit().doing(DOING)?;
    Ok(())
}
