//! Readable parts of addresses from German names.

/// `text` as `[a-z0-9-]`, at most `longest` characters, cut at a word.
pub fn slug(text: &str, longest: usize) -> String {
    let mut plain = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            c if c.is_ascii_alphanumeric() => plain.push(c),
            _ => plain.push('-'),
        }
    }
    let mut out = String::new();
    for word in plain.split('-').filter(|word| !word.is_empty()) {
        if out.len() + 1 + word.len() > longest && !out.is_empty() {
            break;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.extend(word.chars().take(longest));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::MeetingId;

    proptest! {
        #[test]
        fn any_name_gives_nothing_or_an_id(text in "\\PC{0,80}") {
            let slug = slug(&text, 48);
            prop_assert!(slug.is_empty() || MeetingId::new(slug.clone()).is_ok() && slug.len() <= 48);
        }
    }

    #[test]
    fn umlauts_are_spelt_out() {
        assert_eq!(
            slug("Ortschaftsrat Grötzingen (öffentlich)", 48),
            "ortschaftsrat-groetzingen-oeffentlich"
        );
    }
}
