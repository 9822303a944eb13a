//! Which passages of a file have all that is asked for.
//!
//! Where the rarest word is in few passages, the other words leap after it from one of these to the
//! next. Where it is in many, a stretch of passages is looked at in one go: what has a word is marked
//! in a row of bits, and what the rows have in common is left. That reads lists as fast as they can be
//! read, while leaping asks of every passage where every list stands. Words are marked the rarest
//! first; where few passages of the stretch are left by then, the longer lists are asked for these.
//! It reads which passages have a term, and nothing else of them.

use tantivy::postings::BlockSegmentPostings;
use tantivy::{DocId, TERMINATED};

use crate::postings::budget::{Budget, Meter};

/// Passages of the longest stretch: its bits take 2 KiB, so several rows of them stay in the nearest
/// cache. Tests have fewer passages.
const LONGEST: u32 = if cfg!(test) { 1 << 9 } else { 1 << 14 };
/// Passages of the first stretch after a leap, of which perhaps only one is wanted.
const SHORTEST: u32 = if cfg!(test) { 64 } else { LONGEST / 16 };
/// With fewer passages of the rarest word in the longest stretch than this, the others leap.
const SCATTERED: u64 = LONGEST as u64 / 256;
/// So many passages of a list are marked in about the time in which one is looked for in it.
const LOOKUP: u64 = 8;
/// Passages of a full block of a list.
const BLOCK: usize = 128;

/// The passages of one term, in order.
pub(crate) struct PostingList {
    /// The passage it stands at, or `TERMINATED`.
    doc: DocId,
    /// The place of that in its block.
    at: usize,
    /// Elsewhere, so that lists lie side by side in memory: what is most asked is where they stand.
    postings: Box<BlockSegmentPostings>,
}

/// What finds a word: any list of any of these groups, or all words of any of these
/// conjunctions.
#[derive(Default)]
pub(crate) struct Disjunction {
    groups: Vec<ListGroup>,
    conjunctions: Vec<Conjunction>,
    /// The place that its word was given in its conjunction.
    number: usize,
    /// Upper bound of the number of passages.
    most: u32,
    /// How many lists are asked whether a passage is there.
    lookups: u64,
    /// Room for which passages of the stretch it finds.
    found: Bits,
}

/// Lists that say the same of a passage, whichever of them has it.
struct ListGroup {
    /// A number below 8 that tells it from the others.
    kind: u8,
    lists: Vec<PostingList>,
    /// Which passages of the stretch any of them has, at least of those that were asked for.
    found: Bits,
}

/// Words of which a passage must have all; at least one.
pub(crate) struct Conjunction {
    /// The rarest first: the others are only marked or asked for where it is.
    words: Vec<Disjunction>,
    /// Which passages of the stretch have all.
    found: Bits,
}

/// The passages that have all words of a conjunction, one after the other.
pub(crate) struct Intersection {
    conjunction: Conjunction,
    /// How many passages the file has.
    passages: u32,
    /// None where the words leap.
    stretch: Option<DocRange>,
    meter: Meter,
}

/// Passages from the first on and before the end; at most [`LONGEST`].
#[derive(Clone, Copy, Debug)]
struct DocRange {
    first: DocId,
    end: DocId,
}

impl DocRange {
    fn length(self) -> u32 {
        self.end - self.first
    }

    /// How many of `all` passages, of which a file has `passages`, are in it if they are spread
    /// evenly.
    fn share(self, all: u32, passages: u32) -> u64 {
        u64::from(all) * u64::from(self.length()) / u64::from(passages.max(1))
    }
}

/// A bit for each passage of a stretch.
#[derive(Default)]
struct Bits {
    bits: Vec<u64>,
    /// False only where none is set: most lists have no passage of most stretches, and then there
    /// is nothing to do.
    any: bool,
}

impl Bits {
    /// None of a stretch.
    fn clear(&mut self, stretch: DocRange) {
        let length = stretch.length().div_ceil(64) as usize;
        if self.any || self.bits.len() != length {
            self.bits.clear();
            self.bits.resize(length, 0);
            self.any = false;
        }
    }

    /// Sets those that are set in `others`.
    fn add(&mut self, others: &Self) {
        if !others.any {
            return;
        }
        self.any = true;
        for (bits, others) in self.bits.iter_mut().zip(&others.bits) {
            *bits |= others;
        }
    }

    /// Sets those that were marked for any of these.
    fn add_marked(&mut self, groups: &[ListGroup], conjunctions: &[Conjunction]) {
        groups.iter().for_each(|group| self.add(&group.found));
        conjunctions.iter().for_each(|conjunction| self.add(&conjunction.found));
    }

    /// Leaves those that are set in `others`.
    fn keep(&mut self, others: &Self) {
        for (bits, others) in self.bits.iter_mut().zip(&others.bits) {
            *bits &= others;
        }
    }

    fn set(&mut self, place: u32) {
        self.any = true;
        self.bits[(place / 64) as usize] |= 1 << (place % 64);
    }

