//! What comes in, what is closed, and that what had to go is in no file any more.

use proptest::prelude::*;

use super::*;
use crate::domain::{Contact, Digest, ErrorKind, FaultKind, QuoteSealKey, ReportText};
use crate::inbox::INBOX_FILE;

fn inbox() -> (tempfile::TempDir, Inbox) {
    let dir = tempfile::tempdir().unwrap();
    let inbox = Inbox::beside(dir.path());
    (dir, inbox)
}

fn meeting(id: &str) -> MeetingId {
    MeetingId::new(id).unwrap()
}

fn quoted(words: &str) -> SealedQuotation {
    let at = MediaTime::from_millis;
    let quotation =
        Quotation::read(words, "davor", "dahinter", Span::new(at(9_500), at(12_900))).unwrap();
    let seal = QuoteSealKey::of(&Digest::of(b"key")).seal(&meeting("kt-1"), None, &quotation);
    SealedQuotation { quotation, seal }
}

fn new(form: &str) -> NewReport {
    NewReport {
        meeting: meeting("kt-1"),
        words: Some(quoted("der Zitterpreis")),
        kind: FaultKind::Words,
        text: ReportText::new("Richtig ist: Glitterpreis").unwrap(),
        contact: Contact::given("anna@example.org").unwrap(),
        form: form.to_owned(),
    }
}

fn signed(at: &str) -> Signature {
    Signature { by: "klein".to_owned(), at: at.parse().unwrap() }
}

fn noon() -> Timestamp {
    "2026-03-02T12:34:56Z".parse().unwrap()
}

