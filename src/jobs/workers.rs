//! The processes that work the queue off beside the site: started, replaced when they die, ended with it.
//! Owns their lives; what they do is the runner's.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::presence;
use crate::domain::{Error, Result};

/// How often it is looked after them.
const EVERY: Duration = Duration::from_millis(200);
/// One that dies is replaced after this; each time twice as long, up to …
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// … this, and from the beginning once one has lived for so long.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long they have to give back their jobs when the site ends.
const PATIENCE: Duration = Duration::from_secs(3);

/// The names of processes that lost a lease because they hang, for who looks after them.
#[derive(Clone, Debug, Default)]
pub struct Hanging(Arc<Mutex<Vec<String>>>);

impl Hanging {
    /// This one hangs.
    pub fn add(&self, worker: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    }

    /// Whether the process of this number hangs; it is asked once.
    fn take(&self, process: u32) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = names.len();
        names.retain(|name| !presence::is_of(name, process));
        names.len() < before
    }
}

/// The workers of a site.
pub struct Workers {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Workers {
    /// Starts so many of them; `command` gives the program and its arguments. Each ends when its standard input
    /// does, and is killed where it hangs.
    ///
    /// # Errors
    /// `Failed` where there is no thread to look after them.
    pub fn start(
        count: u32,
        hanging: Hanging,
        command: impl Fn() -> Command + Send + 'static,
    ) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let mut places: Vec<Place> = (0..count).map(|_| Place::default()).collect();
        let watch = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                places.iter_mut().for_each(|place| place.fill(&command, &hanging));
            }
            end(places);
        };
        let thread = thread::Builder::new().name("workers".to_owned()).spawn(watch);
        let thread = thread.map_err(|e| {
            Error::failed("Die Arbeitsvorgänge lassen sich nicht starten").because(e)
        })?;
        Ok(Self { stop, thread })
    }

    /// Ends them; they give their jobs back.
    pub fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

/// The place of one worker.
struct Place {
    child: Option<(Child, Instant)>,
    pause: Duration,
    due: Instant,
}

impl Default for Place {
    fn default() -> Self {
        Self { child: None, pause: FIRST_PAUSE, due: Instant::now() }
    }
}

impl Place {
    /// Sees that somebody is in it.
    fn fill(&mut self, command: &impl Fn() -> Command, hanging: &Hanging) {
        if let Some((child, since)) = &mut self.child {
            if hanging.take(child.id()) {
                let _ = child.kill();
                let _ = child.wait();
            }
            let ended = match child.try_wait() {
                Ok(None) => return,
                Ok(Some(status)) => status.to_string(),
                Err(error) => error.to_string(),
            };
            if since.elapsed() > LONGEST_PAUSE {
                self.pause = FIRST_PAUSE;
            }
            let pause_s = self.pause.as_secs();
            tracing::warn!(ended, pause_s, "a worker has ended and is replaced");
            self.wait();
        }
        if Instant::now() < self.due {
            return;
        }
        let mut command = command();
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        match command.spawn() {
            Ok(child) => self.child = Some((child, Instant::now())),
            Err(error) => {
                tracing::error!(%error, "a worker could not be started");
                self.wait();
            }
        }
    }

    fn wait(&mut self) {
        self.child = None;
        self.due = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

fn end(places: Vec<Place>) {
    let mut children: Vec<Child> =
        places.into_iter().filter_map(|place| Some(place.child?.0)).collect();
    // The end of its input tells a worker.
    children.iter_mut().for_each(|child| drop(child.stdin.take()));
    let until = Instant::now() + PATIENCE;
    for mut child in children {
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: String) -> impl Fn() -> Command {
        move || {
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            command
        }
    }

    #[test]
    fn one_that_dies_is_replaced_and_all_end_with_the_site() {
        let dir = tempfile::tempdir().unwrap();
        let (born, ended) = (dir.path().join("born"), dir.path().join("ended"));
        let count = |path: &std::path::Path| {
            std::fs::read_to_string(path).unwrap_or_default().lines().count()
        };
        // The first dies at once, the second waits for the end of its input.
        let script = format!(
            "echo x >> '{b}'; test $(wc -l < '{b}') -gt 1 || exit 1; cat > '{e}.in'; echo x >> '{e}'",
            b = born.display(),
            e = ended.display(),
        );
        let workers = Workers::start(1, Hanging::default(), shell(script)).unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while count(&born) < 2 && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
        workers.stop();
        assert_eq!((count(&born), count(&ended)), (2, 1));
    }

    #[test]
    fn one_that_hangs_is_killed_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let born = dir.path().join("born");
        let numbers = || -> Vec<u32> {
            let text = std::fs::read_to_string(&born).unwrap_or_default();
            text.lines().filter_map(|line| line.parse().ok()).collect()
        };
        let hanging = Hanging::default();
        // Neither the end of its input nor anything else is noticed by it.
        let script = format!("echo $$ >> '{}'; exec sleep 3600", born.display());
        let workers = Workers::start(1, hanging.clone(), shell(script)).unwrap();
        let wait = |count: usize| {
            let until = Instant::now() + Duration::from_secs(20);
            while numbers().len() < count && Instant::now() < until {
                thread::sleep(Duration::from_millis(20));
            }
            numbers()
        };
        let first = wait(1)[0];
        hanging.add(format!("{first}1-ab"));
        hanging.add(format!("{first}-ab"));
        assert_eq!(wait(2).len(), 2);
        assert!(!std::path::Path::new(&format!("/proc/{first}/stat")).exists());
        workers.stop();
    }
}
