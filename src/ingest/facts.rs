//! Facts about meetings that others recorded, one JSON object a line (CONTRACT.md, `import`), and RTTM, the
//! format of programs that tell voices apart. Refuses lines that contradict themselves; nothing of a file with
//! a wrong line is taken.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use super::input_file::{InputFile, bare};
use super::readable;
use super::record::none_wrong;
use crate::domain::{
    Error, LONGEST_RECORDING, MediaTime, MeetingId, MemberVote, OutsideFacts, RecordedVote, Result,
    SegmentSource, SpeakerSegment, TimeBase,
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
    /// Meetings with their agendas.
    Meetings,
}

impl FactKind {
    /// By the first line of a file that says anything.
    ///
    /// # Errors
    /// `BadInput` where it is none of these, or there is no such line.
    pub fn of_file(file: &InputFile) -> Result<Self> {
        let Some(line) = file.first_line()? else {
            return Err(empty(file));
        };
        if is_rttm(&line) {
            return Ok(Self::Segments);
        }
        let object: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let has = |key: &str| object.get(key).is_some();
        match () {
            () if has("text") => Ok(Self::Speeches),
            () if has("agenda") => Ok(Self::Meetings),
            () if has("label") || has("person") && has("end_ms") => Ok(Self::Segments),
            () if ["votes", "counts", "result", "at_ms", "motion"].into_iter().any(has) => {
                Ok(Self::Votes)
            }
            () if ["video_url", "minutes_url", "name"].into_iter().any(has) => Ok(Self::Meetings),
            () => Err(Error::bad_input(format!(
                "Was die Zeilen von {} sind, ist nicht klar",
                file.name()
            ))
            .remedy(
                "Nennen Sie die Art mit `--kind`; die Formate stehen im Handbuch unter `import`",
            )),
        }
    }
}

/// That a file says nothing.
fn empty(file: &InputFile) -> Error {
    Error::bad_input(format!("{} ist leer", file.name())).remedy(
        "Soll von einer Sitzung nichts mehr gelten, nennen Sie Art und Sitzung mit `--kind` und \
         `--meeting`",
    )
}

/// Facts by meeting.
pub type MeetingFacts = BTreeMap<MeetingId, OutsideFacts>;

/// Reads votes. Lines without a meeting are `of` this one.
///
/// # Errors
/// `BadInput` with file, line and reason of the first wrong lines.
pub fn read_votes(files: &[InputFile], of: Option<&MeetingId>) -> Result<MeetingFacts> {
    let votes = read(files, of, |line| {
        let line = line_of::<RecordedVote>(line).map(cleaned)?;
        let RecordedVote { agenda_number, motion, title, at_ms, .. } = &line.fact;
        if agenda_number.is_none() && motion.is_none() && title.is_none() {
            return Err(bad("Die Abstimmung sagt nicht, worüber abgestimmt wurde"));
        }
        at_ms.map_or(Ok(()), possible)?;
        Ok(Some(line))
    })?;
    Ok(votes.into_iter().map(|(id, votes)| (id, OutsideFacts::Votes(votes))).collect())
}

/// Reads segments, as JSON lines or RTTM. Lines without a meeting, as those of RTTM, are `of` this one.
///
/// # Errors
/// `BadInput` with file, line and reason of the first wrong lines.
pub fn read_segments(files: &[InputFile], of: Option<&MeetingId>) -> Result<MeetingFacts> {
    let mut recordings = Rttm::default();
    let segments = read(files, of, |line| {
        let line = match is_rttm(line) {
            true => match recordings.speaker(line)? {
                Some(fact) => FactLine { meeting: None, fact },
                None => return Ok(None),
            },
            false => line_of::<SpeakerSegment>(line)?,
        };
        possible(line.fact.end_ms)?;
        match line.fact.span() {
            Some(_) => Ok(Some(line)),
            None => Err(bad("Das Segment endet, bevor es beginnt")),
        }
    })?;
    Ok(segments.into_iter().map(|(id, all)| (id, OutsideFacts::Segments(all))).collect())
}

/// A fact with its meeting.
#[derive(Deserialize)]
pub(super) struct FactLine<T> {
    #[serde(default)]
    pub(super) meeting: Option<MeetingId>,
    #[serde(flatten)]
    pub(super) fact: T,
}

