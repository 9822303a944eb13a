//! What the machine is and whose process this is, as far as the system tells.

use std::path::{Path, PathBuf};

/// Cores that this process may use.
pub fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| n.get() as u32)
}

/// Bytes that the system can give without swapping; `None` where it does not tell.
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes << 10)
}

/// Bytes that may still be written to the disk of a folder; `None` where the system does not tell.
pub fn free_room(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Processor time until now, in the system's ticks, over all cores.
#[derive(Clone, Copy, Debug)]
pub struct ProcessorTime {
    all: u64,
    idle: u64,
    own: u64,
}

impl ProcessorTime {
    /// What has passed; `None` where the system does not tell. Children count once they have ended.
    pub fn now() -> Option<Self> {
        let all = std::fs::read_to_string("/proc/stat").ok()?;
        let ticks: Vec<u64> =
            all.lines().next()?.split(' ').filter_map(|field| field.parse().ok()).collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user time already.
        let own = std::fs::read_to_string("/proc/self/stat").ok()?;
        let (_, own) = own.rsplit_once(')')?;
        // utime, stime, cutime and cstime are fields 14 to 17, the third of all is the first here.
        let own =
            own.split_whitespace().skip(11).take(4).filter_map(|f| f.parse::<u64>().ok()).sum();
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(Self { all: ticks.iter().take(8).sum(), idle, own })
    }

    /// The share that others have had of all cores since then, 0..=1.
    pub fn others_since(self) -> Option<f64> {
        let now = Self::now()?;
        let all = now.all.checked_sub(self.all).filter(|all| *all > 0)?;
        let busy = all.saturating_sub(now.idle.saturating_sub(self.idle));
        let others = busy.saturating_sub(now.own.saturating_sub(self.own));
        Some(others as f64 / all as f64)
    }
}

/// The processor's name; empty where the system does not tell.
pub fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "));
    line.map(|(_, name)| name.trim().to_owned()).unwrap_or_default()
}

/// The program's folder in the user's cache; `None` where the user has no home.
pub fn user_cache() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    cache.or_else(home).map(|cache| cache.join("mitschnitt"))
}

/// The name of the user whose process this is, else a number.
pub fn user() -> String {
    let number = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let of_user = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    });
    of_user.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| format!("Benutzer {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_work_is_not_that_of_others() {
        let before = ProcessorTime::now().expect("a Linux system");
        let until = std::time::Instant::now() + std::time::Duration::from_millis(300);
        while std::time::Instant::now() < until {
            std::hint::spin_loop();
        }
        let now = ProcessorTime::now().unwrap();
        assert!(now.own > before.own && now.all > before.all);
        assert!(before.others_since().is_some_and(|share| (0.0..=1.0).contains(&share)));
    }
}
