//! Fits the weights by which speakers are told, and measures them on corpora that were left out:
//! `cargo bench --bench fit -- CASE…`, with cases as `mitschnitt eval` takes them, whose folder's name begins
//! with that of their corpus ("sachsen-…"). `--write` fits on all of them and writes `src/align/weights.tsv`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use mitschnitt::align::{self, fit};
use mitschnitt::eval::{self, AgendaScore, SpeakerScore, Truth};
use mitschnitt::ingest;
use rayon::prelude::*;

struct Case {
    name: String,
    debate: fit::Debate,
    truth: Truth,
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
    let inside = arguments.iter().any(|a| a == "--inside");
    let mut pooled: Vec<(String, AgendaScore, SpeakerScore)> = Vec::new();
    let only = arguments.iter().find_map(|a| a.strip_prefix("--only="));
    for left_out in corpora.iter().filter(|corpus| only.is_none_or(|only| only == *corpus)) {
        let debates: Vec<&fit::Debate> = cases
            .iter()
            .filter(|case| inside || case.corpus() != left_out)
            .map(|case| &case.debate)
            .collect();
        let weights = fit::fit(&debates);
        let out: Vec<&Case> = cases.iter().filter(|case| case.corpus() == left_out).collect();
        let scores: Vec<(AgendaScore, SpeakerScore)> =
            out.par_iter().map(|case| case.measure(&weights)).collect();
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

    fn measure(&self, weights: &fit::FittedWeights) -> (AgendaScore, SpeakerScore) {
        let fit::Debate { transcript, council, .. } = &self.debate;
        let found = align::align_with(transcript, council, weights);
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
