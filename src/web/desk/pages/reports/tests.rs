//! Reports at the desk: what is shown of them, who closes them, what is said of that, and that nothing of theirs is code.

use jiff::Timestamp;

use super::*;
use crate::domain::{
    Contact, DeskRole, Digest, FaultKind, NewReport, Quotation, QuoteSealKey, ReportText,
    SealedQuotation, Span,
};
use crate::edition::{Editions, Viewer};
use crate::markup;
use crate::pipeline::forget_withdrawn_words;
use crate::web::desk::testing::TestDesk;
use crate::web::testing::Archive;

/// A report of words that the desk cannot find: no meeting has them.
fn report(form: usize, text: &str, words: &str) -> NewReport {
    let (meeting, at) = (MeetingId::new("kt-1").unwrap(), MediaTime::from_millis);
    let quotation = Quotation::read(words, "", "", Span::new(at(9_000), at(12_000)));
    let key = QuoteSealKey::of(&Digest::of(b"key"));
    let words = quotation
        .map(|quotation| SealedQuotation { seal: key.seal(&meeting, None, &quotation), quotation });
    NewReport {
        meeting,
        words,
        kind: FaultKind::Words,
        text: ReportText::new(text).unwrap(),
        contact: Contact::given("anna@example.org").unwrap(),
        form: form.to_string(),
    }
}

#[tokio::test]
async fn a_clerk_reads_and_closes_and_the_audit_says_no_word_of_it() {
    let desk = TestDesk::new();
    let clerk = desk.signed_in(DeskRole::Clerk);
    for n in 1..=23 {
        let new = report(n, &format!("Richtig ist: Wort{n}."), "verschwundene Worte");
        desk.inbox().take(&new, Timestamp::now()).unwrap();
    }
    assert!(desk.get(&clerk, "").await.text.contains("23 offen"));
    let first = desk.get(&clerk, "/hinweise").await.text;
    assert!(first.contains("Wort23.") && first.contains("Wort4.") && !first.contains("Wort3."));
    assert!(first.contains("href=\"mailto:anna@example.org\""));
    // What cannot be seen is not shown, whatever the report says of it.
    assert!(first.contains("nicht mehr zu sehen") && !first.contains("verschwundene"));
    let second = desk.get(&clerk, "/hinweise?vor=4").await.text;
    assert!(second.contains("Wort3.") && !second.contains("Wort4."));
    assert!(desk.get(&clerk, "/hinweise?sitzung=kt-2").await.text.contains("keine offenen"));
    for (number, end) in [(23, "done"), (22, "dismissed")] {
        let answer =
            desk.post(&clerk, &format!("/hinweise/{number}"), &format!("ende={end}")).await;
        assert_eq!(
            answer.header("location"),
            "/arbeitsplatz/hinweise?fertig=ja",
            "{}",
            answer.text
        );
    }
    assert_eq!(desk.post(&clerk, "/hinweise/23", "ende=done").await.status, 404, "closed already");
    assert_eq!(desk.post(&clerk, "/hinweise/21", "ende=quatsch").await.status, 400);
    assert_eq!(desk.inbox().open_count().unwrap(), 21);
    let audit = desk.store.audit().unwrap();
    let closed: Vec<_> = audit.iter().filter(|entry| entry.act == Act::ReportClosed).collect();
    assert_eq!(closed.len(), 2);
    assert_eq!((&*closed[0].subject, &*closed[0].details["end"]), ("kt-1", "done"));
    let audit = serde_json::to_string(&audit).unwrap();
    assert!(!audit.contains("Wort") && !audit.contains("anna@"), "{audit}");
}

#[tokio::test]
async fn words_are_shown_as_long_as_they_may_be_and_then_go() {
    let archive = Archive::new();
    let desk = TestDesk::of(archive.store());
    let clerk = desk.signed_in(DeskRole::Clerk);
    let id = MeetingId::new("kt-1").unwrap();
    let editions = Editions::new(archive.store().clone(), Viewer::Public);
    let edition = editions.load(&id).unwrap();
    let quotation = Quotation::of(&edition.quotable_words(), 9..16).unwrap();
    let seal = editions.seal_of(&edition, &quotation).unwrap();
    let words = Some(SealedQuotation { quotation, seal });
    let new = NewReport { words, ..report(1, "Es heißt Lifestream.", "x") };
    desk.inbox().take(&new, Timestamp::now()).unwrap();
    let quoted = "„die Einführung eines Livestream aus dem Kreistag.“";
    let page = desk.get(&clerk, "/hinweise").await.text;
    assert!(page.contains(quoted) && page.contains("?t=8.00&#38;w=9-die"), "{page}");
    assert!(page.contains("1. Sitzung des Kreistages"));
    archive.hear_again("Livestream", "Lifestream");
    let page = desk.get(&clerk, "/hinweise").await.text;
    assert!(
        page.contains(quoted) && page.contains("„die Einführung eines Lifestream aus"),
        "{page}"
    );
    let forget = || forget_withdrawn_words(archive.store(), &desk.inbox(), Some(&id)).unwrap();
    assert_eq!(forget(), 0, "what may be shown beside what stands there now stays");
    let at = MediaTime::from_millis;
    archive.withhold(Span::new(at(10_900), at(11_500)).unwrap());
    let page = desk.get(&clerk, "/hinweise").await.text;
    assert!(!page.contains("Livestream aus") && page.contains("nicht mehr zu sehen"), "{page}");
    assert!(page.contains("Es heißt Lifestream."), "its reader can still be answered");
    assert_eq!((forget(), forget()), (1, 0));
    assert!(desk.inbox().with_words(None).unwrap().is_empty());
}

#[tokio::test]
async fn what_readers_write_stays_a_text() {
    let desk = TestDesk::new();
    let clerk = desk.signed_in(DeskRole::Clerk);
    for (n, attack) in markup::payloads().iter().enumerate() {
        let Ok(text) = ReportText::new(attack) else { continue };
        let contact = Contact::given(attack).ok().flatten();
        let new = NewReport { text, contact, ..report(n, "x", attack) };
        desk.inbox().take(&new, Timestamp::now()).unwrap();
    }
    let mut before = String::new();
    loop {
        let html = desk.get(&clerk, &format!("/hinweise{before}")).await.text;
        markup::assert_harmless_html("hinweise", &html);
        let Some(rest) = html.split("?vor=").nth(1) else { break };
        before = format!("?vor={}", rest.split(['"', '&']).next().unwrap());
    }
    assert!(!before.is_empty());
}

#[test]
fn only_plain_addresses_become_links() {
    for (contact, is) in [
        ("anna@example.org", true),
        ("a.b+c@rat.example.de", true),
        ("Anna, 0123 456", false),
        ("anna@example.org?bcc=x@y.z", false),
        ("javascript:alert(1)@x.y", false),
        ("@example.org", false),
        ("anna@localhost", false),
    ] {
        assert_eq!(is_mail(contact), is, "{contact}");
    }
}
