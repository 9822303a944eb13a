//! What the site shows, who answers for it, and how much of its work is done at once.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use mitschnitt_german::folding::fold;
use tokio::sync::Semaphore;

use super::error::Failure;
use super::quota::Quota;
use crate::domain::{Error, MeetingId, Result, Span};
use crate::edition::{Editions, File};
use crate::inbox::Inbox;
use crate::search::SearchBackend;

/// How long an answer may take to begin.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// Works for each core that [`blocking`] runs at once; most of them wait for a disk at times.
const WORKS_PER_CORE: usize = 4;

/// What the site shows and who answers for it.
#[derive(Clone)]
pub struct State {
    /// What of the archive may be seen.
    pub editions: Editions,
    /// The search.
    pub searcher: Arc<dyn SearchBackend>,
    /// Names and addresses.
    pub site: Site,
    /// Cuts clips out of recordings; nothing where they are not to be taken away.
    pub clips: Option<Arc<dyn Clips>>,
    /// Takes what readers report as wrong; nothing where they may not.
    pub reports: Option<Reporting>,
}

/// Where reports of readers go, and how many are taken.
#[derive(Clone)]
pub struct Reporting {
    pub(in crate::web) inbox: Inbox,
    pub(in crate::web) quota: Arc<Quota>,
    /// Servers in front of this one that say truly who asks.
    pub(in crate::web) proxies: Vec<IpAddr>,
    /// Days that a closed report is kept.
    pub(in crate::web) keep_days: u32,
}

impl Reporting {
    /// Into this inbox, with the limits of every site.
    pub fn new(inbox: Inbox, proxies: Vec<IpAddr>, keep_days: u32) -> Self {
        Self { inbox, quota: Arc::default(), proxies, keep_days }
    }
}

/// Cuts clips, so that pages know nothing of media.
pub trait Clips: Send + Sync {
    /// A stretch of a served file, on the file's own time line, as a file of its own; cut before, it is given
    /// at once. It goes with the file that it is cut out of.
    ///
    /// # Errors
    /// Cutting failed, or the archive is being tidied.
    fn clip(&self, meeting: &MeetingId, file: &File, span: Span) -> Result<PathBuf>;
}

/// Who runs the site, as its pages must say by law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Name of the site.
    pub title: String,
    /// Who runs it: "Landkreis Musterland, Der Landrat".
    pub operator: Option<String>,
    /// Postal address, one line per line.
    pub address: Vec<String>,
    /// Where barriers, mistakes and withdrawals are reported.
    pub contact_email: Option<String>,
    /// Public address without a slash at the end, for feeds and the sitemap
    /// ("https://mitschnitt.example.de"); the request's `Host` where it is absent.
    pub base_url: Option<String>,
    /// What search engines are asked to stay away from.
    pub noindex: Unindexed,
    /// Whether these pages are a preview, at the desk.
    pub preview: bool,
    /// The origins whose pages may show the player in a frame; `*` for all, none for nobody.
    pub embed_on: Vec<String>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            title: "Mitschnitt".into(),
            operator: None,
            address: Vec::new(),
            contact_email: None,
            base_url: None,
            noindex: Unindexed::Nothing,
            preview: false,
            embed_on: vec!["*".into()],
        }
    }
}

/// What search engines are asked to stay away from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unindexed {
    /// Nothing.
    #[default]
    Nothing,
    /// All that is of these bodies, by their names.
    Bodies(Vec<String>),
    /// The whole site.
    Everything,
}

impl Unindexed {
    /// Whether this covers what is of a body.
    pub fn covers(&self, body: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Bodies(names) => names.iter().any(|name| fold(name) == fold(body)),
            Self::Everything => true,
        }
    }
}

/// The state as handlers share it.
pub type App = Arc<State>;

/// Runs database, search and rendering work off the event loop, of a burst only so much at once: the
/// rest waits its turn, or is told to come again.
pub async fn blocking<T: Send + 'static, E: Into<Failure> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Failure> {
    static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Semaphore::new(cores * WORKS_PER_CORE)
    });
    let busy = || Error::archive("Es wird gerade zu viel auf einmal gefragt");
    let turn = tokio::time::timeout(REQUEST_LIMIT, TURNS.acquire()).await;
    let turn = turn.ok().and_then(Result::ok).ok_or_else(busy)?;
    let request = tracing::Span::current();
    let work = move || {
        // Until it really ends, which it does also where nobody waits for it any more.
        let _turn = turn;
        request.in_scope(work)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(E::into),
        // What it says of a panic may contain words of the visitor, or of the meeting.
        Err(_) => Err(Error::failed("Eine Anfrage ist abgestürzt").into()),
    }
}
