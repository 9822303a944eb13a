//! Who tries too often: by address and by name typed, each try counted before it is answered. Owns how long
//! one has to wait; refuses to keep a name, of which it has only a hash that nobody can compute.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries with one name before one has to wait. Each further one doubles the wait, from a second on.
const FREE_BY_NAME: u32 = 5;
/// The same of one address, behind which a whole house may sit.
const FREE_BY_ADDRESS: u32 = 20;
/// Longest wait: who is kept out by others who try with one's name waits no longer.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// After this time without a try, all is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// Most that are counted of each sort; beyond it, the oldest is forgotten.
const MOST: usize = 10_000;

/// The tries of the last hour.
#[derive(Default)]
pub struct Throttle {
    hasher: RandomState,
    names: Mutex<HashMap<u64, Tries>>,
    addresses: Mutex<HashMap<u64, Tries>>,
}

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: Instant,
}

impl Throttle {
    /// Counts a try, or says how long to wait before the next one.
    pub fn attempt(&self, name: &str, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let (name, address) = (self.hasher.hash_one(name), self.hasher.hash_one(address));
        let waits = [
            wait(&self.names, name, FREE_BY_NAME, now),
            wait(&self.addresses, address, FREE_BY_ADDRESS, now),
        ];
        match waits.into_iter().flatten().max() {
            Some(wait) => Err(wait),
            None => {
                count(&self.names, name, now);
                count(&self.addresses, address, now);
                Ok(())
            }
        }
    }

    /// Somebody signed in: that name has no tries any more, the address one less.
    pub fn succeeded(&self, name: &str, address: IpAddr) {
        let (name, address) = (self.hasher.hash_one(name), self.hasher.hash_one(address));
        locked(&self.names).remove(&name);
        if let Some(tries) = locked(&self.addresses).get_mut(&address) {
            tries.count = tries.count.saturating_sub(1);
        }
    }

    /// Takes over what was counted before the program started.
    pub fn remember(&self, name: &str, tries: u32, ago: Duration) {
        let Some(last) = Instant::now().checked_sub(ago) else { return };
        if ago < FORGOTTEN {
            let name = self.hasher.hash_one(name);
            locked(&self.names).insert(name, Tries { count: tries, last });
        }
    }
}

fn locked(tries: &Mutex<HashMap<u64, Tries>>) -> std::sync::MutexGuard<'_, HashMap<u64, Tries>> {
    tries.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long whoever this is has to wait still.
fn wait(tries: &Mutex<HashMap<u64, Tries>>, key: u64, free: u32, now: Instant) -> Option<Duration> {
    let tries = *locked(tries).get(&key)?;
    let beyond = tries.count.checked_sub(free)?;
    let wait = Duration::from_secs(1 << beyond.min(16)).min(LONGEST_WAIT);
    let passed = now.saturating_duration_since(tries.last);
    wait.checked_sub(passed).filter(|left| !left.is_zero())
}

fn count(tries: &Mutex<HashMap<u64, Tries>>, key: u64, now: Instant) {
    let mut tries = locked(tries);
    if tries.len() >= MOST && !tries.contains_key(&key) {
        tries.retain(|_, tries| now.saturating_duration_since(tries.last) < FORGOTTEN);
        if tries.len() >= MOST
            && let Some(oldest) = tries.iter().min_by_key(|(_, t)| t.last).map(|(key, _)| *key)
        {
            tries.remove(&oldest);
        }
    }
    let entry = tries.entry(key).or_insert(Tries { count: 0, last: now });
    if now.saturating_duration_since(entry.last) >= FORGOTTEN {
        entry.count = 0;
    }
    *entry = Tries { count: entry.count + 1, last: now };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn each_further_try_with_a_name_doubles_the_wait() {
        let (throttle, mut now) = (Throttle::default(), Instant::now());
        let mut waits = Vec::new();
        for n in 0..20 {
            // From another address each time, as from many machines.
            if let Err(wait) = throttle.attempt("klein", address(n), now) {
                waits.push(wait.as_secs());
                now += wait;
                assert!(throttle.attempt("klein", address(n), now).is_ok());
            }
        }
        assert_eq!(waits[..5], [1, 2, 4, 8, 16]);
        assert_eq!(waits.last(), Some(&300));
        assert!(throttle.attempt("gross", address(1), now).is_ok());
        throttle.succeeded("klein", address(1));
        assert!(throttle.attempt("klein", address(1), now).is_ok());
    }

    #[test]
    fn an_address_tries_so_many_names_and_an_hour_later_again() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let tried = |now| {
            let fits = |n: &u32| throttle.attempt(&format!("konto-{n}"), address(1), now).is_ok();
            (0..100).filter(fits).count()
        };
        assert_eq!(tried(now), FREE_BY_ADDRESS as usize);
        assert_eq!(tried(now + FORGOTTEN), FREE_BY_ADDRESS as usize);
        let before = Throttle::default();
        before.remember("klein", 9, Duration::from_secs(1));
        assert!(before.attempt("klein", address(1), Instant::now()).is_err());
    }
}
