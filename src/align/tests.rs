//! Measures over the shared cases (skipped where they are absent) and properties of any alignment.

use super::*;
use crate::eval::{self, AgendaScore, SpeakerScore};

fn measure(kind: &str) -> Option<(AgendaScore, SpeakerScore)> {
    let cases = cases::all(kind);
    if cases.is_empty() {
        eprintln!("übersprungen: keine Fälle {kind} unter shared/data/align");
        return None;
    }
    let mut pooled = (AgendaScore::default(), SpeakerScore::default());
    for case in cases {
        let began = std::time::Instant::now();
        let found = align(&case.transcript, &case.council);
        let took = began.elapsed();
        if let Some(dir) = std::env::var_os("DUMP") {
            let path = std::path::Path::new(&dir).join(format!("{}.found.json", case.name));
            std::fs::write(path, serde_json::to_string(&found).unwrap()).unwrap();
        }
        let agenda = eval::agenda(&case.truth, &found, &case.transcript);
        let speakers = eval::speakers(&case.truth, &found, &case.transcript);
        println!(
            "{:32} Zeit {:.3} F1 {:.3} ({}/{}) | richtig {:.3} gegeben {:.3} sicher {:.3} | {took:.1?}",
            case.name,
            agenda.time_share(),
            agenda.f1_10_s(),
            agenda.found,
            agenda.starts,
            speakers.precision(),
            speakers.coverage(),
            speakers.confident_share()
        );
        pooled.0 += agenda;
        pooled.1 += speakers;
    }
    println!("== {kind}\n{}\n{}", pooled.0, pooled.1);
    Some(pooled)
}

#[test]
fn cases_reach_their_floors() {
    for kind in ["clean", "noisy"] {
        measure(kind);
    }
}
