//! Fits the weights by which speakers are told, and measures them on corpora that were left out:
//! `cargo bench --bench fit -- CASE…`, with cases as `mitschnitt eval` takes them, whose folder's name begins
//! with that of their corpus ("sachsen-…"). With `--outside` they are given votes and segments made of the truth, some
//! wrong, some late. `--fitted` takes the
//! weights in use instead. `--write` fits on all of them and writes `src/align/weights.tsv`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use mitschnitt::align::{self, fit};
use mitschnitt::domain::{
    MediaTime, OutsideEvidence, Role, SegmentSource, SpeakerSegment, TimeBase, Turn,
};
use mitschnitt::eval::{self, AgendaScore, SpeakerScore, Truth};
use mitschnitt::ingest;
use rayon::prelude::*;

struct Case {
    name: String,
    debate: fit::Debate,
    truth: Truth,
}

/// How far what others recorded is wrong.
#[derive(Clone, Copy)]
struct Noise {
    /// So many of a hundred votes and segments are somebody else's; as many are late.
    wrong: u64,
    /// Segments name no persons.
    anonymous: bool,
}

/// How much more a debate counts that a recogniser has really heard.
const HEARD: f64 = 3.0;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let paths = arguments.iter().filter(|a| !a.starts_with("--"));
    let mut cases: Vec<Case> =
        paths.map(|path| read(Path::new(path))).collect::<io::Result<_>>()?;
    let corpora: BTreeSet<String> = cases.iter().map(|case| case.corpus().to_owned()).collect();
    // Each corpus counts as much as another.
    for corpus in &corpora {
        let all = cases.len() as f64 / corpora.len() as f64;
        let of = cases.iter_mut().filter(|case| case.corpus() == corpus);
        let of: Vec<&mut Case> = of.collect();
        let count = of.len() as f64;
        for case in of {
            case.debate.weight = all / count * if case.kind() == "heard" { HEARD } else { 1.0 };
        }
    }
    let outside = arguments.iter().find_map(|a| match a.as_str() {
        "--outside" => Some(Noise { wrong: 10, anonymous: false }),
        "--outside=anonymous" => Some(Noise { wrong: 10, anonymous: true }),
        _ => a
            .strip_prefix("--outside=")?
            .parse()
            .ok()
            .map(|wrong| Noise { wrong, anonymous: false }),
    });
    if arguments.iter().any(|a| a == "--write") {
        let debates: Vec<&fit::Debate> = cases.iter().map(|case| &case.debate).collect();
        let about = format!(
            "What each cue is worth (cues.rs). Fitted by `cargo bench --bench fit` to {} debates: {}.",
            debates.len(),
            corpora.into_iter().collect::<Vec<_>>().join(", "),
        );
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/align/weights.tsv");
        return std::fs::write(path, fit::fit(&debates).to_file(&about));
    }
    let fitted = arguments.iter().any(|a| a == "--fitted");
    let inside = arguments.iter().any(|a| a == "--inside");
    let mut pooled: Vec<(String, AgendaScore, SpeakerScore)> = Vec::new();
    let only = arguments.iter().find_map(|a| a.strip_prefix("--only="));
    for left_out in corpora.iter().filter(|corpus| only.is_none_or(|only| only == *corpus)) {
        let debates: Vec<&fit::Debate> = cases
            .iter()
            .filter(|case| inside || case.corpus() != left_out)
            .map(|case| &case.debate)
            .collect();
        let weights = if fitted { fit::FittedWeights::default() } else { fit::fit(&debates) };
        let out: Vec<&Case> = cases.iter().filter(|case| case.corpus() == left_out).collect();
        let scores: Vec<(AgendaScore, SpeakerScore)> =
            out.par_iter().map(|case| case.measure(&weights, outside)).collect();
        for (case, (items, turns)) in out.iter().zip(scores) {
            print(&case.name, &items, &turns);
            for group in [case.kind().to_owned(), format!("{left_out} {}", case.kind())] {
                match pooled.iter_mut().find(|p| p.0 == group) {
                    Some((_, i, t)) => {
                        *i += items;
                        *t += turns;
                    }
                    None => pooled.push((group, items, turns)),
                }
            }
        }
    }
    pooled.sort_by(|a, b| a.0.cmp(&b.0));
    println!();
    pooled.iter().for_each(|(group, items, turns)| print(group, items, turns));
    Ok(())
}

impl Case {
    fn corpus(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }

