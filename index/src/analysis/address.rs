//! Which spoken words are somebody's name: those that follow a form of address.

use mitschnitt_german::titles::before_names;

/// Words of a name behind its form of address ("Frau Dr. Anna Maria Müller").
pub(crate) const REACH: usize = 3;

/// Whether the word at `at` is a name: written with a capital, behind a form of address with
/// nothing but capitals between. `words` gives a word as written and normalized.
pub(crate) fn named_after<'w>(
    at: usize,
    words: impl Fn(usize) -> Option<(&'w str, &'w str)>,
) -> bool {
    let capital =
        |word: &str| word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
    match words(at) {
        Some((written, exact)) if capital(written) && !before_names(exact) => {}
        _ => return false,
    }
    for back in 1..=REACH.min(at) {
        match words(at - back) {
            Some((_, exact)) if before_names(exact) => return true,
            Some((written, _))
                if capital(written) && !written.ends_with(['.', ',', ';', ':', '!', '?']) => {}
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::exact;

    #[test]
    fn names_follow_forms_of_address() {
        let text = "Danke, Frau Dr. Anna Müller, der Haushalt. Herr Landrat Weber hat Recht.";
        let words: Vec<(&str, String)> =
            text.split(' ').map(|word| (word, exact(word).unwrap())).collect();
        let names: Vec<&str> = (0..words.len())
            .filter(|&at| named_after(at, |n| words.get(n).map(|(w, e)| (*w, e.as_str()))))
            .map(|at| words[at].0)
            .collect();
        assert_eq!(names, ["Anna", "Müller,", "Weber"]);
    }
}
