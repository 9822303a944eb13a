//! The intersection against a look at every single passage.

use proptest::prelude::*;
use tantivy::schema::{IndexRecordOption, STRING, SchemaBuilder};
use tantivy::{Index, IndexWriter, SegmentReader, TantivyDocument, Term};

use super::*;

/// The list of a word that all have ends with a full block.
const PASSAGES: u32 = 128 * 100;
/// Every word is in one passage of so many; the rare ones make the others leap.
const ONE_OF: [u32; 7] = [1, 2, 9, 60, 300, 2_000, PASSAGES];

/// Whether a passage has a word, by chance, but always the same.
fn has(word: usize, doc: DocId) -> bool {
    let mut bits = u64::from(doc) << 8 | word as u64;
    for _ in 0..2 {
        bits = (bits ^ bits >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    ((bits >> 32) as u32).is_multiple_of(ONE_OF[word])
}

fn segment() -> SegmentReader {
    let mut schema = SchemaBuilder::new();
    let field = schema.add_text_field("words", STRING);
    let index = Index::create_in_ram(schema.build());
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 50_000_000).unwrap();
    for doc in 0..PASSAGES {
        let mut document = TantivyDocument::new();
        (0..ONE_OF.len()).filter(|word| has(*word, doc)).for_each(|word| {
            document.add_text(field, word.to_string());
        });
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    let [reader] = searcher.segment_readers() else { panic!("one thread writes one segment") };
    reader.clone()
}

/// The words of a disjunction, by their lists in two groups and by a conjunction of two.
#[derive(Clone, Debug)]
struct Asked {
    groups: [Vec<usize>; 2],
    conjunction: Option<[usize; 2]>,
}

impl Asked {
    fn kinds(&self, doc: DocId) -> u8 {
        let found = self.groups.iter().map(|group| group.iter().any(|word| has(*word, doc)));
        found.enumerate().fold(0, |kinds, (kind, found)| kinds | u8::from(found) << kind)
    }

    fn holds(&self, doc: DocId) -> bool {
        let conjunction = |conjunction: [usize; 2]| conjunction.iter().all(|word| has(*word, doc));
        self.kinds(doc) != 0 || self.conjunction.is_some_and(conjunction)
    }

    fn disjunction(&self, list: impl Fn(usize) -> Option<PostingList>) -> Disjunction {
        let mut disjunction = Disjunction::default();
        for (kind, group) in self.groups.iter().enumerate() {
            let lists = group.iter().filter_map(|word| list(*word));
            lists.for_each(|list| disjunction.add(kind as u8, list));
        }
        if let Some(conjunction) = self.conjunction {
            let single = |word: &usize| {
                let mut disjunction = Disjunction::default();
                list(*word).into_iter().for_each(|list| disjunction.add(0, list));
                disjunction
            };
            disjunction.add_conjunction(Conjunction::new(conjunction.iter().map(single).collect()));
        }
        disjunction
    }
}

fn asked() -> impl Strategy<Value = Vec<Asked>> {
    let words = || proptest::collection::vec(0..ONE_OF.len(), 0..3);
    let conjunction = proptest::option::of([0..ONE_OF.len(), 0..ONE_OF.len()]);
    let one = ([words(), words()], conjunction)
        .prop_map(|(groups, conjunction)| Asked { groups, conjunction });
    proptest::collection::vec(one, 1..4)
}

#[test]
fn what_is_found_is_what_has_all_words_wherever_one_leaps_to() {
    let segment = segment();
    let field = segment.schema().get_field("words").unwrap();
    let inverted = segment.inverted_index(field).unwrap();
    let list = |word: usize| {
        let term = Term::from_field_text(field, &word.to_string());
        inverted.read_block_postings(&term, IndexRecordOption::Basic).unwrap().map(PostingList::new)
    };
    let leaps = proptest::collection::vec(prop_oneof![4 => 1..3_u32, 1 => 1..20_000_u32], 0..60);
    proptest!(ProptestConfig::with_cases(200), |(asked in asked(), leaps in leaps)| {
        let conjunction = Conjunction::new(asked.iter().map(|word| word.disjunction(list)).collect());
        let mut intersection = Intersection::new(conjunction, PASSAGES, &Budget::endless());
        let expected =
            |from: DocId| (from..PASSAGES).find(|doc| asked.iter().all(|word| word.holds(*doc)));
        let mut target = 0;
        for leap in leaps {
            let found = intersection.next(target);
            prop_assert_eq!(found, expected(target).unwrap_or(TERMINATED));
            if found == TERMINATED {
                break;
            }
            let mut kinds = vec![0; asked.len()];
            intersection.kinds(found, |word, of_word| kinds[word] = of_word);
            let expected: Vec<u8> = asked.iter().map(|word| word.kinds(found)).collect();
            prop_assert_eq!(kinds, expected);
            target = found + leap;
        }
    });
}

#[test]
fn nothing_is_found_when_the_time_is_over() {
    let segment = segment();
    let field = segment.schema().get_field("words").unwrap();
    let inverted = segment.inverted_index(field).unwrap();
    for word in [0, 5] {
        let term = Term::from_field_text(field, &word.to_string());
        let list = inverted.read_block_postings(&term, IndexRecordOption::Basic).unwrap();
        let mut disjunction = Disjunction::default();
        disjunction.add(0, PostingList::new(list.unwrap()));
        let budget = Budget::of(std::time::Duration::ZERO);
        let mut intersection =
            Intersection::new(Conjunction::new(vec![disjunction]), PASSAGES, &budget);
        let found = (0..PASSAGES).find(|_| intersection.next(0) == TERMINATED);
        assert!(found.is_some() && budget.is_spent(), "of word {word}");
    }
}
