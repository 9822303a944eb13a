//! Ending in good order: what a process still does when it is told to stop.

use std::io::Read as _;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use crate::domain::{Error, Result};

/// Calls `act` when the process is told to end: by its terminal, by whoever runs it.
///
/// # Errors
/// `Failed` where the system does not tell.
pub fn at_termination(act: impl Fn() + Send + Sync + Clone + 'static) -> Result<()> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let failed = |e: std::io::Error| {
            Error::failed("Auf das Ende des Vorgangs lässt sich nicht achten").because(e)
        };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
        let mut told = {
            let _inside = runtime.enter();
            signal(kind).map_err(failed)?
        };
        let act = act.clone();
        let wait = move || {
            if runtime.block_on(told.recv()).is_some() {
                act();
            }
        };
        thread::Builder::new().name("termination".to_owned()).spawn(wait).map_err(failed)?;
    }
    Ok(())
}

/// Calls `act` when standard input ends, as that of a child does whose parent ends, however it does.
///
/// # Errors
/// `Failed` where there is no thread to wait for it.
pub fn at_end_of_input(act: impl Fn() + Send + 'static) -> Result<()> {
    let wait = move || {
        let mut input = std::io::stdin().lock();
        let mut ignored = [0; 64];
        while let Ok(1..) = input.read(&mut ignored) {}
        act();
    };
    let thread = thread::Builder::new().name("end of input".to_owned()).spawn(wait);
    thread
        .map(drop)
        .map_err(|e| Error::failed("Auf den Elternvorgang lässt sich nicht achten").because(e))
}
