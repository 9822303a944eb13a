//! `mitschnitt eval`: measures against truth files, per case and pooled, as table or JSON.
//!
//! A case is a folder with `truth.json` and either `transcript.json` and `meeting.json` (plain or
//! gzipped) or, with `--meeting`, a meeting of the archive. A folder with `transcripts.tsv` holds
//! recordings and what is said in them: those are transcribed here and now. For `search` it is a
//! folder with `queries.json`, asked of the archive.

use std::fmt::Display;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Context;
use crate::domain::{
    Alignment, Council, Digest, Error, Language, MeetingId, PublicSpans, Result, SoundChoice,
    Transcript, Word,
};
use crate::eval::{
    self, JudgedQuery, NameScore, RankingScore, Truth, WerScore, WordTimes, normalize,
};
use crate::pipeline::{PreparedModel, Recognition, Wanted};
use crate::search::{SearchRequest, Searcher};
use crate::transcribe::{Hints, RecordingVocabulary};
use crate::{align, ingest, pipeline, transcribe};

/// Passages asked for; their contributions are more than recall looks at.
const PASSAGES: usize = 300;

/// Arguments of `eval`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Was gemessen wird
    #[arg(value_enum, value_name = "MASS")]
    measure: Measure,
    /// Ordner mit truth.json oder transcripts.tsv
    #[arg(required = true, value_name = "FALL")]
    cases: Vec<PathBuf>,
    /// Statt der Dateien des Falls diese Sitzung des Archivs messen
    #[arg(long, value_name = "KENNUNG")]
    meeting: Option<MeetingId>,
    /// Statt der Verschriftung des Falls diese
    #[arg(long, value_name = "DATEI", conflicts_with = "meeting")]
    transcript: Option<PathBuf>,
    /// Sprachmodell für Fälle, die erst verschriftet werden
    #[arg(long, value_name = "MODELL")]
    model: Option<String>,
    /// Als JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Measure {
    /// Wortfehlerrate
    Wer,
    /// Zeiten der Wortanfänge
    Words,
    /// Tagesordnungspunkte
    Agenda,
    /// Redende
    Speakers,
    /// Namen aus Personen und Tagesordnung: wie gehört, mit Vorgabe gehört und berichtigt
    Names,
    /// Reihenfolge der Treffer im Archiv zu beurteilten Anfragen (queries.json)
    Search,
}

/// Measures every case, then all together.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    match args.measure {
        Measure::Wer => pool(args, |case| wer(case, args, context)),
        Measure::Words => pool(args, |folder| {
            let case = Case::read(folder, args, context)?;
            Ok(WordTimes::compare(&case.truth.words, &case.transcript.words))
        }),
        Measure::Agenda => pool(args, |folder| {
            let case = Case::read(folder, args, context)?;
            Ok(eval::agenda(&case.truth, &case.alignment(folder)?, &case.transcript))
        }),
        Measure::Speakers => pool(args, |folder| {
            let case = Case::read(folder, args, context)?;
            Ok(eval::speakers(&case.truth, &case.alignment(folder)?, &case.transcript))
        }),
        Measure::Names => pool(args, |folder| names(folder, args, context)),
        Measure::Search => {
            let searcher = context.open_archive()?.searcher;
            pool(args, |folder| rankings(folder, &searcher))
        }
    }
}

#[derive(Serialize)]
struct Figures<S> {
    cases: Vec<(String, S)>,
    pooled: S,
}

fn pool<S>(args: &Args, measure: impl Fn(&Path) -> Result<S>) -> Result<()>
where
    S: Clone + Default + Display + Serialize + AddAssign,
{
    let mut report = Figures { cases: Vec::new(), pooled: S::default() };
    for folder in &args.cases {
        let score = measure(folder)?;
        report.pooled += score.clone();
        if !args.json {
            say!("{}\n{score}\n", folder.display());
        }
        report.cases.push((folder.display().to_string(), score));
    }
    if args.json {
        let json = serde_json::to_string_pretty(&report)
            .map_err(|e| Error::failed("Das Ergebnis lässt sich nicht schreiben").because(e))?;
        say!("{json}");
    } else if report.cases.len() > 1 {
        say!("Alle {} Fälle zusammen\n{}", report.cases.len(), report.pooled);
    }
    Ok(())
}

/// A case with truth and text.
struct Case {
    truth: Truth,
    transcript: Transcript,
    /// The archive's alignment, where the archive is measured.
    archived: Option<Alignment>,
}

impl Case {
    fn read(folder: &Path, args: &Args, context: &Context) -> Result<Self> {
        let truth = super::read_json(&file(folder, "truth.json")?, "truth.json")?;
        if let Some(id) = &args.meeting {
            let (transcript, alignment) = archived(id, context)?;
            return Ok(Self { truth, transcript, archived: Some(alignment) });
        }
        let transcript = Self::transcript(folder, args, context)?;
        Ok(Self { truth, transcript, archived: None })
    }