    fn unset(&mut self, place: u32) {
        self.bits[(place / 64) as usize] &= !(1 << (place % 64));
    }

    fn is_set(&self, place: u32) -> bool {
        self.bits[(place / 64) as usize] >> (place % 64) & 1 == 1
    }

    /// The first one that is set from `place` on.
    fn next(&self, place: u32) -> Option<u32> {
        if !self.any {
            return None;
        }
        let word = (place / 64) as usize;
        let first = self.bits.get(word)? >> (place % 64);
        if first != 0 {
            return Some(place + first.trailing_zeros());
        }
        let behind = self.bits[word + 1..].iter().position(|bits| *bits != 0)?;
        let word = word + 1 + behind;
        Some(64 * word as u32 + self.bits[word].trailing_zeros())
    }
}

impl PostingList {
    /// The list at whose beginning `postings` stand.
    pub(crate) fn new(postings: BlockSegmentPostings) -> Self {
        Self { doc: postings.doc(0), at: 0, postings: Box::new(postings) }
    }

    /// Moves to the first passage from `target` on; stays where it is behind that.
    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            // The rarest words go from one passage to the next.
            let next = self.at + 1;
            self.at = match next < BLOCK && self.postings.doc(next) >= target {
                true => next,
                false => self.postings.seek(target),
            };
            self.doc = self.postings.doc(self.at);
        }
        self.doc
    }

    /// Marks its passages and moves behind the stretch; gives how many there are.
    fn mark(&mut self, stretch: DocRange, bits: &mut Bits) -> u64 {
        let mut marked = 0;
        if self.seek(stretch.first) >= stretch.end {
            return marked;
        }
        loop {
            let block = &self.postings.docs()[self.at..];
            let in_stretch = match block.last() {
                Some(last) if *last < stretch.end => block.len(),
                _ => block.partition_point(|doc| *doc < stretch.end),
            };
            block[..in_stretch].iter().for_each(|doc| bits.set(*doc - stretch.first));
            marked += in_stretch as u64;
            let is_whole = in_stretch == block.len();
            self.at += in_stretch;
            // Behind a block that is not full there is none; its end reads as `TERMINATED`.
            if !is_whole || self.postings.block_len() < BLOCK {
                self.doc = self.postings.doc(self.at);
                return marked;
            }
            self.postings.advance();
            self.at = 0;
        }
    }
}

impl Disjunction {
    /// Finds the passages of `list` too, and tells of them that it was a list of this kind.
    pub(crate) fn add(&mut self, kind: u8, list: PostingList) {
        match self.groups.iter_mut().find(|group| group.kind == kind) {
            Some(group) => group.lists.push(list),
            None => self.groups.push(ListGroup { kind, lists: vec![list], found: Bits::default() }),
        }
    }

    /// Finds the passages that have all words of `conjunction` too.
    pub(crate) fn add_conjunction(&mut self, conjunction: Conjunction) {
        self.conjunctions.push(conjunction);
    }

    /// `target` where it finds that; else a passage behind it before which it finds none.
    fn bound(&mut self, target: DocId) -> DocId {
        let mut first = TERMINATED;
        for ListGroup { lists, .. } in &mut self.groups {
            for list in lists {
                match list.seek(target) {
                    doc if doc == target => return target,
                    doc => first = first.min(doc),
                }
            }
        }
        for conjunction in &mut self.conjunctions {
            match conjunction.bound(target) {
                doc if doc == target => return target,
                doc => first = first.min(doc),
            }
        }
        first
    }

    /// Marks what it finds; gives how many there are at most.
    fn mark(&mut self, stretch: DocRange, passages: u32) -> u64 {
        let mut marked = 0;
        for ListGroup { lists, found, .. } in &mut self.groups {
            found.clear(stretch);
            marked += lists.iter_mut().map(|list| list.mark(stretch, found)).sum::<u64>();
        }
        marked
            + self
                .conjunctions
                .iter_mut()
                .map(|conjunction| conjunction.mark(stretch, passages))
                .sum::<u64>()
    }

    /// Whether it finds one passage, which is marked then.
    fn find(&mut self, first: DocId, place: u32) -> bool {
        let doc = first + place;
        let mut any = false;
        for ListGroup { lists, found, .. } in &mut self.groups {
            if lists.iter_mut().any(|list| list.seek(doc) == doc) {
                found.set(place);
                any = true;
            }
        }
        any || self.conjunctions.iter_mut().any(|conjunction| conjunction.bound(doc) == doc)
    }

    /// Leaves of `all`, in which at most so many are set, what it finds too; gives how many are left
    /// at most.
    fn keep(&mut self, stretch: DocRange, passages: u32, all: &mut Bits, most: u64) -> u64 {
        if most * self.lookups * LOOKUP > stretch.share(self.most, passages) {
            let marked = self.mark(stretch, passages);
            let Self { groups, conjunctions, found, .. } = self;
            found.clear(stretch);
            found.add_marked(groups, conjunctions);
            all.keep(found);
            return most.min(marked);
        }
        self.groups.iter_mut().for_each(|group| group.found.clear(stretch));
        let (mut left, mut place) = (0, 0);
        while let Some(next) = all.next(place) {
            match self.find(stretch.first, next) {
                true => left += 1,
                false => all.unset(next),
            }
            place = next + 1;
        }
        left
    }

