//! `mitschnitt serve`: the site and the API, until it is told to stop.

mod intake;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use intake::DeskIntake;

use super::Context;
use crate::archive::{Folder, Locks};
use crate::config::Noindex;
use crate::domain::{
    Error, ErrorKind, JobPriority, JobWork, MeetingId, Result, Signature, Span, TranscriptionOrder,
};
use crate::edition::{Editions, File, Viewer};
use crate::inbox::Inbox;
use crate::jobs::{
    Chore, Following, Hanging, IndexRepair, JobQueue, LostJobs, Maintenance, Purging,
    ReportKeeping, Reserve, Watching, Workers,
};
use crate::pipeline::{ClipSource, IntakeFolders, Intakes, OpenArchive, cut_clip};
use crate::search::{Guarded, SearchBackend, Searcher};
use crate::store::{SignInLimits, Store};
use crate::web;

/// Threads that read files and ask the database at once; more would only wait for the same disk.
const BLOCKING_THREADS: usize = 64;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Adresse und Port; ohne Angabe wie in den Einstellungen, sonst 127.0.0.1:8080
    #[arg(long, value_name = "ADRESSE")]
    listen: Option<SocketAddr>,
}

/// Opens the archive and serves it. It is never created: a mistyped folder must not become an empty
/// site.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    match context.open_archive() {
        Ok(archive) => serve(archive, args.listen, context),
        Err(error)
            if error.kind() == ErrorKind::Archive
                && context.environment.data_dir.is_read_only() =>
        {
            note!(
                "Der Datenordner ist nicht beschreibbar: die Website zeigt, was da ist, und ändert nichts"
            );
            tracing::info!(%error, "serving without maintenance");
            let store = Store::open_to_read(context.location())?;
            for pending in store.pending_purges()? {
                let what = super::purge::describe(pending.what, &pending.subject);
                note!(
                    "  Noch nicht getilgt (seit {}): {what}; dazu muss der Ordner beschreibbar sein",
                    pending.since
                );
            }
            let searcher = Searcher::open_to_read(&context.environment.data_dir.index())?;
            if context.config.desk.is_on() {
                note!("Der Arbeitsplatz ist geschlossen: er muss den Datenordner beschreiben");
            }
            let editions = Editions::new(store, Viewer::Public);
            answer(args.listen, context, editions, Arc::new(searcher), None, None)
        }
        Err(error) => Err(error),
    }
}

/// Serves an open archive: pages read through connections that cannot write, and one thread keeps the
/// archive in order.
pub fn serve(archive: OpenArchive, listen: Option<SocketAddr>, context: &Context) -> Result<()> {
    let editions = Editions::new(Store::open_to_read(context.location())?, Viewer::Public);
    let search = Arc::new(archive.searcher.clone());
    let inbox = Inbox::beside(archive.store.data_dir());
    let desk = desk(&archive.store, listen, context)?.map(|desk| desk.with_inbox(inbox.clone()));
    let config = &context.config;
    let kept = config.reports.kept();
    let reports = config.takes_reports().then(|| {
        let proxies = config.desk.proxies.clone();
        web::Reporting::new(inbox.clone(), proxies, config.reports.keep_days)
    });
    let (locks, hanging) = (context.environment.data_dir.locks(), Hanging::default());
    let mut chores: Vec<Box<dyn Chore>> = vec![
        Box::new(Purging::new(archive.clone(), &context.environment)),
        Box::new(LostJobs::new(archive.store.clone(), locks, hanging.clone())),
        Box::new(IndexRepair::new(archive.clone(), &context.environment)),
        // Also where nobody may report any more: what was reported is not kept for that.
        Box::new(ReportKeeping::new(archive.store.clone(), inbox, kept)),
        Box::new(Reserve::new(archive.store.clone())),
    ];
    let desk = match desk {
        None => None,
        Some(desk) => {
            let following = Following::start(archive.clone(), &context.environment)?;
            let intakes = Arc::new(intakes(archive, context)?);
            chores.push(Box::new(Watching::new(Arc::clone(&intakes))));
            let by = match context.config.desk.workers() {
                0 => web::RecognisedBy::Command,
                _ => web::RecognisedBy::Queue,
            };
            let desk = desk.with_follower(Arc::new(DeskFollower(following)));
            Some(desk.with_intake(Arc::new(DeskIntake(intakes, by))))
        }
    };
    let maintenance = Maintenance::start(chores)?;
    let workers = match context.config.desk.workers() {
        0 => None,
        count => Some(Workers::start(count, hanging, super::worker::of_site(context)?)?),
    };
    let served = answer(listen, context, editions, search, desk, reports);
    if let Some(workers) = workers {
        workers.stop();
    }
    maintenance.stop();
    served
}

fn answer(
    listen: Option<SocketAddr>,
    context: &Context,
    editions: Editions,
    search: Arc<dyn SearchBackend>,
    desk: Option<web::Desk>,
    reports: Option<web::Reporting>,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|e| Error::failed("Der Webserver lässt sich nicht starten").because(e))?;
    name_unknown_bodies(context, &editions)?;
    let searcher = Arc::new(Guarded::new(search, editions.clone()));
    let clips = context.config.site.downloads.then(|| {
        let data_dir = &context.environment.data_dir;
        Arc::new(ClipFolder { files: data_dir.files(), locks: data_dir.locks() })
            as Arc<dyn web::Clips>
    });
    let state = web::State { editions, searcher, site: site(context), clips, reports };
    let desk = desk.map(|desk| place(desk, &state, context)).transpose()?;
    let listen = listen.unwrap_or(context.config.listen);
    let beside = matches!(desk, Some(web::DeskPlace::Beside(_)));
    runtime.block_on(web::serve(listen, state, desk, |address, own| {
        say!("http://{address}/");
        if let Some(desk) = own.or(beside.then_some(address)) {
            note!("Arbeitsplatz: http://{desk}{}", web::DESK);
        }
        note!("Die Website läuft; Strg+C beendet sie.");
    }))
}