    /// The text alone, of the archive's meeting or the case.
    fn transcript(folder: &Path, args: &Args, context: &Context) -> Result<Transcript> {
        if let Some(id) = &args.meeting {
            return Ok(archived(id, context)?.0);
        }
        let path = match &args.transcript {
            Some(path) => path.clone(),
            None => file(folder, "transcript.json")?,
        };
        super::read_json(&path, "mitschnitt.transcript/1")
    }

    fn alignment(&self, folder: &Path) -> Result<Alignment> {
        if let Some(alignment) = &self.archived {
            return Ok(alignment.clone());
        }
        Ok(align::align(&self.transcript, &council(folder)?, &[]))
    }
}

/// A meeting of the archive.
fn archived(id: &MeetingId, context: &Context) -> Result<(Transcript, Alignment)> {
    context.open_archive()?.store.text(id)?.ok_or_else(|| {
        Error::not_found(format!("Die Sitzung {id} ist nicht verschriftet"))
            .remedy("`mitschnitt run` holt das nach")
    })
}

/// The meeting of a case.
fn council(folder: &Path) -> Result<Council> {
    let path = file(folder, "meeting.json")?;
    ingest::align_input(&super::read_file(&path)?).map_err(|e| e.about(&path.display().to_string()))
}

/// Asks the archive what `queries.json` asks; passages of one contribution count once.
fn rankings(folder: &Path, searcher: &Searcher) -> Result<RankingScore> {
    let path = file(folder, "queries.json")?;
    let queries: Vec<JudgedQuery> = super::read_json(&path, "queries.json")?;
    let mut score = RankingScore::default();
    for judged in &queries {
        let request = SearchRequest { q: judged.query.clone(), ..SearchRequest::default() };
        let mut ranking = Vec::new();
        for hit in searcher.search_pages(&request, PASSAGES)?.hits {
            let place = (hit.meeting.id.to_string(), hit.order);
            if !ranking.contains(&place) {
                ranking.push(place);
            }
        }
        score += RankingScore::of(judged, &ranking);
    }
    Ok(score)
}

/// Names as heard, as heard with the meeting's names as a prompt, and as corrected with them. A model hears
/// the case's sound, once without and once with the names; else the case's transcript was heard without
/// them, and the archive's with them.
fn names(folder: &Path, args: &Args, context: &Context) -> Result<NameScore> {
    let council = match &args.meeting {
        Some(id) => context.open_archive()?.store.council(id)?,
        None => council(folder)?,
    };
    let vocabulary = pipeline::vocabulary(&council, None);
    let said = said(folder)?;
    let names = match file(folder, "terms.json") {
        Ok(path) => super::read_json(&path, "terms.json")?,
        Err(_) => transcribe::names(&vocabulary),
    };
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let count = |words: &[Word]| {
        let heard: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
        eval::names(&said, &heard, &names)
    };
    let (heard, prompted) = match (&args.model, &args.meeting) {
        (Some(model), _) => {
            let (heard, prompted) = hear_twice(folder, model, &vocabulary, context)?;
            (Some(heard), Some(prompted))
        }
        (None, Some(_)) => (None, Some(uncorrected(Case::transcript(folder, args, context)?))),
        (None, None) => (Some(uncorrected(Case::transcript(folder, args, context)?)), None),
    };
    let last = prompted.as_ref().or(heard.as_ref());
    let mut corrected = last.cloned().unwrap_or_default();
    transcribe::correct(&mut corrected, &vocabulary);
    Ok(NameScore {
        heard: heard.as_deref().map(count),
        prompted: prompted.as_deref().map(count),
        corrections: corrected.iter().filter(|w| w.raw.is_some()).count() as u64,
        corrected: count(&corrected),
    })
}

/// The words as recognised, where they may be corrected already.
fn uncorrected(transcript: Transcript) -> Vec<Word> {
    let mut words = transcript.words;
    for word in &mut words {
        word.text = word.raw.take().unwrap_or(std::mem::take(&mut word.text));
    }
    words
}

/// The sound of a case, heard without and with a vocabulary.
fn hear_twice(
    folder: &Path,
    model: &str,
    vocabulary: &RecordingVocabulary,
    context: &Context,
) -> Result<(Vec<Word>, Vec<Word>)> {
    let unreadable = |e| {
        Error::bad_input(format!("Der Ordner {} ist nicht lesbar", folder.display())).because(e)
    };
    let mut files = std::fs::read_dir(folder).map_err(unreadable)?.flatten().map(|f| f.path());
    let sound = files.find(|path| path.file_stem().is_some_and(|stem| stem == "sound"));
    let sound = sound.ok_or_else(|| {
        Error::bad_input(format!("Im Ordner {} fehlt die Aufnahme", folder.display())).remedy(
            "Mit --model wird sie gehört: sound.webm, sound.wav oder in einem anderen Format",
        )
    })?;
    let progress = context.progress();
    let prepared = PreparedModel::new(model, &context.environment, &progress)?;
    let (sha256, _) = pipeline::hash(&sound, &progress)?;
    let hear = |hints: &Hints| -> Result<Vec<Word>> {
        let wanted = (None, hints);
        let recognition =
            prepared.recognition(Language::GERMAN, Wanted::default(), wanted, &progress)?;
        Ok(uncorrected(hear_whole(&recognition, &sound, &sha256)?))
    };
    Ok((hear(&Hints::default())?, hear(&prepared.hints(vocabulary.clone())?)?))
}

