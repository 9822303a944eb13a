//! The open connections: how many there may be, what each of them waits for, and for how long it may.
//! Owns deadlines and who has to give way; knows nothing of what is asked and answered.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// Connections that are open at once, where the system allows for them. A silent one costs some
/// kilobytes, so that a crowd is better let in than sent away by turns.
const MOST: usize = 2048;
/// The same for the desk on an address of its own.
const FEW: usize = 64;
/// Files that the process needs for other things: index, database, log, threads.
const RESERVED_FILES: u64 = 192 + FEW as u64 * FILES_EACH;
/// A socket, and the film that is sent over it.
const FILES_EACH: u64 = 2;
/// How often deadlines are looked at.
const SWEEP: Duration = Duration::from_millis(500);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionLimits {
    /// How many are open at once.
    pub connections: usize,
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// Without a request.
    pub idle: Duration,
    /// With an answer of which the reader takes nothing.
    pub stalled: Duration,
    /// Without a request before it gives way to others: what people ask is there by then. A newcomer
    /// waits about so long where twice as many as may be open want to be.
    pub grace: Duration,
}

impl ConnectionLimits {
    /// Those of the site, on this system.
    pub(super) fn of_this_process() -> Self {
        Self {
            connections: affordable(),
            head: Duration::from_secs(5),
            idle: Duration::from_secs(15),
            stalled: Duration::from_secs(30),
            grace: Duration::from_millis(500),
        }
    }

    /// The same for an address that few people use, beside that of the site.
    pub(super) fn of_few(self) -> Self {
        Self { connections: self.connections.min(FEW), ..self }
    }
}

/// As many connections as the process may have files for; raises that limit where it can.
fn affordable() -> usize {
    let wanted = MOST as u64 * FILES_EACH + RESERVED_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None is no limit.
    let mut files = current.unwrap_or(wanted);
    if files < wanted {
        let raised = maximum.map_or(wanted, |most| most.min(wanted));
        match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
            Ok(()) => files = raised,
            Err(error) => tracing::warn!(files, %error, "limit of open files stays"),
        }
    }
    let affordable = (files.saturating_sub(RESERVED_FILES) / FILES_EACH).clamp(8, MOST as u64);
    if (affordable as usize) < MOST {
        tracing::warn!(files, connections = affordable, "few open files allowed");
    }
    affordable as usize
}

/// What a connection is doing. Shared by its socket, its answers and whoever looks at deadlines.
#[derive(Debug)]
pub(super) struct Activity(Mutex<Since>);

/// Since when …
#[derive(Debug)]
struct Since {
    /// … no request is in progress,
    waiting: Option<Instant>,
    /// … a part of a request's head is there,
    head: Option<Instant>,
    /// … the reader takes nothing of what is written.
    stalled: Option<Instant>,
}

impl Activity {
    fn new() -> Self {
        Self(Mutex::new(Since { waiting: Some(Instant::now()), head: None, stalled: None }))
    }

    fn since(&self) -> MutexGuard<'_, Since> {
        // Every step leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was received.
    pub(super) fn received(&self) {
        let mut since = self.since();
        if since.waiting.is_some() && since.head.is_none() {
            since.head = Some(Instant::now());
        }
    }

    /// The head of a request is complete.
    pub(super) fn request_began(&self) {
        let mut since = self.since();
        (since.waiting, since.head) = (None, None);
    }

    /// The answer was handed over whole, of which much may still have to be sent, or nobody wants it
    /// any more.
    pub(super) fn request_ended(&self) {
        self.since().waiting = Some(Instant::now());
    }

    /// The reader took something.
    pub(super) fn sent(&self) {
        let mut since = self.since();
        since.stalled = None;
        since.waiting = since.waiting.map(|_| Instant::now());
    }

    /// The reader takes nothing at the moment.
    pub(super) fn blocked(&self) {
        self.since().stalled.get_or_insert_with(Instant::now);
    }

    /// Since when it could give way; not while there is something to answer or to send.
    fn dispensable(&self) -> Option<Instant> {
        let since = self.since();
        since.waiting.filter(|_| since.stalled.is_none())
    }

    fn is_overdue(&self, limits: &ConnectionLimits, now: Instant) -> bool {
        let Since { waiting, head, stalled } = *self.since();
        let over = |began: Option<Instant>, limit: Duration| {
            began.is_some_and(|began| now.saturating_duration_since(began) >= limit)
        };
        // What is still to be sent has the reader's time.
        let is_idle = stalled.is_none() && over(waiting, limits.idle);
        is_idle || over(head, limits.head) || over(stalled, limits.stalled)
    }
}

/// All open connections.
pub(super) struct Connections {
    limits: ConnectionLimits,
    open: Mutex<OpenConnections>,
    /// Notified when one has ended.
    ended: Notify,
}

#[derive(Default)]
struct OpenConnections {
    last: u64,
    by_number: BTreeMap<u64, Connection>,
}

struct Connection {
    activity: Arc<Activity>,
    task: AbortHandle,
}

/// Ends with the task of a connection, however that ends.
struct ConnectionGuard {
    number: u64,
    connections: Arc<Connections>,
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.connections.open().by_number.remove(&self.number);
        self.connections.ended.notify_one();
    }
}

