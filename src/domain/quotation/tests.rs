//! That quotations are found where they were, or not at all.

use proptest::prelude::*;

use super::*;
use crate::domain::{MediaTime, Transcript};

/// Half a second a word, from a moment on.
fn said(words: &[String], from_ms: u64) -> Vec<QuotableWord<'_>> {
    let at = |i: usize| MediaTime::from_millis(from_ms + i as u64 * 500);
    let word = |(i, text)| QuotableWord { text, span: Span::new(at(i), at(i + 1)) };
    words.iter().map(String::as_str).enumerate().map(word).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn without_time(quotation: &Quotation) -> Quotation {
    Quotation { span: None, ..quotation.clone() }
}

const FORMULA: &str = "Vielen Dank. Gibt es weitere Wortmeldungen? Das ist nicht der Fall. Wer ist \
    dafür? Gegenstimmen? Enthaltungen? Damit ist das einstimmig so beschlossen. Vielen Dank.";

/// A debate of words that stand nowhere else between formulas that stand everywhere.
fn debate() -> Vec<String> {
    let item = |n: u64| format!("Punkt {n} {n}a{} {FORMULA} {FORMULA} also {n}b", 7 * n);
    words(&(1..40).map(item).collect::<Vec<_>>().join(" "))
}

#[test]
fn a_formula_is_found_by_its_time_and_never_without_it() {
    let before = debate();
    let text = said(&before, 0);
    let asked: Vec<usize> = (0..before.len()).filter(|i| before[*i] == "dafür?").collect();
    for at in asked {
        let quotation = Quotation::of(&text, at - 2..at + 1).unwrap();
        assert_eq!(quotation.words(), "Wer ist dafür?");
        assert_eq!(quotation.locate(&text), Located::Same(at - 2..at + 1));
        // Three words more at the beginning, and the clock a second and a half late.
        let later = [words("Guten Tag zusammen"), before.clone()].concat();
        assert_eq!(quotation.locate(&said(&later, 0)), Located::Same(at + 1..at + 4));
        let untimed = without_time(&quotation).locate(&text);
        assert!([Located::Lost, Located::Same(at - 2..at + 1)].contains(&untimed), "{untimed:?}");
    }
    let bare = Quotation::read("Wer ist dafür?", "", "", None).unwrap();
    assert_eq!(bare.locate(&text), Located::Lost);
}

#[test]
fn spelling_and_numerals_are_no_change_and_other_words_are() {
    let before =
        words("Wir geben für die Straße zum Müllplatz zwölf Millionen Euro aus, Herr Kollege.");
    let now = words("wir geben fuer die Strasse zum Müll-Platz 12 Millionen Euro aus Herr Kollege");
    let other =
        words("Wir geben für die Straße zum Marktplatz elf Millionen Euro aus, Herr Kollege.");
    let gone =
        words("Die Sitzung ist eröffnet. Ich begrüße Sie alle sehr herzlich zu dieser Sitzung.");
    let quotation = Quotation::of(&said(&before, 0), 4..9).unwrap();
    assert_eq!(quotation.locate(&said(&now, 900)), Located::Same(4..9));
    assert_eq!(quotation.locate(&said(&other, 900)), Located::Changed(4..9));
    assert_eq!(quotation.locate(&said(&gone, 0)), Located::Lost);
    assert_eq!(quotation.locate(&[]), Located::Lost);
}

proptest! {
    /// Of words with 15 % others, moved by seconds, every quotation is found or given up,
    /// and none lies elsewhere.
    #[test]
    fn found_where_it_was_or_not_at_all(
        start in 0usize..1100,
        length in 1usize..60,
        changes in prop::collection::vec(0usize..20, 2200),
        late_ms in 0u64..6_000,
    ) {
        let before = debate();
        let range = start..start + length;
        let quotation = Quotation::of(&said(&before, 0), range.clone()).unwrap();
        // The sound is the same: what another recogniser hears lies where it lay, and a little late.
        let mut now: Vec<(String, usize)> = Vec::new();
        let mut place = Vec::new();
        for (i, word) in before.iter().enumerate() {
            let at = now.len();
            match changes[i] {
                17 => {}
                18 => now.push((format!("{i}x"), i)),
                19 => now.extend([(format!("{i}y"), i), (word.clone(), i)]),
                _ => now.push((word.clone(), i)),
            }
            if range.contains(&i) {
                place.extend(at..now.len());
            }
        }
        let at = |i: usize| MediaTime::from_millis(late_ms + i as u64 * 500);
        let heard = |(text, i): &'_ (String, usize)| (text.clone(), Span::new(at(*i), at(*i + 1)));
        let heard: Vec<(String, Option<Span>)> = now.iter().map(heard).collect();
        let text: Vec<QuotableWord<'_>> =
            heard.iter().map(|(text, span)| QuotableWord { text, span: *span }).collect();
        for quotation in [&quotation, &without_time(&quotation)] {
            if let Some(found) = quotation.locate(&text).range() {
                let right = found.clone().any(|i| place.contains(&i));
                prop_assert!(right, "{found:?} of {place:?}: {quotation:?}");
            }
        }
    }

    #[test]
    fn nothing_panics(words in "\\PC{0,80}", before in "\\PC{0,40}", text in "\\PC{0,200}", at in 0u64..90_000) {
        let span = Span::new(MediaTime::from_millis(at), MediaTime::from_millis(at + 900));
        let text: Vec<String> = text.split(' ').map(str::to_owned).collect();
        if let Some(quotation) = Quotation::read(&words, &before, "", span) {
            let found = quotation.locate(&said(&text, 0));
            prop_assert!(found.range().is_none_or(|r| r.start < r.end && r.end <= text.len()));
        }
    }
}

