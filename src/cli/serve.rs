//! `mitschnitt serve`: the site and the API, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use super::Context;
use super::archive::Archive;
use crate::domain::{Error, Result};
use crate::web;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Adresse und Port; ohne Angabe wie in den Einstellungen, sonst 127.0.0.1:8080
    #[arg(long, value_name = "ADRESSE")]
    listen: Option<SocketAddr>,
}

/// Opens the archive and serves it.
pub fn run(args: &Args, context: &Context) -> Result<()> {
    let archive = Archive::open(context)?;
    serve(archive, args.listen, context)
}

/// Serves an open archive.
pub fn serve(archive: Archive, listen: Option<SocketAddr>, context: &Context) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|e| Error::failed("Der Webserver lässt sich nicht starten").because(e))?;
    let state = web::State {
        searcher: Arc::new(archive.guarded()),
        editions: archive.editions(),
        site: site(context),
    };
    let listen = listen.unwrap_or(context.config.listen);
    runtime.block_on(web::serve(listen, state, |address| {
        say!("http://{address}/");
        note!("Die Website läuft; Strg+C beendet sie.");
    }))
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
