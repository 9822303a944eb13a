//! The words of a state of the index by how they are said: made once, when names are first looked for by ear, so
//! that later searches need not walk the dictionary.

use foldhash::{HashMap, HashMapExt};
use mitschnitt_german::sound::spoken_code;
use tantivy::schema::Field;
use tantivy::{Result, Searcher};

/// Words with letters only, at most so long and said in at most so many passages.
#[derive(Clone, Debug)]
pub(crate) struct SoundLimits {
    pub letters: std::ops::RangeInclusive<usize>,
    pub passages: u64,
}

/// Words by the hash of their code, all in one text.
#[derive(Debug, Default)]
pub(crate) struct SoundTable {
    /// Hash, and where the word lies, sorted.
    entries: Vec<(u32, u32, u8)>,
    text: String,
}

impl SoundTable {
    /// Of the words of a field.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn new(searcher: &Searcher, field: Field, limits: &SoundLimits) -> Result<Self> {
        let mut counts: HashMap<String, u64> = HashMap::new();
        for reader in searcher.segment_readers() {
            let inverted = reader.inverted_index(field)?;
            let mut stream = inverted.terms().stream()?;
            while stream.advance() {
                let Ok(form) = std::str::from_utf8(stream.key()) else { continue };
                if let Some(known) = counts.get_mut(form) {
                    *known += u64::from(stream.value().doc_freq);
                } else if is_word(form, limits) {
                    counts.insert(form.to_owned(), u64::from(stream.value().doc_freq));
                }
            }
        }
        let mut table = Self::default();
        for (form, _) in counts.into_iter().filter(|(_, n)| *n <= limits.passages) {
            let (start, length) = (table.text.len() as u32, form.len() as u8);
            table.entries.push((hash(&spoken_code(&form)), start, length));
            table.text.push_str(&form);
        }
        table.entries.sort_unstable();
        Ok(table)
    }

    /// The words with this code.
    pub(crate) fn with<'t>(&'t self, code: &'t str) -> impl Iterator<Item = &'t str> {
        let wanted = hash(code);
        let first = self.entries.partition_point(|(known, ..)| *known < wanted);
        let same = self.entries[first..].iter().take_while(move |(known, ..)| *known == wanted);
        let words = same.map(|(_, start, length)| {
            &self.text[*start as usize..*start as usize + usize::from(*length)]
        });
        words.filter(move |word| spoken_code(word) == code)
    }
}

fn is_word(form: &str, limits: &SoundLimits) -> bool {
    let is_letter = |b: u8| b.is_ascii_lowercase() || matches!(b, b'-' | b'\'');
    form.bytes().all(is_letter) && limits.letters.contains(&form.len())
}

/// FNV-1a.
fn hash(code: &str) -> u32 {
    code.bytes().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}