    fn kind(&self) -> &str {
        self.name.rsplit('-').next().unwrap_or_default()
    }

    /// Votes at the ends of items and segments of turns, as made of the truth: starts and ends are off by up to
    /// 0.4 s, some are wrong, as many late (segments up to 2 s, votes up to 40 s).
    fn outside(&self, noise: Noise) -> OutsideEvidence {
        let mut dice = 0x9E37_79B9_7F4A_7C15_u64 ^ self.truth.turns.len() as u64;
        let mut throw = |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % sides
        };
        let persons = &self.debate.council.persons;
        let turns = &self.truth.turns;
        let label = |turn: &Turn| {
            let person =
                turn.person.as_ref().and_then(|id| persons.iter().position(|p| p.id == *id));
            match (person, noise.anonymous) {
                (Some(person), true) => format!("SPEAKER_{person:03}"),
                (None, true) => "SPEAKER_CHAIR".to_owned(),
                (Some(person), false) => persons[person].name.clone(),
                (None, false) if turn.role == Role::Chair => "Sitzungsleitung".to_owned(),
                (None, false) => "Unbekannt".to_owned(),
            }
        };
        let mut outside = OutsideEvidence::default();
        for turn in turns {
            let late = if throw(100) < noise.wrong { throw(2_000) as i64 } else { 0 };
            let said = match throw(100) < noise.wrong {
                true => &turns[throw(turns.len() as u64) as usize],
                false => turn,
            };
            let mut off = |time: MediaTime| time.moved(throw(800) as i64 - 400 + late);
            let (start_ms, end_ms) = (off(turn.start_ms), off(turn.end_ms));
            outside.segments.push(SpeakerSegment {
                start_ms,
                end_ms: end_ms.max(start_ms),
                label: label(said),
                person: None,
                source: SegmentSource::Diarization,
                clock: TimeBase::Meeting,
            });
        }
        outside.segments.sort_by_key(|segment| segment.start_ms);
        let items = &self.truth.items;
        for item in items {
            let Some(span) = item.spans.last() else { continue };
            let late = if throw(100) < noise.wrong { throw(40_000) as i64 } else { 0 };
            let voted = match throw(100) < noise.wrong {
                true => &items[throw(items.len() as u64) as usize],
                false => item,
            };
            let Some(number) = voted.number.clone() else { continue };
            let at = span.end().moved(-(throw(8_000) as i64) + late);
            let line = serde_json::json!({"agenda_number": number, "at_ms": at.millis()});
            outside.votes.push(serde_json::from_value(line).expect("a vote of the contract"));
        }
        outside
    }

    fn measure(
        &self,
        weights: &fit::FittedWeights,
        outside: Option<Noise>,
    ) -> (AgendaScore, SpeakerScore) {
        let fit::Debate { transcript, council, .. } = &self.debate;
        let outside = outside.map(|noise| self.outside(noise)).unwrap_or_default();
        let found = align::align_with(transcript, council, &outside, weights);
        if let Ok(folder) = std::env::var("FIT_OUTPUT") {
            let json = serde_json::to_vec(&found).expect("an alignment is JSON");
            std::fs::write(Path::new(&folder).join(format!("{}.json", self.name)), json)
                .expect("the folder for alignments can be written");
        }
        (
            eval::agenda(&self.truth, &found, transcript),
            eval::speakers(&self.truth, &found, transcript),
        )
    }
}

fn print(name: &str, items: &AgendaScore, turns: &SpeakerScore) {
    println!(
        "{name:34} items {:.3} F1 {:.3} sure {:.3} | speakers {:.3} given {:.3} sure {:.3} ({})",
        items.time_share(),
        items.f1_10_s(),
        items.confident_share(),
        turns.precision(),
        turns.coverage(),
        turns.confident_share(),
        turns.confident,
    );
}

fn read(folder: &Path) -> io::Result<Case> {
    let text = |name: &str| -> io::Result<String> {
        let mut text = String::new();
        let file = File::open(folder.join(format!("{name}.gz")))?;
        GzDecoder::new(file).read_to_string(&mut text)?;
        Ok(text)
    };
    let truth: Truth = serde_json::from_str(&text("truth.json")?)?;
    let council = ingest::align_input(&text("meeting.json")?).map_err(io::Error::other)?;
    let turns = truth.turns.clone();
    let transcript = serde_json::from_str(&text("transcript.json")?)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let debate = fit::Debate { transcript, council, turns, weight: 1.0 };
    Ok(Case { name, debate, truth })
}
