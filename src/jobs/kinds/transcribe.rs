//! A meeting from its sound to the index, with another model, further terms or from a stage on where that is
//! ordered. The text that is shown stays until the new one is whole.

use super::Workplace;
use crate::domain::{Result, TranscriptionOrder};
use crate::pipeline::{ModelChoice, Pipeline, Redo};

pub(super) fn run(order: &TranscriptionOrder, place: &Workplace<'_>) -> Result<String> {
    let choice = match &order.model {
        Some(model) => ModelChoice::Exactly(model.clone()),
        None => ModelChoice::Otherwise(place.model.to_owned()),
    };
    let pipeline = Pipeline { terms: order.terms.clone(), ..place.pipeline()? };
    pipeline.purge()?;
    let outcome = pipeline.run(&order.meeting, &choice, Redo::of(order.from))?;
    pipeline.purge()?;
    Ok(outcome.codes())
}