    /// Takes the place of this number in its conjunction, with all its lists.
    fn take_place(&mut self, number: usize) {
        self.number = number;
        let lists = self.groups.iter().flat_map(|group| &group.lists);
        let in_conjunctions = self.conjunctions.iter().flat_map(|conjunction| &conjunction.words);
        let passages = lists.clone().map(|list| list.postings.doc_freq());
        let passages = passages.chain(self.conjunctions.iter().map(Conjunction::most));
        self.most = passages.fold(0, u32::saturating_add);
        self.lookups = lists.count() as u64 + in_conjunctions.map(|word| word.lookups).sum::<u64>();
    }
}

impl Conjunction {
    /// Of these words.
    pub(crate) fn new(mut words: Vec<Disjunction>) -> Self {
        words.iter_mut().enumerate().for_each(|(number, word)| word.take_place(number));
        words.sort_by_key(|word| word.most);
        Self { words, found: Bits::default() }
    }

    fn most(&self) -> u32 {
        self.words.first().map_or(0, |rarest| rarest.most)
    }

    /// `target` where that has all words; else a passage behind it before which none has.
    fn bound(&mut self, target: DocId) -> DocId {
        for word in &mut self.words {
            let doc = word.bound(target);
            if doc > target {
                return doc;
            }
        }
        // Without words nothing is asked for.
        if self.words.is_empty() { TERMINATED } else { target }
    }

    /// A passage from `target` on before which there is none with the rarest word.
    fn rarest_from(&mut self, target: DocId) -> DocId {
        self.words.first_mut().map_or(TERMINATED, |rarest| rarest.bound(target))
    }

    /// Marks what has all words; gives how many there are at most.
    fn mark(&mut self, stretch: DocRange, passages: u32) -> u64 {
        let Self { words, found } = self;
        found.clear(stretch);
        let Some((rarest, others)) = words.split_first_mut() else { return 0 };
        let mut left = rarest.mark(stretch, passages);
        found.add_marked(&rarest.groups, &rarest.conjunctions);
        for word in others {
            if left == 0 {
                break;
            }
            left = word.keep(stretch, passages, found, left);
        }
        left
    }
}

impl Intersection {
    /// For the passages of a file of so many.
    pub(crate) fn new(conjunction: Conjunction, passages: u32, budget: &Budget) -> Self {
        let longest = DocRange { first: 0, end: LONGEST };
        let is_scattered = longest.share(conjunction.most(), passages) < SCATTERED;
        let stretch = (!is_scattered).then_some(DocRange { first: 0, end: 0 });
        Self { conjunction, passages, stretch, meter: Meter::new(budget) }
    }

    /// Upper bound of the number of passages.
    pub(crate) fn most(&self) -> u32 {
        self.conjunction.most()
    }

    /// Tells of every word, by its number, the kinds of lists that have it in the passage that was
    /// found last, each as a bit.
    pub(crate) fn kinds(&mut self, doc: DocId, mut tell: impl FnMut(usize, u8)) {
        let stretch = self.stretch;
        for Disjunction { groups, number, .. } in &mut self.conjunction.words {
            let mut kinds = 0;
            for ListGroup { kind, lists, found } in groups {
                let is_there = match stretch {
                    Some(stretch) => found.is_set(doc - stretch.first),
                    None => lists.iter_mut().any(|list| list.seek(doc) == doc),
                };
                kinds |= u8::from(is_there) << *kind;
            }
            tell(*number, kinds);
        }
    }

    /// The first passage from `target` on that has all words, or `TERMINATED`, also where the time
    /// is over. No target may be before the passage that was found last.
    pub(crate) fn next(&mut self, mut target: DocId) -> DocId {
        let Self { conjunction, passages, stretch, meter } = self;
        if meter.is_over() {
            return TERMINATED;
        }
        let Some(stretch) = stretch else {
            loop {
                let doc = conjunction.bound(target);
                if doc == target || doc == TERMINATED {
                    return doc;
                }
                if meter.is_over() {
                    return TERMINATED;
                }
                target = doc;
            }
        };
        loop {
            debug_assert!(target >= stretch.first, "a passage before the one found last");
            if target < stretch.end {
                if let Some(place) = conjunction.found.next(target - stretch.first) {
                    return stretch.first + place;
                }
                target = stretch.end;
            }
            let from = conjunction.rarest_from(target);
            if from == TERMINATED || meter.is_over_now() {
                return TERMINATED;
            }
            let length = match target > stretch.end || stretch.end == 0 {
                true => SHORTEST,
                false => (2 * stretch.length()).min(LONGEST),
            };
            target = from;
            let first = from - from % 64;
            *stretch = DocRange { first, end: first + length };
            conjunction.mark(*stretch, *passages);
        }
    }
}

#[cfg(test)]
mod tests;
