//! The log: to standard error, in levels. Owns the set-up; never logs what was said in a meeting.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal, Write as _};
use std::panic::PanicHookInfo;

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

/// Makes panics say where they happened, and their message only where it is a constant: what a message
/// was put together from may be words that somebody spoke or asked for.
pub fn hide_words_of_panics() {
    std::panic::set_hook(Box::new(|info| {
        // Without a reader there is nobody to complain to.
        let _ = writeln!(std::io::stderr(), "{}", describe(info));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            let _ = writeln!(std::io::stderr(), "{backtrace}");
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    match info.payload().downcast_ref::<&'static str>() {
        Some(message) => format!("panicked at {place}: {message}"),
        None => format!("panicked at {place}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_panic_says_where_it_was_and_nothing_that_was_spoken() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let former = std::panic::take_hook();
        let (heard, test) = (Arc::clone(&said), std::thread::current().id());
        std::panic::set_hook(Box::new(move |info| match std::thread::current().id() == test {
            true => heard.lock().unwrap().push(super::describe(info)),
            false => former(info),
        }));
        let word = std::hint::black_box("Geheimwörter");
        let _ = std::panic::catch_unwind(|| word[..8].len());
        let _ = std::panic::catch_unwind(|| panic!("a constant"));
        let _ = std::panic::take_hook();
        let said = said.lock().unwrap();
        assert!(said.iter().all(|line| line.contains("src/telemetry.rs:")), "{said:?}");
        assert!(!said[0].contains("Geheim"), "{said:?}");
        assert!(said[1].ends_with("a constant"), "{said:?}");
    }
}
