//! What is written otherwise elsewhere, as conditions: long forms and abbreviations, words joined and apart,
//! compounds and their parts, and readings (numbers, times, roads, papers). What a word's own forms are worth,
//! `word` says.

use tantivy::Term;

use super::ast::QueryWord;
use super::limits::LOOKAHEAD;
use super::word::WordPlanner;
use crate::analysis::{self, Asks};
use crate::model::error::Result;
use crate::postings::span::{Shape, Slot, WordSpan};
use crate::ranking::bag::{Level, Meant, Nearness};
use crate::segment::schema::SearchField;

/// Fewest letters of what goes by electricity: "E-Bus".
const SHORTEST_ELECTRIC: usize = 5;

fn whole<S: AsRef<str>>(words: &[S]) -> Vec<QueryWord> {
    words.iter().map(|word| QueryWord::Whole(word.as_ref().to_owned())).collect()
}

impl WordPlanner<'_> {
    /// What several words say that `exact` says in one.
    pub(super) fn add_readings(
        &mut self,
        meant: &mut Meant,
        field: SearchField,
        exact: &str,
    ) -> Result<()> {
        let fields = self.at(field);
        for long in self.abbreviations.long_forms(exact) {
            match long {
                [single] => {
                    let stem = analysis::exact(single).map(|exact| self.stem(&exact));
                    if let Some(stem) = stem {
                        self.add(meant, Level::Form, fields.stem, &stem);
                        self.add(meant, Level::Part, fields.part, &stem);
                    }
                }
                words => {
                    let span = self.span(field, &whole(words), Shape::Phrase, Level::Stem)?;
                    meant.spans.extend(span.span().map(|span| (Level::Form, span)));
                }
            }
        }
        // "E-Roller" is "Elektroroller".
        let electric = match (exact.strip_prefix("e-"), exact.strip_prefix("elektro")) {
            (Some(rest), _) => vec![format!("elektro{rest}"), format!("elektro-{rest}")],
            (_, Some(rest)) => {
                let rest = rest.trim_start_matches('-');
                vec![format!("e-{rest}"), format!("e{rest}")]
            }
            _ => Vec::new(),
        };
        for form in electric.iter().filter(|form| form.len() >= SHORTEST_ELECTRIC) {
            self.add(meant, Level::Form, fields.stem, &self.stem(form));
        }
        // "Social-Media" is "Social Media" and "Socialmedia" with a hyphen.
        let parts = analysis::split_parts(exact);
        if (2..=LOOKAHEAD).contains(&parts.len()) {
            for level in [Level::Exact, Level::Form, Level::Stem] {
                let span = self.span(field, &whole(&parts), Shape::Phrase, level)?;
                meant.spans.extend(span.span().map(|span| (level, span)));
            }
            match analysis::joined(exact) {
                Some(joined) => self.add_joined(meant, fields, &joined),
                // "Covid-19" is perhaps "Covid19", but "3/4" is not "34".
                None => self.add(meant, Level::Part, fields.stem, &self.stem(&parts.concat())),
            }
        }
        // "Kreistagssitzung" also means "die Sitzung des Kreistags".
        let mut parts = self.analyzer.compound(exact);
        parts.dedup();
        if (2..=LOOKAHEAD).contains(&parts.len()) {
            let slots = parts.iter().map(|stem| {
                let own = vec![Term::from_field_text(fields.part, stem)];
                let ahead = own.iter().filter_map(|term| self.ahead(term)).collect();
                Slot { own, ahead }
            });
            let window = Nearness::close(parts.len() as u32 - 1);
            let window = window.min(LOOKAHEAD as u32);
            let shape = Shape::Near { window };
            let span = WordSpan { slots: slots.collect(), shape, pairs: Vec::new() };
            meant.spans.push((Level::Part, span));
        }
        Ok(())
    }

    /// Several words that are written otherwise elsewhere, in any of their spellings.
    pub(super) fn reading(&mut self, words: &[QueryWord], asks: &Asks) -> Result<Meant> {
        let typed: Vec<&str> = words.iter().map(QueryWord::text).collect();
        let mut meant = Meant { asked: typed.join(" "), ..Meant::default() };
        let spelt = self.span(SearchField::Spoken, words, Shape::Phrase, Level::Exact)?;
        meant.spans.extend(spelt.span().map(|span| (Level::Exact, span)));
        self.add_asked(&mut meant, self.spoken(), asks);
        Ok(meant)
    }
}
