//! Numbers that look like chance and come again with their seed.

/// Of one seed.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        // xorshift64.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    /// One of these, if there are any.
    pub fn pick<T>(&mut self, all: &[T]) -> Option<T>
    where
        T: Clone,
    {
        if all.is_empty() {
            return None;
        }
        Some(all[self.below(all.len() as u64) as usize].clone())
    }
}