/// The desk, where the settings want one.
fn desk(store: &Store, listen: Option<SocketAddr>, context: &Context) -> Result<Option<web::Desk>> {
    let own = &context.config.desk;
    if !own.is_on() {
        return Ok(None);
    }
    let url = own.url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
    let settings = web::DeskSettings {
        title: site(context).title,
        url,
        proxies: own.proxies.clone(),
        limits: SignInLimits {
            idle: Duration::from_secs(u64::from(own.idle_minutes) * 60),
            longest: Duration::from_secs(u64::from(own.longest_hours) * 3600),
        },
        eyes: own.eyes(),
        has_preview: own.listen.is_some(),
        counts_work: own.count_work,
        models: crate::archive::models::present(&context.environment.model_dirs)
            .into_iter()
            .map(|model| model.name)
            .collect(),
    };
    let shared = own.listen.is_none();
    if shared && !settings.is_secure() && listen.is_some_and(|listen| !listen.ip().is_loopback()) {
        return Err(Error::bad_input("Der Arbeitsplatz wäre ohne TLS aus dem Netz erreichbar").remedy(
            "Nennen Sie url = \"https://…\" unter [desk], oder geben Sie ihm mit listen eine Adresse dieses Rechners",
        ));
    }
    if store.accounts()?.iter().all(|account| account.disabled) {
        note!(
            "Am Arbeitsplatz kann sich noch niemand anmelden. Das erste Konto legt an:\n  \
             mitschnitt user add NAME --role admin"
        );
    }
    web::Desk::new(store.clone(), settings).map(Some)
}

/// What is coming in; what was taken in is queued to be recognised.
fn intakes(archive: OpenArchive, context: &Context) -> Result<Intakes> {
    let own = &context.config.desk;
    let folders = IntakeFolders { watched: own.watch.clone(), allowed: own.recordings.clone() };
    let store = archive.store.clone();
    let recognise = move |meeting: &MeetingId, made: &Signature| {
        let work = JobWork::Transcribe(TranscriptionOrder::missing(meeting.clone()));
        JobQueue::of(&store, &made.by).enqueue(work, JobPriority::NORMAL).map(|_| ())
    };
    Intakes::new(archive, &context.environment, folders, Box::new(recognise))
}

/// Where the desk is; at an address of its own with a preview of the site.
fn place(desk: web::Desk, site: &web::State, context: &Context) -> Result<web::DeskPlace> {
    let Some(listen) = context.config.desk.listen else {
        return Ok(web::DeskPlace::Beside(desk));
    };
    let store = Store::open_to_read(context.location())?;
    let editions = Editions::new(store, Viewer::Preview);
    let own = web::Site { preview: true, noindex: web::Unindexed::Everything, ..site.site.clone() };
    // Who works on a meeting corrects it, and reports nothing.
    let preview = web::State { editions, site: own, reports: None, ..site.clone() };
    Ok(web::DeskPlace::At(listen, desk, Box::new(preview)))
}

/// A mistyped name would leave in search engines what is to be kept out of them.
fn name_unknown_bodies(context: &Context, editions: &Editions) -> Result<()> {
    let Noindex::Bodies(names) = &context.config.site.noindex else { return Ok(()) };
    let meetings = editions.meetings()?;
    for name in names {
        let only = web::Unindexed::Bodies(vec![name.clone()]);
        if !meetings.iter().any(|meeting| only.covers(&meeting.body)) {
            note!("[site] noindex: Von „{name}“ hat das Archiv keine Sitzung; stimmt der Name?");
        }
    }
    Ok(())
}

fn site(context: &Context) -> web::Site {
    let own = &context.config.site;
    let default = web::Site::default();
    web::Site {
        title: own.title.clone().unwrap_or(default.title),
        operator: own.operator.clone(),
        address: own.address.iter().flat_map(|a| a.lines().map(str::to_owned)).collect(),
        contact_email: own.contact_email.clone(),
        base_url: own.url.as_ref().map(|u| u.trim_end_matches('/').to_owned()),
        noindex: match &own.noindex {
            Noindex::Site(false) => web::Unindexed::Nothing,
            Noindex::Site(true) => web::Unindexed::Everything,
            Noindex::Bodies(names) => web::Unindexed::Bodies(names.clone()),
        },
        preview: false,
        embed_on: own.embed_on.clone().unwrap_or(default.embed_on),
    }
}

/// Alignment and index behind the desk.
struct DeskFollower(Following);

impl web::TextFollower for DeskFollower {
    fn text_changed(&self, meeting: &MeetingId) {
        self.0.text_changed(meeting);
    }

    fn fixed(&self, meeting: &MeetingId) -> Result<()> {
        self.0.fixed(meeting)
    }
}

/// Clips beside the public copies that they are cut out of, so that they are deleted with these.
struct ClipFolder {
    files: Folder,
    locks: Locks,
}

impl web::Clips for ClipFolder {
    fn clip(&self, meeting: &MeetingId, file: &File, span: Span) -> Result<PathBuf> {
        let source =
            ClipSource { sha256: &file.sha256, path: &file.path, has_video: file.has_video };
        cut_clip(&self.files, &self.locks, meeting, source, span)
    }
}
