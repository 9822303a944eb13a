//! From a word as written to the forms under which it is found; composes one filter per file.
//!
//! It knows no index and no query: the same functions read documents, queries and names, which is
//! what makes highlighting agree with searching. Further filters (compounds, phonetics)
//! belong here as files of their own, called in [`forms`] or, over several words, beside it.

mod abbreviations;
mod normalize;
mod numbers;
mod overrides;
mod parts;
mod stem;
mod stopwords;

pub(crate) use abbreviations::{long_forms, long_forms_among};
pub(crate) use normalize::{core_range, exact};
pub(crate) use numbers::numbers;
pub(crate) use parts::split as split_parts;
pub(crate) use stem::stem;
pub(crate) use stopwords::is_stopword;

/// Raised with every change that makes an old index answer differently from a new one.
pub(crate) const VERSION: u32 = 2;

/// Every form of one word; all of them stand at the word's one position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forms {
    /// The word itself and the runs of its parts, equally spelt.
    pub exact: Vec<String>,
    /// Their stems.
    pub stems: Vec<String>,
}

/// The forms of a normalized word (see [`exact`]).
pub(crate) fn forms(whole: &str) -> Forms {
    let mut forms = Forms::default();
    push_new(&mut forms.stems, stem(whole));
    for run in parts::runs(whole) {
        push_new(&mut forms.stems, stem(&run));
        push_new(&mut forms.exact, run);
    }
    push_new(&mut forms.exact, whole.to_owned());
    forms
}

/// What the analysis depends on beside [`VERSION`]: changes in the lists change the index.
pub(crate) fn fingerprint() -> String {
    format!("{VERSION}-{:08x}", overrides::fingerprint())
}

fn push_new(list: &mut Vec<String>, form: String) {
    if !list.contains(&form) {
        list.push(form);
    }
}

#[cfg(test)]
mod tests;
