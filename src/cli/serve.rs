//! `mitschnitt serve`: the site and the API, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use super::Context;
use super::archive::Archive;
use super::maintenance::{IndexRepair, Maintenance};
use crate::domain::{Error, Result};
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

/// Opens the archive and serves it.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let archive = context.archive()?;
    serve(archive, args.listen, context)
}

/// Serves an open archive.
pub fn serve(archive: Archive, listen: Option<SocketAddr>, context: &Context) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|e| Error::failed("Der Webserver lässt sich nicht starten").because(e))?;
    let state = web::State {
        store: archive.store.clone(),
        searcher: Arc::new(archive.searcher.clone()),
        site: site(context),
    };
    let maintenance = Maintenance::start(vec![Box::new(IndexRepair::new(archive, context))])?;
    let listen = listen.unwrap_or(context.config.listen);
    let served = runtime.block_on(web::serve(listen, state, |address| {
        println!("http://{address}/");
        eprintln!("Die Website läuft; Strg+C beendet sie.");
    }));
    maintenance.stop();
    served
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
        noindex: own.noindex,
    }
}
