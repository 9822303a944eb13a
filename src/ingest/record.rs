//! Files of speeches → meetings with their speeches. Every line is read before anything is given,
//! so that a wrong one leaves nothing half-taken; of the text only one meeting is held at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::input_file::{InputFile, bare};
use super::readable;
use super::slug::slug;
use super::speech::{SpeechLine, speech_line};
use crate::domain::{
    AgendaItem, AgendaItemId, Council, Error, FormerReading, InvalidId, MeetingId, Paper, PaperId,
    PersonId, RecordedSpeaker, Result, Speech,
};

/// So many wrong lines are told; more help nobody.
const MOST_TOLD: usize = 20;

/// A meeting put on record elsewhere.
#[derive(Clone, Debug)]
pub struct Record {
    /// The meeting with the agenda that its speeches name; without roster.
    pub council: Council,
    /// In their order.
    pub speeches: Vec<Speech>,
    /// How earlier versions of this program read it.
    pub formerly: FormerReading,
}

/// Files of speeches, looked through: which meetings they hold, and where.
#[derive(Debug)]
pub struct Records {
    files: Vec<InputFile>,
    places: BTreeMap<MeetingId, Vec<LinePlace>>,
}

/// Where a speech lies.
#[derive(Clone, Copy, Debug)]
struct LinePlace {
    file: usize,
    line: usize,
    offset: u64,
    bytes: usize,
}

impl Records {
    /// Reads every line of every file. Lines of a meeting need not stand together.
    ///
    /// # Errors
    /// `BadInput` with file, line and reason of the first wrong lines.
    pub fn open(files: Vec<InputFile>) -> Result<Self> {
        let mut places: BTreeMap<MeetingId, Vec<LinePlace>> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (file, input) in files.iter().enumerate() {
            input.lines(|line, offset, bytes| {
                if bytes.trim_ascii().is_empty() {
                    return;
                }
                match parse(bytes) {
                    Ok(speech) => places.entry(speech.meeting).or_default().push(LinePlace {
                        file,
                        line,
                        offset,
                        bytes: bytes.len(),
                    }),
                    Err(error) => wrong.push(error.about(&input.at(line))),
                }
            })?;
        }
        none_wrong(wrong)?;
        Ok(Self { files, places })
    }

    /// The meetings in the order of their ids.
    pub fn meetings(&self) -> impl Iterator<Item = &MeetingId> {
        self.places.keys()
    }

    /// Reads one of the meetings.
    ///
    /// # Errors
    /// `BadInput` with file and line where its lines contradict each other or have changed since.
    pub fn read(&self, meeting: &MeetingId) -> Result<Record> {
        let places = self.places.get(meeting).map_or(&[][..], Vec::as_slice);
        let mut open: BTreeMap<usize, File> = BTreeMap::new();
        let mut maker: Option<Maker> = None;
        for (position, place) in places.iter().enumerate() {
            let input = &self.files[place.file];
            let told = |error: Error| error.about(&input.at(place.line));
            let file = match open.entry(place.file) {
                std::collections::btree_map::Entry::Occupied(file) => file.into_mut(),
                std::collections::btree_map::Entry::Vacant(slot) => slot.insert(input.bytes()?),
            };
            let mut bytes = vec![0; place.bytes];
            file.seek(SeekFrom::Start(place.offset))
                .and_then(|_| file.read_exact(&mut bytes))
                .map_err(|e| input.unreadable(e))?;
            let line = parse(&bytes).map_err(told)?;
            let maker = match &mut maker {
                Some(maker) => maker,
                none => none.insert(Maker::new(&line).map_err(told)?),
            };
            maker.take(line, position).map_err(told)?;
        }
        let Some(maker) = maker else {
            return Err(Error::not_found(format!("Zur Sitzung {meeting} gibt es keine Zeile")));
        };
        Ok(maker.finish())
    }
}

