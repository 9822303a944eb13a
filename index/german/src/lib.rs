//! What the program knows of German, for all who need it: the index, alignment, transcription and the
//! measures. Pure functions and lists; no word of a meeting is stored here.
//!
//! It is a crate of its own because the index is one, which must build without the rest of the
//! program, and the rest must not build Tantivy to compare two names. Lists are written as German is
//! spelt and folded when they are first used. What only one user needs (formulas of chairs, the stems
//! of the index, the numbers of agenda items) stands with that user.

/// Abbreviations, how they are spoken, and which end no sentence.
pub mod abbreviations;
/// One spelling for equal words.
pub mod folding;
/// The closed class of words that say nothing on their own.
pub mod function_words;
/// Endings of words.
pub mod inflection;
/// How far two words are apart.
pub mod likeness;
/// Nouns of any agenda, told from names.
pub mod nouns;
/// Numbers as words, and words as numbers.
pub mod numerals;
/// Parties and groups, known again in every spelling.
pub mod parties;
/// How words sound.
pub mod sound;
/// Forms of address, degrees and offices: the words before names.
pub mod titles;
/// Results of votes, as they are said and asked for.
pub mod verdicts;
