//! Lines for people on standard output and standard error. A reader that has gone (`| head`) is no
//! failure of ours: the work goes on without it.

use std::fmt::Arguments;
use std::io::Write as _;

/// Writes a result as a line to standard output.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::say::result(format_args!($($text)*)) };
}

/// Writes a message as a line to standard error.
macro_rules! note {
    ($($text:tt)*) => { $crate::cli::say::message(format_args!($($text)*)) };
}

pub(super) fn result(line: Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

pub(super) fn message(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