/// Whether a text stands in any file of the folder.
fn holds(dir: &tempfile::TempDir, text: &str) -> bool {
    std::fs::read_dir(dir.path()).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn a_report_is_read_as_it_came_in_to_the_minute() {
    let (dir, inbox) = inbox();
    assert_eq!(inbox.open_count().unwrap(), 0);
    assert!(inbox.open_reports(&meeting("kt-1")).unwrap().is_empty());
    assert!(!dir.path().join(INBOX_FILE).exists(), "asking makes no file");
    assert_eq!(inbox.take(&new("1.a"), noon()).unwrap(), Taken::In(1));
    assert_eq!(inbox.take(&new("1.a"), noon()).unwrap(), Taken::In(1), "sent twice");
    let whole = NewReport { words: None, contact: None, meeting: meeting("kt-2"), ..new("1.b") };
    assert_eq!(inbox.take(&whole, noon()).unwrap(), Taken::In(2));
    let reports = inbox.open_reports(&meeting("kt-1")).unwrap();
    let [report] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!(report.received.to_string(), "2026-03-02T12:34:00Z");
    let place = report.place.as_ref().unwrap();
    assert_eq!(place.words, Some(quoted("der Zitterpreis")));
    assert_eq!(place.start, Some(MediaTime::from_millis(9_500)));
    assert_eq!(
        (&*report.text, report.contact.as_deref()),
        ("Richtig ist: Glitterpreis", Some("anna@example.org"))
    );
    assert_eq!(inbox.open_page(Some(&meeting("kt-2")), None, 9).unwrap()[0].place, None);
    let numbers = |before| -> Vec<u64> {
        inbox.open_page(None, before, 1).unwrap().iter().map(|report| report.number).collect()
    };
    assert_eq!((numbers(None), numbers(Some(2)), numbers(Some(1))), (vec![2], vec![1], vec![]));
}

#[test]
fn with_its_report_a_contact_ends_and_leaves_no_trace() {
    let (dir, inbox) = inbox();
    inbox.take(&new("1.a"), noon()).unwrap();
    assert!(holds(&dir, "anna@example.org"), "the test can see it");
    let refused = inbox.close(1, ReportEnd::Done, &signed("2026-03-03T09:00:00Z"), |_| {
        Err(Error::archive("kein Protokoll"))
    });
    assert!(
        refused.is_err() && inbox.open_count().unwrap() == 1,
        "without its entry nothing happens"
    );
    let mut noted = None;
    let note = |report: &ReaderReport| -> Result<()> {
        noted = Some(report.number);
        Ok(())
    };
    inbox.close(1, ReportEnd::Done, &signed("2026-03-03T09:00:00Z"), note).unwrap();
    assert_eq!((noted, inbox.open_count().unwrap()), (Some(1), 0));
    assert!(!holds(&dir, "anna@example.org") && holds(&dir, "Zitterpreis"));
    let again = inbox.close(1, ReportEnd::Done, &signed("2026-03-03T09:00:00Z"), |_| Ok(()));
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
    // And the rest of it after a while.
    let day = |text: &str| format!("{text}T00:00:00Z").parse::<Timestamp>().unwrap();
    assert_eq!(inbox.forget_closed(day("2026-03-03")).unwrap(), 0);
    assert_eq!(inbox.forget_closed(day("2026-03-04")).unwrap(), 1);
    assert!(!holds(&dir, "Zitterpreis") && !holds(&dir, "Glitterpreis"));
}

#[test]
fn withdrawn_words_leave_no_trace_and_of_what_is_closed_nothing_is_left() {
    let (dir, inbox) = inbox();
    inbox.take(&new("1.a"), noon()).unwrap();
    inbox.take(&new("1.b"), noon()).unwrap();
    inbox.close(2, ReportEnd::Dismissed, &signed("2026-03-03T09:00:00Z"), |_| Ok(())).unwrap();
    assert_eq!(inbox.with_words(Some(&meeting("kt-1"))).unwrap().len(), 2);
    assert!(inbox.with_words(Some(&meeting("kt-2"))).unwrap().is_empty());
    inbox.forget_words(&[1, 2]).unwrap();
    assert!(!holds(&dir, "Zitterpreis"));
    let left = inbox.open_page(None, None, 9).unwrap();
    let [report] = left.as_slice() else { panic!("{left:?}") };
    // Whoever asked for it can still be answered.
    assert_eq!(report.contact.as_deref(), Some("anna@example.org"));
    assert!(
        report.place.as_ref().is_some_and(|place| place.words.is_none() && place.start.is_some())
    );
    inbox.close(1, ReportEnd::Done, &signed("2026-03-03T09:00:00Z"), |_| Ok(())).unwrap();
    assert_eq!(inbox.forget_closed(noon()).unwrap(), 1, "at once, not after a while");
    assert!(!holds(&dir, "Glitterpreis"));
}

#[test]
fn a_full_disk_is_said_as_that_and_goes_by() {
    let (_dir, inbox) = inbox();
    inbox.take(&new("1.a"), noon()).unwrap();
    inbox.pretend_full(true);
    let long = "lang und breit ".repeat(60);
    let many = |form: &str| NewReport { text: ReportText::new(&long).unwrap(), ..new(form) };
    let mut refused = None;
    for n in 0..200 {
        refused = refused.or(inbox.take(&many(&format!("2.{n}")), noon()).err());
    }
    assert_eq!(refused.unwrap().kind(), ErrorKind::NoRoom);
    assert!(inbox.open_count().unwrap() >= 1, "what is there is read");
    inbox.pretend_full(false);
    assert!(matches!(inbox.take(&many("3.a"), noon()), Ok(Taken::In(_))));
}

#[test]
fn beyond_so_many_open_ones_none_is_taken() {
    let (_dir, inbox) = inbox();
    inbox.take(&new("first"), noon()).unwrap();
    inbox
        .write(|t| {
            Ok(t.execute_batch(&format!(
                "WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < {MOST_OPEN})
                 INSERT INTO report (meeting, has_place, kind, text, received_at)
                 SELECT 'kt-1', 0, 'other', 'x', '2026-03-02T12:34:00Z' FROM n"
            ))?)
        })
        .unwrap();
    assert_eq!(inbox.open_count().unwrap(), MOST_OPEN);
    assert_eq!(inbox.take(&new("last"), noon()).unwrap(), Taken::Full);
    assert_eq!(inbox.take(&new("first"), noon()).unwrap(), Taken::In(1), "that one is in");
    inbox.close(9, ReportEnd::Dismissed, &signed("2026-03-03T09:00:00Z"), |_| Ok(())).unwrap();
    assert!(matches!(inbox.take(&new("last"), noon()).unwrap(), Taken::In(_)));
}

#[test]
fn what_is_no_inbox_is_left_alone() {
    let (dir, inbox) = inbox();
    let file = dir.path().join(INBOX_FILE);
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    let error = inbox.take(&new("1.a"), noon()).unwrap_err();
    assert!(
        error.kind() == ErrorKind::Archive && error.to_string().contains("kein Posteingang"),
        "{error}"
    );
    assert!(!holds(&dir, "Zitterpreis"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever readers write is stored as a text and read back as it was.
    #[test]
    fn texts_are_texts(text in "(\\PC|[\\n'\"%;\\\\]){1,80}", contact in "\\PC{0,40}", words in "\\PC{1,40}") {
        let (_dir, inbox) = inbox();
        let Ok(taken) = ReportText::new(&text) else { return Ok(()) };
        prop_assume!(!words.trim().is_empty());
        let contact = Contact::given(&contact).unwrap();
        let report = NewReport { text: taken.clone(), contact: contact.clone(), words: Some(quoted(&words)), ..new("1.a") };
        inbox.take(&report, noon()).unwrap();
        let read = inbox.open_reports(&meeting("kt-1")).unwrap().remove(0);
        prop_assert_eq!(read.text.as_str(), taken.as_str());
        prop_assert_eq!(read.contact.as_deref(), contact.as_ref().map(Contact::as_str));
        prop_assert_eq!(read.place.unwrap().words, report.words);
    }
}
