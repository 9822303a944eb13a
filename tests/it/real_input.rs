//! Real input: a human voice, and council data as real servers give it.

use crate::harness::{Archive, files, root};
use crate::shared::shared;

/// The demo model gets most of a human voice wrong, and that is printed, not hidden: what is shown
/// here is that the chain runs from a WebM with Opus to a word error rate.
#[test]
fn a_human_voice_goes_through_the_whole_chain() {
    let archive = Archive::new();
    let audio = root().join("fixtures/audio");
    let output = archive.run(&["eval", "wer", audio.to_str().unwrap()]).expect(0);
    println!("{}", output.stdout);
    let recordings = output.stdout.lines().filter(|l| l.starts_with("de_rhasspy")).count();
    assert_eq!(recordings, 28, "{}", output.stdout);
    assert!(output.stdout.contains("Wortfehlerrate"));
}

#[test]
fn every_meeting_of_real_servers_is_ingested() {
    let Some(oparl) = shared("data/oparl") else { return };
    let archive = Archive::new();
    let output = archive.run(&["ingest", oparl.to_str().unwrap()]);
    println!("{}\n{}", output.stdout, output.stderr);
    let meetings = files(&oparl.join("karlsruhe/meetings")).len();
    let registered = output.stdout.lines().filter(|l| l.contains("Tagesordnungspunkte")).count();
    assert!(registered > meetings, "{registered} registered, the city has {meetings}");
    let again = archive.run(&["ingest", oparl.to_str().unwrap()]);
    assert!(again.stdout.lines().all(|l| l.contains("unverändert")), "{}", again.stdout);
}
