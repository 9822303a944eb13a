//! Where test data lies: in the repository, and beside it what is only for measuring. Also compiled
//! into the library's own tests. What is missing is said, and where its folder was named, as in CI, it
//! fails the test.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The data for measuring: `MITSCHNITT_SHARED`, else `../shared`. `None` where it is absent and was
/// not asked for; that is printed.
#[allow(dead_code)] // The benches and both kinds of tests use some of it each.
pub fn shared(path: &str) -> Option<PathBuf> {
    let asked = std::env::var_os("MITSCHNITT_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let found = asked.clone().unwrap_or_else(beside).join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(asked.is_none(), "{} is missing in MITSCHNITT_SHARED", found.display());
    skipped(&format!("{} is not on this machine (MITSCHNITT_SHARED)", found.display()));
    None
}

/// Says that a test, or a part of it, was not run; also where the output of passing tests is hidden.
#[allow(dead_code)]
pub fn skipped(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    // Not `eprintln!`: that is shown of failing tests only.
    let _lost_where_nobody_reads = writeln!(std::io::stderr(), "skipped: {name}: {why}");
}

/// Whether the long form of a test is asked for (`make soak`).
#[allow(dead_code)]
pub fn soak() -> bool {
    std::env::var_os("MITSCHNITT_SOAK").is_some()
}
