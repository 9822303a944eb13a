//! The runs: so many kills, looked at after every one, and from time to time from outside when everything has
//! settled. A run comes again with its seed, as far as the machine lets it.

use std::time::Instant;

use super::world::World;
use crate::shared::soak;

/// How many kills in the long form (`make soak`) and in the short one.
const KILLS: [u64; 2] = [1_000, 26];
/// So many kills between two looks from outside.
const BETWEEN: [u64; 2] = [25, 13];
/// The seed, where none is given.
const SEED: u64 = 1;
/// What the short form must have done at least once, or its dice are loaded.
const DONE: [&str; 9] = [
    "begin",
    "part",
    "register",
    "check",
    "publish",
    "unpublish",
    "withhold a span",
    "import",
    "job",
];

#[test]
fn kills_lose_nothing_that_was_acknowledged() {
    let form = usize::from(!soak());
    let kills = number("MITSCHNITT_KILLS").unwrap_or(KILLS[form]);
    let seed = number("MITSCHNITT_SEED").unwrap_or(SEED);
    println!("MITSCHNITT_SEED={seed} MITSCHNITT_KILLS={kills}");
    let began = Instant::now();
    let mut world = World::new(seed);
    for kill in 1..=kills {
        world.live_and_die();
        if kill % BETWEEN[form] == 0 || kill == kills {
            world.settle();
            println!("{kill} kills in {:.0} s", began.elapsed().as_secs_f64());
        }
        let (found, log) = (&world.found, world.log());
        assert!(found.is_empty(), "seed {seed}, kill {kill}: {found:#?}\n{log}");
    }
    let tally = &world.model.tally;
    println!("{tally:?}");
    for step in DONE {
        assert!(tally.contains_key(step), "never done: {step} ({tally:?})");
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
