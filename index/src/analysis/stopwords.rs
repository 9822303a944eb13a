//! German function words. They are indexed, so phrases hold them; a query of other words as well
//! does without them.

/// Sorted, in the spelling of [`super::exact`].
const STOPWORDS: &[&str] = &[
    "aber", "als", "am", "an", "auch", "auf", "aus", "bei", "beim", "bin", "bis", "bitte", "da",
    "dann", "das", "dass", "dem", "den", "denn", "der", "des", "die", "dies", "diese", "diesem",
    "diesen", "dieser", "dieses", "doch", "durch", "ein", "eine", "einem", "einen", "einer",
    "eines", "er", "es", "fuer", "haben", "hat", "hatte", "ich", "ihr", "ihre", "im", "in", "ins",
    "ist", "ja", "kann", "man", "mit", "nach", "noch", "nun", "nur", "ob", "oder", "sein", "sich",
    "sie", "sind", "so", "ueber", "um", "und", "uns", "unter", "vom", "von", "vor", "war", "was",
    "wegen", "wenn", "werden", "wie", "wir", "wird", "worden", "wurde", "zu", "zum", "zur",
];

/// Whether the normalized word says nothing on its own.
pub(crate) fn is_stopword(exact: &str) -> bool {
    STOPWORDS.binary_search(&exact).is_ok()
}
