//! How much is taken in from outside: so much from one network, so much altogether. Counted in memory and forgotten
//! with the time that it counts for; refuses to keep an address, of which it has only a hash that nobody can compute.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many from one network …
const OF_NETWORK: usize = 5;
/// … within this time.
const NETWORK_TIME: Duration = Duration::from_secs(10 * 60);
/// So many from all …
const OF_ALL: usize = 200;
/// … within this time.
const ALL_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What was taken in of late.
#[derive(Default)]
pub struct Quota {
    hasher: RandomState,
    counts: Mutex<RecentVisits>,
}

#[derive(Default)]
struct RecentVisits {
    /// When, by network; a network without any is none.
    by_network: HashMap<u64, VecDeque<Instant>>,
    all: VecDeque<Instant>,
}

/// Why nothing more is taken, and how long that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// Of this network.
    ForNetwork(Duration),
    /// Of anybody.
    ForAll(Duration),
}

impl Quota {
    /// Counts one more, or says why not.
    pub fn take(&self, network: IpAddr, now: Instant) -> Result<(), Exhausted> {
        let key = self.hasher.hash_one(network);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let RecentVisits { by_network, all } = &mut *counts;
        forget(all, now, ALL_TIME);
        by_network.retain(|_, times| {
            forget(times, now, NETWORK_TIME);
            !times.is_empty()
        });
        let own = by_network.get(&key);
        if let Some(wait) = own.and_then(|own| wait(own, OF_NETWORK, NETWORK_TIME, now)) {
            return Err(Exhausted::ForNetwork(wait));
        }
        if let Some(wait) = wait(all, OF_ALL, ALL_TIME, now) {
            return Err(Exhausted::ForAll(wait));
        }
        by_network.entry(key).or_default().push_back(now);
        all.push_back(now);
        Ok(())
    }
}

fn forget(times: &mut VecDeque<Instant>, now: Instant, time: Duration) {
    while times.front().is_some_and(|first| now.saturating_duration_since(*first) >= time) {
        times.pop_front();
    }
}

/// How long until there is room for one more.
fn wait(times: &VecDeque<Instant>, most: usize, time: Duration, now: Instant) -> Option<Duration> {
    let first = times.front().filter(|_| times.len() >= most)?;
    Some(time.saturating_sub(now.saturating_duration_since(*first)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whoever writes when: in no stretch of time are more taken than is said, whoever is refused is taken after
        /// the wait, and nothing is kept for longer.
        #[test]
        fn no_stretch_of_time_has_more(visits in prop::collection::vec((0u8..4, 0u64..400), 1..300)) {
            let (quota, mut now) = (Quota::default(), Instant::now());
            let mut taken: Vec<(u8, Instant)> = Vec::new();
            for (who, pause) in visits {
                now += Duration::from_secs(pause);
                let network = IpAddr::from([10, 0, 0, who]);
                match quota.take(network, now) {
                    Ok(()) => taken.push((who, now)),
                    Err(Exhausted::ForNetwork(wait) | Exhausted::ForAll(wait)) => {
                        prop_assert!(!wait.is_zero() && wait <= ALL_TIME);
                    }
                }
                let within = |time, of: Option<u8>| taken.iter()
                    .filter(|(w, at)| of.is_none_or(|of| of == *w) && now.duration_since(*at) < time).count();
                prop_assert!(within(NETWORK_TIME, Some(who)) <= OF_NETWORK && within(ALL_TIME, None) <= OF_ALL);
                let kept: usize = quota.counts.lock().unwrap().by_network.values().map(VecDeque::len).sum();
                prop_assert!(kept <= within(NETWORK_TIME, None));
            }
        }
    }

    #[test]
    fn a_network_waits_for_itself_and_all_for_the_day() {
        let (quota, now) = (Quota::default(), Instant::now());
        let of = |n: u8| IpAddr::from([10, 0, 1, n]);
        let took = (0..9).filter(|_| quota.take(of(1), now).is_ok()).count();
        assert_eq!(took, OF_NETWORK);
        assert_eq!(quota.take(of(1), now), Err(Exhausted::ForNetwork(NETWORK_TIME)));
        assert!(quota.take(of(2), now).is_ok(), "others write on");
        assert!(quota.take(of(1), now + NETWORK_TIME).is_ok());
        let rest = (0..250).filter(|n| quota.take(of(*n), now + NETWORK_TIME).is_ok()).count();
        assert!(rest < OF_ALL);
        assert!(matches!(quota.take(of(251), now + NETWORK_TIME), Err(Exhausted::ForAll(_))));
        assert!(quota.take(of(251), now + ALL_TIME + NETWORK_TIME).is_ok());
    }
}