/// Complains about the wrong lines of files, where there are any.
pub(super) fn none_wrong(mut wrong: Vec<Error>) -> Result<()> {
    match wrong.len() {
        0 => Ok(()),
        1 => Err(wrong.remove(0)),
        n => {
            let told: Vec<String> = wrong.iter().take(MOST_TOLD).map(Error::reason).collect();
            Err(Error::bad_input(format!(
                "{n} Zeilen sind nicht lesbar, nichts ist übernommen:\n{}",
                told.join("\n")
            ))
            .remedy("Das Format steht im Handbuch unter `import`"))
        }
    }
}

fn parse(bytes: &[u8]) -> Result<SpeechLine> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        Error::bad_input("Die Zeile ist nicht in UTF-8")
            .because(e)
            .remedy("Wandeln Sie die Datei in UTF-8 um")
    })?;
    speech_line(bare(text))
}

/// Puts a meeting together from its lines.
struct Maker {
    council: Council,
    speeches: Vec<Speech>,
    formerly: FormerReading,
    orders: BTreeSet<u32>,
}

impl Maker {
    fn new(first: &SpeechLine) -> Result<Self> {
        let body = first.body.clone().or_else(|| first.organization.clone());
        let body = body.unwrap_or_else(|| "Ohne Angabe".to_owned());
        let organization = first.organization.as_deref();
        let council = Council::by_names(&first.meeting, &body, organization, first.date);
        Ok(Self {
            council: council.map_err(no_id)?,
            speeches: Vec::new(),
            formerly: FormerReading::default(),
            orders: BTreeSet::new(),
        })
    }

    fn take(&mut self, line: SpeechLine, position: usize) -> Result<()> {
        let meeting = &self.council.meeting;
        if meeting.date != Some(line.date) {
            let date = meeting.date.map_or(String::new(), |d| d.to_string());
            return Err(contradiction(format!(
                "Die Sitzung {} war nach früheren Zeilen am {date}, nach dieser am {}",
                meeting.id, line.date
            )));
        }
        let order = line.order.unwrap_or(position as u32 + 1);
        if !self.orders.insert(order) {
            return Err(contradiction(format!(
                "Die Sitzung {} hat schon einen Beitrag mit der Nummer {order}",
                meeting.id
            )));
        }
        let item = self.item(&line)?;
        if let Some(text) = readable::former(&line.text) {
            self.formerly.texts.insert(order, text);
        }
        let speaker = match line.speaker {
            Some(name) => Some(RecordedSpeaker { id: person(&name)?, name }),
            None => None,
        };
        self.speeches.push(Speech {
            order,
            item,
            speaker,
            party: line.party,
            role: line.role,
            start_ms: line.start_ms,
            end_ms: line.end_ms,
            video_url: line.video_url,
            text: readable::paragraphs(&line.text),
        });
        Ok(())
    }

    /// The item that a line names, added to the agenda where it is new.
    fn item(&mut self, line: &SpeechLine) -> Result<Option<AgendaItemId>> {
        if line.agenda_number.is_none() && line.agenda_title.is_none() {
            return Ok(None);
        }
        let title = line.agenda_title.as_deref().and_then(readable::line).unwrap_or_default();
        let papers = match &line.paper {
            Some(reference) => vec![self.paper(reference)?],
            None => Vec::new(),
        };
        let meeting = &mut self.council.meeting;
        let known = meeting
            .agenda
            .iter_mut()
            .find(|item| item.number == line.agenda_number && item.title == title);
        if let Some(item) = known {
            for paper in papers {
                if !item.papers.contains(&paper) {
                    item.papers.push(paper);
                }
            }
            return Ok(Some(item.id.clone()));
        }
        let order = meeting.agenda.len() as u32;
        let id = AgendaItemId::new(format!("{}/{order}", meeting.id)).map_err(no_id)?;
        if let Some(former) = line.agenda_title.as_deref().and_then(readable::former) {
            self.formerly.titles.read_formerly(&id, former);
        }
        meeting.agenda.push(AgendaItem {
            id: id.clone(),
            number: line.agenda_number.clone(),
            order,
            title,
            public: true,
            papers,
            result: None,
        });
        Ok(Some(id))
    }

