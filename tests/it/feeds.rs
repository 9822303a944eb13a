//! Feeds are ordered by when something was shown or changed, not by when the meeting was.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Archive, Site};
use crate::markup::assert_well_formed_xml;

/// Speeches of a meeting under these numbers.
fn speeches(meeting: &str, date: &str, said: &[(u32, &str)]) -> Vec<Value> {
    let line = |(order, text): &(u32, &str)| {
        json!({"meeting": meeting, "date": date, "body": "Musterstadt", "organization": "Rat", "order": order,
            "speaker": "Anna Muster", "text": text, "video_url": format!("https://video.example/{order}?a=1&b=2")})
    };
    said.iter().map(line).collect()
}

/// Imports, a second or more after what was done before: so exact are feeds.
fn import(archive: &Archive, lines: &[Value]) {
    sleep(Duration::from_millis(1_100));
    let path = archive.dir().join("reden.jsonl");
    std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>())
        .unwrap();
    archive.run(&["import", path.to_str().unwrap()]).expect(0);
}

/// An entry: id, published, updated.
type Entry = [String; 3];

fn entries(site: &Site, path: &str) -> Vec<Entry> {
    let feed = site.get(path).text();
    assert_well_formed_xml(path, &feed);
    let within = |entry: &str, tag: &str| {
        let behind = entry.split_once(&format!("<{tag}>")).unwrap().1;
        behind.split('<').next().unwrap().to_owned()
    };
    let entries: Vec<Entry> = feed
        .split("<entry>")
        .skip(1)
        .map(|entry| ["id", "published", "updated"].map(|tag| within(entry, tag)))
        .collect();
    let newest = entries.iter().map(|entry| entry[2].clone()).max();
    assert!(newest.is_none_or(|newest| within(&feed, "updated") == newest));
    assert!(entries.is_sorted_by(|a, b| a[2] >= b[2]), "{entries:?}");
    entries
}

#[test]
fn late_additions_and_corrections_come_first() {
    let archive = Archive::new();
    let new = speeches("neu", "2026-03-01", &[(1, "Die Turnhalle wird gebaut.")]);
    let old = [(3, "Die Turnhalle ist alt."), (7, "Eine neue Turnhalle, bitte.")];
    import(&archive, &new);
    import(&archive, &speeches("alt", "2019-03-01", &old));
    let site = Site::start(&archive);
    let feed = || entries(&site, "/suche.atom?q=Turnhalle");
    let meetings = || entries(&site, "/sitzungen.atom");
    let of = |all: &[Entry], part: &str| -> Vec<Entry> {
        all.iter().filter(|entry| entry[0].contains(part)).cloned().collect()
    };
    let (first, first_meetings) = (feed(), meetings());
    assert_eq!(first.len(), 3);
    assert!(first[0][0].contains("alt") && first_meetings[0][0].ends_with(":alt"), "{first:?}");

    // The same again changes nothing.
    import(&archive, &new);
    assert_eq!((feed(), meetings()), (first.clone(), first_meetings));

    // What is corrected, and between what is there: names stay, and the day of its first showing.
    let more = [(3, "Die Turnhalle ist alt."), (5, "Die Turnhalle zieht."), old[1]];
    import(&archive, &speeches("alt", "2019-03-01", &more));
    let corrected = of(&feed(), "alt");
    assert_eq!(corrected.len(), 3);
    for before in of(&first, "alt") {
        let after = corrected.iter().find(|entry| entry[0] == before[0]).unwrap();
        assert!(after[1] == before[1] && after[2] > before[2], "{before:?} {after:?}");
    }
    assert_eq!(of(&feed(), "neu"), of(&first, "neu"));

    // What is withheld leaves, and that counts as a change.
    sleep(Duration::from_millis(1_100));
    archive.run(&["withhold", "alt", "--speech", "5", "--why", "Test"]).expect(0);
    let withheld = of(&feed(), "alt");
    assert!(withheld.len() == 2 && withheld[0][2] > corrected[0][2], "{withheld:?}");
    assert_eq!(withheld[0][1], corrected[0][1]);
    archive.run(&["remove", "alt"]).expect(0);
    assert!(of(&feed(), "alt").is_empty() && of(&meetings(), "alt").is_empty());
    assert_eq!(site.get("/sitzung/alt").status, 410);
}

/// A search with more hits than are looked at still tells of what came last, whatever its day.
#[test]
fn a_late_addition_is_in_the_feed_of_a_frequent_word() {
    let archive = Archive::new();
    let many: Vec<(u32, String)> = (0..40).map(|n| (n, format!("Turnhalle Nummer {n}."))).collect();
    let said: Vec<(u32, &str)> = many.iter().map(|(n, text)| (*n, text.as_str())).collect();
    let all = (0..9).flat_map(|n| speeches(&format!("neu-{n}"), "2026-03-01", &said));
    import(&archive, &all.collect::<Vec<_>>());
    import(&archive, &speeches("alt", "1999-03-01", &[(1, "Die Turnhalle ist alt.")]));
    let site = Site::start(&archive);
    let feed = entries(&site, "/suche.atom?q=Turnhalle");
    assert_eq!(feed.len(), 100);
    assert!(feed[0][0].contains("alt"), "{:?}", feed[0]);
    let only = entries(&site, "/suche.atom?q=Turnhalle&meeting=neu-3");
    assert!(only.len() == 40 && only.iter().all(|entry| entry[0].contains("neu-3")));
}