/// Reads the lines of all files; `line` gives nothing for lines that are no fact. Files without any fact say of
/// the meeting `of` that there is nothing.
pub(super) fn read<T>(
    files: &[InputFile],
    of: Option<&MeetingId>,
    mut line: impl FnMut(&str) -> Result<Option<FactLine<T>>>,
) -> Result<BTreeMap<MeetingId, Vec<T>>> {
    let mut facts: BTreeMap<MeetingId, Vec<T>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in files {
        let mut of_line = |bytes: &[u8]| -> Result<()> {
            let text = std::str::from_utf8(bytes).map_err(|_| {
                Error::bad_input("Die Zeile ist nicht in UTF-8")
                    .remedy("Wandeln Sie die Datei in UTF-8 um")
            })?;
            let text = bare(text);
            if text.is_empty() {
                return Ok(());
            }
            let Some(line) = line(text)? else { return Ok(()) };
            let meeting = line.meeting.or_else(|| of.cloned()).ok_or_else(|| {
                bad("Die Zeile nennt keine Sitzung")
                    .remedy("Nennen Sie die Sitzung mit `--meeting`")
            })?;
            facts.entry(meeting).or_default().push(line.fact);
            Ok(())
        };
        file.lines(|number, _, bytes| {
            if let Err(error) = of_line(bytes) {
                wrong.push(error.about(&file.at(number)));
            }
        })?;
    }
    none_wrong(wrong)?;
    if let Some(file) = files.first()
        && facts.is_empty()
    {
        facts.insert(of.ok_or_else(|| empty(file))?.clone(), Vec::new());
    }
    Ok(facts)
}

pub(super) fn line_of<T: DeserializeOwned>(line: &str) -> Result<FactLine<T>> {
    serde_json::from_str(line).map_err(|e| bad("Die Zeile ist nicht lesbar").because(e))
}

pub(super) fn bad(what: impl Into<String>) -> Error {
    Error::bad_input(what).remedy("Das Format steht im Handbuch unter `import`")
}

