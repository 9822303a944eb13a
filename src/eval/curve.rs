//! Confidence against coverage: what is left, and how much of it is right, if only what is at least
//! so sure counts.

use std::fmt;
use std::ops::AddAssign;

use serde::Serialize;

use super::share;

/// The confidences at which the curve is taken.
const LEVELS: [f32; 8] = [0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/// What counts from one confidence on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The least confidence.
    pub confidence: f32,
    /// How much is given: words to anyone, or items a place.
    pub given: usize,
    /// Of that, right.
    pub right: usize,
}

/// The curve over all levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Curve(pub [CurvePoint; LEVELS.len()]);

impl Default for Curve {
    fn default() -> Self {
        Self(LEVELS.map(|confidence| CurvePoint { confidence, given: 0, right: 0 }))
    }
}

impl Curve {
    /// Counts one more at every level it reaches.
    pub fn count(&mut self, confidence: f32, right: bool) {
        for point in self.0.iter_mut().filter(|point| confidence >= point.confidence) {
            point.given += 1;
            point.right += usize::from(right);
        }
    }

    /// A table in German, a level a line; `all` is what could be given.
    pub fn write(&self, f: &mut fmt::Formatter<'_>, all: usize) -> fmt::Result {
        write!(f, "ab Sicherheit   zugeordnet   richtig")?;
        for point in &self.0 {
            let given = 100.0 * share(point.given as f64, all as f64);
            let right = 100.0 * share(point.right as f64, point.given as f64);
            write!(f, "\n         {:4.2}     {given:6.2} %  {right:6.2} %", point.confidence)?;
        }
        Ok(())
    }
}

impl AddAssign for Curve {
    fn add_assign(&mut self, other: Self) {
        for (point, more) in self.0.iter_mut().zip(other.0) {
            point.given += more.given;
            point.right += more.right;
        }
    }
}