impl Connections {
    /// None yet.
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self { limits, open: Mutex::default(), ended: Notify::new() }
    }

    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        // Every step leaves it whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the task of a new connection.
    pub(super) fn add<F: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        task: impl FnOnce(Arc<Activity>) -> F,
    ) {
        let activity = Arc::new(Activity::new());
        // Held until it is registered, so that it cannot end before.
        let mut open = self.open();
        open.last += 1;
        let number = open.last;
        let registered = ConnectionGuard { number, connections: Arc::clone(self) };
        let task = task(Arc::clone(&activity));
        let task = tokio::spawn(async move {
            let _registered = registered;
            task.await;
        });
        open.by_number.insert(number, Connection { activity, task: task.abort_handle() });
    }

    /// Waits until one more may be open. Where there are as many as may be, the one that has waited
    /// longest without a request gives way; where all have one, until the first has ended.
    pub(super) async fn room(&self) {
        while let Err(ripe) = self.make_room() {
            // Whether one ended or became dispensable, the next look tells.
            let _ = match ripe {
                Some(ripe) => timeout_at(ripe, self.ended.notified()).await,
                None => timeout(self.limits.grace, self.ended.notified()).await,
            };
        }
    }

    /// Gives when one can give way, where none can yet and it is known.
    fn make_room(&self) -> Result<(), Option<Instant>> {
        let mut open = self.open();
        if open.by_number.len() < self.limits.connections {
            return Ok(());
        }
        let dispensable = open
            .by_number
            .iter()
            .filter_map(|(number, connection)| Some((connection.activity.dispensable()?, *number)));
        let Some((since, number)) = dispensable.min() else { return Err(None) };
        let ripe = since + self.limits.grace;
        if Instant::now() < ripe {
            return Err(Some(ripe));
        }
        if let Some(connection) = open.by_number.remove(&number) {
            connection.task.abort();
        }
        Ok(())
    }

    /// Closes the one that has waited longest, to get its file back.
    pub(super) fn give_file_back(&self) {
        let open = self.open();
        let longest = open.by_number.values().min_by_key(|connection| {
            let since = connection.activity.dispensable();
            (since.is_none(), since)
        });
        if let Some(connection) = longest.filter(|c| c.activity.dispensable().is_some()) {
            connection.task.abort();
        }
    }

    /// Closes, as long as it is polled, what is overdue.
    pub(super) async fn sweep(&self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let now = Instant::now();
            self.abort_where(|activity| activity.is_overdue(&self.limits, now));
        }
    }

    /// Closes those without a request and waits for the others, at most so long.
    pub(super) async fn drain(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while !self.open().by_number.is_empty() && Instant::now() < deadline {
            self.abort_where(|activity| activity.dispensable().is_some());
            let _ = timeout_at(deadline, timeout(SWEEP, self.ended.notified())).await;
        }
        self.abort_where(|_| true);
    }

    fn abort_where(&self, is_chosen: impl Fn(&Activity) -> bool) {
        for connection in self.open().by_number.values() {
            if is_chosen(&connection.activity) {
                connection.task.abort();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConnectionLimits = ConnectionLimits {
        connections: 2,
        head: Duration::from_secs(5),
        idle: Duration::from_secs(15),
        stalled: Duration::from_secs(30),
        grace: Duration::from_millis(100),
    };

    fn add(connections: &Arc<Connections>) -> Arc<Activity> {
        let mut activity = None;
        connections.add(|own| {
            activity = Some(own);
            std::future::pending()
        });
        activity.unwrap()
    }

    fn numbers(connections: &Connections) -> Vec<u64> {
        connections.open().by_number.keys().copied().collect()
    }

    async fn is_full(connections: &Connections, patience: Duration) -> bool {
        timeout(patience, connections.room()).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_that_has_waited_longest_without_a_request_gives_way() {
        let connections = Arc::new(Connections::new(LIMITS));
        let first = add(&connections);
        first.request_began();
        add(&connections);
        tokio::time::sleep(Duration::from_secs(1)).await;
        connections.room().await;
        assert_eq!(numbers(&connections), [1]);
        let third = add(&connections);
        let young = Duration::from_millis(50);
        assert!(is_full(&connections, young).await, "nobody gives way at once");
        third.request_began();
        assert!(is_full(&connections, Duration::from_secs(60)).await, "all have a request");
        third.blocked();
        third.request_ended();
        assert!(is_full(&connections, Duration::from_secs(1)).await, "an answer is being sent");
        third.sent();
        connections.room().await;
        assert_eq!(numbers(&connections), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_overdue_is_closed() {
        let connections = Arc::new(Connections::new(ConnectionLimits { connections: 9, ..LIMITS }));
        let begun = |seconds| {
            let connections = Arc::clone(&connections);
            async move {
                let _ = timeout(Duration::from_secs(seconds), connections.sweep()).await;
                numbers(&connections)
            }
        };
        let [_silent, half, stalled, film, next] = [(); 5].map(|()| add(&connections));
        half.received();
        for answered in [&stalled, &film, &next] {
            answered.request_began();
        }
        stalled.blocked();
        assert_eq!(begun(4).await, [1, 2, 3, 4, 5]);
        half.received(); // a drop is no head
        assert_eq!(begun(3).await, [1, 3, 4, 5]);
        film.blocked();
        next.request_ended();
        assert_eq!(begun(10).await, [3, 4, 5]);
        film.sent();
        film.blocked();
        assert_eq!(begun(20).await, [4]);
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_end_requests_are_answered_and_the_rest_is_closed() {
        let connections = Arc::new(Connections::new(LIMITS));
        let (busy, _idle) = (add(&connections), add(&connections));
        busy.request_began();
        let began = Instant::now();
        connections.drain(Duration::from_secs(10)).await;
        assert_eq!(began.elapsed(), Duration::from_secs(10));
        tokio::task::yield_now().await;
        assert_eq!(numbers(&connections), [0; 0]);
    }
}