    fn paper(&mut self, reference: &str) -> Result<PaperId> {
        let id = PaperId::new(reference).map_err(no_id)?;
        if self.council.paper(&id).is_none() {
            self.council.papers.push(Paper {
                id: id.clone(),
                reference: Some(reference.to_owned()),
                name: reference.to_owned(),
                paper_type: None,
                originator_persons: Vec::new(),
                originator_organizations: Vec::new(),
            });
        }
        Ok(id)
    }

    fn finish(mut self) -> Record {
        self.speeches.sort_by_key(|speech| speech.order);
        Record { council: self.council, speeches: self.speeches, formerly: self.formerly }
    }
}

/// Records name people, they do not number them: the same name is the same person.
fn person(name: &str) -> Result<PersonId> {
    let slug = slug(name, 100);
    PersonId::new(if slug.is_empty() { name.to_owned() } else { slug }).map_err(no_id)
}

fn no_id(error: InvalidId) -> Error {
    Error::bad_input("Eine Angabe der Zeile taugt nicht als Kennung")
        .because(error)
        .remedy("Kürzen Sie sie, und entfernen Sie Steuerzeichen")
}

fn contradiction(what: String) -> Error {
    Error::bad_input(what)
        .remedy("Berichtigen Sie die Datei; von dieser Sitzung ist nichts übernommen")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(lines: &[String]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        for line in lines {
            writeln!(file, "{line}").expect("a line");
        }
        file
    }

    fn input(file: &tempfile::NamedTempFile) -> InputFile {
        InputFile::open(file.path()).expect("readable")
    }

    fn line(meeting: &str, order: u32, number: &str, speaker: &str) -> String {
        format!(
            r#"{{"meeting":"{meeting}","date":"2021-06-21","organization":"Kreistag",
            "order":{order},"agenda_number":"{number}","speaker":"{speaker}","text":"Guten Tag."}}"#
        )
        .replace('\n', " ")
    }

    #[test]
    fn meetings_are_put_together_from_scattered_lines() {
        let one = file(&[line("b", 2, "5", "Frau Muster"), line("a", 1, "1", "Herr Beispiel")]);
        let two = file(&[String::new(), line("b", 1, "4", "Frau Muster"), line("b", 3, "5", "X")]);
        let records = Records::open(vec![input(&one), input(&two)]).unwrap();
        assert_eq!(records.meetings().map(MeetingId::as_str).collect::<Vec<_>>(), ["a", "b"]);
        let b = records.read(&MeetingId::new("b").unwrap()).unwrap();
        assert_eq!(b.speeches.iter().map(|s| s.order).collect::<Vec<_>>(), [1, 2, 3]);
        let numbers = b.council.meeting.agenda.iter().map(|i| i.number.as_deref());
        assert_eq!(numbers.collect::<Vec<_>>(), [Some("5"), Some("4")]);
        assert_eq!(b.speeches[1].item, b.speeches[2].item);
        let speaker = b.speeches[0].speaker.as_ref().unwrap();
        assert_eq!((speaker.id.as_str(), speaker.name.as_str()), ("frau-muster", "Frau Muster"));
    }

    #[test]
    fn wrong_lines_are_told_with_their_place() {
        let bad = file(&[line("a", 1, "1", "X"), "{}".into(), "nichts".into()]);
        let told = Records::open(vec![input(&bad)]).unwrap_err().to_string();
        assert!(told.contains("Zeile 2") && told.contains("Zeile 3"), "{told}");
        let twice = file(&[line("a", 1, "1", "X"), line("a", 1, "2", "Y")]);
        let records = Records::open(vec![input(&twice)]).unwrap();
        let told = records.read(&MeetingId::new("a").unwrap()).unwrap_err().to_string();
        assert!(told.contains("Zeile 2") && told.contains("Nummer 1"), "{told}");
    }
}
