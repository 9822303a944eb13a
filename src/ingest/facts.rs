//! Facts about meetings that others recorded, one JSON object a line (CONTRACT.md, `import`), and RTTM, the
//! format of programs that tell voices apart. Refuses lines that contradict themselves; nothing of a file with
//! a wrong line is taken.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::readable;
use super::record::{at, none_wrong, scan};
use crate::domain::{
    Error, MediaTime, MeetingId, MemberVote, OutsideFacts, RecordedVote, Result, SegmentSource,
    SpeakerSegment, TimeBase,
};

/// What a file's lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// What somebody said.
    Speeches,
    /// Votes.
    Votes,
    /// Who spoke when.
    Segments,
}

impl FactKind {
    /// By the first line of a file that says anything.
    ///
    /// # Errors
    /// `BadInput` where it is none of these.
    pub fn of_file(path: &Path) -> Result<Self> {
        let mut first: Option<String> = None;
        scan(&super::named(path)?, |_, _, bytes| {
            if first.is_none() && !bytes.trim_ascii().is_empty() {
                first = Some(String::from_utf8_lossy(bytes).into_owned());
            }
        })?;
        let line = first.unwrap_or_default();
        if is_rttm(&line) {
            return Ok(Self::Segments);
        }
        let line = line.trim_start_matches('\u{feff}');
        let object: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let has = |key: &str| object.get(key).is_some();
        match () {
            () if has("text") => Ok(Self::Speeches),
            () if has("label") || has("person") && has("end_ms") => Ok(Self::Segments),
            () if ["votes", "counts", "result", "at_ms", "motion"].into_iter().any(has) => {
                Ok(Self::Votes)
            }
            () if has("agenda") || has("video_url") && has("name") => {
                let what = format!("{} nennt Sitzungen ohne Redebeiträge", path.display());
                Err(Error::bad_input(what).remedy(
                    "Übernommen werden Redebeiträge, Abstimmungen und Segmente; Sitzungen nimmt \
                     `mitschnitt ingest` auf",
                ))
            }
            // What is wrong with it, the reader of speeches says best.
            () => Ok(Self::Speeches),
        }
    }
}

/// Facts by meeting.
pub type MeetingFacts = BTreeMap<MeetingId, OutsideFacts>;

/// Reads votes. Lines without a meeting are `of` this one.
///
/// # Errors
/// `BadInput` with file, line and reason of the first wrong lines.
pub fn read_votes(files: &[PathBuf], of: Option<&MeetingId>) -> Result<MeetingFacts> {
    let votes = read(files, of, |line| {
        let line = line_of::<RecordedVote>(line).map(cleaned)?;
        let RecordedVote { agenda_number, motion, title, .. } = &line.fact;
        match agenda_number.is_some() || motion.is_some() || title.is_some() {
            true => Ok(line),
            false => Err(bad("Die Abstimmung sagt nicht, worüber abgestimmt wurde".to_owned())),
        }
    })?;
    Ok(votes.into_iter().map(|(id, votes)| (id, OutsideFacts::Votes(votes))).collect())
}

/// Reads segments, as JSON lines or RTTM. Lines without a meeting, as those of RTTM, are `of` this one.
///
/// # Errors
/// `BadInput` with file, line and reason of the first wrong lines.
pub fn read_segments(files: &[PathBuf], of: Option<&MeetingId>) -> Result<MeetingFacts> {
    let segments = read(files, of, |line| {
        let line = match is_rttm(line) {
            true => FactLine { meeting: None, fact: rttm(line)? },
            false => line_of::<SpeakerSegment>(line)?,
        };
        match line.fact.span() {
            Some(_) => Ok(line),
            None => Err(bad("Das Segment endet, bevor es beginnt".to_owned())),
        }
    })?;
    Ok(segments.into_iter().map(|(id, all)| (id, OutsideFacts::Segments(all))).collect())
}

/// A fact with its meeting.
#[derive(Deserialize)]
struct FactLine<T> {
    #[serde(default)]
    meeting: Option<MeetingId>,
    #[serde(flatten)]
    fact: T,
}

fn read<T>(
    files: &[PathBuf],
    of: Option<&MeetingId>,
    line: impl Fn(&str) -> Result<FactLine<T>>,
) -> Result<BTreeMap<MeetingId, Vec<T>>> {
    let mut facts: BTreeMap<MeetingId, Vec<T>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in files {
        let path = super::named(path)?;
        scan(&path, |number, _, bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else {
                let error = Error::bad_input("Die Zeile ist nicht in UTF-8")
                    .remedy("Wandeln Sie die Datei in UTF-8 um");
                return wrong.push(error.about(&at(&path, number)));
            };
            let text = text.trim().trim_start_matches('\u{feff}');
            // RTTM knows comments.
            if text.is_empty() || text.starts_with(";;") {
                return;
            }
            let read = line(text).and_then(|line| match line.meeting.or_else(|| of.cloned()) {
                Some(meeting) => Ok((meeting, line.fact)),
                None => Err(bad("Die Zeile nennt keine Sitzung".to_owned())
                    .remedy("Nennen Sie die Sitzung mit `--meeting`")),
            });
            match read {
                Ok((meeting, fact)) => facts.entry(meeting).or_default().push(fact),
                Err(error) => wrong.push(error.about(&at(&path, number))),
            }
        })?;
    }
    none_wrong(wrong)?;
    Ok(facts)
}