/// How far printed words land on what Whisper heard of the same sound, at random.
#[test]
fn printed_words_land_on_what_was_heard() {
    let Some(heard) = crate::shared::shared("data/heard") else { return };
    let (mut right, mut lost, mut elsewhere) = (0, 0, 0);
    for case in ["karlsruhe-ka-2014-01-21", "karlsruhe-ka-2018-03-20", "sachsen-sn-05091"] {
        let folder = heard.join(format!("{case}-heard"));
        let printed = words(&std::fs::read_to_string(folder.join("ref.txt")).unwrap());
        let file = std::fs::File::open(folder.join("transcript.json.gz")).unwrap();
        let heard: Transcript =
            serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
        let text = |word: &crate::domain::Word| word.text.clone();
        let place = places(&printed, &heard.words.iter().map(text).collect::<Vec<_>>());
        let now: Vec<QuotableWord<'_>> = (heard.words.iter())
            .map(|w| QuotableWord { text: &w.text, span: Span::new(w.start_ms, w.end_ms) })
            .collect();
        // The time of a printed word is that of what was heard of it, or before it.
        let mut time = now[0].span;
        let then: Vec<QuotableWord<'_>> = (printed.iter().zip(&place))
            .map(|(text, place)| {
                time = place.and_then(|at| now[at].span).or(time);
                QuotableWord { text, span: time }
            })
            .collect();
        let mut random = 1_u64;
        for _ in 0..200 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let length = 3 + (random >> 33) as usize % 58;
            let start = (random >> 40) as usize % (then.len() - length);
            let quotation = Quotation::of(&then, start..start + length).unwrap();
            let there: Vec<usize> =
                place[start..start + length].iter().flatten().copied().collect();
            match quotation.locate(&now).range() {
                None => lost += 1,
                Some(found) if found.clone().any(|at| there.contains(&at)) => right += 1,
                Some(_) => elsewhere += 1,
            }
        }
    }
    println!("{right} right, {lost} lost, {elsewhere} elsewhere");
    assert!(right >= 588 && elsewhere == 0, "{right} right, {lost} lost, {elsewhere} elsewhere");
}

/// Where each word of a text stands in another, with the fewest differences.
fn places(a: &[String], b: &[String]) -> Vec<Option<usize>> {
    let fold = |words: &[String]| -> Vec<String> {
        words.iter().map(|word| mitschnitt_german::folding::fold(word)).collect()
    };
    let (a, b) = (fold(a), fold(b));
    let width = b.len() + 1;
    let mut costs: Vec<u16> = (0..(a.len() + 1) * width).map(|i| (i % width) as u16).collect();
    for i in 1..=a.len() {
        costs[i * width] = i as u16;
        for j in 1..width {
            let across = costs[(i - 1) * width + j - 1] + u16::from(a[i - 1] != b[j - 1]);
            let gap = costs[(i - 1) * width + j].min(costs[i * width + j - 1]) + 1;
            costs[i * width + j] = across.min(gap);
        }
    }
    let (mut i, mut j, mut found) = (a.len(), b.len(), vec![None; a.len()]);
    while i > 0 {
        let cost = costs[i * width + j];
        if j > 0 && cost == costs[(i - 1) * width + j - 1] + u16::from(a[i - 1] != b[j - 1]) {
            (i, j) = (i - 1, j - 1);
            found[i] = Some(j);
        } else if cost == costs[(i - 1) * width + j] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    found
}