/// A file heard from its beginning to its end.
fn hear_whole(recognition: &Recognition<'_>, path: &Path, sha256: &Digest) -> Result<Transcript> {
    recognition.transcribe(&pipeline::Source {
        path,
        sha256,
        public: &PublicSpans::WHOLE,
        sound: &SoundChoice::default(),
        seats: &[],
    })
}

/// What is said in a case, word by word as written: its `ref.txt`, else the words of its truth, else those of
/// the case beside it that is named `-clean`.
fn said(folder: &Path) -> Result<Vec<String>> {
    if let Ok(path) = file(folder, "ref.txt") {
        return Ok(super::read_file(&path)?.split_whitespace().map(String::from).collect());
    }
    let path = file(folder, "truth.json")?;
    let words = super::read_json::<Truth>(&path, "truth.json")?.plain_words();
    let words = if words.is_empty() { clean_words(folder)? } else { words };
    Ok(words.into_iter().map(|word| word.text).collect())
}

/// The words of a case whose truth has none: those of the case beside it that is named `-clean`.
fn clean_words(folder: &Path) -> Result<Vec<Word>> {
    let name = folder.canonicalize().unwrap_or(folder.to_owned()).display().to_string();
    let clean = name.strip_suffix("-noisy").map(|base| PathBuf::from(format!("{base}-clean")));
    let clean = clean.filter(|c| c.is_dir()).ok_or_else(|| {
        Error::bad_input(format!("Die Wahrheit in {name} nennt keine Wörter"))
            .remedy(
                "Erwartet wird „words“ in truth.json, ref.txt mit dem gesprochenen Text, oder zu NAME-noisy \
                 der Fall NAME-clean",
            )
    })?;
    let path = file(&clean, "transcript.json")?;
    Ok(super::read_json::<Transcript>(&path, "mitschnitt.transcript/1")?.words)
}

/// The file of a case, plain or gzipped.
fn file(folder: &Path, name: &str) -> Result<PathBuf> {
    let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
    candidates.into_iter().find(|p| p.is_file()).ok_or_else(|| {
        Error::bad_input(format!("Im Ordner {} fehlt {name}", folder.display())).remedy(
            "Ein Fall besteht aus truth.json, transcript.json und meeting.json; mit --meeting wird \
             eine Sitzung des Archivs gemessen",
        )
    })
}

fn wer(folder: &Path, args: &Args, context: &Context) -> Result<WerScore> {
    let table = folder.join("transcripts.tsv");
    if table.is_file() {
        return wer_of_recordings(folder, &table, args, context);
    }
    let case = Case::read(folder, args, context)?;
    Ok(eval::wer_of_words(&case.truth.plain_words(), &case.transcript.words))
}

/// Transcribes every recording of the table; what the recogniser cannot do at all counts as not
/// heard.
fn wer_of_recordings(
    folder: &Path,
    table: &Path,
    args: &Args,
    context: &Context,
) -> Result<WerScore> {
    let progress = context.progress();
    let model = args.model.as_deref().unwrap_or(&context.config.model);
    let prepared = PreparedModel::new(model, &context.environment, &progress)?;
    let hints = Hints::default();
    let recognition =
        prepared.recognition(Language::GERMAN, Wanted::default(), (None, &hints), &progress)?;
    let mut score = WerScore::default();
    for line in super::read_file(table)?.lines() {
        let Some((file, said)) = line.split_once('\t') else { continue };
        let path = folder.join(file);
        if !path.is_file() {
            continue; // the heading
        }
        let (sha256, _) = pipeline::hash(&path, &progress)?;
        let heard = match hear_whole(&recognition, &path, &sha256) {
            Ok(transcript) => transcript.words,
            Err(error) => {
                note!("  {error}");
                Vec::new()
            }
        };
        let heard: Vec<String> = heard.iter().flat_map(|w| normalize::normalize(&w.text)).collect();
        let one = eval::wer(&normalize::words(said), &heard);
        if !args.json {
            say!("{file}: {one}");
        }
        score += one;
    }
    if score.words == 0 {
        return Err(Error::bad_input(format!("{} nennt keine Aufnahme", table.display()))
            .remedy("Jede Zeile: Dateiname, Tabulator, gesprochener Text"));
    }
    Ok(score)
}