fn line_of<T: DeserializeOwned>(line: &str) -> Result<FactLine<T>> {
    serde_json::from_str(line)
        .map_err(|e| bad(format!("Spalte {}: Die Zeile ist nicht lesbar", e.column())).because(e))
}

fn bad(what: String) -> Error {
    Error::bad_input(what).remedy("Das Format steht im Handbuch unter `import`")
}

/// Texts as people read them.
fn cleaned(line: FactLine<RecordedVote>) -> FactLine<RecordedVote> {
    let clean = |text: Option<String>| text.as_deref().and_then(readable::line);
    let RecordedVote { agenda_number, motion, title, kind, movers, result, votes, .. } = line.fact;
    let fact = RecordedVote {
        agenda_number: clean(agenda_number),
        motion: clean(motion),
        title: clean(title),
        kind: clean(kind),
        movers: movers.iter().filter_map(|mover| readable::line(mover)).collect(),
        result: clean(result),
        votes: (votes.into_iter())
            .filter_map(|vote| {
                let person = readable::line(&vote.person)?;
                Some(MemberVote { person, party: clean(vote.party), vote: vote.vote })
            })
            .collect(),
        ..line.fact
    };
    FactLine { meeting: line.meeting, fact }
}

fn is_rttm(line: &str) -> bool {
    line.starts_with("SPEAKER ") || line.starts_with("SPKR-INFO ") || line.starts_with(";;")
}

/// "SPEAKER file 1 onset duration <NA> <NA> label <NA> <NA>", times in seconds (NIST RT-09).
fn rttm(line: &str) -> Result<SpeakerSegment> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let seconds = |n: usize| -> Option<f64> {
        let value: f64 = fields.get(n)?.parse().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    };
    let label = fields.get(7).filter(|label| **label != "<NA>");
    let (Some(start), Some(length), Some(label)) = (seconds(3), seconds(4), label) else {
        return Err(bad("Die Zeile ist kein RTTM: Es fehlen Beginn, Dauer oder Stimme".to_owned()));
    };
    Ok(SpeakerSegment {
        start_ms: MediaTime::from_secs_f64(start),
        end_ms: MediaTime::from_secs_f64(start + length),
        label: (*label).to_owned(),
        person: None,
        source: SegmentSource::Diarization,
        clock: TimeBase::Meeting,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("a text");
        file
    }

    fn meeting() -> MeetingId {
        MeetingId::new("kt-1").expect("an id")
    }

    #[test]
    fn lines_of_the_contract_are_read_by_what_they_say() {
        let votes = file(
            r#"{"meeting":"kt-1","order":12,"agenda_number":"7.14.1","motion":"DS0513/25/1","title":"<b>Rad</b>weg",
            "kind":"amendment","movers":[],"at_ms":13777000,"result":null,
            "counts":{"yes":30,"no":20,"abstain":3},
            "votes":[{"person":"Wilma Brand","party":"Linde","vote":"yes"}],"source":"screen","reviewed":true}"#
                .replace('\n', " ")
                .as_str(),
        );
        let path = [votes.path().to_path_buf()];
        assert_eq!(FactKind::of_file(&path[0]).expect("a kind"), FactKind::Votes);
        let read = read_votes(&path, None).expect("votes");
        let Some(OutsideFacts::Votes(votes)) = read.get(&meeting()) else { panic!("{read:?}") };
        assert_eq!(votes[0].title.as_deref(), Some("Radweg"));
        assert_eq!(votes[0].counts.and_then(|counts| counts.no), Some(20));

        let rttm = file(";; made by\nSPEAKER rec 1 12.50 3.25 <NA> <NA> SPEAKER_03 <NA> <NA>\n");
        let path = [rttm.path().to_path_buf()];
        assert_eq!(FactKind::of_file(&path[0]).expect("a kind"), FactKind::Segments);
        assert!(read_segments(&path, None).is_err(), "whose meeting is not said");
        let read = read_segments(&path, Some(&meeting())).expect("segments");
        let Some(OutsideFacts::Segments(all)) = read.get(&meeting()) else { panic!("{read:?}") };
        assert_eq!((all[0].start_ms.millis(), all[0].end_ms.millis()), (12_500, 15_750));
    }

    #[test]
    fn a_file_with_wrong_lines_gives_nothing_and_names_them() {
        let wrong = file(concat!(
            "{\"meeting\":\"kt-1\",\"start_ms\":1,\"end_ms\":2,\"label\":\"A\"}\n",
            "{\"meeting\":\"kt-1\",\"start_ms\":3,\"end_ms\":2,\"label\":\"A\"}\n",
            "SPEAKER rec 1 x 3.25 <NA> <NA> B <NA> <NA>\n",
        ));
        let told = read_segments(&[wrong.path().to_path_buf()], Some(&meeting())).unwrap_err();
        let told = told.to_string();
        assert!(told.contains("Zeile 2") && told.contains("Zeile 3"), "{told}");
    }
}