/// Refuses a time that no meeting has; mostly it counts something else than milliseconds.
pub(super) fn possible(time: MediaTime) -> Result<()> {
    match time <= LONGEST_RECORDING {
        true => Ok(()),
        false => Err(bad(format!(
            "{} ms liegen hinter dem Ende jeder Sitzung; Zeiten zählen in Millisekunden ab Beginn",
            time.millis()
        ))),
    }
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

/// The types of lines in RTTM (NIST RT-09, appendix A).
const RTTM_TYPES: [&str; 14] = [
    "SEGMENT",
    "NOSCORE",
    "NO_RT_METADATA",
    "LEXEME",
    "NON-LEX",
    "NON-SPEECH",
    "FILLER",
    "EDIT",
    "SU",
    "IP",
    "CB",
    "A/P",
    "SPEAKER",
    "SPKR-INFO",
];

/// Whether a line is one of RTTM; its comments begin with ";;".
fn is_rttm(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    line.starts_with(";;") || RTTM_TYPES.contains(&first)
}

/// Reads lines of RTTM, and sees to it that all are of one recording.
#[derive(Default)]
struct Rttm {
    recording: Option<String>,
}

impl Rttm {
    /// "SPEAKER file 1 onset duration <NA> <NA> label <NA> <NA>", times in seconds; nothing for lines of other
    /// types, which say nothing of who speaks when.
    fn speaker(&mut self, line: &str) -> Result<Option<SpeakerSegment>> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if fields.first() != Some(&"SPEAKER") {
            return Ok(None);
        }
        let seconds = |n: usize| -> Option<f64> {
            let value: f64 = fields.get(n)?.parse().ok()?;
            (value.is_finite() && value >= 0.0).then_some(value)
        };
        let label = fields.get(7).filter(|label| **label != "<NA>");
        let (Some(start), Some(length), Some(label)) = (seconds(3), seconds(4), label) else {
            return Err(bad("Die Zeile ist kein RTTM: Es fehlen Beginn, Dauer oder Stimme"));
        };
        let recording = self.recording.get_or_insert_with(|| fields[1].to_owned());
        if recording != fields[1] {
            let what = format!(
                "Die Zeile ist von der Aufnahme {}, andere sind von {recording}",
                fields[1]
            );
            return Err(Error::bad_input(what)
                .remedy("Übernehmen Sie die Aufnahmen einzeln, jede mit `--meeting`"));
        }
        Ok(Some(SpeakerSegment {
            start_ms: MediaTime::from_secs_f64(start),
            end_ms: MediaTime::from_secs_f64(start + length),
            label: (*label).to_owned(),
            person: None,
            source: SegmentSource::Diarization,
            clock: TimeBase::Meeting,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> (tempfile::NamedTempFile, [InputFile; 1]) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("a text");
        let input = InputFile::open(file.path()).expect("readable");
        (file, [input])
    }

    fn meeting() -> MeetingId {
        MeetingId::new("kt-1").expect("an id")
    }

    #[test]
    fn lines_of_the_contract_are_read_by_what_they_say() {
        let (_votes, path) = file(
            r#"{"meeting":"kt-1","order":12,"agenda_number":"7.14.1","motion":"DS0513/25/1","title":"<b>Rad</b>weg",
            "kind":"amendment","movers":[],"at_ms":13777000,"result":null,
            "counts":{"yes":30,"no":20,"abstain":3},
            "votes":[{"person":"Wilma Brand","party":"Linde","vote":"yes"}],"source":"screen","reviewed":true}"#
                .replace('\n', " ")
                .as_str(),
        );
        assert_eq!(FactKind::of_file(&path[0]).expect("a kind"), FactKind::Votes);
        let read = read_votes(&path, None).expect("votes");
        let Some(OutsideFacts::Votes(votes)) = read.get(&meeting()) else { panic!("{read:?}") };
        assert_eq!(votes[0].title.as_deref(), Some("Radweg"));
        assert_eq!(votes[0].counts.and_then(|counts| counts.no), Some(20));

        let (_rttm, path) = file(concat!(
            "\u{feff}\n;; made by\nSPKR-INFO rec 1 <NA> <NA> <NA> unknown SPEAKER_03 <NA>\n",
            "SPEAKER\trec\t1\t12.50\t3.25\t<NA>\t<NA>\tSPEAKER_03\t<NA>\t<NA>\n",
        ));
        assert_eq!(FactKind::of_file(&path[0]).expect("a kind"), FactKind::Segments);
        assert!(read_segments(&path, None).is_err(), "whose meeting is not said");
        let read = read_segments(&path, Some(&meeting())).expect("segments");
        let Some(OutsideFacts::Segments(all)) = read.get(&meeting()) else { panic!("{read:?}") };
        assert_eq!((all[0].start_ms.millis(), all[0].end_ms.millis()), (12_500, 15_750));
    }

    #[test]
    fn a_file_with_wrong_lines_gives_nothing_and_names_them() {
        let (_wrong, path) = file(concat!(
            "{\"meeting\":\"kt-1\",\"start_ms\":1,\"end_ms\":2,\"label\":\"A\"}\n",
            "{\"meeting\":\"kt-1\",\"start_ms\":3,\"end_ms\":2,\"label\":\"A\"}\n",
            "SPEAKER rec 1 x 3.25 <NA> <NA> B <NA> <NA>\n",
            "SPEAKER rec 1 1 3.25 <NA> <NA> B <NA> <NA>\n",
            "SPEAKER other 1 1 3.25 <NA> <NA> B <NA> <NA>\n",
            "{\"meeting\":\"kt-1\",\"start_ms\":3,\"end_ms\":1700000000000,\"label\":\"A\"}\n",
        ));
        let told = read_segments(&path, Some(&meeting())).unwrap_err().to_string();
        for line in ["Zeile 2", "Zeile 3", "Zeile 5", "Zeile 6"] {
            assert!(told.contains(line), "{told}");
        }
    }

    #[test]
    fn an_empty_file_says_that_a_named_meeting_has_nothing() {
        let (_empty, path) = file("\n");
        assert!(FactKind::of_file(&path[0]).is_err() && read_votes(&path, None).is_err());
        let read = read_votes(&path, Some(&meeting())).expect("nothing");
        assert_eq!(read.get(&meeting()), Some(&OutsideFacts::Votes(Vec::new())));
    }
}
