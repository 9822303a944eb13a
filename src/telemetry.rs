//! The log: to standard error, in levels. Owns the set-up; never logs what was said in a meeting.

use std::io::IsTerminal;

use clap::ColorChoice;
use tracing_subscriber::EnvFilter;

/// Starts logging: warnings by default, more with `-v`, errors only with `-q`; `MITSCHNITT_LOG`
/// overrides both.
pub fn init(verbose: u8, quiet: bool, color: ColorChoice) {
    let level = match (quiet, verbose) {
        (true, _) => "error",
        (_, 0) => "warn",
        (_, 1) => "mitschnitt=info,warn",
        (_, 2) => "mitschnitt=debug,info",
        _ => "trace",
    };
    let filter =
        EnvFilter::try_from_env("MITSCHNITT_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let ansi = match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => std::io::stderr().is_terminal(),
    };
    // A second call in one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Without a reader there is nobody to complain to.
        .log_internal_errors(false)
        .with_ansi(ansi)
        .try_init();
}
